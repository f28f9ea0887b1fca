"""Cards drawn for several questions at once, and the list by which they are pulled.

Every card has one ticket under the seed (`core.draws`), whatever is asked of it; the sample of a
question is its cards with the smallest tickets. So questions share as many cards as they can, and
a larger sample contains the smaller one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from referendum.core.draws import draw
from referendum.core.errors import InputError


@dataclass(frozen=True)
class Box:
    """A box of the list of boxes.

    Attributes:
        name: as on the box.
        cards: how many cards are in it.
        questions: what its cards ask.
    """

    name: str
    cards: int
    questions: frozenset[str]


@dataclass(frozen=True)
class Pull:
    """A card to be pulled.

    Attributes:
        box: the name of its box.
        position: its place in the box, from 1.
        questions: those whose samples it is in, in alphabetical order.
        ticket: its ticket under the seed.
    """

    box: str
    position: int
    questions: tuple[str, ...]
    ticket: str


def pull_list(boxes: Sequence[Box], sizes: Mapping[str, int], seed: str) -> list[Pull]:
    """Draw the cards of every question and list them by box and position.

    Cards are numbered from 1 through the boxes in the order of the list; the ticket of a card is
    that of its number.

    Args:
        boxes: the list of boxes, fixed before the seed was drawn.
        sizes: how many cards each question needs.
        seed: public.

    Raises:
        InputError: a question is not asked in any box, or has fewer cards than are to be drawn.
    """
    places: dict[int, tuple[str, int]] = {}
    asked: dict[int, list[str]] = {}
    tickets: dict[int, str] = {}
    for question in sorted(sizes):
        universe = _universe(boxes, question)
        if sizes[question] > len(universe):
            raise InputError(
                f"{sizes[question]:,} cards of {question} are to be drawn of {len(universe):,}",
                hint="count every ballot of it",
            )
        for ticket, serial in draw(seed, universe, sizes[question]):
            places[serial] = universe[serial]
            asked.setdefault(serial, []).append(question)
            tickets[serial] = ticket
    return [Pull(*places[n], tuple(asked[n]), tickets[n]) for n in sorted(places)]


def _universe(boxes: Sequence[Box], question: str) -> dict[int, tuple[str, int]]:
    """Give the box and position of every card that asks a question, by its number."""
    places, before = {}, 0
    for box in boxes:
        if question in box.questions:
            for position in range(1, box.cards + 1):
                places[before + position] = (box.name, position)
        before += box.cards
    return places
