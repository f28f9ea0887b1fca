"""What a check found, in words."""

import textwrap
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

LONGEST_WORDS = 600
"""Characters of what is said of one fault; it may hold what somebody else wrote."""

State = Literal["checked", "sealed", "remark", "failed"]

_MARKS: dict[State, str] = {
    "checked": "ok",
    "sealed": "sealed",
    "remark": "note",
    "failed": "FAILS",
}


class Mismatch(Exception):  # noqa: N818 - it becomes a finding, not an error
    """Something is not what the record says; becomes a failed finding."""

    def __init__(self, words: str, file: str = "") -> None:
        super().__init__(words)
        self.words = words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…"
        self.file = file


class Missing(Mismatch):
    """A file is not there, or cannot be read."""


T = TypeVar("T")


def guard(what: str, work: Callable[[], T]) -> T:
    """Do a piece of work; what cannot be worked out becomes a mismatch that names it.

    Here, and nowhere else, whatever a malformed record makes go wrong is caught: a check that ends
    in the middle would leave the rest unsaid.
    """
    try:
        return work()
    except Mismatch:
        raise
    except Exception as error:
        words = f"{what} holds what cannot be worked out: {type(error).__name__}: {str(error)[:80]}"
        raise Mismatch(words) from error


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        state: `checked` (worked out again here), `sealed` (only its digest and place could be
            checked), `remark`, or `failed`.
        topic: what part of the record it belongs to.
        words: what was found, with the numbers.
        act: number of the act concerned, if one is.
        file: path of the file concerned, relative to the record, if one is.
    """

    state: State
    topic: str
    words: str
    act: int | None = None
    file: str = ""


@dataclass
class Report:
    """Everything that was found, in the order of looking.

    Attributes:
        source: what was looked at.
        findings: in order.
        checkpoint: the signed checkpoint, if its signature is good; keep it for the next time.
        outcome: what stands and what was withdrawn, in sentences.
        outcome_notes: what a reader has to judge beside it.
        nothing: why nothing could be checked; empty where something was.
    """

    source: str
    findings: list[Finding] = field(default_factory=list)
    checkpoint: bytes | None = None
    outcome: list[str] = field(default_factory=list)
    outcome_notes: list[str] = field(default_factory=list)
    nothing: str = ""

    @property
    def holds(self) -> bool:
        """Whether something was checked and nothing failed."""
        return not self.failures and not self.nothing

    @property
    def failures(self) -> list[Finding]:
        """The findings that failed."""
        return [finding for finding in self.findings if finding.state == "failed"]

    def add(
        self, state: State, topic: str, words: str, act: int | None = None, file: str = ""
    ) -> None:
        """Append a finding."""
        self.findings.append(Finding(state, topic, words, act, file))

    def fail(self, topic: str, mismatch: Mismatch, act: int | None = None) -> None:
        """Append a failed finding."""
        self.add("failed", topic, mismatch.words, act, mismatch.file)

    def as_json(self) -> dict[str, Any]:
        """Give the report as plain values."""
        return {
            "source": self.source,
            "holds": self.holds,
            "verdict": verdict(self),
            "outcome": [*self.outcome, *self.outcome_notes],
            "findings": [
                {
                    "state": finding.state,
                    "topic": finding.topic,
                    "words": finding.words,
                    "act": finding.act,
                    "file": finding.file,
                }
                for finding in self.findings
            ],
        }


def printable(text: str) -> str:
    r"""Write what a screen would obey or hide (controls, turned or no width) as `\u001b`."""
    return "".join(
        _escape(sign) if unicodedata.category(sign) in _UNPRINTABLE else sign for sign in text
    )


_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _escape(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def render(report: Report, width: int = 80) -> str:
    """Write a report as a page of `width` columns."""
    first = [f"Verification of {printable(report.source)}", "", *_wrap(verdict(report), width)]
    if report.nothing:
        return "\n".join(first)
    said = [*report.outcome, *report.outcome_notes]
    lines = [*first, *(line for words in said for line in _wrap(f"- {words}", width))]
    topic = ""
    for finding in report.findings:
        if finding.topic != topic:
            topic = finding.topic
            lines += ["", topic]
        lines += _lines(finding, width)
    return "\n".join([*lines, "", *_wrap(verdict(report), width)])


def _wrap(words: str, width: int) -> list[str]:
    indent = "  " if words.startswith("- ") else ""
    return textwrap.wrap(printable(words), width, subsequent_indent=indent, break_on_hyphens=False)


def _lines(finding: Finding, width: int) -> list[str]:
    where = f"act {finding.act}: " if finding.act is not None else ""
    file = f" [{finding.file}]" if finding.file and finding.state == "failed" else ""
    margin = f"  {_MARKS[finding.state]:<7}"
    return textwrap.wrap(
        printable(f"{where}{finding.words}{file}"),
        width,
        initial_indent=margin,
        subsequent_indent=" " * len(margin),
        break_on_hyphens=False,
    )


def verdict(report: Report) -> str:
    """Say in a sentence what came of the check."""
    if report.nothing:
        return f"Nothing was checked: {report.nothing}"
    if report.holds:
        return "Everything that can be checked from these files holds."
    count = len(report.failures)
    return f"{count} {'check fails' if count == 1 else 'checks fail'}. Do not rely on this record."
