"""Statutory estimators: from a checked sample to a number of valid signatures, as each law has it.

Symbols: N lines, n drawn, k = N/n; v electors seen at least once in the sample, d further copies of
their lines, y = v + d, x = n - y lines invalid for another reason, e_j electors seen exactly j
times; R required. Square roots are worked out to 50 digits; every rounding that a rule names is
done where the rule names it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import comb, floor

from referendum.core.errors import InputError, LawError
from referendum.core.exact import fraction, half_up, rounded
from referendum.law.bounds import lower_bound
from referendum.law.model import Projection, Value, known
from referendum.law.working import Number, Worked, all_by, shown


@dataclass(frozen=True)
class CheckedSample:
    """What the check of a sample found.

    Attributes:
        lines: N, lines of the universe.
        drawn: n, lines drawn and checked.
        valid: v, electors seen at least once: their first line in the sample.
        copies: second lines of an elector in the sample, third lines, and so on.

    Raises:
        InputError: the counts cannot be those of a sample.
    """

    lines: int
    drawn: int
    valid: int
    copies: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        falling = (self.valid, *self.copies, 0)
        if any(less > more for more, less in pairwise(falling)):
            raise InputError(f"copies {self.copies} of {self.valid} valid lines cannot be")
        if not 0 < self.drawn <= self.lines or self.with_copies > self.drawn:
            raise InputError(
                f"{self.with_copies} valid of {self.drawn} drawn from {self.lines} lines cannot be"
            )

    @property
    def with_copies(self) -> int:
        """y: valid lines, further copies included."""
        return self.valid + sum(self.copies)

    @property
    def invalid(self) -> int:
        """x: lines invalid for another reason than being a copy."""
        return self.drawn - self.with_copies

    @property
    def factor(self) -> Fraction:
        """K = N/n."""
        return Fraction(self.lines, self.drawn)

    @property
    def seen(self) -> dict[int, int]:
        """e_j: electors seen exactly j times."""
        falling = (self.valid, *self.copies, 0)
        return {j: falling[j - 1] - falling[j] for j in range(1, len(falling))}

    @property
    def pairs(self) -> int:
        """Pairs of lines of one elector: a triple holds three."""
        return sum(comb(j, 2) * count for j, count in self.seen.items())


def _every_line(sample: CheckedSample, rule: Projection, required: int) -> Worked:  # noqa: ARG001
    """Count: every line was checked, nothing is projected."""
    if sample.drawn != sample.lines:
        raise LawError(
            f"{sample.drawn:,} of {sample.lines:,} lines were checked, and the statute has every"
            " line checked"
        )
    return _worked(
        rule, {}, sample.valid, f"every line checked: {sample.valid:,} electors signed validly"
    )


def _expansion(sample: CheckedSample, rule: Projection, required: int) -> Worked:  # noqa: ARG001
    """N v/n: copies count as invalid lines and are not inflated."""
    projected = sample.factor * sample.valid
    compared = _round(rule, "valid", projected)
    return _worked(
        rule,
        {"projected_valid": projected},
        compared,
        f"{sample.lines:,} x {sample.valid:,} / {sample.drawn:,} = {shown(projected)}",
    )


def _expansion_less_pairs(
    sample: CheckedSample,
    rule: Projection,
    required: int,  # noqa: ARG001
) -> Worked:
    """N y/n less k (k - 1) for each further copy, with the roundings of the rule.

    California, 2 CCR 20530 to 20532: y/n and k to four places, N y/n up, the deduction up. With y
    the copies are counted as valid first, so this is the pair estimator.
    """
    rate = _places(rule.rate_places, Fraction(sample.with_copies, sample.drawn))
    factor = _places(rule.factor_places, sample.factor)
    weight = factor * (factor - 1)
    uncorrected = _round(rule, "valid", sample.lines * rate)
    repeats = _round(rule, "repeats", sum(sample.copies) * weight)
    return _worked(
        rule,
        {
            "valid_rate": rate,
            "uncorrected_valid": uncorrected,
            "factor_A": factor,
            "weight_B": weight,
            "duplicate_estimate": repeats,
            "projected_valid": uncorrected - repeats,
        },
        uncorrected - repeats,
        f"{sample.with_copies:,} / {sample.drawn:,} = {shown(rate, 4)}",
        f"{sample.lines:,} x {shown(rate, 4)} = {shown(uncorrected)}",
        f"A = {sample.lines:,} / {sample.drawn:,} = {shown(factor, 4)}",
        f"{sum(sample.copies)} x A (A - 1) = {shown(repeats)}",
        f"{shown(uncorrected)} - {shown(repeats)} = {shown(uncorrected - repeats)}",
    )


def _both_deductions(
    sample: CheckedSample,
    rule: Projection,
    required: int,  # noqa: ARG001
) -> Worked:
    """(E - I)(1 - I/n): what failed in the sample is deducted as lines and again as a rate.

    Arizona, A.R.S. 19-121.04; accepted in Mussi v. Hobbs (2023).
    """
    failed = sample.drawn - sample.valid
    projected = (sample.lines - failed) * (1 - Fraction(failed, sample.drawn))
    return _worked(
        rule,
        {"projected_valid": projected},
        _round(rule, "valid", projected),
        f"({sample.lines:,} - {failed:,}) x (1 - {failed:,} / {sample.drawn:,})"
        f" = {shown(projected)}",
    )


def _acceptance(sample: CheckedSample, rule: Projection, required: int) -> Worked:
    """Accept if the sample has few enough copies, as WAC 434-379-010 has it.

    U = (x + 1.5 sqrt x) N/n; P = N - R - U repeat pairs could be borne; E = (n/N)^2 P of them are
    expected in the sample; accept when d <= a = E - z sqrt E. The published error rate is
    x/n + d k^2/N. Held against the requirement is the largest R for which d <= a: with
    s = (z + sqrt(z^2 + 4 d))/2 the least root of E that bears d, that is N - U - k^2 s^2.
    """
    quantile = _decimal(fraction(known(rule.quantile, "the normal quantile").value))
    lines, drawn, copies = sample.lines, sample.drawn, sum(sample.copies)
    with localcontext(prec=50):
        root = Decimal(sample.invalid).sqrt()
        allowance = (sample.invalid + Decimal("1.5") * root) * lines / drawn
        borne = lines - required - allowance
        expected = borne * drawn * drawn / (Decimal(lines) * lines)
        acceptable = expected - quantile * expected.sqrt() if expected > 0 else Decimal(-1)
        least = (quantile + (quantile * quantile + 4 * copies).sqrt()) / 2
        met = lines - allowance - least * least * lines * lines / (Decimal(drawn) * drawn)
    error = Fraction(sample.invalid, drawn) + Fraction(copies * lines, drawn * drawn)
    return _worked(
        rule,
        {
            "error_rate": error,
            "invalid_allowance": allowance,
            "acceptable_pairs": acceptable,
            "pairs": copies,
        },
        met,
        f"error rate {sample.invalid:,} / {drawn:,} + {copies} k^2 / N = {float(error):.4%}",
        f"({sample.invalid:,} + 1.5 sqrt {sample.invalid:,}) N / n = {allowance:,.2f} invalid",
        *_acceptance_words(borne, (expected, acceptable), copies, floor(met)),
    )


def _acceptance_words(
    borne: Decimal, pairs: tuple[Decimal, Decimal], copies: int, met: int
) -> tuple[str, ...]:
    """Say how many repeat pairs could be borne and are acceptable, or that none could be."""
    expected, acceptable = pairs
    could = (
        f"repeat pairs that could be borne {borne:,.2f}, in the sample {expected:.4f}"
        if borne > 0
        else f"too few lines by {-borne:,.2f} even without a repeat: no pair could be borne"
    )
    few = f"acceptable {acceptable:.3f}" if acceptable >= 0 else "none is acceptable"
    most = f"any requirement up to {met:,}" if met > 0 else "no requirement at all"
    return could, f"{few}; found {copies}", f"so the sample would accept {most}"


def _assumed_repeats(
    sample: CheckedSample,
    rule: Projection,
    required: int,  # noqa: ARG001
) -> Worked:
    """(p - z sqrt(p (1 - p)/n) - assumed share of repeats) N: Oregon's first sample.

    OAR 165-014-0030, appendix 1; the quantile is inferred from a printed margin.
    """
    quantile = _decimal(fraction(known(rule.quantile, "the normal quantile").value))
    assumed = fraction(known(rule.assumed_repeats, "the assumed share of repeats").value)
    share = Fraction(sample.with_copies, sample.drawn)
    with localcontext(prec=50):
        margin = quantile * _root(share * (1 - share) / sample.drawn)
        projected = (_decimal(share) - margin - _decimal(assumed)) * sample.lines
    return _worked(
        rule,
        {"margin": margin, "projected_valid": projected},
        projected,
        f"p = {sample.with_copies:,} / {sample.drawn:,} = {float(share):.3f}, margin {margin:.4f}",
        f"(p - margin - {float(assumed):.2f}) x {sample.lines:,} = {projected:,.0f}",
    )


def _pairs_with_error(
    sample: CheckedSample,
    rule: Projection,
    required: int,  # noqa: ARG001
) -> Worked:
    """M = k y - k (k - 1)(e2 + 3 e3 ...), and M + z se (New Zealand 2008, reconstructed).

    se^2 = (k (k - 1))^2 (e2 + 3 e3 ...) + N^2 p (1 - p)(1 - n/N)/n with p = y/n. The Government
    Statistician's own formula is not published; this one gives all that was printed.
    """
    quantile = _decimal(fraction(known(rule.quantile, "the normal quantile").value))
    k, share = sample.factor, Fraction(sample.with_copies, sample.drawn)
    estimate = k * sample.with_copies - k * (k - 1) * sample.pairs
    spread = sample.lines**2 * share * (1 - share) * (1 - 1 / k) / sample.drawn
    error = _root((k * (k - 1)) ** 2 * sample.pairs + spread)
    with localcontext(prec=50):
        upper = _decimal(estimate) + quantile * error
    return _worked(
        rule,
        {
            "valid_distinct_in_sample": sample.valid,
            "best_estimate": estimate,
            "standard_error": error,
            "upper_bound": upper,
        },
        upper,
        f"{sample.drawn:,} - {sample.invalid:,} = {sample.with_copies:,} valid with repeats",
        f"k {sample.with_copies:,} - k (k - 1) {sample.pairs} = {shown(estimate)}",
        f"standard error {error:,.1f}; with {quantile} of it {upper:,.0f}",
    )


def _exact_bound(sample: CheckedSample, rule: Projection, required: int) -> Worked:  # noqa: ARG001
    """The exact one-sided lower bound at the statute's level (`referendum.law.bounds`)."""
    level = fraction(known(rule.level, "the level of confidence").value)
    projected = sample.factor * sample.valid
    bound = lower_bound(sample.lines, sample.drawn, sample.valid, level)
    return _worked(
        rule,
        {"projected_valid": _round(rule, "valid", projected), "lower_bound": bound},
        bound,
        f"{sample.lines:,} x {sample.valid:,} / {sample.drawn:,} = {shown(projected)}",
        f"at {float(level):.0%} confidence at least {bound:,}",
    )


