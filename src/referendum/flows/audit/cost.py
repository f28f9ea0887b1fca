"""What each kind of audit of a record would take: simulated, not recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from referendum.audit import WHOLE, OutcomeAssertions
from referendum.audit.costing import (
    METHODS,
    CardsByMark,
    Costing,
    Effort,
    Errors,
    Method,
    Rates,
    Runs,
    SimulationSetting,
    join_runs,
)
from referendum.core.errors import InputError
from referendum.core.exact import exact_text, read_fraction
from referendum.flows.audit.boxes import audited_returns, questions_of
from referendum.flows.audit.plan import assertions_of_question, conditions_to_prove
from referendum.flows.count.combined_returns import read_combined_returns
from referendum.record.reading import Inputs, Record

RUNS = 1_000
SEED = 20_260_101
WORTH_CHANGING = Fraction(9, 10)
"""A method that is less usual is recommended where it takes less than this part of the hours."""
NEARLY_ALL = Fraction(9, 10)
"""A sample that takes this part of the cards on average is no sample: count them all."""
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
    """The costs of one assertion.

    Attributes:
        claim: condition, and question and region where there are several.
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
        whole: of all assertions together.
        claims: of each assertion.
        recommendation: None where there is nothing to audit by cards.
        settled: what the number of cards settles, in words.
        full_count: why only a full count can show the outcome, in words; empty if a sample can.
        uncounted: what is not counted yet, by question, in words; empty where nothing is open.
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
    uncounted: tuple[str, ...] = ()


DrawKey = tuple[str, str]
"""Assertions of one key share a draw: the question, or none on a common ballot, and the scope."""


def cost_audits(
    folder: Path,
    risk_limit: str,
    prove: Sequence[str] = (),
    rates: Rates = Rates(),  # noqa: B008 - frozen
    errors: Errors = Errors(),  # noqa: B008 - frozen
    runs: int = RUNS,
    questions: Sequence[str] = (),
) -> AuditCosts:
    """Simulate audits of a record by every method.

    Args:
        folder: of the record.
        risk_limit: α, as text.
        prove: failed conditions to show, as `plan.AuditChoice` has them.
        rates: what the work takes.
        errors: the small errors.
        runs: simulated audits of each kind.
        questions: that are audited; all if none is named. On a common ballot they share the draws.

    Raises:
        InputError: the risk limit is not between 0 and 1/2, or a condition to show did not fail.
        OrderError: no returns were received, or none of a region that counts.
    """
    limit = read_fraction(risk_limit)
    if not 0 < limit < Fraction(1, 2):
        raise InputError(
            f"a risk limit of {risk_limit} is not between 0 and 1/2", hint="mostly 0.05"
        )
    inputs = Record.open(folder).inputs(("statute", "returns", "result"))
    by_question = _assertions_by_question(inputs, prove, questions)
    setting = SimulationSetting(limit, rates, errors, runs, SEED)
    common = read_combined_returns(inputs).declaration.common_ballot
    audited = _audited_assertions(by_question, setting, common=common)
    simulated = _simulate(audited)
    whole = _joint_costs(simulated) if audited else ()
    margins = [one.costing.assertion.margin for one in audited]
    outcomes = [found for _, found in by_question.values()]
    return AuditCosts(
        risk_limit=exact_text(limit),
        rates=rates,
        errors=errors,
        runs=runs,
        seed=SEED,
        whole=whole,
        claims=tuple(_costs_of_assertion(one, at, simulated) for at, one in enumerate(audited)),
        recommendation=recommend(whole, min(margins)) if audited else None,
        settled=tuple(text for found in outcomes for text in found.canvass),
        full_count="; ".join(found.full_count for found in outcomes if found.full_count),
        uncounted=_uncounted(inputs, list(by_question)),
    )


@dataclass(frozen=True)
class _AuditedAssertion:
    """An assertion that a sample can show.

    Attributes:
        question: its name where there are several; else empty.
        draw_key: which draw it shares.
        costing: its audits.
    """

    question: str
    draw_key: DrawKey
    costing: Costing


_Simulated = dict[tuple[Method, bool], list[tuple[DrawKey, Runs]]]
"""Method, and whether with small errors → the audits of every assertion, in their order."""


def _audited_assertions(
    by_question: Mapping[str, tuple[pl.DataFrame, OutcomeAssertions]],
    setting: SimulationSetting,
    *,
    common: bool,
) -> list[_AuditedAssertion]:
    """Give the assertions of all questions that a sample can show; `common`: on one ballot."""
    return [
        _AuditedAssertion(
            name if len(by_question) > 1 else "",
            ("" if common else name, assertion.scope),
            Costing(assertion, _cards_by_mark(returns, assertion.scope), setting),
        )
        for name, (returns, found) in by_question.items()
        if not found.full_count
        for assertion in found.assertions
    ]


