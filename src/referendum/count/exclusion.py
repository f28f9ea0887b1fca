"""Questions that exclude each other: an initiative, its counter-proposal, and the tie-break."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

from referendum.core.errors import InputError
from referendum.core.names import suggest_names
from referendum.core.words import is_counter_proposal, is_tie_break
from referendum.law import Exclusion, Tally, VoteRule, region_weights


@dataclass(frozen=True)
class ExclusionOutcome:
    """How a question stands among those that exclude each other.

    Attributes:
        role: `free` (none excludes it), `excluded` (another one prevails), `open` (each is
            accepted, and which one prevails is not known), `tie_break` (it is no proposal) or
            `not_stated` (nobody said which questions exclude each other).
        prevails: the proposal that prevails over this one, or that the tie-break is for.
    """

    role: Literal["free", "excluded", "open", "tie_break", "not_stated"] = "free"
    prevails: str | None = None


FREE, NOT_STATED = ExclusionOutcome(), ExclusionOutcome("not_stated")


class QuestionResult(Protocol):
    """What is needed of the result of a question."""

    @property
    def accepted(self) -> bool | None:
        """Whether every condition is met."""

    @property
    def totals(self) -> dict[str, int | None]:
        """Votes of the whole."""

    @property
    def tallies(self) -> dict[str, Tally]:
        """Votes by region."""

    @property
    def outstanding(self) -> Any:  # noqa: ANN401
        """What is not counted yet."""


_NEW = "open another record: referendum new RECORD --excludes INITIATIVE,COUNTER --tie-break"


def require_questions(
    exclusions: Sequence[Exclusion] | None, questions: Sequence[str], *, more: bool
) -> None:
    """Hold the questions of returns against those that an opening act names.

    Args:
        exclusions: what the opening act says; None where it says nothing.
        questions: that have returns.
        more: whether more returns are to come.

    Raises:
        InputError: one that is named has no returns; a question is a tie-break by its name and is
            not named as one; or a name says that it belongs to others, and nothing was said.
    """
    tie_breaks = [name for name in questions if is_tie_break(name)]
    if exclusions is None:
        _require_independent(questions, tie_breaks)
        return
    declared_tie_breaks = {one.tie_break for one in exclusions}
    undeclared = [name for name in tie_breaks if name not in declared_tie_breaks]
    if exclusions and undeclared:
        raise InputError(
            f"{undeclared[0]!r} is a tie-break by its name, and the opening act does not name it as"
            " one",
            hint=f"{_NEW} {shlex.quote(undeclared[0])}",
        )
    named = [name for one in exclusions for name in one.all_questions]
    without_returns = [name for name in named if name not in questions]
    if without_returns and not more:
        suggestions = suggest_names(
            without_returns[0], [name for name in questions if name not in named]
        )
        raise InputError(
            f"the opening act names the question {without_returns[0]!r} among those that exclude"
            " each other, and no return is of it",
            hint="spell it as the opening act does, or give --provisional if returns are to come; "
            + (
                f"near: {', '.join(suggestions)}"
                if suggestions
                else f"questions: {', '.join(questions)}"
            ),
        )


def _require_independent(questions: Sequence[str], tie_breaks: Sequence[str]) -> None:
    dependent = [*tie_breaks, *filter(is_counter_proposal, questions)]
    if len(questions) > 1 and dependent:
        raise InputError(
            f"{dependent[0]!r} belongs to other questions by its name, and the opening act does not"
            " say which exclude each other",
            hint=f"{_NEW} QUESTION; or --excludes none",
        )


def exclusion_outcomes(
    rule: VoteRule, exclusions: Sequence[Exclusion] | None, results: Mapping[str, QuestionResult]
) -> dict[str, ExclusionOutcome]:
    """Say how every question stands among those that exclude each other.

    A question of which there are no returns yet is not sure to fail.
    """
    if exclusions is None and rule.conflict is not None and len(results) > 1:
        return dict.fromkeys(results, NOT_STATED)
    outcomes = dict.fromkeys(results, FREE)
    for group in exclusions or ():
        accepted = {
            name: results[name].accepted if name in results else None for name in group.questions
        }
        possible = [name for name, one in accepted.items() if one is not False]
        prevailing = (
            _prevailing_question(rule, group, results, possible) if len(possible) > 1 else None
        )
        is_decided = prevailing is not None and accepted[prevailing] is True
        for name in [name for name in possible if name in results] if len(possible) > 1 else ():
            role: Literal["free", "excluded", "open"] = "open"
            if is_decided:
                role = "free" if name == prevailing else "excluded"
            outcomes[name] = ExclusionOutcome(role, prevailing if role == "excluded" else None)
        if group.tie_break is not None and group.tie_break in results:
            outcomes[group.tie_break] = ExclusionOutcome(
                "tie_break", _preferred_proposal(rule, group, results)
            )
    return outcomes


def _prevailing_question(
    rule: VoteRule, group: Exclusion, results: Mapping[str, QuestionResult], possible: Sequence[str]
) -> str | None:
    how = rule.conflict.value if rule.conflict else None
    if how == "tie_break":
        return _preferred_proposal(rule, group, results)
    if how == "most_yes" and set(possible) <= results.keys():
        ranked = sorted(possible, key=lambda name: results[name].totals["yes"] or 0)
        first, second = (results[name].totals["yes"] or 0 for name in (ranked[-1], ranked[-2]))
        most_outstanding = _most_outstanding_ballots(results, possible)
        return (
            ranked[-1]
            if most_outstanding is not None and first - second > most_outstanding
            else None
        )
    return None


def _preferred_proposal(
    rule: VoteRule, group: Exclusion, results: Mapping[str, QuestionResult]
) -> str | None:
    """Give the proposal that the tie-break is for; None where that is not said, known or equal."""
    tie_break = results.get(group.tie_break or "")
    if tie_break is None or group.yes is None or len(group.questions) != 2:
        return None
    (other,) = (name for name in group.questions if name != group.yes)
    if tie_break.outstanding.whole.ballots != 0:
        return None
    yes, no = (tie_break.totals[name] or 0 for name in ("yes", "no"))
    lead = _sign(yes - no)
    if rule.regions is not None:
        lead = _lead_with_regions(rule, tie_break, lead)
    return {1: group.yes, -1: other, 0: None}[lead]


def _lead_with_regions(rule: VoteRule, tie_break: QuestionResult, people: int) -> int:
    """The people and the regions prefer one; where they differ, the sum of the shares decides."""
    weights, tallies = region_weights(rule), tie_break.tallies
    leads = {
        name: _sign(tallies[name].yes - tallies[name].no) for name in weights if name in tallies
    }
    share = {
        sign: sum((weights[name] for name, lead in leads.items() if lead == sign), Fraction(0))
        for sign in (1, -1)
    }
    regions = _sign(share[1] - share[-1])
    if people == regions:
        return people
    yes, no = (tie_break.totals[name] or 0 for name in ("yes", "no"))
    total = sum(weights.values(), Fraction(0))
    return _sign(Fraction(yes - no, max(yes + no, 1)) + (share[1] - share[-1]) / total)


def _most_outstanding_ballots(
    results: Mapping[str, QuestionResult], names: Sequence[str]
) -> int | None:
    """Give the most ballots that may still come of several questions together."""
    rooms = [results[name].outstanding.whole.ballots for name in names]
    return None if None in rooms else sum(rooms)


def _sign(number: int | Fraction) -> int:
    return (number > 0) - (number < 0)
