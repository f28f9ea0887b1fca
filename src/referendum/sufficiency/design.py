"""The design of a risk-limiting check: the report on each line, and how likely it is drawn.

A report is a share in [0, 1]: how probable it is, as matching has it, that a line counts (that its
signer is an elector and that no other line of theirs counts). Lines with one report form a class.
Reports need not be true: a wrong one costs checks and never raises the risk.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from referendum.core.errors import InputError

LARGEST_WEIGHT = 4
"""Weights are 1 to 4: eight times the spread of a line's report, whole part, at least 1."""


@dataclass(frozen=True)
class LineClass:
    """Lines with one report.

    Attributes:
        name: of the class, such as the outcome of matching.
        lines: lines of the universe in it.
        report: probability that a line of it counts, in [0, 1].
        weight: tickets of each of its lines in the draw, to which the chance of being next is
            proportional.
    """

    name: str
    lines: int
    report: Fraction
    weight: int = 1

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        if self.lines < 0 or not 0 <= self.report <= 1 or not 1 <= self.weight <= LARGEST_WEIGHT:
            raise InputError(
                f"class {self.name}: {self.lines} lines, report {self.report}, weight {self.weight}"
                " cannot be",
                hint=f"a report lies in [0, 1], a weight is 1 to {LARGEST_WEIGHT}",
            )


@dataclass(frozen=True)
class CheckerErrors:
    """Upper bounds on the checkers' rates of error.

    Attributes:
        false_accepts: share of the lines that do not count which they would find valid, at most.
        false_rejects: share of the lines that count which they would find invalid, at most.
    """

    false_accepts: Fraction = Fraction(0)
    false_rejects: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        """Refuse impossible shares."""
        if not (0 <= self.false_accepts < 1 and 0 <= self.false_rejects < 1):
            raise InputError(
                f"shares of error {self.false_accepts} and {self.false_rejects} do not lie in"
                " [0, 1)"
            )


@dataclass(frozen=True)
class Design:
    """What is fixed before the seed of the draw is known.

    Attributes:
        classes: at least one line in all.
        required: R, distinct valid signers required.
        alpha: risk limit of "sufficient": the largest chance to say so when it is wrong.
        beta: risk limit of "insufficient".
        errors: bounds on the checkers' errors; zero takes the checkers as perfect.

    Raises:
        InputError: R is below 1 or above the lines, or a risk limit is not in (0, 1/2).
    """

    classes: tuple[LineClass, ...]
    required: int
    alpha: Fraction
    beta: Fraction
    errors: CheckerErrors = CheckerErrors()

    def __post_init__(self) -> None:
        """Refuse what no check can decide, or what needs none."""
        for name, limit in (("alpha", self.alpha), ("beta", self.beta)):
            if not 0 < limit < Fraction(1, 2):
                raise InputError(f"{name} is {limit}", hint="a risk limit lies between 0 and 1/2")
        if self.required < 1:
            raise InputError(f"{self.required} signers required: nothing is left to check")
        if self.required > self.lines:
            raise InputError(
                f"{self.required:,} signers are required and {self.lines:,} lines stand",
                hint="the count of lines decides: nothing needs to be drawn",
            )

    @property
    def lines(self) -> int:
        """N, lines of the universe."""
        return sum(one.lines for one in self.classes)

    @property
    def accepted_at(self) -> int:
        """Findings "valid" that every line checked would have to give before M >= R follows.

        If M <= R - 1, at most R - 1 + a (N - R + 1) findings are valid, for `errors.false_accepts`
        = a.
        """
        above = self.errors.false_accepts * (self.lines - self.required + 1)
        return self.required + above.__floor__()

    @property
    def refused_below(self) -> int:
        """Below this many findings "valid", were every line checked, M < R follows.

        If M >= R, at least R (1 - b) findings are valid, for `errors.false_rejects` = b.
        """
        return (self.required * (1 - self.errors.false_rejects)).__ceil__()


def sampling_weight(report: Fraction) -> int:
    """Give the weight of a line from its report: max(1, floor(8 sqrt(f (1 - f)))).

    Drawing in proportion to the spread of what is unknown is Neyman's allocation; the floor keeps
    a report that is surely wrong from hiding a line.

    Raises:
        InputError: the report does not lie in [0, 1].
    """
    if not 0 <= report <= 1:
        raise InputError(f"a report of {report} does not lie in [0, 1]")
    part, whole = report.numerator, report.denominator
    return max(1, isqrt(64 * part * (whole - part)) // whole)


def classes_by_outcome(
    lines: Mapping[str, int], reports: Mapping[str, Fraction], *, weighted: bool
) -> tuple[LineClass, ...]:
    """Make the classes of a line comparison from the lines of each outcome.

    Args:
        lines: lines by outcome; one without lines is left out.
        reports: probability that a line with the outcome counts.
        weighted: whether uncertain lines are drawn more often.

    Raises:
        InputError: an outcome has no report.
    """
    if missing := sorted(name for name in lines if name not in reports):
        raise InputError(f"no report is given for lines that are {missing[0]}")
    return tuple(
        LineClass(
            name, lines[name], reports[name], sampling_weight(reports[name]) if weighted else 1
        )
        for name in sorted(lines)
        if lines[name]
    )


def classes_by_report(
    reports: Sequence[Fraction], *, weighted: bool = True
) -> tuple[tuple[LineClass, ...], list[int]]:
    """Make the classes of a line comparison with a report of its own for every line.

    Reports are rounded to hundredths, half to even: lines with one rounded report are a class.

    Args:
        reports: of each line, in [0, 1].
        weighted: whether uncertain lines are drawn more often.

    Returns:
        The classes by rising report, and the place of each line's class among them.

    Raises:
        InputError: a report does not lie in [0, 1].
    """
    hundredths = [round(100 * report) for report in reports]
    numbers = sorted(Counter(hundredths).items())
    places = {hundredth: place for place, (hundredth, _) in enumerate(numbers)}
    classes = tuple(
        LineClass(f"{share}", lines, share, sampling_weight(share) if weighted else 1)
        for hundredth, lines in numbers
        for share in [Fraction(hundredth, 100)]
    )
    return classes, [places[hundredth] for hundredth in hundredths]


def polling_class(lines: int, report: Fraction) -> tuple[LineClass, ...]:
    """Make the only class of line polling: all lines alike, with a first guess of the share."""
    return (LineClass("line", lines, report),)
