"""Decision rules: the shape of each statute's rule, and what follows from a projection."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal

from referendum.core.errors import LawError
from referendum.core.exact import read_fraction
from referendum.law.calculation import Calculation, CalculationStep, Number, cite_step
from referendum.law.distribution import DistributionRequirement
from referendum.law.model import DecisionRule, Projection, Statute, Value, require_known
from referendum.law.projection import CheckedSample, project
from referendum.law.sampling import samples_by_district

Answer = Literal["sufficient", "insufficient", "check_every_line", "draw_second_sample"]

ANSWERS: dict[Answer, str] = {
    "sufficient": "sufficient",
    "insufficient": "insufficient",
    "check_every_line": "the sample does not decide: every line must be checked",
    "draw_second_sample": "the first sample does not decide: a second one must be drawn",
}
"""What can follow; the last two leave the petition open."""

FINAL_ANSWERS: frozenset[Answer] = frozenset({"sufficient", "insufficient"})


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
    """The sample and the projection of one district, or of the whole under the name "".

    Attributes:
        name: of the district.
        sample: what was checked.
        projection: the calculation of its valid signatures.
        required: what this district must reach; None where nothing is asked of it.
        answer: what follows for the district; None where nothing is asked of it.
    """

    name: str
    sample: CheckedSample
    projection: Calculation
    required: int | None
    answer: Answer | None

    @property
    def compared(self) -> int:
        """Valid signatures, whole ones."""
        return floor(self.projection.numbers["compared"])


@dataclass(frozen=True)
class Determination:
    """What the statute's rule determines.

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
    steps: tuple[CalculationStep, ...]


def apply_decision_rule(
    rule: DecisionRule, compared: Number, required: int, *, second: bool = False
) -> Answer:
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
        return _apply_dead_band(rule, Fraction(compared), required)
    if compared >= required:
        return "sufficient"
    if shape == "acceptance":
        return "check_every_line"
    return "draw_second_sample" if shape == "two_samples" and not second else "insufficient"


def _apply_dead_band(rule: DecisionRule, compared: Fraction, required: int) -> Answer:
    passes = read_fraction(require_known(rule.passes_at, "the cut-off that passes").value)
    if compared >= passes * required:
        return "sufficient"
    if rule.fails_below is not None:
        fails = compared < read_fraction(rule.fails_below.value) * required
    else:
        cut = require_known(rule.fails_at, "the cut-off that fails").value
        fails = compared <= read_fraction(cut) * required
    return "insufficient" if fails else "check_every_line"


def decide(
    statute: Statute,
    samples: Mapping[str, CheckedSample],
    required: int,
    distribution: DistributionRequirement | None = None,
    *,
    second: bool = False,
) -> Determination:
    """Decide a petition from its checked lines as the statute has it.

    Where every line was checked, the count decides, whatever the shape.

    Args:
        statute: the law.
        samples: by district where the statute samples or asks by district, else one named "".
        required: the requirement.
        distribution: what the districts must give.
        second: whether a second sample was drawn.

    Raises:
        LawError: the statute lacks a rule, or asks of districts what a sample of the whole cannot
            show.
    """
    rule = require_known(statute.decision, "how it is decided")
    projection_rule = require_known(statute.projection, "how a sample is projected")
    full = all(sample.drawn == sample.lines for sample in samples.values())
    if distribution:
        _require_known_districts(statute, samples, distribution, full=full)
    strata = tuple(
        _project_stratum(
            rule, projection_rule, name, sample, (required, distribution), second=second, full=full
        )
        for name, sample in sorted(samples.items())
    )
    total = _total(strata, distribution)
    answers = [_answer_by_total(rule, total, required, full=full, second=second)]
    if distribution and distribution.minimums:
        answers.append(_answer_by_districts(strata, distribution))
    worst = min(answers, key=_WORST_FIRST.index)
    steps = (*_strata_steps(strata), *_decision_steps(rule, worst, total, required, full=full))
    reached = _count_reached(strata) if distribution and distribution.minimums else None
    return Determination(worst, floor(total), required, strata, reached, steps)


