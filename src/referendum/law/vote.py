"""The vote rule: which conditions a proposal must meet, what each needs, and whether it is met."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from referendum.core.errors import InputError, LawError
from referendum.core.exact import read_fraction
from referendum.law.calculation import CalculationStep, cite_step
from referendum.law.model import Value, VoteRule


@dataclass(frozen=True)
class Tally:
    """The votes of a region or of the whole.

    Attributes:
        yes: votes for the proposal, or for the first option.
        no: votes against it, or for the second option.
        blank: ballots that count for neither.
        electors: electors on the list; None where not known.
    """

    yes: int
    no: int
    blank: int = 0
    electors: int | None = None

    @property
    def formal(self) -> int:
        """Valid votes."""
        return self.yes + self.no

    @property
    def cast(self) -> int:
        """Ballots cast."""
        return self.formal + self.blank


@dataclass(frozen=True)
class Condition:
    """One condition of the vote rule.

    Attributes:
        name: `majority`, `turnout`, `approval` or `regional_majority`.
        need: the least that meets it; regions that count half make halves.
        have: what the vote gave.
        step: the arithmetic.
        empty: whether it is a share of nothing: nothing carries nothing.
    """

    name: str
    need: Fraction
    have: Fraction
    step: CalculationStep
    empty: bool = False

    @property
    def met(self) -> bool:
        """Whether there is enough."""
        return not self.empty and self.have >= self.need


CONDITIONS = {
    "majority": "Majority",
    "turnout": "Turnout",
    "approval": "Approval by the electors",
    "regional_majority": "Majority of the regions",
}
"""Names of conditions for readers."""


def conditions(
    rule: VoteRule, whole: Tally, regions: Mapping[str, Tally] | None = None
) -> tuple[Condition, ...]:
    """Work out the conditions of a vote.

    A proposal is carried when every condition is met.

    Args:
        rule: the statute's vote rule.
        whole: the votes of the whole.
        regions: the votes by region, where regions count.

    Raises:
        LawError: the rule needs the number of electors, or regions, and they are not known.
        InputError: a tally is negative.
    """
    for name, tally in {"the whole": whole, **(regions or {})}.items():
        if min(tally.yes, tally.no, tally.blank) < 0:
            raise InputError(f"the votes of {name} are negative")
    conditions_found = [_majority_condition(rule, whole)]
    if rule.turnout is not None:
        conditions_found.append(
            _share_condition(
                "turnout", rule.turnout, whole.cast, _require_electors(whole), "electors"
            )
        )
    if rule.approval is not None:
        conditions_found.append(
            _share_condition(
                "approval", rule.approval, whole.yes, _require_electors(whole), "electors"
            )
        )
    if rule.regions is not None:
        conditions_found.append(_regional_condition(rule, regions or {}))
    return tuple(conditions_found)


def has_majority(rule: VoteRule, tally: Tally) -> bool:
    """Whether a region has a majority of its own."""
    return _majority_condition(rule, tally).met


def _majority_condition(rule: VoteRule, tally: Tally) -> Condition:
    of = rule.majority_of.value
    base = (
        _require_electors(tally)
        if of == "electors"
        else tally.formal
        if of == "formal"
        else tally.cast
    )
    words = {"formal": "valid votes", "cast": "ballots cast", "electors": "electors"}[of]
    return _share_condition("majority", rule.majority, tally.yes, base, words)


def _share_condition(name: str, value: Value[str], have: int, base: int, words: str) -> Condition:
    if base == 0:
        text = f"there are no {words}, and nothing is no share of nothing"
        return Condition(name, Fraction(1), Fraction(have), cite_step(value, text), empty=True)
    need = least_majority(value.value, Fraction(base))
    text = f"{value.value} of {base:,} {words} is {int(need):,} or more; there were {have:,}"
    return Condition(name, Fraction(need), Fraction(have), cite_step(value, text))


def least_majority(majority: str, base: Fraction, unit: Fraction = Fraction(1)) -> Fraction:
    """Give the least multiple of `unit` that is `more than 1/2`, or `at least 3/5`, of a base.

    Exactly half is not more than half.
    """
    strict, _, share = majority.removeprefix("at ").rpartition(" ")
    product = read_fraction(share) * base / unit
    return (floor(product) + 1 if strict == "more than" else ceil(product)) * unit


def _regional_condition(rule: VoteRule, regions: Mapping[str, Tally]) -> Condition:
    if rule.regions is None or rule.regional_majority is None:
        raise LawError("how many regions must have a majority is not known", where=rule.cite)
    weights = region_weights(rule)
    carried = [n for n in weights if n in regions and has_majority(rule, regions[n])]
    have = sum((weights[name] for name in carried), Fraction(0))
    total = sum(weights.values(), Fraction(0))
    unit = Fraction(1, 2) if rule.half_regions else Fraction(1)
    need = least_majority(rule.regional_majority.value, total, unit)
    text = (
        f"{rule.regional_majority.value} of {_regions_text(total)} regions is {_regions_text(need)}"
        " or more;"
        f" a majority in {_regions_text(have)}: {', '.join(carried) or 'none'}"
    )
    return Condition("regional_majority", need, have, cite_step(rule.regional_majority, text))


def region_weights(rule: VoteRule) -> dict[str, Fraction]:
    """Give the regions whose majority counts, and what each counts for."""
    halves = set(rule.half_regions.value) if rule.half_regions else set()
    counting = rule.regions.value if rule.regions else []
    return {name: Fraction(1, 2 if name in halves else 1) for name in counting}


def needs_electors(rule: VoteRule) -> bool:
    """Whether a condition is a share of the electors."""
    return bool(rule.turnout or rule.approval or rule.majority_of.value == "electors")


def _require_electors(tally: Tally) -> int:
    if tally.electors is None:
        raise LawError(
            "the rule is a share of the electors, whose number is not known",
            hint="give the electors by district: returns receive --electors",
        )
    return tally.electors


def _regions_text(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{float(number):g}"
