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

PRIOR = 10
"""Lines that a class's report counts for when its true share is learned."""

FRACTIONS = tuple(Decimal(2) ** -power for power in range(1, 7))
"""Fixed bets, as fractions of the largest one allowed."""

STAKES = (3, 6, 1, 1, 1, 1, 1, 1)
"""Fifteenths that each bettor starts with: by the reports, by what is learned, at FRACTIONS."""

LARGEST = Decimal("0.9375")
"""Largest fraction that a bettor who trusts an estimate stakes."""

HALVINGS = 16

ARITHMETIC = Context(prec=50, rounding=ROUND_HALF_EVEN)

Answer = Literal["sufficient", "insufficient", "check_more"]


@dataclass(frozen=True)
class Check:
    """One drawn line in the order of the draw: its class (place in the design), what was found."""

    of: int
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

    def reopen(self, reports: Sequence[Decimal], left: Sequence[int], weights: list[int]) -> None:
        """Take new reports: what the lines that are left are expected to give."""
        self.reports = tuple(reports)
        self.expected = sum((r * n for r, n in zip(reports, left, strict=True)), Decimal(0))
        steep = [r / w for r, w, n in zip(reports, weights, left, strict=True) if n]
        self.steepest = max(steep, default=Decimal(0))

    def loss(self, mass: int, room: int) -> Decimal:
        """Give the largest loss of a stake of one; it is at least `room`."""
        return self.steepest * mass + room - self.expected

    def payoff(self, of: int, hit: int, weight: int, mass: int, room: int) -> Decimal:
        """Give what a stake of one brings: at most 0 on average if no more than `room` are left."""
        return (hit - self.reports[of]) * mass / weight + self.expected - room


class _Side:
    """The gambler against one hypothesis: at most `room` of the lines left are hits."""

    def __init__(self, reports: Sequence[Decimal], room: int) -> None:
        self.room = room
        self.reports = tuple(reports)
        self.hits = [0] * len(reports)
        self.reported, self.learned = _Market(reports), _Market(reports)
        self.fractions = [Decimal(0), Decimal(0), *FRACTIONS]
        self.wealth = [Decimal(stake) for stake in STAKES]
        self.most = Decimal(1)

    def settle(self, left: list[int], seen: list[int], weights: list[int], mass: int) -> None:
        """Learn from the checks so far, and choose the stakes anew."""
        learned = [
            (PRIOR * report + hits) / (PRIOR + number)
            for report, hits, number in zip(self.reports, self.hits, seen, strict=True)
        ]
        self.reported.reopen(self.reports, left, weights)
        self.learned.reopen(learned, left, weights)
        for place, market in enumerate((self.reported, self.learned)):
            self.fractions[place] = _best(market, self.room, left, weights, mass)

    def bet(self, check: tuple[int, int], weight: int, mass: int, lines: int) -> None:
        """Draw a line: (class, whether it is a hit)."""
        of, hit = check
        # With no room left the next hit refutes; a loss of 0 could come out as rounding noise.
        if 0 < self.room < lines:
            for market, bettors in ((self.reported, range(1)), (self.learned, range(1, 8))):
                loss = market.loss(mass, self.room)
                gain = market.payoff(of, hit, weight, mass, self.room) / loss
                for bettor in bettors:
                    self.wealth[bettor] *= 1 + self.fractions[bettor] * gain
        self.room -= hit
        self.hits[of] += hit
        for market in (self.reported, self.learned):
            market.expected -= market.reports[of]
        refuted = self.room < 0
        worth = sum(self.wealth, Decimal(0)) / sum(STAKES)
        self.most = max(self.most, Decimal("Infinity") if refuted else worth)

    @property
    def risk(self) -> Decimal:
        """1 / the largest wealth so far; 0 once the hypothesis cannot be true."""
        return Decimal(0) if self.most.is_infinite() else 1 / self.most


def _best(market: _Market, room: int, left: list[int], weights: list[int], mass: int) -> Decimal:
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
    low, high = Decimal(0), LARGEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return low


def measure(design: Design, checks: Iterable[Check]) -> Risk:
    """Measure both risks after the checks, which must be in the order of the draw.

    Args:
        design: fixed before the draw.
        checks: findings on the lines drawn so far.

    Raises:
        InputError: more lines of a class were checked than it has.
    """
    with localcontext(ARITHMETIC):
        return _measure(design, checks)


def _measure(design: Design, checks: Iterable[Check]) -> Risk:
    weights = [one.weight for one in design.classes]
    left = [one.lines for one in design.classes]
    seen = [0] * len(left)
    reports = [exact(one.report) for one in design.classes]
    sides = (
        _Side(reports, design.accepted_at - 1),
        _Side([1 - report for report in reports], design.lines - design.refused_below),
    )
    limits = (exact(design.alpha), exact(design.beta))
    mass = sum(w * n for w, n in zip(weights, left, strict=True))
    settled, decided = 0, None
    for checked, check in enumerate(checks):
        if not left[check.of]:
            raise InputError(
                f"more lines were checked than the {design.classes[check.of].lines} that are"
                f" {design.classes[check.of].name}"
            )
        if checked >= settled:
            settled = checked + 1 + checked // 16
            for side in sides:
                side.settle(left, seen, weights, mass)
        for side, hit in zip(sides, (check.valid, not check.valid), strict=True):
            side.bet((check.of, int(hit)), weights[check.of], mass, design.lines - checked)
        left[check.of] -= 1
        seen[check.of] += 1
        mass -= weights[check.of]
        decided = decided or _first(sides, limits, checked + 1)
    return _risk(design, sides, seen, decided)


def _first(
    sides: tuple[_Side, _Side], limits: tuple[Decimal, Decimal], checked: int
) -> tuple[Answer, int] | None:
    if sides[0].risk <= limits[0]:
        return "sufficient", checked
    return ("insufficient", checked) if sides[1].risk <= limits[1] else None


def _risk(
    design: Design,
    sides: tuple[_Side, _Side],
    seen: list[int],
    decided: tuple[Answer, int] | None,
) -> Risk:
    checked, valid = sum(seen), sum(sides[0].hits)
    if checked == design.lines and decided is None:
        # Every line was checked: the findings are counted, nothing is left to chance.
        enough = valid >= design.required
        decided = ("sufficient" if enough else "insufficient"), checked
    answer, at = decided or ("check_more", None)
    by_class = tuple(zip(seen, sides[0].hits, strict=True))
    return Risk(checked, valid, by_class, sides[0].risk, sides[1].risk, answer, at)


def exact(number: Fraction) -> Decimal:
    """Write a fraction as a decimal number of the context's digits."""
    return Decimal(number.numerator) / Decimal(number.denominator)
