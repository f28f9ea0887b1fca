"""What an officer is told of an act before it is signed: whom it may name, how few it is of."""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO

import polars as pl

from referendum.core.printing import quantity
from referendum.core.progress import notify
from referendum.flows.privacy.disclosure import smallest_group
from referendum.flows.privacy.places import FORM, telling_returns
from referendum.flows.privacy.tables import public_table, read_public_table
from referendum.flows.privacy.versions import TABLES, facts_that_differ, rows_that_differ
from referendum.record.acts import Act
from referendum.record.writing import Outputs, RecordWriter

EXPLANATIONS = ("cause", "numbered_alone")
"""Parameters in which an office says something in its own words."""

IDENTIFIERS = {"electors": "elector_id", "lines": "line_id"}
"""Sealed tables of which a row is of one person, and the column that names it."""

_LONG_NUMBER = re.compile(r"\d(?:[ ().-]?\d){5,}")
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_ADDRESS = re.compile(
    r"@|\b\d{1,5}[a-z]?,? +(?:[\w.'-]+ +){1,3}"
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|way|court|ct|crescent|place|boulevard|blvd)\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")


def review_act(record: RecordWriter, act: Act, outputs: Outputs) -> None:
    """Give notice of what an act would tell of single people, before it is signed.

    Args:
        record: that the act goes into.
        act: complete but for signatures.
        outputs: its bundles and facts.
    """
    for what, text in _free_texts(act, outputs):
        for fault in personal_marks(record, text):
            notify(f"{what} {fault}: it becomes public, for good; say what was wrong, not of whom")
    for words in [*_differences(record, act, outputs), *_telling_places(record, outputs)]:
        notify(words)


def _free_texts(act: Act, outputs: Outputs) -> Iterator[tuple[str, str]]:
    if act.reason:
        yield "the reason", act.reason
    for name in EXPLANATIONS:
        if name in act.parameters:
            yield f"what is given for {name.replace('_', ' ')}", str(act.parameters[name])
    for draft in outputs.drafts:
        if draft.kind == "returns":
            given = read_public_table(draft.files["accounts.csv"])["explanation"]
            yield from (("an explanation of a form", text) for text in given.unique() if text)


def personal_marks(record: RecordWriter, text: str) -> list[str]:
    """Say in which ways a text may lead to a person.

    Names are those of the sealed list of electors and of the sealed lines: a given name and the
    surname of one person, both in the text.
    """
    marks = []
    if _LONG_NUMBER.search(_DAY.sub("", text)):
        marks.append("has a long number in it, such as a telephone's or an elector's")
    if _ADDRESS.search(text):
        marks.append("has what looks like an address")
    words = {word.casefold() for word in _LETTERS.findall(text)}
    if any(_names_somebody(table, words) for table in _sealed_tables(record)):
        marks.append("has a name that stands in a sealed table")
    return marks


def _sealed_tables(record: RecordWriter) -> Iterator[pl.DataFrame]:
    for kind in IDENTIFIERS:
        for bundle in record.standings.bundles(kind, {}):
            yield record.bundles.table(bundle.digest, f"{kind}.parquet", sealed=True)


def _names_somebody(table: pl.DataFrame, words: set[str]) -> bool:
    surname = pl.col("surname").str.to_lowercase()
    given = pl.col("given_names").str.to_lowercase().str.split(" ").list.get(0, null_on_oob=True)
    return not table.filter(surname.is_in(list(words)) & given.is_in(list(words))).is_empty()


def _differences(record: RecordWriter, act: Act, outputs: Outputs) -> Iterator[str]:
    """Say in how little an act differs from the one that it puts right."""
    if act.corrects is None:
        return
    older, k = record.acts[act.corrects], smallest_group(record)
    found = {f"fact {name}": by for name, by in facts_that_differ(older, act).items()}
    for draft in outputs.drafts:
        if draft.kind in IDENTIFIERS:
            found[f"rows of {draft.kind}"] = _rows_of_others(record, older, draft.kind, draft.files)
        for kind, name, key, column in TABLES:
            before = public_table(record, older, kind, name)
            if kind == draft.kind and before is not None:
                after = read_public_table(draft.files[f"{name}.csv"])
                found[f"rows of {kind}"] = rows_that_differ(before, after, key, column)
    found = {name: by for name, by in found.items() if by}
    if found and max(found.values()) < k:
        told = ", ".join(f"{name}: {by:,}" for name, by in found.items())
        yield (
            f"this differs from act {older.number} by fewer than {k} ({told}): whoever knows why it"
            " is put right can learn what became of whom; where the law allows it, wait until there"
            f" are {k} to be put right together"
        )


def _rows_of_others(record: RecordWriter, older: Act, kind: str, files: Mapping[str, bytes]) -> int:
    """Count the rows that one of two sealed tables has, and the other has not."""
    bundle = older.bundle(kind)
    if bundle is None:
        return 0
    before = record.bundles.table(bundle.digest, f"{kind}.parquet", sealed=True)
    after = pl.read_parquet(BytesIO(files[f"{kind}.parquet"]))
    ids = [set(one[IDENTIFIERS[kind]]) for one in (before, after)]
    return len(ids[0] ^ ids[1])


def _telling_places(record: RecordWriter, outputs: Outputs) -> Iterator[str]:
    k = smallest_group(record)
    for draft in outputs.drafts:
        if draft.kind == "returns":
            found = telling_returns(read_public_table(draft.files["returns.csv"]), k)
            if found.height:
                first = found.row(0, named=True)
                place = ", ".join(first[name] for name in FORM)
                yield (
                    f"{quantity(found.height, 'form')} would show how somebody voted, such as"
                    f" {place}: {first['why']}; where the law has the ballots of such places"
                    " counted with those of another, receive them so"
                )
        if draft.kind == "audit_cards":
            yield (
                "records of cards are published in the order of the file: where that may be the"
                " order in which people voted, put them in another order first"
            )
