"""Distribution: what each district must reach, and which districts fall short, by how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from referendum.core.errors import InputError, LawError
from referendum.core.exact import read_fraction, round_by_rule
from referendum.law.calculation import CalculationStep, cite_step
from referendum.law.model import Distribution, require_known


@dataclass(frozen=True)
class DistributionRequirement:
    """How many signatures the districts must reach.

    Attributes:
        unit: what a district is.
        need: how many districts must reach their number; 0 if only a cap applies.
        minimums: the number of each district.
        cap: how many signatures of one district count at most; None without a cap.
        steps: how the numbers were worked out.
    """

    unit: str
    need: int
    minimums: Mapping[str, int]
    cap: int | None
    steps: tuple[CalculationStep, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Give what is published of it: all but the steps."""
        minimums = dict(self.minimums)
        return {"unit": self.unit, "need": self.need, "minimums": minimums, "cap": self.cap}


@dataclass(frozen=True)
class DistributionResult:
    """How the signatures of the districts stand against the requirement.

    Attributes:
        reached: districts that reach their number, in order.
        short: by how much each other district falls short.
        counted: signatures that count in all, after the cap.
        met: whether enough districts reach their number.
        steps: the findings.
    """

    reached: tuple[str, ...]
    short: Mapping[str, int]
    counted: int
    met: bool
    steps: tuple[CalculationStep, ...]


def distribution_requirement(
    rule: Distribution | None,
    required: int,
    bases: Mapping[str, int] | None,
    where: str = "",
) -> DistributionRequirement | None:
    """Work out what each district must reach; None where the statute asks nothing of districts.

    Args:
        rule: the statute's distribution.
        required: signatures required in all, of which a cap is a share.
        bases: each district's own base, where the rule is a share of it.
        where: for errors.

    Raises:
        LawError: a number that the rule needs is not known.
        InputError: there are not as many districts as the statute has.
    """
    by_share = rule is not None and rule.cap is None and rule.minimums is None
    if bases is not None and not by_share:
        raise InputError("the statute asks for no share of each district's base", where=where)
    if rule is None:
        return None
    if rule.cap is not None:
        cap = int(read_fraction(rule.cap.value) * required)
        text = (
            f"one {rule.unit.value} counts for at most {rule.cap.value} of {required:,} = {cap:,}"
        )
        return DistributionRequirement(rule.unit.value, 0, {}, cap, (cite_step(rule.cap, text),))
    minimums = _minimums(rule, bases, where)
    units = rule.units.value if rule.units else len(minimums)
    if len(minimums) != units:
        raise InputError(
            f"{len(minimums)} districts are given, the statute has {units} ({rule.unit.value})",
            where=where,
        )
    need = _districts_needed(
        require_known(rule.need, "how many districts must reach their number").value, units
    )
    text = f"{need} of {units} ({rule.unit.value}) must reach their own number"
    return DistributionRequirement(
        rule.unit.value, need, minimums, None, (cite_step(rule.need, text),)
    )


def _minimums(rule: Distribution, bases: Mapping[str, int] | None, where: str) -> dict[str, int]:
    if rule.minimums is not None:
        return dict(sorted(rule.minimums.value.items()))
    share = read_fraction(require_known(rule.share, "the share that a district must reach").value)
    rounding = require_known(rule.rounding, "how a district's number is rounded").value
    if bases is None:
        words = rule.base.value if rule.base else "its base"
        raise LawError(
            f"a {rule.unit.value} must reach {share} of {words}, which is not known",
            where=where,
            hint="give a table of districts with --districts",
        )
    if negative := [name for name, base in bases.items() if base < 0]:
        raise InputError(f"the base of {negative[0]} is negative", where=where)
    return {name: round_by_rule(share * base, rounding) for name, base in sorted(bases.items())}


def _districts_needed(text: str, units: int) -> int:
    if text == "all":
        return units
    share = read_fraction(text)
    return int(share) if "/" not in text and share >= 1 else ceil(Fraction(units) * share)


def check_distribution(
    requirement: DistributionRequirement, signatures: Mapping[str, int]
) -> DistributionResult:
    """Compare the signatures of each district with the requirement.

    Args:
        requirement: what the districts must reach.
        signatures: valid signatures by district; one that is not named has none.
    """
    cap = requirement.cap
    counted = sum(n if cap is None else min(n, cap) for n in signatures.values())
    reached = tuple(n for n, least in requirement.minimums.items() if signatures.get(n, 0) >= least)
    short = {
        name: least - signatures.get(name, 0)
        for name, least in requirement.minimums.items()
        if name not in reached
    }
    met = len(reached) >= requirement.need
    return DistributionResult(
        reached, short, counted, met, _result_steps(requirement, signatures, reached, counted)
    )


def _result_steps(
    requirement: DistributionRequirement,
    signatures: Mapping[str, int],
    reached: tuple[str, ...],
    counted: int,
) -> tuple[CalculationStep, ...]:
    if requirement.cap is not None:
        over = [name for name, number in signatures.items() if number > requirement.cap]
        names = ", ".join(over) or "none"
        text = f"above the cap of {requirement.cap:,}: {names}; {counted:,} count"
        return (CalculationStep(text),)
    districts = len(requirement.minimums)
    text = f"{len(reached)} of {districts} reach their number, {requirement.need} needed"
    return (CalculationStep(text),)
