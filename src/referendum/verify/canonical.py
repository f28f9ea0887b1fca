"""Canonical JSON (RFC 8785 without floats), read strictly and written again to compare."""

import json
import re
from fractions import Fraction
from typing import Any, Never

from referendum.verify.report import Mismatch

_INTEGER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_EXACT = re.compile(r"-?(0|[1-9][0-9]{0,39})(/[1-9][0-9]{0,39}|\.[0-9]{1,40})?", re.ASCII)

LARGEST = 2**53 - 1
"""The largest integer that JSON holds in every language (RFC 8785)."""


def _integer(digits: str) -> int:
    if len(digits) > len(str(-LARGEST)) or abs(int(digits)) > LARGEST:
        raise ValueError("an integer beyond 2^53 - 1")
    return int(digits)


def _refuse(_: str) -> Never:
    raise ValueError("a float")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_refuse, parse_constant=_refuse)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_QUOTED = json.JSONEncoder(ensure_ascii=False).encode

_HIGH = re.compile(rb"[\xee-\xff]")
"""In letters from U+E000 on, whose order in UTF-16 is another than that of their numbers."""


def read_json(data: bytes, file: str) -> Any:  # noqa: ANN401
    """Read JSON and insist on its canonical bytes."""
    try:
        value = _DECODER.decode(data.decode())
        # Python's own encoder is many times as fast, and sorts names by the numbers of letters.
        again = encode(value) if _HIGH.search(data) else _ENCODER.encode(value).encode()
    except (ValueError, RecursionError) as error:
        raise Mismatch(f"not canonical JSON: {str(error)[:80]}", file) from error
    if again != data:
        raise Mismatch("not in canonical form", file)
    return value


def read_object(data: bytes, file: str, members: set[str]) -> dict[str, Any]:
    """Read a JSON object that has exactly these members."""
    value = read_json(data, file)
    if not isinstance(value, dict):
        raise Mismatch("not a JSON object", file)
    if set(value) != members:
        differing = sorted(members ^ set(value))
        raise Mismatch(f"members missing or unknown: {', '.join(differing)[:200]}", file)
    return value


def encode(value: Any) -> bytes:  # noqa: ANN401
    """Write canonical JSON."""
    return _text(value).encode()


def same(one: Any, other: Any) -> bool:  # noqa: ANN401
    """Whether two values have the same canonical bytes (so that true is not 1)."""
    return encode(one) == encode(other)


def integer(text: str, what: str, file: str) -> int:
    """Read a whole number written without sign or leading zeros."""
    if not _INTEGER.fullmatch(text):
        raise Mismatch(f"{what} {text[:40]!r} is not a whole number", file)
    return int(text)


def exact(text: object) -> Fraction:
    """Read an exact number: a whole one, `1/10` or `0.95`; of at most 40 digits a part."""
    written = str(text) if type(text) is int and abs(text) <= LARGEST else text
    if not isinstance(written, str) or not _EXACT.fullmatch(written):
        raise Mismatch(f"{str(text)[:40]!r} is not an exact number")
    return Fraction(written)


def is_exact(text: object) -> bool:
    """Whether a text is an exact number as acts write it: in lowest terms, and 0 without sign."""
    if not isinstance(text, str) or not _EXACT.fullmatch(text):
        return False
    return str(exact(text)) == text if "/" in text else not re.fullmatch(r"-0(\.0+)?", text)


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, str):
        return _QUOTED(value)
    if isinstance(value, dict):
        names = sorted(value, key=None if "".join(value).isascii() else _in_utf16)
        return "{" + ",".join(f"{_QUOTED(name)}:{_text(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, float):
        raise ValueError("a float")  # noqa: TRY004 - not a wrong call but wrong data
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError("an integer beyond 2^53 - 1")
    return json.dumps(value)


def _in_utf16(name: str) -> bytes:
    return name.encode("utf-16-be")
