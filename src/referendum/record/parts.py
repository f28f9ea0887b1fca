"""Until when a part may still come: not after an act that rests on all of them."""

from pathlib import Path
from typing import NoReturn

from referendum.core.errors import OrderError
from referendum.record.acts import Act
from referendum.record.commands import COMMANDS
from referendum.record.kinds import CLOSED_BY, CLOSED_BY_DECISION
from referendum.record.standing import Standing


def require_part_in_time(standing: Standing, kind: str, folder: Path) -> None:
    """Require that no act stands for which a further part of a kind would come too late.

    Args:
        standing: what stands without the part that is put right, if one is.
        kind: of the part.
        folder: of the record, for the error.

    Raises:
        OrderError: a draw or a decision stands.
    """
    for closing in CLOSED_BY.get(kind, ()):
        if act := standing.latest(closing):
            raise OrderError(
                f"{closing} stands in act {act.number}: what comes now is too late for it",
                where=str(folder),
                hint="if it belongs to the petition, put the delivery right that lacked it (of acts"
                f" {_act_numbers(standing, kind)}), with --corrects and --reason: what was drawn"
                " and decided then falls",
            )
    if kind not in CLOSED_BY_DECISION:
        return
    asked, closing = CLOSED_BY_DECISION[kind]
    closed, now = standing.latest(closing), standing.bundles(asked, {})
    if closed is not None and now and standing.read_by(closed).get(asked) == now:
        raise OrderError(
            f"act {closed.number} ({closing}) rests on what was received for this {asked}: no more"
            " is received",
            where=str(folder),
            hint="if something in it was wrong, put that act right (of"
            f" {_act_numbers(standing, kind)}) with --corrects and --reason: what was decided then"
            " falls",
        )


def _act_numbers(standing: Standing, kind: str) -> str:
    return ", ".join(str(one.number) for one in standing.all_of(kind))


def require_numbered(standing: Standing, kind: str, folder: Path) -> None:
    """Require that no lines wait to be numbered.

    Raises:
        OrderError: some do, and the act would leave them out.
    """
    waiting = standing.bundles("lines_waiting", {})
    if waiting:
        acts = [standing.writer(one) for one in waiting]
        lines = sum(act.facts["lines"] for act in acts)
        named = ", ".join(str(act.number) for act in acts)
        raise OrderError(
            f"{kind} would leave out {lines:,} lines that wait to be numbered (act {named})",
            where=str(folder),
            hint=f"if no more come: referendum petition receive {folder} --number-alone"
            " 'why they are numbered among so few'",
        )


def refuse_older(kind: str, basis: str, older: Act, folder: Path, *, goes_on: bool) -> NoReturn:
    """Refuse an act that would rest on one which does not know all that stands now.

    Args:
        kind: of the act.
        basis: the kind of bundles of which the other does not know all.
        older: the other act.
        folder: of the record.
        goes_on: whether the other can be done again without putting it right.

    Raises:
        OrderError: always; the hint says how the other is done again.
    """
    hint = f"first do again: referendum {COMMANDS[older.kind]} {folder}"
    if not goes_on:
        hint += (
            f" --corrects {older.number} --reason 'why'; what rests on act {older.number} then"
            " falls"
        )
    raise OrderError(
        f"{kind} would rest on {older.kind} of act {older.number}, which does not know all the"
        f" {basis} that stand now",
        where=str(folder),
        hint=hint,
    )