def _require_known_districts(
    statute: Statute,
    samples: Mapping[str, CheckedSample],
    distribution: DistributionRequirement,
    *,
    full: bool,
) -> None:
    """Require that the samples show what the statute asks of districts."""
    if not full and not samples_by_district(statute):
        raise LawError(
            f"how the signatures of a {distribution.unit} follow from a sample of the whole is not"
            " known",
            where=statute.id,
            hint="check every line: draw with --all",
        )
    if distribution.minimums and not set(distribution.minimums) & set(samples):
        raise LawError(
            f"no line is of a {distribution.unit} that must reach a number",
            where=statute.id,
            hint=f"known: {', '.join(list(distribution.minimums)[:5])}; the lines: {min(samples)}",
        )


def _total(strata: tuple[Stratum, ...], distribution: DistributionRequirement | None) -> Number:
    """Add up the strata, each counted up to the cap that the statute sets."""
    numbers = [_compared_number(stratum) for stratum in strata]
    if distribution and distribution.cap is not None:
        numbers = [min(number, Fraction(distribution.cap)) for number in numbers]
    return sum(numbers, Fraction(0))


_WORST_FIRST: tuple[Answer, ...] = (
    "insufficient",
    "draw_second_sample",
    "check_every_line",
    "sufficient",
)


def _project_stratum(
    rule: DecisionRule,
    projection_rule: Projection,
    name: str,
    sample: CheckedSample,
    demands: tuple[int, DistributionRequirement | None],
    *,
    second: bool,
    full: bool,
) -> Stratum:
    required, distribution = demands
    projection = project(projection_rule, sample, required, second=second)
    least = distribution.minimums.get(name) if distribution else None
    if least is None:
        return Stratum(name, sample, projection, None, None)
    answer = _answer_by_total(rule, projection.numbers["compared"], least, full=full, second=second)
    return Stratum(name, sample, projection, least, answer)


def _answer_by_total(
    rule: DecisionRule, compared: Number, required: int, *, full: bool, second: bool
) -> Answer:
    if full:
        return "sufficient" if compared >= required else "insufficient"
    return apply_decision_rule(rule, compared, required, second=second)


def _answer_by_districts(
    strata: tuple[Stratum, ...], distribution: DistributionRequirement
) -> Answer:
    """Say whether enough districts reach their number, too few can, or only a count can tell."""
    answers = [stratum.answer for stratum in strata if stratum.answer is not None]
    if answers.count("sufficient") >= distribution.need:
        return "sufficient"
    possible = len(answers) - answers.count("insufficient")
    return "insufficient" if possible < distribution.need else "check_every_line"


def _count_reached(strata: tuple[Stratum, ...]) -> int:
    return sum(stratum.answer == "sufficient" for stratum in strata)


def _compared_number(stratum: Stratum) -> Fraction:
    return Fraction(stratum.projection.numbers["compared"])


def _strata_steps(strata: tuple[Stratum, ...]) -> tuple[CalculationStep, ...]:
    if len(strata) == 1:
        return strata[0].projection.steps
    return tuple(
        CalculationStep(f"{stratum.name}: {stratum.compared:,}", "", "") for stratum in strata
    )


def _decision_steps(
    rule: DecisionRule, answer: Answer, total: Number, required: int, *, full: bool
) -> tuple[CalculationStep, ...]:
    cuts = (
        ("fails below", rule.fails_below),
        ("fails at", rule.fails_at),
        ("passes at", rule.passes_at),
    )
    band = (
        []
        if full
        else [_cutoff_step(words, cut, required) for words, cut in cuts if cut is not None]
    )
    sign = "reaches" if total >= required else "is below"
    finding = cite_step(rule.shape, f"{floor(total):,} {sign} {required:,}: {ANSWERS[answer]}")
    return (*band, finding)


def _cutoff_step(words: str, cut: Value[str], required: int) -> CalculationStep:
    share = read_fraction(cut.value)
    return cite_step(
        cut, f"{words} {float(share):.0%} of {required:,} = {float(share * required):,.2f}"
    )
