"""What a statute decides on checked lines, worked out again from the specification."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from referendum.verify import law
from referendum.verify.bundles import Bundle
from referendum.verify.projection import CheckedSample, number_text, project
from referendum.verify.report import Mismatch

WORST_FIRST = ("insufficient", "draw_second_sample", "check_every_line", "sufficient")


@dataclass(frozen=True)
class Findings:
    """The findings on the lines of one district."""

    lines: int
    drawn: int
    valid: int
    copies: list[int]
    invalid: dict[str, int]


@dataclass(frozen=True)
class Decision:
    """What follows, with the rows of `strata` in the decision's document."""

    answer: str
    compared: int
    strata: list[dict[str, Any]]
    reached: int | None


def is_copy(code: str, drawn: int) -> bool:
    """Whether a finding is `copy_N`, N from 2 to the lines that were drawn.

    Raises:
        Mismatch: N is another number, or written in another way.
    """
    if not re.fullmatch(r"copy_[0-9]+", code, re.ASCII):
        return False
    number = code.removeprefix("copy_")
    if number.startswith("0") or len(number) > 12 or not 2 <= int(number) <= drawn:
        raise Mismatch(f"{code[:40]} is no further line of an elector, of {drawn:,} drawn")
    return True


def require_copies(counts: Counter[str]) -> None:
    """See that an elector's further lines come after the ones before.

    Raises:
        Mismatch: there are more of one number than of the number before.
    """
    drawn = counts.total()
    copies = {int(code[5:]): number for code, number in counts.items() if is_copy(code, drawn)}
    copies[1] = drawn - sum(copies.values())
    for number, lines in copies.items():
        if number > 1 and lines > copies.get(number - 1, 0):
            raise Mismatch(f"copy_{number} comes {lines} times, oftener than what comes before it")


def count_findings(findings: Sequence[str | None]) -> Findings:
    """Count the findings of a district's lines; None where a line was not drawn."""
    codes = Counter(code for code in findings if code is not None)
    drawn, valid = codes.total(), codes.pop("valid", 0)
    last = max((int(code[5:]) for code in codes if is_copy(code, drawn)), default=1)
    copies = [codes.pop(f"copy_{number}", 0) for number in range(2, last + 1)]
    return Findings(len(findings), drawn, valid, copies, dict(codes))


def decide(
    statute: Bundle, strata: dict[str, Findings], issued: dict[str, Any], *, second: bool
) -> Decision:
    """Decide by the statute's shape, on the whole and on the districts that it asks about."""
    required, spread = issued["required"], issued["spread"]
    if any(one.lines and not one.drawn for one in strata.values()):
        raise Mismatch("a district was not drawn from, and its numbers were asked for")
    full = all(one.drawn == one.lines for one in strata.values())
    if spread and not full and law.optional(statute, "sampling", "unit") != "district":
        raise Mismatch("a sample of the whole does not show what districts give")
    minimums = spread["minimums"] if spread else {}
    if minimums and not set(minimums) & set(strata):
        raise Mismatch("no line is of a district that must reach a number")
    total, rows, answers = Fraction(0), [], []
    for name, one in strata.items():
        sample = CheckedSample(one.lines, one.drawn, one.valid, one.copies)
        numbers = project(statute, sample, required, second=second)
        compared = Fraction(numbers["compared"])
        capped = spread is not None and spread["cap"] is not None
        total += min(compared, spread["cap"]) if capped else compared
        least = minimums.get(name)
        answer = None
        if least is not None:
            answer = _answer(statute, compared, least, full=full, second=second)
            answers.append(answer)
        rows.append(_stratum_document(name, one, numbers, least, answer))
    found = [_answer(statute, total, required, full=full, second=second)]
    if minimums:
        found.append(_answer_by_districts(answers, spread["need"]))
    reached = answers.count("sufficient") if minimums else None
    return Decision(min(found, key=WORST_FIRST.index), floor(total), rows, reached)


def _stratum_document(
    name: str,
    one: Findings,
    numbers: dict[str, Fraction | Decimal],
    least: int | None,
    answer: str | None,
) -> dict[str, Any]:
    return {
        "district": name,
        "lines": one.lines,
        "drawn": one.drawn,
        "valid": one.valid,
        "copies": one.copies,
        "numbers": {key: number_text(number) for key, number in numbers.items()},
        "required": least,
        "answer": answer,
    }


def _answer_by_districts(answers: list[str], need: int) -> str:
    sure = answers.count("sufficient")
    if sure >= need:
        return "sufficient"
    hopeless = answers.count("insufficient")
    return "insufficient" if len(answers) - hopeless < need else "check_every_line"


def _answer(statute: Bundle, compared: Fraction, required: int, *, full: bool, second: bool) -> str:
    shape = law.value(statute, "decision", "shape")
    if not full and shape == "dead_band":
        return _apply_dead_band(statute, compared / required if required else Fraction(10**9))
    if compared >= required:
        return "sufficient"
    if not full and shape == "acceptance":
        return "check_every_line"
    if not full and shape == "two_samples" and not second:
        return "draw_second_sample"
    return "insufficient"


def _apply_dead_band(statute: Bundle, share: Fraction) -> str:
    if share >= law.exact(law.value(statute, "decision", "passes_at")):
        return "sufficient"
    below = law.optional(statute, "decision", "fails_below")
    if below is not None:
        return "insufficient" if share < law.exact(below) else "check_every_line"
    fails = share <= law.exact(law.value(statute, "decision", "fails_at"))
    return "insufficient" if fails else "check_every_line"
