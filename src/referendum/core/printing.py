"""Text from outside, made fit for a screen."""

import unicodedata

_ESCAPED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable_text(text: str) -> str:
    r"""Escape the characters that a screen would obey or hide, as JSON does: `\u001b`.

    These are control characters (ESC begins commands to a terminal), marks that turn the direction
    of writing, characters without width, and code points that are not assigned. Line ends stay.
    """
    return "".join(
        _escape(character)
        if character != "\n" and unicodedata.category(character) in _ESCAPED_CATEGORIES
        else character
        for character in text
    )


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def quantity(number: int, noun: str) -> str:
    """Give a number with its noun: `1 row`, `1,234 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
