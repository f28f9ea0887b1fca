"""Questions that exclude each other: which of them is carried."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from referendum.verify import law
from referendum.verify.bundles import Bundle
from referendum.verify.outstanding import Tally
from referendum.verify.report import Mismatch


class Counted(NamedTuple):
    """What a question came to: accepted or not, its votes, those by region, what is outstanding."""

    accepted: bool | None
    votes: Tally
    regions: Mapping[str, Tally]
    room: int | None


def check_groups(groups: object, questions: list[str]) -> list[dict[str, Any]]:
    """See that the groups of a result name its questions, each once."""
    members = {"questions", "tie_break", "yes"}
    if not isinstance(groups, list) or any(
        not isinstance(one, dict) or set(one) != members for one in groups
    ):
        raise Mismatch("the questions that exclude each other are not named as they should be")
    named: list[str] = []
    for group in groups:
        own = group["questions"]
        if not isinstance(own, list) or len(own) < 2 or own != sorted(map(str, own)):
            raise Mismatch("two or more questions exclude each other, in order")
        decided_for = group["yes"]
        if decided_for is not None and (decided_for not in own or group["tie_break"] is None):
            raise Mismatch("a yes to the tie-break is for one of the questions that it is between")
        named += [*own, *([group["tie_break"]] if group["tie_break"] is not None else [])]
    if len(set(named)) != len(named) or not set(named) <= set(questions):
        raise Mismatch("a question that excludes others is named twice, or is not there")
    return groups


def standing_of(
    statute: Bundle, groups: list[dict[str, Any]], counted: Mapping[str, Counted]
) -> dict[str, tuple[str, str | None]]:
    """Give each question's `exclusion` and `prevails`."""
    standing: dict[str, tuple[str, str | None]] = dict.fromkeys(counted, ("free", None))
    for group in groups:
        alive = [name for name in group["questions"] if counted[name].accepted is not False]
        if len(alive) > 1:
            first = _first(statute, group, counted, alive)
            sure = first is not None and counted[first].accepted is True
            for name in alive:
                role = "open" if not sure else "free" if name == first else "excluded"
                standing[name] = (role, first if role == "excluded" else None)
        if group["tie_break"] is not None:
            standing[group["tie_break"]] = ("tie_break", _preferred(statute, group, counted))
    return standing


def _first(
    statute: Bundle, group: dict[str, Any], counted: Mapping[str, Counted], alive: list[str]
) -> str | None:
    how = law.optional(statute, "vote", "conflict")
    if how == "tie_break":
        return _preferred(statute, group, counted)
    if how != "most_yes":
        return None
    by_yes = sorted((counted[name].votes[0], name) for name in alive)
    rooms = [counted[name].room for name in alive]
    room = sum(one or 0 for one in rooms)
    ahead = by_yes[-1][0] - by_yes[-2][0]
    return by_yes[-1][1] if None not in rooms and ahead > room else None


def _preferred(
    statute: Bundle, group: dict[str, Any], counted: Mapping[str, Counted]
) -> str | None:
    if group["tie_break"] is None or group["yes"] is None or len(group["questions"]) != 2:
        return None
    asked = counted[group["tie_break"]]
    if asked.room != 0:
        return None
    yes, no = asked.votes[0], asked.votes[1]
    counting = law.optional(statute, "vote", "regions")
    ahead = Fraction(yes - no)
    if counting is not None:
        halves = law.optional(statute, "vote", "half_regions") or []
        weight = {name: Fraction(1, 2) if name in halves else Fraction(1) for name in counting}
        regions = sum(
            (
                weight[name] * ((tally[0] > tally[1]) - (tally[0] < tally[1]))
                for name, tally in asked.regions.items()
                if name in weight
            ),
            Fraction(0),
        )
        if (ahead > 0) - (ahead < 0) != (regions > 0) - (regions < 0):
            ahead = ahead / max(yes + no, 1) + regions / sum(weight.values())
    if ahead == 0:
        return None
    (other,) = (name for name in group["questions"] if name != group["yes"])
    return str(group["yes"] if ahead > 0 else other)
