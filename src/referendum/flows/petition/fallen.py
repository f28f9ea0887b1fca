"""Deliveries that fell with another one that was put right, and whose lines have not come again."""

from typing import Any

from referendum.core.errors import InputError, OrderError
from referendum.core.printing import quantity
from referendum.core.progress import notify
from referendum.flows.petition.deliveries import standing_lines
from referendum.record.acts import Act
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.standing import Standing
from referendum.record.writing import RecordWriter


def missing_deliveries(standing: Standing, corrects: int | None = None) -> dict[int, int]:
    """Give the deliveries that are missing, each with how many lines came with it.

    Args:
        standing: what stands.
        corrects: an act that is put right just now.
    """
    fallen = [standing.acts[number] for number in sorted(standing.causes)]
    fallen = [act for act in fallen if act.kind == "petition.receive"]
    if not fallen:
        return {}
    received = [act for act in standing.acts if act.kind == "petition.receive"]
    again = {one for act in received for one in act.parameters.get("lines_of", ())}
    again |= {corrects} | {act.corrects for act in received}
    lines = {act.number: own_lines(standing, act) for act in fallen if act.number not in again}
    return {number: count for number, count in lines.items() if count > 0}


def own_lines(standing: Standing, act: Act) -> int:
    """Give how many lines came with a delivery, without those that had waited before."""
    waited = standing.read_by(act).get("lines_waiting", ())
    before = sum(int(standing.writer(one).facts["lines"]) for one in waited)
    return int(act.facts["lines"]) - before


def missing_words(missing: dict[int, int]) -> str:
    """Say which deliveries are missing, and how many lines came with them."""
    acts = ", ".join(map(str, missing))
    return f"{quantity(sum(missing.values()), 'line')} of act{'s' * (len(missing) > 1)} {acts}"


def acts_received_again(record: RecordWriter, stamp: Stamp, line_ids: list[str]) -> list[int]:
    """Give the missing deliveries of which every line has come again, now that these lines come.

    Where some of a delivery's lines are still to come, the office is told how many.
    """
    standing = record.standings.without(stamp.corrects)
    here, found = set(line_ids), []
    for number, count in missing_deliveries(standing, stamp.corrects).items():
        ids = _own_line_ids(record, record.acts[number])
        left = ids - here
        if len(left) == len(ids):
            continue
        left -= standing_lines(record, stamp, left)
        if not left:
            found.append(number)
        else:
            notify(
                f"act {number} fell with {quantity(count, 'line')}: {len(left):,} of them are"
                " neither in this file nor in a delivery that stands"
            )
    return found


def _own_line_ids(record: RecordWriter, act: Act) -> set[str]:
    delivered = Inputs(record.bundles, {one.kind: (one,) for one in act.writes})
    ids = set(delivered.table("lines", "lines.parquet")["line_id"])
    for part in record.standings.read_by(act).get("lines_waiting", ()):
        waited = Inputs(record.bundles, {"lines_waiting": (part,)})
        ids -= set(waited.table("lines_waiting", "lines.parquet")["line_id"])
    return ids


def left_out_parameters(
    record: RecordWriter, stamp: Stamp, why: str | None, again: list[int] | None = None
) -> dict[str, Any]:
    """Give the parameter of an act that goes on without lines that are missing, if any are.

    Args:
        record: of the petition.
        stamp: of the act.
        why: the lines are left out; None if the office does not say.
        again: deliveries whose lines this act has again.

    Raises:
        OrderError: lines are missing, and the office does not say why they are left out.
        InputError: it says so, and none are missing.
    """
    standing = record.standings.without(stamp.corrects)
    missing = missing_deliveries(standing, stamp.corrects)
    missing = {number: count for number, count in missing.items() if number not in (again or ())}
    if missing and why is None:
        raise OrderError(
            f"{missing_words(missing)} are missing: what they came with fell when another delivery"
            " was put right, and was not received again",
            where=str(record.folder),
            hint=f"first do: referendum petition receive {record.folder} LINES (the file of act"
            f" {min(missing)}); or go on without them, with --left-out 'why', which is public",
        )
    if why is not None and not missing:
        raise InputError("no lines are missing that could be left out", hint="without --left-out")
    return {} if why is None else {"lines_left_out": why}
