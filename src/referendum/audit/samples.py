"""The samples of an audit: which boxes each is drawn from, and how questions share its cards.

A sample answers for the assertions of a question about the whole or a region; in a stratified
audit, for one stratum of that. Questions on common ballots are drawn by one sequence of cards, and
each takes from it the first that carry it: so they share as many cards as they can, and each has a
simple random sample of its own cards (consistent sampling: Rivest, "Consistent sampling with
replacement", 2018; here without replacement).
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from referendum.audit.assertions import WHOLE
from referendum.audit.samplers import rivest_numbers
from referendum.core.errors import InputError
from referendum.law import Tally

Place = tuple[str, str, str]
"""Region, district and polling place: what names a box."""
Card = tuple[Place, int]
"""A card: its box, and its place in it from 1."""


@dataclass(frozen=True)
class Box:
    """What was returned of a box for one question.

    Attributes:
        question: that its cards ask.
        kind: of vote.
        place: that names it.
        tally: votes.
        cards: ballots in it.
    """

    question: str
    kind: str
    place: Place
    tally: Tally
    cards: int


@dataclass(frozen=True)
class Sample:
    """A sample that is drawn, and what it is drawn from.

    Attributes:
        questions: whose assertions it answers for; one, but where whole boxes are counted.
        scope: the whole, or a region.
        stratum: kinds of vote; empty if all.
        named: the questions whose name is part of the sample's; none where there is but one.
    """

    questions: tuple[str, ...]
    scope: str
    stratum: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """Samples of one group are drawn by one sequence."""
        parts = [self.scope] if self.scope != WHOLE else []
        return "/".join([*parts, *(["+".join(self.stratum)] if self.stratum else [])]) or WHOLE

    @property
    def name(self) -> str:
        """What it is called: question, region and kinds of vote, as far as there are several."""
        rest = [] if self.group == WHOLE and self.named else [self.group]
        return "/".join([*self.named, *rest])

    def boxes_among(self, boxes: Iterable[Box]) -> list[Box]:
        """Give its boxes."""
        return [box for box in boxes if self.covers(box)]

    def covers(self, box: Box) -> bool:
        """Whether the cards of a box may be drawn for it."""
        return (
            box.question in self.questions
            and self.scope in {WHOLE, box.place[0]}
            and (not self.stratum or box.kind in self.stratum)
        )


def plan_samples(
    scopes: Sequence[tuple[str, str]],
    boxes: Sequence[Box],
    *,
    strata: Sequence[tuple[str, ...]] = ((),),
    jointly: bool = False,
) -> list[Sample]:
    """Give the samples that assertions need, by scope, then stratum, then question.

    Args:
        scopes: question and scope of each assertion.
        boxes: of all questions.
        strata: kinds of vote that are drawn separately; one empty stratum has all.
        jointly: a sample is of all questions, as where whole boxes of common ballots are counted.
    """
    several = len({question for question, _ in scopes}) > 1
    found = []
    for scope in sorted({scope for _, scope in scopes}):
        asked = sorted({question for question, one in scopes if one == scope})
        found += [
            Sample(questions, scope, stratum, questions if several and not jointly else ())
            for stratum in strata
            for questions in ([tuple(asked)] if jointly else [(one,) for one in asked])
        ]
    return [one for one in found if any(box.cards for box in one.boxes_among(boxes))]


@dataclass(frozen=True)
class SampleRequest:
    """How many cards a sample needs, and those that it has.

    Attributes:
        sample: that is drawn.
        size: cards to draw.
        taken: cards that it drew in earlier rounds.
    """

    sample: Sample
    size: int
    taken: Collection[Card] = ()


def draw_cards(
    seed: str, boxes: Sequence[Box], requests: Sequence[SampleRequest]
) -> list[list[Card]]:
    """Draw the cards of samples that share a sequence.

    The cards of all boxes of the samples are numbered from 0, box after box. Each sample takes the
    first numbers of `rivest(seed)` that are of its boxes and that it did not take before.

    Args:
        seed: public, with the group's name.
        boxes: in the order of the returns; one that is there for several questions counts once.
        requests: samples of one group.

    Returns:
        The cards of each, in the order in which they are drawn.

    Raises:
        InputError: a sample has fewer cards left than are to be drawn.
    """
    sizes: dict[Place, int] = {}
    for box in boxes:
        if any(one.sample.covers(box) for one in requests):
            sizes.setdefault(box.place, box.cards)
    places, ends = list(sizes), list(accumulate(sizes.values()))
    draws = [_SampleDraw(one, boxes) for one in requests]
    unfinished = [draw for draw in draws if draw.remaining]
    if unfinished:
        for number in rivest_numbers(seed, 0, ends[-1] - 1):
            at = bisect_right(ends, number)
            card = places[at], number - (ends[at] - sizes[places[at]]) + 1
            for draw in unfinished:
                draw.offer(card)
            unfinished = [draw for draw in unfinished if draw.remaining]
            if not unfinished:
                break
    return [draw.drawn for draw in draws]


class _SampleDraw:
    """The cards of a sample while it is drawn."""

    def __init__(self, requests: SampleRequest, boxes: Sequence[Box]) -> None:
        own = requests.sample.boxes_among(boxes)
        self._places = {box.place for box in own}
        self._drawn_before = set(requests.taken)
        self._size = requests.size
        self.drawn: list[Card] = []
        cards = sum(box.cards for box in own)
        if len(self._drawn_before) + requests.size > cards:
            raise InputError(
                f"{requests.size:,} more cards cannot be drawn of the {cards:,} of"
                f" {requests.sample.name}",
                hint="count every ballot of it",
            )

    @property
    def remaining(self) -> int:
        return self._size - len(self.drawn)

    def offer(self, card: Card) -> None:
        if card[0] in self._places and card not in self._drawn_before:
            self._drawn_before.add(card)
            self.drawn.append(card)
