"""Deliveries of lines: how they are numbered, and what they come to."""

from collections.abc import Container, Iterable, Sequence
from typing import Any, Protocol

from referendum.verify.acts import WrittenBundle
from referendum.verify.report import Mismatch

Act = dict[str, Any]

FEWEST_NUMBERED = 200
"""Lines that are numbered together, if the office does not say why there are fewer."""


class Acts(Protocol):
    """The chain of acts, as far as it is asked here."""

    acts: list[Act]
    written: dict[str, WrittenBundle]

    def read_by(self, number: int) -> dict[str, list[str]]:
        """Give the digests of the bundles that an act reads, by kind."""

    def fallen_acts(self) -> Container[int]:
        """Numbers of the acts that no longer stand."""

    def cause_of(self, number: int) -> int:
        """Give the act by whose correction an act fell."""


def deliveries_of(chain: Acts, lines: list[str]) -> list[Act]:
    """Give the acts that received lines, those whose lines waited before among them."""
    found: list[Act] = []
    for number in (chain.written[digest].act for digest in lines):
        waited = chain.read_by(number).get("lines_waiting", [])
        found += [chain.acts[chain.written[one].act] for one in waited] + [chain.acts[number]]
    return found


def require_in_one_part(
    chain: Acts, holders: dict[str, int], number: int, keys: Iterable[str]
) -> None:
    """See that no part which stood beside another has a line that this has too.

    Args:
        chain: of the acts.
        holders: for each line that was in a part before, that part; it is brought up to date.
        number: of the part; they come in order.
        keys: its lines.
    """
    fallen = chain.fallen_acts()
    for key in keys:
        other = holders.get(key)
        if other is not None and (other not in fallen or chain.cause_of(other) > number):
            raise Mismatch(f"{key} stands in act {other} too")
        holders[key] = number


def own_lines(chain: Acts, act: Act) -> int:
    """Give how many lines came with a delivery, without those that had waited before."""
    waited = chain.read_by(act["number"]).get("lines_waiting", [])
    before = (chain.acts[chain.written[one].act] for one in waited)
    return _lines(act) - sum(map(_lines, before))


def _lines(act: Act) -> int:
    count = act["facts"].get("lines")
    return count if type(count) is int else 0


def require_fallen_received(act: Act, missing: set[int]) -> None:
    """See that lines of deliveries that fell with another one came again, or why they did not.

    Args:
        act: a `petition.receive`, or an act before which all lines have come.
        missing: the deliveries that are missing while it is made.
    """
    parameters = act["parameters"]
    again = set(parameters.get("lines_of", ()))
    if unknown := sorted(again - missing):
        raise Mismatch(f"it has the lines of act {unknown[0]} again, which is not missing")
    counts = {
        "petition.receive": "numbered_alone" in parameters,
        "decide": parameters.get("method") == "preliminary_count",
    }.get(act["kind"], True)
    lacking = sorted(missing - again) if counts else []
    if lacking and "lines_left_out" not in parameters:
        named = ", ".join(map(str, lacking))
        raise Mismatch(f"it leaves out the lines of act {named}, and does not say why")
    if not lacking and "lines_left_out" in parameters:
        raise Mismatch("it says why lines are left out, and none are missing")


def require_delivery(act: Act, numbered: int, waiting: list[Act]) -> None:
    """See that a delivery waits where it must, and that its numbers were never used before.

    Args:
        act: a `petition.receive`.
        numbered: lines that were numbered before, whether they stand or not.
        waiting: those that stand and whose lines wait to be numbered.
    """
    facts, parameters = act["facts"], act["parameters"]
    waited = sum(one["facts"]["lines"] for one in waiting)
    if parameters.get("waits") is True:
        if "numbered_alone" in parameters:
            raise Mismatch("it waits, and says why it does not")
        if waited + facts["lines"] >= FEWEST_NUMBERED:
            raise Mismatch(f"it waits, with {waited + facts['lines']:,} lines to be numbered")
        if any(facts[name] is not None for name in ("first", "set_aside", "faults")):
            raise Mismatch("it waits, and states what is stated when its lines are numbered")
        return
    if any(facts[name] is None for name in ("first", "set_aside", "faults")):
        raise Mismatch("it numbers lines, and does not state from where or what was set aside")
    if facts["first"] != numbered + 1:
        raise Mismatch(f"its first number is {facts['first']}, expected {numbered + 1}")
    if facts["lines"] < waited:
        raise Mismatch(f"{waited:,} lines waited, and {facts['lines']:,} are numbered")
    if facts["sheets"] < sum(one["facts"]["sheets"] for one in waiting):
        raise Mismatch("it has fewer sheets than those whose lines waited")
    if (facts["lines"] < FEWEST_NUMBERED) != ("numbered_alone" in parameters):
        raise Mismatch(f"{facts['lines']:,} lines are numbered alone, or are not so few")


def require_received(serials: Sequence[int], received: list[Act]) -> None:
    """See that lines are those of deliveries: a count that an act states is never listed."""
    facts = (act["facts"] for act in received if act["facts"]["first"] is not None)
    ranges = sorted((one["first"], one["first"] + one["lines"]) for one in facts)
    lines = sum(end - first for first, end in ranges)
    numbers = (serial for first, end in ranges for serial in range(first, end))
    if len(serials) != lines or any(a != b for a, b in zip(serials, numbers, strict=True)):
        raise Mismatch(f"{len(serials):,} lines here are not the {lines:,} that were received")
