"""Returns that add up, and the rest set aside with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from referendum.core.tables import CheckedTable, check_table, find_repeated_rows
from referendum.count.electors import find_differing_electors, find_places_with_differing_electors
from referendum.count.entries import compare_entries, find_forms_only_in_second
from referendum.count.finality import Finality, read_finality
from referendum.count.near_duplicates import find_lookalike_names, find_near_sums
from referendum.count.order import sort_forms
from referendum.count.rules import RULES, Rule
from referendum.count.running_totals import find_running_totals
from referendum.count.set_aside import bound_ballots, identify_forms
from referendum.count.spelling import require_known_regions, unify_spelling
from referendum.count.sums import (
    find_kinds_or_questions_that_are_sums,
    find_rows_equal_to_others,
    find_sum_rows,
)
from referendum.count.swapped_answers import find_swapped_answers
from referendum.count.tables import (
    ACCOUNT,
    ACCOUNTS,
    ELECTORS_BY_DISTRICT,
    EVERY_QUESTION,
    FORMS,
    KEY,
    PLACES,
    PREVIOUS,
    REASONS,
    RETURNS,
    WARNINGS,
)

_FAULTS = pl.Schema({"row": pl.Int64, "column": pl.String, "code": pl.String, "value": pl.String})


@dataclass(frozen=True)
class Entry:
    """A table of forms as it was keyed.

    Attributes:
        raw: the rows as text, or of the right types.
        broken: rows (from 1) that could not be read, with the code why.
        accept: columns that may say how far a row is counted, and are accepted as they are.
    """

    raw: pl.DataFrame
    broken: Sequence[tuple[int, str]] = ()
    accept: Sequence[str] = ()


@dataclass(frozen=True)
class ReferenceData:
    """What the forms are held against; each may be empty.

    Attributes:
        second_entry: the second entry of the same forms, by other people.
        electors: electors by district.
        places: the places that are expected (`count.PLACES`).
        previous: an earlier vote by place (`count.PREVIOUS`).
        common_ballot: whether all questions stand on one ballot, and so have one account.
        regions: that the act knows; empty where it names none.
        known_names: question, kind, region, district and place as they are spelled already.
    """

    second_entry: Entry | None = None
    electors: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=ELECTORS_BY_DISTRICT.schema)
    )
    places: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLACES.schema))
    previous: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PREVIOUS.schema))
    common_ballot: bool = False
    regions: tuple[str, ...] = ()
    known_names: pl.DataFrame | None = None


@dataclass(frozen=True)
class Reconciliation:
    """What came of reconciling.

    Attributes:
        returns: columns of `RETURNS`; every row adds up; ascending by its key.
        accounts: columns of `ACCOUNTS`, for the returns of which more than totals was given.
        set_aside: columns of `SET_ASIDE`, by row: one for each form, with the first fault found.
        warnings: columns of `WARNINGS`, ascending by key and code.
        is_interim: whether the file itself says that the count goes on.
        unread_columns: names of columns of the file that were not read.
        accepted_columns: those of them that had to be accepted.
    """

    returns: pl.DataFrame
    accounts: pl.DataFrame
    set_aside: pl.DataFrame
    warnings: pl.DataFrame
    is_interim: bool = False
    unread_columns: tuple[str, ...] = ()
    accepted_columns: tuple[str, ...] = ()

    @property
    def returns_with_accounts(self) -> pl.DataFrame:
        """The returns with what is known of their ballot accounts."""
        return self.returns.join(self.accounts, on=KEY, how="left", maintain_order="left")


NO_REFERENCE_DATA = ReferenceData()


def reconcile_forms(entry: Entry, reference: ReferenceData = NO_REFERENCE_DATA) -> Reconciliation:
    """Keep the forms that add up and say what must be explained.

    Codes are those of `RULES` and `OTHER_CODES`, and of rows that could not be read.

    Args:
        entry: the forms as keyed.
        reference: what they are held against.

    Raises:
        InputError: a column is missing, a region is none of the act's, a word for the state of the
            count is not known, or what is a sum and what a place is not clear.
    """
    raw = _read_dash_as_zero(entry.raw)
    finality = read_finality(raw, entry.accept)
    checked = check_table(FORMS, raw, entry.broken)
    forms = complete_forms(checked, reference.known_names)
    not_final = finality.rows_not_final.get_column("row").implode()
    between = find_faults_between_forms(forms.filter(~pl.col("row").is_in(not_final)))
    second = _complete_second_entry(reference, forms)
    faults = pl.concat(
        [
            _not_final_faults(finality),
            _find_cell_faults(raw, checked, forms),
            between.select(*_FAULTS),
            *_find_broken_rules(forms),
            *([_account_faults(forms)] if reference.common_ballot else []),
            _place_faults(forms, reference.places),
            *([] if second is None else [compare_entries(forms, second)]),
        ]
    )
    first_faults = faults.unique("row", keep="first", maintain_order=True)
    # What a faulty form beside them hid shows among the others.
    hidden = _find_hidden_sums(forms.join(first_faults, on="row", how="anti"))
    first_faults = pl.concat([first_faults, hidden.select(first_faults.columns)])
    between = pl.concat([between, hidden.select(between.columns)])
    sound = sort_forms(forms.join(first_faults, on="row", how="anti"))
    require_known_regions(sound, reference.regions, "in the returns")
    identified = _spell_names(identify_forms(raw, first_faults), forms, reference.known_names)
    set_aside = bound_ballots(identified, raw, forms, between, second)
    if second is not None:
        set_aside = pl.concat([set_aside, find_forms_only_in_second(forms, second)])
    return Reconciliation(
        returns=sound.select(RETURNS.schema.names()),
        accounts=_accounts(sound),
        set_aside=set_aside,
        warnings=find_warnings(sound, reference),
        is_interim=finality.is_interim,
        unread_columns=finality.unread_columns,
        accepted_columns=finality.accepted_columns,
    )


def _complete_second_entry(reference: ReferenceData, forms: pl.DataFrame) -> pl.DataFrame | None:
    """Give the forms of the second entry, spelled as those of the first; None if there is none."""
    entry = reference.second_entry
    return (
        None
        if entry is None
        else complete_forms(check_table(FORMS, entry.raw, entry.broken), forms)
    )


def _spell_names(
    set_aside: pl.DataFrame, forms: pl.DataFrame, known_names: pl.DataFrame | None
) -> pl.DataFrame:
    """Spell the names of rows set aside as those of the forms are, and those that are known."""
    # Rows that could be read are among the forms, spelled already.
    own = forms.filter(pl.col("row").is_in(set_aside.get_column("row").implode()))
    if own.height == set_aside.height:
        named = set_aside.drop(KEY).join(own.select("row", *KEY), on="row", maintain_order="left")
        return named.select(set_aside.columns)
    names = (
        forms.select(KEY) if known_names is None else pl.concat([known_names, forms.select(KEY)])
    )
    return unify_spelling(set_aside, names)


def find_faults_between_forms(forms: pl.DataFrame, *, in_file: bool = True) -> pl.DataFrame:
    """Find what is wrong between forms: sums among places, and `all` beside kinds of its own.

    Args:
        forms: with `row`.
        in_file: whether `row` is the place of a form in a file.

    Returns:
        `row`, `column`, `code`, `value`, and `ballots`, the most that the form may add.
    """
    sums = find_sum_rows(forms, in_file=in_file).with_columns(column=pl.lit("place"))
    found = sums.select(*_FAULTS, "ballots")
    if forms.get_column("kind").n_unique() < 2:
        return found
    rest = forms.join(sums, on="row", how="anti")
    place = ["question", "region", "district", "place"]
    mixed = (pl.col("kind") == "all").any() & (pl.col("kind") != "all").any()
    overlap = rest.filter(mixed.over(place)).select(
        "row",
        code=pl.lit("kinds_overlap"),
        value="kind",
        ballots="total",
        column=pl.lit("kind"),
    )
    return pl.concat([found, overlap.select(*_FAULTS, "ballots")])


def _find_hidden_sums(sound: pl.DataFrame) -> pl.DataFrame:
    sums = find_kinds_or_questions_that_are_sums(sound).with_columns(column=pl.lit("place"))
    return sums.select(*_FAULTS, "ballots")


def complete_forms(checked: CheckedTable, known_names: pl.DataFrame | None = None) -> pl.DataFrame:
    """Fill in what a form leaves out: question, kind, reasons not given, their sum; add `row`.

    Names are spelled as in `known`, or as they come first.
    """
    forms = checked.rows.with_columns(row=checked.row_numbers)
    any_given = pl.any_horizontal(pl.col(name).is_not_null() for name in REASONS)
    filled = [
        pl.when(any_given).then(pl.col(name).fill_null(0)).otherwise(pl.col(name)).alias(name)
        for name in REASONS
    ]
    forms = forms.with_columns(
        pl.col("question").fill_null("1"), pl.col("kind").fill_null("all"), *filled
    )
    reasons = pl.sum_horizontal(pl.col(name) for name in REASONS)
    forms = forms.with_columns(
        pl.coalesce("informal", pl.when(any_given).then(reasons)).alias("informal")
    )
    return unify_spelling(forms, known_names)


def find_warnings(
    sound: pl.DataFrame, reference: ReferenceData, set_aside: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Give what must be explained of forms that add up.

    Args:
        sound: the forms, with their accounts.
        reference: what they are held against.
        set_aside: all others, where no more is to come; None where that is not known.
    """
    found = [_find_breaches(sound, rule) for rule in RULES if rule.level == "warning"]
    listed = reference.electors
    found += [find_near_sums(sound), find_lookalike_names(sound)]
    found += [
        find_swapped_answers(sound, reference.previous),
        _find_districts_over_electors(sound, listed),
        _find_possible_sums(sound),
    ]
    found += [
        find_running_totals(sound),
        find_differing_electors(sound, listed, set_aside),
        find_places_with_differing_electors(sound),
    ]
    columns = WARNINGS.schema.names()
    return pl.concat([one.select(columns) for one in found]).sort(*KEY, "code")


