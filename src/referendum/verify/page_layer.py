"""The page layer of a published record (section 15): its list, its note, and `data.json`."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from referendum.verify.bundles import Bundle
from referendum.verify.canonical import encode, read_object
from referendum.verify.chain import Chain
from referendum.verify.checkpoint import CHECKPOINT, LARGEST_NOTE, Checkpoint, Key, read_note
from referendum.verify.dialect import Links
from referendum.verify.figure_sources import FigureSources
from referendum.verify.headline import headline, page_data
from referendum.verify.page_figures import check_page_figures
from referendum.verify.published_policy import POLICY, published_policy, report_published_policy
from referendum.verify.record_source import Source
from referendum.verify.report import Mismatch, Missing, Report, guard
from referendum.verify.style_sheets import STYLE, other_style

TOPIC = "The pages"
LIST, NOTE, DATA = "pages.json", "pages", "data.json"
FORMAT = "referendum-pages/1"
MEMBERS = {"format", "origin", "size", "code", "files"}
USUAL_FILES = ("index.html", DATA, STYLE)
"""What a page layer has; looked for too where no list names it."""

SITE, SITE_NOTE, SITE_FORMAT = "site.json", "site", "referendum-site/2"
"""The list of what the records of a site share, and the note of it: outside of the record."""

MOST_FILES, LARGEST_LIST, LARGEST_PAGE = 1_000, 1_000_000, 50_000_000
MOST_PAGE_BYTES = 500_000_000
"""Bytes of the files of a page layer, or of those that a site shares."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}\.(html|json|css|svg|js|txt)", re.ASCII)

Entry = dict[str, Any]


class Trust(NamedTuple):
    """What the pages are held against.

    Attributes:
        key: of the log.
        checkpoint: its signed head.
        rules: the reader's policy, if there is one.
        in_site: whether the site around the record is checked too.
    """

    key: Key
    checkpoint: Checkpoint
    rules: bytes | None = None
    in_site: bool = False


class VerifiedRecord(NamedTuple):
    """What the figures of a record's pages come from, and the key that vouches for it."""

    sources: FigureSources
    key: Key


def check_page_layer(
    source: Source,
    report: Report,
    chain: Chain,
    bundles: dict[str, Bundle],
    trust: Trust,
) -> VerifiedRecord | None:
    """Check the page layer; say what of it is not covered.

    Args:
        source: the record.
        report: takes the findings.
        chain: its acts.
        bundles: its public bundles, by digest.
        trust: what it is held against.

    Returns:
        What figures of this record come from; None where its headline cannot be worked out.
    """
    code, files = _read_listed_files(source, report, trust)
    found = _read_files(source, report, files)
    report_style(report, TOPIC, found, code)
    if DATA in found:
        _check_data(report, found[DATA], partial(page_data, chain, bundles))
    verified = None
    try:
        sources = guard("the headline", partial(_sources, chain, bundles, trust.checkpoint))
        verified = VerifiedRecord(sources, trust.key)
        if POLICY in found:
            sources.policy = _read_published_policy(report, found[POLICY], trust)
        pages = {name: data for name, data in found.items() if name.endswith((".html", ".svg"))}
        check_page_figures(report, TOPIC, pages, sources, _links(chain, files or found))
    except Mismatch as mismatch:
        report.fail(TOPIC, mismatch)
    _report_foreign_files(source, report, files)
    if files is not None and not trust.in_site:
        _report_site(source, report, trust.key)
    return verified


def report_style(report: Report, topic: str, found: dict[str, bytes], code: str) -> None:
    """Say first thing if pages are shown by a style sheet that the program does not ship."""
    words = other_style(found[STYLE], code) if STYLE in found else ""
    if words:
        report.add("remark", topic, words, file=STYLE)
        report.outcome_notes.append(f"{words[0].upper()}{words[1:]}.")


def _links(chain: Chain, files: Iterable[str]) -> Links:
    """Give what the pages of a record may lead to: its files, and the list of records."""
    bundles = [f"bundles/public/{digest}" for digest in chain.written]
    return Links(frozenset([*files, *bundles, CHECKPOINT, "../index.html"]), frozenset({"state"}))


