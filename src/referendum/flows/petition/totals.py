"""What the deliveries of a petition come to; no table is read for it."""

from dataclasses import dataclass
from typing import Any

from referendum.record.acts import Act
from referendum.record.reading import Record


@dataclass(frozen=True)
class Deliveries:
    """The deliveries of a petition that stand, and what they come to.

    Attributes:
        acts: in order.
        lines: numbered ones.
        waiting: lines that wait to be numbered.
        claimed: what proponents claim in all; None where none claims anything.
    """

    acts: tuple[Act, ...]
    lines: int
    waiting: int
    claimed: int | None

    def as_document(self) -> dict[str, Any]:
        """Give it for a program."""
        return {
            "acts": [act.number for act in self.acts],
            "lines": self.lines,
            "waiting": self.waiting,
            "claimed": self.claimed,
        }

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        parts = [f"{self.lines:,} lines numbered"]
        if self.waiting:
            parts.append(f"{self.waiting:,} wait to be numbered with the next delivery")
        if self.claimed is not None:
            parts.append(f"{self.claimed:,} claimed")
        count = len(self.acts)
        named = ", ".join(str(act.number) for act in self.acts)
        word = "delivery (act" if count == 1 else "deliveries (acts"
        return f"{count:,} {word} {named}): {'; '.join(parts)}"


def deliveries(record: Record) -> Deliveries | None:
    """Gather the deliveries that stand; None where there is none."""
    acts = record.standings.all_of("petition.receive")
    if not acts:
        return None
    claims = [act.parameters["claimed"] for act in acts if act.parameters["claimed"] is not None]
    waiting = record.standings.bundles("lines_waiting", {})
    return Deliveries(
        tuple(acts),
        sum(act.facts["lines"] for act in acts if act.facts["first"] is not None),
        sum(record.standings.writer(one).facts["lines"] for one in waiting),
        sum(claims) if claims else None,
    )


def first_number(record: Record) -> int:
    """Give the number after all that lines ever had on the record, also where they fell."""
    received = (act.facts for act in reversed(record.acts) if act.kind == "petition.receive")
    last = next((facts for facts in received if facts["first"] is not None), None)
    return last["first"] + last["lines"] if last else 1
