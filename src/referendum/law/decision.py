"""The decision: which shape a statute's rule has, and what follows from a projection."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal

from referendum.core.errors import LawError
from referendum.core.exact import fraction
from referendum.law.distribution import Spread
from referendum.law.model import DecisionRule, Projection, Statute, Value, known
from referendum.law.projection import CheckedSample, project
from referendum.law.sampling import samples_by_district
from referendum.law.working import Number, Worked, Working, by

Answer = Literal["sufficient", "insufficient", "check_every_line", "draw_second_sample"]

ANSWERS: dict[Answer, str] = {
    "sufficient": "sufficient",
    "insufficient": "insufficient",
    "check_every_line": "the sample does not decide: every line must be checked",
    "draw_second_sample": "the first sample does not decide: a second one must be drawn",
}
"""What can follow; the last two leave the petition open."""

FINAL: frozenset[Answer] = frozenset({"sufficient", "insufficient"})


@dataclass(frozen=True)
class Shape:
    """The shape of a decision rule.

    Attributes:
        words: how it decides.
        error: who carries the sampling error.
    """

    words: str
    error: str


SHAPES: dict[str, Shape] = {
    "full_count": Shape("every line is checked", "nobody: nothing is sampled"),
    "dead_band": Shape(
        "the projection decides outside a band; inside it every line is checked",
        "both sides, outside the band",
    ),
    "acceptance": Shape(
        "a sample can only accept; if it does not, every line is checked",
        "opponents: a sample may accept too few signatures, never reject enough",
    ),
    "two_samples": Shape(
        "accepted after either of two samples, rejected only after the second",
        "opponents at the first sample, both sides at the second",
    ),
    "upper_bound": Shape(
        "fails only if even the upper bound falls short",
        "opponents: the benefit of the doubt is the petition's",
    ),
    "lower_bound": Shape(
        "passes only if even the lower bound suffices",
        "petitioners: the doubt goes against the petition",
    ),
    "point": Shape("the projection alone decides", "both sides alike"),
}
"""Every shape that a statute's decision rule can have."""


@dataclass(frozen=True)
class Stratum:
    """What came of one district, or of the whole under the name "".

    Attributes:
        name: of the district.
        sample: what was checked.
        worked: the projection.
        required: what this district must reach; None where nothing is asked of it.
        answer: what follows for the district; None where nothing is asked of it.
    """

    name: str
    sample: CheckedSample
    worked: Worked
    required: int | None
    answer: Answer | None

    @property
    def compared(self) -> int:
        """Valid signatures, whole ones."""
        return floor(self.worked.numbers["compared"])


@dataclass(frozen=True)
class Decided:
    """A decision by the statute.

    Attributes:
        answer: what follows.
        compared: what is held against the requirement, whole signatures; a number reaches a whole
            requirement exactly when its whole part does.
        required: the requirement.
        strata: district by district, or the whole.
        reached: districts that reach their number; None where nothing is asked of districts.
        steps: the arithmetic.
    """

    answer: Answer
    compared: int
    required: int
    strata: tuple[Stratum, ...]
    reached: int | None
    steps: tuple[Working, ...]


def answer(rule: DecisionRule, compared: Number, required: int, *, second: bool = False) -> Answer:
    """Say what follows from a projection.

    Args:
        rule: the statute's decision rule.
        compared: what is held against the requirement, exact.
        required: the requirement.
        second: whether this is after a second sample.

    Raises:
        LawError: a dead band without cut-offs.
    """
    shape = rule.shape.value
    if shape == "dead_band":
        return _by_band(rule, Fraction(compared), required)
    if compared >= required:
        return "sufficient"
    if shape == "acceptance":
        return "check_every_line"
    return "draw_second_sample" if shape == "two_samples" and not second else "insufficient"


def _by_band(rule: DecisionRule, compared: Fraction, required: int) -> Answer:
    passes = fraction(known(rule.passes_at, "the cut-off that passes").value)
    if compared >= passes * required:
        return "sufficient"
    if rule.fails_below is not None:
        fails = compared < fraction(rule.fails_below.value) * required
    else:
        cut = known(rule.fails_at, "the cut-off that fails").value
        fails = compared <= fraction(cut) * required
    return "insufficient" if fails else "check_every_line"


