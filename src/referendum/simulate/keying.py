"""The second error model: sheets scanned, read by machine or read out, and keyed into columns.

It is a second answer to the question of how lines go wrong, to see whether a finding depends on the
first. Kinds of slips after the generators of the record-linkage literature (Christen and Pudjijono,
"Accurate synthetic generation of realistic personal information", PAKDD 2009: misspelling by sound,
by shape, by hand; parts merged, split, dropped, put into the wrong field). Rates are judgement, set
before any matcher was run on the result.
"""

import numpy as np

from referendum.simulate.names import GENERAL, draw_surnames
from referendum.simulate.places import CITIES
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

_SOUNDS = (
    ("ph", "f"), ("f", "ph"), ("ck", "k"), ("k", "ck"), ("c", "k"), ("c", "s"), ("k", "c"),
    ("ee", "ea"), ("ea", "ee"), ("ie", "ei"), ("ei", "ie"), ("y", "ie"), ("ie", "y"), ("i", "y"),
    ("y", "i"), ("ou", "u"), ("oo", "u"), ("u", "oo"), ("sch", "sh"), ("sh", "sch"), ("tz", "ts"),
    ("z", "s"), ("s", "z"), ("w", "v"), ("v", "w"), ("j", "y"), ("ai", "ay"), ("ay", "ey"),
    ("th", "t"), ("t", "th"), ("x", "ks"), ("gh", ""), ("qu", "kw"), ("er", "ar"), ("or", "er"),
    ("son", "sen"), ("sen", "son"), ("a", "e"), ("e", "a"), ("o", "a"), ("mac", "mc"),
    ("mc", "mac"), ("ll", "l"), ("l", "ll"), ("nn", "n"), ("n", "nn"), ("tt", "t"), ("ss", "s"),
    ("rr", "r"), ("dh", "d"), ("bh", "b"), ("kh", "k"), ("ng", "n"), ("ts", "z"), ("dj", "j"),
)  # fmt: skip
"""Spellings that sound alike, in any language of the lists."""

_SHAPES = (
    ("rn", "m"), ("m", "rn"), ("cl", "d"), ("d", "cl"), ("li", "h"), ("vv", "w"), ("w", "vv"),
    ("ii", "u"), ("u", "ii"), ("nn", "m"), ("ri", "n"), ("fi", "h"), ("l", "1"), ("i", "l"),
    ("i", "j"), ("o", "0"), ("0", "O"), ("1", "l"), ("1", "I"), ("5", "S"), ("s", "5"), ("8", "B"),
    ("b", "8"), ("2", "Z"), ("z", "2"), ("6", "G"), ("g", "6"), ("e", "c"), ("t", "f"), ("a", "ci"),
    ("b", "h"), ("y", "v"), ("7", "1"), ("3", "8"), ("9", "g"), ("0", "D"), ("4", "A"), ("q", "g"),
)  # fmt: skip
"""Shapes that a reading machine takes for one another."""

_KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_ABBREVIATIONS = {
    "William": "Wm", "Charles": "Chas", "George": "Geo", "James": "Jas", "Thomas": "Thos",
    "Robert": "Robt", "Joseph": "Jos", "Margaret": "Margt", "Elizabeth": "Eliz",
    "Catherine": "Cath", "Alexander": "Alexr", "Edward": "Edwd", "Richard": "Richd",
    "Samuel": "Saml", "Daniel": "Danl", "Benjamin": "Benj", "Frederick": "Fredk",
}  # fmt: skip
_STREET_ABBREVIATIONS = {
    "Street": ("Str", "S"), "Avenue": ("Av", "Aven", "Avn"), "Road": ("R", "Rds"),
    "Drive": ("Dve", "D", "Drv"), "Crescent": ("Cr", "Crst"), "Boulevard": ("Bv", "Boul", "Blv"),
    "Place": ("Plc", "P"), "Close": ("Clse", "C"), "Way": ("Wy", "W"), "NW": ("N.W.", "N W"),
    "SW": ("S.W.", "S W"), "NE": ("N.E.", "N E"), "SE": ("S.E.", "S E"), "Site": ("S", "Ste"),
    "RR": ("R.R.", "R R"), "Heritage": ("Her",), "Meadow": ("Mdw",), "Foothills": ("Fthlls",),
    "Saskatoon": ("Sask",), "Railway": ("Rly",), "River": ("Riv",), "Valley": ("Vly",),
}  # fmt: skip
_AREA_CODES = ("403", "587", "780", "825", "604", "306", "416")
_PREFIXES = ("Mac", "Mc", "De", "Van", "Von", "La", "Le", "St", "Des", "Di", "El", "Al")


