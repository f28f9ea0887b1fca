"""Returns that add up, and the rest set aside with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from referendum.core.tables import CheckedTable, check_table, find_repeated_rows
from referendum.count.aside import bounded, identified
from referendum.count.electors import electors_differ, places_differ
from referendum.count.entries import compare_entries, only_in_second
from referendum.count.near import look_alikes, near_sums
from referendum.count.order import in_order
from referendum.count.rules import RULES, Rule
from referendum.count.running import running_totals
from referendum.count.spelling import one_spelling, require_regions
from referendum.count.status import Stated, stated_of
from referendum.count.sums import equal_to_others, sum_rows, sums_of_columns
from referendum.count.swaps import swapped
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
class Beside:
    """What the forms are held against; each may be empty.

    Attributes:
        second: the second entry of the same forms, by other people.
        electors: electors by district.
        places: the places that are expected (`count.PLACES`).
        previous: an earlier vote by place (`count.PREVIOUS`).
        common_ballot: whether all questions stand on one ballot, and so have one account.
        regions: that the act knows; empty where it names none.
        known: question, kind, region, district and place as they are spelled already.
    """

    second: Entry | None = None
    electors: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=ELECTORS_BY_DISTRICT.schema)
    )
    places: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLACES.schema))
    previous: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PREVIOUS.schema))
    common_ballot: bool = False
    regions: tuple[str, ...] = ()
    known: pl.DataFrame | None = None


@dataclass(frozen=True)
class Reconciled:
    """What came of reconciling.

    Attributes:
        returns: columns of `RETURNS`; every row adds up; ascending by its key.
        accounts: columns of `ACCOUNTS`, for the returns of which more than totals was given.
        set_aside: columns of `SET_ASIDE`, by row: one for each form, with the first fault found.
        warnings: columns of `WARNINGS`, ascending by key and code.
        interim: whether the file itself says that the count goes on.
        unread: names of columns of the file that were not read.
        accepted: those of them that had to be accepted.
    """

    returns: pl.DataFrame
    accounts: pl.DataFrame
    set_aside: pl.DataFrame
    warnings: pl.DataFrame
    interim: bool = False
    unread: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()

    @property
    def returns_with_accounts(self) -> pl.DataFrame:
        """The returns with what is known of their ballot accounts."""
        return self.returns.join(self.accounts, on=KEY, how="left", maintain_order="left")


ALONE = Beside()


def reconcile(entry: Entry, beside: Beside = ALONE) -> Reconciled:
    """Keep the forms that add up and say what must be explained.

    Codes are those of `RULES` and `OTHER_CODES`, and of rows that could not be read.

    Raises:
        InputError: a column is missing, a region is none of the act's, a word for the state of the
            count is not known, or what is a sum and what a place is not clear.
    """
    raw = _dash_for_zero(entry.raw)
    stated = stated_of(raw, entry.accept)
    checked = check_table(FORMS, raw, entry.broken)
    forms = completed(checked, beside.known)
    states = stated.not_final.get_column("row").implode()
    readable = forms.filter(~pl.col("row").is_in(states))
    between = between_forms(readable)
    faults = [
        _unstated(stated),
        _cell_faults(raw, checked, forms),
        between.select(*_FAULTS),
        *_broken_rules(forms),
    ]
    if beside.common_ballot:
        faults.append(_differing_accounts(forms))
    faults.append(
        not_expected(forms, beside.places).select(
            "row", column=pl.lit("place"), code=pl.lit("not_expected"), value="place"
        )
    )
    lacking, second = [], None
    if beside.second is not None:
        second = completed(check_table(FORMS, beside.second.raw, beside.second.broken), forms)
        faults.append(compare_entries(forms, second))
        lacking.append(only_in_second(forms, second))
    first = pl.concat(faults).unique("row", keep="first", maintain_order=True)
    # What a faulty form beside them hid shows among the others.
    hidden = _columns_of_sums(forms.join(first, on="row", how="anti"))
    first, between = (pl.concat([one, hidden.select(one.columns)]) for one in (first, between))
    good = in_order(forms.join(first, on="row", how="anti"))
    require_regions(good, beside.regions, "in the returns")
    aside = _spelled(identified(raw, first), forms, beside.known)
    return Reconciled(
        returns=good.select(RETURNS.schema.names()),
        accounts=_accounts(good),
        set_aside=pl.concat([bounded(aside, raw, forms, between, second), *lacking]),
        warnings=warnings_of(good, beside),
        interim=stated.interim,
        unread=stated.unread,
        accepted=stated.accepted,
    )


def _spelled(aside: pl.DataFrame, forms: pl.DataFrame, known: pl.DataFrame | None) -> pl.DataFrame:
    """Spell the names of rows set aside as those of the forms are, and those that are known."""
    # Rows that could be read are among the forms, spelled already.
    own = forms.filter(pl.col("row").is_in(aside.get_column("row").implode()))
    if own.height == aside.height:
        named = aside.drop(KEY).join(own.select("row", *KEY), on="row", maintain_order="left")
        return named.select(aside.columns)
    names = forms.select(KEY) if known is None else pl.concat([known, forms.select(KEY)])
    return one_spelling(aside, names)


def between_forms(forms: pl.DataFrame, *, in_file: bool = True) -> pl.DataFrame:
    """Find what is wrong between forms: sums among places, and `all` beside kinds of its own.

    Args:
        forms: with `row`.
        in_file: whether `row` is the place of a form in a file.

    Returns:
        `row`, `column`, `code`, `value`, and `ballots`, the most that the form may add.
    """
    sums = sum_rows(forms, in_file=in_file).with_columns(column=pl.lit("place"))
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


def _columns_of_sums(good: pl.DataFrame) -> pl.DataFrame:
    sums = sums_of_columns(good).with_columns(column=pl.lit("place"))
    return sums.select(*_FAULTS, "ballots")


def completed(checked: CheckedTable, known: pl.DataFrame | None = None) -> pl.DataFrame:
    """Fill in what a form leaves out: question, kind, reasons not given, their sum; add `row`.

    Names are spelled as in `known`, or as they come first.
    """
    forms = checked.rows.with_columns(row=checked.row_numbers)
    given = pl.any_horizontal(pl.col(name).is_not_null() for name in REASONS)
    filled = [
        pl.when(given).then(pl.col(name).fill_null(0)).otherwise(pl.col(name)).alias(name)
        for name in REASONS
    ]
    forms = forms.with_columns(
        pl.col("question").fill_null("1"), pl.col("kind").fill_null("all"), *filled
    )
    reasons = pl.sum_horizontal(pl.col(name) for name in REASONS)
    forms = forms.with_columns(
        pl.coalesce("informal", pl.when(given).then(reasons)).alias("informal")
    )
    return one_spelling(forms, known)


def warnings_of(
    good: pl.DataFrame, beside: Beside, set_aside: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Give what must be explained of forms that add up.

    Args:
        good: the forms, with their accounts.
        beside: what they are held against.
        set_aside: all others, where no more is to come; None where that is not known.
    """
    found = [_found(good, rule) for rule in RULES if rule.level == "warning"]
    listed = beside.electors
    found += [near_sums(good), look_alikes(good)]
    found += [swapped(good, beside.previous), _crowded(good, listed), _like_sums(good)]
    found += [running_totals(good), electors_differ(good, listed, set_aside), places_differ(good)]
    columns = WARNINGS.schema.names()
    return pl.concat([one.select(columns) for one in found]).sort(*KEY, "code")


