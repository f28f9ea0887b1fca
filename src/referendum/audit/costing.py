"""What each kind of audit of a claim would take: boxes, cards and people-hours, by simulation.

Small errors are a made-up truth beside the report: of the cards that are best for the claim, some
are truly blank (one-vote errors) and some truly the worst that a card can be (two-vote errors).
Every method faces the same truth, box by box. An audit that never confirms is a full count.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from referendum.audit.assertions import Assertion
from referendum.audit.assorters import MARKS
from referendum.audit.batches import draws_needed
from referendum.audit.oneaudit import MOST
from referendum.audit.simulation import Polling, compare_many, poll
from referendum.audit.sizes import kelly
from referendum.core.errors import InputError

Method = Literal["ballot polling", "batch comparison", "card comparison", "ONEAudit", "full count"]
METHODS: tuple[Method, ...] = (
    "ballot polling",
    "batch comparison",
    "card comparison",
    "ONEAudit",
    "full count",
)
Floats = NDArray[np.float64]
Marked = NDArray[np.int64]
"""Cards of each box (row) by what they show, in the order of `MARKS`."""
Simulation = Callable[[int], NDArray[np.int64]]
"""Simulates so many audits, and gives the cards of each."""

_BLANK = MARKS.index("blank")
STEPS = 400_000_000
"""Simulated cards of one method and scenario at most; fewer audits are simulated beyond."""
FEWEST = 25
LONGEST = 8
"""Batch comparison goes over to a full count after so many times the draws without errors."""


@dataclass(frozen=True)
class Rates:
    """What the work takes; the defaults are round figures, no office's own.

    Attributes:
        box: minutes to fetch, open and close one box.
        card: minutes to find and read one card in a box.
        counted: minutes for each card of a box that is counted as a whole.
        people: who do it together.
    """

    box: float = 10.0
    card: float = 2.0
    counted: float = 0.1
    people: int = 2

    def __post_init__(self) -> None:
        """Refuse rates that are none.

        Raises:
            InputError: a number of minutes is negative, or there are no people.
        """
        if not min(self.box, self.card, self.counted) >= 0 or self.people < 1:
            raise InputError("minutes are 0 or more, and at least one person works")


@dataclass(frozen=True)
class Errors:
    """Shares of the cards that the report has wrong, in favour of the claim.

    Attributes:
        one_vote: truly blank.
        two_votes: truly what is worst for the claim.
    """

    one_vote: float = 0.001
    two_votes: float = 0.0001

    def __post_init__(self) -> None:
        """Refuse shares that are none.

        Raises:
            InputError: one is negative, or both together are 1 or more.
        """
        if not (min(self.one_vote, self.two_votes) >= 0 and self.one_vote + self.two_votes < 1):
            raise InputError("error rates are shares of the cards, such as 0.001")


@dataclass(frozen=True)
class Spread:
    """Mean and 90th percentile over the simulated audits, in whole units."""

    mean: int
    high: int

    @classmethod
    def of(cls, values: Floats) -> "Spread":
        """Take both of one number per audit."""
        return cls(round(float(values.mean())), round(float(np.quantile(values, 0.9))))


@dataclass(frozen=True)
class Runs:
    """Simulated audits: for each, boxes opened, cards looked at, and people-hours."""

    boxes: Floats
    cards: Floats
    hours: Floats


@dataclass(frozen=True)
class Effort:
    """What an audit takes."""

    boxes: Spread
    cards: Spread
    hours: Spread

    @classmethod
    def of(cls, runs: Runs) -> "Effort":
        """Sum simulated audits up."""
        return cls(Spread.of(runs.boxes), Spread.of(runs.cards), Spread.of(runs.hours))


@dataclass(frozen=True)
class Setting:
    """What a simulation runs under."""

    risk_limit: Fraction
    rates: Rates
    errors: Errors
    runs: int
    seed: int


class Costing:
    """The audits of one claim over the boxes of its scope.

    Args:
        claim: to be shown.
        reported: cards of each box by mark.
        setting: risk limit, rates, errors, audits and seed.
    """

    def __init__(self, claim: Assertion, reported: Marked, setting: Setting) -> None:
        """Make up the truth with small errors, box by box."""
        self.claim, self.reported, self.setting = claim, reported, setting
        self.sizes = reported.sum(axis=1)
        self.cards = int(self.sizes.sum())
        self.worths = np.array([float(claim.assorter.of(mark)) for mark in MARKS])
        self.upper, self.margin = float(claim.assorter.upper), float(claim.margin)
        self.best, self.worst = int(self.worths.argmax()), int(self.worths.argmin())
        self.actual, self.wrong = self._with_errors()

    def _with_errors(self) -> tuple[Marked, tuple[int, int]]:
        chance = np.random.default_rng(self.setting.seed)
        errors, actual = self.setting.errors, self.reported.copy()
        numbers = []
        for rate, truly in ((errors.two_votes, self.worst), (errors.one_vote, _BLANK)):
            moved = np.minimum(chance.binomial(self.sizes, rate), actual[:, self.best])
            actual[:, self.best] -= moved
            actual[:, truly] += moved
            numbers.append(int(moved.sum()))
        return actual, (numbers[1], numbers[0])

    def runs(self, method: Method, *, errors: bool) -> Runs:
        """Simulate audits by a method, with the report right or with small errors."""
        if method == "full count":
            return self._counted(np.full(self.setting.runs, len(self.sizes)), self.cards)
        if method == "batch comparison":
            return self._batches(self.actual if errors else self.reported)
        try:
            found = self._single(method, errors=errors)
        except InputError:  # no bet grows: the errors leave nothing of the margin
            return self.runs("full count", errors=errors)
        ended = found <= self.cards
        cards = np.where(ended, found, self.cards).astype(float)
        boxes = self._opened(cards)
        rates = self.setting.rates
        each = np.where(ended, rates.card, rates.counted)
        hours = rates.people * (boxes * rates.box + cards * each) / 60
        return Runs(boxes, cards, hours)

    def _counted(self, boxes: NDArray[np.int64], cards: Floats | int) -> Runs:
        rates = self.setting.rates
        opened, seen = boxes.astype(float), np.broadcast_to(np.asarray(cards, float), boxes.shape)
        return Runs(opened, seen, rates.people * (opened * rates.box + seen * rates.counted) / 60)

    def _single(self, method: Method, *, errors: bool) -> NDArray[np.int64]:
        """Give the cards of each audit that pulls them one by one."""
        if method == "ballot polling":
            truth = (self.actual if errors else self.reported).sum(axis=0)
            counts = {str(mark): int(n) for mark, n in zip(MARKS, truth, strict=True)}
            test = Polling(float(self.claim.mean))
            return self._enough(
                lambda runs: poll(
                    self.claim.assorter, counts, test, float(self.setting.risk_limit),
                    runs=runs, seed=self.setting.seed,
                )
            )  # fmt: skip
        worths, counted, stakes = (
            self._with_records(errors=errors)
            if method == "card comparison"
            else self._with_pools(errors=errors)
        )
        return self._enough(
            lambda runs: compare_many(
                worths, counted, stakes, float(self.setting.risk_limit),
                runs=runs, seed=self.setting.seed,
            )
        )  # fmt: skip

    def _enough(self, simulate: Simulation) -> NDArray[np.int64]:
        """Simulate a few audits, then as many as are asked for unless they are too long."""
        few = simulate(min(FEWEST, self.setting.runs))
        runs = min(self.setting.runs, max(len(few), int(STEPS / max(1.0, float(few.mean())))))
        return np.resize(few if runs == len(few) else simulate(runs), self.setting.runs)

    def _compared(self, reported: Floats, audited: Floats) -> Floats:
        """Give the worth of compared cards (SHANGRLA, section 3.2)."""
        return (self.upper - reported + audited) / (2 * self.upper - self.margin)

    def _with_records(self, *, errors: bool) -> tuple[Floats, Marked, Floats]:
        best = self.worths[self.best]
        audited = np.array([best, self.worths[_BLANK], self.worths[self.worst]])
        worths = self._compared(best, audited)
        declared = self.setting.errors
        one, two = declared.one_vote, declared.two_votes
        stake = min(kelly(worths, np.array([1 - one - two, one, two])).stake, 2 * MOST)
        wrong = self.wrong if errors else (0, 0)
        counts = np.array([self.cards - sum(wrong), *wrong], dtype=np.int64)
        return worths, counts, np.array([stake])

    def _with_pools(self, *, errors: bool) -> tuple[Floats, Marked, Floats]:
        """Give the cards of every box against the mean of the box, and half of the best bet too."""
        means = self.reported @ self.worths / np.maximum(self.sizes, 1)
        worths = self._compared(means[:, None], self.worths[None, :]).ravel()
        stake = min(kelly(worths, self.reported.ravel() / self.cards).stake, 2 * MOST)
        counts = (self.actual if errors else self.reported).ravel()
        return worths, counts, np.array([stake, stake / 2])

    def _opened(self, cards: Floats) -> Floats:
        """Give the boxes that a random sample of so many cards comes from, on average."""
        sizes, number = np.unique(self.sizes, return_counts=True)
        different, back = np.unique(cards, return_inverse=True)
        opened = [
            float(number @ (1 - np.maximum(1 - n / (self.cards - (sizes - 1) / 2), 0.0) ** sizes))
            for n in different
        ]
        return np.array(opened)[back]

    def _batches(self, truth: Marked) -> Runs:
        """Draw boxes by their bounds until Kaplan–Markov's P is at the limit."""
        room = self.cards * self.margin / 2
        bounds = self.reported @ self.worths / room
        total = float(bounds.sum())
        taints = np.maximum(
            (self.reported - truth) @ self.worths / room / np.maximum(bounds, 1e-300), 0.0
        )
        with np.errstate(divide="ignore"):
            steps = np.log1p(-1 / total) - np.log1p(-np.minimum(taints, 1.0))
        least = draws_needed(self.setting.risk_limit, Fraction(total))
        chance = np.random.default_rng(self.setting.seed)
        rows = [self._drawn(chance, bounds / total, steps, least) for _ in range(self.setting.runs)]
        boxes, cards = np.array(rows).T
        return self._counted(boxes, cards.astype(float))

    def _drawn(
        self, chance: np.random.Generator, weights: Floats, steps: Floats, least: int
    ) -> tuple[int, int]:
        """Give the boxes and the cards of one audit; all of them if it goes on too long."""
        picks = chance.choice(len(weights), size=least, p=weights)
        while True:
            goal = np.log(float(self.setting.risk_limit)) + 1e-9  # but for rounding
            done = np.flatnonzero(np.cumsum(steps[picks]) <= goal)
            if done.size:
                seen = np.unique(picks[: done[0] + 1])
                return seen.size, int(self.sizes[seen].sum())
            if picks.size >= LONGEST * least:
                return len(self.sizes), self.cards
            picks = np.append(picks, chance.choice(len(weights), size=least, p=weights))


def together(parts: Sequence[tuple[Hashable, Runs]]) -> Runs:
    """Join audits of several claims, each with what it is about: those about one share the draw.

    The claim that takes most of it decides; others have draws of their own.
    """
    joined: dict[Hashable, Runs] = {}
    for about, runs in parts:
        before = joined.get(about, runs)
        joined[about] = Runs(
            np.maximum(before.boxes, runs.boxes),
            np.maximum(before.cards, runs.cards),
            np.maximum(before.hours, runs.hours),
        )
    return Runs(
        np.sum([runs.boxes for runs in joined.values()], axis=0),
        np.sum([runs.cards for runs in joined.values()], axis=0),
        np.sum([runs.hours for runs in joined.values()], axis=0),
    )
