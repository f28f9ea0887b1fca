"""Thresholds: a share of a base, rounded as the statute says, or a number that it names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from referendum.core.errors import InputError, LawError
from referendum.core.exact import read_fraction, round_by_rule
from referendum.law.calculation import CalculationStep, cite_step, number_text
from referendum.law.distribution import DistributionRequirement, distribution_requirement
from referendum.law.model import Statute, Threshold, require_known


@dataclass(frozen=True)
class Requirement:
    """How many signatures are required, and how the number was worked out.

    Attributes:
        kind: kind of proposal.
        required: the requirement.
        base: what the share is taken of, in words; None where the statute names a number, or the
            file does not say.
        base_value: its value.
        share: the share.
        product: share times base value, exact.
        rounding: how the product is rounded.
        spread: what each district must give; None where the statute asks nothing of districts.
        steps: the arithmetic.
    """

    kind: str
    required: int
    base: str | None
    base_value: int | None
    share: Fraction | None
    product: Fraction | None
    rounding: str | None
    spread: DistributionRequirement | None
    steps: tuple[CalculationStep, ...]


def requirement(
    statute: Statute,
    kind: str,
    base_value: int | None = None,
    districts: Mapping[str, int] | None = None,
) -> Requirement:
    """Work out how many signatures a proposal of this kind requires.

    Args:
        statute: the law.
        kind: of proposal, as the statute names it.
        base_value: what the share is taken of; the value that the statute file knows if not given.
        districts: each district's own base, where the statute asks for a share of it.

    Raises:
        LawError: the statute has no such kind of proposal, or a number is missing.
        InputError: a base is negative.
    """
    threshold = _threshold(statute, kind)
    if threshold.number is not None:
        number = threshold.number.value
        steps = (cite_step(threshold.number, f"the number is fixed: {number:,}"),)
        result = Requirement(kind, number, None, None, None, None, None, None, steps)
    else:
        result = _requirement_by_share(statute, kind, threshold, base_value)
    distribution = distribution_requirement(
        threshold.distribution, result.required, districts, f"{statute.id}, {kind}"
    )
    if distribution is None:
        return result
    return replace(result, spread=distribution, steps=(*result.steps, *distribution.steps))


def _threshold(statute: Statute, kind: str) -> Threshold:
    threshold = statute.thresholds.get(kind)
    if threshold is None:
        kinds = ", ".join(statute.thresholds) or "none"
        raise LawError(
            f"no proposal of the kind {kind!r}", where=statute.id, hint=f"known: {kinds}"
        )
    return threshold


def _requirement_by_share(
    statute: Statute, kind: str, threshold: Threshold, base_value: int | None
) -> Requirement:
    if threshold.share is None:
        raise LawError("the number of signatures is not known", where=f"{statute.id}, {kind}")
    words = threshold.base.value if threshold.base else None
    if base_value is None and threshold.base_value is None:
        raise LawError(
            f"the share is taken of a number that is not known: {words or _UNNAMED_BASE}",
            where=f"{statute.id}, {kind}",
            hint="give it: petition issue --base-value N, law threshold --base N",
        )
    base = (
        require_known(threshold.base_value, "the base").value if base_value is None else base_value
    )
    if base < 0:
        raise InputError(f"{words or _UNNAMED_BASE} cannot be {base}", where=statute.id)
    share = read_fraction(threshold.share.value)
    product = share * base
    rounding = require_known(threshold.rounding, "how the number is rounded").value
    required = round_by_rule(product, rounding)
    steps = (
        cite_step(
            threshold.share,
            f"{share} of {base:,} ({words or _UNNAMED_BASE}) = {number_text(product)}",
        ),
        cite_step(threshold.rounding, f"rounded {_ROUNDING_WORDS[rounding]} = {required:,}"),
    )
    return Requirement(kind, required, words, base, share, product, rounding, None, steps)


_UNNAMED_BASE = "a base that the act's file does not name"

_ROUNDING_WORDS = {"up": "up", "down": "down", "nearest": "to nearest, a half up"}