def decide(
    statute: Statute,
    samples: Mapping[str, CheckedSample],
    required: int,
    spread: Spread | None = None,
    *,
    second: bool = False,
) -> Decided:
    """Decide a petition from its checked lines as the statute has it.

    Where every line was checked, the count decides, whatever the shape.

    Args:
        statute: the law.
        samples: by district where the statute samples or asks by district, else one named "".
        required: the requirement.
        spread: what the districts must give.
        second: whether a second sample was drawn.

    Raises:
        LawError: the statute lacks a rule, or asks of districts what a sample of the whole cannot
            show.
    """
    rule = known(statute.decision, "how it is decided")
    projecting = known(statute.projection, "how a sample is projected")
    full = all(sample.drawn == sample.lines for sample in samples.values())
    if spread and not full and not samples_by_district(statute):
        raise LawError(
            f"how the signatures of a {spread.unit} follow from a sample of the whole is not known",
            where=statute.id,
            hint="check every line: draw with --all",
        )
    if spread and spread.minimums and not set(spread.minimums) & set(samples):
        raise LawError(
            f"no line is of a {spread.unit} that must reach a number",
            where=statute.id,
            hint=f"known: {', '.join(list(spread.minimums)[:5])}; the lines: {min(samples)}",
        )
    strata = tuple(
        _stratum(rule, projecting, name, sample, (required, spread), second=second, full=full)
        for name, sample in sorted(samples.items())
    )
    total: Number = sum((_exact(one) for one in strata), Fraction(0))
    if spread and spread.cap is not None:
        total = sum((min(_exact(one), Fraction(spread.cap)) for one in strata), Fraction(0))
    answers = [_total_answer(rule, total, required, full=full, second=second)]
    if spread and spread.minimums:
        answers.append(_spread_answer(strata, spread))
    worst = min(answers, key=_ORDER.index)
    steps = (*_strata_steps(strata), *_steps(rule, worst, total, required, full=full))
    reached = _reached(strata) if spread and spread.minimums else None
    return Decided(worst, floor(total), required, strata, reached, steps)


_ORDER: tuple[Answer, ...] = (
    "insufficient",
    "draw_second_sample",
    "check_every_line",
    "sufficient",
)


def _stratum(
    rule: DecisionRule,
    projecting: Projection,
    name: str,
    sample: CheckedSample,
    demanded: tuple[int, Spread | None],
    *,
    second: bool,
    full: bool,
) -> Stratum:
    required, spread = demanded
    worked = project(projecting, sample, required, second=second)
    least = spread.minimums.get(name) if spread else None
    if least is None:
        return Stratum(name, sample, worked, None, None)
    found = _total_answer(rule, worked.numbers["compared"], least, full=full, second=second)
    return Stratum(name, sample, worked, least, found)


def _total_answer(
    rule: DecisionRule, compared: Number, required: int, *, full: bool, second: bool
) -> Answer:
    if full:
        return "sufficient" if compared >= required else "insufficient"
    return answer(rule, compared, required, second=second)


def _spread_answer(strata: tuple[Stratum, ...], spread: Spread) -> Answer:
    """Enough districts surely reach their number, too few can, or only a count can tell."""
    judged = [one.answer for one in strata if one.answer is not None]
    if judged.count("sufficient") >= spread.need:
        return "sufficient"
    possible = len(judged) - judged.count("insufficient")
    return "insufficient" if possible < spread.need else "check_every_line"


def _reached(strata: tuple[Stratum, ...]) -> int:
    return sum(one.answer == "sufficient" for one in strata)


def _exact(one: Stratum) -> Fraction:
    return Fraction(one.worked.numbers["compared"])


def _strata_steps(strata: tuple[Stratum, ...]) -> tuple[Working, ...]:
    if len(strata) == 1:
        return strata[0].worked.steps
    return tuple(Working(f"{one.name}: {one.compared:,}", "", "") for one in strata)


def _steps(
    rule: DecisionRule, found: Answer, total: Number, required: int, *, full: bool
) -> tuple[Working, ...]:
    cuts = (
        ("fails below", rule.fails_below),
        ("fails at", rule.fails_at),
        ("passes at", rule.passes_at),
    )
    band = [] if full else [_cut(words, cut, required) for words, cut in cuts if cut is not None]
    sign = "reaches" if total >= required else "is below"
    held = by(rule.shape, f"{floor(total):,} {sign} {required:,}: {ANSWERS[found]}")
    return (*band, held)


def _cut(words: str, cut: Value[str], required: int) -> Working:
    share = fraction(cut.value)
    return by(cut, f"{words} {float(share):.0%} of {required:,} = {float(share * required):,.2f}")
