"""The decision: what is compared with the requirement, and how it was worked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from referendum.core.errors import InputError, OrderError
from referendum.core.exact import as_text, rounded
from referendum.sufficiency.bounds import lower_bound


@dataclass(frozen=True)
class Gated:
    """What the gates left.

    Attributes:
        lines: lines received.
        rejected: lines rejected, by the code of the gate.
    """

    lines: int
    rejected: Mapping[str, int]

    @property
    def standing(self) -> int:
        """Lines that passed every gate."""
        return self.lines - sum(self.rejected.values())


@dataclass(frozen=True)
class Sample:
    """A checked sample.

    Attributes:
        repeats: standing lines that repeat an earlier one; found by matching all, so no sampling
            error is in this number, and each is taken out in full.
        valid: drawn lines found valid.
        invalid: drawn lines found invalid, by reason.
    """

    repeats: int
    valid: int
    invalid: Mapping[str, int]

    @property
    def drawn(self) -> int:
        """Lines drawn and checked."""
        return self.valid + sum(self.invalid.values())


@dataclass(frozen=True)
class Rule:
    """How the statute turns a sample into a number.

    Attributes:
        compare: which number is held against the requirement.
        rounding: how the projection is rounded (`core.exact.ROUNDINGS`).
        confidence: of the one-sided lower bound, a share.
    """

    compare: Literal["projection", "lower_bound"]
    rounding: str
    confidence: Fraction


@dataclass(frozen=True)
class Decision:
    """A decision and its arithmetic.

    Attributes:
        sufficient: whether `compared` reaches `required`.
        compared: the number held against the requirement.
        required: the requirement.
        arithmetic: every number of `decision.json`, as the record's specification lists them.
    """

    sufficient: bool
    compared: int
    required: int
    arithmetic: dict[str, Any]


def decide_by_sample(gated: Gated, sample: Sample, rule: Rule, required: int) -> Decision:
    """Decide from a random sample of the standing lines that repeat no other.

    Raises:
        InputError: the counts cannot be.
        OrderError: no line was drawn.
    """
    universe = gated.standing - sample.repeats
    if sample.drawn == 0:
        raise OrderError("no line was checked", hint="draw a sample and receive its checks first")
    if sample.drawn > universe:
        raise InputError(f"{sample.drawn} lines checked out of a universe of {universe}")
    exact = Fraction(universe * sample.valid, sample.drawn)
    projection = rounded(exact, rule.rounding)
    bound = lower_bound(universe, sample.drawn, sample.valid, rule.confidence)
    compared = bound if rule.compare == "lower_bound" else projection
    return _decision(
        "sample",
        gated,
        required,
        compared,
        {
            "repeats": sample.repeats,
            "universe": universe,
            "drawn": sample.drawn,
            "valid": sample.valid,
            "invalid": dict(sample.invalid),
            "projection": {
                "exact": as_text(exact),
                "rounding": rule.rounding,
                "rounded": projection,
            },
            "lower_bound": {"confidence": as_text(rule.confidence), "value": bound},
            "rule": rule.compare,
        },
    )


def decide_by_preliminary_count(gated: Gated, required: int) -> Decision:
    """Refuse a petition whose standing lines are too few even if all are valid.

    Raises:
        OrderError: the lines suffice for the next step, so this method decides nothing.
    """
    if gated.standing >= required:
        raise OrderError(
            f"{gated.standing:,} lines stand and {required:,} are required:"
            " the preliminary count does not decide",
            hint="match the lines, draw a sample and decide by it",
        )
    return _decision("preliminary_count", gated, required, gated.standing, {})


def _decision(
    method: str, gated: Gated, required: int, compared: int, more: dict[str, Any]
) -> Decision:
    sufficient = compared >= required
    arithmetic = {
        "method": method,
        "lines": gated.lines,
        "rejected": dict(gated.rejected),
        "standing": gated.standing,
        "required": required,
        "compared": compared,
        "decision": "sufficient" if sufficient else "insufficient",
        **more,
    }
    return Decision(sufficient, compared, required, arithmetic)