def _read_files(source: Source, report: Report, files: dict[str, Entry] | None) -> dict[str, bytes]:
    """Read the files of the page layer, and compare them with their list where there is one."""
    found: dict[str, bytes] = {}
    if files is None:
        for name in (*USUAL_FILES, POLICY):
            with suppress(Mismatch):
                found[name] = read_page_file(source, name, found)
        _report_unlisted(report, sorted(found))
        return found
    for name in sorted(files):
        try:
            found[name] = read_page_file(source, name, found)
            require_listed(found[name], files[name], LIST)
        except Mismatch as mismatch:
            report.fail(TOPIC, mismatch)
    if not any(one.topic == TOPIC for one in report.failures):
        words = f"{len(files)} files are those of pages.json: {', '.join(sorted(files))[:200]}"
        report.add("checked", TOPIC, words)
    return found


def _sources(chain: Chain, bundles: dict[str, Bundle], checkpoint: Checkpoint) -> FigureSources:
    opening = chain.acts[0]["parameters"]
    sources = FigureSources(chain, bundles, checkpoint, opening["key"])
    state = headline(chain, bundles)
    sources.words = {"state": state, "heading": f"{opening['title']}: {state}"}
    return sources


def _read_published_policy(report: Report, data: bytes, trust: Trust) -> dict[str, Any]:
    """Read the policy that lies beside the pages, and say what it is worth."""
    try:
        found = guard(POLICY, partial(published_policy, data, trust.checkpoint))
    except Mismatch as mismatch:
        raise Mismatch(mismatch.words, POLICY) from mismatch
    report_published_policy(report, TOPIC, data, trust.checkpoint, trust.rules)
    return found


def _read_listed_files(
    source: Source, report: Report, trust: Trust
) -> tuple[str, dict[str, Entry] | None]:
    """Read the list of pages: the program that made them, and the files; None without a list."""
    try:
        data = source.read(LIST, LARGEST_LIST)
    except Mismatch as mismatch:
        if _is_there(source, NOTE):
            report.fail(TOPIC, Mismatch("the note that signs it is here, the list is not", LIST))
        elif not isinstance(mismatch, Missing):
            report.fail(TOPIC, mismatch)
        return "", None
    key = trust.key
    try:
        code, files = guard("the list of pages", partial(_read_list, data, trust.checkpoint))
    except Mismatch as mismatch:
        report.fail(TOPIC, mismatch)
        return "", None
    try:
        note = source.read(NOTE, LARGEST_NOTE)
    except Mismatch:
        words = (
            "pages.json is not signed: whoever can change pages can change their list with them,"
            " and then only what is compared below would show it"
        )
        report.add("remark", TOPIC, words)
        report.outcome_notes.append(
            "pages.json is not signed: the words on the pages rest on whoever serves them."
        )
        return code, files
    try:
        _require_signed(note, data, key)
        report.add("checked", TOPIC, f"pages.json is signed by {key.name}")
    except Mismatch as mismatch:
        report.fail(TOPIC, mismatch)
    return code, files


def _require_signed(note: bytes, data: bytes, key: Key) -> None:
    if read_note(note, key, NOTE) != f"{FORMAT} {key.name}\n{hashlib.sha256(data).hexdigest()}\n":
        raise Mismatch("the note is not of this pages.json", NOTE)


def _is_there(source: Source, name: str) -> bool:
    try:
        return bool(source.read(name, LARGEST_PAGE))
    except Mismatch:
        return False


def _read_list(data: bytes, checkpoint: Checkpoint) -> tuple[str, dict[str, Entry]]:
    if len(data) > LARGEST_LIST:
        raise Mismatch("the list of pages is larger than any", LIST)
    listed = read_object(data, LIST, MEMBERS)
    if listed["format"] != FORMAT or listed["origin"] != checkpoint.origin:
        raise Mismatch("this is no list of pages of this log", LIST)
    size = listed["size"]
    if size != checkpoint.size:
        raise Mismatch(f"the pages show {size} acts, the log has {checkpoint.size:,}", LIST)
    files = listed["files"]
    if (
        not isinstance(files, list)
        or len(files) > MOST_FILES
        or not all(is_entry(one, _NAME) for one in files)
    ):
        raise Mismatch("the list of files is malformed", LIST)
    names = [entry["name"] for entry in files]
    if names != sorted(set(names)) or not set(USUAL_FILES) <= set(names):
        raise Mismatch("the files are not listed once each by name, or one is missing", LIST)
    return str(listed["code"]), {entry["name"]: entry for entry in files}


