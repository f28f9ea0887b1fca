"""The full count by hand: what an audit becomes that no sample can end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from referendum.count import count_result
from referendum.flows.audit.boxes import PLACE, VOTES, audited_returns, vote_rule
from referendum.flows.audit.findings import (
    BOX_FINDINGS,
    people_parameter,
    read_two_files,
    require_items,
    require_one_total,
)
from referendum.flows.audit.plan import Plan
from referendum.flows.count.combined_returns import read_combined_returns
from referendum.record.acts import Act
from referendum.record.frames import public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter


def receive_full_count(
    record: RecordWriter,
    first: Path,
    second: Path,
    encoding: str,
    stamp: Stamp,
    people: Sequence[str] = (),
) -> Act:
    """Receive the count by hand of every box of the plan's questions, by two people.

    It says whether the outcome is the one that was reported. Where it is not, the returns are put
    right by an act of their own; where ballots are not counted yet, nothing is confirmed. The
    arguments are those of `receive_findings`.

    Raises:
        InputError: the two files differ, a box is missing, or one is not of the returns.
    """
    record.require_allowed("audit.full_count", stamp)
    inputs = record.find_inputs("audit.full_count", {}, stamp)
    plan = Plan.read(inputs)
    counted = read_two_files(BOX_FINDINGS, (first, second), encoding, plan)
    returns = audited_returns(inputs, plan.questions)
    require_items(returns.filter(pl.col("total") > 0), counted, BOX_FINDINGS, first, also=returns)
    by_hand = _by_hand(returns, counted)
    require_one_total(by_hand, plan, str(first))
    questions = {one: _outcomes(inputs, returns, by_hand, one) for one in plan.questions}
    differ = returns.join(by_hand, on=returns.columns, how="anti").select(PLACE).n_unique()
    confirmed = plan.covers_all_ballots and all(
        one["carried"] == one["reported"] for one in questions.values()
    )
    boxes = counted.select(PLACE).n_unique()
    facts = {"counted": boxes, "differ": differ, "confirmed": confirmed}
    document = {**facts, "questions": questions}
    bundle = Outputs((public_tables("audit_full_count", {"findings": counted}, document),), facts)
    cite = vote_rule(inputs.statute()).cite
    parameters = people_parameter(people)
    return record.receive(
        "audit.full_count", bundle, parameters, stamp, section=cite, inputs=inputs
    )


def _by_hand(returns: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """Put what was counted in the place of what was returned."""
    key = ["question", *PLACE]
    found = counted.with_columns(total=pl.sum_horizontal(VOTES))
    joined = returns.join(found, on=key, how="left", suffix="_found", maintain_order="left")
    names = (*VOTES, "total")
    return joined.with_columns(pl.col(f"{name}_found").fill_null(0).alias(name) for name in names)[
        returns.columns
    ]


def _outcomes(
    inputs: Inputs, returns: pl.DataFrame, by_hand: pl.DataFrame, question: str
) -> dict[str, Any]:
    """Give a question's votes by hand, and whether it was carried, by hand and as reported."""
    rule, own = vote_rule(inputs.statute()), pl.col("question") == question
    electors = read_combined_returns(inputs).electors
    reported = count_result(returns.filter(own), electors, rule)
    found = count_result(by_hand.filter(own), electors, rule)
    votes = {name: found.totals[name] for name in (*VOTES, "total")}
    return {**votes, "carried": found.carried, "reported": reported.carried}