def _find_possible_sums(sound: pl.DataFrame) -> pl.DataFrame:
    """Forms that have the numbers of all others of their group, which may be an accident."""
    return find_rows_equal_to_others(sound).with_columns(
        code=pl.lit("equals_the_others"),
        figures=pl.format("yes {}, no {}, total {}", "yes", "no", "total"),
    )


def _read_dash_as_zero(raw: pl.DataFrame) -> pl.DataFrame:
    """Read a dash for the total as 0 where no vote was cast at all, as the AEC writes it."""
    votes = ["yes", "no", "informal"]
    if not {*votes, "total"} <= set(raw.columns) or raw.schema["total"] != pl.String:
        return raw
    none = pl.all_horizontal(
        pl.col(name).cast(pl.String).str.strip_chars() == "0" for name in votes
    )
    dash = pl.col("total").str.strip_chars().is_in(["-", "\u2013", "\u2014"])
    return raw.with_columns(
        pl.when(none & dash).then(pl.lit("0")).otherwise("total").alias("total")
    )


def _not_final_faults(finality: Finality) -> pl.DataFrame:
    return finality.rows_not_final.with_columns(code=pl.lit("not_final")).select(*_FAULTS)


def _find_cell_faults(
    raw: pl.DataFrame, checked: CheckedTable, forms: pl.DataFrame
) -> pl.DataFrame:
    """Any cell that cannot be read sets its form aside, and so does a number left out."""
    no_informal = forms.filter(pl.col("informal").is_null()).select(
        "row", column=pl.lit("informal"), code=pl.lit("missing")
    )
    repeated = forms.filter(find_repeated_rows(forms.select(KEY))).select(
        "row", column=pl.lit("place"), code=pl.lit("repeated")
    )
    unreadable_cells = checked.faults.filter(pl.col("code") != "spelt_otherwise")
    faults = pl.concat([unreadable_cells, no_informal, repeated])
    text = raw.drop("row", strict=False).with_row_index("row", offset=1).cast({"row": pl.Int64})
    text = text.join(faults.select("row").unique(), on="row", how="semi")
    cells = text.cast(dict.fromkeys(text.columns[1:], pl.String)).unpivot(
        index="row", variable_name="column", value_name="value"
    )
    with_cells = faults.join(cells, on=["row", "column"], how="left", maintain_order="left")
    return with_cells.select(*_FAULTS)