def _interval(sample: CheckedSample, rule: Projection, required: int) -> Worked:  # noqa: ARG001
    """N (p - e) to N (p + e) with a stated margin e: Regina 2013, under The Cities Act."""
    share = Fraction(sample.valid, sample.drawn)
    return interval(sample.lines, share, rule)


def interval(lines: int, share: Fraction, rule: Projection) -> Worked:
    """Work out the interval from a share confirmed, where the sample itself is not published."""
    margin = fraction(known(rule.margin, "the margin").value)
    lower, upper = (share - margin) * lines, (share + margin) * lines
    return _worked(
        rule,
        {"lower": lower, "upper": upper},
        upper,
        f"({float(share):.3f} - {float(margin):.2f}) x {lines:,} = {float(lower):,.1f}",
        f"({float(share):.3f} + {float(margin):.2f}) x {lines:,} = {float(upper):,.1f}",
    )


def linear(sample: CheckedSample, rule: Projection, required: int = 0) -> Worked:  # noqa: ARG001
    """Goodman's linear estimator, sum of a_j e_j with a_j = 1 - (1 - k)^j for a large N.

    Goodman 1949, Annals of Mathematical Statistics 20. Unbiased if nobody signed more often than
    the sample can show; its spread grows fast as the sample shrinks. Oregon's second sample.
    """
    k = sample.factor
    estimate = sum(((1 - (1 - k) ** j) * count for j, count in sample.seen.items()), Fraction(0))
    terms = " + ".join(f"{shown(1 - (1 - k) ** j)} x {n:,}" for j, n in sample.seen.items())
    return _worked(rule, {"projected_valid": estimate}, estimate, f"{terms} = {shown(estimate)}")


