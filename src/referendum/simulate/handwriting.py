"""The first error model: misread handwriting, keyboards, habits and haste."""

import unicodedata

from referendum.simulate.slips import (
    Line,
    Rng,
    Slip,
    blank_column,
    blot_surname,
    change_column,
    drop_first_name,
    keep_first_name,
    shorten_name,
)

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


def misspell(text: str, rng: Rng) -> str:
    """Change one letter as handwriting or a keyboard does; a text without letters stays."""
    if not text:
        return text
    place = int(rng.integers(len(text)))
    letter = text[place]
    habit = int(rng.integers(5))
    if habit <= 1:
        table = (_HANDWRITING, _KEYBOARD)[habit]
        new = table.get(letter.lower(), letter)
        return text[:place] + (new.upper() if letter.isupper() else new) + text[place + 1 :]
    if habit == 2 and len(text) > 2:
        return text[:place] + text[place + 1 :]
    if habit == 3:
        return text[:place] + letter + text[place:]
    return text[: max(place - 1, 0)] + text[max(place - 1, 0) : place + 1][::-1] + text[place + 1 :]


def _write_initial(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    line["given_names"] = line["given_names"][:1]
    return True


def _halve_surname(line: Line, rng: Rng) -> bool:
    parts = line["surname"].split("-")
    line["surname"] = parts[int(rng.integers(len(parts)))]
    return len(parts) > 1


def _drop_accents(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    before = line["surname"]
    folded = unicodedata.normalize("NFKD", before)
    line["surname"] = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return bool(line["surname"] != before)


def _swap_names(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    line["given_names"], line["surname"] = line["surname"], line["given_names"]
    return True


def _shorten_street_type(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    words = (line["street"] or "").split(" ")
    line["street"] = " ".join(_SHORT_TYPES.get(word, word) for word in words) or None
    return any(word in _SHORT_TYPES for word in words)


def _drop_quadrant(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    street = line["street"] or ""
    if street[-2:] not in {"NW", "NE", "SW", "SE"}:
        return False
    line["street"] = street[:-3]
    return True


def _change_phone(line: Line, rng: Rng) -> bool:
    line["phone"] = f"403{rng.integers(10_000_000):07}"
    return True


SLIPS: dict[str, Slip] = {
    "only_first_name": Slip(0.55, False, keep_first_name),
    "short_name": Slip(0.06, False, shorten_name),
    "initial": Slip(0.03, False, _write_initial),
    "second_as_first": Slip(0.02, False, drop_first_name),
    "half_surname": Slip(0.35, False, _halve_surname),
    "plain_letters": Slip(0.5, False, _drop_accents),
    "given_misspelt": Slip(0.04, True, change_column("given_names", misspell)),
    "surname_misspelt": Slip(0.05, True, change_column("surname", misspell)),
    "swapped": Slip(0.01, False, _swap_names),
    "no_unit": Slip(0.25, False, blank_column("unit")),
    "short_type": Slip(0.5, False, _shorten_street_type),
    "no_quadrant": Slip(0.15, False, _drop_quadrant),
    "street_misspelt": Slip(0.04, True, change_column("street", misspell)),
    "number_misspelt": Slip(0.015, True, change_column("street_number", misspell)),
    "postal_misspelt": Slip(0.02, True, change_column("postal_code", misspell)),
    "no_postal_code": Slip(0.12, False, blank_column("postal_code")),
    "other_phone": Slip(0.03, False, _change_phone),
    "no_phone": Slip(0.3, False, blank_column("phone")),
    "no_name": Slip(0.003, False, blank_column("given_names")),
    "no_street": Slip(0.008, False, blank_column("street")),
    "illegible": Slip(0.004, True, blot_surname),
}
"""Everything that can go wrong on the way, in the order in which it does."""
