"""Statutory estimators: from a checked sample to a number of valid signatures, as each law has it.

Symbols: N lines submitted, n drawn, k = N/n, v valid in the sample, x invalid other than repeats, d
extra copies (repeat pairs), R required. Square roots are worked out to 50 digits; every rounding
that a rule names is done where the rule names it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil

from referendum.core.errors import InputError
from referendum.core.exact import half_up

Number = int | Fraction | Decimal

ONE_SIDED_95 = Fraction(1645, 1000)
"""The normal quantile that offices use for one-sided 95 per cent."""


@dataclass(frozen=True)
class Worked:
    """What a rule gives.

    Attributes:
        numbers: by name, exact or to 50 digits.
        steps: the arithmetic, line by line.
        decision: the rule's own word for what follows; empty if it only estimates.
    """

    numbers: Mapping[str, Number]
    steps: tuple[str, ...]
    decision: str = ""


def california(lines: int, drawn: int, valid: int, copies: int) -> Worked:
    """Project as 2 CCR 20530 to 20532 has it, for one county.

    p = v/n to four places; U = N p, up; A = N/n to four places; W = A (A - 1); V = U - d W, up.
    """
    _require_sample(lines, drawn, valid)
    rate, factor = _places(Fraction(valid, drawn), 4), _places(Fraction(lines, drawn), 4)
    uncorrected, weight = ceil(lines * rate), factor * (factor - 1)
    repeats = ceil(copies * weight)
    return Worked(
        {
            "valid_rate": rate,
            "uncorrected_valid": uncorrected,
            "factor_A": factor,
            "weight_B": weight,
            "duplicate_estimate": repeats,
            "projected_valid": uncorrected - repeats,
        },
        (
            f"{valid} / {drawn} = {float(rate):.4f}",
            f"{lines:,} x {float(rate):.4f}, up = {uncorrected:,}",
            f"A = {lines:,} / {drawn} = {float(factor):.4f}",
            f"{copies} x A (A - 1), up = {repeats:,}",
            f"{uncorrected:,} - {repeats:,} = {uncorrected - repeats:,}",
        ),
    )


def washington(lines: int, drawn: int, invalid: int, pairs: int, required: int) -> Worked:
    """Accept, or check every line, as WAC 434-379-010 has it.

    U = (x + 1.5 sqrt x) N/n; P = N - R - U repeat pairs could be borne; E = (n/N)^2 P of them are
    expected in the sample; accept when d <= E - 1.65 sqrt E. The published error rate is
    x/n + d k^2/N.
    """
    _require_sample(lines, drawn, invalid)
    with localcontext(prec=50):
        allowance = (invalid + Decimal("1.5") * Decimal(invalid).sqrt()) * lines / drawn
        borne = lines - required - allowance
        expected = borne * drawn * drawn / (lines * lines)
        acceptable = expected - Decimal("1.65") * expected.sqrt() if expected > 0 else Decimal(-1)
    error = Fraction(invalid, drawn) + Fraction(pairs * lines, drawn * drawn)
    accepted = pairs <= acceptable
    return Worked(
        {
            "rejected_in_sample": invalid + pairs,
            "error_rate": error,
            "acceptable_pairs": acceptable,
        },
        (
            f"error rate {invalid} / {drawn} + {pairs} k^2 / N = {float(error):.4%}",
            f"invalid allowance ({invalid} + 1.5 sqrt {invalid}) N / n = {allowance:,.2f}",
            f"repeat pairs that could be borne {borne:,.2f}, in the sample {expected:.4f}",
            f"acceptable {acceptable:.3f}; found {pairs}",
        ),
        "certified" if accepted else "check every line",
    )


def goodman(lines: int, drawn: int, seen: Mapping[int, int]) -> Fraction:
    """Estimate distinct signers by Goodman's linear estimator, sum of a_j e_j.

    a_j = 1 - (1 - k)^j for a large N (Goodman 1949, Annals of Mathematical Statistics 20), where
    `seen` gives for each j the electors seen exactly j times. Unbiased if nobody signed more often
    than the sample can show; its spread grows fast as the sample shrinks.
    """
    factor = Fraction(lines, drawn)
    return sum(((1 - (1 - factor) ** j) * count for j, count in seen.items()), Fraction(0))


def new_zealand(
    lines: int, drawn: int, invalid: int, pairs: int, triples: int, required: int
) -> Worked:
    """Lapse only if the upper bound is below the requirement (reconstruction, 2008).

    M = k y - k (k - 1)(e2 + 3 e3); upper = M + 1.645 se, se^2 = (k (k-1))^2 (e2 + 3 e3)
    + N^2 p (1 - p)(1 - n/N)/n. The Government Statistician's own formula is not published.
    """
    _require_sample(lines, drawn, invalid)
    valid = drawn - invalid
    factor, multiple = Fraction(lines, drawn), pairs + 3 * triples
    estimate = factor * valid - factor * (factor - 1) * multiple
    share = Fraction(valid, drawn)
    spread = Fraction(lines * lines) * share * (1 - share) * (1 - 1 / factor) / drawn
    error = _root((factor * (factor - 1)) ** 2 * multiple + spread)
    upper = _decimal(estimate) + _decimal(ONE_SIDED_95) * error
    return Worked(
        {
            "valid_distinct_in_sample": valid - pairs - triples,
            "best_estimate": estimate,
            "upper_bound": upper,
        },
        (
            f"{drawn:,} - {invalid:,} = {valid:,} valid with repeats",
            f"k {valid:,} - k (k - 1) {multiple} = {float(estimate):,.0f}",
            f"standard error {error:,.1f}; with 1.645 of it {upper:,.0f}",
        ),
        "lapsed" if upper < required else "goes on",
    )


def colorado(
    lines: int, drawn: int, valid: int, required: int, cut_offs: tuple[Fraction, Fraction]
) -> Worked:
    """Project as C.R.S. 1-40-116 has it: N v/n, with a band in which every line is checked.

    `cut_offs` are the shares of the requirement at or below which it fails, at or above which it
    passes. Repeats are not inflated.
    """
    _require_sample(lines, drawn, valid)
    projected = Fraction(lines * valid, drawn)
    fails, passes = cut_offs
    share = projected / required
    band = "insufficient" if share <= fails else "sufficient" if share >= passes else ""
    ends = f"fails at {float(fails):.0%}, passes at {float(passes):.0%}"
    return Worked(
        {"projected_valid": projected, "share_of_required": share},
        (
            f"{lines:,} x {valid:,} / {drawn:,} = {float(projected):,.2f}",
            f"of {required:,}: {float(share):.2%}; {ends}",
        ),
        band or "check every line",
    )


def michigan(lines: int, drawn: int, valid: int, required: int) -> Worked:
    """Project N v/n on the lines left after sheets were excluded; cut-offs are set per petition."""
    _require_sample(lines, drawn, valid)
    projected = Fraction(lines * valid, drawn)
    shortfall = required - half_up(projected)
    return Worked(
        {"projected_valid": projected, "estimated_shortfall": shortfall},
        (
            f"{lines:,} x {valid} / {drawn} = {float(projected):,.2f}",
            f"{required:,} - {half_up(projected):,} = {shortfall:,}",
        ),
        "deny" if shortfall > 0 else "certify",
    )


def arizona(eligible: int, drawn: int, invalid: int) -> Worked:
    """Project as A.R.S. 19-121.04 has it: (E - I)(1 - I/n), both deductions."""
    _require_sample(eligible, drawn, invalid)
    projected = (eligible - invalid) * (1 - Fraction(invalid, drawn))
    step = f"({eligible:,} - {invalid:,}) x (1 - {invalid:,} / {drawn:,}) = {float(projected):,.2f}"
    return Worked({"projected_valid": projected}, (step,))


def oregon_first_sample(
    lines: int, drawn: int, valid: int, assumed_repeats: Fraction, required: int
) -> Worked:
    """Accept on the first sample as OAR 165-014-0030 has it; it never rejects.

    (p - 1.645 sqrt(p (1 - p)/n) - assumed share of repeats) N >= R.
    """
    _require_sample(lines, drawn, valid)
    share = Fraction(valid, drawn)
    margin = _decimal(ONE_SIDED_95) * _root(share * (1 - share) / drawn)
    projected = (_decimal(share) - margin - _decimal(assumed_repeats)) * lines
    return Worked(
        {"margin": margin, "projected_valid": projected},
        (
            f"p = {valid} / {drawn} = {float(share):.3f}, margin {margin:.4f}",
            f"(p - margin - {float(assumed_repeats):.2f}) x {lines:,} = {projected:,.0f}",
        ),
        "qualified" if projected >= required else "draw a second sample",
    )


def interval(lines: int, confirmed: Fraction, margin: Fraction, required: int) -> Worked:
    """Hold an interval against the requirement: insufficient only if its upper end is below.

    Regina 2013, under The Cities Act: lines left after review, times the share confirmed by
    telephone, give or take the margin.
    """
    lower, upper = (confirmed - margin) * lines, (confirmed + margin) * lines
    return Worked(
        {"lower": lower, "upper": upper},
        (
            f"({float(confirmed):.3f} - {float(margin):.2f}) x {lines:,} = {float(lower):,.1f}",
            f"({float(confirmed):.3f} + {float(margin):.2f}) x {lines:,} = {float(upper):,.1f}",
        ),
        "insufficient" if upper < required else "not shown insufficient",
    )


def _require_sample(lines: int, drawn: int, some: int) -> None:
    if not 0 <= some <= drawn <= lines or drawn == 0:
        raise InputError(f"{some} of {drawn} drawn from {lines} lines cannot be")


def _places(number: Fraction, places: int) -> Fraction:
    return Fraction(half_up(number * 10**places), 10**places)


def _decimal(number: Fraction) -> Decimal:
    with localcontext(prec=50):
        return Decimal(number.numerator) / Decimal(number.denominator)


def _root(number: Fraction) -> Decimal:
    with localcontext(prec=50):
        return _decimal(number).sqrt()
