"""Which questions of a vote exclude each other, as an office states it before the vote."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referendum.core.errors import InputError
from referendum.core.names import name_key

EXCLUSION_HINT = "--excludes INITIATIVE,COUNTER --tie-break QUESTION"


@dataclass(frozen=True)
class Exclusion:
    """Proposals of which at most one enters into force.

    Attributes:
        questions: the proposals, ascending.
        tie_break: the question that decides where each is accepted; None if there is none.
        yes: the proposal for which a yes to the tie-break is; None where there is none.
    """

    questions: tuple[str, ...]
    tie_break: str | None = None
    yes: str | None = None

    @property
    def all_questions(self) -> tuple[str, ...]:
        """The proposals and, last, the tie-break."""
        return (*self.questions, *([] if self.tie_break is None else [self.tie_break]))

    def to_document(self) -> dict[str, Any]:
        """Give it in the form of an act's parameters."""
        return {"questions": list(self.questions), "tie_break": self.tie_break, "yes": self.yes}


def exclusions_from_opening(opening: Mapping[str, Any]) -> tuple[Exclusion, ...] | None:
    """Read the exclusions from the parameters of an opening act; None where they say nothing."""
    entries = opening.get("exclusive")
    if entries is None:
        return None
    return tuple(
        Exclusion(tuple(entry["questions"]), entry["tie_break"], entry["yes"]) for entry in entries
    )


def parse_exclusions(
    groups: Sequence[str], tie_breaks: Sequence[str]
) -> tuple[Exclusion, ...] | None:
    """Parse an office's statement of exclusions; None where it says nothing.

    Args:
        groups: names with commas between them, each a group; `none` alone says that none do.
        tie_breaks: the question that decides, of each group in turn; a yes is for the first named.

    Raises:
        InputError: a group has one question only, a question is named twice, or there are more
            tie-breaks than groups.
    """
    if not groups and not tie_breaks:
        return None
    groups = () if tuple(groups) == ("none",) else groups
    if len(tie_breaks) > len(groups):
        raise InputError(
            "a tie-break decides between questions that exclude each other", hint=EXCLUSION_HINT
        )
    exclusions = []
    for number, text in enumerate(groups):
        names = tuple(name.strip() for name in text.split(","))
        tie_break = tie_breaks[number].strip() if number < len(tie_breaks) else None
        if len(names) < 2 or not all(map(name_key, (*names, tie_break or "x"))):
            raise InputError(
                f"{text!r} does not name two or more questions beside the tie-break",
                hint=EXCLUSION_HINT,
            )
        exclusions.append(
            Exclusion(tuple(sorted(names)), tie_break, names[0] if tie_break else None)
        )
    # A number is the same with zeros before it, as in the names of returns.
    keys = [
        re.sub(r"(^|\D)0+(\d)", r"\1\2", name_key(name))
        for exclusion in exclusions
        for name in exclusion.all_questions
    ]
    if len(set(keys)) < len(keys):
        raise InputError(
            "a question is named twice among those that exclude each other", hint=EXCLUSION_HINT
        )
    return tuple(exclusions)
