"""The samples of an audit: which boxes each is drawn from, and how questions share its cards.

A sample answers for the claims of a question about the whole or a region; in a stratified audit,
for one stratum of that. Questions on common ballots are drawn by one sequence of cards, and each
takes from it the first that carry it: so they share as many cards as they can, and each has a
simple random sample of its own cards (consistent sampling: Rivest, "Consistent sampling with
replacement", 2018; here without replacement).
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from referendum.audit.assertions import WHOLE
from referendum.audit.samplers import rivest
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
        questions: whose claims it answers for; one, but where whole boxes are counted.
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

    def of(self, boxes: Iterable[Box]) -> list[Box]:
        """Give its boxes."""
        return [box for box in boxes if self.has(box)]

    def has(self, box: Box) -> bool:
        """Whether the cards of a box may be drawn for it."""
        return (
            box.question in self.questions
            and self.scope in {WHOLE, box.place[0]}
            and (not self.stratum or box.kind in self.stratum)
        )


def samples_of(
    scopes: Sequence[tuple[str, str]],
    boxes: Sequence[Box],
    *,
    strata: Sequence[tuple[str, ...]] = ((),),
    together: bool = False,
) -> list[Sample]:
    """Give the samples that claims need, by scope, then stratum, then question.

    Args:
        scopes: question and scope of each claim.
        boxes: of all questions.
        strata: kinds of vote that are drawn separately; one empty stratum has all.
        together: a sample is of all questions, as where whole boxes of common ballots are counted.
    """
    several = len({question for question, _ in scopes}) > 1
    found = []
    for scope in sorted({scope for _, scope in scopes}):
        asked = sorted({question for question, one in scopes if one == scope})
        found += [
            Sample(questions, scope, stratum, questions if several and not together else ())
            for stratum in strata
            for questions in ([tuple(asked)] if together else [(one,) for one in asked])
        ]
    return [one for one in found if any(box.cards for box in one.of(boxes))]


@dataclass(frozen=True)
class Wanted:
    """How many cards a sample needs, and those that it has.

    Attributes:
        sample: that is drawn.
        size: cards to draw.
        taken: cards that it drew in earlier rounds.
    """

    sample: Sample
    size: int
    taken: Collection[Card] = ()


def draw_cards(seed: str, boxes: Sequence[Box], wanted: Sequence[Wanted]) -> list[list[Card]]:
    """Draw the cards of samples that share a sequence.

    The cards of all boxes of the samples are numbered from 0, box after box. Each sample takes the
    first numbers of `rivest(seed)` that are of its boxes and that it did not take before.

    Args:
        seed: public, with the group's name.
        boxes: in the order of the returns; one that is there for several questions counts once.
        wanted: samples of one group.

    Returns:
        The cards of each, in the order in which they are drawn.

    Raises:
        InputError: a sample has fewer cards left than are to be drawn.
    """
    sizes: dict[Place, int] = {}
    for box in boxes:
        if any(one.sample.has(box) for one in wanted):
            sizes.setdefault(box.place, box.cards)
    places, ends = list(sizes), list(accumulate(sizes.values()))
    pools = [_Pool(one, boxes) for one in wanted]
    open_ = [pool for pool in pools if pool.left]
    if open_:
        for number in rivest(seed, 0, ends[-1] - 1):
            at = bisect_right(ends, number)
            card = places[at], number - (ends[at] - sizes[places[at]]) + 1
            for pool in open_:
                pool.offer(card)
            open_ = [pool for pool in open_ if pool.left]
            if not open_:
                break
    return [pool.drawn for pool in pools]


class _Pool:
    """The cards of a sample while it is drawn."""

    def __init__(self, wanted: Wanted, boxes: Sequence[Box]) -> None:
        own = wanted.sample.of(boxes)
        self._places = {box.place for box in own}
        self._seen = set(wanted.taken)
        self._size = wanted.size
        self.drawn: list[Card] = []
        cards = sum(box.cards for box in own)
        if len(self._seen) + wanted.size > cards:
            raise InputError(
                f"{wanted.size:,} more cards cannot be drawn of the {cards:,} of"
                f" {wanted.sample.name}",
                hint="count every ballot of it",
            )

    @property
    def left(self) -> int:
        return self._size - len(self.drawn)

    def offer(self, card: Card) -> None:
        if card[0] in self._places and card not in self._seen:
            self._seen.add(card)
            self.drawn.append(card)
