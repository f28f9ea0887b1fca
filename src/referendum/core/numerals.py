"""Whole numbers as offices, spreadsheets and statistics programs write them."""

import re
import unicodedata
from collections.abc import Iterable

_SPREADSHEET = re.compile(r'^="(.*)"$|^\'')
_GROUPED = re.compile(r"^([1-9]\d{0,2})((?:[ '’]\d{3})+)$")
_ZERO_DECIMALS = re.compile(r"^(\d+|[1-9]\d{0,2}(?:([.,])\d{3})+)([.,])0+$")
_THOUSANDS = {mark: re.compile(rf"^[1-9]\d{{0,2}}(\{mark}\d{{3}})+$") for mark in ".,"}

ThousandsMarks = frozenset[str]
"""The marks, point or comma, that separate thousands in a table."""


def thousands_marks(texts: Iterable[str]) -> ThousandsMarks:
    """Find which of point and comma separate the thousands in the cells of a table.

    A mark that stands before decimals in any cell separates no thousands. A point that only ever
    stands before `000` may be either, and is not taken for a separator.
    """
    unsigned = [_split_sign(text)[1] for text in texts]
    decimal = {
        match[3]
        for text in unsigned
        if (match := _ZERO_DECIMALS.match(text)) and _is_decimal(match)
    }
    grouped_by_mark = {
        mark: [text for text in unsigned if pattern.match(text)]
        for mark, pattern in _THOUSANDS.items()
    }
    separators = {
        mark
        for mark, texts_of_mark in grouped_by_mark.items()
        if any(
            mark == "," or text.count(mark) > 1 or not text.endswith("000")
            for text in texts_of_mark
        )
    }
    return frozenset(separators - decimal)


def _is_decimal(match: re.Match[str]) -> bool:
    """Whether zeros behind the last mark can be nothing but decimals: `5.0`, `1,234.00`."""
    whole, inner, last = match[1], match[2], match[3]
    zeros = len(match[0]) - len(whole) - 1
    return inner != last and (inner is not None or zeros != 3 or len(whole) > 3 or whole == "0")


def read_integer(text: str, marks: ThousandsMarks) -> int | None:
    """Read a whole number (`1234`, `5.0`, `1,234`, `1 234`, `1'234`, `="120"`); else give None."""
    sign, unsigned = _split_sign(text)
    if grouped := _GROUPED.match(unsigned):
        unsigned = grouped[1] + re.sub(r"\D", "", grouped[2])
    elif mark := next((m for m in marks if _THOUSANDS[m].match(unsigned)), None):
        unsigned = unsigned.replace(mark, "")
    elif (
        (decimal := _ZERO_DECIMALS.match(unsigned))
        and _is_decimal(decimal)
        and decimal[3] not in marks
    ):
        unsigned = re.sub(r"\D", "", decimal[1])
    return sign * int(unsigned) if re.fullmatch(r"\d{1,18}", unsigned) else None


def _split_sign(text: str) -> tuple[int, str]:
    """Give a number's sign and digits, without a spreadsheet's marks of a number kept as text."""
    inner = _SPREADSHEET.sub(lambda match: match[1] or "", text).strip()
    plain = unicodedata.normalize("NFKC", inner).replace("\u2212", "-")
    digits = "".join(
        str(unicodedata.decimal(one)) if one.isdecimal() and not one.isascii() else one
        for one in plain
    )
    signed = digits[:1] in ("-", "+")
    return (-1 if digits.startswith("-") else 1), digits[1:].strip() if signed else digits
