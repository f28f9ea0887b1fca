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
from referendum.core.exact import read_fraction, round_by_rule, round_half_up
from referendum.law.bounds import lower_bound
from referendum.law.calculation import Calculation, Number, cite_steps, number_text
from referendum.law.model import Projection, Value, require_known


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
        if not 0 < self.drawn <= self.lines or self.valid_lines > self.drawn:
            raise InputError(
                f"{self.valid_lines} valid of {self.drawn} drawn from {self.lines} lines cannot be"
            )

    @property
    def valid_lines(self) -> int:
        """y: valid lines, further copies included."""
        return self.valid + sum(self.copies)

    @property
    def invalid(self) -> int:
        """x: lines invalid for another reason than being a copy."""
        return self.drawn - self.valid_lines

    @property
    def expansion_factor(self) -> Fraction:
        """K = N/n, the expansion factor."""
        return Fraction(self.lines, self.drawn)

    @property
    def frequencies(self) -> dict[int, int]:
        """e_j by j: how many electors are seen exactly j times."""
        falling = (self.valid, *self.copies, 0)
        return {j: falling[j - 1] - falling[j] for j in range(1, len(falling))}

    @property
    def pairs(self) -> int:
        """Pairs of lines of one elector: a triple holds three."""
        return sum(comb(j, 2) * count for j, count in self.frequencies.items())


def _every_line(sample: CheckedSample, rule: Projection, required: int) -> Calculation:  # noqa: ARG001
    """Count: every line was checked, nothing is projected."""
    if sample.drawn != sample.lines:
        raise LawError(
            f"{sample.drawn:,} of {sample.lines:,} lines were checked, and the statute has every"
            " line checked"
        )
    return _calculation(
        rule, {}, sample.valid, f"every line checked: {sample.valid:,} electors signed validly"
    )


def _expansion(sample: CheckedSample, rule: Projection, required: int) -> Calculation:  # noqa: ARG001
    """N v/n: copies count as invalid lines and are not inflated."""
    projected = sample.expansion_factor * sample.valid
    compared = _round_step(rule, "valid", projected)
    return _calculation(
        rule,
        {"projected_valid": projected},
        compared,
        f"{sample.lines:,} x {sample.valid:,} / {sample.drawn:,} = {number_text(projected)}",
    )


def _expansion_less_pairs(
    sample: CheckedSample,
    rule: Projection,
    required: int,  # noqa: ARG001
) -> Calculation:
    """N y/n less k (k - 1) for each further copy, with the roundings of the rule.

    California, 2 CCR 20530 to 20532: y/n and k to four places, N y/n up, the deduction up. With y
    the copies are counted as valid first, so this is the pair estimator.
    """
    rate = _round_to_places(rule.rate_places, Fraction(sample.valid_lines, sample.drawn))
    factor = _round_to_places(rule.factor_places, sample.expansion_factor)
    weight = factor * (factor - 1)
    uncorrected = _round_step(rule, "valid", sample.lines * rate)
    repeats = _round_step(rule, "repeats", sum(sample.copies) * weight)
    return _calculation(
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
        f"{sample.valid_lines:,} / {sample.drawn:,} = {number_text(rate, 4)}",
        f"{sample.lines:,} x {number_text(rate, 4)} = {number_text(uncorrected)}",
        f"A = {sample.lines:,} / {sample.drawn:,} = {number_text(factor, 4)}",
        f"{sum(sample.copies)} x A (A - 1) = {number_text(repeats)}",
        f"{number_text(uncorrected)} - {number_text(repeats)}"
        f" = {number_text(uncorrected - repeats)}",
    )


def _both_deductions(
    sample: CheckedSample,
    rule: Projection,
    required: int,  # noqa: ARG001
) -> Calculation:
    """(E - I)(1 - I/n): what failed in the sample is deducted as lines and again as a rate.

    Arizona, A.R.S. 19-121.04; accepted in Mussi v. Hobbs (2023).
    """
    failed = sample.drawn - sample.valid
    projected = (sample.lines - failed) * (1 - Fraction(failed, sample.drawn))
    return _calculation(
        rule,
        {"projected_valid": projected},
        _round_step(rule, "valid", projected),
        f"({sample.lines:,} - {failed:,}) x (1 - {failed:,} / {sample.drawn:,})"
        f" = {number_text(projected)}",
    )


