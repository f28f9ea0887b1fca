"""The tags of a page, looked at before a reader of HTML sees them (record.md, section 15)."""

import re

from referendum.verify.report import Mismatch

LONGEST_TAG = 100_000

_DOCTYPE = "<!doctype html>"
_NAME = r"[A-Za-z][A-Za-z0-9-]*+"
_TAG = re.compile(rf"""(/?)({_NAME})(?:\s++[A-Za-z][A-Za-z0-9:_-]*+(?:="[^"<>]*+")?)*+\s*+/?>""")


def require_plain_tags(text: str, file: str) -> None:
    """See that every `<` begins a whole tag, and that a title holds text alone.

    A reader of HTML guesses what others may mean, and can take the square of their number for it.
    """
    begin = len(_DOCTYPE) if text[: len(_DOCTYPE)].lower() == _DOCTYPE else 0
    in_title = False
    while (begin := text.find("<", begin)) >= 0:
        tag = _TAG.match(text, begin + 1, begin + LONGEST_TAG)
        if tag is None:
            raise Mismatch(f"line {_line(text, begin)}: this is no tag that pages have", file)
        is_end, name = tag[1] == "/", tag[2].lower()
        if in_title and not (is_end and name == "title"):
            raise Mismatch(f"line {_line(text, begin)}: a title is not closed", file)
        in_title = name == "title" and not is_end
        begin = tag.end()


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
