"""What an act withdraws without naming it: told to the office at once, with what comes next."""

from dataclasses import dataclass

from referendum.core.days import utc_text
from referendum.flows.decisive_facts import answer_words
from referendum.flows.next_steps import next_steps, stale_calls
from referendum.flows.petition.fallen import missing_deliveries, missing_words
from referendum.flows.wording import act_title
from referendum.law import read_statute
from referendum.record.acts import Act
from referendum.record.kinds import KINDS
from referendum.record.reading import Record
from referendum.record.stamps import now

TOLD = ("draw", "risk.draw", "audit.plan", "audit.draw", "match", "seed.call")
"""Kinds of acts that are named when they fall with another one, beside answers and findings."""


@dataclass(frozen=True)
class Withdrawals:
    """What did not stand before an act.

    Attributes:
        acts: how many there were.
        fallen: those that did not stand.
        stale: calls for seeds that stood and could not be used.
        missing: deliveries whose lines were missing.
    """

    acts: int
    fallen: frozenset[int]
    stale: frozenset[int]
    missing: frozenset[int]

    @classmethod
    def of(cls, record: Record) -> "Withdrawals":
        """Note what does not stand now."""
        missing = missing_deliveries(record.standings)
        stale = frozenset(act.number for act in stale_calls(record))
        return cls(len(record.acts), frozenset(record.causes()), stale, frozenset(missing))

    def lines_since(self, record: Record) -> list[str]:
        """Say what fell, or cannot be used any more, by the acts that came since."""
        if len(record.acts) == self.acts:
            return []
        put_right = {act.corrects for act in record.acts[self.acts :]}
        fell = sorted(set(record.causes()) - self.fallen)
        told = [_fell(record.acts[one]) for one in fell if _is_told(record.acts[one], put_right)]
        told += [
            f"the seed of act {act.number} can no longer be taken: it is of what stood before"
            for act in stale_calls(record)
            if act.number not in self.stale
        ]
        missing = missing_deliveries(record.standings)
        if lacking := {one: lines for one, lines in missing.items() if one not in self.missing}:
            told.append(f"{missing_words(lacking)} fell with it, and must be received again")
        return [*told, *_next(record)] if told else []


def _is_told(act: Act, put_right: set[int | None]) -> bool:
    if act.kind in {"decide", "result"}:
        return True
    return act.number not in put_right and (act.kind in TOLD or KINDS[act.kind].in_parts)


def _fell(act: Act) -> str:
    if act.kind in {"decide", "result"}:
        return f"this withdraws the answer “{answer_words(act)}” of act {act.number}"
    return f"act {act.number} falls with it: {act_title(act)}"


def _next(record: Record) -> list[str]:
    (bundle,) = record.opening.writes
    data = record.bundles.read(bundle.digest, "statute.toml", sealed=False)
    steps = next_steps(record, read_statute(data), utc_text(now()))
    first = next((step for step in steps if step.due), None)
    return [] if first is None else [f"next: {first.words}: referendum {first.command}"]
