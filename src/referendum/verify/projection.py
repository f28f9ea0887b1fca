"""Statutory estimators, worked out again from the specification's section 8."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import comb

from referendum.verify import law
from referendum.verify.bundles import Bundle
from referendum.verify.hypergeometric import lower_bound
from referendum.verify.report import Mismatch

Numbers = dict[str, Fraction | Decimal]

MOST_PLACES = 30
"""Places to which a statute has a number rounded."""


@dataclass(frozen=True)
class CheckedSample:
    """N lines, n drawn, v electors seen valid, and their second, third ... lines."""

    lines: int
    drawn: int
    valid: int
    copies: list[int]

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if not 0 < self.drawn <= self.lines or self.counted > self.drawn:
            raise Mismatch(f"{self.drawn} checks of a universe of {self.lines} cannot be")
        if sorted([self.valid, *self.copies], reverse=True) != [self.valid, *self.copies]:
            raise Mismatch("more third lines of electors than second ones cannot be")

    @property
    def counted(self) -> int:
        """Valid lines with the further ones."""
        return self.valid + sum(self.copies)

    def exactly(self, times: int) -> int:
        """How many electors were seen exactly so many times."""
        fewer = self.copies[times - 1] if times <= len(self.copies) else 0
        return (self.copies[times - 2] if times > 1 else self.valid) - fewer

    @property
    def times(self) -> range:
        """How often an elector can have been seen here."""
        return range(1, len(self.copies) + 2)


def project(statute: Bundle, sample: CheckedSample, required: int, *, second: bool) -> Numbers:
    """Work out a projection's numbers, `compared` among them."""
    if sample.drawn == sample.lines:
        return {"compared": Fraction(sample.valid)}
    if second:
        estimate = _goodman_linear(sample)
        return {"projected_valid": estimate, "compared": estimate}
    formula = law.value(statute, "projection", "formula")
    if formula == "acceptance":
        return _acceptance(statute, sample, required)
    plain = {
        "expansion": _expansion,
        "expansion_less_pairs": _expansion_less_pairs,
        "both_deductions": _both_deductions,
        "assumed_repeats": _assumed_repeats,
        "pairs_with_error": _pairs_with_error,
        "exact_bound": _exact_bound,
        "interval": _interval,
    }
    if formula not in plain:
        raise Mismatch(f"the projection {str(formula)[:40]!r} is not known here")
    return plain[formula](statute, sample)


def number_text(number: Fraction | Decimal) -> int | str:
    """Write a number as the record has it."""
    if isinstance(number, Decimal):
        with localcontext(prec=60):
            return str(number.quantize(Decimal("0.000001"), ROUND_HALF_UP))
    return number.numerator if number.denominator == 1 else str(number)


def _round_step(statute: Bundle, step: str, number: Fraction) -> Fraction:
    rounding = law.optional(statute, "projection", "rounding", step)
    return number if rounding is None else Fraction(law.rounded(number, rounding))


def _round_to_places(statute: Bundle, name: str, number: Fraction) -> Fraction:
    places = law.optional(statute, "projection", name)
    if places is None:
        return number
    if type(places) is not int or not 0 <= places <= MOST_PLACES:
        raise Mismatch(f"the statute rounds to {str(places)[:40]} places")
    return Fraction(law.rounded(number * 10 ** int(places), "nearest"), 10 ** int(places))


def _expansion(statute: Bundle, sample: CheckedSample) -> Numbers:
    projected = Fraction(sample.lines * sample.valid, sample.drawn)
    return {"projected_valid": projected, "compared": _round_step(statute, "valid", projected)}


def _expansion_less_pairs(statute: Bundle, sample: CheckedSample) -> Numbers:
    rate = _round_to_places(statute, "rate_places", Fraction(sample.counted, sample.drawn))
    factor = _round_to_places(statute, "factor_places", Fraction(sample.lines, sample.drawn))
    weight = factor * factor - factor
    uncorrected = _round_step(statute, "valid", rate * sample.lines)
    repeats = _round_step(statute, "repeats", weight * sum(sample.copies))
    return {
        "valid_rate": rate,
        "uncorrected_valid": uncorrected,
        "factor_A": factor,
        "weight_B": weight,
        "duplicate_estimate": repeats,
        "projected_valid": uncorrected - repeats,
        "compared": uncorrected - repeats,
    }