def _find_broken_rules(forms: pl.DataFrame) -> list[pl.DataFrame]:
    return [
        _find_breaches(forms, rule).select(
            "row", column=pl.lit(rule.column), code=pl.lit(rule.code), value="figures"
        )
        for rule in RULES
        if rule.level == "error"
    ]


def _find_breaches(forms: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Find the forms that break a rule, with `code` and `figures`."""
    named = [pl.format("{} {}", pl.lit(name), name) for name in rule.figures]
    figures = pl.concat_str(named, separator=", ", ignore_nulls=True)
    broken = forms.filter(pl.sql_expr(rule.broken_when))
    return broken.with_columns(code=pl.lit(rule.code), figures=figures)


def find_differing_accounts(forms: pl.DataFrame) -> pl.DataFrame:
    """Give the forms of a common ballot whose total or account is not that of its other questions.

    On a common ballot the box and its account are the same for every question.
    """
    account = ["total", *[name for name in ACCOUNT if name not in REASONS]]
    same = pl.all_horizontal(
        (pl.col(name).eq_missing(pl.col(name).first())).all() for name in account
    )
    return forms.filter(~same.over("kind", "region", "district", "place"))


def _place_faults(forms: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    return find_unexpected_places(forms, places).select(
        "row", column=pl.lit("place"), code=pl.lit("not_expected"), value="place"
    )


def _account_faults(forms: pl.DataFrame) -> pl.DataFrame:
    return find_differing_accounts(forms).select(
        "row",
        column=pl.lit("total"),
        code=pl.lit("accounts_differ"),
        value=pl.col("total").cast(pl.String),
    )


def find_unexpected_places(forms: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Find the forms of places that are not among the expected ones; none if none are listed."""
    if places.is_empty():
        return forms.clear()
    return forms.join(places, on=["kind", "region", "district", "place"], how="anti")


def _find_districts_over_electors(sound: pl.DataFrame, electors: pl.DataFrame) -> pl.DataFrame:
    """A district whose kinds of vote together have more ballots than electors."""
    sums = sound.group_by("question", "region", "district").agg(pl.col("total").sum())
    listed = electors.select(of="question", region="region", district="district", listed="electors")
    over = sums.join(listed, on=["region", "district"]).filter(
        pl.col("of").is_in([EVERY_QUESTION]) | (pl.col("of") == pl.col("question")),
        pl.col("total") > pl.col("listed"),
    )
    return over.with_columns(
        kind=pl.lit("all"),
        place=pl.lit("all"),
        code=pl.lit("district_exceeds_electors"),
        figures=pl.format("total {}, electors {}", "total", "listed"),
        explanation=pl.lit(None, dtype=pl.String),
    )


def _accounts(sound: pl.DataFrame) -> pl.DataFrame:
    columns = ACCOUNTS.schema.names()
    more = pl.any_horizontal(pl.col(name).is_not_null() for name in columns[5:])
    return sound.filter(more).select(columns)