def _like_sums(good: pl.DataFrame) -> pl.DataFrame:
    """Forms that have the numbers of all others of their group, which may be an accident."""
    return equal_to_others(good).with_columns(
        code=pl.lit("equals_the_others"),
        figures=pl.format("yes {}, no {}, total {}", "yes", "no", "total"),
    )


def _dash_for_zero(raw: pl.DataFrame) -> pl.DataFrame:
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


def _unstated(stated: Stated) -> pl.DataFrame:
    return stated.not_final.with_columns(code=pl.lit("not_final")).select(*_FAULTS)


def _cell_faults(raw: pl.DataFrame, checked: CheckedTable, forms: pl.DataFrame) -> pl.DataFrame:
    """Any cell that cannot be read sets its form aside, and so does a number left out."""
    no_informal = forms.filter(pl.col("informal").is_null()).select(
        "row", column=pl.lit("informal"), code=pl.lit("missing")
    )
    again = forms.filter(find_repeated_rows(forms.select(KEY))).select(
        "row", column=pl.lit("place"), code=pl.lit("repeated")
    )
    read = checked.faults.filter(pl.col("code") != "spelt_otherwise")
    faults = pl.concat([read, no_informal, again])
    text = raw.drop("row", strict=False).with_row_index("row", offset=1).cast({"row": pl.Int64})
    text = text.join(faults.select("row").unique(), on="row", how="semi")
    cells = text.cast(dict.fromkeys(text.columns[1:], pl.String)).unpivot(
        index="row", variable_name="column", value_name="value"
    )
    told = faults.join(cells, on=["row", "column"], how="left", maintain_order="left")
    return told.select(*_FAULTS)


def _broken_rules(forms: pl.DataFrame) -> list[pl.DataFrame]:
    return [
        _found(forms, rule).select(
            "row", column=pl.lit(rule.column), code=pl.lit(rule.code), value="figures"
        )
        for rule in RULES
        if rule.level == "error"
    ]


def _found(forms: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Find the forms that break a rule, with `code` and `figures`."""
    named = [pl.format("{} {}", pl.lit(name), name) for name in rule.figures]
    figures = pl.concat_str(named, separator=", ", ignore_nulls=True)
    broken = forms.filter(pl.sql_expr(rule.breaks))
    return broken.with_columns(code=pl.lit(rule.code), figures=figures)


def at_odds(forms: pl.DataFrame) -> pl.DataFrame:
    """Give the forms of a common ballot whose total or account is not that of its other questions.

    On a common ballot the box and its account are the same for every question.
    """
    account = ["total", *[name for name in ACCOUNT if name not in REASONS]]
    same = pl.all_horizontal(
        (pl.col(name).eq_missing(pl.col(name).first())).all() for name in account
    )
    return forms.filter(~same.over("kind", "region", "district", "place"))


def _differing_accounts(forms: pl.DataFrame) -> pl.DataFrame:
    return at_odds(forms).select(
        "row",
        column=pl.lit("total"),
        code=pl.lit("accounts_differ"),
        value=pl.col("total").cast(pl.String),
    )


def not_expected(forms: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Find the forms of places that are not among the expected ones; none if none are listed."""
    if places.is_empty():
        return forms.clear()
    return forms.join(places, on=["kind", "region", "district", "place"], how="anti")


def _crowded(good: pl.DataFrame, electors: pl.DataFrame) -> pl.DataFrame:
    """A district whose kinds of vote together have more ballots than electors."""
    sums = good.group_by("question", "region", "district").agg(pl.col("total").sum())
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


def _accounts(good: pl.DataFrame) -> pl.DataFrame:
    columns = ACCOUNTS.schema.names()
    more = pl.any_horizontal(pl.col(name).is_not_null() for name in columns[5:])
    return good.filter(more).select(columns)
