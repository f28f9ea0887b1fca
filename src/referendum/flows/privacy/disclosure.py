"""One way in which what is published tells of fewer people than k."""

from dataclasses import dataclass
from urllib.parse import quote

from referendum.record.reading import Record

USUAL_SMALLEST_GROUP = 10
"""k, where the opening act of a record does not say it."""


@dataclass(frozen=True)
class Disclosure:
    """A group of fewer than k people, or two versions that differ by fewer.

    Attributes:
        name: by which it is accepted: parts divided by `/`, each percent-encoded.
        act: number of the latest act concerned.
        words: what is told, and of how many.
    """

    name: str
    act: int
    words: str


def name_disclosure(*parts: str | int) -> str:
    """Make the name of a disclosure from its parts."""
    return "/".join(quote(str(part), safe="") for part in parts)


def smallest_group(record: Record) -> int:
    """Give k: the fewest people of whom what is published tells of none."""
    return int(record.opening.parameters.get("smallest_group", USUAL_SMALLEST_GROUP))