def exchange_piece(text: str, table: tuple[tuple[str, str], ...], rng: Rng) -> str:
    """Exchange one piece of a text for another by a table; a text without such a piece stays."""
    low = text.lower()
    places = [
        (at, old, new)
        for old, new in table
        for at in range(len(low) - len(old) + 1)
        if low.startswith(old, at)
    ]
    # Lower case may be longer than the text: such a text stays.
    if not places or len(low) != len(text):
        return text
    at, old, new = places[int(rng.integers(len(places)))]
    written = new.capitalize() if text[at].isupper() and new[:1].islower() else new
    return text[:at] + written + text[at + len(old) :]


def misspell_by_sound(text: str, rng: Rng) -> str:
    """Misspell a text as it sounds."""
    return exchange_piece(text, _SOUNDS, rng)


def misread_by_shape(text: str, rng: Rng) -> str:
    """Misread a text as a machine does."""
    return exchange_piece(text, _SHAPES, rng)


def mistype_burst(text: str, rng: Rng) -> str:
    """Mistype two or three letters in a row: each as the key to its right, or the first lost."""
    length = int(rng.integers(2, 4))
    at = int(rng.integers(max(len(text) - length, 0) + 1))
    struck = "".join(_neighbouring_key(letter) for letter in text[at : at + length])
    lost = int(rng.integers(3)) == 0
    return text[:at] + struck[lost:] + text[at + length :]


def _neighbouring_key(letter: str) -> str:
    for row in _KEYBOARD_ROWS:
        place = row.find(letter.lower())
        if place >= 0:
            new = row[min(place + 1, len(row) - 1)]
            return new.upper() if letter.isupper() else new
    return letter


def _transpose(text: str, rng: Rng) -> str:
    at = int(rng.integers(max(len(text) - 1, 1)))
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _cut_off(text: str, rng: Rng) -> str:
    return text[: int(rng.integers(4, 9))].rstrip()


