"""Doors of two electors of one surname and initial, both of whom sign, and a third line `A.`."""

import time

import polars as pl

from referendum.core.schemas import ELECTORS, LINES
from referendum.matching import match_lines

DOORS = 100_000
SYLLABLES = ("ba", "do", "fe", "gi", "lu", "mo", "na", "pe", "ri", "su")


def _people(names: tuple[str, ...], doors: int) -> pl.DataFrame:
    surnames = [
        "".join(SYLLABLES[door // 10**place % 10] for place in range(5)).title()
        for door in range(doors)
    ]
    rows = [
        (name, surnames[door], str(door % 900 + 1), f"Lake {door // 900} St", "Ardale")
        for door in range(doors)
        for name in names
    ]
    columns = ("given_names", "surname", "street_number", "street", "locality")
    return pl.DataFrame(rows, schema=columns, orient="row")


def _filled(people: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    return people.select(
        pl.col(name) if name in people.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )


def main(doors: int = DOORS) -> None:
    """Match the lines of all doors, and count those that count."""
    electors = (
        _people(("Anton", "Anna"), doors)
        .with_row_index("n")
        .with_columns(elector_id=pl.format("E{}", pl.col("n").cast(pl.String).str.zfill(7)))
    )
    lines = (
        _people(("Anton", "Anna", "A."), doors)
        .with_row_index("n")
        .with_columns(line_id=pl.format("L{}", "n"), serial=pl.col("n").cast(pl.Int64) + 1)
    )
    began = time.process_time()
    schema = pl.Schema([("serial", pl.Int64), *LINES.schema.items()])
    matches = match_lines(_filled(lines, schema), _filled(electors, ELECTORS.schema))
    counts = dict(matches["outcome"].value_counts(sort=True).iter_rows())
    took = time.process_time() - began
    print(f"{electors.height:,} electors, {lines.height:,} lines: {counts}; {took:.1f} s of CPU")


if __name__ == "__main__":
    main()