def _simulate(audited: Sequence[_AuditedAssertion]) -> _Simulated:
    """Simulate every method, with the report right and with small errors."""
    return {
        (method, wrong): [(one.draw_key, one.costing.runs(method, errors=wrong)) for one in audited]
        for method in METHODS
        for wrong in (False, True)
    }


def _joint_costs(simulated: _Simulated) -> tuple[Cost, ...]:
    """Give what each method takes for all assertions together."""
    return tuple(
        Cost(
            method,
            Effort.over(_join_runs(method, simulated[method, False])),
            Effort.over(_join_runs(method, simulated[method, True])),
        )
        for method in METHODS
    )


def _uncounted(inputs: Inputs, questions: Sequence[str]) -> tuple[str, ...]:
    """Say of which questions ballots are not counted, or no outcome is known: nothing to audit."""
    texts = []
    for one in inputs.document("result")["questions"]:
        rest, which = one["outstanding"], f"question {one['question']}: "
        if one["question"] not in questions or (rest == 0 and one["carried"] is not None):
            continue
        words = "how many ballots are not counted yet is not known"
        if rest is not None:
            words = f"up to {rest:,} ballots are not counted yet, and no audit looks at them"
        if one["carried"] is None:
            words += "; whether it is carried is not known, so that no audit can be planned"
        texts.append(f"{which if len(questions) > 1 else ''}{words}")
    return tuple(texts)


def _assertions_by_question(
    inputs: Inputs, prove: Sequence[str], questions: Sequence[str]
) -> dict[str, tuple[pl.DataFrame, OutcomeAssertions]]:
    """Give the returns and the assertions of every question."""
    returns = audited_returns(inputs, questions)
    names = questions_of(returns)
    to_prove = conditions_to_prove(prove, names)
    own = {name: returns.filter(pl.col("question") == name) for name in names}
    return {
        name: (own[name], assertions_of_question(inputs, own[name], to_prove.get(name)))
        for name in names
    }


def _cards_by_mark(returns: pl.DataFrame, scope: str) -> CardsByMark:
    """Give the cards of the boxes of a scope by mark; ballots without a vote are missing."""
    of = returns.filter((pl.col("region") == scope) | (scope == WHOLE))
    votes = of.select("yes", "no", "informal", pl.col("total") - pl.sum_horizontal(
        "yes", "no", "informal"
    )).to_numpy()  # fmt: skip
    return np.ascontiguousarray(votes[votes.sum(axis=1) > 0], dtype=np.int64)


def _join_runs(method: Method, runs: Sequence[tuple[DrawKey, Runs]]) -> Runs:
    """Join the assertions; a full count of the whole is one of its regions, too."""
    if method == "full count":
        counted = {question for (question, scope), _ in runs if scope == WHOLE}
        runs = [one for one in runs if one[0][1] == WHOLE or one[0][0] not in counted]
    return join_runs(runs)


def _costs_of_assertion(
    audited: _AuditedAssertion,
    place: int,
    simulated: _Simulated,
) -> ClaimCosts:
    assertion = audited.costing.assertion
    of = [audited.question] if audited.question else []
    where = ", ".join([*of, *([assertion.scope] if assertion.scope != WHOLE else [])])
    name = assertion.condition.replace("_", " ")
    return ClaimCosts(
        f"{where}: {name}" if where else name,
        float(assertion.margin),
        assertion.cards,
        tuple(
            Cost(
                method,
                Effort.over(simulated[method, False][place][1]),
                Effort.over(simulated[method, True][place][1]),
            )
            for method in METHODS
        ),
    )


def recommend(whole: Sequence[Cost], margin: Fraction) -> Recommendation:
    """Take the method with the least hours under small errors, but a usual one if it is near.

    Args:
        whole: the costs of every method.
        margin: the narrowest of the assertions.
    """
    hours = {one.method: one.small_errors.hours for one in whole}
    best: Method = WITHOUT_RECORDS[0]
    for method in WITHOUT_RECORDS[1:]:
        if hours[method].mean < WORTH_CHANGING * hours[best].mean:
            best = method
    cards = {one.method: one.small_errors.cards.mean for one in whole}
    if cards[best] >= NEARLY_ALL * cards["full count"]:
        return _count_all(cards, margin)
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


def _count_all(cards: Mapping[Method, int], margin: Fraction) -> Recommendation:
    """Recommend to count everything where every sample would end so."""
    least = min(WITHOUT_RECORDS[:-1], key=lambda method: cards[method])
    reason = (
        f"The narrowest claim has a margin of {float(margin):.2%}: with small errors even {least}"
        f" takes {cards[least]:,} of {cards['full count']:,} cards on average. No small sample can"
        " show it."
    )
    return Recommendation("full count", (reason,))


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
