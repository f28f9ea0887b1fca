"""When a step was done, under which section, and what it puts right."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from referendum.core.days import read_date, read_time, utc_text
from referendum.core.errors import InputError
from referendum.core.names import is_blank

LONGEST_REASON = 500
"""Most characters of a reason."""


_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, line ends and marks of direction."""


def now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Stamp:
    """When a step was done, and under which section, as the user says it; None for the default.

    Attributes:
        at: day or time of the step; by default now.
        section: section of the statute; by default the one that the stage's rule cites.
        corrects: number of the act that this one puts right.
        reason: what was wrong with that act, in 1 to 500 characters.

    Raises:
        InputError: the time cannot be read.
    """

    at: str | None = None
    section: str | None = None
    corrects: int | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        """Refuse a time that cannot be read, before any work is done."""
        if self.at is not None:
            day_or_utc_time(self.at)

    def for_next_act(self) -> "Stamp":
        """Give the stamp of a further act of the same step, which itself corrects nothing."""
        return replace(self, section=None, corrects=None, reason=None)


def require_reason(stamp: Stamp) -> None:
    """Require that a stamp gives a reason if, and only if, it corrects an act.

    Raises:
        InputError: it does not, or the reason is too long or breaks the line.
    """
    if stamp.corrects is None and stamp.reason is not None:
        raise InputError(
            "a reason is given and no act is put right", hint="name the act with --corrects"
        )
    if stamp.corrects is None:
        return
    reason = stamp.reason or ""
    if is_blank(reason) or len(reason) > LONGEST_REASON or _CONTROL.search(reason):
        raise InputError(
            f"what was wrong with act {stamp.corrects} is not said",
            hint=f"--reason takes 1 to {LONGEST_REASON} characters in one line",
        )


def day_or_utc_time(at: str) -> str:
    """Read a day or a time as an act has it: a day as it is, a time in UTC.

    Raises:
        InputError: the text is neither.
    """
    if len(at) == len("2026-05-02"):
        return read_date(at, "--at").isoformat()
    return utc_text(read_time(at, "--at"))
