"""The style sheets that versions of the program publish pages with (section 15)."""

import hashlib
import json
from functools import cache
from importlib.resources import files

STYLE = "style.css"


@cache
def _read_known() -> dict[str, list[str]]:
    """Read the table that `make docs` writes: by version of the program, SHA-256 of each sheet."""
    data = (files("referendum.verify") / "style_sheets.json").read_text("utf-8")
    table: dict[str, list[str]] = json.loads(data)
    return table


def other_style(data: bytes, code: str) -> str:
    """Say what rests on a style sheet that no version is known to publish with; else nothing.

    Args:
        data: the style sheet.
        code: name and version of the program that made the pages, as their list says.
    """
    if hashlib.sha256(data).hexdigest() in _read_known().get(code, []):
        return ""
    return (
        f"not covered: {STYLE} is not the style sheet that this program ships for"
        f" {code[:80] or 'pages without a list'}: what the pages look like rests on it, and it can"
        " hide what stands there or show something else"
    )
