"""Deliveries: lines come in several, side by side; what was received before may not come again."""

from collections.abc import Container, Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.record.reading import Inputs
from referendum.record.writing import RecordWriter, Stamp


def lines_waiting(record: RecordWriter, stamp: Stamp) -> list[Inputs]:
    """Give the lines that wait to be numbered, delivery by delivery."""
    parts = record.standings.without(stamp.corrects).bundles("lines_waiting", {})
    return [Inputs(record.bundles, {"lines_waiting": (one,)}) for one in parts]


class LinesParts:
    """The lines and sheets of the deliveries that stand, kept up act by act."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._came: dict[str, dict[str, int]] = {"line": {}, "sheet": {}}
        self._own: dict[int, dict[str, list[str]]] = {}

    def add(self, number: int, inputs: Inputs) -> None:
        """Take note of a delivery."""
        lines = inputs.table(self._kind, "lines.parquet")
        sheets = inputs.table(self._kind, "sheets.parquet")
        self._own[number] = _names(lines, sheets)
        for what, names in self._own[number].items():
            self._came[what].update(dict.fromkeys(names, number))

    def drop(self, number: int) -> None:
        """Take note that a delivery no longer stands."""
        for what, names in self._own.pop(number).items():
            for name in names:
                if self._came[what].get(name) == number:
                    del self._came[what][name]

    def require_new(self, own: Mapping[str, list[str]], fallen: Container[int], path: Path) -> None:
        """See that no name has come in another delivery.

        Args:
            own: the names of lines and of sheets in this one.
            fallen: acts that no longer stand once this one does.
            path: of this one.

        Raises:
            InputError: one has.
        """
        for what, names in own.items():
            came = self._came[what]
            again = [(came[name], name) for name in names if came.get(name, -1) >= 0]
            again = [one for one in again if one[0] not in fallen]
            if again:
                act, name = min(again)
                count = sum(number == act for number, _ in again)
                raise InputError(
                    f"{count:,} {what}s have come in act {act} already, {what} {name!r} among them",
                    where=str(path),
                    hint=f"leave them out; if this file is to take the place of that delivery:"
                    f" --corrects {act} --reason 'what was wrong'",
                )


def require_new(
    record: RecordWriter, stamp: Stamp, lines: pl.DataFrame, sheets: pl.DataFrame, path: Path
) -> None:
    """See that no line and no sheet has come in another delivery that stands.

    Raises:
        InputError: one has.
    """
    own = _names(lines, sheets)
    fallen = record.standings.without(stamp.corrects).causes
    for kind in ("lines", "lines_waiting"):
        record.follow(kind, partial(LinesParts, kind)).require_new(own, fallen, path)


def _names(lines: pl.DataFrame, sheets: pl.DataFrame) -> dict[str, list[str]]:
    return {"line": lines["line_id"].to_list(), "sheet": _sheets_of(lines, sheets).to_list()}


def _sheets_of(lines: pl.DataFrame, sheets: pl.DataFrame) -> pl.Series:
    return pl.concat([lines["sheet_id"], sheets["sheet_id"]]).drop_nulls().unique()


def require_sheets_alike(
    record: RecordWriter, stamp: Stamp, sheets: pl.DataFrame, path: Path
) -> None:
    """See that all deliveries have a table of sheets, or none has.

    Raises:
        InputError: this one is unlike the others: sheet gates would hold for some lines only.
    """
    standing = record.standings.without(stamp.corrects)
    act = standing.latest("petition.receive", lambda act: bool(act.facts["lines"]))
    if act is None or (had := act.facts["sheets"] > 0) == (sheets.height > 0):
        return
    word = "has a table of sheets, and this one has none" if had else (
        "has no table of sheets, and this one has"
    )  # fmt: skip
    raise InputError(
        f"the delivery of act {act.number} {word}",
        where=str(path),
        hint="give --sheets with every delivery, or with none; a delivery that lacks it is"
        f" put right with --corrects {act.number}",
    )


def fault_counts(kept: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """Count the faults of a delivery's tables, by code."""
    counted = (kept[name].group_by("code").len() for name in ("faults", "sheets_faults"))
    return sum_counts(*(dict(one.iter_rows()) for one in counted))


def sum_counts(*counts: Mapping[str, int]) -> dict[str, int]:
    """Add up counts, by code."""
    codes: Sequence[str] = sorted({code for count in counts for code in count})
    return {code: sum(count.get(code, 0) for count in counts) for code in codes}
