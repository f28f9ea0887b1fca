"""recordlinkage 0.16: pairs by blocks, similarities cut to yes or no, its ECM classifier."""

from pathlib import Path

import click
import pandas as pd
import recordlinkage

from benchmarks.matching.prepare import answer, connect, prepare

KEYS = (
    ["surname", "number"], ["surname", "postal"], ["given", "surname"], ["given", "number", "fsa"],
    ["surname4", "initial", "fsa"], ["postal", "number", "initial"],
    ["street", "number", "initial"], ["phone"],
)  # fmt: skip
BIRTH_KEYS = (["birth", "initial"], ["birth", "surname4"])


@click.command()
@click.option("--lines", type=click.Path(path_type=Path), required=True)
@click.option("--electors", type=click.Path(path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--birth", type=click.Choice(["none", "year", "date"]), default="none")
def main(lines, electors, out, birth):
    """Link lines to electors and write each line's best elector."""
    connection = connect()
    prepare(connection, "lines", lines, "line_id")
    prepare(connection, "electors", electors, "elector_id")
    ours, theirs = (
        connection.table(name).df().set_index("unique_id") for name in ("lines", "electors")
    )
    pairs = _pairs(ours, theirs, [*KEYS, *(BIRTH_KEYS if birth == "date" else ())])
    features = _compared(pairs, ours, theirs, birth)
    classifier = recordlinkage.ECMClassifier(binarize=0.85)
    classifier.fit(features)
    chances = classifier.prob(features).clip(upper=1 - 1e-12)
    scored = pd.DataFrame({"odds": (chances / (1 - chances)).to_numpy()})
    scored["line_id"] = features.index.get_level_values(0)
    scored["elector_id"] = features.index.get_level_values(1)
    connection.register("scored", scored)
    answer(connection, "SELECT line_id, elector_id, odds FROM scored", out)


def _pairs(ours, theirs, keys):
    """Give the pairs that share a key."""
    found = None
    for key in keys:
        left, right = (frame.dropna(subset=key) for frame in (ours, theirs))
        more = recordlinkage.Index().block(key).index(left, right)
        found = more if found is None else found.union(more)
    return found


def _compared(pairs, ours, theirs, birth):
    compare = recordlinkage.Compare()
    for column in ("given", "surname", "street"):
        compare.string(column, column, method="jarowinkler", label=column)
    for column in ("middle", "number", "unit", "postal", "city", "phone"):
        compare.exact(column, column, label=column)
    if birth == "date":
        compare.string("birth", "birth", method="levenshtein", label="birth")
    if birth == "year":
        compare.exact("birth_year", "birth_year", label="birth_year")
    return compare.compute(pairs, ours, theirs)


if __name__ == "__main__":
    main()
