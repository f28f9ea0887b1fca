"""Electors by district: as an office gives them, or added up from the forms."""

import polars as pl

from referendum.core.errors import InputError
from referendum.core.names import suggest_names
from referendum.count.tables import ELECTORS_BY_DISTRICT, EVERY_QUESTION, SET_ASIDE

DISTRICT = ["question", "region", "district"]


def electors_of_forms(forms: pl.DataFrame, set_aside: pl.DataFrame) -> pl.DataFrame:
    """Add up the electors that the forms state, where those of a district all do.

    The forms of a place, of several kinds of vote, state the same list: it counts once. A district
    is left out where a place states none or several numbers, or where a form of it is set aside.

    Args:
        forms: that stand, with `electors`.
        set_aside: columns of `count.SET_ASIDE`.
    """
    place = [*DISTRICT, "place"]
    stated = forms.group_by(place).agg(
        pl.col("electors").drop_nulls().n_unique().alias("numbers"), pl.col("electors").max()
    )
    sums = stated.group_by(DISTRICT).agg(
        (pl.col("numbers") == 1).all().alias("whole"), pl.col("electors").sum()
    )
    may_hold_ballots = set_aside.filter(pl.col("ballots").is_null() | (pl.col("ballots") > 0))
    whole_districts = sums.filter("whole").join(may_hold_ballots, on=DISTRICT, how="anti")
    return whole_districts.select(ELECTORS_BY_DISTRICT.schema.names()).sort(DISTRICT)


def find_differing_electors(
    forms: pl.DataFrame, listed: pl.DataFrame, set_aside: pl.DataFrame | None
) -> pl.DataFrame:
    """Find districts whose electors are not those that their forms state.

    Fewer on the forms say nothing where `set_aside` is not known: others may still come.
    """
    if listed.is_empty():  # then those of the forms are taken
        forms = forms.clear()
    none = pl.DataFrame(schema=SET_ASIDE)
    stated = electors_of_forms(forms, none if set_aside is None else set_aside)
    numbers = listed.rename({"question": "of", "electors": "listed"})
    for_one_and_all = stated.join(numbers, on=DISTRICT[1:]).filter(
        pl.col("of").is_in([EVERY_QUESTION]) | (pl.col("of") == pl.col("question"))
    )
    on_forms, listed_ = pl.col("electors"), pl.col("listed")
    differ = on_forms > listed_ if set_aside is None else on_forms != listed_
    return for_one_and_all.filter(differ).select(
        *DISTRICT,
        kind=pl.lit("all"),
        place=pl.lit("all"),
        code=pl.lit("electors_differ"),
        figures=pl.format("electors {}, on the forms {}", "listed", "electors"),
        explanation=pl.lit(None, dtype=pl.String),
    )


def find_places_with_differing_electors(forms: pl.DataFrame) -> pl.DataFrame:
    """Find places whose forms, of several kinds of vote, state different numbers of electors."""
    place = [*DISTRICT, "place"]
    numbers = pl.col("electors").unique().sort()
    stating = forms.filter(pl.col("electors").is_not_null())
    stated = stating.group_by(place).agg(numbers).filter(pl.col("electors").list.len() > 1)
    all_numbers = pl.col("electors").cast(pl.List(pl.String)).list.join(", ")
    return stated.select(
        *place,
        kind=pl.lit("all"),
        code=pl.lit("electors_of_place_differ"),
        figures=pl.format("electors {}", all_numbers),
        explanation=pl.lit(None, dtype=pl.String),
    )


def drop_sum_rows(
    electors: pl.DataFrame, returns: pl.DataFrame, set_aside: pl.DataFrame
) -> pl.DataFrame:
    """Leave out the electors of what is a sum, as the returns or the numbers tell.

    A district is one if all its returns are sums, or if it has none and its electors are those of
    all others of its region, or of the whole, two or more.
    """
    by = DISTRICT[1:]
    sums = set_aside.filter(pl.col("code").is_in(["sum_of_others", "sum_differs"]))
    sum_districts = sums.select(by).unique().join(returns, on=by, how="anti")
    rest = electors.join(sum_districts, on=by, how="anti", maintain_order="left")
    for level in (DISTRICT[:2], DISTRICT[:1]):
        number = pl.col("electors")
        is_sum = (
            (2 * number == number.sum().over(level)) & (pl.len().over(level) >= 3) & (number > 0)
        )
        equal = rest.filter(is_sum).join(returns, on=by, how="anti")
        rest = rest.join(equal, on=DISTRICT, how="anti", maintain_order="left")
    return rest


def require_consistent_electors(
    electors: pl.DataFrame, named: pl.DataFrame, sums: pl.DataFrame
) -> None:
    """See that a table of electors is of the districts of the returns.

    Args:
        electors: columns of `count.ELECTORS_BY_DISTRICT`, names spelled as in the returns.
        named: `region` and `district` of all forms and expected places.
        sums: ballots (`total`) by region and district, of any question.

    Raises:
        InputError: a district comes twice, by question or for one and for all; it has 0 electors
            and ballots, or is spelled otherwise.
    """
    for_every_question = electors.filter(pl.col("question") == EVERY_QUESTION)
    for_one_and_all = electors.filter(pl.col("question") != EVERY_QUESTION).join(
        for_every_question, on=DISTRICT[1:], how="semi"
    )
    repeated = pl.concat([electors.filter(pl.struct(DISTRICT).is_duplicated()), for_one_and_all])
    if repeated.height:
        question, region, district = repeated.select(DISTRICT).row(0)
        of = (
            ""
            if for_one_and_all.is_empty()
            else f": for question {question}, and for every question"
        )
        raise InputError(
            f"the electors of {district}, {region} are given twice{of}",
            hint="give one row for every question, or one for each question",
        )
    by = DISTRICT[1:]
    ballots = sums.filter(pl.col("total") > 0)
    empty = electors.filter(pl.col("electors") == 0).join(ballots, on=by, how="inner").sort(by)
    if empty.height:
        region, district, total = empty.select("region", "district", "total").row(0)
        raise InputError(
            f"{district}, {region} has 0 electors and {total:,} ballots",
            hint="every district needs its own number of electors",
        )
    without_electors = named.unique(by).join(electors, on=by, how="anti").sort(by)
    without_returns = electors.unique(by).join(named, on=by, how="anti").sort(by)
    for region, district in without_returns.select(by).iter_rows():
        names_in_region = (
            without_electors.filter(pl.col("region") == region).get_column("district").to_list()
        )
        if suggestions := suggest_names(district, names_in_region):
            raise InputError(
                f"electors are given of {district}, {region}, which has no returns;"
                f" {', '.join(suggestions)} has returns and no electors",
                hint="spell the districts alike in both files",
            )
