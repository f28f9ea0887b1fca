"""JSON of a known shape from outside: what is not of that shape is named by record and member."""

import json
import re
import unicodedata
from typing import TypeVar

import msgspec

from referendum.core.errors import InputError
from referendum.count.cast_vote_records.vendors import SUPPORTED_EXPORTS

T = TypeVar("T")

_KINDS = {
    "array": "a list", "object": "an object", "str": "a text", "int": "a whole number",
    "float": "a number", "bool": "true or false", "null": "nothing",
}  # fmt: skip
_RECORDS = re.compile(r"^(?:Sessions|CVR)\[(\d+)\]\.?")


_LONGEST_NAME = 200


def clean_name(text: str, otherwise: str = "") -> str:
    """Give a name as a table of forms has it: in one line, without control characters.

    A title that holds the whole question is cut, and told apart by its identifier.
    """
    printable = "".join(
        " " if unicodedata.category(letter)[0] == "C" else letter for letter in text
    )
    name = " ".join(printable.split()) or otherwise
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME].strip()} … ({otherwise})"


def to_utf8(data: bytes) -> bytes:
    """Give JSON in UTF-8, without a byte order mark, from any encoding that JSON may have.

    Raises:
        InputError: it is in none of them.
    """
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding).encode()
    except UnicodeError as error:
        raise InputError(
            f"not JSON, or cut off: the text is not {encoding}",
            hint="copy it again from its source",
        ) from error


def decode(data: bytes, shape: type[T]) -> T:
    """Decode JSON (UTF-8) of a shape.

    Raises:
        InputError: it is cut off, or a member is not what it should be.
    """
    if data.lstrip()[:1] not in {b"{", b""}:
        raise InputError(
            "the file is a text or a table, not an object of JSON", hint=SUPPORTED_EXPORTS
        )
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise _shape_error(str(error)) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        byte = re.search(r"byte (\d+)", str(error))
        raise InputError(
            f"not JSON, or cut off{f' at byte {int(byte[1]):,}' if byte else ''}",
            hint="copy it again from its source",
        ) from error
    except RecursionError as error:
        raise InputError("not JSON of this kind: it is nested too deeply") from error


def _shape_error(fault: str) -> InputError:
    what, _, path = fault.partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    record = _RECORDS.match(path)
    member = path[record.end() :] if record else path
    where = f"record {int(record[1]) + 1}" if record else ""
    return InputError(f"{member + ': ' if member else ''}{_explain(what)}", where=where)


def _explain(what: str) -> str:
    if expected := re.match(r"Expected `(.+)`, got `(.+)`", what):
        kinds = [_KINDS.get(kind, kind) for kind in expected[1].split(" | ")]
        return f"expected {' or '.join(kinds)}, found {_KINDS.get(expected[2], expected[2])}"
    if missing := re.match(r"Object missing required field `(.+)`", what):
        return f"{missing[1]} is missing"
    if value := re.match(r"Invalid enum value (.+)", what):
        return f"{value[1]} is none of the values that the specification has"
    return "not what the specification has"
