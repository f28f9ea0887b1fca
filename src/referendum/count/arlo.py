"""The two tables that Arlo reads: the ballot manifest and the candidate totals by batch.

Arlo (VotingWorks) is a program with which States of the US audit elections; its batch comparison
needs both tables.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from referendum.core.errors import InputError
from referendum.core.names import name_key
from referendum.core.tables import Column, Table, check_table, spell_as_known
from referendum.core.words import is_sum

_BATCH = Column("Batch Name", "name", "name of the batch", required=True)

MANIFEST = Table(
    "ballot manifest",
    (
        Column("Container", "text", "where the batch lies"),
        Column("Tabulator", "text", "which device scanned it"),
        _BATCH,
        Column("Number of Ballots", "integer", "ballots in the batch", required=True, least=0),
    ),
    key=("Batch Name",),
)
_MANIFEST_COLUMNS = tuple(column.name for column in MANIFEST.columns)


_HAS_TOO_MANY_VOTES = pl.col("informal") < pl.col("neither")
"""Of a batch: there are fewer ballots beside yes and no than votes that count for neither."""


@dataclass(frozen=True)
class ChoiceColumns:
    """What the columns of the candidate totals count as.

    Attributes:
        yes: the column that counts as yes.
        no: the columns that together count as no.
        informal: the columns that count for neither.
    """

    yes: str
    no: Sequence[str]
    informal: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        """All of them."""
        return [self.yes, *self.no, *self.informal]


@dataclass(frozen=True)
class BatchForms:
    """Batches as forms.

    Attributes:
        forms: `region`, `district`, `place`, `yes`, `no`, `informal` and `total` of each batch.
        notes: what a person has to know of how they were read.
    """

    forms: pl.DataFrame
    notes: tuple[str, ...] = ()


def join_batches(
    manifest: pl.DataFrame, totals: pl.DataFrame, columns: ChoiceColumns, jurisdiction: str
) -> BatchForms:
    """Join a ballot manifest and the totals by batch to forms.

    Args:
        manifest: `Batch Name`, `Number of Ballots` and maybe `Container` or `Tabulator`, as text.
        totals: `Batch Name` and a column for each choice, as text.
        columns: which choice counts as what.
        jurisdiction: what the forms say as region and district.

    Returns:
        A form for each batch of either table; a batch that one of them lacks has no total, or no
        votes, and will be set aside. Names that differ in case or blanks alone are one.

    Raises:
        InputError: a column is missing, named twice, or not said what it counts as; a row of
            either table cannot be used, or is a sum of others; or no batch is in both.
    """
    _require_each_once(columns)
    ballots = _read_ballots(manifest)
    votes = _read_votes(totals, columns, ballots["place"])
    joined = ballots.join(votes, on="place", how="full", coalesce=True).with_columns(
        informal=pl.col("total") - pl.col("yes") - pl.col("no")
    )
    unmatched = joined.filter(pl.any_horizontal(pl.col("total", "yes").is_null()))
    _require_a_match(joined, unmatched)
    overfull = joined.filter(_HAS_TOO_MANY_VOTES)["place"].sort()
    notes = (*_notes(unmatched, columns, votes), *_overfull_notes(overfull))
    return BatchForms(_forms(joined, jurisdiction), notes)


def _read_ballots(manifest: pl.DataFrame) -> pl.DataFrame:
    """Give `place` and `total` of each batch of the manifest."""
    rows = _require_whole_table(MANIFEST, manifest)
    return rows.select(place="Batch Name", total="Number of Ballots")


def _read_votes(
    totals: pl.DataFrame, columns: ChoiceColumns, known_names: pl.Series
) -> pl.DataFrame:
    """Give `place`, `yes`, `no` and `neither` of each batch; names as the manifest spells them."""
    choices = [Column(name, "integer", "votes", required=True, least=0) for name in columns.names]
    table = Table("candidate totals by batch", (_BATCH, *choices), key=("Batch Name",))
    rows = _require_whole_table(table, totals)
    _require_known(totals.columns, columns)
    return rows.select(
        place=spell_as_known(rows["Batch Name"], known_names),
        yes=pl.col(columns.yes),
        no=pl.sum_horizontal(columns.no),
        neither=pl.sum_horizontal(*columns.informal, pl.lit(0)),
    )


def _require_a_match(joined: pl.DataFrame, unmatched: pl.DataFrame) -> None:
    if joined.height and unmatched.height == joined.height:
        raise InputError(
            "no batch is in both files",
            where=", ".join(unmatched["place"].sort().head(5)),
            hint="name the manifest and the totals of one jurisdiction",
        )


def _forms(joined: pl.DataFrame, jurisdiction: str) -> pl.DataFrame:
    # A batch with more votes than ballots gets a negative number, for which it is set aside.
    informal = pl.when(_HAS_TOO_MANY_VOTES).then(pl.col("informal") - pl.col("neither"))
    return joined.select(
        region=pl.lit(jurisdiction),
        district=pl.lit(jurisdiction),
        place="place",
        yes="yes",
        no="no",
        informal=informal.otherwise("informal"),
        total="total",
    ).sort("place")


def _overfull_notes(batches: pl.Series) -> list[str]:
    if batches.is_empty():
        return []
    names = ", ".join(batches.head(5))
    return [f"batches with more votes than ballots, whose forms will be set aside: {names}"]


def _notes(unmatched: pl.DataFrame, columns: ChoiceColumns, votes: pl.DataFrame) -> list[str]:
    notes = []
    if columns.informal:
        names = ", ".join(columns.informal)
        notes.append(f"votes that count for neither, of {names}: {votes['neither'].sum():,}")
    if unmatched.height:
        names = ", ".join(unmatched["place"].sort().head(10))
        notes.append(f"batches in one of the two files only: {unmatched.height} ({names})")
    return notes


def _require_each_once(columns: ChoiceColumns) -> None:
    times = Counter(map(name_key, columns.names))
    if twice := [name for name in columns.names if times[name_key(name)] > 1]:
        raise InputError(
            f"the column {twice[0]} is named twice",
            hint="a column counts as one thing: --yes, --no or --informal",
        )
    of_batch = set(map(name_key, _MANIFEST_COLUMNS))
    unexpected = [name for name in columns.names if name_key(name) in {"", *of_batch}]
    if unexpected or not columns.no:
        raise InputError(
            f"the column {unexpected[0]!r} holds no votes"
            if unexpected
            else "no column counts as no",
            hint="name the columns of the choices: --yes, --no or --informal",
        )
    if sums := [name for name in columns.names if is_sum(name)]:
        raise InputError(
            f"the column {sums[0]} is a sum of others, by its name",
            hint="name the columns of the choices, and leave the sum out of the file",
        )


def _require_known(found: Sequence[str], columns: ChoiceColumns) -> None:
    known = {name_key(name) for name in (*columns.names, *_MANIFEST_COLUMNS)}
    unexpected = [name for name in found if name_key(name) not in known]
    if unexpected:
        raise InputError(
            f"nothing says what these columns of the totals count as: {', '.join(unexpected)}",
            hint='name each as --no or --informal, for example --informal "Write-in";'
            " a column of sums does not belong in the file",
        )


def _require_whole_table(table: Table, raw: pl.DataFrame) -> pl.DataFrame:
    """Give the rows of a table of which no row may be missing."""
    checked = check_table(table, raw)
    if not checked.faulty_cells.is_empty():
        row, column, code, value = checked.faulty_cells.row(0)
        raise InputError(
            f"{checked.faulty_cells.height} cells cannot be used; the first is {column}: {code}"
            + (f" ({value!r})" if value is not None else ""),
            where=f"{table.name}, row {row}",
            hint="mend the file, or export it again",
        )
    _require_no_sum(checked.rows, table)
    return checked.rows


def _require_no_sum(rows: pl.DataFrame, table: Table) -> None:
    """Refuse a row that is the sum of all others, by its name or by its numbers."""
    numbers = [column.name for column in table.columns if column.type == "integer"]
    twice = [pl.col(name) * 2 == pl.col(name).sum() for name in numbers]
    has_numbers = pl.any_horizontal(pl.col(name) > 0 for name in numbers)
    # One column of small numbers can add up by chance.
    by_number = pl.all_horizontal(twice) & has_numbers & (pl.len() > 2) & (len(numbers) > 1)
    by_name = pl.col("Batch Name").map_elements(is_sum, return_dtype=pl.Boolean)
    sums = rows.with_row_index("row", 1).filter(by_number | by_name)
    if sums.height:
        row, name = sums.select("row", "Batch Name").row(0)
        raise InputError(
            f"{name} is a sum of the other batches, not a batch",
            where=f"{table.name}, row {row}",
            hint="leave sums out of the file",
        )
