"""What each kind of audit of a record would take: simulated, not recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from referendum.audit import WHOLE, Assertion
from referendum.audit.costing import (
    METHODS,
    Costing,
    Effort,
    Errors,
    Marked,
    Method,
    Rates,
    Runs,
    Setting,
    together,
)
from referendum.core.errors import InputError
from referendum.core.exact import as_text, fraction
from referendum.flows.audit.boxes import returns_of
from referendum.flows.audit.plan import claims_of
from referendum.flows.record import Inputs, Record

RUNS = 1_000
SEED = 20_260_101
SAVES = Fraction(9, 10)
"""A method that is less usual is recommended where it takes less than this part of the hours."""
WITHOUT_RECORDS: tuple[Method, ...] = (
    "ballot polling",
    "batch comparison",
    "ONEAudit",
    "full count",
)
"""Methods that need no record of single cards, the most usual first."""


@dataclass(frozen=True)
class Cost:
    """What one kind of audit takes.

    Attributes:
        method: kind of audit.
        right: if the report is right.
        small_errors: if some cards were read wrongly, at the rates given.
    """

    method: Method
    right: Effort
    small_errors: Effort


@dataclass(frozen=True)
class ClaimCosts:
    """The costs of one claim.

    Attributes:
        claim: condition, and region where it is about one.
        margin: v, the assorter's margin; diluted by cards that count for neither.
        cards: N.
        costs: of each method.
    """

    claim: str
    margin: float
    cards: int
    costs: tuple[Cost, ...]


@dataclass(frozen=True)
class Recommendation:
    """What to do, in plain words.

    Attributes:
        method: with the least people-hours under small errors, of those without records of cards.
        reasons: sentences.
    """

    method: Method
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class AuditCosts:
    """What audits of a record take.

    Attributes:
        risk_limit: α.
        rates: minutes and people.
        errors: the small errors.
        runs: simulated audits of each kind.
        seed: of the simulation.
        whole: of all claims together.
        claims: of each claim.
        recommendation: None where there is nothing to audit by cards.
        settled: what the number of cards settles, in words.
        full_count: why only a full count can show the outcome, in words; empty if a sample can.
    """

    risk_limit: str
    rates: Rates
    errors: Errors
    runs: int
    seed: int
    whole: tuple[Cost, ...]
    claims: tuple[ClaimCosts, ...]
    recommendation: Recommendation | None
    settled: tuple[str, ...]
    full_count: str


def audit_costs(
    folder: Path,
    risk_limit: str,
    prove: str | None,
    rates: Rates = Rates(),  # noqa: B008 - frozen
    errors: Errors = Errors(),  # noqa: B008 - frozen
    runs: int = RUNS,
    question: str | None = None,
) -> AuditCosts:
    """Simulate audits of a record by every method.

    Args:
        folder: of the record.
        risk_limit: α, as text.
        prove: the failed condition to show, where not carried.
        rates: what the work takes.
        errors: the small errors.
        runs: simulated audits of each kind.
        question: the one that is audited, where there are several.

    Raises:
        InputError: the risk limit is not between 0 and 1, `prove` did not fail, or the returns
            are of several questions and none is named.
        OrderError: no returns were received, or none of a region that counts.
    """
    limit = fraction(risk_limit)
    if not 0 < limit < 1:
        raise InputError(f"a risk limit of {risk_limit} is not between 0 and 1", hint="mostly 0.05")
    inputs = Record.open(folder).inputs(("statute", "returns", "result"))
    returns = _of_one_question(inputs, question)
    claimed = claims_of(inputs, returns, prove)
    setting = Setting(limit, rates, errors, runs, SEED)
    sampled = () if claimed.full_count else claimed.assertions
    costings = [Costing(one, _marked(returns, one.scope), setting) for one in sampled]
    simulated = {
        (method, wrong): [(one.claim.scope, one.runs(method, errors=wrong)) for one in costings]
        for method in METHODS
        for wrong in (False, True)
    }
    whole = tuple(
        Cost(
            method,
            Effort.of(_joined(method, simulated[method, False])),
            Effort.of(_joined(method, simulated[method, True])),
        )
        for method in METHODS
    ) if sampled else ()  # fmt: skip
    return AuditCosts(
        as_text(limit),
        rates,
        errors,
        runs,
        SEED,
        whole,
        tuple(_of_claim(one.claim, place, simulated) for place, one in enumerate(costings)),
        recommend(whole, min(one.margin for one in sampled)) if sampled else None,
        claimed.canvass,
        claimed.full_count,
    )


def _of_one_question(inputs: Inputs, question: str | None) -> pl.DataFrame:
    returns = returns_of(inputs, [question] if question else [])
    questions = returns.get_column("question").unique().sort().to_list()
    if len(questions) > 1:
        raise InputError(
            f"the returns are of {len(questions)} questions, and costs are those of one",
            hint=f"--question, one of: {', '.join(questions)}",
        )
    return returns


def _marked(returns: pl.DataFrame, scope: str) -> Marked:
    """Give the cards of the boxes of a scope by mark; ballots without a vote are missing."""
    of = returns.filter((pl.col("region") == scope) | (scope == WHOLE))
    votes = of.select("yes", "no", "informal", pl.col("total") - pl.sum_horizontal(
        "yes", "no", "informal"
    )).to_numpy()  # fmt: skip
    return np.ascontiguousarray(votes[votes.sum(axis=1) > 0], dtype=np.int64)


def _joined(method: Method, parts: Sequence[tuple[str, Runs]]) -> Runs:
    """Join the claims; a full count of the whole is one of its regions, too."""
    if method == "full count" and any(scope == WHOLE for scope, _ in parts):
        parts = [part for part in parts if part[0] == WHOLE]
    return together(parts)


def _of_claim(
    claim: Assertion, place: int, simulated: dict[tuple[Method, bool], list[tuple[str, Runs]]]
) -> ClaimCosts:
    name = claim.condition.replace("_", " ")
    return ClaimCosts(
        name if claim.scope == WHOLE else f"{claim.scope}: {name}",
        float(claim.margin),
        claim.cards,
        tuple(
            Cost(
                method,
                Effort.of(simulated[method, False][place][1]),
                Effort.of(simulated[method, True][place][1]),
            )
            for method in METHODS
        ),
    )


def recommend(whole: Sequence[Cost], margin: Fraction) -> Recommendation:
    """Take the method with the least hours under small errors, but a usual one if it is near.

    Args:
        whole: the costs of every method.
        margin: the narrowest of the claims.
    """
    hours = {one.method: one.small_errors.hours for one in whole}
    best: Method = WITHOUT_RECORDS[0]
    for method in WITHOUT_RECORDS[1:]:
        if hours[method].mean < SAVES * hours[best].mean:
            best = method
    least = min(WITHOUT_RECORDS, key=lambda method: hours[method].mean)
    others = ", ".join(
        f"{method} {hours[method].mean:,}" for method in WITHOUT_RECORDS if method != best
    )
    reasons = [
        f"It takes about {hours[best].mean:,} people-hours even with small errors, and in nine of"
        f" ten audits no more than {hours[best].high:,}; others take more: {others}."
        if best == least
        else f"It takes about {hours[best].mean:,} people-hours even with small errors; {least}"
        f" takes {hours[least].mean:,}, which is too little less to change the way of working."
        f" Others: {others}.",
        _because(best, float(margin)),
        _with_records(hours[best].mean, hours["card comparison"].mean, best),
    ]
    return Recommendation(best, tuple(reasons))


def _because(best: Method, margin: float) -> str:
    narrowest = f"The narrowest claim has a margin of {margin:.2%}"
    return {
        "ballot polling": f"{narrowest}, wide enough for a small sample of single cards; it needs"
        " no more than the list of boxes.",
        "batch comparison": f"{narrowest}: so many single cards would have to be found one by one"
        " that counting whole boxes is quicker.",
        "ONEAudit": f"{narrowest}, and boxes differ: comparing single cards with the mean of their"
        " box tells more than the cards alone. It needs the totals of every box before the draw.",
        "full count": f"{narrowest}: no sample is so much smaller than the whole that looking for"
        " single cards, or opening boxes at random, pays.",
        "card comparison": "",
    }[best]


def _with_records(hours: int, compared: int, best: Method) -> str:
    if compared >= hours:
        return (
            f"Records of every card would not make it cheaper: card comparison takes {compared:,}."
        )
    return (
        f"With a record of every card, card comparison would take {compared:,}: records are worth"
        f" making if that costs less than the {hours - compared:,} people-hours saved on {best}."
    )