def _write_middle_initial(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    first, _, rest = line["given_names"].partition(" ")
    line["given_names"] = f"{first} {rest[:1]}".strip()
    return len(rest) > 1


def _abbreviate_name(line: Line, rng: Rng) -> bool:
    first, _, rest = line["given_names"].partition(" ")
    short = _ABBREVIATIONS.get(first, first[: int(rng.integers(3, 5))])
    line["given_names"] = f"{short} {rest}".strip()
    return bool(short != first)


def _merge_parts(line: Line, rng: Rng) -> bool:
    column = ("given_names", "surname")[int(rng.integers(2))]
    parts = line[column].replace("-", " ").replace("'", " ").split(" ")
    if len(parts) < 2:
        return False
    line[column] = parts[0] + parts[1].lower() + "".join(f" {part}" for part in parts[2:])
    return True


def _split_surname(line: Line, rng: Rng) -> bool:
    name = line["surname"]
    prefix = next((p for p in _PREFIXES if name.startswith(p) and len(name) > len(p) + 2), "")
    at = len(prefix) or (int(rng.integers(3, len(name) - 2)) if len(name) > 7 else 0)
    if at:
        line["surname"] = f"{name[:at]} {name[at:].lstrip()}"
    return bool(at)


def _change_surname(line: Line, rng: Rng) -> bool:
    line["surname"] = str(draw_surnames(rng, np.array([GENERAL], dtype=object))[0])
    return True


def _key_in_one_column(line: Line, rng: Rng) -> bool:
    names = [line["given_names"], line["surname"]]
    order = int(rng.integers(2))
    line["surname"] = " ".join(names[::-1] if order else names)
    line["given_names"] = None
    return True


def _capitalise(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    for column in ("given_names", "surname", "street", "locality"):
        line[column] = line[column] and line[column].upper()
    return True


def _put_unit_in_number(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    if not line["unit"] or not line["street_number"]:
        return False
    line["street_number"] = f"{line['unit']}-{line['street_number']}"
    line["unit"] = None
    return True


def _put_unit_after_street(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    if not line["unit"] or not line["street"]:
        return False
    line["street"] = f"{line['street']} #{line['unit']}"
    line["unit"] = None
    return True


def _exchange_unit_and_number(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    line["unit"], line["street_number"] = line["street_number"], line["unit"]
    return bool(line["unit"] != line["street_number"])


def _put_number_in_street(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    if not line["street_number"] or not line["street"]:
        return False
    line["street"] = f"{line['street_number']} {line['street']}"
    line["street_number"] = None
    return True


def _abbreviate_street(line: Line, rng: Rng) -> bool:
    words = (line["street"] or "").split(" ")
    known = [at for at, word in enumerate(words) if word in _STREET_ABBREVIATIONS]
    for at in known:
        forms = _STREET_ABBREVIATIONS[words[at]]
        words[at] = forms[int(rng.integers(len(forms)))]
    line["street"] = " ".join(words) or None
    return bool(known)


def _drop_street_type(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    words = (line["street"] or "").split(" ")
    kept = [words[0], *(word for word in words[1:] if word not in _STREET_ABBREVIATIONS)]
    line["street"] = " ".join(kept) or None
    return len(kept) < len(words)


def _change_locality(line: Line, rng: Rng) -> bool:
    before = line["locality"]
    line["locality"] = list(CITIES)[int(rng.integers(len(CITIES)))]
    return bool(line["locality"] != before)


def _keep_postal_area(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    had = line["postal_code"]
    line["postal_code"] = had and had[:3]
    return bool(had)


def _change_area_code(text: str, rng: Rng) -> str:
    return _AREA_CODES[int(rng.integers(len(_AREA_CODES)))] + text[-7:]


def _keep_local_number(text: str, rng: Rng) -> str:  # noqa: ARG001
    return text[-7:]


SLIPS: dict[str, Slip] = {
    "only_first_name": Slip(0.45, False, keep_first_name),
    "middle_initial": Slip(0.4, False, _write_middle_initial),
    "short_name": Slip(0.04, False, shorten_name),
    "abbreviated": Slip(0.015, False, _abbreviate_name),
    "first_name_dropped": Slip(0.01, False, drop_first_name),
    "parts_merged": Slip(0.12, False, _merge_parts),
    "parts_split": Slip(0.01, False, _split_surname),
    "given_by_sound": Slip(0.025, True, change_column("given_names", misspell_by_sound)),
    "surname_by_sound": Slip(0.035, True, change_column("surname", misspell_by_sound)),
    "given_by_shape": Slip(0.015, True, change_column("given_names", misread_by_shape)),
    "surname_by_shape": Slip(0.02, True, change_column("surname", misread_by_shape)),
    "given_burst": Slip(0.008, True, change_column("given_names", mistype_burst)),
    "surname_burst": Slip(0.01, True, change_column("surname", mistype_burst)),
    "surname_cut": Slip(0.006, False, change_column("surname", _cut_off)),
    "other_surname": Slip(0.004, False, _change_surname),
    "capitals": Slip(0.15, False, _capitalise),
    "unit_in_number": Slip(0.15, False, _put_unit_in_number),
    "unit_after_street": Slip(0.06, False, _put_unit_after_street),
    "unit_for_number": Slip(0.02, False, _exchange_unit_and_number),
    "number_in_street": Slip(0.03, False, _put_number_in_street),
    "number_by_shape": Slip(0.01, True, change_column("street_number", misread_by_shape)),
    "number_transposed": Slip(0.01, True, change_column("street_number", _transpose)),
    "no_unit": Slip(0.12, False, blank_column("unit")),
    "street_abbreviated": Slip(0.3, False, _abbreviate_street),
    "no_street_type": Slip(0.05, False, _drop_street_type),
    "street_by_sound": Slip(0.02, True, change_column("street", misspell_by_sound)),
    "street_by_shape": Slip(0.015, True, change_column("street", misread_by_shape)),
    "other_locality": Slip(0.015, False, _change_locality),
    "no_locality": Slip(0.05, False, blank_column("locality")),
    "postal_by_shape": Slip(0.02, True, change_column("postal_code", misread_by_shape)),
    "postal_transposed": Slip(0.01, True, change_column("postal_code", _transpose)),
    "postal_area_only": Slip(0.02, False, _keep_postal_area),
    "no_postal_code": Slip(0.1, False, blank_column("postal_code")),
    "other_area_code": Slip(0.02, False, change_column("phone", _change_area_code)),
    "local_phone": Slip(0.06, False, change_column("phone", _keep_local_number)),
    "phone_transposed": Slip(0.02, True, change_column("phone", _transpose)),
    "no_phone": Slip(0.35, False, blank_column("phone")),
    "no_street": Slip(0.006, False, blank_column("street")),
    "one_column": Slip(0.006, False, _key_in_one_column),
    "no_name": Slip(0.002, False, blank_column("given_names")),
    "illegible": Slip(0.003, True, blot_surname),
}
"""Everything that can go wrong on the way, in the order in which it does."""