FORMULAS: dict[str, Callable[[CheckedSample, Projection, int], Worked]] = {
    "every_line": _every_line,
    "expansion": _expansion,
    "expansion_less_pairs": _expansion_less_pairs,
    "both_deductions": _both_deductions,
    "acceptance": _acceptance,
    "assumed_repeats": _assumed_repeats,
    "pairs_with_error": _pairs_with_error,
    "exact_bound": _exact_bound,
    "interval": _interval,
}
"""Every estimator that a statute can name."""


def project(
    rule: Projection, sample: CheckedSample, required: int, *, second: bool = False
) -> Worked:
    """Project a checked sample as the statute has it.

    Where every line was drawn nothing is projected: the electors who signed validly are counted.

    Args:
        rule: the statute's projection.
        sample: what the check found.
        required: the requirement, which some rules use.
        second: whether a second sample was drawn, after which Oregon's linear form is used.

    Returns:
        The rule's numbers and steps; `compared` is what is held against the requirement, exact.

    Raises:
        LawError: a number that the formula needs is not known.
    """
    if sample.drawn == sample.lines:
        return _every_line(sample, rule, required)
    return (linear if second else FORMULAS[rule.formula.value])(sample, rule, required)


def _worked(rule: Projection, numbers: dict[str, Number], compared: Number, *steps: str) -> Worked:
    return Worked({**numbers, "compared": compared}, all_by(rule.formula, steps))


def _round(rule: Projection, step: str, number: Fraction) -> Fraction | int:
    """Round a step as the rule names it; what it does not name stays exact."""
    rounding = rule.rounding.get(step)  # type: ignore[call-overload]
    return rounded(number, rounding.value) if rounding else number


MOST_PLACES = 30
"""Places to which a statute has a number rounded."""


def _places(places: Value[int] | None, number: Fraction) -> Fraction:
    if places is None:
        return number
    if not 0 <= places.value <= MOST_PLACES:
        raise LawError(f"the statute rounds to {str(places.value)[:40]} places")
    return Fraction(half_up(number * 10**places.value), 10**places.value)


def _decimal(number: Fraction) -> Decimal:
    with localcontext(prec=50):
        return Decimal(number.numerator) / Decimal(number.denominator)


def _root(number: Fraction) -> Decimal:
    with localcontext(prec=50):
        return _decimal(number).sqrt()
