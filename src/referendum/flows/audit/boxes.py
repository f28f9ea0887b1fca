"""The boxes that an audit is of, from the returns, and what its tables call them."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from referendum.audit.samples import Box
from referendum.core.errors import InputError
from referendum.core.tables import Column
from referendum.flows.count.combined_returns import read_combined_returns
from referendum.law import Statute, Tally, VoteRule, require_known
from referendum.record.reading import Inputs

PLACE = ("region", "district", "place")
VOTES = ("yes", "no", "informal")


def vote_rule(statute: Statute) -> VoteRule:
    """Give the vote rule that assertions follow from."""
    return require_known(statute.vote, "how a vote is decided")


def section(statute: Statute, _: Mapping[str, Any]) -> str:
    """Give the section that an audit goes by: that of the vote rule."""
    return vote_rule(statute).cite


def audited_returns(inputs: Inputs, questions: Sequence[str] = ()) -> pl.DataFrame:
    """Give the returns of questions, or of all if none is named.

    The box of a kind of vote among several is named `PLACE (KIND)`.

    Raises:
        InputError: there are no returns of one that is named.
    """
    returns = read_combined_returns(inputs).returns
    asked = questions_of(returns)
    for question in questions:
        if question not in asked:
            raise InputError(
                f"there are no returns of the question {question!r}",
                hint=f"one of: {', '.join(asked)}",
            )
    if returns.get_column("kind").n_unique() > 1:
        returns = returns.with_columns(place=box_name())
    return returns.filter(pl.col("question").is_in(questions)) if questions else returns


def questions_of(returns: pl.DataFrame) -> list[str]:
    """Name the questions that returns are of, in order."""
    return returns.get_column("question").unique().sort().to_list()


def box_name() -> pl.Expr:
    """Name the box of a kind of vote."""
    return pl.format("{} ({})", "place", "kind")


def boxes_of(returns: pl.DataFrame) -> list[Box]:
    """Give the boxes of returns, in their order."""
    rows = returns.select("question", "kind", *PLACE, "yes", "no", "informal", "total").iter_rows()
    return [
        Box(question, kind, tuple(place), Tally(yes, no, informal), total)
        for question, kind, *place, yes, no, informal, total in rows
    ]


BOX_COLUMNS = (
    Column("question", "text", "as in the returns; may be left out where there is but one"),
    Column("region", "text", "as in the returns", required=True),
    Column("district", "text", "as in the returns", required=True),
    Column("place", "text", "polling place of the box, as in the returns", required=True),
)
CARD_COLUMN = Column(
    "card", "integer", "place of the card in the box, from 1", required=True, least=1
)


def of_one_question(rows: pl.DataFrame, questions: Sequence[str]) -> pl.DataFrame:
    """Fill in the question where there is but one.

    Raises:
        InputError: a row names no question, and there are several.
    """
    if len(questions) == 1:
        return rows.with_columns(pl.col("question").fill_null(questions[0]))
    if rows.get_column("question").null_count():
        raise InputError(
            f"a row names no question, and there are {len(questions)}",
            hint=f"column question, one of: {', '.join(questions)}",
        )
    return rows


def require_distinct(rows: pl.DataFrame, key: Sequence[str], where: str) -> None:
    """Refuse rows that are about the same thing.

    Raises:
        InputError: a key comes twice.
    """
    repeated = rows.filter(pl.struct(key).is_duplicated())
    if repeated.height:
        first = ", ".join(str(cell) for cell in repeated.select(key).row(0))
        raise InputError(
            f"repeated: {repeated.select(key).n_unique()} of {rows.select(key).n_unique()} stand"
            f" more than once; the first is {first}",
            where=where,
            hint="one row for each",
        )


def require_not_in_other_parts(
    rows: pl.DataFrame, others: pl.DataFrame, key: Sequence[str], what: str, where: str
) -> None:
    """See that no row is about what another part that stands has.

    Args:
        rows: of this part.
        others: of the others, with the `act` of each row.
        key: the columns that tell what a row is about.
        what: what was done with it before, in a word.
        where: the file.

    Raises:
        InputError: a row is.
    """
    repeated = rows.select(key).unique().join(others.unique(key), on=key).sort(key)
    if repeated.height:
        first = ", ".join(str(cell) for cell in repeated.select(key).row(0))
        act = repeated["act"][0]
        raise InputError(
            f"{repeated.height:,} of {rows.select(key).n_unique():,} were {what} before, in act"
            f" {act}: {first}",
            where=where,
            hint=f"leave them out; only if act {act} was wrong, put it right: --corrects {act}"
            " --reason 'what was wrong', with all its rows",
        )


def require_marks(rows: pl.DataFrame, known_marks: Sequence[str], where: str) -> None:
    """Refuse a mark that no card can show.

    Raises:
        InputError: a mark is none of those that are known.
    """
    unknown = rows.filter(~pl.col("mark").is_in(known_marks))
    if unknown.height:
        raise InputError(
            f"the mark {unknown['mark'][0]!r} is not known",
            where=where,
            hint=f"one of {', '.join(known_marks)}",
        )
