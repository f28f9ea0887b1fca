"""Cards of cast vote records, one by one: what each holds, and what it should hold and does not."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from referendum.core.errors import InputError
from referendum.count.cast_vote_records.questions import Meaning, Questions

Vote = Literal["yes", "no", "blank", "several", "other", "missing"]
"""`other`: for a write-in line, or not to be counted; `missing`: the record does not say."""

CARDS = pl.Schema(
    {name: pl.String() for name in ("card", "kind", "device", "batch", "question", "vote")}
    | {"certain": pl.Boolean()}
)
"""One row for each card and question: who scanned it, in which batch, and the vote.

`card` is what is printed on it, null where the export does not say. `certain` is false where the
record does not say whether the card has the question at all.
"""


@dataclass(frozen=True, slots=True)
class Card:
    """One record of a card.

    Attributes:
        where: file and record, for errors.
        name: what is printed on the card, if the export says.
        number: its place in the batch, if the export says.
        style: ballot style, and `sheet` which sheet of the ballot; empty where not known.
        votes: by contest; None for contests that are no question.
        is_complete: false where parts of the record are redacted.
    """

    where: str
    kind: str
    device: str
    batch: str
    name: str | None
    number: int | None
    style: str
    sheet: str
    votes: Mapping[str, Vote | None]
    is_complete: bool = True


@dataclass(frozen=True)
class CastVoteRecords:
    """What came of reading cast vote records.

    Attributes:
        cards: columns of `CARDS`; through each batch in the order of their numbers.
        notes: what a person has to know of how they were read.
    """

    cards: pl.DataFrame
    notes: tuple[str, ...] = ()


@dataclass
class Register:
    """What has come so far: each record and each printed name once, over all files."""

    places: dict[tuple[str, ...], str] = field(default_factory=dict)

    def enter(self, key: tuple[str, ...], what: str, where: str) -> None:
        """Enter a record.

        Raises:
            InputError: it was entered before; both places are named.
        """
        before = self.places.setdefault(key, where)
        if before is not where:
            raise InputError(
                f"{what} comes twice: before in {before}",
                where=where,
                hint="name each file once; a card has one record",
            )


def vote_from_marks(marks: Iterable[tuple[str, Meaning, int]]) -> Vote:
    """Give the vote of the marks that count: option, what it means, and its rank.

    Of ranked options the first preference is the vote.
    """
    counted = set(marks)
    first = min((rank for _, _, rank in counted), default=0)
    options = {option: meaning for option, meaning, rank in counted if rank == first}
    if len(options) > 1:
        return "several"
    return next(iter(options.values()), "blank")


def assemble_records(
    cards: Sequence[Card],
    questions: Questions,
    notes: Iterable[str],
    styles: Mapping[str, Collection[str]] | None = None,
) -> CastVoteRecords:
    """Put cards in the order of their batches, and add what their records should hold.

    A record without the contest, though other cards of its ballot style that share a contest with
    it have it, or a record without contests, stays in the number of cards as `missing`.

    Args:
        cards: as they were read.
        questions: which contests are questions.
        notes: of how they were read.
        styles: the contests of each ballot style, where the export says.
    """
    # Where numbers are hidden the order of the files is all there is.
    ordered = sorted(cards, key=lambda one: (one.number is None, one.number or 0))
    expected = _ExpectedQuestions(ordered, questions.meanings, styles or {})
    rows = [
        (card.name, card.kind, card.device, card.batch, questions.names[id_], vote, certain)
        for card in ordered
        for id_, vote, certain in _votes(card, expected)
    ]
    frame = pl.DataFrame(rows, schema=CARDS, orient="row")
    return CastVoteRecords(frame, (*notes, *_notes_on_missing_votes(frame)))


def _votes(card: Card, expected: "_ExpectedQuestions") -> Iterator[tuple[str, Vote, bool]]:
    for id_, vote in card.votes.items():
        if vote is not None:
            yield id_, vote, True
    for id_, certain in expected.questions_of(card).items():
        if id_ not in card.votes:
            yield id_, "missing", certain


def _notes_on_missing_votes(cards: pl.DataFrame) -> Iterator[str]:
    missing = cards.filter(pl.col("vote") == "missing")
    for what, rows in (
        ("cards whose record does not say how they are marked", missing),
        ("of these, not known whether they have the question", missing.filter(~pl.col("certain"))),
    ):
        sums = rows.group_by("question").len().sort("question").iter_rows()
        if counts := "; ".join(f"{question}: {number:,}" for question, number in sums):
            yield f"{what}: {counts}"


class _ExpectedQuestions:
    """Which questions a card should have, from the other cards."""

    def __init__(
        self, cards: Sequence[Card], names: Collection[str], styles: Mapping[str, Collection[str]]
    ) -> None:
        self._names = dict.fromkeys(names)
        self._styles = styles
        self._together: dict[str, dict[str, set[str]]] = defaultdict(dict)
        self._on_sheet: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._in_style: dict[str, set[str]] = defaultdict(set)
        self._in_box: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._on_cards: set[str] = set()
        distinct: dict[tuple[str, str, str, str, str, tuple[str, ...]], Card] = {}
        for card in cards:
            key = (card.kind, card.device, card.batch, card.style, card.sheet, (*card.votes,))
            distinct.setdefault(key, card)
        for card in distinct.values():
            if card.votes:
                self._learn(card)

    def _learn(self, card: Card) -> None:
        held = [id_ for id_ in card.votes if id_ in self._names]
        self._on_cards.update(held)
        self._in_box[card.kind, card.device, card.batch].update(held)
        if card.sheet:
            self._on_sheet[card.style, card.sheet].update(held)
            self._on_sheet["", card.sheet].update(held)
        if card.style:
            self._in_style[card.style].update(held)
            sheets = self._together[card.style]
            whole = set(card.votes).union(*(sheets[id_] for id_ in card.votes if id_ in sheets))
            sheets.update(dict.fromkeys(whole, whole))

    def questions_of(self, card: Card) -> dict[str, bool]:
        """Give the questions that a card should have, and whether that is certain."""
        if card.votes and card.is_complete:
            sheets = self._together.get(card.style, {})
            shared = next((sheets[id_] for id_ in card.votes if id_ in sheets), set())
            return {id_: True for id_ in self._names if id_ in shared}
        known = self._on_sheet.get((card.style, card.sheet)) if card.sheet else None
        if known is not None:
            return {id_: True for id_ in self._names if id_ in known}
        box = self._in_box.get((card.kind, card.device, card.batch), set())
        may = (
            (self._on_sheet.get(("", card.sheet)) if card.sheet else None)
            or self._styles.get(card.style)
            or self._in_style.get(card.style, set()) | box
            or self._on_cards
            or self._names
        )
        return {id_: len(self._names) == 1 for id_ in self._names if id_ in may}


MARK_NOTES = {
    "ranked": "votes of ranked options, of which the first preference is read: {:,}",
    "write-in": "votes for a write-in line, which count for neither answer: {:,}",
}
"""What a person has to know of marks, whoever's export they stand in."""