def is_entry(entry: object, name: re.Pattern[str]) -> bool:
    """Whether something is an entry of a list of files, with a name of this form."""
    return (
        isinstance(entry, dict)
        and set(entry) == {"name", "sha256", "bytes"}
        and isinstance(entry["name"], str)
        and name.fullmatch(entry["name"]) is not None
        and entry["name"] not in (LIST, "record.json", SITE)
        and isinstance(entry["sha256"], str)
        and type(entry["bytes"]) is int
    )


def read_page_file(source: Source, name: str, found: Mapping[str, bytes]) -> bytes:
    """Read a page, of no more bytes than any has, or all with those that were found before."""
    left = MOST_PAGE_BYTES - sum(map(len, found.values()))
    return source.read(name, min(LARGEST_PAGE, left))


def require_listed(data: bytes, entry: Entry, listed_in: str) -> None:
    """Insist that a file has the bytes that a list says."""
    if len(data) != entry["bytes"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
        words = f"the file has other bytes than {listed_in} says: it was changed"
        raise Mismatch(words, entry["name"])


def _check_data(report: Report, data: bytes, work: Any) -> None:  # noqa: ANN401
    try:
        state = _require_data(data, guard(DATA, work))
        report.add("checked", TOPIC, f"data.json comes out again: {state}")
    except Mismatch as mismatch:
        report.fail(TOPIC, Mismatch(mismatch.words, DATA))


def _require_data(data: bytes, expected: dict[str, Any]) -> str:
    if data != encode(expected):
        raise Mismatch(_first_difference(data, expected), DATA)
    return str(expected["state"])


def _first_difference(data: bytes, expected: dict[str, Any]) -> str:
    """Name the first member that is not what it should be."""
    stands = read_object(data, DATA, set(expected))
    for name, value in expected.items():
        if encode(stands[name]) == encode(value):
            continue
        if name == "acts" and isinstance(stands[name], list) and len(stands[name]) == len(value):
            pairs = zip(stands[name], value, strict=True)
            number = next(n for n, (one, other) in enumerate(pairs) if encode(one) != encode(other))
            return f"what it says of act {number} is not what the act says"
        return f"{name} is {_short_json(stands[name])}, worked out here {_short_json(value)}"
    return "it is not what the record gives"


def _short_json(value: object) -> str:
    return encode(value).decode()[:80]


def _report_unlisted(report: Report, names: list[str]) -> None:
    words = "there are no pages here" if not names else (
        f"not covered: {', '.join(names)}, which no pages.json lists; of these only what is"
        " compared below is shown to be right"
    )  # fmt: skip
    report.add("remark", TOPIC, words)
    if names:
        report.outcome_notes.append(f"Pages lie here that no pages.json lists: {', '.join(names)}.")


def _report_foreign_files(source: Source, report: Report, files: dict[str, Entry] | None) -> None:
    """Say what lies beside the pages."""
    known = {
        "record.json",
        "log",
        "bundles",
        LIST,
        NOTE,
        *([*USUAL_FILES, POLICY] if files is None else files),
    }
    foreign = [name for name in source.names("") or [] if name not in known]
    if foreign:
        words = f"not covered: {', '.join(foreign)[:200]}, which is not the record's nor listed"
        report.add("remark", TOPIC, words, file=foreign[0])


def site_note_text(data: bytes) -> str:
    """Give what the note of a site's list says."""
    return f"{SITE_FORMAT} site\n{hashlib.sha256(data).hexdigest()}\n"


def _report_site(source: Source, report: Report, key: Key) -> None:
    """Say whether the site around a record vouches for what its records share."""
    try:
        is_signed = guard(SITE, partial(_is_signed_by_site, source, source.outer(), key))
    except Mismatch:
        is_signed = False
    words = (
        f"what the site around this folder shares (list of records, law, style sheet) is listed in"
        f" ../{SITE}, signed by {key.name}; it was not compared: verify the site's own folder"
        if is_signed
        else "not covered: what lies outside of this folder (list of records, pages of the law); no"
        f" {SITE} around it is signed for this record"
    )
    report.add("remark", TOPIC, words)


def _is_signed_by_site(source: Source, outer: Source, key: Key) -> bool:
    data, own = outer.read(SITE, LARGEST_LIST), source.read(LIST, LARGEST_LIST)
    records = read_object(data, SITE, {"format", "code", "records", "files"})["records"]
    listed = [one["pages"] for one in records if one["origin"] == key.name]
    note = read_note(outer.read(SITE_NOTE, LARGEST_NOTE), key, SITE_NOTE)
    return listed == [hashlib.sha256(own).hexdigest()] and note == site_note_text(data)
