"""Thresholds: a share of a base, rounded as the statute says."""

from dataclasses import dataclass
from fractions import Fraction

from referendum.core.errors import LawError
from referendum.core.exact import fraction, rounded
from referendum.law.model import Statute


@dataclass(frozen=True)
class Requirement:
    """How many signatures are required, and how the number was worked out.

    Attributes:
        base: what the share is taken of, in words.
        base_value: its value.
        share: the share.
        product: share times base value, exact.
        rounding: how the product is rounded.
        required: the requirement.
    """

    base: str
    base_value: int
    share: Fraction
    product: Fraction
    rounding: str
    required: int


def requirement(statute: Statute, proposal: str, base_value: int) -> Requirement:
    """Work out how many signatures a proposal of this kind requires.

    Raises:
        LawError: the statute has no such kind of proposal, or a condition that is not known here.
    """
    threshold = statute.thresholds.get(proposal)
    if threshold is None:
        known = ", ".join(statute.thresholds) or "none"
        raise LawError(
            f"no proposal of the kind {proposal!r}", where=statute.id, hint=f"known: {known}"
        )
    if threshold.distribution is not None:
        raise LawError(
            f"not known how to work out: {threshold.distribution.value}",
            where=f"{statute.id}, {threshold.distribution.cite}",
            hint="thresholds with a condition on districts cannot be worked out yet",
        )
    if base_value < 0:
        raise LawError(f"{threshold.base.value} cannot be {base_value}", where=statute.id)
    share = fraction(threshold.share.value)
    product = share * base_value
    rounding = threshold.rounding.value
    return Requirement(
        threshold.base.value, base_value, share, product, rounding, rounded(product, rounding)
    )
