"""Questions that exclude each other: which of them is carried."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from referendum.verify import law
from referendum.verify.bundles import Bundle
from referendum.verify.outstanding_vote import Tally
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import spelling_key


class QuestionResult(NamedTuple):
    """What a question came to: accepted or not, its votes, those by region, what is outstanding."""

    accepted: bool | None
    votes: Tally
    regions: Mapping[str, Tally]
    outstanding: int | None


Groups = list[dict[str, Any]]


def check_exclusions(opening: dict[str, Any]) -> None:
    """See that an opening act names questions that exclude each other of a vote, each once."""
    groups: Groups | None = opening.get("exclusive")
    if groups is None:
        return
    if opening["subject"] != "vote":
        raise Mismatch("questions exclude each other in a vote, and this is none")
    for group in groups:
        if group["questions"] != sorted(group["questions"]):
            raise Mismatch("the questions that exclude each other are not in order")
        if (group["yes"] is None) != (group["tie_break"] is None):
            raise Mismatch("what a yes to the tie-break is for is not said, or of no tie-break")
        if group["yes"] not in {None, *group["questions"]}:
            raise Mismatch("a yes to the tie-break is for one of the questions that it is between")
    named = [spelling_key(name) for name in _named(groups)]
    if len(set(named)) != len(named):
        raise Mismatch("a question that excludes others is named twice")


def _named(groups: Groups) -> list[str]:
    """Name the questions of groups, their tie-breaks among them."""
    return [
        name
        for group in groups
        for name in (*group["questions"], group["tie_break"])
        if name is not None
    ]


def stated_groups(statute: Bundle, returns: Bundle, questions: list[str]) -> Groups | None:
    """Give what the opening act says of questions; None where it says nothing.

    Args:
        statute: the bundle that the opening wrote.
        returns: the bundle of returns.
        questions: that have a form, counted or set aside.
    """
    groups: Groups | None = statute.manifest["parameters"].get("exclusive")
    more = returns.manifest["parameters"]["provisional"]
    there = {spelling_key(name): name for name in questions}
    for name in _named(groups or []):
        if spelling_key(name) not in there and not more:
            raise Mismatch(f"the opening names the question {name}, and no return is of it")
        if there.get(spelling_key(name), name) != name:
            raise Mismatch(f"the opening spells the question {name} otherwise than the returns")
    return groups


def exclusion_outcomes(
    statute: Bundle, groups: Groups | None, counted: Mapping[str, QuestionResult]
) -> dict[str, tuple[str, str | None]]:
    """Give each question's `exclusion` and `prevails`."""
    if groups is None and len(counted) > 1 and law.has(statute, "vote", "conflict"):
        return dict.fromkeys(counted, ("not_stated", None))
    standing: dict[str, tuple[str, str | None]] = dict.fromkeys(counted, ("free", None))
    for group in groups or []:
        failed = {name for name, one in counted.items() if one.accepted is False}
        alive = [name for name in group["questions"] if name not in failed]
        if len(alive) > 1:
            first = _prevailing_question(statute, group, counted, alive)
            sure = first is not None and first in counted and counted[first].accepted is True
            for name in counted.keys() & set(alive):
                role = "open" if not sure else "free" if name == first else "excluded"
                standing[name] = (role, first if role == "excluded" else None)
        if group["tie_break"] in counted:
            standing[group["tie_break"]] = (
                "tie_break",
                _preferred_proposal(statute, group, counted),
            )
    return standing


def _prevailing_question(
    statute: Bundle, group: dict[str, Any], counted: Mapping[str, QuestionResult], alive: list[str]
) -> str | None:
    how = law.optional(statute, "vote", "conflict")
    if how == "tie_break":
        return _preferred_proposal(statute, group, counted)
    if how != "most_yes" or not counted.keys() >= set(alive):
        return None
    by_yes = sorted((counted[name].votes[0], name) for name in alive)
    outstanding_by_question = [counted[name].outstanding for name in alive]
    outstanding = sum(one or 0 for one in outstanding_by_question)
    ahead = by_yes[-1][0] - by_yes[-2][0]
    return by_yes[-1][1] if None not in outstanding_by_question and ahead > outstanding else None


def _preferred_proposal(
    statute: Bundle, group: dict[str, Any], counted: Mapping[str, QuestionResult]
) -> str | None:
    if group["tie_break"] not in counted or len(group["questions"]) != 2:
        return None
    asked = counted[group["tie_break"]]
    if asked.outstanding != 0:
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
