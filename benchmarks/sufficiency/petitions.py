"""The petitions that the tests are tried on, and what a matcher would report of their lines."""

from dataclasses import dataclass
from fractions import Fraction

from referendum.sufficiency import (
    CheckerErrors,
    Design,
    LineClass,
    classes_by_outcome,
    polling_class,
)

LIMIT = Fraction(1, 20)

PERFECT = CheckerErrors()

REPORTS = {
    "listed": Fraction("0.99"),
    "unsure": Fraction("0.6"),
    "not_listed": Fraction("0.1"),
    "repeat": Fraction("0.01"),
}

VALID = {"listed": 25_202, "unsure": 503, "not_listed": 195, "repeat": 2}
INVALID = {"listed": 33, "unsure": 299, "not_listed": 1_871, "repeat": 687}
"""Outcomes of the project's matcher on 28,792 made-up lines, by whether the line counts.

Measured by `python -m benchmarks sufficiency.matcher`; of one elector's lines the one that matching
keeps counts.
"""


@dataclass(frozen=True)
class Petition:
    """A petition of the record books.

    Attributes:
        name: of the petition.
        lines: N.
        valid: M, as counted, credited or estimated.
        required: R.
        statute: the law whose own sample is set beside.
        sample: lines of the statute's own sample.
    """

    name: str
    lines: int
    valid: int
    required: int
    statute: str
    sample: int


ALBERTA = "ca-ab/citizen-initiative-act"
WASHINGTON = "us-wa/initiative-and-referendum"
COLORADO = "us-co/initiative-and-referendum"
NEW_ZEALAND = "nz/citizens-initiated-referenda-act"

PETITIONS = (
    Petition("Washington R-71, 2009", 137_881, 122_007, 120_577, WASHINGTON, 4_137),
    Petition("Alberta 2025", 438_568, 404_293, 293_976, ALBERTA, 1_065),
    Petition("Alberta 2026, 85 % valid", 301_062, 255_903, 177_732, ALBERTA, 1_065),
    Petition("Alberta 2026, 60 % valid", 301_062, 180_637, 177_732, ALBERTA, 1_065),
    Petition("Colorado I-46, 2012", 106_119, 82_246, 86_105, COLORADO, 5_306),
    Petition("New Zealand 2008", 324_511, 267_014, 285_027, NEW_ZEALAND, 29_501),
)  # fmt: skip

Found = list[tuple[int, int]]


def polling(petition: Petition, valid: int) -> tuple[Design, Found]:
    """Check lines alone: one class, first guess 85 %."""
    return _design(petition, polling_class(petition.lines, Fraction("0.85"))), [
        (petition.lines, valid)
    ]


def comparison(petition: Petition, valid: int, *, weighted: bool = True) -> tuple[Design, Found]:
    """Use the project's matcher: outcomes in the proportions measured on made-up lines."""
    hits = _split(valid, list(VALID.values()))
    misses = _split(petition.lines - valid, list(INVALID.values()))
    found = {name: (h + m, h) for name, h, m in zip(VALID, hits, misses, strict=True)}
    classes = classes_by_outcome(
        {n: lines for n, (lines, _) in found.items()}, REPORTS, weighted=weighted
    )
    return _design(petition, classes), [found[one.name] for one in classes]


def liar(petition: Petition, valid: int, *, hides: bool) -> tuple[Design, Found]:
    """Use a matcher that lies: it calls invalid lines sure (or valid ones hopeless).

    Half of the wrong lines hide in a class reported at 0.999 and never weighted; the rest of the
    petition is reported at 0.5, so that checks are drawn away from them.
    """
    wrong = petition.lines - valid if hides else valid
    hidden = wrong // 2
    sure = petition.lines // 2
    valid_sure = sure - hidden if hides else hidden
    if not 0 <= valid_sure <= min(sure, valid):
        sure, valid_sure = (hidden, 0) if hides else (hidden, hidden)
    report = Fraction("0.999") if hides else Fraction("0.001")
    rest = petition.lines - sure
    classes = (LineClass("sure", sure, report, 1), LineClass("open", rest, Fraction(1, 2), 4))
    return _design(petition, classes), [(sure, valid_sure), (rest, valid - valid_sure)]


def careless(petition: Petition, valid: int, errors: CheckerErrors) -> tuple[Design, Found]:
    """Poll with checkers who err as often as is declared, in both directions."""
    design = _design(petition, polling(petition, valid)[0].classes, errors)
    found = (
        valid
        + int(errors.false_accepts * (petition.lines - valid))
        - int(errors.false_rejects * valid)
    )
    return design, [(petition.lines, found)]


def _design(
    petition: Petition, classes: tuple[LineClass, ...], errors: CheckerErrors = PERFECT
) -> Design:
    return Design(classes, petition.required, LIMIT, LIMIT, errors)


def _split(total: int, parts: list[int]) -> list[int]:
    whole = sum(parts)
    shares = [total * part // whole for part in parts]
    shares[0] += total - sum(shares)
    return shares
