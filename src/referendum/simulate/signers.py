"""Who signs: electors in their households, movers, relatives, strangers, and some of them again."""

import numpy as np
import polars as pl

from referendum.simulate.births import draw_birth_dates
from referendum.simulate.chance import Array, random_stream
from referendum.simulate.electors import ElectorChunk
from referendum.simulate.names import draw_given_names, draw_origins, draw_surnames
from referendum.simulate.places import draw_addresses

SHARES = {
    "valid": 0.835,
    "moved": 0.055,
    "relative": 0.025,
    "new_at_address": 0.02,
    "not_listed": 0.03,
    "outside": 0.01,
    "repeat": 0.025,
}
"""Shares of the lines by what is true; a listed elector's first line is valid or moved."""

FINDINGS = {
    "valid": "valid",
    "moved": "valid",
    "relative": "not_listed",
    "new_at_address": "not_listed",
    "not_listed": "not_listed",
    "outside": "not_resident",
    "repeat": "repeat",
}
"""What a checker who makes no errors finds of each kind."""

SIGNS_WITH_THE_HOUSEHOLD = 0.62

_WRITTEN_COLUMNS = (
    "given_names", "surname", "unit", "street_number", "street", "locality", "postal_code", "phone",
    "district", "birth_date",
)  # fmt: skip


def draw_signers(seed: str, number: int, chunk: ElectorChunk, count: int) -> pl.DataFrame:
    """Make up what `count` signers of one chunk intend to write.

    Returns:
        The columns written, `elector_id` (null if not on the list), `kind`, `origin`, and `again`
        (row, within this frame, of the line that a repeat repeats; null otherwise).
    """
    rng = random_stream(seed, "signers", number)
    amounts = _counts_by_kind(count)
    people = chunk.electors.with_columns(chunk.hidden.get_columns())
    signed = people[_household_order(rng, chunk.hidden["household"].to_numpy())]
    listed = signed.head(amounts["valid"] + amounts["moved"])
    movers = rng.permutation(listed.height)[: amounts["moved"]]
    first = _move_signers(rng, _written_lines(listed, "valid"), np.sort(movers))
    newcomers = ("new_at_address", "not_listed", "outside")
    unlisted = [_make_up_relatives(rng, signed, amounts["relative"])]
    unlisted += [_make_up_newcomers(rng, signed, amounts[kind], kind) for kind in newcomers]
    births = random_stream(seed, "births", number)
    strangers = [_replace_identity(births, *people) for people in unlisted]
    repeated = rng.integers(0, first.height, amounts["repeat"])
    again = first[repeated].with_columns(
        kind=pl.lit("repeat"), again=pl.Series(repeated, dtype=pl.Int64)
    )
    return pl.concat([first, *strangers, again])


def _counts_by_kind(count: int) -> dict[str, int]:
    amounts = {kind: round(share * count) for kind, share in SHARES.items()}
    amounts["valid"] += count - sum(amounts.values())
    return amounts


def _household_order(rng: np.random.Generator, household: Array) -> Array:
    """Order electors so that those who sign first come first, households mostly together."""
    together = rng.random(household[-1] + 1)[household]
    signs = rng.random(len(household)) < SIGNS_WITH_THE_HOUSEHOLD
    return np.lexsort((np.arange(len(household)), together, ~signs))


def _written_lines(people: pl.DataFrame, kind: str) -> pl.DataFrame:
    return people.select(
        *_WRITTEN_COLUMNS,
        "elector_id",
        kind=pl.lit(kind),
        origin="origin",
        again=pl.lit(None, dtype=pl.Int64),
    )


def _move_signers(rng: np.random.Generator, lines: pl.DataFrame, rows: Array) -> pl.DataFrame:
    """Give some signers an address that is not the list's, and half of them another telephone."""
    keeps_phone = pl.Series(rng.random(len(rows)) < 0.5)
    homes = draw_addresses(rng, len(rows))[rng.permutation(len(rows))]
    place = np.arange(lines.height)
    moved = lines[rows].with_columns(
        *homes.get_columns(),
        kind=pl.lit("moved"),
        phone=pl.when(keeps_phone).then("phone"),
        place=pl.Series(rows),
    )
    stayed = lines.with_columns(place=pl.Series(place)).filter(~pl.col("place").is_in(rows))
    return pl.concat([stayed, moved]).sort("place").drop("place")


Unlisted = tuple[pl.DataFrame, Array]
"""Lines of unlisted people, copied in part from a listed one's, and their own years of birth."""


def _make_up_relatives(rng: np.random.Generator, signed: pl.DataFrame, count: int) -> Unlisted:
    """Make up unlisted people who live with a listed one and share the surname."""
    hosts = signed[rng.integers(0, signed.height, count)]
    sexes = np.where(rng.random(count) < 0.5, "F", "M").astype(object)
    years = rng.integers(1950, 2008, count)
    given = draw_given_names(rng, hosts["origin"].to_numpy(), sexes, years)
    names = pl.Series("given_names", given.tolist(), dtype=pl.String)
    return _written_lines(hosts, "relative").with_columns(names), years


def _make_up_newcomers(
    rng: np.random.Generator, signed: pl.DataFrame, count: int, kind: str
) -> Unlisted:
    """Make up unlisted people: at a listed address, at another, or outside the province."""
    origins = draw_origins(rng, count)
    sexes = np.where(rng.random(count) < 0.5, "F", "M").astype(object)
    years = rng.integers(1950, 2008, count)
    given = draw_given_names(rng, origins, sexes, years)
    hosts = signed[rng.integers(0, signed.height, count)]
    lines = _written_lines(hosts, kind).with_columns(
        pl.Series("given_names", given.tolist(), dtype=pl.String),
        pl.Series("surname", draw_surnames(rng, origins).tolist(), dtype=pl.String),
        pl.Series("origin", origins.tolist(), dtype=pl.String),
    )
    if kind == "not_listed":
        lines = lines.with_columns(draw_addresses(rng, count).get_columns())
    if kind == "outside":
        lines = lines.with_columns(
            locality=pl.lit("Lloydminster SK"),
            postal_code=pl.lit("S9V 0A1"),
            district=pl.lit(None, dtype=pl.String),
        )
    return lines, years


def _replace_identity(rng: np.random.Generator, lines: pl.DataFrame, years: Array) -> pl.DataFrame:
    """Give unlisted people their own day of birth, and no elector number or telephone."""
    nothing = pl.lit(None, dtype=pl.String)
    days = pl.Series(draw_birth_dates(rng, years)).cast(pl.Date)
    return lines.with_columns(elector_id=nothing, phone=nothing, birth_date=days)
