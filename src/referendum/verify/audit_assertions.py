"""What must be shown of cards for the outcome of a vote, worked out again from the vote rule."""

from fractions import Fraction
from typing import Any, NamedTuple

from referendum.verify import law
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.outstanding_vote import Tally
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Return
from referendum.verify.returns import electors_of
from referendum.verify.vote import conditions_of, has_majority, regions_of, row_of, sum_tallies

WHOLE = "*"
"""Scope of an assertion about all cards; any other scope is a region."""

HALF = Fraction(1, 2)

MARKS = ("yes", "no", "blank", "missing")


class Assertion(NamedTuple):
    """An assertion of the plan.

    Attributes:
        question: that it is about.
        condition: of the vote rule.
        scope: `WHOLE`, or a region.
        reached: whether it asserts that the share was reached, or that it was not.
        values: what the assorter gives a card, by mark in the order of `MARKS`.
        cards: N.
        mean: of the assorter, as reported.
        extra: what a ballot beyond the N takes away.
        equality: whether it is true where the share is met exactly.
    """

    question: str
    condition: str
    scope: str
    reached: bool
    values: tuple[Fraction, ...]
    cards: int
    mean: Fraction
    extra: Fraction = HALF
    equality: bool = False

    def total(self, yes: int, no: int, blank: int) -> Fraction:
        """Give the value of so many cards."""
        return self.values[0] * yes + self.values[1] * no + self.values[2] * blank

    def as_document(self) -> dict[str, Any]:
        """Give the assertion as the plan has it."""
        marks = {mark: str(value) for mark, value in zip(MARKS, self.values, strict=True)}
        named = {"question": self.question, "condition": self.condition, "scope": self.scope}
        rest = {"reached": self.reached, "cards": self.cards, "mean": str(self.mean)}
        marks["beyond"] = str(self.extra)
        return {**named, **rest, **marks, "equality": self.equality}


class OutcomeAssertions(NamedTuple):
    """What a condition needs: assertions, what rests on the canvass alone, or a full count."""

    assertions: list[Assertion]
    canvassed: int = 0
    full_count: bool = False

    @property
    def polling_cost(self) -> Fraction:
        """What polling costs, to choose between conditions and regions."""
        if self.full_count:
            return Fraction(10**30)
        return sum((1 / (2 * one.mean - 1) ** 2 for one in self.assertions), Fraction(0))


class Votes(NamedTuple):
    """A question's result: the whole, its electors, and the regions."""

    question: str
    whole: Tally
    listed: int | None
    regions: dict[str, tuple[Tally, int | None]]


class AssertionScope(NamedTuple):
    """What an assertion is about: a condition of a question, the whole or a region, its result."""

    question: str
    condition: str
    name: str
    tally: Tally
    listed: int | None
    met: bool


def question_assertions(
    question: str, forms: list[Return], reads: Bundles, prove: object
) -> tuple[bool, OutcomeAssertions]:
    """Give whether a question was carried, and what its outcome needs."""
    statute, vote = reads["statute"], sum_votes(question, forms, reads)
    if any(name not in vote.regions for name in law.optional(statute, "vote", "regions") or []):
        raise Mismatch("a region that counts has no returns, and the audit was planned")
    conditions = conditions_of(statute, vote.whole, vote.listed, vote.regions)
    return all(one["met"] for one in conditions), _outcome_assertions(
        statute, conditions, vote, prove
    )


def sum_votes(question: str, forms: list[Return], reads: Bundles) -> Votes:
    """Add up the forms of a question."""
    electors = electors_of(reads["returns"], question)
    rows = [row_of(form) for form in forms if form.key[0] == question]
    listed = sum(electors.values()) if electors else None
    whole = sum_tallies(tally for _, _, tally in rows)
    return Votes(question, whole, listed, regions_of(rows, electors))


def is_carried(vote: Votes, reads: Bundles) -> bool:
    """Whether every condition of the vote rule is met."""
    conditions = conditions_of(reads["statute"], vote.whole, vote.listed, vote.regions)
    return all(one["met"] for one in conditions)


def _outcome_assertions(
    statute: Bundle, conditions: list[dict[str, Any]], vote: Votes, prove: object
) -> OutcomeAssertions:
    carried = all(one["met"] for one in conditions)
    wanted = [one for one in conditions if one["met"] == carried and prove in {None, one["name"]}]
    if not wanted or (carried and prove is not None):
        raise Mismatch("the plan shows a condition that did not fail")
    parts = [_condition_assertions(statute, one, vote) for one in wanted]
    return _join_all(parts) if carried else min(parts, key=lambda part: part.polling_cost)


def _join_all(parts: list[OutcomeAssertions]) -> OutcomeAssertions:
    return OutcomeAssertions(
        [one for part in parts for one in part.assertions],
        sum(part.canvassed for part in parts),
        any(part.full_count for part in parts),
    )


