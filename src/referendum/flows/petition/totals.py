"""The totals of a petition's deliveries, from the facts of their acts alone."""

from dataclasses import dataclass
from typing import Any

from referendum.flows.petition.fallen import own_lines
from referendum.record.acts import Act
from referendum.record.reading import Record


@dataclass(frozen=True)
class Deliveries:
    """The deliveries of a petition that stand, with their totals.

    Attributes:
        acts: that brought them, in order.
        lines: number of lines that have a public number.
        waiting: number of lines that wait for one.
        claimed: number of lines that proponents claim; None where none claims anything.
        count: how many there are.
    """

    acts: tuple[Act, ...]
    lines: int
    waiting: int
    claimed: int | None
    count: int

    def as_document(self) -> dict[str, Any]:
        """Give the totals as an object for programs."""
        return {
            "acts": [act.number for act in self.acts],
            "lines": self.lines,
            "waiting": self.waiting,
            "claimed": self.claimed,
        }

    @property
    def words(self) -> str:
        """The totals in a sentence."""
        parts = [f"{self.lines:,} lines numbered"]
        if self.waiting:
            parts.append(f"{self.waiting:,} wait to be numbered with the next delivery")
        if self.claimed is not None:
            parts.append(f"{self.claimed:,} claimed")
        named = ", ".join(str(act.number) for act in self.acts)
        word = "delivery (act" if self.count == 1 else "deliveries (acts"
        return f"{self.count:,} {word} {named}): {'; '.join(parts)}"


def standing_deliveries(record: Record) -> Deliveries | None:
    """Add up the deliveries that stand; None where there is none."""
    received = record.standings.all_of("petition.receive")
    if not received:
        return None
    acts = [act for act in received if own_lines(record.standings, act) > 0] or received
    claims = [act.parameters["claimed"] for act in acts if act.parameters["claimed"] is not None]
    waiting = record.standings.bundles("lines_waiting", {})
    return Deliveries(
        tuple(acts),
        sum(act.facts["lines"] for act in received if act.facts["first"] is not None),
        sum(record.standings.writer(bundle).facts["lines"] for bundle in waiting),
        sum(claims) if claims else None,
        len(acts),
    )


def next_serial(record: Record) -> int:
    """Give the first public number that no line of any delivery, standing or not, has had."""
    received = (act.facts for act in reversed(record.acts) if act.kind == "petition.receive")
    last = next((facts for facts in received if facts["first"] is not None), None)
    return last["first"] + last["lines"] if last else 1
