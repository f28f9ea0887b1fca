"""Returns of several parts, put together: what the forms of all say of each other."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from referendum.count.electors import electors_of_forms
from referendum.count.progress import place_statuses
from referendum.count.reconcile import (
    ReferenceData,
    find_differing_accounts,
    find_unexpected_places,
    find_warnings,
)
from referendum.count.sums import find_certain_sums
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

BETWEEN_PARTS = pl.Schema(
    [
        *((name, pl.String()) for name in (*KEY, "code", "figures")),
        ("ballots", pl.Int64()),
        ("explanation", pl.String()),
    ]
)
"""What is found between parts; `ballots` where a form is not counted for it."""

PLACE_STATUSES = pl.Schema([*PLACES.schema.items(), ("status", pl.String())])


@dataclass(frozen=True)
class Tables:
    """The tables of a part, or of all parts one after the other, each row with `part`.

    Attributes:
        returns: columns of `RETURNS`.
        accounts: columns of `ACCOUNTS`.
        set_aside: columns of `SET_ASIDE`.
        warnings: columns of `WARNINGS`.
        electors: columns of `ELECTORS_BY_DISTRICT`.
        places: columns of `PLACE_STATUSES`.
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
    "places": PLACE_STATUSES,
    "previous": PREVIOUS.schema,
}
"""The columns of each of `Tables`."""


@dataclass(frozen=True)
class Declaration:
    """What the office said of the returns.

    Attributes:
        common_ballot: all questions stand on one ballot.
        provisional: more is to come of some part.
        as_of: the time at which expected places were last looked at; None where none are listed.
        scope: which votes these are.
        electors_part: the part (from 0) that came with a table of electors; None where none did.
    """

    common_ballot: bool
    provisional: bool
    as_of: str | None
    scope: str
    electors_part: int | None


@dataclass(frozen=True)
class CombinedReturns(Tables):
    """The returns of all parts as one.

    Attributes:
        between: columns of `BETWEEN_PARTS`, ascending: what the forms of different parts say of
            each other; a form that breaks a rule so is set aside here.
        declaration: what the office said of them.
    """

    between: pl.DataFrame
    declaration: Declaration

    @property
    def places_counted(self) -> int:
        """How many places have returns."""
        return self.returns.select("region", "district", "place").n_unique()


def combine_parts(tables: Tables, declaration: Declaration) -> CombinedReturns:
    """Put the tables of several parts together, and judge what their forms say of each other.

    Args:
        tables: of all parts, with `part`; no form was returned in two.
        declaration: what the office said of them.
    """
    returns = tables.returns.sort(KEY)
    set_aside = _drop_mended(tables.set_aside, tables.returns)
    forms = returns.drop("part").join(tables.accounts.drop("part"), on=KEY, how="left")
    places = tables.places.drop("part", "status").sort(PLACES.key)
    faulty = _find_faults_between_parts(
        forms.sort(KEY), places, common_ballot=declaration.common_ballot
    )
    sound = forms.join(faulty, on=KEY, how="anti").sort(KEY)
    set_aside = pl.concat([set_aside, _as_set_aside(faulty)])
    electors = _electors(tables, declaration, sound, set_aside)
    reference = ReferenceData(
        electors=electors,
        places=places,
        previous=tables.previous.drop("part").sort(PREVIOUS.key),
        common_ballot=declaration.common_ballot,
    )
    all_in = None if declaration.provisional or places.height else set_aside
    warnings_found = find_warnings(sound, reference, all_in)
    warnings_found = warnings_found.join(tables.warnings, on=[*KEY, "code"], how="anti")
    warnings = warnings_found.with_columns(ballots=pl.lit(None, pl.Int64)).select(
        BETWEEN_PARTS.names()
    )
    between = pl.concat([faulty, warnings]).sort(*KEY, "code")
    returns_kept = sound.select(RETURNS.schema.names())
    return CombinedReturns(
        returns=returns_kept,
        accounts=tables.accounts.drop("part").join(faulty, on=KEY, how="anti").sort(KEY),
        set_aside=set_aside,
        warnings=tables.warnings.drop("part").sort(*KEY, "code"),
        electors=electors,
        places=place_statuses(places, returns_kept, set_aside, declaration.as_of or ""),
        previous=reference.previous,
        between=between,
        declaration=declaration,
    )


def _electors(
    tables: Tables, declaration: Declaration, sound: pl.DataFrame, set_aside: pl.DataFrame
) -> pl.DataFrame:
    """Give the electors of the part that came with a table of them, or else those of the forms."""
    if declaration.electors_part is None:
        return electors_of_forms(sound, set_aside)
    own = pl.col("part") == declaration.electors_part
    return tables.electors.filter(own).drop("part").sort(ELECTORS_BY_DISTRICT.key)


def _drop_mended(set_aside: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """Leave out forms set aside that another part returned, or that a later one set aside again."""
    elsewhere = pl.col("part") != pl.col("part_other")
    rows = set_aside.with_row_index("at")
    mended = rows.join(returns.select(*KEY, part_other="part"), on=KEY).filter(elsewhere)
    later = pl.col("part") < pl.col("part_other")
    repeated = rows.join(set_aside.select(*KEY, part_other="part"), on=KEY).filter(later)
    superseded = pl.concat([mended.select("at"), repeated.select("at")])
    return rows.join(superseded, on="at", how="anti", maintain_order="left").select(
        SET_ASIDE.names()
    )


def _find_faults_between_parts(
    forms: pl.DataFrame, places: pl.DataFrame, *, common_ballot: bool
) -> pl.DataFrame:
    """Find the forms that break a rule between forms, in the order in which rules are tried."""
    rest = forms.with_columns(row=pl.int_range(pl.len()))
    found = []
    steps: list[Callable[[pl.DataFrame], pl.DataFrame]] = [
        lambda rows: _with_code(find_unexpected_places(rows, places), "not_expected"),
        find_certain_sums,
        _find_overlapping_kinds,
    ]
    if common_ballot:
        steps.append(lambda rows: _with_code(find_differing_accounts(rows), "accounts_differ"))
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


def _with_code(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    return rows.select("row", code=pl.lit(code))


def _find_overlapping_kinds(rows: pl.DataFrame) -> pl.DataFrame:
    """Find the forms of all kinds of vote beside forms of one kind, of one place."""
    place = ["question", "region", "district", "place"]
    mixed = (pl.col("kind") == "all").any() & (pl.col("kind") != "all").any()
    return _with_code(rows.filter(mixed.over(place)), "kinds_overlap")


def _as_set_aside(faulty: pl.DataFrame) -> pl.DataFrame:
    """Write forms at odds with others as forms set aside; they have no row of a file."""
    return faulty.select(
        pl.lit(None, pl.Int64).alias("row"),
        *KEY,
        column=pl.lit("place"),
        code="code",
        value=pl.lit(None, pl.String),
        figures="figures",
        ballots="ballots",
    )


def take_only_part(tables: Tables, declaration: Declaration) -> CombinedReturns:
    """Give the returns of the only part: all was judged when they came."""
    plain = {name: getattr(tables, name).drop("part") for name in SCHEMAS}
    return CombinedReturns(
        **plain, between=pl.DataFrame(schema=BETWEEN_PARTS), declaration=declaration
    )
