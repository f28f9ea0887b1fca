"""What a further delivery must be like beside those that stand: no line or sheet twice."""

from collections.abc import Container, Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.printing import quantity
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter

DELIVERED = ("lines", "lines_waiting")
"""Kinds of bundles in which lines come."""


def waiting_lines(record: RecordWriter, stamp: Stamp) -> list[Inputs]:
    """Give the lines that wait to be numbered, delivery by delivery."""
    parts = record.standings.without(stamp.corrects).bundles("lines_waiting", {})
    return [Inputs(record.bundles, {"lines_waiting": (part,)}) for part in parts]


class DeliveryIndex:
    """The act in which each line and each sheet came, of the deliveries that stand.

    It is kept up to date act by act (`RecordWriter.follow`).

    Args:
        kind: of the bundles, `lines` or `lines_waiting`.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._act_by_id: dict[str, dict[str, int]] = {"line": {}, "sheet": {}}
        self._ids_by_act: dict[int, dict[str, list[str]]] = {}

    def add(self, number: int, inputs: Inputs) -> None:
        """Enter the lines and sheets of a delivery."""
        lines = inputs.table(self._kind, "lines.parquet")
        sheets = inputs.table(self._kind, "sheets.parquet")
        self._ids_by_act[number] = _line_and_sheet_ids(lines, sheets)
        for what, ids in self._ids_by_act[number].items():
            self._act_by_id[what].update(dict.fromkeys(ids, number))

    def drop(self, number: int) -> None:
        """Remove those of a delivery that no longer stands."""
        for what, ids in self._ids_by_act.pop(number).items():
            for one_id in ids:
                if self._act_by_id[what].get(one_id) == number:
                    del self._act_by_id[what][one_id]

    def among(self, line_ids: set[str], fallen: Container[int]) -> set[str]:
        """Give those of some lines that came in deliveries other than the fallen ones."""
        acts = self._act_by_id["line"]
        return {one for one in line_ids if one in acts and acts[one] not in fallen}

    def require_new(self, ids: Mapping[str, list[str]], fallen: Container[int], path: Path) -> None:
        """Require that no line and no sheet has come in another delivery.

        Args:
            ids: the ids of the `line`s and `sheet`s of this delivery.
            fallen: acts that no longer stand once this delivery does.
            path: this delivery's file, for the error.

        Raises:
            InputError: one has.
        """
        for what, ids_of_kind in ids.items():
            acts = self._act_by_id[what]
            repeated = [acts[one_id] for one_id in ids_of_kind if one_id in acts]
            repeated = [act for act in repeated if act not in fallen]
            if repeated:
                act = min(repeated)
                count = quantity(repeated.count(act), what)
                raise InputError(
                    f"{count} of those here came in act {act} already",
                    where=str(path),
                    hint=f"leave them out; if this file is to take the place of that delivery:"
                    f" --corrects {act} --reason 'what was wrong'",
                )


def require_new_lines(
    record: RecordWriter, stamp: Stamp, lines: pl.DataFrame, sheets: pl.DataFrame, path: Path
) -> None:
    """Require that no line and no sheet has come in another delivery that stands.

    Raises:
        InputError: one has.
    """
    ids = _line_and_sheet_ids(lines, sheets)
    fallen = record.standings.without(stamp.corrects).causes
    for kind in DELIVERED:
        record.follow(kind, partial(DeliveryIndex, kind)).require_new(ids, fallen, path)


def standing_lines(record: RecordWriter, stamp: Stamp, line_ids: set[str]) -> set[str]:
    """Give those of some lines that came in a delivery which stands."""
    fallen = record.standings.without(stamp.corrects).causes
    indexes = (record.follow(kind, partial(DeliveryIndex, kind)) for kind in DELIVERED)
    return {one for index in indexes for one in index.among(line_ids, fallen)}


def _line_and_sheet_ids(lines: pl.DataFrame, sheets: pl.DataFrame) -> dict[str, list[str]]:
    return {"line": lines["line_id"].to_list(), "sheet": _sheet_ids(lines, sheets).to_list()}


def _sheet_ids(lines: pl.DataFrame, sheets: pl.DataFrame) -> pl.Series:
    return pl.concat([lines["sheet_id"], sheets["sheet_id"]]).drop_nulls().unique()


def require_sheets_table_as_before(
    record: RecordWriter, stamp: Stamp, sheets: pl.DataFrame, path: Path
) -> None:
    """Require that either all deliveries have a table of sheets, or none has.

    Raises:
        InputError: this one is unlike the others, so that sheet gates would hold for some lines
            only.
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
        f" put right with --corrects {act.number} --reason 'what was wrong', with all its lines",
    )


def fault_counts(tables: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """Count the faults of a delivery's tables, by code."""
    counts = (tables[name].group_by("code").len() for name in ("faults", "sheets_faults"))
    return sum_counts(*(dict(count.iter_rows()) for count in counts))


def sum_counts(*counts: Mapping[str, int]) -> dict[str, int]:
    """Add up counts, by code."""
    codes: Sequence[str] = sorted({code for count in counts for code in count})
    return {code: sum(count.get(code, 0) for count in counts) for code in codes}
