"""Canonical bytes and digests: one value has one encoding and one SHA-256.

Acts and manifests are JSON as RFC 8785 has it, without floating-point numbers: an exact number is
an integer or a string such as `"1/10"`, so every language reads and writes the same bytes.
"""

import hashlib
import json
import re
from typing import Any, NoReturn

import rfc8785

from referendum.core.errors import InputError

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


def canonical_json(value: Json) -> bytes:
    """Encode a value as canonical JSON (RFC 8785).

    Raises:
        InputError: the value holds a float, a non-text key or an integer beyond 2**53 - 1.
    """
    if _is_plain(value):
        return _encode_plain(value).encode()
    refuse_floats(value)
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise InputError(f"not canonical JSON: {error}") from error


_encode_plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""Writes the bytes of RFC 8785 for values of which `_is_plain` is true, in about half the time."""

_LARGEST_INTEGER = 2**53 - 1


def _is_plain(value: Json) -> bool:
    """Whether keys are ASCII, so that they sort by code points, and integers are in range."""
    if isinstance(value, dict):
        return all(
            isinstance(name, str) and name.isascii() and _is_plain(inner)
            for name, inner in value.items()
        )
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return value.isascii() or value.isprintable()
    return value is None or (isinstance(value, int) and abs(value) <= _LARGEST_INTEGER)


def refuse_floats(value: Json) -> None:
    """Raise InputError if there is a float anywhere in the value."""
    if isinstance(value, float):
        raise InputError(f"a float ({value!r}) cannot stand in the record; write it as text")
    for inner in (
        value.values()
        if isinstance(value, dict)
        else value
        if isinstance(value, list | tuple)
        else ()
    ):
        refuse_floats(inner)


def read_canonical_json(data: bytes, where: str) -> Any:  # noqa: ANN401 - typed by the caller
    """Decode JSON, and insist that its bytes are the canonical ones, so that nothing hides in them.

    Args:
        data: the bytes.
        where: the file or act that they come from, for the error.

    Raises:
        InputError: the bytes are not JSON, or not its canonical form.
    """
    try:
        value = json.loads(data, parse_float=_refuse_float, parse_constant=_refuse_float)
        same = _is_plainly_canonical(value, data) or canonical_json(value) == data
    except (ValueError, RecursionError) as error:  # also of numbers and nestings without end
        raise InputError(f"not JSON: {str(error)[:80]}", where=where) from error
    if not same:
        raise InputError("JSON is not in canonical form (RFC 8785)", where=where)
    return value


_NEEDS_RFC_ENCODER = re.compile(rb"[0-9]{16}|\\u[dD]|[\xed-\xff]")
"""Where Python's own encoder may differ from RFC 8785, or accepts what is refused here: integers
that are too large, halves of surrogate pairs, and letters that sort otherwise in UTF-16."""


def _refuse_float(number: str) -> NoReturn:
    raise InputError(f"a float ({number[:40]}) cannot stand in the record; write it as text")


def _is_plainly_canonical(value: Json, data: bytes) -> bool:
    """Whether Python's own encoder, which is many times as fast, gives the same bytes."""
    if _NEEDS_RFC_ENCODER.search(data):
        return False
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return plain.encode() == data


def sha256_hex(data: bytes) -> str:
    """Give the SHA-256 of some bytes as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
