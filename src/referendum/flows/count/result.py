"""The result of a vote, declared under the vote rule of the statute."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from referendum.core.errors import InputError
from referendum.count import count_results, require_distinct_boxes, require_questions
from referendum.flows.count.combined_returns import (
    open_returns,
    progress_of,
    read_combined_returns,
)
from referendum.flows.count.returns import questions_of_forms
from referendum.law import Exclusion, VoteRule, exclusions_from_opening, require_known
from referendum.record.acts import Act
from referendum.record.frames import public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter


def _count_returns(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    rule = require_known(inputs.statute().vote, "how a vote is decided")
    combined = read_combined_returns(inputs)
    if combined.returns.is_empty():
        raise InputError(
            "no return adds up: there is nothing to count",
            hint="`referendum faults RECORD returns` shows what was set aside",
        )
    require_distinct_boxes(combined.returns)
    exclusions = exclusions_of(inputs)
    questions = questions_of_forms(combined.returns, combined.set_aside)
    require_questions(exclusions, questions, more=combined.declaration.provisional)
    results = count_results(
        combined.returns, combined.electors, rule, open_returns(combined), exclusions
    )
    if parameters.get("recounted") and not any(one.recounts for one in results.values()):
        raise InputError(
            "no district is so close that its ballots are counted again",
            hint="declare the result without --recounted",
        )
    document = {
        **progress_of(combined),
        "rule": rule.cite,
        "questions": [{"question": name, **one.document()} for name, one in results.items()],
    }
    tables = {
        "regions": _stack_tables({name: one.regions for name, one in results.items()}),
        "districts": _stack_tables({name: one.districts for name, one in results.items()}),
        "kinds": _stack_tables({name: one.kinds for name, one in results.items()}),
        "between": combined.between,
    }
    facts = {
        "yes": _by_question({name: one.totals["yes"] for name, one in results.items()}),
        "no": _by_question({name: one.totals["no"] for name, one in results.items()}),
        "carried": _by_question({name: one.carried for name, one in results.items()}),
    }
    return Outputs((public_tables("result", tables, document),), facts)


def exclusions_of(inputs: Inputs) -> tuple[Exclusion, ...] | None:
    """Read which questions exclude each other, by the opening act, which wrote the statute."""
    return exclusions_from_opening(inputs.parameters("statute"))


def _stack_tables(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Put the tables of the questions under each other, each named in the first column."""
    return pl.concat(
        table.select(pl.lit(question).alias("question"), pl.all())
        for question, table in tables.items()
    )


def _by_question(by_question: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """State one number where there is one question, else one for each."""
    if len(by_question) == 1:
        return next(iter(by_question.values()))
    return dict(by_question)


def _section(rule: VoteRule | None) -> str:
    return require_known(rule, "how a vote is decided").cite


COUNTING = Derivation(
    kind="result",
    section=lambda statute, _: _section(statute.vote),
    make=_count_returns,
)


def declare_result(record: RecordWriter, stamp: Stamp, *, recounted: bool = False) -> Act:
    """Declare the result under the vote rule.

    Args:
        record: the record.
        stamp: of the act.
        recounted: whether the ballots of close districts have been counted again, as the rule asks.

    Raises:
        LawError: the rule needs the electors, and they are not known, or 0.
        InputError: no district is close enough to be counted again, and they are said to have been.
    """
    record.require_allowed("result", stamp)
    return record.derive(COUNTING, {"recounted": True} if recounted else {}, stamp)
