"""What is unusual about all lines together, so that their outcomes are looked at before use."""

from typing import Any

import numpy as np
import numpy.typing as npt

from referendum.core.progress import note
from referendum.matching.compare import ADDRESS, DIFFERENT

Array = npt.NDArray[Any]

OTHER_NAMES, ALIKE = 0.1, 0.2
"""Shares of lines from which it is told that they bear other given names, or are alike."""

FEWEST = 20
"""Lines below which nothing is told."""

_GIVEN, _SURNAME = 0, 1
_OTHER = (7, DIFFERENT)
_SAME_SURNAME, _NEAR = 2, 4


def note_doubts(levels: Array, someone: Array) -> None:
    """Tell of many lines with other given names at known doors, and of many that are alike.

    Args:
        levels: of each line and its best elector (`compare`), 0 where it has none.
        someone: for each line, a number of its name and address; 0 where one is missing.
    """
    lines = len(levels)
    surname, address = levels[:, _SURNAME], levels[:, ADDRESS]
    at_door = (address >= 1) & (address <= _NEAR) & (surname >= 1) & (surname <= _SAME_SURNAME)
    other = int((at_door & np.isin(levels[:, _GIVEN], _OTHER)).sum())
    if other >= max(FEWEST, OTHER_NAMES * lines):
        note(
            f"{other:,} of {lines:,} lines have the surname and the door of an elector and another"
            " given name: relatives who are not on the list, an old or a wrong list, or given names"
            " keyed in a wrong column. Before the outcomes are used, compare some with the list"
            " (referendum match queue, then referendum match explain)"
        )
    named = someone[someone != 0]
    alike = len(named) - len(np.unique(named))
    if alike >= max(FEWEST, ALIKE * lines):
        note(
            f"{alike:,} of {lines:,} lines have the name and the address of another line: sheets"
            " keyed twice, or many lines by one hand. What agreement is worth is learned from all"
            " lines, and copies teach too much: find out why, and leave out sheets that were keyed"
            " twice (referendum petition receive --corrects)"
        )
