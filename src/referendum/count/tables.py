"""The tables of the count."""

from referendum.core.tables import Column, Table

RETURNS = Table(
    "returns",
    (
        Column("region", "text", "state, province or region", required=True),
        Column("district", "text", "electoral district", required=True),
        Column("place", "text", "polling place", required=True),
        Column("yes", "integer", "votes for the proposal", required=True, least=0),
        Column("no", "integer", "votes against the proposal", required=True, least=0),
        Column("informal", "integer", "ballots that count for neither", required=True, least=0),
        Column("total", "integer", "all ballots of the place", required=True, least=0),
    ),
    key=("region", "district", "place"),
)

ELECTORS_BY_DISTRICT = Table(
    "electors by district",
    (
        Column("region", "text", "state, province or region", required=True),
        Column("district", "text", "electoral district", required=True),
        Column("electors", "integer", "electors on the list", required=True, least=0),
    ),
    key=("region", "district"),
)
