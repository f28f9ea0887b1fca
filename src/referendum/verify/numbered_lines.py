"""Lines by number with a code for each, held in little room: a petition can have millions."""

import sys
from array import array
from collections.abc import Iterable, Iterator

from referendum.verify.canonical import integer
from referendum.verify.report import Mismatch


class NumberedLines:
    """Lines in ascending order.

    Attributes:
        serials: their numbers.
    """

    def __init__(self, serials: "array[int]", codes: list[str]) -> None:
        self.serials, self._codes = serials, codes

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Give each line's number and code."""
        return zip(self.serials, self._codes, strict=True)

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.serials)


def read_numbered_lines(rows: Iterable[list[str]], file: str) -> NumberedLines:
    """Read rows of a number and a code."""
    serials, codes = array("q"), []
    last = -1
    for serial, code in rows:
        number = integer(serial, "serial", file)
        if number <= last:
            raise Mismatch("the lines do not ascend, or one comes twice", file)
        serials.append(number)
        codes.append(sys.intern(code))
        last = number
    return NumberedLines(serials, codes)