def _acceptance(sample: CheckedSample, rule: Projection, required: int) -> Calculation:
    """Accept if the sample has few enough copies, as WAC 434-379-010 has it.

    U = (x + 1.5 sqrt x) N/n; P = N - R - U repeat pairs could be borne; E = (n/N)^2 P of them are
    expected in the sample; accept when d <= a = E - z sqrt E. The published error rate is
    x/n + d k^2/N. Held against the requirement is the largest R for which d <= a: with
    s = (z + sqrt(z^2 + 4 d))/2 the least root of E that bears d, that is N - U - k^2 s^2.
    """
    quantile = _to_decimal(read_fraction(require_known(rule.quantile, "the normal quantile").value))
    lines, drawn, copies = sample.lines, sample.drawn, sum(sample.copies)
    with localcontext(prec=50):
        root = Decimal(sample.invalid).sqrt()
        allowance = (sample.invalid + Decimal("1.5") * root) * lines / drawn
        bearable = lines - required - allowance
        expected = bearable * drawn * drawn / (Decimal(lines) * lines)
        acceptable = expected - quantile * expected.sqrt() if expected > 0 else Decimal(-1)
        least = (quantile + (quantile * quantile + 4 * copies).sqrt()) / 2
        accepted = lines - allowance - least * least * lines * lines / (Decimal(drawn) * drawn)
    error = Fraction(sample.invalid, drawn) + Fraction(copies * lines, drawn * drawn)
    return _calculation(
        rule,
        {
            "error_rate": error,
            "invalid_allowance": allowance,
            "acceptable_pairs": acceptable,
            "pairs": copies,
        },
        accepted,
        f"error rate {sample.invalid:,} / {drawn:,} + {copies} k^2 / N = {float(error):.4%}",
        f"({sample.invalid:,} + 1.5 sqrt {sample.invalid:,}) N / n = {allowance:,.2f} invalid",
        *_acceptance_texts(bearable, (expected, acceptable), copies, floor(accepted)),
    )


def _acceptance_texts(
    bearable: Decimal, pairs: tuple[Decimal, Decimal], copies: int, accepted: int
) -> tuple[str, ...]:
    """Say how many repeat pairs could be borne and are acceptable, or that none could be."""
    expected, acceptable = pairs
    borne_text = (
        f"repeat pairs that could be borne {bearable:,.2f}, in the sample {expected:.4f}"
        if bearable > 0
        else f"too few lines by {-bearable:,.2f} even without a repeat: no pair could be borne"
    )
    acceptable_text = f"acceptable {acceptable:.3f}" if acceptable >= 0 else "none is acceptable"
    requirement_text = (
        f"any requirement up to {accepted:,}" if accepted > 0 else "no requirement at all"
    )
    return (
        borne_text,
        f"{acceptable_text}; found {copies}",
        f"so the sample would accept {requirement_text}",
    )


def _assumed_repeats(
    sample: CheckedSample,
    rule: Projection,
    required: int,  # noqa: ARG001
) -> Calculation:
    """(p - z sqrt(p (1 - p)/n) - assumed share of repeats) N: Oregon's first sample.

    OAR 165-014-0030, appendix 1; the quantile is inferred from a printed margin.
    """
    quantile = _to_decimal(read_fraction(require_known(rule.quantile, "the normal quantile").value))
    assumed = read_fraction(
        require_known(rule.assumed_repeats, "the assumed share of repeats").value
    )
    share = Fraction(sample.valid_lines, sample.drawn)
    with localcontext(prec=50):
        margin = quantile * _square_root(share * (1 - share) / sample.drawn)
        projected = (_to_decimal(share) - margin - _to_decimal(assumed)) * sample.lines
    return _calculation(
        rule,
        {"margin": margin, "projected_valid": projected},
        projected,
        f"p = {sample.valid_lines:,} / {sample.drawn:,} = {float(share):.3f}, margin {margin:.4f}",
        f"(p - margin - {float(assumed):.2f}) x {sample.lines:,} = {projected:,.0f}",
    )


def _pairs_with_error(
    sample: CheckedSample,
    rule: Projection,
    required: int,  # noqa: ARG001
) -> Calculation:
    """M = k y - k (k - 1)(e2 + 3 e3 ...), and M + z se (New Zealand 2008, reconstructed).

    se^2 = (k (k - 1))^2 (e2 + 3 e3 ...) + N^2 p (1 - p)(1 - n/N)/n with p = y/n. The Government
    Statistician's own formula is not published; this one gives all that was printed.
    """
    quantile = _to_decimal(read_fraction(require_known(rule.quantile, "the normal quantile").value))
    k, share = sample.expansion_factor, Fraction(sample.valid_lines, sample.drawn)
    estimate = k * sample.valid_lines - k * (k - 1) * sample.pairs
    spread = sample.lines**2 * share * (1 - share) * (1 - 1 / k) / sample.drawn
    error = _square_root((k * (k - 1)) ** 2 * sample.pairs + spread)
    with localcontext(prec=50):
        upper = _to_decimal(estimate) + quantile * error
    return _calculation(
        rule,
        {
            "valid_distinct_in_sample": sample.valid,
            "best_estimate": estimate,
            "standard_error": error,
            "upper_bound": upper,
        },
        upper,
        f"{sample.drawn:,} - {sample.invalid:,} = {sample.valid_lines:,} valid with repeats",
        f"k {sample.valid_lines:,} - k (k - 1) {sample.pairs} = {number_text(estimate)}",
        f"standard error {error:,.1f}; with {quantile} of it {upper:,.0f}",
    )


