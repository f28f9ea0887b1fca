"""How a value of the record may stand on a page (section 15)."""

import re
from fractions import Fraction
from math import floor

from referendum.verify.canonical import exact
from referendum.verify.dialect import spelled
from referendum.verify.figure_sources import value_text
from referendum.verify.report import Mismatch

STATES: dict[str, frozenset[str]] = {
    "true": frozenset({"yes", "reached"}),
    "false": frozenset({"no", "not reached"}),
    "null": frozenset({"not known yet", "not known"}),
    "": frozenset({"not known yet"}),
    "sufficient": frozenset({"sufficient"}),
    "insufficient": frozenset({"insufficient"}),
    "check_every_line": frozenset({"the sample does not decide: every line must be checked"}),
    "draw_second_sample": frozenset(
        {"the first sample does not decide: a second one must be drawn"}
    ),
    "check_more": frozenset({"open: more lines must be checked"}),
}
"""By value, as an attribute has it: the words for it."""

_PERCENT = re.compile(r"(less than )?(-?[0-9]+)(?:\.([0-9]{1,9}))?( ?)%", re.ASCII)
_IN_HUNDRED = re.compile(r"([0-9]{1,3}) in 100", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\+00:00", re.ASCII)

BOUNDS = (Fraction(1, 10_000), Fraction(1, 100_000))
"""What a share is said to be less than, instead of being rounded to nothing."""

LEAST_LABEL = 20
"""Characters that a label cut short still has."""


def is_wording_of(value: object, text: str) -> bool:
    """Whether a text is one of the forms of a value."""
    plain = spelled(value_text(value))
    if text == plain or text in STATES.get(plain, ()):
        return True
    if isinstance(value, bool) or value is None:
        return False
    if text.endswith("…") and len(text) > LEAST_LABEL:
        return plain.startswith(text[:-1])
    if text in _other_wordings(plain):
        return True
    try:
        return _is_wording_of_number(exact(value), text)
    except Mismatch:
        return False


def _other_wordings(plain: str) -> tuple[str, ...]:
    if _TIME.fullmatch(plain):
        return (plain[:10], f"{plain[:10]} {plain[11:16]} UTC")
    return (plain.replace("_", " "),)


def _is_wording_of_number(number: Fraction, text: str) -> bool:
    if number.denominator == 1 and text == f"{int(number):,}":
        return True
    if found := _PERCENT.fullmatch(text):
        places = len(found[3] or "")
        scaled = int(found[2] + (found[3] or ""))
        if found[1]:
            bound = Fraction(scaled, 100 * 10**places)
            return 0 <= number < bound and bound in BOUNDS
        nearest = _half_up(abs(number) * 100 * 10**places) * (-1 if number < 0 else 1)
        below = _half_up(number * 100 * 10**places)
        return scaled in (nearest, below)
    if found := _IN_HUNDRED.fullmatch(text):
        return abs(number * 100 - int(found[1])) <= Fraction(1, 2)
    if text == "under 1 in 200":
        return number < Fraction(1, 200)
    return text == "over 199 in 200" and number > Fraction(199, 200)


def _half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))
