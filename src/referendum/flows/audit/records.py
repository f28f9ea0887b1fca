"""Records of single cards, received: box by box they must add up to the returns."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from referendum.audit.assorters import MARKS
from referendum.core.errors import InputError
from referendum.core.tables import Column, Table, spell_as_known
from referendum.count import ContestChoice, records_of_cards
from referendum.flows.audit.boxes import (
    BOX_COLUMNS,
    CARD_COLUMN,
    PLACE,
    VOTES,
    audited_returns,
    box_name,
    of_one_question,
    questions_of,
    require_distinct,
    require_marks,
    require_not_in_other_parts,
    vote_rule,
)
from referendum.flows.count.cast_vote_records import read_cards, require_no_foreign_export
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
from referendum.tables.reading import read_whole_table

CARD_RECORDS = Table(
    "records of cards",
    (
        *BOX_COLUMNS,
        CARD_COLUMN,
        Column(
            "mark",
            "text",
            "`yes`, `no` or `blank`, as it was read; `missing` where the record is",
            required=True,
        ),
        Column("imprint", "text", "what is printed on the card, by which it is found"),
    ),
    key=("question", *PLACE, "card"),
)


@dataclass(frozen=True)
class CardOptions:
    """What the office says of records of cards, and who is told of them.

    Attributes:
        choice: of cast vote records: which options say yes, and which questions are left out.
        missing: boxes of which so many records were never exported: `REGION,DISTRICT,PLACE=N`.
        tell: is told what a person has to know of how cast vote records were read.
    """

    choice: ContestChoice = field(default_factory=ContestChoice)
    missing: Sequence[str] = ()
    tell: Callable[[str], object] = str


def read_records(inputs: Inputs) -> pl.DataFrame:
    """Read the records that were received, of all parts: columns of `CARD_RECORDS`."""
    parts = inputs.parts("audit_cards")
    tables = [
        from_csv(part.data("audit_cards", "cards.csv"), CARD_RECORDS.schema) for part in parts
    ]
    return pl.concat(tables).sort(CARD_RECORDS.key)


def _records_of_others(record: RecordWriter, stamp: Stamp) -> pl.DataFrame:
    """Read the records of the other parts that stand, each with its `act`."""
    none = pl.DataFrame(schema=pl.Schema([*CARD_RECORDS.schema.items(), ("act", pl.Int64())]))
    bundles = record.standings.without(stamp.corrects).bundles("audit_cards", {})
    parts = Inputs(record.bundles, {"audit_cards": bundles}).parts("audit_cards")
    tables = [
        read_records(part).with_columns(act=pl.lit(act.number, pl.Int64))
        for part in parts
        for act in record.standings.writers(part.bundles)
    ]
    return pl.concat([none, *tables])


def receive_cards(
    record: RecordWriter,
    paths: Sequence[Path],
    encoding: str,
    stamp: Stamp,
    *,
    manifests: Path | None = None,
    region: str = "all",
    fill: bool = False,
    options: CardOptions | None = None,
) -> Act:
    """Receive records of cards: of all boxes, or of some.

    Args:
        record: the record.
        paths: tables of `CARD_RECORDS` (CSV, Parquet); or cast vote records in JSON, Dominion's
            where `manifests` are given, else NIST SP 1500-103.
        encoding: of CSV files.
        stamp: of the act.
        manifests: folder with Dominion's manifests.
        region: of the boxes of cast vote records; their district is the device, their place the
            batch.
        fill: declare the records that a box lacks as missing, all where it has none.
        options: what the office says of the records.

    Raises:
        InputError: a card or an imprint comes twice, here or in another part, or a box has more
            or fewer records than ballots, or others than it reported.
    """
    record.require_allowed("audit.cards", stamp)
    inputs = record.find_inputs("audit.cards", {}, stamp)
    returns = audited_returns(inputs)
    chosen = options or CardOptions()
    if any(path.suffix == ".json" for path in paths):
        cards = _read_cast_vote_records(paths, manifests, region, returns, chosen)
    else:
        cards = _read_tables(paths, encoding)
    where = ", ".join(map(str, paths))
    others = _records_of_others(record, stamp)
    cards = _require_distinct_cards(cards, others, questions_of(returns), where)
    for box in chosen.missing:
        cards = pl.concat([cards, _declared_missing(box, cards, returns)])
    if fill:
        others_lack = returns.join(others, on=["question", *PLACE], how="anti")
        cards = _fill_missing(cards, others_lack, chosen)
    cards = cards.sort(CARD_RECORDS.key)
    _require_sums(cards, returns, where)
    facts = {
        "cards": cards.height,
        "boxes": cards.select(PLACE).n_unique(),
        "missing": cards.filter(pl.col("mark") == "missing").height,
    }
    if missing := facts["missing"]:
        chosen.tell(f"records that are missing, each the worst for every claim: {missing:,}")
    made = Outputs((public_tables("audit_cards", {"cards": cards}),), facts)
    cite = vote_rule(record.inputs(("statute",)).statute()).cite
    return record.receive("audit.cards", made, {}, stamp, section=cite, inputs=inputs)


def _require_distinct_cards(
    cards: pl.DataFrame, others: pl.DataFrame, questions: Sequence[str], where: str
) -> pl.DataFrame:
    """Fill in the question, and see that no card or imprint comes twice, here or in another part.

    Args:
        cards: as they were read.
        others: records of the other parts, each with its `act`.
        questions: that have returns.
        where: the files, for errors.

    Raises:
        InputError: there is no card, or one comes twice, or shows a mark that is not known.
    """
    if cards.is_empty():
        raise InputError(
            "no card is of a question that was asked",
            where=where,
            hint=f"the questions are: {', '.join(questions)}",
        )
    cards = of_one_question(cards, questions)
    require_distinct(cards, CARD_RECORDS.key, where)
    require_marks(cards, MARKS, where)
    require_not_in_other_parts(cards, others, ("question", *PLACE), "recorded", where)
    _require_distinct_imprints(pl.concat([cards, others.drop("act")]), where)
    return cards


def _fill_missing(cards: pl.DataFrame, returns: pl.DataFrame, options: CardOptions) -> pl.DataFrame:
    """Add a missing record for every card of the returns that has none, and tell of bare boxes."""
    missing = _missing_records(cards, returns)
    if without_any := missing.join(cards, on=PLACE, how="anti").select(PLACE).n_unique():
        options.tell(
            f"boxes without any record, of which all are missing now: {without_any:,}; without"
            " --fill they can be compared by their totals, with the method oneaudit"
        )
    return pl.concat([cards, missing])


def _read_cast_vote_records(
    paths: Sequence[Path],
    manifests: Path | None,
    region: str,
    returns: pl.DataFrame,
    options: CardOptions,
) -> pl.DataFrame:
    """Read cast vote records as records of cards, and tell how they were read."""
    found = read_cards(paths, manifests, options.choice)
    for note in found.notes:
        options.tell(note)
    return _cards_of_questions(found.cards, region, returns)


def _read_tables(paths: Sequence[Path], encoding: str) -> pl.DataFrame:
    for path in paths:
        require_no_foreign_export(path)
    hint = "every card of a box needs one good row"
    return pl.concat([read_whole_table(CARD_RECORDS, path, encoding, hint) for path in paths])


def _cards_of_questions(cards: pl.DataFrame, region: str, returns: pl.DataFrame) -> pl.DataFrame:
    """Turn cast vote records into records of cards, of the questions that were asked here.

    Where a record does not even say whether its card has a question, the return says how many
    such cards there are.
    """
    named = cards.with_columns(spell_as_known(cards["question"], returns["question"]))
    asked = pl.col("question").is_in(questions_of(returns))
    records = records_of_cards(named.filter(asked), region)
    if returns.get_column("kind").n_unique() > 1:
        records = records.with_columns(place=box_name())
    key = ["question", *PLACE]
    records = records.join(
        returns.select(*key, "total"), on=key, how="left", maintain_order="left"
    ).with_columns(room=pl.col("total").cast(pl.Int64) - pl.col("certain").sum().over(key))
    uncertain = (~pl.col("certain")).cum_sum().over(key)
    return (
        records.filter(pl.col("certain") | (uncertain <= pl.col("room")))
        .with_columns(card=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(key))
        .select(CARD_RECORDS.schema.names())
    )


def _declared_missing(box: str, cards: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """Give as many missing records as the office declares, of the questions that lack them."""
    names, _, number = box.rpartition("=")
    place = [name.strip() for name in next(csv.reader([names]), [])]
    if len(place) != len(PLACE) or not number.strip().isdecimal() or int(number) < 1:
        raise InputError(
            f"{box!r} does not say how many records are missing in a box",
            hint="for example --missing REGION,DISTRICT,PLACE=2",
        )
    in_box = pl.all_horizontal(
        pl.col(name) == cell for name, cell in zip(PLACE, place, strict=True)
    )
    asked = returns.filter(in_box).select("question", *PLACE, "total")
    if asked.is_empty():
        raise InputError(
            f"there is no box {', '.join(place)}", hint="name it as in the returns, with its kind"
        )
    read = cards.filter(in_box).group_by("question").agg(pl.len().cast(pl.Int64).alias("read"))
    asked = asked.join(cards, on="question", how="semi").join(read, on="question", how="left")
    too_few = asked.with_columns(pl.col("read").fill_null(0)).filter(
        pl.col("total") > pl.col("read")
    )
    partly_read = too_few.filter(pl.col("read") > 0)
    # Where other questions have records here, one without any is not meant.
    incomplete = too_few if partly_read.is_empty() else partly_read
    numbers_missing = (incomplete["total"] - incomplete["read"]).to_list()
    if set(numbers_missing) != {int(number)}:
        missing_counts = ", ".join(map(str, numbers_missing)) or "none"
        raise InputError(
            f"{place[-1]}: {number.strip()} records are declared missing, and {missing_counts} are",
            hint="the returns say how many ballots a box has",
        )
    every = incomplete.select("question", *PLACE, card=pl.int_ranges(1, pl.col("total") + 1))
    rows = every.explode("card").join(cards, on=CARD_RECORDS.key, how="anti").sort(CARD_RECORDS.key)
    return rows.with_columns(mark=pl.lit("missing"), imprint=pl.lit(None, pl.String)).select(
        cards.columns
    )


def _require_distinct_imprints(cards: pl.DataFrame, where: str) -> None:
    """See that an imprint, by which a card is found, is on one card.

    Raises:
        InputError: two cards of a question have one, or it stands in two boxes.
    """
    printed = cards.filter(pl.col("imprint").is_not_null())
    repeated = printed.filter(
        pl.struct("question", "imprint").is_duplicated()
        | (pl.struct(PLACE).n_unique().over("imprint") > 1)
    ).sort("imprint", *CARD_RECORDS.key)
    if repeated.height:
        one = repeated.row(0, named=True)
        raise InputError(
            f"repeated: the imprint {one['imprint']!r} stands on"
            f" {printed.filter(pl.col('imprint') == one['imprint']).height} cards, the first is"
            f" card {one['card']} of {one['place']}",
            where=where,
            hint="a card is found by its imprint: leave the column out if it is not printed",
        )


def _missing_records(cards: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """Give a record that is missing for every card that has none, of the questions of the records.

    A box of which there is no record at all lacks those of all its cards.
    """
    key = ["question", *PLACE]
    every = (
        returns.join(cards, on="question", how="semi")
        .select(*key, card=pl.int_ranges(1, pl.col("total") + 1))
        .explode("card")
        .drop_nulls("card")
    )
    missing = every.join(cards, on=CARD_RECORDS.key, how="anti")
    return missing.select(
        *CARD_RECORDS.key, mark=pl.lit("missing"), imprint=pl.lit(None, pl.String)
    ).select(cards.columns)


def _require_sums(cards: pl.DataFrame, returns: pl.DataFrame, where: str) -> None:
    """See that each box has as many records as ballots, and no more of a mark than it returned."""

    def number_of(mark: str) -> pl.Expr:
        return (pl.col("mark") == mark).sum().cast(pl.Int64)

    key = ["question", *PLACE]
    found = cards.group_by(key).agg(
        yes=number_of("yes"), no=number_of("no"), informal=number_of("blank"),
        total=pl.len().cast(pl.Int64), last=pl.col("card").max(),
    )  # fmt: skip
    compared = found.join(
        returns.select(*key, *VOTES, "total"), on=key, how="left", suffix="_returned"
    )
    over = (pl.col(name) > pl.col(f"{name}_returned") for name in VOTES)
    differing = compared.filter(
        pl.col("total_returned").is_null()
        | pl.any_horizontal(*over)
        | (pl.col("total") != pl.col("total_returned"))
        | (pl.col("last") != pl.col("total_returned"))
    ).sort(key)
    if differing.height:
        row = differing.row(0, named=True)
        figures = ", ".join(
            f"{name} {row[name]} against {row[f'{name}_returned']}" for name in (*VOTES, "total")
        )
        raise InputError(
            f"the records of {differing.height} boxes are not what was returned; the first,"
            f" {row['place']}: {figures}, last card {row['last']}",
            where=where,
            hint="declare records that were never made as missing with --fill; only if the returns"
            " are wrong, put them right: returns receive … --corrects ACT --reason 'why'",
        )
