"""Cells of a table of polls as people write them: footnotes, per cent signs, ranges, words."""

import re
import unicodedata
from datetime import date

import polars as pl

from referendum.core.names import name_key
from referendum.core.words import may_be_nothing, read_answer
from referendum.core.written_days import read_day

_FOOTNOTE = re.compile(r"\[[^\]]{0,6}\]|[†‡*§¶#⁰¹²³⁴-⁹]+$|(?<=\D)\s*\((?:\d|[a-z])\)$")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_ABOUT = re.compile(r"(?i)^(?:~|≈|about|around|approx(?:imately|\.)?|circa|ca?\.|n\s*=)\s*")
_RANGE = re.compile(rf"^\d[\d., ]*\s*[-{_DASHES}]\s*\d[\d., ]*$")
_SHARE = re.compile(r"^(\d{0,3})(?:[.,](\d+))?([¼½¾])?$")
_FRACTIONS = {"¼": "25", "½": "5", "¾": "75"}
_DAY_MONTH = re.compile(
    rf"^(\d{{1,2}})[\s.{_DASHES}-]+([^\W\d]+)\.?$|^([^\W\d]+)\.?\s+(\d{{1,2}})$"
)
_TO = rf"\s*[{_DASHES}-]\s*"
_SPANS = (
    (re.compile(rf"^(\d{{1,2}}){_TO}(\d{{1,2}})\.?\s+([^\W\d].*)$"), r"\1 \3", r"\2 \3"),
    (
        re.compile(rf"^(\d{{1,2}}\s+[^\W\d]+)\.?{_TO}(\d{{1,2}}\s+[^\W\d]+\.?)(\s+\d{{4}})?$"),
        r"\1\3",
        r"\2\3",
    ),
    (
        re.compile(rf"^([^\W\d]+)\.?\s+(\d{{1,2}}){_TO}(\d{{1,2}}),?(\s+\d{{4}})?$"),
        r"\2 \1\4",
        r"\3 \1\4",
    ),
)
"""Days of asking in one cell: `24–26 Mar 2023`, `28 Aug – 1 Sep 2023`, `Mar 24–26, 2023`."""

MODES_BY_WORD = {
    "online": "online, internet, web, webpanel, onlinepanel, cawi, onlinesurvey",
    "telephone": "telephone, phone, livephone, livetelephone, landline, mobile, cati, telefon,"
    " téléphone, teléfono, phonesurvey, livecaller, telephonic",
    "face-to-face": "facetoface, f2f, inperson, inhome, capi, personal, door to door",
    "mixed": "mixed, mixedmode, mixedmethods, multimode, hybrid, onlinephone, onlinetelephone,"
    " phoneonline, telephoneonline, online and phone, cawi cati, cati cawi",
    "ivr": "ivr, robopoll, robocall, automated, automatedphone, automatedtelephone",
    "post": "post, postal, mail, bymail, paper",
}  # fmt: skip
"""Words for how people were asked."""

_MODE_OF = {
    name_key(word): mode for mode, words in MODES_BY_WORD.items() for word in words.split(",")
}


def tidy_cells(raw: pl.DataFrame, vote: date) -> tuple[pl.DataFrame, list[tuple[int, str, str]]]:
    """Bring cells to what the table asks for, and say what had to be taken for granted.

    Returns:
        The table, and `row` (from 1), column and code of each cell that says less than it should.
    """
    notes: list[tuple[int, str, str]] = []
    columns = {name: raw[name].cast(pl.String, strict=False).to_list() for name in raw.columns}
    for name, rule in _TIDY_CELL.items():
        if name in columns and raw.schema[name] == pl.String:
            columns[name] = [None if cell is None else rule(cell) for cell in columns[name]]
    _tidy_days(columns, raw.schema, vote, notes)
    for row, cell in enumerate(columns.get("sample_size", []), start=1):
        if cell and _RANGE.match(cell):
            notes.append((row, "sample_size", "a_range"))
            columns["sample_size"][row - 1] = None
    tidied = [
        pl.Series(name, cells, dtype=pl.String) if raw.schema.get(name) in (None, pl.String)
        else raw[name]
        for name, cells in columns.items()
    ]  # fmt: skip
    return pl.DataFrame(tidied), notes


def _strip_footnotes(cell: str) -> str:
    before, text = "", cell.strip()
    while before != text:
        before, text = text, _FOOTNOTE.sub("", text).strip()
    return text


def _tidy_house(cell: str) -> str:
    """Take marks of footnotes off a name, unless nothing else is left."""
    return _strip_footnotes(cell) or cell


def _tidy_share(cell: str) -> str | None:
    text = _strip_footnotes(cell).removesuffix("%").strip()
    if may_be_nothing(text):
        return None
    found = _SHARE.match(text)
    if found is None or (found[2] and found[3]):
        return text
    decimals = found[2] or _FRACTIONS.get(found[3] or "")
    whole = found[1] or "0"
    return f"{whole}.{decimals}" if decimals else whole


def _tidy_size(cell: str) -> str | None:
    text = _ABOUT.sub("", _strip_footnotes(cell)).strip()
    return None if may_be_nothing(text) else unicodedata.normalize("NFKC", text)


def _tidy_mode(cell: str) -> str:
    return _MODE_OF.get(name_key(_strip_footnotes(cell)), cell)


def _tidy_side(cell: str) -> str:
    return read_answer(cell) or cell


_TIDY_CELL = {
    "pollster": _tidy_house, "yes": _tidy_share, "no": _tidy_share, "undecided": _tidy_share,
    "sample_size": _tidy_size,    "mode": _tidy_mode, "sponsor_side": _tidy_side,
}  # fmt: skip


def _tidy_days(
    columns: dict[str, list[str | None]],
    schema: pl.Schema,
    vote: date,
    notes: list[tuple[int, str, str]],
) -> None:
    """Take spans apart, and give days without a year the last one before the vote."""
    if "field_end" not in columns or schema["field_end"] != pl.String:
        return
    starts = columns.setdefault("field_start", [None] * len(columns["field_end"]))
    for row, cell in enumerate(columns["field_end"]):
        text = _strip_footnotes(cell or "")
        for span, first, last in _SPANS:
            if span.match(text):
                starts[row] = starts[row] or span.sub(first, text)
                columns["field_end"][row] = text = span.sub(last, text)
                break
    if schema.get("field_start", pl.String) != pl.String:
        return
    for name in ("field_start", "field_end"):
        for row, cell in enumerate(columns[name]):
            text = _strip_footnotes(cell or "")
            if text and _DAY_MONTH.match(text):
                day = _last_before(text, vote)
                columns[name][row] = day.isoformat() if day else cell
                notes.append((row + 1, name, "year_assumed")) if day else None
            elif cell is not None:
                columns[name][row] = text or None


def _last_before(text: str, vote: date) -> date | None:
    words = re.sub(rf"[\s.{_DASHES}-]+", " ", text).strip()
    for year in (vote.year, vote.year - 1):
        day = read_day(f"{words} {year}", None, None)
        if isinstance(day, date) and day <= vote:
            return day
    return None
