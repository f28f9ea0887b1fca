"""What each kind of audit of an assertion would take: boxes, cards and people-hours, by simulation.

Small errors are a made-up truth beside the report: of the cards that are best for the assertion,
some are truly blank (one-vote errors) and some truly the worst that a card can be (two-vote
errors). Every method faces the same truth, box by box. An audit that never confirms is a full
count.
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
from referendum.audit.oneaudit import LARGEST_STAKE
from referendum.audit.simulation import PollingTest, simulate_polling, simulate_pooled_comparison
from referendum.audit.sizes import kelly_bet
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
CardsByMark = NDArray[np.int64]
"""Cards of each box (row) by what they show, in the order of `MARKS`."""
Simulation = Callable[[int], NDArray[np.int64]]
"""Simulates so many audits, and gives the cards of each."""

_BLANK = MARKS.index("blank")
MOST_SIMULATED_CARDS = 400_000_000
"""Simulated cards of one method and scenario at most; fewer audits are simulated beyond."""
FEWEST_RUNS = 25
MOST_DRAWS_FACTOR = 8
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
    """Shares of the cards that the report has wrong, in favour of the assertion.

    Attributes:
        one_vote: truly blank.
        two_votes: truly what is worst for the assertion.
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
    def over(cls, values: Floats) -> "Spread":
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
    def over(cls, runs: Runs) -> "Effort":
        """Sum simulated audits up."""
        return cls(Spread.over(runs.boxes), Spread.over(runs.cards), Spread.over(runs.hours))


@dataclass(frozen=True)
class SimulationSetting:
    """What a simulation runs under."""

    risk_limit: Fraction
    rates: Rates
    errors: Errors
    runs: int
    seed: int


