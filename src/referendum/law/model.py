"""What a statute file may hold. An unknown key, an uncited value or a wrong type is refused."""

from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from referendum.core.errors import LawError

T = TypeVar("T")

Text = Annotated[str, msgspec.Meta(min_length=1)]

Certainty = Literal["read", "general", "derived", "reading"]

CERTAINTIES: dict[Certainty, str] = {
    "read": "read in the named source",
    "general": "general knowledge of the statute, to be checked",
    "derived": "worked out from published numbers",
    "reading": "this project's reading of a text that leaves it open",
}
"""How sure a value of law is."""


class Value(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    """One value of law with its citation.

    Attributes:
        value: the value.
        cite: the provision; the act alone where the section was not read.
        certainty: how sure it is (`CERTAINTIES`).
        source: where it was read.
        note: what a user must know besides.
    """

    value: T
    cite: Text
    certainty: Certainty
    source: str = ""
    note: str = ""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A group of values."""


class Threshold(Part, frozen=True):
    """How many signatures one kind of proposal needs: a share of a base, rounded.

    `distribution` states a further condition in words that no calculator here knows.
    """

    share: Value[str]
    base: Value[str]
    rounding: Value[Literal["up", "down", "nearest"]]
    distribution: Value[str] | None = None


class Application(Part, frozen=True):
    """Who may apply, what it costs, who decides."""

    applicant: Value[str]
    bars: Value[str]
    fee: Value[str]
    gatekeeper: Value[str]


class Collection(Part, frozen=True):
    """How long and from whom signatures are gathered."""

    window_days: Value[int]
    signer: Value[str]
    once: Value[str]
    withdrawal: Value[str] | None = None


class Lines(Part, frozen=True):
    """What a line and a sheet must have."""

    sheets: Value[str]
    fields: Value[list[str]]
    witness: Value[str]
    affidavit: Value[str]
    identification: Value[str] | None = None


class Gates(Part, frozen=True):
    """Reasons to reject a line, in order, by the codes of the petition stage."""

    order: Value[list[str]]
    preliminary_count: Value[str] | None = None


class Repeats(Part, frozen=True):
    """What happens to the lines of a person who signed more than once."""

    rule: Value[Literal["keep_first"]]


class Sampling(Part, frozen=True):
    """What the law says of checking by sample."""

    method: Value[str]
    confidence: Value[str]
    size: Value[str] | None = None


class DecisionRule(Part, frozen=True):
    """Which number is held against the requirement."""

    rule: Value[Literal["projection", "lower_bound"]]
    rounding: Value[Literal["up", "down", "nearest"]]


class Deadlines(Part, frozen=True):
    """Time for verification, and what follows."""

    verification_days: Value[int]
    publication: Value[str]
    after_success: Value[str] | None = None


class Step(Part, frozen=True, kw_only=True):
    """One step of the procedure."""

    actor: str
    does: str
    within: str = ""
    cite: Text
    certainty: Certainty


class VoteRule(Part, frozen=True, kw_only=True):
    """When a proposal put to the vote is carried."""

    cite: Text
    majority_of: Value[Literal["formal"]]
    regions: Value[list[str]] | None = None
    regional_majority: Value[Literal["more than half"]] | None = None
    electors: Value[str] | None = None


class Statute(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of one act.

    Attributes:
        id: jurisdiction and act, such as `ca-ab/citizen-initiative-act`.
        version: the day from which it applied.
    """

    id: Text
    version: Text
    title: Text
    jurisdiction: Text
    in_force_from: Value[date]
    in_force_to: Value[date] | None = None
    transition: Value[str] | None = None
    thresholds: dict[str, Threshold] = {}
    application: Application | None = None
    collection: Collection | None = None
    lines: Lines | None = None
    gates: Gates | None = None
    repeats: Repeats | None = None
    sampling: Sampling | None = None
    decision: DecisionRule | None = None
    deadlines: Deadlines | None = None
    steps: list[Step] = []
    vote: VoteRule | None = None


def known(part: T | None, what: str) -> T:
    """Give a part of a statute that a calculation needs.

    Raises:
        LawError: the statute says nothing of it.
    """
    if part is None:
        raise LawError(f"the statute says nothing of {what}: not known")
    return part
