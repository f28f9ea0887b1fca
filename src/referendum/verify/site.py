"""The shared files of a site (section 15): its list, who signed it, and the list of records."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote

from referendum.verify.canonical import read_object
from referendum.verify.checkpoint import LARGEST_NOTE, Key, NotSigned, read_note
from referendum.verify.dialect import Links
from referendum.verify.elements import read_page
from referendum.verify.figure_sources import FigureSources
from referendum.verify.page_figures import INDEX, check_page_figures
from referendum.verify.page_layer import (
    LARGEST_LIST,
    LIST,
    MOST_FILES,
    SITE,
    SITE_FORMAT,
    SITE_NOTE,
    Entry,
    VerifiedRecord,
    is_entry,
    read_page_file,
    report_style,
    require_listed,
    site_note_text,
)  # fmt: skip
from referendum.verify.record_source import Source, SourceBelow
from referendum.verify.report import Finding, Mismatch, Report, guard
from referendum.verify.statutes import differences
from referendum.verify.toml_documents import read_toml

TOPIC = "The site"
MEMBERS = {"format", "code", "records", "files"}
USUAL_FILES = {"index.html", "style.css"}
MOST_RECORDS = 1_000

_FILE = re.compile(
    r"(?=.{1,200}\Z)([a-z0-9][a-z0-9_-]*/){0,5}[a-z0-9][a-z0-9_-]*\.(html|json|css|svg|js|txt|toml)",
    re.ASCII,
)
_SOURCE_IN_RECORD = re.compile(r"in\(([^(),/]+),(.*)\)", re.DOTALL)

Verify = Callable[[Source, Report], VerifiedRecord | None]
"""Verifies a record of a site; what its figures come from, where it comes so far."""


@dataclass
class SiteSources:
    """Looks up what sources of the list of records stand for: `in(RECORD,SOURCE)`."""

    records: dict[str, FigureSources] = field(default_factory=dict)

    def value(self, source: str) -> Any:  # noqa: ANN401
        """Give what a source stands for in the record that it names."""
        found = _SOURCE_IN_RECORD.fullmatch(source)
        name = unquote(found[1]) if found else ""
        if found is None or name not in self.records:
            raise Mismatch(f"no such source: {source[:60]}")
        return self.records[name].value(found[2])


def check_site(source: Source, data: bytes, report: Report, verify: Verify) -> None:
    """Verify every record of a site, and then the files that they share.

    Args:
        source: the site.
        data: its `site.json`.
        report: takes what is found of all records, each under its name.
        verify: verifies one.
    """
    try:
        code, records, files = guard(SITE, partial(_read_list, data))
    except Mismatch as mismatch:
        report.fail(TOPIC, Mismatch(mismatch.words, SITE))
        return
    if not records:
        report.nothing = f"{SITE} lists no records."
        return
    sources, keys = SiteSources(), []
    for name, entry in records.items():
        own = Report(name)
        verified = _verify_record(verify, SourceBelow(source, name), own)
        _add_findings(report, own, name)
        if verified is None:
            continue
        sources.records[name] = verified.sources
        keys.append(verified.key)
        _check_record(source, report, name, entry, verified.key)
    _check_note(source, data, report, keys)
    links = Links(
        frozenset([*files, *(f"{name}/index.html" for name in records)]),
        frozenset(f"in({name},state)" for name in records),
    )
    found = _read_files(source, report, files, links)
    report_style(report, TOPIC, found, code)
    pages = {name: found[name] for name in (INDEX,) if name in found}
    check_page_figures(report, TOPIC, pages, sources, links)
    _compare_statutes(report, found)
    _report_foreign_files(source, report, {*records, SITE, SITE_NOTE}, files)


def _verify_record(verify: Verify, source: Source, report: Report) -> VerifiedRecord | None:
    try:
        return guard("the record", partial(verify, source, report))
    except Mismatch as mismatch:
        report.fail(report.findings[-1].topic if report.findings else TOPIC, mismatch)
    return None


def _add_findings(report: Report, own: Report, name: str) -> None:
    """Put what was found of a record into the report of its site, under its name."""
    if own.nothing:
        own.fail(TOPIC, Mismatch(own.nothing, "record.json"))
    for one in own.findings:
        file = f"{name}/{one.file}" if one.file else ""
        report.findings.append(Finding(one.state, f"{name}: {one.topic}", one.words, one.act, file))
    report.outcome += [f"{name}: {words}" for words in own.outcome]
    report.outcome_notes += [f"{name}: {words}" for words in own.outcome_notes]


def _read_list(data: bytes) -> tuple[str, dict[str, Entry], dict[str, Entry]]:
    listed = read_object(data, SITE, MEMBERS)
    if listed["format"] != SITE_FORMAT:
        raise Mismatch(f"this is no list of a site: its format is not {SITE_FORMAT}", SITE)
    code, records, files = (listed[name] for name in ("code", "records", "files"))
    if not _is_list(records, MOST_RECORDS, _is_record) or not _is_list(files, MOST_FILES, _is_file):
        raise Mismatch("the list of records or files is malformed", SITE)
    names = [entry["name"] for entry in files]
    if names != sorted(set(names)) or not set(names) >= USUAL_FILES:
        raise Mismatch("the files are not listed once each by name, or one is missing", SITE)
    if len({entry["name"] for entry in records}) != len(records):
        raise Mismatch("a record is listed twice", SITE)
    named = {one["name"]: one for one in records}
    return str(code), named, {one["name"]: one for one in files}


def _is_list(found: object, most: int, fits: Callable[[object], bool]) -> bool:
    return isinstance(found, list) and len(found) <= most and all(map(fits, found))


def _is_record(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and set(entry) == {"name", "origin", "pages"}
        and all(isinstance(value, str) for value in entry.values())
        and re.fullmatch(r"(?!\.)[^/\\\x00-\x1f]{1,255}", entry["name"]) is not None
    )


def _is_file(entry: object) -> bool:
    return is_entry(entry, _FILE) and entry["name"] != SITE  # type: ignore[index]


def _check_record(source: Source, report: Report, name: str, entry: Entry, key: Key) -> None:
    """Hold a record of the list against the one that lies in its folder."""
    try:
        pages = source.read(f"{name}/{LIST}", LARGEST_LIST)
    except Mismatch as mismatch:
        report.fail(TOPIC, mismatch)
        return
    if key.name != entry["origin"]:
        words = f"{name} is {entry['origin'][:80]} by the list of the site; here it is {key.name}"
        report.fail(TOPIC, Mismatch(words, SITE))
    if hashlib.sha256(pages).hexdigest() != entry["pages"]:
        words = "the record's pages are others than the list of the site says"
        report.fail(TOPIC, Mismatch(words, f"{name}/{LIST}"))


def _check_note(source: Source, data: bytes, report: Report, keys: list[Key]) -> None:
    """Say by which records' keys the list of the site is signed."""
    try:
        note = source.read(SITE_NOTE, LARGEST_NOTE)
    except Mismatch:
        words = f"{SITE} is not signed: whoever can change the shared files can change it with them"
        report.add("remark", TOPIC, words)
        report.outcome_notes.append(
            f"{SITE} is not signed: what is said on the list of records and of the law rests on"
            " whoever serves it."
        )
        return
    for key in keys:
        try:
            text = read_note(note, key, SITE_NOTE)
        except NotSigned:
            words = f"{SITE} is not signed by {key.name}: its key vouches for no shared file"
            report.add("remark", TOPIC, words)
        except Mismatch as mismatch:
            report.fail(TOPIC, mismatch)
        else:
            if text == site_note_text(data):
                report.add("checked", TOPIC, f"{SITE} is signed by {key.name}")
            else:
                report.fail(TOPIC, Mismatch(f"the note is not of this {SITE}", SITE_NOTE))
    if not keys:
        report.add("remark", TOPIC, f"no record could be read: {SITE} rests on no key")


