"""The risk of either decision after the checks so far: test supermartingales without replacement.

For "M >= R is wrong" the wealth of a gambler who bets against M <= R - 1 is followed; it is a
nonnegative supermartingale if that is so, so that it ever reaches 1/alpha with a chance of at most
alpha (Ville 1939). For "M < R is wrong" the same is done with valid and invalid exchanged. Bets:
Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting" (2024); weighted
draws without replacement and reports as control variates: Shekhar, Xu, Lipton, Liang and Ramdas,
"Risk-limiting financial audits via weighted sampling without replacement" (2023); with one class
the first two bettors are ALPHA (Stark, 2023) with a fixed and a shrunken estimate.

Decimal numbers of 50 digits, in the order that docs/record.md gives, so that every program comes
to the same wealth.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from typing import Literal

from referendum.core.errors import InputError
from referendum.sufficiency.design import Design

PRIOR_LINES = 10
"""Lines that the report of a class counts for when its true share is learned."""

FIXED_FRACTIONS = tuple(Decimal(2) ** -power for power in range(1, 7))
"""Fixed bets, as fractions of the largest one allowed."""

STAKES = (3, 6, 1, 1, 1, 1, 1, 1)
"""Fifteenths that each bettor starts with: by the reports, by what is learned, at FRACTIONS."""

LARGEST_FRACTION = Decimal("0.9375")
"""Largest fraction that a bettor who trusts an estimate stakes."""

HALVINGS = 16

ARITHMETIC = Context(prec=50, rounding=ROUND_HALF_EVEN)

Answer = Literal["sufficient", "insufficient", "check_more"]


@dataclass(frozen=True)
class Check:
    """The finding on one drawn line: its class (place in the design), and whether it is valid."""

    line_class: int
    valid: bool


@dataclass(frozen=True)
class Risk:
    """What the checks so far show.

    Attributes:
        checked: lines checked.
        valid: lines found valid.
        by_class: (checked, valid) of each class.
        sufficient: risk that "sufficient" is wrong: 1 / the largest wealth against M <= R - 1.
        insufficient: risk that "insufficient" is wrong.
        answer: the first of the two whose risk came down to its limit, or `check_more`.
        decided_at: checks after which that was so; None while it is not.
    """

    checked: int
    valid: int
    by_class: tuple[tuple[int, int], ...]
    sufficient: Decimal
    insufficient: Decimal
    answer: Answer
    decided_at: int | None


class _Market:
    """Bets on one set of reports: the payoff of the next line, and the largest stake allowed."""

    def __init__(self, reports: Sequence[Decimal]) -> None:
        self.reports = tuple(reports)
        self.expected = Decimal(0)
        self.steepest = Decimal(0)

    def set_reports(
        self, reports: Sequence[Decimal], left: Sequence[int], weights: list[int]
    ) -> None:
        """Take new reports, and what they expect of the lines that are left."""
        self.reports = tuple(reports)
        self.expected = sum((r * n for r, n in zip(reports, left, strict=True)), Decimal(0))
        steep = [r / w for r, w, n in zip(reports, weights, left, strict=True) if n]
        self.steepest = max(steep, default=Decimal(0))

    def loss(self, mass: int, room: int) -> Decimal:
        """Give the largest loss of a stake of one; it is at least `room`."""
        return self.steepest * mass + room - self.expected

    def payoff(self, line_class: int, hit: int, weight: int, mass: int, room: int) -> Decimal:
        """Give what a stake of one brings: at most 0 on average if no more than `room` are left."""
        return (hit - self.reports[line_class]) * mass / weight + self.expected - room


class _Gambler:
    """The gambler against one hypothesis: at most `room` of the lines left are hits."""

    def __init__(self, reports: Sequence[Decimal], room: int) -> None:
        self.room = room
        self.reports = tuple(reports)
        self.hits = [0] * len(reports)
        self.reported, self.learned = _Market(reports), _Market(reports)
        self.fractions = [Decimal(0), Decimal(0), *FIXED_FRACTIONS]
        self.wealth = [Decimal(stake) for stake in STAKES]
        self.peak = Decimal(1)

    def choose_bets(
        self, left: list[int], checked_by_class: list[int], weights: list[int], mass: int
    ) -> None:
        """Learn from the checks so far, and choose the fractions anew."""
        learned = [
            (PRIOR_LINES * report + hits) / (PRIOR_LINES + number)
            for report, hits, number in zip(self.reports, self.hits, checked_by_class, strict=True)
        ]
        self.reported.set_reports(self.reports, left, weights)
        self.learned.set_reports(learned, left, weights)
        for place, market in enumerate((self.reported, self.learned)):
            self.fractions[place] = _best_fraction(market, self.room, left, weights, mass)

    def place_bets(self, check: tuple[int, int], weight: int, mass: int, lines: int) -> None:
        """Settle the bets on a line: (class, whether it is a hit)."""
        line_class, hit = check
        # With no room left the next hit refutes the hypothesis, and the loss may be 0 or rounding
        # noise.
        if 0 < self.room < lines:
            for market, bettors in ((self.reported, range(1)), (self.learned, range(1, 8))):
                loss = market.loss(mass, self.room)
                gain = market.payoff(line_class, hit, weight, mass, self.room) / loss
                for bettor in bettors:
                    self.wealth[bettor] *= 1 + self.fractions[bettor] * gain
        self.room -= hit
        self.hits[line_class] += hit
        for market in (self.reported, self.learned):
            market.expected -= market.reports[line_class]
        refuted = self.room < 0
        mean_wealth = sum(self.wealth, Decimal(0)) / sum(STAKES)
        self.peak = max(self.peak, Decimal("Infinity") if refuted else mean_wealth)

    @property
    def risk(self) -> Decimal:
        """1 / the largest wealth so far; 0 once the hypothesis cannot be true."""
        return Decimal(0) if self.peak.is_infinite() else 1 / self.peak


def _best_fraction(
    market: _Market, room: int, left: list[int], weights: list[int], mass: int
) -> Decimal:
    """Give the fraction of the largest stake that makes wealth grow fastest, were the reports true.

    Kelly 1956: the root of the derivative of the expected logarithm, by halving.
    """
    if room <= 0:
        return Decimal(0)
    loss = market.loss(mass, room)
    outcomes = []
    for report, number, weight in zip(market.reports, left, weights, strict=True):
        chance = Decimal(weight * number) / mass
        low = (market.expected - room - report * mass / weight) / loss
        high = low + Decimal(mass) / weight / loss
        outcomes += [(chance * report, high), (chance * (1 - report), low)]

    def slope(fraction: Decimal) -> Decimal:
        return sum((c * gain / (1 + fraction * gain) for c, gain in outcomes), Decimal(0))

    if slope(Decimal(0)) <= 0:
        return Decimal(0)
    low, high = Decimal(0), LARGEST_FRACTION
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return low


def measure_risk(design: Design, checks: Iterable[Check]) -> Risk:
    """Measure both risks after the checks, which must be in the order of the draw.

    Args:
        design: fixed before the draw.
        checks: findings on the lines drawn so far.

    Raises:
        InputError: more lines of a class were checked than it has.
    """
    with localcontext(ARITHMETIC):
        return _follow_wealth(design, checks)


def _follow_wealth(design: Design, checks: Iterable[Check]) -> Risk:
    weights = [one.weight for one in design.classes]
    left = [one.lines for one in design.classes]
    checked_by_class = [0] * len(left)
    reports = [to_decimal(one.report) for one in design.classes]
    gamblers = (
        _Gambler(reports, design.accepted_at - 1),
        _Gambler([1 - report for report in reports], design.lines - design.refused_below),
    )
    limits = (to_decimal(design.alpha), to_decimal(design.beta))
    mass = sum(w * n for w, n in zip(weights, left, strict=True))
    settled, decided = 0, None
    for checked, check in enumerate(checks):
        if not left[check.line_class]:
            raise InputError(
                f"more lines were checked than the {design.classes[check.line_class].lines} that"
                f" are {design.classes[check.line_class].name}"
            )
        if checked >= settled:
            settled = checked + 1 + checked // 16
            for gambler in gamblers:
                gambler.choose_bets(left, checked_by_class, weights, mass)
        for gambler, hit in zip(gamblers, (check.valid, not check.valid), strict=True):
            gambler.place_bets(
                (check.line_class, int(hit)),
                weights[check.line_class],
                mass,
                design.lines - checked,
            )
        left[check.line_class] -= 1
        checked_by_class[check.line_class] += 1
        mass -= weights[check.line_class]
        decided = decided or _first_answer(gamblers, limits, checked + 1)
    return _assemble_risk(design, gamblers, checked_by_class, decided)


def _first_answer(
    gamblers: tuple[_Gambler, _Gambler], limits: tuple[Decimal, Decimal], checked: int
) -> tuple[Answer, int] | None:
    if gamblers[0].risk <= limits[0]:
        return "sufficient", checked
    return ("insufficient", checked) if gamblers[1].risk <= limits[1] else None


def _assemble_risk(
    design: Design,
    gamblers: tuple[_Gambler, _Gambler],
    checked_by_class: list[int],
    decided: tuple[Answer, int] | None,
) -> Risk:
    checked, valid = sum(checked_by_class), sum(gamblers[0].hits)
    if checked == design.lines and decided is None:
        # Every line was checked: the findings are counted, nothing is left to chance.
        enough = valid >= design.required
        decided = ("sufficient" if enough else "insufficient"), checked
    answer, at = decided or ("check_more", None)
    by_class = tuple(zip(checked_by_class, gamblers[0].hits, strict=True))
    return Risk(checked, valid, by_class, gamblers[0].risk, gamblers[1].risk, answer, at)


def to_decimal(number: Fraction) -> Decimal:
    """Write a fraction as a decimal number of the context's digits."""
    return Decimal(number.numerator) / Decimal(number.denominator)
