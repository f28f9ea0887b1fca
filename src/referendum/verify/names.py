"""When two spellings are one name, and when a text shows nothing (section 6)."""

import re
import unicodedata
from functools import lru_cache

_LETTERS_SPELT_OUT = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d", "æ": "ae", "œ": "oe",
    "þ": "th",
})  # fmt: skip

_HIDDEN = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x16FE4, 0x16FE4),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip

_MODIFIERS_READ = (
    (0xE46, 0xE46), (0xEC6, 0xEC6), (0x3005, 0x3005), (0x3031, 0x3035), (0x303B, 0x303B),
    (0x309D, 0x309E), (0x30FC, 0x30FE),
)  # fmt: skip

_BLANK_PATTERN, _SALTILLO = "\u2800", "\ua78c"


def _within(sign: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(sign) <= last for first, last in ranges)


@lru_cache(maxsize=100_000)
def name_key(name: str) -> str:
    """Give what all spellings of a name have in common."""
    if name.isascii():
        kept = "".join(sign if sign.isalnum() else " " for sign in name.lower())
    else:
        taken_apart = unicodedata.normalize("NFKD", name).casefold()
        whole = unicodedata.normalize("NFKD", taken_apart).translate(_LETTERS_SPELT_OUT)
        kept = "".join(map(_fold_character, whole))
    # A blank stays between two digits alone.
    return re.sub(r"(?<![0-9]) | (?![0-9])", "", re.sub(" +", " ", kept).strip(" "))


@lru_cache(maxsize=100_000)
def _fold_character(sign: str) -> str:
    """Give a sign, nothing in its place where it leaves no trace, a blank where it parts."""
    kind = unicodedata.category(sign)
    if kind in {"Cf", "Me"} or _within(sign, _HIDDEN):
        return ""
    if kind in {"Mn", "Mc"}:
        above = unicodedata.combining(sign)
        return sign if above == 0 or 6 <= above <= 9 or 84 <= above <= 132 else ""
    if kind == "Nd":
        return f"{unicodedata.digit(sign)}"
    if kind == "Lm":
        return sign if _within(sign, _MODIFIERS_READ) else " "
    stays = kind in {"Lu", "Ll", "Lt", "Lo", "Nl", "No"} and sign != _SALTILLO
    return sign if stays else " "


def is_blank(text: str) -> bool:
    """Whether a text has no sign that anybody sees."""
    return all(
        sign == _BLANK_PATTERN
        or unicodedata.category(sign) in {"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"}
        or _within(sign, _HIDDEN)
        for sign in text
    )
