"""Text from outside, made fit for a screen."""

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str) -> str:
    r"""Write what a screen would obey or hide as JSON would: `\u001b`; line ends stay.

    These are control characters (ESC begins commands to a terminal), marks that turn the direction
    of writing, signs of no width, and code points that stand for nothing.
    """
    return "".join(
        _escaped(sign) if sign != "\n" and unicodedata.category(sign) in _UNSEEN else sign
        for sign in text
    )


def _escaped(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def quantity(number: int, noun: str) -> str:
    """Say how many of something there are: `1 row`, `1,234 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