def _both_deductions(statute: Bundle, sample: CheckedSample) -> Numbers:
    good = Fraction(sample.valid, sample.drawn)
    projected = (sample.lines - sample.drawn + sample.valid) * good
    return {"projected_valid": projected, "compared": _round_step(statute, "valid", projected)}


def _acceptance(statute: Bundle, sample: CheckedSample, required: int) -> Numbers:
    pairs, invalid = sum(sample.copies), sample.drawn - sample.counted
    with localcontext(prec=60):
        z = _decimal(law.exact(law.value(statute, "projection", "quantile")))
        blown_up = Decimal(sample.lines) / sample.drawn
        allowance = blown_up * (invalid + 3 * Decimal(invalid).sqrt() / 2)
        expected = (sample.lines - required - allowance) / blown_up**2
        acceptable = expected - z * expected.sqrt() if expected > 0 else Decimal(-1)
        bearing = ((z + (z**2 + 4 * pairs).sqrt()) / 2) ** 2
        met = sample.lines - allowance - bearing * blown_up**2
    error = Fraction(invalid, sample.drawn) + Fraction(pairs * sample.lines, sample.drawn**2)
    return {
        "error_rate": error,
        "invalid_allowance": allowance,
        "acceptable_pairs": acceptable,
        "pairs": Fraction(pairs),
        "compared": met,
    }


def _assumed_repeats(statute: Bundle, sample: CheckedSample) -> Numbers:
    with localcontext(prec=60):
        z = _decimal(law.exact(law.value(statute, "projection", "quantile")))
        assumed = _decimal(law.exact(law.value(statute, "projection", "assumed_repeats")))
        share = Decimal(sample.counted) / sample.drawn
        margin = z * (share * (1 - share) / sample.drawn).sqrt()
        projected = sample.lines * (share - margin - assumed)
    return {"margin": margin, "projected_valid": projected, "compared": projected}


def _pairs_with_error(statute: Bundle, sample: CheckedSample) -> Numbers:
    k, pairs = Fraction(sample.lines, sample.drawn), _pairs(sample)
    good = Fraction(sample.counted, sample.drawn)
    estimate = k * sample.counted - (k * k - k) * pairs
    unseen = Fraction(sample.lines - sample.drawn, sample.lines)
    variance = (k * k - k) ** 2 * pairs + sample.lines**2 * good * (1 - good) * unseen / (
        sample.drawn
    )
    with localcontext(prec=60):
        z = _decimal(law.exact(law.value(statute, "projection", "quantile")))
        error = _decimal(variance).sqrt()
        upper = _decimal(estimate) + z * error
    return {
        "valid_distinct_in_sample": Fraction(sample.valid),
        "best_estimate": estimate,
        "standard_error": error,
        "upper_bound": upper,
        "compared": upper,
    }


def _exact_bound(statute: Bundle, sample: CheckedSample) -> Numbers:
    level = law.exact(law.value(statute, "projection", "level"))
    bound = Fraction(lower_bound(sample.lines, sample.drawn, sample.valid, level))
    projected = _round_step(statute, "valid", Fraction(sample.lines * sample.valid, sample.drawn))
    return {"projected_valid": projected, "lower_bound": bound, "compared": bound}


def _interval(statute: Bundle, sample: CheckedSample) -> Numbers:
    margin = law.exact(law.value(statute, "projection", "margin"))
    middle = Fraction(sample.lines * sample.valid, sample.drawn)
    lower, upper = middle - sample.lines * margin, middle + sample.lines * margin
    return {"lower": lower, "upper": upper, "compared": upper}


def _goodman_linear(sample: CheckedSample) -> Fraction:
    """Sum of (1 - (1 - k)^j) e_j."""
    k = Fraction(sample.lines, sample.drawn)
    seen = ((sample.exactly(j), j) for j in sample.times)
    terms = (number * (1 - (1 - k) ** j) for number, j in seen if number)
    return sum(terms, Fraction(0))


def _pairs(sample: CheckedSample) -> int:
    return sum(comb(j, 2) * sample.exactly(j) for j in sample.times)


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)
