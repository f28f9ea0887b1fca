"""Returns of several parts, put together: what the forms of all say of each other."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from referendum.count.electors import electors_of_forms
from referendum.count.progress import standing_of
from referendum.count.reconcile import Beside, at_odds, not_expected, warnings_of
from referendum.count.sums import certain_sums
from referendum.count.tables import (
    ACCOUNTS,
    ELECTORS_BY_DISTRICT,
    KEY,
    PLACES,
    PREVIOUS,
    RETURNS,
    SET_ASIDE,
    WARNINGS,
)

BETWEEN = pl.Schema(
    [
        *((name, pl.String()) for name in (*KEY, "code", "figures")),
        ("ballots", pl.Int64()),
        ("explanation", pl.String()),
    ]
)
"""What is found between parts; `ballots` where a form is not counted for it."""

STANDING = pl.Schema([*PLACES.schema.items(), ("status", pl.String())])


@dataclass(frozen=True)
class Tables:
    """The tables of a part, or of all parts one after the other, each row with `part`.

    Attributes:
        returns: columns of `RETURNS`.
        accounts: columns of `ACCOUNTS`.
        set_aside: columns of `SET_ASIDE`.
        warnings: columns of `WARNINGS`.
        electors: columns of `ELECTORS_BY_DISTRICT`.
        places: columns of `STANDING`.
        previous: columns of `PREVIOUS`.
    """

    returns: pl.DataFrame
    accounts: pl.DataFrame
    set_aside: pl.DataFrame
    warnings: pl.DataFrame
    electors: pl.DataFrame
    places: pl.DataFrame
    previous: pl.DataFrame


SCHEMAS = {
    "returns": RETURNS.schema,
    "accounts": ACCOUNTS.schema,
    "set_aside": SET_ASIDE,
    "warnings": WARNINGS.schema,
    "electors": ELECTORS_BY_DISTRICT.schema,
    "places": STANDING,
    "previous": PREVIOUS.schema,
}
"""The columns of each of `Tables`."""


@dataclass(frozen=True)
class Said:
    """What the office said of the returns.

    Attributes:
        common_ballot: all questions stand on one ballot.
        provisional: more is to come of some part.
        as_of: the time at which expected places were last looked at; None where none are listed.
        scope: which votes these are.
        listed: the part (from 0) that came with a table of electors; None where none did.
    """

    common_ballot: bool
    provisional: bool
    as_of: str | None
    scope: str
    listed: int | None


@dataclass(frozen=True)
class Whole(Tables):
    """The returns of all parts as one.

    Attributes:
        between: columns of `BETWEEN`, ascending: what the forms of different parts say of each
            other; a form that breaks a rule so is set aside here.
        said: what the office said of them.
    """

    between: pl.DataFrame
    said: Said

    @property
    def places_counted(self) -> int:
        """How many places have returns."""
        return self.returns.select("region", "district", "place").n_unique()


def put_together(tables: Tables, said: Said) -> Whole:
    """Put the tables of several parts together, and judge what their forms say of each other.

    Args:
        tables: of all parts, with `part`; no form was returned in two.
        said: what the office said.
    """
    returns = tables.returns.sort(KEY)
    aside = _not_mended(tables.set_aside, tables.returns)
    forms = returns.drop("part").join(tables.accounts.drop("part"), on=KEY, how="left")
    places = tables.places.drop("part", "status").sort(PLACES.key)
    odd = _at_odds(forms.sort(KEY), places, common_ballot=said.common_ballot)
    good = forms.join(odd, on=KEY, how="anti").sort(KEY)
    aside = pl.concat([aside, _as_aside(odd)])
    if said.listed is None:
        electors = electors_of_forms(good, aside)
    else:
        own = pl.col("part") == said.listed
        electors = tables.electors.filter(own).drop("part").sort(ELECTORS_BY_DISTRICT.key)
    beside = Beside(
        electors=electors,
        places=places,
        previous=tables.previous.drop("part").sort(PREVIOUS.key),
        common_ballot=said.common_ballot,
    )
    all_in = None if said.provisional or places.height else aside
    found = warnings_of(good, beside, all_in)
    found = found.join(tables.warnings, on=[*KEY, "code"], how="anti")
    told = found.with_columns(ballots=pl.lit(None, pl.Int64)).select(BETWEEN.names())
    between = pl.concat([odd, told]).sort(*KEY, "code")
    kept = good.select(RETURNS.schema.names())
    return Whole(
        returns=kept,
        accounts=tables.accounts.drop("part").join(odd, on=KEY, how="anti").sort(KEY),
        set_aside=aside,
        warnings=tables.warnings.drop("part").sort(*KEY, "code"),
        electors=electors,
        places=standing_of(places, kept, aside, said.as_of or ""),
        previous=beside.previous,
        between=between,
        said=said,
    )


def _not_mended(aside: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """Leave out forms set aside that another part returned, or that a later one set aside again."""
    elsewhere = pl.col("part") != pl.col("part_other")
    rows = aside.with_row_index("at")
    mended = rows.join(returns.select(*KEY, part_other="part"), on=KEY).filter(elsewhere)
    later = pl.col("part") < pl.col("part_other")
    again = rows.join(aside.select(*KEY, part_other="part"), on=KEY).filter(later)
    gone = pl.concat([mended.select("at"), again.select("at")])
    return rows.join(gone, on="at", how="anti", maintain_order="left").select(SET_ASIDE.names())


def _at_odds(forms: pl.DataFrame, places: pl.DataFrame, *, common_ballot: bool) -> pl.DataFrame:
    """Find the forms that break a rule between forms, in the order in which rules are tried."""
    rest = forms.with_columns(row=pl.int_range(pl.len()))
    found = []
    steps: list[Callable[[pl.DataFrame], pl.DataFrame]] = [
        lambda rows: _coded(not_expected(rows, places), "not_expected"),
        certain_sums,
        _overlapping,
    ]
    if common_ballot:
        steps.append(lambda rows: _coded(at_odds(rows), "accounts_differ"))
    for step in steps:
        codes = step(rest).select("row", "code")
        found.append(rest.join(codes, on="row"))
        rest = rest.join(codes, on="row", how="anti")
    return pl.concat(found).select(
        *KEY,
        "code",
        figures=pl.format("yes {}, no {}, total {}", "yes", "no", "total"),
        ballots="total",
        explanation="explanation",
    )


def _coded(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    return rows.select("row", code=pl.lit(code))


def _overlapping(rows: pl.DataFrame) -> pl.DataFrame:
    """Find the forms of all kinds beside those of one kind, of one place."""
    place = ["question", "region", "district", "place"]
    mixed = (pl.col("kind") == "all").any() & (pl.col("kind") != "all").any()
    return _coded(rows.filter(mixed.over(place)), "kinds_overlap")


def _as_aside(odd: pl.DataFrame) -> pl.DataFrame:
    """Write forms at odds with others as forms set aside; they have no row of a file."""
    return odd.select(
        pl.lit(None, pl.Int64).alias("row"),
        *KEY,
        column=pl.lit("place"),
        code="code",
        value=pl.lit(None, pl.String),
        figures="figures",
        ballots="ballots",
    )


def of_one_part(tables: Tables, said: Said) -> Whole:
    """Give the returns of the only part: all was judged when they came."""
    plain = {name: getattr(tables, name).drop("part") for name in SCHEMAS}
    return Whole(**plain, between=pl.DataFrame(schema=BETWEEN), said=said)
