"""The decision: what is compared with the requirement, and how it was worked out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from referendum.core.errors import InputError, LawError, OrderError
from referendum.core.exact import exact_text
from referendum.law import (
    CheckedSample,
    Determination,
    DistributionRequirement,
    Statute,
    decide,
    require_known,
)
from referendum.law.calculation import Number

COPY_PREFIX = "copy_"
"""A finding `copy_2` is the second line of an elector in the sample, `copy_3` the third."""


@dataclass(frozen=True)
class GateTotals:
    """Totals of the gates.

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
class Findings:
    """What checkers found among the drawn lines of one stratum.

    Attributes:
        lines: lines of the universe in this stratum.
        valid: lines found valid, the first of each elector.
        copies: further lines of those electors: second ones, third ones, and so on.
        invalid: lines found invalid, by reason.
    """

    lines: int
    valid: int
    copies: tuple[int, ...]
    invalid: Mapping[str, int]

    @classmethod
    def count(cls, lines: int, findings: Sequence[str]) -> "Findings":
        """Count the findings on the drawn lines.

        Raises:
            InputError: a line is found to be one of more of its elector than were drawn.
        """
        counts = Counter(findings)
        valid = counts.pop("valid", 0)
        numbers = {int(c.removeprefix(COPY_PREFIX)): c for c in counts if is_copy(c)}
        if max(numbers, default=1) > len(findings):
            raise InputError(
                f"{COPY_PREFIX}{max(numbers)} is found among {len(findings)} drawn lines",
                hint="copy_2 is the second drawn line of an elector, copy_3 the third",
            )
        copies = tuple(
            counts.pop(f"{COPY_PREFIX}{j}", 0) for j in range(2, max(numbers, default=1) + 1)
        )
        return cls(lines, valid, copies, dict(sorted(counts.items())))

    @property
    def drawn(self) -> int:
        """Lines drawn and checked."""
        return self.valid + sum(self.copies) + sum(self.invalid.values())

    def sample(self) -> CheckedSample:
        """Give the counts as the law's calculators take them."""
        return CheckedSample(self.lines, self.drawn, self.valid, self.copies)


def is_copy(finding: str) -> bool:
    """Whether a finding says that a line is a further one of an elector in the sample."""
    number = finding.removeprefix(COPY_PREFIX)
    return finding.startswith(COPY_PREFIX) and number.isdigit() and int(number) > 1


@dataclass(frozen=True)
class Decision:
    """A decision and its arithmetic.

    Attributes:
        determination: by the statute's rule; None where the count of lines alone decides.
        arithmetic: every number of `decision.json`, as the record's specification lists them.
    """

    determination: Determination | None
    arithmetic: dict[str, Any]


def decide_by_sample(
    gated: GateTotals,
    repeats: int,
    findings: Mapping[str, Findings],
    statute: Statute,
    demands: tuple[int, DistributionRequirement | None],
    *,
    stage: int = 1,
) -> Decision:
    """Decide from checked lines by the statute's own rule.

    Args:
        gated: what the gates left.
        repeats: lines taken out before the draw as repeats of an earlier one.
        findings: by district where the statute samples or asks by district, else under "".
        statute: the law.
        demands: the requirement, and what districts must give.
        stage: 2 after a second sample.

    Raises:
        InputError: the counts cannot be.
        OrderError: no line was checked.
        LawError: the statute asks of districts what the sample cannot show.
    """
    required, distribution = demands
    _require_drawn_samples(gated, repeats, findings, statute)
    samples = {name: found.sample() for name, found in findings.items() if found.lines}
    determination = decide(statute, samples, required, distribution, second=stage == 2)
    arithmetic = _arithmetic(
        "sample", gated, determination.required, determination.compared, determination.answer
    )
    sample_arithmetic = _sample_arithmetic(statute, findings, determination)
    districts_needed = distribution.need if distribution and distribution.minimums else None
    return Decision(
        determination,
        {
            **arithmetic,
            **sample_arithmetic,
            "repeats": repeats,
            "stage": stage,
            "need": districts_needed,
        },
    )


def _require_drawn_samples(
    gated: GateTotals, repeats: int, findings: Mapping[str, Findings], statute: Statute
) -> None:
    """Require that the counts add up, and that lines of every stratum were checked."""
    universe = sum(found.lines for found in findings.values())
    if universe != gated.standing - repeats:
        raise InputError(f"{universe} lines could be drawn of {gated.standing} less {repeats}")
    if not any(found.drawn for found in findings.values()):
        raise OrderError("no line was checked", hint="draw a sample and receive its checks first")
    if missed := [name for name, found in findings.items() if found.lines and not found.drawn]:
        raise LawError(
            f"no line of {missed[0]} was drawn, and the statute asks for numbers by district",
            where=statute.id,
            hint="check every line: draw with --all",
        )


def _sample_arithmetic(
    statute: Statute, findings: Mapping[str, Findings], determination: Determination
) -> dict[str, Any]:
    """Give the numbers of the checked sample, as the decision's document has them."""
    invalid = Counter[str]()
    for found in findings.values():
        invalid.update(found.invalid)
    return {
        "universe": sum(found.lines for found in findings.values()),
        "drawn": sum(found.drawn for found in findings.values()),
        "valid": sum(found.valid for found in findings.values()),
        "copies": sum(sum(found.copies) for found in findings.values()),
        "invalid": dict(sorted(invalid.items())),
        "formula": require_known(statute.projection, "how a sample is projected").formula.value,
        "shape": require_known(statute.decision, "how it is decided").shape.value,
        "strata": [_stratum_document(item, determination) for item in sorted(findings.items())],
        "reached": determination.reached,
    }


def _stratum_document(item: tuple[str, Findings], determination: Determination) -> dict[str, Any]:
    name, findings = item
    found = next((one for one in determination.strata if one.name == name), None)
    numbers = found.projection.numbers if found else {}
    return {
        "district": name,
        "lines": findings.lines,
        "drawn": findings.drawn,
        "valid": findings.valid,
        "copies": list(findings.copies),
        "numbers": {key: number_text(value) for key, value in numbers.items()},
        "required": found.required if found else None,
        "answer": found.answer if found else None,
    }


def number_text(number: Number) -> int | str:
    """Write a number as the record holds it: exact, or with six places where it has a root."""
    if isinstance(number, Decimal):
        with localcontext(prec=50):
            return str(number.quantize(Decimal("0.000001"), ROUND_HALF_UP))
    whole = Fraction(number)
    return int(whole) if whole.denominator == 1 else exact_text(whole)


def decide_by_preliminary_count(gated: GateTotals, required: int) -> Decision:
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
    arithmetic = _arithmetic("preliminary_count", gated, required, gated.standing, "insufficient")
    return Decision(None, arithmetic)


def _arithmetic(
    method: str, gated: GateTotals, required: int, compared: int, answer: str
) -> dict[str, Any]:
    return {
        "method": method,
        "lines": gated.lines,
        "rejected": dict(gated.rejected),
        "standing": gated.standing,
        "required": required,
        "compared": compared,
        "decision": answer,
    }