class Costing:
    """The audits of one assertion over the boxes of its scope.

    Args:
        assertion: to be shown.
        reported: cards of each box by mark.
        setting: risk limit, rates, errors, audits and seed.
    """

    def __init__(
        self, assertion: Assertion, reported: CardsByMark, setting: SimulationSetting
    ) -> None:
        """Make up the truth with small errors, box by box."""
        self.assertion, self.reported, self.setting = assertion, reported, setting
        self.sizes = reported.sum(axis=1)
        self.cards = int(self.sizes.sum())
        self.values = np.array([float(assertion.assorter.value(mark)) for mark in MARKS])
        self.upper, self.margin = float(assertion.assorter.upper), float(assertion.margin)
        self.best, self.worst = int(self.values.argmax()), int(self.values.argmin())
        self.actual, self.wrong = self._with_errors()

    def _with_errors(self) -> tuple[CardsByMark, tuple[int, int]]:
        chance = np.random.default_rng(self.setting.seed)
        errors, actual = self.setting.errors, self.reported.copy()
        numbers = []
        for rate, truly in ((errors.two_votes, self.worst), (errors.one_vote, _BLANK)):
            wrong = np.minimum(chance.binomial(self.sizes, rate), actual[:, self.best])
            actual[:, self.best] -= wrong
            actual[:, truly] += wrong
            numbers.append(int(wrong.sum()))
        return actual, (numbers[1], numbers[0])

    def runs(self, method: Method, *, errors: bool) -> Runs:
        """Simulate audits by a method, with the report right or with small errors."""
        if method == "full count":
            return self._count_boxes(np.full(self.setting.runs, len(self.sizes)), self.cards)
        if method == "batch comparison":
            return self._simulate_batches(self.actual if errors else self.reported)
        try:
            found = self._simulate_cards(method, errors=errors)
        except InputError:  # no bet grows: the errors leave nothing of the margin
            return self.runs("full count", errors=errors)
        ended = found <= self.cards
        cards = np.where(ended, found, self.cards).astype(float)
        boxes = self._boxes_opened(cards)
        rates = self.setting.rates
        each = np.where(ended, rates.card, rates.counted)
        hours = rates.people * (boxes * rates.box + cards * each) / 60
        return Runs(boxes, cards, hours)

    def _count_boxes(self, boxes: NDArray[np.int64], cards: Floats | int) -> Runs:
        rates = self.setting.rates
        opened, drawn = boxes.astype(float), np.broadcast_to(np.asarray(cards, float), boxes.shape)
        return Runs(opened, drawn, rates.people * (opened * rates.box + drawn * rates.counted) / 60)

    def _simulate_cards(self, method: Method, *, errors: bool) -> NDArray[np.int64]:
        """Give the cards of each audit that pulls them one by one."""
        if method == "ballot polling":
            truth = (self.actual if errors else self.reported).sum(axis=0)
            counts = {str(mark): int(n) for mark, n in zip(MARKS, truth, strict=True)}
            test = PollingTest(float(self.assertion.mean))
            return self._simulate_enough(
                lambda runs: simulate_polling(
                    self.assertion.assorter, counts, test, float(self.setting.risk_limit),
                    runs=runs, seed=self.setting.seed,
                )
            )  # fmt: skip
        values, counted, stakes = (
            self._with_records(errors=errors)
            if method == "card comparison"
            else self._with_pools(errors=errors)
        )
        return self._simulate_enough(
            lambda runs: simulate_pooled_comparison(
                values, counted, stakes, float(self.setting.risk_limit),
                runs=runs, seed=self.setting.seed,
            )
        )  # fmt: skip

    def _simulate_enough(self, simulate: Simulation) -> NDArray[np.int64]:
        """Simulate a few audits, then as many as are asked for unless they are too long."""
        few = simulate(min(FEWEST_RUNS, self.setting.runs))
        runs = min(
            self.setting.runs,
            max(len(few), int(MOST_SIMULATED_CARDS / max(1.0, float(few.mean())))),
        )
        return np.resize(few if runs == len(few) else simulate(runs), self.setting.runs)

    def _overstatement_values(self, reported: Floats, audited: Floats) -> Floats:
        """Give the value of compared cards (SHANGRLA, section 3.2)."""
        return (self.upper - reported + audited) / (2 * self.upper - self.margin)

    def _with_records(self, *, errors: bool) -> tuple[Floats, CardsByMark, Floats]:
        best = self.values[self.best]
        audited = np.array([best, self.values[_BLANK], self.values[self.worst]])
        values = self._overstatement_values(best, audited)
        declared = self.setting.errors
        one, two = declared.one_vote, declared.two_votes
        stake = min(kelly_bet(values, np.array([1 - one - two, one, two])).stake, 2 * LARGEST_STAKE)
        wrong = self.wrong if errors else (0, 0)
        counts = np.array([self.cards - sum(wrong), *wrong], dtype=np.int64)
        return values, counts, np.array([stake])

    def _with_pools(self, *, errors: bool) -> tuple[Floats, CardsByMark, Floats]:
        """Give the cards of every box against the mean of the box, and half of the best bet too."""
        means = self.reported @ self.values / np.maximum(self.sizes, 1)
        values = self._overstatement_values(means[:, None], self.values[None, :]).ravel()
        stake = min(kelly_bet(values, self.reported.ravel() / self.cards).stake, 2 * LARGEST_STAKE)
        counts = (self.actual if errors else self.reported).ravel()
        return values, counts, np.array([stake, stake / 2])

    def _boxes_opened(self, cards: Floats) -> Floats:
        """Give the boxes that a random sample of so many cards comes from, on average."""
        sizes, number = np.unique(self.sizes, return_counts=True)
        different, back = np.unique(cards, return_inverse=True)
        opened = [
            float(number @ (1 - np.maximum(1 - n / (self.cards - (sizes - 1) / 2), 0.0) ** sizes))
            for n in different
        ]
        return np.array(opened)[back]

    def _simulate_batches(self, truth: CardsByMark) -> Runs:
        """Draw boxes by their bounds until Kaplan–Markov's P is at the limit."""
        room = self.cards * self.margin / 2
        bounds = self.reported @ self.values / room
        total = float(bounds.sum())
        taints = np.maximum(
            (self.reported - truth) @ self.values / room / np.maximum(bounds, 1e-300), 0.0
        )
        with np.errstate(divide="ignore"):
            steps = np.log1p(-1 / total) - np.log1p(-np.minimum(taints, 1.0))
        least = draws_needed(self.setting.risk_limit, Fraction(total))
        chance = np.random.default_rng(self.setting.seed)
        rows = [
            self._simulate_draws(chance, bounds / total, steps, least)
            for _ in range(self.setting.runs)
        ]
        boxes, cards = np.array(rows).T
        return self._count_boxes(boxes, cards.astype(float))

    def _simulate_draws(
        self, chance: np.random.Generator, weights: Floats, steps: Floats, least: int
    ) -> tuple[int, int]:
        """Give the boxes and the cards of one audit; all of them if it goes on too long."""
        picks = chance.choice(len(weights), size=least, p=weights)
        while True:
            goal = np.log(float(self.setting.risk_limit)) + 1e-9  # but for rounding
            done = np.flatnonzero(np.cumsum(steps[picks]) <= goal)
            if done.size:
                drawn = np.unique(picks[: done[0] + 1])
                return drawn.size, int(self.sizes[drawn].sum())
            if picks.size >= MOST_DRAWS_FACTOR * least:
                return len(self.sizes), self.cards
            picks = np.append(picks, chance.choice(len(weights), size=least, p=weights))


def join_runs(parts: Sequence[tuple[Hashable, Runs]]) -> Runs:
    """Join audits of several assertions, each with what it is about.

    Those about the same share a draw, of which the one that takes most decides; others have draws
    of their own.
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
