"""Groups of fewer than k lines, and lines that stand alone, in what is published of a petition."""

from collections.abc import Iterator

import polars as pl

from referendum.core.printing import quantity
from referendum.flows.privacy.disclosure import Disclosure, name_disclosure
from referendum.flows.privacy.tables import PUBLIC_ROWS, public_table
from referendum.record.acts import Act
from referendum.record.reading import Record


def small_cells(record: Record, k: int) -> Iterator[Disclosure]:
    """Find every published value that fewer than k lines have, of acts that stand or fell.

    Args:
        record: of a petition.
        k: the fewest lines that tell of nobody.
    """
    columns = [
        *((kind, *of) for kind, of in PUBLIC_ROWS.items()),
        ("gates", "districts", "district"),
    ]
    for act in record.acts:
        for kind, name, column in columns:
            table = public_table(record, act, kind, name)
            if table is None:
                continue
            counts = table.group_by(column).len("lines").filter(pl.col("lines") < k).sort(column)
            for value, lines in counts.iter_rows():
                said = value.replace("_", " ") or "no gate failed"
                words = f"act {act.number}: of {quantity(lines, 'line')} {column} is {said}"
                named = name_disclosure("cell", act.number, name, column, value)
                yield Disclosure(named, act.number, words)


def small_groups(record: Record, k: int) -> Iterator[Disclosure]:
    """Find the districts of single deliveries of which fewer than k lines came.

    Whoever knows when and where somebody signed knows that this one is among them.
    """
    lines = _public_lines(record)
    gates = record.standing("petition.gates")
    if lines is None or gates is None:
        return
    keys = [name for name in ("delivery", "district") if name in lines.columns]
    whole = lines.group_by("district").len("whole") if "district" in keys else None
    counts = lines.group_by(keys).len("lines").filter(pl.col("lines") < k).sort(keys)
    if whole is not None:
        # A district that is small as a whole is told by itself.
        counts = counts.join(whole, on="district").filter(pl.col("whole") > pl.col("lines"))
    for row in counts.sort(keys).iter_rows(named=True):
        place = [row["district"]] if "district" in row else []
        words = f"act {gates.number}: {quantity(row['lines'], 'line')} of the delivery of act"
        words += f" {row['delivery']}{''.join(f' in {name}' for name in place)}"
        named = name_disclosure("group", gates.number, row["delivery"], *place)
        yield Disclosure(named, gates.number, words)


def lone_lines(record: Record) -> tuple[pl.DataFrame, int] | None:
    """Find the lines of which nothing else public is said of any other line.

    Returns:
        A row for each with `serial` and what is said of it, and the latest act that says
        something; None where nothing is public of lines.
    """
    lines = _public_lines(record)
    if lines is None:
        return None
    said = [name for name in lines.columns if name != "serial"]
    alone = lines.filter(pl.struct(said).is_unique())
    numbers = [act.number for act in record.acts if _says_of_lines(record, act)]
    return alone.sort(pl.col("serial").cast(pl.Int64)), max(numbers)


def lone_line_disclosures(record: Record) -> Iterator[Disclosure]:
    """Tell of the lines that stand alone, all in one, since they are told apart by what is said."""
    found = lone_lines(record)
    if found is None or not found[0].height:
        return
    alone, number = found
    words = f"up to act {number}: {quantity(alone.height, 'line')}"
    words += " that no other line is like in all that is public of it: number "
    words += ", ".join(alone["serial"].head(5)) + (", …" if alone.height > 5 else "")
    yield Disclosure(name_disclosure("alone", number), number, words)


def _says_of_lines(record: Record, act: Act) -> bool:
    stands = act.number not in record.standings.causes
    return stands and any(one.kind in PUBLIC_ROWS for one in act.writes)


def _public_lines(record: Record) -> pl.DataFrame | None:
    """Give what is public of each line by the acts that stand: a row each, all columns String."""
    gates = record.standing("petition.gates")
    lines = None if gates is None else public_table(record, gates, "gates", "gates")
    if gates is None or lines is None:
        return None
    lines = lines.with_columns(delivery=_deliveries(record, lines["serial"]))
    districts = public_table(record, gates, "gates", "districts")
    if districts is not None:
        lines = lines.join(districts, on="serial", how="left")
    for kind, of in (
        ("match", "outcomes"),
        ("checks.receive", "checks"),
        ("risk.checks", "risk_checks"),
    ):
        name, column = PUBLIC_ROWS[of]
        parts = [public_table(record, act, of, name) for act in record.standings.all_of(kind)]
        tables = [
            part.select("serial", pl.col(column).alias(of)) for part in parts if part is not None
        ]
        if kind == "match":
            tables = tables[-1:]
        if tables:
            joined = pl.concat(tables).unique("serial", keep="last")
            lines = lines.join(joined, on="serial", how="left")
    return lines


def _deliveries(record: Record, serials: pl.Series) -> pl.Series:
    """Give the act in which each line was numbered, which its number tells everybody."""
    received = [act for act in record.acts if act.kind == "petition.receive" and act.facts["first"]]
    received.sort(key=lambda act: int(act.facts["first"]))
    starts = pl.Series([act.facts["first"] for act in received], dtype=pl.Int64)
    places = starts.search_sorted(serials.cast(pl.Int64), side="right") - 1
    return pl.Series([str(received[place].number) for place in places], dtype=pl.String)
