"""What a statute file may hold. An unknown key, an uncited value or a wrong type is refused."""

from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from referendum.core.errors import LawError

T = TypeVar("T")

Text = Annotated[str, msgspec.Meta(min_length=1)]
Span = Annotated[
    str, msgspec.Meta(pattern=r"\A[0-9]{1,4} (working |sitting )?(day|week|month|year)s?\Z")
]
Share = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,40}(/[1-9][0-9]{0,39}|\.[0-9]{1,40})?\Z")]
Majority = Annotated[
    str, msgspec.Meta(pattern=r"\A(more than|at least) [0-9]{1,40}/[1-9][0-9]{0,39}\Z")
]
Money = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,15}(\.[0-9]{2})? [A-Z]{3}\Z")]
Code = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z0-9_]{0,63}\Z")]
Whole = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Places = Annotated[int, msgspec.Meta(ge=0, le=20)]
Rounding = Literal["up", "down", "nearest"]

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


class StatutePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A group of values."""


class Distribution(StatutePart, frozen=True, kw_only=True):
    """How the signatures must be spread over districts.

    Attributes:
        unit: what a district is.
        units: how many there are.
        need: how many must reach their number: `all`, a whole number, or a share of the units.
        share: share of each district's base that it must reach.
        base: what the share is taken of.
        rounding: of share times base.
        minimums: the number of each district, where the law lists them.
        cap: no district counts for more than this share of the required number.
    """

    unit: Value[str]
    units: Value[Whole] | None = None
    need: Value[str] | None = None
    share: Value[Share] | None = None
    base: Value[str] | None = None
    rounding: Value[Rounding] | None = None
    minimums: Value[dict[str, Whole]] | None = None
    cap: Value[Share] | None = None


class Threshold(StatutePart, frozen=True, kw_only=True):
    """How many signatures one kind of proposal needs: a share of a base, rounded, or a number.

    Attributes:
        what: what this kind of proposal is.
        share: share of the base.
        base: what the share is taken of.
        rounding: of share times base.
        base_value: value of the base that is known, and of which election.
        number: the number itself, where the law names one.
        published: the requirement as the office printed it.
        distribution: further condition on districts.
    """

    what: Value[str] | None = None
    share: Value[Share] | None = None
    base: Value[str] | None = None
    rounding: Value[Rounding] | None = None
    base_value: Value[Whole] | None = None
    number: Value[Whole] | None = None
    published: Value[Whole] | None = None
    distribution: Distribution | None = None


class Application(StatutePart, frozen=True, kw_only=True):
    """Who may apply, what bars it, what it costs, who decides.

    Facts are named by codes, so that `law check` can hold an application against them:
    `requires` must be true, `bars` must be false, `at_least` and `at_most` are numbers.
    """

    requires: dict[Code, Value[str]] = {}
    bars: dict[Code, Value[str]] = {}
    at_least: dict[Code, Value[Whole]] = {}
    at_most: dict[Code, Value[Whole]] = {}
    fee: Value[Money] | None = None
    refund: Value[str] | None = None
    gatekeeper: Value[str] | None = None


class Collection(StatutePart, frozen=True, kw_only=True):
    """How long and from whom signatures are gathered.

    Attributes:
        window: how long; absent where the law only sets a day of filing.
        first_day_counts: whether the window includes its first day.
        deadline: a day of filing that is set in another way, in words.
        signer: who may sign.
        as_of: the day on which a signer must be on the list.
        own_district: whether a signer counts only for the district where they are listed.
        once: how often a person may sign.
        withdrawal: whether and until when a signer may take the name back, and with what effect.
    """

    signer: Value[str]
    window: Value[Span] | None = None
    first_day_counts: Value[bool] | None = None
    deadline: Value[str] | None = None
    as_of: Value[Literal["signing", "issue", "delivery", "election"]] | None = None
    own_district: Value[bool] | None = None
    once: Value[str] | None = None
    withdrawal: Value[str] | None = None


class Sheets(StatutePart, frozen=True, kw_only=True):
    """What a sheet must have; `requires` and `bars` as for an application."""

    requires: dict[Code, Value[str]] = {}
    bars: dict[Code, Value[str]] = {}
    canvasser: Value[str] | None = None
    wrong_district: Value[str] | None = None


class Lines(StatutePart, frozen=True, kw_only=True):
    """What a line must have; `requires` and `bars` as for an application.

    Attributes:
        curable: codes of `requires` whose absence can be mended.
        identification: what a signer shows, to whom.
    """

    requires: dict[Code, Value[str]] = {}
    bars: dict[Code, Value[str]] = {}
    curable: Value[list[Code]] | None = None
    identification: Value[str] | None = None


class Gates(StatutePart, frozen=True, kw_only=True):
    """Reasons to reject a line, in order, by the codes of the petition stage."""

    order: Value[list[Code]]
    preliminary_count: Value[str] | None = None


class Repeats(StatutePart, frozen=True, kw_only=True):
    """What happens to the lines of a person who signed more than once.

    Attributes:
        rule: the first counts, or none.
        found: among all lines, by matching them; or only among the lines of the sample.
    """

    rule: Value[Literal["keep_first", "keep_none"]]
    found: Value[Literal["all_lines", "in_sample"]]


class Verification(StatutePart, frozen=True, kw_only=True):
    """How the lines are checked: every one, a sample, or samples in stages; and by whom."""

    method: Value[Literal["full", "sample", "staged"]]
    by: Value[str] | None = None
    how: Value[str] | None = None


class Sampling(StatutePart, frozen=True, kw_only=True):
    """How large the sample is and how it is drawn.

    The size is the larger of `minimum` and `fraction` of the lines, rounded up, and every line
    where there are no more; the office chooses it where the law gives none.

    Attributes:
        unit: one sample of the whole, or one in each district.
        district: what a district is.
        fraction: share of the lines.
        minimum: fewest lines.
        second_fraction: share of the lines in all after a second sample.
        draw: how the lines are drawn, in words.
    """

    unit: Value[Literal["whole", "district"]]
    district: Value[str] | None = None
    fraction: Value[Share] | None = None
    minimum: Value[Whole] | None = None
    second_fraction: Value[Share] | None = None
    draw: Value[str] | None = None


Formula = Literal[
    "every_line",
    "expansion",
    "expansion_less_pairs",
    "both_deductions",
    "acceptance",
    "assumed_repeats",
    "pairs_with_error",
    "exact_bound",
    "interval",
]


class Projection(StatutePart, frozen=True, kw_only=True):
    """From a checked sample to a number of valid signatures.

    Attributes:
        formula: its name (`referendum.law.projection.FORMULAS`).
        rate_places, factor_places: places to which v/n and N/n are rounded.
        rounding: by step: `valid` (N v/n), `repeats`, `total`.
        quantile: normal quantile of a bound.
        level: confidence of a bound.
        margin: of a stated interval, as a share.
        assumed_repeats: share of lines taken to be repeats before any is looked for.
    """

    formula: Value[Formula]
    rate_places: Value[Places] | None = None
    factor_places: Value[Places] | None = None
    rounding: dict[Literal["valid", "repeats", "total"], Value[Rounding]] = {}
    quantile: Value[Share] | None = None
    level: Value[Share] | None = None
    margin: Value[Share] | None = None
    assumed_repeats: Value[Share] | None = None


Shape = Literal[
    "full_count",
    "dead_band",
    "acceptance",
    "two_samples",
    "upper_bound",
    "lower_bound",
    "point",
]


class DecisionRule(StatutePart, frozen=True, kw_only=True):
    """What is held against the requirement, and what follows.

    Attributes:
        shape: its name (`referendum.law.decision.SHAPES`).
        fails_below, fails_at, passes_at: cut-offs, as shares of the requirement: fails below this,
            fails at this or below, passes at this or above.
    """

    shape: Value[Shape]
    fails_below: Value[Share] | None = None
    fails_at: Value[Share] | None = None
    passes_at: Value[Share] | None = None


class ContactSample(StatutePart, frozen=True, kw_only=True):
    """Random signers who are asked whether they signed."""

    mode: Value[str]
    size: Value[Whole] | None = None
    non_response: Value[str] | None = None


class Outcome(StatutePart, frozen=True, kw_only=True):
    """What follows a decision."""

    publication: Value[str] | None = None
    cure: Value[str] | None = None
    resubmission: Value[str] | None = None
    appeal: Value[str] | None = None
    after_success: Value[str] | None = None


class Step(StatutePart, frozen=True, kw_only=True):
    """One step of the procedure.

    Attributes:
        code: its name in a calendar.
        actor: who does it.
        does: what is done.
        after: code of the step or event from which its time counts.
        within: it must be done no later than this after it.
        not_before: it cannot be done earlier than this after it.
        before: code of a step or event that it must precede, by at least `by`.
        by: see `before`.
        yearly: last day in a year, as `09-30`.
        silence: what follows if it is not done in time.
    """

    code: Code
    actor: Text
    does: Text
    after: str = ""
    within: Span | Literal[""] = ""
    not_before: Span | Literal[""] = ""
    before: str = ""
    by: Span | Literal[""] = ""
    yearly: str = ""
    silence: str = ""
    cite: Text
    certainty: Certainty
    source: str = ""
    note: str = ""


class VoteRule(StatutePart, frozen=True, kw_only=True):
    """When a proposal put to the vote is carried.

    Attributes:
        cite: the provision as a whole.
        question: yes or no, or named options.
        majority: how large a share, `more than 1/2` or `at least 3/5`.
        majority_of: of the formal (valid) votes, of the ballots cast, or of the electors.
        turnout: quorum of ballots cast among the electors.
        approval: quorum of yes votes among the electors.
        regions: regions whose own majority counts.
        half_regions: those of them that count half.
        regional_majority: how many of the regions must have a majority.
        other_regions: regions of which votes come and whose own majority does not count.
        conflict: which of two proposals that exclude each other enters into force where each has a
            majority: the one that a tie-break question prefers, or the one with most yes votes.
        recount_margin: difference of yes and no in a district, in votes, at or below which its
            ballots are counted again.
    """

    cite: Text
    question: Value[Literal["yes_no", "options"]] | None = None
    majority: Value[Majority]
    majority_of: Value[Literal["formal", "cast", "electors"]]
    turnout: Value[Majority] | None = None
    approval: Value[Majority] | None = None
    regions: Value[list[str]] | None = None
    half_regions: Value[list[str]] | None = None
    regional_majority: Value[Majority] | None = None
    other_regions: Value[list[str]] | None = None
    conflict: Value[Literal["tie_break", "most_yes"]] | None = None
    recount_margin: Value[Whole] | None = None
    electors: Value[str] | None = None
    tie: Value[str] | None = None
    binding: Value[str] | None = None
    date: Value[str] | None = None
    count_mode: Value[str] | None = None
    reporting: Value[str] | None = None
    several_questions: Value[str] | None = None


class Finance(StatutePart, frozen=True, kw_only=True):
    """Who may pay, how much, and from when it must be reported."""

    contributors: Value[str] | None = None
    contribution_cap: Value[str] | None = None
    spending_cap: Value[str] | None = None
    registration: Value[str] | None = None
    period: Value[str] | None = None


class Records(StatutePart, frozen=True, kw_only=True):
    """What becomes of the sheets, and who may see them."""

    returned: Value[str] | None = None
    destroyed: Value[str] | None = None
    access: Value[str] | None = None


class Statute(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of one act.

    Attributes:
        id: jurisdiction and act, such as `ca-ab/citizen-initiative-act`.
        version: the day from which it applied.
        place: ISO 3166 code whose holidays count, such as `CA-AB`.
        summary: in a sentence, what is needed and how it is checked.
        in_force_from: the day; its note says if the law is older than this file knows.
    """

    id: Text
    version: Text
    title: Text
    jurisdiction: Text
    place: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{2}(-[A-Z0-9]{1,3})?\Z")]
    summary: str = ""
    in_force_from: Value[date]
    in_force_to: Value[date] | None = None
    transition: Value[str] | None = None
    thresholds: dict[Code, Threshold] = {}
    application: Application | None = None
    collection: Collection | None = None
    sheets: Sheets | None = None
    lines: Lines | None = None
    gates: Gates | None = None
    verification: Verification | None = None
    sampling: Sampling | None = None
    repeats: Repeats | None = None
    projection: Projection | None = None
    decision: DecisionRule | None = None
    contact_sample: ContactSample | None = None
    outcome: Outcome | None = None
    steps: list[Step] = []
    vote: VoteRule | None = None
    finance: Finance | None = None
    records: Records | None = None


def require_known(part: T | None, what: str) -> T:
    """Give a part of a statute that a calculation needs.

    Raises:
        LawError: the statute says nothing of it.
    """
    if part is None:
        raise LawError(f"the statute says nothing of {what}: not known")
    return part
