"""Warnings about the lines as a whole, so that their outcomes are looked at before use."""

from typing import Any

import numpy as np
import numpy.typing as npt

from referendum.core.progress import notify
from referendum.matching.compare import ADDRESS_COMPARISON, DIFFERENT_NAME_LEVEL

Array = npt.NDArray[Any]

SHARE_OF_OTHER_NAMES, SHARE_OF_COPIES = 0.1, 0.2
"""Shares of lines with other given names, and of copies of other lines, from which it is said."""

FEWEST_LINES = 20
"""Lines below which nothing is said."""

_GIVEN, _SURNAME = 0, 1
_OTHER_NAME_LEVELS = (7, DIFFERENT_NAME_LEVEL)
_LAST_EQUAL_SURNAME_LEVEL, _LAST_NEAR_ADDRESS_LEVEL = 2, 4


def note_doubts(levels: Array, person_codes: Array) -> None:
    """Note that many lines have other given names at known doors, or that many are copies.

    Args:
        levels: of each line and its best elector (`compare_pairs`), 0 where it has none.
        person_codes: for each line, a number of its name and address; 0 where one is missing.
    """
    lines = len(levels)
    surname, address = levels[:, _SURNAME], levels[:, ADDRESS_COMPARISON]
    at_door = (
        (address >= 1)
        & (address <= _LAST_NEAR_ADDRESS_LEVEL)
        & (surname >= 1)
        & (surname <= _LAST_EQUAL_SURNAME_LEVEL)
    )
    other_names = int((at_door & np.isin(levels[:, _GIVEN], _OTHER_NAME_LEVELS)).sum())
    if other_names >= max(FEWEST_LINES, SHARE_OF_OTHER_NAMES * lines):
        notify(
            f"{other_names:,} of {lines:,} lines have the surname and the door of an elector and"
            " another given name: relatives who are not on the list, an old or a wrong list, or"
            " given names keyed in a wrong column. Before the outcomes are used, compare some with"
            " the list (referendum match queue, then referendum match explain)"
        )
    known = person_codes[person_codes != 0]
    copies = len(known) - len(np.unique(known))
    if copies >= max(FEWEST_LINES, SHARE_OF_COPIES * lines):
        notify(
            f"{copies:,} of {lines:,} lines have the name and the address of another line: sheets"
            " keyed twice, or many lines by one hand. What agreement is worth is learned from all"
            " lines, and copies teach too much: find out why, and leave out sheets that were keyed"
            " twice (referendum petition receive --corrects)"
        )
