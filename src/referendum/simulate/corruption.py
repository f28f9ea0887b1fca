"""From what a signer means to what a clerk keys: hands, keyboards, habits and haste."""

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl

Chance = np.random.Generator
Line = dict[str, Any]

QUALITY = {"neat": 0.4, "normal": 1.0, "poor": 2.5}
"""How much more often than usual a sheet of each quality is misread."""

_HANDWRITING = {
    "a": "o", "o": "a", "n": "u", "u": "n", "m": "nn", "r": "v", "v": "r", "l": "t", "t": "l",
    "e": "c", "c": "e", "i": "l", "h": "k", "k": "h", "g": "q", "y": "g", "w": "vv", "s": "r",
    "1": "7", "7": "1", "4": "9", "9": "4", "5": "6", "6": "0", "0": "6", "3": "8", "8": "3",
}  # fmt: skip
_KEYBOARD = {
    "a": "s", "s": "d", "d": "f", "e": "r", "r": "t", "t": "y", "i": "o", "o": "p", "n": "m",
    "m": "n", "l": "k", "k": "l", "g": "h", "h": "j", "c": "v", "b": "n", "u": "i", "w": "e",
    "1": "2", "2": "3", "3": "4", "4": "5", "5": "6", "6": "7", "7": "8", "8": "9", "9": "0",
}  # fmt: skip
_SHORT_TYPES = {
    "Street": "St", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr", "Crescent": "Cres",
    "Boulevard": "Blvd", "Place": "Pl", "Close": "Cl",
}  # fmt: skip


def misspelt(text: str, chance: Chance) -> str:
    """Change one letter as a hand or a keyboard does; a text without letters stays."""
    if not text:
        return text
    place = int(chance.integers(len(text)))
    letter = text[place]
    habit = int(chance.integers(5))
    if habit <= 1:
        table = (_HANDWRITING, _KEYBOARD)[habit]
        new = table.get(letter.lower(), letter)
        return text[:place] + (new.upper() if letter.isupper() else new) + text[place + 1 :]
    if habit == 2 and len(text) > 2:
        return text[:place] + text[place + 1 :]
    if habit == 3:
        return text[:place] + letter + text[place:]
    return text[: max(place - 1, 0)] + text[max(place - 1, 0) : place + 1][::-1] + text[place + 1 :]


@cache
def _short_names() -> dict[str, list[str]]:
    text = (files("referendum.simulate") / "data" / "short_names.csv").read_text("utf-8")
    short: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        short.setdefault(row["name"], []).append(row["short"])
    return short


def _short_name(line: Line, chance: Chance) -> bool:
    first, _, rest = line["given_names"].partition(" ")
    short = _short_names().get(first)
    if short:
        line["given_names"] = " ".join([short[int(chance.integers(len(short)))], rest]).strip()
    return bool(short)


def _initial(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    line["given_names"] = line["given_names"][:1]
    return True


def _only_first(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    first, _, rest = line["given_names"].partition(" ")
    line["given_names"] = first
    return bool(rest)


def _second_as_first(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    _, _, rest = line["given_names"].partition(" ")
    line["given_names"] = rest or line["given_names"]
    return bool(rest)


def _half_surname(line: Line, chance: Chance) -> bool:
    parts = line["surname"].split("-")
    line["surname"] = parts[int(chance.integers(len(parts)))]
    return len(parts) > 1


def _plain_letters(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    import unicodedata  # noqa: PLC0415

    before = line["surname"]
    folded = unicodedata.normalize("NFKD", before)
    line["surname"] = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return bool(line["surname"] != before)


def _swapped(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    line["given_names"], line["surname"] = line["surname"], line["given_names"]
    return True


def _misspelt(column: str) -> Callable[[Line, Chance], bool]:
    def slip(line: Line, chance: Chance) -> bool:
        before = line[column]
        if before:
            line[column] = misspelt(before, chance)
        return bool(line[column] != before)

    return slip


def _blank(column: str) -> Callable[[Line, Chance], bool]:
    def skip(line: Line, chance: Chance) -> bool:  # noqa: ARG001
        had = line[column] is not None
        line[column] = None
        return had

    return skip


def _short_type(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    words = (line["street"] or "").split(" ")
    line["street"] = " ".join(_SHORT_TYPES.get(word, word) for word in words) or None
    return any(word in _SHORT_TYPES for word in words)


def _no_quadrant(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    street = line["street"] or ""
    if street[-2:] not in {"NW", "NE", "SW", "SE"}:
        return False
    line["street"] = street[:-3]
    return True


def _other_phone(line: Line, chance: Chance) -> bool:
    line["phone"] = f"403{chance.integers(10_000_000):07}"
    return True


def _illegible(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    line["surname"] = None
    return True


SLIPS: dict[str, tuple[float, bool, Callable[[Line, Chance], bool]]] = {
    # name: (chance on a normal sheet, whether sheet quality changes it, what it does)
    "only_first_name": (0.55, False, _only_first),
    "short_name": (0.06, False, _short_name),
    "initial": (0.03, False, _initial),
    "second_as_first": (0.02, False, _second_as_first),
    "half_surname": (0.35, False, _half_surname),
    "plain_letters": (0.5, False, _plain_letters),
    "given_misspelt": (0.04, True, _misspelt("given_names")),
    "surname_misspelt": (0.05, True, _misspelt("surname")),
    "swapped": (0.01, False, _swapped),
    "no_unit": (0.25, False, _blank("unit")),
    "short_type": (0.5, False, _short_type),
    "no_quadrant": (0.15, False, _no_quadrant),
    "street_misspelt": (0.04, True, _misspelt("street")),
    "number_misspelt": (0.015, True, _misspelt("street_number")),
    "postal_misspelt": (0.02, True, _misspelt("postal_code")),
    "no_postal_code": (0.12, False, _blank("postal_code")),
    "other_phone": (0.03, False, _other_phone),
    "no_phone": (0.3, False, _blank("phone")),
    "no_name": (0.003, False, _blank("given_names")),
    "no_street": (0.008, False, _blank("street")),
    "illegible": (0.004, True, _illegible),
}
"""Everything that can go wrong on the way, in the order in which it does."""


def corrupted(lines: pl.DataFrame, quality: pl.Series, chance: Chance) -> pl.DataFrame:
    """Write and key the lines.

    Args:
        lines: what the signers mean to write.
        quality: `neat`, `normal` or `poor` for each line.
        chance: where chance comes from.

    Returns:
        The lines as keyed, with `corruptions`: the names of what went wrong, joined by `+`.
    """
    factor = quality.replace_strict(QUALITY, return_dtype=pl.Float64).to_numpy()
    rates = np.array([rate for rate, _, _ in SLIPS.values()])
    graded = np.array([by_quality for _, by_quality, _ in SLIPS.values()])
    happens = chance.random((lines.height, len(SLIPS))) < np.where(
        graded, rates * factor[:, None], rates
    )
    actions = [(name, action) for name, (_, _, action) in SLIPS.items()]
    keyed = []
    for line, slips in zip(lines.iter_rows(named=True), happens, strict=True):
        done = [actions[i][0] for i in np.flatnonzero(slips) if _slip(line, actions[i][1], chance)]
        keyed.append({**line, "corruptions": "+".join(done)})
    return pl.DataFrame(keyed, schema={**lines.schema, "corruptions": pl.String}, orient="row")


def _slip(line: Line, action: Callable[[Line, Chance], bool], chance: Chance) -> bool:
    if line["given_names"] is None or line["surname"] is None:
        return False
    return action(line, chance)
