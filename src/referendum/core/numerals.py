"""Whole numbers as offices, spreadsheets and statistics programs write them."""

import re
import unicodedata
from collections.abc import Iterable

_SPREADSHEET = re.compile(r'^="(.*)"$|^\'')
_GROUPED = re.compile(r"^([1-9]\d{0,2})((?:[ '’]\d{3})+)$")
_ROUND = re.compile(r"^(\d+|[1-9]\d{0,2}(?:([.,])\d{3})+)([.,])0+$")
_PARTED = {mark: re.compile(rf"^[1-9]\d{{0,2}}(\{mark}\d{{3}})+$") for mark in ".,"}

Marks = frozenset[str]
"""Marks (point, comma) that part thousands in a table."""


def thousands_marks(texts: Iterable[str]) -> Marks:
    """Find which of point and comma part the thousands in the cells of a table.

    A mark that anywhere stands before decimals parts no thousands. A point alone before `000`
    everywhere may be either, and parts nothing.
    """
    bare = [_bare(text)[1] for text in texts]
    decimal = {match[3] for text in bare if (match := _ROUND.match(text)) and _is_decimal(match)}
    parted = {
        mark: [text for text in bare if pattern.match(text)] for mark, pattern in _PARTED.items()
    }
    sure = {
        mark
        for mark, found in parted.items()
        if any(mark == "," or text.count(mark) > 1 or not text.endswith("000") for text in found)
    }
    return frozenset(sure - decimal)


def _is_decimal(match: re.Match[str]) -> bool:
    """Whether zeros behind the last mark can be nothing but decimals: `5.0`, `1,234.00`."""
    whole, inner, last = match[1], match[2], match[3]
    zeros = len(match[0]) - len(whole) - 1
    return inner != last and (inner is not None or zeros != 3 or len(whole) > 3 or whole == "0")


def read_whole(text: str, marks: Marks) -> int | None:
    """Read a whole number: `1234`, `5.0`, `1,234`, `1 234`, `1'234`, `="120"`; else None."""
    sign, bare = _bare(text)
    if grouped := _GROUPED.match(bare):
        bare = grouped[1] + re.sub(r"\D", "", grouped[2])
    elif mark := next((m for m in marks if _PARTED[m].match(bare)), None):
        bare = bare.replace(mark, "")
    elif (decimal := _ROUND.match(bare)) and _is_decimal(decimal) and decimal[3] not in marks:
        bare = re.sub(r"\D", "", decimal[1])
    return sign * int(bare) if re.fullmatch(r"\d{1,18}", bare) else None


def _bare(text: str) -> tuple[int, str]:
    """Take the sign off, and what a spreadsheet puts around a number that it keeps as text."""
    inner = _SPREADSHEET.sub(lambda match: match[1] or "", text).strip()
    plain = unicodedata.normalize("NFKC", inner).replace("\u2212", "-")
    digits = "".join(
        str(unicodedata.decimal(one)) if one.isdecimal() and not one.isascii() else one
        for one in plain
    )
    signed = digits[:1] in ("-", "+")
    return (-1 if digits.startswith("-") else 1), digits[1:].strip() if signed else digits
