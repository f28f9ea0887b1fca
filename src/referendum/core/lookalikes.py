"""Names that look alike: with letters of other alphabets, or characters that pass for others."""

from referendum.core.names import name_key

_LATIN = str.maketrans({
    **dict(zip("авекмнорстухіјѕһԁԛԝѵ", "abekmhopctyxijshdqwv", strict=True)),
    **dict(zip("αβεζηικμνορτυχ", "abezhikmvoptyx", strict=True)),
    "0": "o",
})  # fmt: skip
"""Letters of the Cyrillic and Greek alphabets, folded, and the Latin ones that they look like."""

_STROKES = str.maketrans(dict.fromkeys("i1", "l"))


def lookalike_key(name: str) -> str:
    """Give a key that is the same for names which a hurried reader takes for one.

    It is the name's key (`name_key`) with Latin letters for the Cyrillic and Greek ones that look
    like them, o for 0, and l for i and 1.
    """
    return name_key(name).translate(_LATIN).translate(_STROKES).replace(" ", "")