def _read_files(
    source: Source, report: Report, files: dict[str, Entry], links: Links
) -> dict[str, bytes]:
    """Read the shared files, compared with the list; the pages of the law by the dialect too."""
    found: dict[str, bytes] = {}
    fine = True
    for name, entry in files.items():
        try:
            found[name] = read_page_file(source, name, found)
            require_listed(found[name], entry, SITE)
            if name.endswith((".html", ".svg")) and name != INDEX:
                guard("the page", partial(read_page, found[name], name, links))
        except Mismatch as mismatch:
            fine = False
            report.fail(TOPIC, Mismatch(mismatch.words, name))
    if fine:
        words = f"{len(files)} shared files (list of records, law, style sheet) are those of {SITE}"
        report.add("checked", TOPIC, words)
    return found


def _compare_statutes(report: Report, found: dict[str, bytes]) -> None:
    statutes = {name: data for name, data in found.items() if name.endswith(".toml")}
    differing = []
    for name, data in statutes.items():
        try:
            differing += guard(name, partial(_differences, data))
        except Mismatch as mismatch:
            differing.append(f"{name}: {mismatch.words}")
    if differing:
        report.add("remark", TOPIC, "; ".join(differing)[:1_000])
    elif statutes:
        words = f"{len(statutes)} statutes are, to the byte, those that this program ships"
        report.add("checked", TOPIC, words)
    if statutes:
        words = (
            "the pages of the law are compared with the list alone: what they say is no record's"
        )
        report.add("remark", TOPIC, words)


def _differences(data: bytes) -> list[str]:
    return differences(read_toml(data, SITE), data)


def _report_foreign_files(
    source: Source, report: Report, known: set[str], files: dict[str, Entry]
) -> None:
    """Say what lies in the site and is on no list."""
    tops = {name.partition("/")[0] for name in files}
    foreign = [name for name in source.names("") or [] if name not in known | tops]
    foreign += [
        path
        for top in sorted(tops - set(files))
        for path in _files_below(source, top, 0)
        if path not in files
    ]
    if foreign:
        words = f"not covered: {', '.join(foreign)[:200]}, which is on no list of the site"
        report.add("remark", TOPIC, words, file=foreign[0])


def _files_below(source: Source, folder: str, depth: int) -> list[str]:
    """List the files below a folder of the site."""
    if depth > 8:
        return [folder]
    found = []
    for name in source.names(folder) or []:
        path = f"{folder}/{name}"
        found += _files_below(source, path, depth + 1) or [path]
    return found
