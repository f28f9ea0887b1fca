"""Who signs: electors in their households, movers, relatives, strangers, and some of them again."""

import numpy as np
import polars as pl

from referendum.simulate.births import draw_birth_dates
from referendum.simulate.chance import Array, stream
from referendum.simulate.electors import Chunk
from referendum.simulate.names import draw_given, draw_origins, draw_surnames
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
"""What a checker who makes no error says of each kind."""

SIGNS_WITH_THE_HOUSEHOLD = 0.62

_WRITTEN = (
    "given_names", "surname", "unit", "street_number", "street", "locality", "postal_code", "phone",
    "district", "birth_date",
)  # fmt: skip


def draw_signers(seed: str, number: int, chunk: Chunk, count: int) -> pl.DataFrame:
    """Make up what `count` signers of one chunk mean to write.

    Returns:
        The columns written, `elector_id` (null if not on the list), `kind`, `origin`, and `again`
        (row, within this frame, of the line that a repeat repeats; null otherwise).
    """
    chance = stream(seed, "signers", number)
    amounts = _amounts(count)
    people = chunk.electors.with_columns(chunk.hidden.get_columns())
    signed = people[_household_order(chance, chunk.hidden["household"].to_numpy())]
    listed = signed.head(amounts["valid"] + amounts["moved"])
    movers = chance.permutation(listed.height)[: amounts["moved"]]
    first = _moved(chance, _lines(listed, "valid"), np.sort(movers))
    newcomers = ("new_at_address", "not_listed", "outside")
    unlisted = [_relatives(chance, signed, amounts["relative"])]
    unlisted += [_newcomers(chance, signed, amounts[kind], kind) for kind in newcomers]
    births = stream(seed, "births", number)
    strangers = [_stranger(births, *people) for people in unlisted]
    repeated = chance.integers(0, first.height, amounts["repeat"])
    again = first[repeated].with_columns(
        kind=pl.lit("repeat"), again=pl.Series(repeated, dtype=pl.Int64)
    )
    return pl.concat([first, *strangers, again])


def _amounts(count: int) -> dict[str, int]:
    amounts = {kind: round(share * count) for kind, share in SHARES.items()}
    amounts["valid"] += count - sum(amounts.values())
    return amounts


def _household_order(chance: np.random.Generator, household: Array) -> Array:
    """Order electors so that those who sign first come first, households mostly together."""
    together = chance.random(household[-1] + 1)[household]
    signs = chance.random(len(household)) < SIGNS_WITH_THE_HOUSEHOLD
    return np.lexsort((np.arange(len(household)), together, ~signs))


def _lines(people: pl.DataFrame, kind: str) -> pl.DataFrame:
    return people.select(
        *_WRITTEN,
        "elector_id",
        kind=pl.lit(kind),
        origin="origin",
        again=pl.lit(None, dtype=pl.Int64),
    )


def _moved(chance: np.random.Generator, lines: pl.DataFrame, rows: Array) -> pl.DataFrame:
    """Give some signers an address that is not the list's, and half of them another telephone."""
    keeps_phone = pl.Series(chance.random(len(rows)) < 0.5)
    homes = draw_addresses(chance, len(rows))[chance.permutation(len(rows))]
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


def _relatives(chance: np.random.Generator, signed: pl.DataFrame, count: int) -> Unlisted:
    """Make up unlisted people who live with a listed one and share the surname."""
    hosts = signed[chance.integers(0, signed.height, count)]
    sexes = np.where(chance.random(count) < 0.5, "F", "M").astype(object)
    years = chance.integers(1950, 2008, count)
    given = draw_given(chance, hosts["origin"].to_numpy(), sexes, years)
    names = pl.Series("given_names", given.tolist(), dtype=pl.String)
    return _lines(hosts, "relative").with_columns(names), years


def _newcomers(
    chance: np.random.Generator, signed: pl.DataFrame, count: int, kind: str
) -> Unlisted:
    """Make up unlisted people: at a listed address, at another, or outside the province."""
    origins = draw_origins(chance, count)
    sexes = np.where(chance.random(count) < 0.5, "F", "M").astype(object)
    years = chance.integers(1950, 2008, count)
    given = draw_given(chance, origins, sexes, years)
    hosts = signed[chance.integers(0, signed.height, count)]
    lines = _lines(hosts, kind).with_columns(
        pl.Series("given_names", given.tolist(), dtype=pl.String),
        pl.Series("surname", draw_surnames(chance, origins).tolist(), dtype=pl.String),
        pl.Series("origin", origins.tolist(), dtype=pl.String),
    )
    if kind == "not_listed":
        lines = lines.with_columns(draw_addresses(chance, count).get_columns())
    if kind == "outside":
        lines = lines.with_columns(
            locality=pl.lit("Lloydminster SK"),
            postal_code=pl.lit("S9V 0A1"),
            district=pl.lit(None, dtype=pl.String),
        )
    return lines, years


def _stranger(chance: np.random.Generator, lines: pl.DataFrame, years: Array) -> pl.DataFrame:
    """Take from unlisted people what is the listed person's alone: number, phone, day of birth."""
    no = pl.lit(None, dtype=pl.String)
    days = pl.Series(draw_birth_dates(chance, years)).cast(pl.Date)
    return lines.with_columns(elector_id=no, phone=no, birth_date=days)