def format_notes(counts: Counter[str], texts: Mapping[str, str]) -> Iterator[str]:
    """Say how often each thing was met that a person has to know of; nothing of what was not."""
    for what, text in texts.items():
        if counts[what]:
            yield text.format(counts[what])


def forms_of_cards(cards: pl.DataFrame, region: str) -> pl.DataFrame:
    """Add up cards to forms, one for each question, kind, device (district) and batch (place).

    Args:
        cards: columns of `CARDS`.
        region: what the forms say as region.

    Returns:
        Columns `question`, `kind`, `region`, `district`, `place`, `yes`, `no`, `blank`,
        `several_marks`, `other` (with the cards whose record does not say what is on them),
        `informal`, `total`.
    """
    questions_of = {"yes": ["yes"], "no": ["no"], "blank": ["blank"], "several_marks": ["several"],
          "other": ["other", "missing"]}  # fmt: skip
    counts = [pl.col("vote").is_in(votes).sum().alias(name) for name, votes in questions_of.items()]
    placed, key = _with_places(cards, region), ["question", "kind", "region", "district", "place"]
    sums = placed.group_by(key).agg(*counts, total=pl.len()).sort(key)
    informal = pl.sum_horizontal("blank", "several_marks", "other").alias("informal")
    return sums.select(*key, *questions_of, informal, "total")


def records_of_cards(cards: pl.DataFrame, region: str) -> pl.DataFrame:
    """Give the record of every card, numbered through each batch.

    Args:
        cards: columns of `CARDS`.
        region: of all.

    Returns:
        Columns `question`, `kind`, `region`, `district`, `place`, `card` (from 1), `mark` (`yes`,
        `no`, `missing`, or `blank` for whatever counts for neither), `imprint`, `certain`.
    """
    key = ["question", "kind", "region", "district", "place"]
    return _with_places(cards, region).select(
        *key,
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(key).alias("card"),
        pl.col("vote").replace(["several", "other"], "blank").alias("mark"),
        pl.col("card").alias("imprint"),
        "certain",
    )


def _with_places(cards: pl.DataFrame, region: str) -> pl.DataFrame:
    """Take the device of a card as its district, and the batch as its place."""
    return cards.with_columns(
        pl.lit(region).alias("region"),
        pl.col("device").replace("", "all").alias("district"),
        pl.col("batch").replace("", "all").alias("place"),
    )
