"""What forms are held against: a second entry, electors, expected places and an earlier vote."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from referendum.core.days import read_time, utc_text
from referendum.core.errors import InputError
from referendum.core.tables import Table, check_table
from referendum.count import (
    ELECTORS_BY_DISTRICT,
    ELECTORS_BY_PLACE,
    EVERY_QUESTION,
    FORMATS,
    KEY,
    PLACE_STATUSES,
    PLACES,
    PREVIOUS,
    RETURNS,
    SET_ASIDE,
    Entry,
    Reconciliation,
    ReferenceData,
    drop_sum_rows,
    electors_of_forms,
    require_consistent_electors,
    require_known_regions,
    to_electors,
    unify_spelling,
)
from referendum.flows.count.parts import OtherParts
from referendum.flows.count.returns_files import ReturnsFiles, read_entry, read_given_table
from referendum.law import Exclusion, VoteRule
from referendum.record.frames import from_csv
from referendum.record.reading import Inputs
from referendum.tables.acceptance import require_whole_table
from referendum.tables.reading import read_raw_table


def gather_reference_data(
    files: ReturnsFiles,
    entry: Entry,
    earlier: Inputs | None,
    rule: VoteRule,
    exclusions: Sequence[Exclusion],
    others: OtherParts,
) -> ReferenceData:
    """Gather what the forms are held against: given now, or with the part that is put right.

    Args:
        files: of this part.
        entry: its forms as keyed.
        earlier: the part that an update puts right; None where this is no update.
        rule: the statute's vote rule, which names regions.
        exclusions: questions that the opening act names.
        others: the other parts that stand.

    Raises:
        InputError: a table lacks what it needs, or names a region that the act does not know.
    """
    before = _reference_data_of(earlier) if earlier else ReferenceData()
    regions = _regions_of(rule)
    second = read_entry(files.second, files) if files.second else None
    places = read_given_table(files.places, PLACES, files, before.places)
    previous = read_given_table(files.previous, PREVIOUS, files, before.previous)
    entered = [entry.raw, places, previous, *([second.raw] if second else [])]
    questions = [name for one in exclusions for name in one.all_questions]
    known_names = pl.concat(
        [
            _rows_of_names("question", questions),
            _rows_of_names("region", regions),
            others.spellings(entered),
            *([] if before.known_names is None else [before.known_names]),
        ]
    )
    if files.places:
        places = _expected_places(places, known_names)
        require_known_regions(places, regions, "among the places expected")
    if files.previous:
        previous = unify_spelling(previous, known_names).sort(PREVIOUS.key)
    return ReferenceData(
        second_entry=second,
        electors=before.electors,
        places=places,
        previous=previous,
        common_ballot=others.common_ballot(chosen=files.common_ballot or before.common_ballot),
        regions=regions,
        known_names=pl.concat([known_names, names_as_keys(places)]),
    )


def _regions_of(rule: VoteRule) -> tuple[str, ...]:
    """Name the regions that the act knows, whether or not their own majority counts."""
    counting = rule.regions.value if rule.regions else []
    others = rule.other_regions.value if rule.other_regions else []
    return (*counting, *others)


def _rows_of_names(column: str, names: Sequence[str]) -> pl.DataFrame:
    """Give names of regions, or questions, as rows of nothing else, to spell others by."""
    rows = [{**dict.fromkeys(KEY, None), column: name} for name in names]
    return pl.DataFrame(rows, schema=dict.fromkeys(KEY, pl.String))


def names_as_keys(table: pl.DataFrame) -> pl.DataFrame:
    """Give the names in a table as keys of forms; what it does not name is null."""
    missing = [pl.lit(None, pl.String).alias(name) for name in KEY if name not in table.columns]
    keys = table.with_columns(*missing).select(KEY)
    return keys.with_columns(pl.col("question").replace(EVERY_QUESTION, None))


def _reference_data_of(inputs: Inputs) -> ReferenceData:
    set_aside = from_csv(inputs.data("returns", "set_aside.csv"), SET_ASIDE)
    returns = read_table(inputs, "returns", RETURNS)
    electors = read_table(inputs, "electors", ELECTORS_BY_DISTRICT)
    previous = read_table(inputs, "previous", PREVIOUS)
    return ReferenceData(
        electors=electors,
        places=from_csv(inputs.data("returns", "places.csv"), PLACE_STATUSES).drop("status"),
        previous=previous,
        common_ballot=inputs.parameters("returns")["common_ballot"],
        known_names=pl.concat(
            [names_as_keys(one) for one in (returns, set_aside, electors, previous)]
        ),
    )


def _expected_places(rows: pl.DataFrame, known_names: pl.DataFrame) -> pl.DataFrame:
    due = [utc_text(read_time(text, "due")) if text else None for text in rows.get_column("due")]
    named = rows.with_columns(pl.col("kind").fill_null("all"), due=pl.Series(due, dtype=pl.String))
    spelled = unify_spelling(named, known_names)
    if spelled.select(PLACES.key).is_duplicated().any():
        raise InputError("a place is expected twice", hint="list every place and kind once")
    return spelled.select(PLACES.schema.names()).sort(PLACES.key)


def find_electors(
    files: ReturnsFiles,
    earlier: Inputs | None,
    reference: ReferenceData,
    reconciliation: Reconciliation,
    others: OtherParts,
) -> tuple[ReferenceData, str]:
    """Find the electors: those given now, those given before, or those that the forms state.

    Returns:
        The reference data with them, and where they are from: `table`, `forms` or `none`.

    Raises:
        InputError: the table of electors does not fit the districts of the returns.
    """
    returns, set_aside = reconciliation.returns, reconciliation.set_aside
    named = pl.concat(
        [one.select("region", "district") for one in (returns, set_aside, reference.places)]
    ).drop_nulls()
    electors = None
    if files.electors is not None:
        electors = _read_electors(files)
        electors = unify_spelling(electors, others.spellings([electors]))
        electors = unify_spelling(electors, returns)
        electors = unify_spelling(electors, named).sort(ELECTORS_BY_DISTRICT.key)
        electors = drop_sum_rows(electors, returns, set_aside)
        require_known_regions(electors, reference.regions, "in the table of electors")
    elif earlier is not None and earlier.parameters("returns")["electors"] == "table":
        electors = reference.electors
    if electors is not None:
        sums = returns.group_by("region", "district").agg(pl.col("total").sum())
        require_consistent_electors(electors, named, sums)
        return replace(reference, electors=electors), "table"
    electors = electors_of_forms(reconciliation.returns_with_accounts, set_aside)
    return replace(reference, electors=electors), "none" if electors.is_empty() else "forms"


def _read_electors(files: ReturnsFiles) -> pl.DataFrame:
    format_ = FORMATS[files.format]
    path = files.electors or Path()
    raw = read_raw_table(path, files.encoding)
    by_place = format_.electors_by == "place"
    table = ELECTORS_BY_PLACE if by_place else ELECTORS_BY_DISTRICT
    checked = check_table(table, to_electors(format_, raw.frame), raw.broken)
    rows = require_whole_table(checked, path, "turnout needs the electors of every district")
    if by_place:
        by_district = rows.group_by("region", "district").agg(pl.col("electors").sum())
        rows = by_district.with_columns(question=pl.lit(EVERY_QUESTION))
    filled = rows.with_columns(pl.col("question").fill_null(EVERY_QUESTION))
    return filled.select(ELECTORS_BY_DISTRICT.schema.names())


def read_table(inputs: Inputs, name: str, table: Table) -> pl.DataFrame:
    """Read one of the tables that an act on returns wrote."""
    return from_csv(inputs.data("returns", f"{name}.csv"), table.schema)
