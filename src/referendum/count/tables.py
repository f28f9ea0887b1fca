"""The tables of the count."""

import polars as pl

from referendum.core.tables import Column, Table

MOST_ELECTORS = 2_000_000_000
"""No list of electors has more: a larger number is a slip."""

REASONS = ("blank", "no_initials", "unclear", "several_marks", "contested", "other")
"""Why a ballot in the box counts for neither answer."""

KEY = ("question", "kind", "region", "district", "place")
"""What names a return: one question, one kind of vote, one place."""

EVERY_QUESTION = "*"
"""Stands in the place of a question in a table of electors that holds for all."""

SET_ASIDE = pl.Schema(
    [
        ("row", pl.Int64()),
        *((name, pl.String()) for name in (*KEY, "column", "code", "value", "figures")),
        ("ballots", pl.Int64()),
    ]
)
"""Forms set aside: which, why, and the most ballots that each may hold, null where unknown."""

_PLACE = (
    Column("region", "name", "state, province or region", required=True),
    Column("district", "name", "electoral district", required=True, distinct_by=("region",)),
    Column("place", "name", "polling place", required=True, distinct_by=("region", "district")),
)


def _number(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "integer", meaning, required=required, least=0, most=MOST_ELECTORS)


_ACCOUNT = (
    _number("electors", "electors on the list of the place"),
    _number("marked", "voters marked on the list"),
    _number("added", "voters added to the list on the day"),
    _number("voters", "voters admitted: marked and added"),
    _number("received", "ballots that the place received"),
    _number("unused", "ballots that were not issued"),
    _number("spoiled", "ballots returned spoiled and replaced"),
    _number("declined", "ballots declined by the voter"),
    _number("taken_away", "ballots that a voter took away"),
    _number("missing", "ballots of which nothing is known"),
    Column(
        "difference", "integer",
        "stated on the form: voters less ballots in the box, declined and taken away",
        least=-MOST_ELECTORS, most=MOST_ELECTORS,
    ),
    _number("blank", "in the box: blank"),
    _number("no_initials", "in the box: rejected, without the officer's initials"),
    _number("unclear", "in the box: rejected, mark unclear"),
    _number("several_marks", "in the box: rejected, more than one answer marked"),
    _number("contested", "in the box: contested and not assigned"),
    _number("other", "in the box: rejected for another reason"),
)  # fmt: skip

ACCOUNT = tuple(column.name for column in _ACCOUNT)
"""The columns of a ballot account."""

_VOTES = (
    _number("yes", "votes for the proposal, or for the first option", required=True),
    _number("no", "votes against the proposal, or for the second option", required=True),
)
_TOTAL = _number("total", "ballots in the box", required=True)

FORMS = Table(
    "returns",
    (
        Column("question", "name", "which question; `1` if not given", default="1"),
        Column(
            "kind", "name", "ordinary, advance, special, postal; `all` if not given", default="all"
        ),
        *_PLACE,
        *_VOTES,
        _number("informal", "ballots in the box for neither; from the reasons if not given"),
        _TOTAL,
        *_ACCOUNT,
        Column("entered_by", "text", "who keyed the form; needed where it is entered twice"),
        Column("explanation", "text", "what the officer says of a difference or a warning"),
    ),
    key=KEY,
)
"""A form as it is entered: one row per place, kind of vote and question."""

RETURNS = Table(
    "reconciled returns",
    (
        Column("question", "name", "which question", required=True),
        Column("kind", "name", "kind of vote", required=True),
        *_PLACE,
        *_VOTES,
        _number("informal", "ballots that count for neither", required=True),
        _TOTAL,
    ),
    key=KEY,
)

ACCOUNTS = Table(
    "ballot accounts",
    (*RETURNS.columns[:5], *_ACCOUNT, Column("explanation", "text", "the officer's explanation")),
    key=KEY,
)

WARNINGS = Table(
    "warnings",
    (
        *RETURNS.columns[:5],
        Column("code", "text", "rule", required=True),
        Column("figures", "text", "the numbers that raised it", required=True),
        Column("explanation", "text", "what the officer says of it"),
    ),
    key=(*KEY, "code"),
)

ELECTORS_BY_DISTRICT = Table(
    "electors by district",
    (
        Column("question", "name", "which question; every question if not given", default="*"),
        *_PLACE[:2],
        _number("electors", "electors on the list", required=True),
    ),
    key=("question", "region", "district"),
)

PLACES = Table(
    "places",
    (
        *_PLACE,
        Column("kind", "name", "kind of vote; `all` if not given", default="all"),
        Column("due", "text", "time with offset by which the return is due"),
    ),
    key=("region", "district", "place", "kind"),
)
"""The places whose returns are expected."""

ELECTORS_BY_PLACE = Table(
    "electors by place",
    (*_PLACE, _number("electors", "electors on the list", required=True)),
    key=("region", "district", "place"),
)

PREVIOUS = Table(
    "previous vote",
    (*_PLACE, *_VOTES),
    key=("region", "district", "place"),
)
"""An earlier vote by place, to hold the returns against."""