def _condition_assertions(
    statute: Bundle, condition: dict[str, Any], vote: Votes
) -> OutcomeAssertions:
    name, met = condition["name"], condition["met"]
    if name == "regional_majority":
        return _assert_regions(statute, condition, vote)
    scope = AssertionScope(vote.question, name, WHOLE, vote.whole, vote.listed, met)
    if name == "majority":
        return _assert_majority(statute, scope)
    return _assert_share_of_electors(law.value(statute, "vote", name), scope)


def _share(text: object) -> Fraction:
    return law.exact(str(text).split()[-1])


def _assert_majority(statute: Bundle, scope: AssertionScope) -> OutcomeAssertions:
    of, majority = law.value(statute, "vote", "majority_of"), law.value(statute, "vote", "majority")
    if of == "electors":
        return _assert_share_of_electors(majority, scope)
    share = _share(majority)
    value = 1 / (2 * (share if scope.met else 1 - share))
    marks = (
        _assorter_values(value, HALF, scope.met)
        if of == "formal"
        else _values_among_cast(value, scope.met)
    )
    return _assert_mean(scope, marks, str(majority))


def _assorter_values(value: Fraction, blank: Fraction, met: bool) -> tuple[Fraction, ...]:
    nothing = Fraction(0)
    return (value, nothing, blank, nothing) if met else (nothing, value, blank, nothing)


def _values_among_cast(value: Fraction, met: bool) -> tuple[Fraction, ...]:
    return _assorter_values(value, Fraction(0) if met else value, met)


def _assert_share_of_electors(majority: object, scope: AssertionScope) -> OutcomeAssertions:
    if scope.listed is None:
        raise Mismatch("the rule needs the number of electors, which is not given")
    if scope.tally[4] == 0:
        return OutcomeAssertions([], full_count=True)
    turnout = scope.condition == "turnout"
    part = _share(majority) * scope.listed / scope.tally[4]
    if not scope.met and (turnout or part >= 1):
        return OutcomeAssertions([], canvassed=1)
    if part >= 1:
        return OutcomeAssertions([], full_count=True)
    value = 1 / (2 * (part if scope.met else 1 - part))
    marks = (value, value, value, Fraction(0)) if turnout else _values_among_cast(value, scope.met)
    return _assert_mean(scope, marks, str(majority), Fraction(0) if scope.met else value)


def _assert_mean(
    scope: AssertionScope, values: tuple[Fraction, ...], share: str, extra: Fraction = HALF
) -> OutcomeAssertions:
    cards = scope.tally[4]
    if cards == 0:
        return OutcomeAssertions([], full_count=True)
    named = (scope.question, scope.condition, scope.name, scope.met)
    exact = ("at least" in share) is scope.met
    assertion = Assertion(*named, values, cards, Fraction(0), extra, exact)
    mean = assertion.total(scope.tally[0], scope.tally[1], scope.tally[3]) / cards
    return (
        OutcomeAssertions([assertion._replace(mean=mean)])
        if mean > HALF
        else OutcomeAssertions([], full_count=True)
    )


def _assert_regions(statute: Bundle, condition: dict[str, Any], vote: Votes) -> OutcomeAssertions:
    met, need, regions = condition["met"], Fraction(condition["need"]), vote.regions
    halves = law.optional(statute, "vote", "half_regions") or []
    names = law.value(statute, "vote", "regions")
    weight = {name: Fraction(1, 2) if name in halves else Fraction(1) for name in names}
    enough = need
    shown = Fraction(0)
    if not met:
        unit = Fraction(1, 2) if halves else Fraction(1)
        enough = sum(weight.values(), Fraction(0)) - need + unit
        shown = sum((weight[name] for name in names if name not in regions), Fraction(0))
    parts = [
        (part.polling_cost, name, part)
        for name in names
        if name in regions and has_majority(statute, *regions[name]) == met
        for part in [
            _assert_majority(
                statute,
                AssertionScope(vote.question, "regional_majority", name, *regions[name], met),
            )
        ]
    ]
    taken = []
    for _, name, part in sorted(parts, key=lambda one: one[:2]):
        if shown < enough:
            taken.append(part)
            shown += weight[name]
    return _join_all(taken)


def read_assertions(plan: Bundle) -> list[Assertion]:
    """Read the assertions of a plan, in its order."""
    return [
        Assertion(
            one["question"],
            one["condition"],
            one["scope"],
            one["reached"],
            tuple(Fraction(one[mark]) for mark in MARKS),
            one["cards"],
            Fraction(one["mean"]),
            Fraction(one["beyond"]),
            one["equality"],
        )
        for one in plan.document("audit_plan.json")["assertions"]
    ]
