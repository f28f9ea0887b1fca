"""The plan of an audit: assertions, method, risk limit and samples, before any seed is known."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from referendum.audit import Assertion, OutcomeAssertions, Votes, assertions_of_outcome
from referendum.audit.assorters import HALF, MARKS, Assorter
from referendum.audit.oneaudit import ErrorRates
from referendum.audit.samples import Box, Sample, plan_samples
from referendum.core.errors import InputError, OrderError
from referendum.core.exact import exact_text, read_fraction
from referendum.count import count_result
from referendum.flows.audit.boxes import (
    PLACE,
    audited_returns,
    boxes_of,
    questions_of,
    section,
    vote_rule,
)
from referendum.flows.audit.records import read_records
from referendum.flows.count.combined_returns import read_combined_returns
from referendum.law import Tally, VoteRule
from referendum.record.acts import Act
from referendum.record.frames import public_tables
from referendum.record.reading import Inputs, Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter

METHODS = ("ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified")


def assertions_of_question(
    inputs: Inputs, returns: pl.DataFrame, prove: str | None = None
) -> OutcomeAssertions:
    """Turn the result of one question into assertions; N of a scope is the sum of its ballots.

    Raises:
        OrderError: a region that counts has no returns.
    """
    rule = vote_rule(inputs.statute())
    electors = read_combined_returns(inputs).electors
    result = count_result(returns, electors, rule)
    regions = {row["region"]: _votes(row) for row in result.regions.iter_rows(named=True)}
    _require_regions(rule, regions)
    return assertions_of_outcome(rule, result.conditions, _votes(result.totals), regions, prove)


def _require_regions(rule: VoteRule, present: Collection[str]) -> None:
    counting = rule.regions.value if rule.regions else []
    if missing := [name for name in counting if name not in present]:
        raise OrderError(
            f"there are no returns of {', '.join(missing)}, whose majority counts",
            hint="an audit is planned when every region that counts has returns",
        )


def _votes(row: Mapping[str, Any]) -> Votes:
    return Votes(Tally(row["yes"], row["no"], row["informal"], row["electors"]), row["total"])


@dataclass(frozen=True)
class AuditChoice:
    """What an office chooses of an audit.

    Attributes:
        method: one of `METHODS`.
        risk_limit: α, as text.
        questions: that are audited; all if none is named.
        prove: failed conditions to show where a question was not carried: `CONDITION` of the only
            question, or `QUESTION=CONDITION`.
        stratum: kinds of vote that are drawn apart from the others, for `stratified`.
        error_rates: shares of the records that overstate the outcome by half a vote, and by a
            whole one, as text; used where cards have records.
        provisional: plan though returns are still to come, of those that are in.
    """

    method: str
    risk_limit: str
    questions: tuple[str, ...] = ()
    prove: tuple[str, ...] = ()
    stratum: tuple[str, ...] = ()
    error_rates: tuple[str, str] = ("1/1000", "1/10000")
    provisional: bool = False


@dataclass(frozen=True)
class Plan:
    """A plan as it stands on the record.

    Attributes:
        method: one of `METHODS`.
        risk_limit: α.
        questions: that are audited.
        assertions: question and assertion, in the order of the plan.
        samples: that are drawn.
        common_ballot: all questions stand on one ballot, as the returns say.
        error_rates: of wrong records; None where no card has a record.
        uncounted: the most ballots not counted, by question; None: nothing bounds them.
        provisional: returns are still to come.
        full_count: questions whose outcome no sample can show.
    """

    method: str
    risk_limit: Fraction
    questions: tuple[str, ...]
    assertions: tuple[tuple[str, Assertion], ...]
    samples: tuple[Sample, ...]
    common_ballot: bool
    error_rates: ErrorRates | None
    uncounted: Mapping[str, int | None]
    provisional: bool
    full_count: tuple[str, ...]

    @classmethod
    def read(cls, inputs: Inputs) -> "Plan":
        """Read the plan that stands."""
        parameters, document = inputs.parameters("audit_plan"), inputs.document("audit_plan")
        error_rates = parameters.get("error_rates")
        return cls(
            parameters["method"],
            read_fraction(parameters["risk_limit"]),
            tuple(parameters["questions"]),
            tuple((one["question"], _read_assertion(one)) for one in document["assertions"]),
            tuple(_read_sample(one) for one in document["samples"]),
            read_combined_returns(inputs).declaration.common_ballot,
            ErrorRates(*map(Fraction, error_rates)) if error_rates else None,
            document["uncounted"],
            parameters.get("provisional", False),
            tuple(document["full_count"]),
        )

    @property
    def covers_all_ballots(self) -> bool:
        """Whether every ballot was counted: what was not could turn what is found on the others."""
        return not self.provisional and not any(n != 0 for n in self.uncounted.values())

    @property
    def advice_without_sample(self) -> str:
        """Say what is done where nothing is drawn; empty where samples are."""
        if self.full_count:
            return (
                f"only a full count can show {', '.join(self.full_count)}: referendum audit"
                " full-count"
            )
        if not self.assertions:
            return (
                "the numbers of cards and electors settle the outcome, and the canvass establishes"
                " them: no card needs to be looked at"
            )
        return ""

    @property
    def uncounted_text(self) -> str:
        """Say what is not counted yet; empty where everything is."""
        if self.covers_all_ballots:
            return ""
        most_by_question = {name: n for name, n in self.uncounted.items() if n != 0}
        most = set(most_by_question.values())
        if None in most:
            return "nobody knows how many ballots are not counted yet"
        if not most:
            return "returns are still to come"
        if len(most) == 1:
            return f"up to {most.pop():,} ballots are not counted yet"
        of = ", ".join(f"{n:,} of {name}" for name, n in most_by_question.items())
        return f"ballots are not counted yet: up to {of}"

    @property
    def counts_boxes(self) -> bool:
        """Whether whole boxes are counted, and not single cards looked at."""
        return self.method == "batch_comparison"

    def sequence(self, sample: Sample) -> str:
        """Name the sequence that a sample is drawn by; questions on a common ballot share one."""
        return sample.group if self.common_ballot else sample.name

    def assertions_of(self, sample: Sample) -> list[tuple[str, Assertion]]:
        """Give the assertions that a sample answers for."""
        return [
            (question, assertion)
            for question, assertion in self.assertions
            if question in sample.questions and assertion.scope == sample.scope
        ]


def standing_plan(record: Record) -> Plan:
    """Give the plan of the audit that stands on a record."""
    return Plan.read(inputs_of_plan(record))


def inputs_of_plan(record: Record, *kinds: str) -> Inputs:
    """Find the plan that stands, the returns that it is of, and what else stands of an audit."""
    found = record.inputs(("audit_plan", *kinds)).bundles
    plan = record.standings.writers({"audit_plan": found["audit_plan"]})[0]
    returns = record.standings.read_by(plan)["returns"]
    return Inputs(record.bundles, {"returns": returns, **found})


def _read_assertion(written: Mapping[str, Any]) -> Assertion:
    return Assertion(
        written["condition"],
        written["scope"],
        written["reached"],
        Assorter(*(read_fraction(written[name]) for name in (*MARKS, "beyond"))),
        written["cards"],
        read_fraction(written["mean"]),
        written["equality"],
    )


def _assertion_document(question: str, one: Assertion) -> dict[str, Any]:
    values: dict[str, Any] = {mark: exact_text(one.assorter.value(mark)) for mark in MARKS}
    values["beyond"] = exact_text(one.assorter.extra)
    return {
        "question": question,
        "condition": one.condition,
        "scope": one.scope,
        "reached": one.reached,
        "cards": one.cards,
        "mean": exact_text(one.mean),
        "equality": one.equality,
        **values,
    }


def _read_sample(written: Mapping[str, Any]) -> Sample:
    return Sample(
        tuple(written["questions"]),
        written["scope"],
        tuple(written["stratum"]),
        tuple(written["named"]),
    )


def _sample_document(sample: Sample, boxes: Sequence[Box]) -> dict[str, Any]:
    return {
        "name": sample.name,
        "questions": list(sample.questions),
        "named": list(sample.named),
        "scope": sample.scope,
        "stratum": list(sample.stratum),
        "cards": sum({box.place: box.cards for box in sample.boxes_among(boxes)}.values()),
    }


def _make_plan(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    returns = audited_returns(inputs, parameters["questions"])
    found = {
        question: assertions_of_question(
            inputs,
            returns.filter(pl.col("question") == question),
            parameters["prove"].get(question),
        )
        for question in parameters["questions"]
    }
    assertions = [(question, one) for question in found for one in found[question].assertions]
    boxes = boxes_of(returns)
    counts_boxes = parameters["method"] == "batch_comparison"
    samples = plan_samples(
        [(question, one.scope) for question, one in assertions],
        boxes,
        strata=tuple(map(tuple, parameters.get("strata", [[]]))),
        jointly=counts_boxes and read_combined_returns(inputs).declaration.common_ballot,
    )
    facts = {
        "questions": len(found),
        "claims": len(assertions),
        "to_draw": [one.name for one in samples],
        "full_count": any(bool(one.full_count) for one in found.values()),
    }
    document = {
        "carried": {question: one.carried for question, one in found.items()},
        "uncounted": {
            one["question"]: one["outstanding"]
            for one in inputs.document("result")["questions"]
            if one["question"] in found
        },
        "assertions": [_assertion_document(*one) for one in assertions],
        "samples": [_sample_document(one, boxes) for one in samples],
        "settled": sum(len(one.canvass) for one in found.values()),
        "full_count": [question for question, one in found.items() if one.full_count],
    }
    return Outputs((public_tables("audit_plan", {}, document),), facts)


PLANNING = Derivation(
    kind="audit.plan",
    section=section,
    make=_make_plan,
)


def plan_audit(record: RecordWriter, choice: AuditChoice, stamp: Stamp) -> Act:
    """Commit to the assertions, the method and the risk limit, before any seed is known.

    Raises:
        OrderError: whether a question is carried is not known yet, or returns are to come and the
            choice does not say that it is of those that are in.
        InputError: a part of the choice cannot be: the risk limit is not between 0 and 1/2, a
            condition did not fail, cards have no record and the method needs it.
    """
    record.require_subject("vote")
    limit = read_fraction(choice.risk_limit)
    if not 0 < limit < HALF:
        raise InputError(
            f"a risk limit of {choice.risk_limit} is not between 0 and 1/2", hint="mostly 0.05"
        )
    inputs = record.inputs(("statute", "returns", "result"))
    returns = audited_returns(inputs, choice.questions)
    questions = questions_of(returns)
    for _, returns_of_question in returns.group_by("question"):
        _require_regions(
            vote_rule(inputs.statute()), returns_of_question["region"].unique().to_list()
        )
    waiting = _require_known(inputs.document("result"), questions, choice)
    parameters: dict[str, Any] = {
        "method": choice.method,
        "risk_limit": exact_text(limit),
        "questions": questions,
        "prove": conditions_to_prove(choice.prove, questions),
    }
    if waiting:
        parameters["provisional"] = True
    strata = _strata(choice, returns)
    if strata:
        parameters["strata"] = strata
    boxes_with_records = _boxes_with_records(record, questions)
    _require_records(choice, returns, boxes_with_records, strata)
    if boxes_with_records is not None and choice.method not in {
        "ballot_polling",
        "batch_comparison",
    }:
        parameters["error_rates"] = _parse_error_rates(choice)
    return record.derive(PLANNING, parameters, stamp)


def _require_known(
    result: Mapping[str, Any], questions: Sequence[str], choice: AuditChoice
) -> bool:
    """See that there is an outcome to audit, and say whether returns are still to come."""
    carried = {one["question"]: one["carried"] for one in result["questions"]}
    if unknown := [one for one in questions if carried.get(one) is None]:
        raise OrderError(
            f"whether {', '.join(unknown)} is carried is not known yet: no outcome to audit",
            hint="audit the other questions with --question, or wait: when what is missing is in,"
            " the result is declared again, and then there is an outcome to audit",
        )
    excluding_each_other = {
        name
        for one in result["questions"]
        if one["exclusion"] == "excluded"
        for name in (one["question"], one["prevails"])
    }
    if decided := [one for one in questions if one in excluding_each_other]:
        raise OrderError(
            f"{', '.join(decided)}: decided by another question, or by more votes than it, which"
            " no audit of its own votes can show",
            hint="audit the other questions with --question; this one is shown by counting every"
            " box again",
        )
    waiting = bool(result["provisional"] or result["missing"] or result["late"])
    if waiting and not choice.provisional:
        raise OrderError(
            "returns are still to come, and an audit of those that are in says nothing of them",
            hint="wait for them, or say so with --provisional",
        )
    return waiting


def conditions_to_prove(texts: Sequence[str], questions: Sequence[str]) -> dict[str, str]:
    """Give the failed condition to show of each question that one is named for.

    Args:
        texts: `CONDITION` of the only question, or `QUESTION=CONDITION`.
        questions: that are audited.

    Raises:
        InputError: of which question is not said, or that question is not audited.
    """
    found = {}
    for text in texts:
        question, equals, condition = text.rpartition("=")
        if not equals and len(questions) == 1:
            question = questions[0]
        if question not in questions:
            raise InputError(
                f"of which question {text!r} is to be shown is not said",
                hint=f"QUESTION=CONDITION; the questions are: {', '.join(questions)}",
            )
        found[question] = condition
    return found


def _strata(choice: AuditChoice, returns: pl.DataFrame) -> list[list[str]]:
    if (choice.method == "stratified") != bool(choice.stratum):
        raise InputError(
            "a stratified audit, and no other, names the kinds of vote that are drawn apart",
            hint="--method stratified --stratum postal",
        )
    if not choice.stratum:
        return []
    kinds = returns.get_column("kind").unique().sort().to_list()
    drawn_apart = sorted(set(choice.stratum))
    others = [kind for kind in kinds if kind not in drawn_apart]
    if not set(drawn_apart) <= set(kinds) or not others:
        raise InputError(
            f"{', '.join(drawn_apart)} cannot be drawn apart: the kinds of vote are"
            f" {', '.join(kinds)}",
            hint="name some of the kinds of vote, and not all",
        )
    return [drawn_apart, others]


def _boxes_with_records(record: RecordWriter, questions: list[str]) -> pl.DataFrame | None:
    """Give question and box of the cards that have records; None if there are none."""
    if record.standing("audit.cards") is None:
        return None
    cards = read_records(record.inputs(("audit_cards",)))
    found = cards.filter(pl.col("question").is_in(questions))
    return found.select("question", *PLACE).unique() if found.height else None


def _require_records(
    choice: AuditChoice,
    returns: pl.DataFrame,
    boxes_with_records: pl.DataFrame | None,
    strata: list[list[str]],
) -> None:
    """See that all cards have records, or those of a stratum all or none."""
    if choice.method not in {"card_comparison", "stratified"}:
        return
    full = returns.filter(pl.col("total") > 0)
    key = ["question", *PLACE]
    boxes_without_records = (
        full if boxes_with_records is None else full.join(boxes_with_records, on=key, how="anti")
    )
    for kinds in strata or [full.get_column("kind").unique().to_list()]:
        of = pl.col("kind").is_in(kinds)
        without_records, all_ = boxes_without_records.filter(of).height, full.filter(of).height
        if without_records and (without_records < all_ or not strata):
            raise InputError(
                f"the cards of {without_records:,} of {all_:,} boxes have no records, and"
                f" {choice.method} needs them",
                hint="receive them with: referendum audit cards, or plan --method oneaudit",
            )


def _parse_error_rates(choice: AuditChoice) -> list[str]:
    error_rates = [read_fraction(rate) for rate in choice.error_rates]
    if min(error_rates) < 0 or sum(error_rates) >= 1:
        raise InputError(f"error rates of {', '.join(choice.error_rates)} are none")
    return [exact_text(rate) for rate in error_rates]
