"""Questions that exclude each other: an initiative, its counter-proposal, and the tie-break."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

from referendum.core.errors import InputError
from referendum.core.words import is_counter_proposal, is_tie_break
from referendum.law import Tally, VoteRule, region_weights


@dataclass(frozen=True)
class Exclusion:
    """Proposals of which at most one enters into force.

    Attributes:
        questions: the proposals, ascending.
        tie_break: the question that decides where each is accepted; None if there is none.
        yes: the proposal for which a yes to the tie-break is; None where that was not said.
    """

    questions: tuple[str, ...]
    tie_break: str | None = None
    yes: str | None = None

    def document(self) -> dict[str, Any]:
        """Give it as the parameters of an act have it."""
        return {"questions": list(self.questions), "tie_break": self.tie_break, "yes": self.yes}


@dataclass(frozen=True)
class Standing:
    """How a question stands among those that exclude each other.

    Attributes:
        role: `free` (none excludes it), `excluded` (another one prevails), `open` (each is
            accepted, and which one prevails is not known) or `tie_break` (it is no proposal).
        prevails: the proposal that prevails over this one, or that the tie-break is for.
    """

    role: Literal["free", "excluded", "open", "tie_break"] = "free"
    prevails: str | None = None


FREE = Standing()


class Counted(Protocol):
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


def stated(groups: Sequence[str], tie_breaks: Sequence[str]) -> tuple[Exclusion, ...]:
    """Read which questions exclude each other, as an office states it.

    Args:
        groups: names with commas between them, each a group.
        tie_breaks: the question that decides, of each group in turn; a yes is for the first named.

    Raises:
        InputError: a group has one question only, or there are more tie-breaks than groups.
    """
    if len(tie_breaks) > len(groups):
        raise InputError(
            "a tie-break decides between questions that exclude each other",
            hint="--excludes INITIATIVE,COUNTER --tie-break QUESTION",
        )
    found = []
    for number, text in enumerate(groups):
        names = tuple(name.strip() for name in text.split(","))
        tie_break = tie_breaks[number] if number < len(tie_breaks) else None
        if len({*names, tie_break}) < len(names) + 1 or len(names) < 2 or not all(names):
            raise InputError(
                f"{text!r} does not name two or more questions beside the tie-break",
                hint="--excludes INITIATIVE,COUNTER --tie-break QUESTION",
            )
        found.append(Exclusion(tuple(sorted(names)), tie_break, names[0] if tie_break else None))
    return tuple(found)


def by_name(questions: Sequence[str]) -> tuple[Exclusion, ...]:
    """Find questions that exclude each other by their names, where an office states nothing.

    Raises:
        InputError: a counter-proposal or a tie-break stands beside several others.
    """
    tie_breaks = [name for name in questions if is_tie_break(name)]
    proposals = [name for name in questions if name not in tie_breaks]
    if not tie_breaks and not any(map(is_counter_proposal, proposals)):
        return ()
    if len(proposals) != 2 or len(tie_breaks) > 1:
        raise InputError(
            "a counter-proposal or a tie-break is among the questions, and which others it belongs"
            " to is not said",
            hint="--excludes INITIATIVE,COUNTER --tie-break QUESTION",
        )
    return (Exclusion(tuple(sorted(proposals)), tie_breaks[0] if tie_breaks else None),)


def require_questions(exclusions: Sequence[Exclusion], questions: Sequence[str]) -> None:
    """See that the questions named are there, and each in one place.

    Raises:
        InputError: one is not among the returns, or is named twice; or a tie-break by its name is
            not named as one.
    """
    deciding = [one.tie_break for one in exclusions if one.tie_break]
    proposed = [name for name in questions if is_tie_break(name) and name not in deciding]
    if exclusions and proposed:
        raise InputError(
            f"{proposed[0]!r} is a tie-break by its name, and is not named as one",
            hint=f"--excludes INITIATIVE,COUNTER --tie-break {shlex.quote(proposed[0])}",
        )
    named = [name for one in exclusions for name in (*one.questions, one.tie_break) if name]
    strange = [name for name in named if name not in questions]
    if strange or len(set(named)) != len(named):
        raise InputError(
            f"{strange[0]!r} is none of the questions" if strange else "a question is named twice",
            hint=f"the questions are: {', '.join(questions)}",
        )


def standing_in(
    rule: VoteRule, exclusions: Sequence[Exclusion], results: Mapping[str, Counted]
) -> dict[str, Standing]:
    """Say how every question stands among those that exclude each other."""
    standing = dict.fromkeys(results, FREE)
    for group in exclusions:
        accepted = {name: results[name].accepted for name in group.questions}
        may = [name for name, one in accepted.items() if one is not False]
        winner = _prevailing(rule, group, results, may) if len(may) > 1 else None
        sure = winner is not None and accepted[winner] is True
        for name in may if len(may) > 1 else ():
            role: Literal["free", "excluded", "open"] = "open"
            if sure:
                role = "free" if name == winner else "excluded"
            standing[name] = Standing(role, winner if role == "excluded" else None)
        if group.tie_break is not None:
            standing[group.tie_break] = Standing("tie_break", _preferred(rule, group, results))
    return standing


def _prevailing(
    rule: VoteRule, group: Exclusion, results: Mapping[str, Counted], may: Sequence[str]
) -> str | None:
    how = rule.conflict.value if rule.conflict else None
    if how == "tie_break":
        return _preferred(rule, group, results)
    if how == "most_yes":
        ranked = sorted(may, key=lambda name: results[name].totals["yes"] or 0)
        first, second = (results[name].totals["yes"] or 0 for name in (ranked[-1], ranked[-2]))
        room = _room(results, may)
        return ranked[-1] if room is not None and first - second > room else None
    return None


def _preferred(rule: VoteRule, group: Exclusion, results: Mapping[str, Counted]) -> str | None:
    """Give the proposal that the tie-break is for; None where that is not said, known or equal."""
    if group.tie_break is None or group.yes is None or len(group.questions) != 2:
        return None
    (other,) = (name for name in group.questions if name != group.yes)
    decides = results[group.tie_break]
    if _room(results, [group.tie_break]) != 0:
        return None
    yes, no = (decides.totals[name] or 0 for name in ("yes", "no"))
    lead = _sign(yes - no)
    if rule.regions is not None:
        lead = _with_regions(rule, decides, lead)
    return {1: group.yes, -1: other, 0: None}[lead]


def _with_regions(rule: VoteRule, decides: Counted, people: int) -> int:
    """The people and the regions prefer one; where they differ, the sum of the shares decides."""
    weights, tallies = region_weights(rule), decides.tallies
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
    yes, no = (decides.totals[name] or 0 for name in ("yes", "no"))
    total = sum(weights.values(), Fraction(0))
    return _sign(Fraction(yes - no, max(yes + no, 1)) + (share[1] - share[-1]) / total)


def _room(results: Mapping[str, Counted], names: Sequence[str]) -> int | None:
    """Give the most ballots that may still come of several questions together."""
    rooms = [results[name].outstanding.whole.ballots for name in names]
    return None if None in rooms else sum(rooms)


def _sign(number: int | Fraction) -> int:
    return (number > 0) - (number < 0)
