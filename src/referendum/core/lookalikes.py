"""Names that look alike: letters of other alphabets, and signs that a reader takes for another."""

from referendum.core.names import name_key

_LATIN = str.maketrans({
    **dict(zip("авекмнорстухіјѕһԁԛԝѵ", "abekmhopctyxijshdqwv", strict=True)),
    **dict(zip("αβεζηικμνορτυχ", "abezhikmvoptyx", strict=True)),
    "0": "o",
})  # fmt: skip
"""Letters of the Cyrillic and Greek alphabets, folded, and the Latin ones that they look like."""

_STROKES = str.maketrans(dict.fromkeys("i1", "l"))


def look(name: str) -> str:
    """Give what two names have in common that a hurried reader takes for one.

    The name's key (`name_key`); of Cyrillic and Greek letters the Latin ones that they look like; 0
    as o; i and 1 as l.
    """
    return name_key(name).translate(_LATIN).translate(_STROKES).replace(" ", "")