def _exact_bound(sample: CheckedSample, rule: Projection, required: int) -> Calculation:  # noqa: ARG001
    """The exact one-sided lower bound at the statute's level (`referendum.law.bounds`)."""
    level = read_fraction(require_known(rule.level, "the level of confidence").value)
    projected = sample.expansion_factor * sample.valid
    bound = lower_bound(sample.lines, sample.drawn, sample.valid, level)
    return _calculation(
        rule,
        {"projected_valid": _round_step(rule, "valid", projected), "lower_bound": bound},
        bound,
        f"{sample.lines:,} x {sample.valid:,} / {sample.drawn:,} = {number_text(projected)}",
        f"at {float(level):.0%} confidence at least {bound:,}",
    )


def _interval(sample: CheckedSample, rule: Projection, required: int) -> Calculation:  # noqa: ARG001
    """N (p - e) to N (p + e) with a stated margin e: Regina 2013, under The Cities Act."""
    share = Fraction(sample.valid, sample.drawn)
    return interval_from_share(sample.lines, share, rule)


def interval_from_share(lines: int, share: Fraction, rule: Projection) -> Calculation:
    """Work out the interval from a share confirmed, where the sample itself is not published."""
    margin = read_fraction(require_known(rule.margin, "the margin").value)
    lower, upper = (share - margin) * lines, (share + margin) * lines
    return _calculation(
        rule,
        {"lower": lower, "upper": upper},
        upper,
        f"({float(share):.3f} - {float(margin):.2f}) x {lines:,} = {float(lower):,.1f}",
        f"({float(share):.3f} + {float(margin):.2f}) x {lines:,} = {float(upper):,.1f}",
    )


def goodman_linear(sample: CheckedSample, rule: Projection, required: int = 0) -> Calculation:  # noqa: ARG001
    """Goodman's linear estimator, sum of a_j e_j with a_j = 1 - (1 - k)^j for a large N.

    Goodman 1949, Annals of Mathematical Statistics 20. Unbiased if nobody signed more often than
    the sample can show; its spread grows fast as the sample shrinks. Oregon's second sample.
    """
    k = sample.expansion_factor
    estimate = sum(
        ((1 - (1 - k) ** j) * count for j, count in sample.frequencies.items()), Fraction(0)
    )
    terms = " + ".join(
        f"{number_text(1 - (1 - k) ** j)} x {n:,}" for j, n in sample.frequencies.items()
    )
    return _calculation(
        rule, {"projected_valid": estimate}, estimate, f"{terms} = {number_text(estimate)}"
    )


FORMULAS: dict[str, Callable[[CheckedSample, Projection, int], Calculation]] = {
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
) -> Calculation:
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
    return (goodman_linear if second else FORMULAS[rule.formula.value])(sample, rule, required)


def _calculation(
    rule: Projection, numbers: dict[str, Number], compared: Number, *steps: str
) -> Calculation:
    return Calculation({**numbers, "compared": compared}, cite_steps(rule.formula, steps))


def _round_step(rule: Projection, step: str, number: Fraction) -> Fraction | int:
    """Round a step as the rule names it; what it does not name stays exact."""
    rounding = rule.rounding.get(step)  # type: ignore[call-overload]
    return round_by_rule(number, rounding.value) if rounding else number


MOST_PLACES = 30
"""Places to which a statute has a number rounded."""


def _round_to_places(places: Value[int] | None, number: Fraction) -> Fraction:
    if places is None:
        return number
    if not 0 <= places.value <= MOST_PLACES:
        raise LawError(f"the statute rounds to {str(places.value)[:40]} places")
    return Fraction(round_half_up(number * 10**places.value), 10**places.value)


def _to_decimal(number: Fraction) -> Decimal:
    with localcontext(prec=50):
        return Decimal(number.numerator) / Decimal(number.denominator)


def _square_root(number: Fraction) -> Decimal:
    with localcontext(prec=50):
        return _to_decimal(number).sqrt()
