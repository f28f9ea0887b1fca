"""TOML in the plain form in which statutes are written (record.md, section 7)."""

import re
import tomllib
from typing import Any

from referendum.verify.report import Mismatch

LONGEST_LINE = 1_000
MOST_DOTS = 10
"""In a line outside of texts: what nests deeper takes a reader of TOML longer than it can wait."""

_TEXT_OR_REMARK = re.compile(r""""(?:[^"\\]|\\.)*"?|'[^']*'?|#.*""")


def read_toml(data: bytes, file: str) -> dict[str, Any]:
    """Read a TOML document."""
    try:
        text = data.decode()
        _require_plain(text, file)
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Mismatch(f"not TOML: {str(error)[:80]}", file) from error


def _require_plain(text: str, file: str) -> None:
    if '"""' in text or "'''" in text:
        raise Mismatch("a text goes over several lines", file)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise Mismatch(f"line {number} is longer than {LONGEST_LINE:,} characters", file)
        if _TEXT_OR_REMARK.sub("", line).count(".") > MOST_DOTS:
            raise Mismatch(f"line {number} has more than {MOST_DOTS} dots outside of texts", file)
