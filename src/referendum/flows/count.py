"""Returns received and reconciled; the result declared."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.days import read_time, utc_text
from referendum.core.errors import InputError
from referendum.core.tables import Table, check
from referendum.count import (
    ACCOUNTS,
    ELECTORS_BY_DISTRICT,
    ELECTORS_BY_PLACE,
    FORMATS,
    KEY,
    PLACES,
    PREVIOUS,
    RETURNS,
    WARNINGS,
    Beside,
    Entry,
    Format,
    Reconciled,
    at_odds,
    count_results,
    electors_of,
    forms_of,
    latest,
    not_expected,
    reconcile,
    standing_of,
    warnings_of,
)
from referendum.flows.frames import from_csv, public_tables
from referendum.flows.intake import read_raw_table, read_whole_table, whole_table
from referendum.flows.record import Inputs
from referendum.flows.writing import Derivation, Made, RecordWriter, Stamp
from referendum.journal import Act
from referendum.law import VoteRule, known

SET_ASIDE = pl.Schema(
    [("row", pl.Int64()), *((name, pl.String()) for name in (*KEY, "column", "code", "value"))]
)

STANDING = pl.Schema([*PLACES.schema.items(), ("status", pl.String())])


@dataclass(frozen=True)
class Delivery:
    """Files of returns as they come.

    Attributes:
        returns: the forms' numbers.
        electors: electors by district, where known.
        format: how the columns are named (`count.FORMATS`).
        scope: which votes these are, in words.
        provisional: whether more returns or corrections are to come.
        encoding: of CSV files.
        second: the same forms, entered again by other people.
        places: the places whose returns are expected.
        previous: an earlier vote by place.
        common_ballot: whether all questions stand on one ballot.
        update: whether the forms are added to those that stand, or take their place.
    """

    returns: Path
    electors: Path | None
    format: str
    scope: str
    provisional: bool
    encoding: str = "utf-8"
    second: Path | None = None
    places: Path | None = None
    previous: Path | None = None
    common_ballot: bool = False
    update: bool = False


def receive_returns(record: RecordWriter, delivery: Delivery, stamp: Stamp) -> Act:
    """Receive returns; forms that break a rule are set aside with a reason.

    Raises:
        LawError: the record's statute does not say how a vote is decided.
        OrderError: an update is asked for and no returns stand.
    """
    record.require_subject("vote")
    earlier = record.inputs(("returns",)) if delivery.update else None
    if earlier is not None and stamp.corrects is None:
        standing = record.standing("returns.receive")
        reason = stamp.reason or "further returns were put over those that stood"
        stamp = replace(stamp, corrects=standing.number if standing else None, reason=reason)
    record.allow("returns.receive", stamp)
    known(record.inputs(("statute",)).statute().vote, "how a vote is decided")
    columns = FORMATS[delivery.format]
    beside = _beside(delivery, columns, earlier)
    reconciled = reconcile(_entry(delivery.returns, delivery, columns), beside)
    if earlier is not None:
        reconciled = _over(earlier, reconciled, beside)
    parameters = {
        "as_of": None if beside.places.is_empty() else _as_of(record, stamp),
        "common_ballot": beside.common_ballot,
        "entries": 1 if delivery.second is None else 2,
        "format": delivery.format,
        "scope": delivery.scope,
        "provisional": delivery.provisional,
    }
    return record.receive(
        "returns.receive", _made(reconciled, beside, parameters), parameters, stamp
    )


def _made(reconciled: Reconciled, beside: Beside, parameters: Mapping[str, Any]) -> Made:
    returns, aside = reconciled.returns, reconciled.set_aside
    tables = {
        "returns": returns,
        "accounts": reconciled.accounts,
        "set_aside": aside,
        "warnings": reconciled.warnings,
        "electors": beside.electors,
        "places": standing_of(beside.places, returns, aside, parameters["as_of"] or ""),
        "previous": beside.previous,
    }
    # Questions on one ballot are answered in one box: its ballots count once.
    boxes = returns.unique(KEY[1:]) if beside.common_ballot else returns
    facts = {
        "places": returns.select("region", "district", "place").n_unique(),
        "set_aside": aside.height,
        "warnings": reconciled.warnings.height,
        "total": int(boxes.get_column("total").sum()),
    }
    return Made((public_tables("returns", tables),), facts)


def _entry(path: Path, delivery: Delivery, columns: Format) -> Entry:
    raw = read_raw_table(path, delivery.encoding)
    return Entry(forms_of(columns, raw.frame), raw.broken)


def _beside(delivery: Delivery, columns: Format, earlier: Inputs | None) -> Beside:
    """Gather what the forms are held against: given now, or with the returns that stand."""
    before = _beside_of(earlier) if earlier else Beside()
    encoding = delivery.encoding
    hint = "every row of this table is needed"
    return Beside(
        second=_entry(delivery.second, delivery, columns) if delivery.second else None,
        electors=_electors(delivery, columns) if delivery.electors else before.electors,
        places=_places(read_whole_table(PLACES, delivery.places, encoding, hint))
        if delivery.places
        else before.places,
        previous=read_whole_table(PREVIOUS, delivery.previous, encoding, hint).sort(PREVIOUS.key)
        if delivery.previous
        else before.previous,
        common_ballot=delivery.common_ballot or before.common_ballot,
    )


def _beside_of(inputs: Inputs) -> Beside:
    return Beside(
        electors=_table(inputs, "electors", ELECTORS_BY_DISTRICT),
        places=from_csv(inputs.data("returns", "places.csv"), STANDING).drop("status"),
        previous=_table(inputs, "previous", PREVIOUS),
        common_ballot=inputs.parameters("returns")["common_ballot"],
    )


def _over(earlier: Inputs, later: Reconciled, beside: Beside) -> Reconciled:
    """Put later forms over those that stand; what was set aside stays so until it is mended."""
    before = from_csv(earlier.data("returns", "set_aside.csv"), SET_ASIDE)
    returns = latest(_table(earlier, "returns", RETURNS), later.returns)
    again = pl.concat([later.returns.select(KEY), later.set_aside.select(KEY)])
    accounts = _table(earlier, "accounts", ACCOUNTS).join(again, on=KEY, how="anti")
    accounts = latest(accounts, later.accounts)
    # A form that is entered again and set aside does not leave its earlier numbers counted.
    returns = returns.join(later.set_aside, on=KEY, how="anti")
    whole = returns.join(accounts, on=KEY, how="left", maintain_order="left")
    stray = not_expected(whole, beside.places)
    whole = whole.join(stray, on=KEY, how="anti", maintain_order="left")
    odd = at_odds(whole) if beside.common_ballot else whole.clear()
    aside = pl.concat(
        [
            _set_aside_now(stray, "place", "not_expected"),
            _set_aside_now(odd, "total", "accounts_differ"),
        ]
    )
    return Reconciled(
        returns=returns.join(aside, on=KEY, how="anti"),
        accounts=accounts.join(aside, on=KEY, how="anti"),
        set_aside=pl.concat([before.join(again, on=KEY, how="anti"), later.set_aside, aside]),
        warnings=warnings_of(whole.join(odd, on=KEY, how="anti"), beside),
    )


def _set_aside_now(forms: pl.DataFrame, column: str, code: str) -> pl.DataFrame:
    """Set aside forms that an update put at fault; those that came earlier have no row in it."""
    return forms.select(
        pl.lit(None, dtype=pl.Int64).alias("row"),
        *KEY,
        column=pl.lit(column),
        code=pl.lit(code),
        value=pl.col(column).cast(pl.String),
    )


def _places(rows: pl.DataFrame) -> pl.DataFrame:
    due = [utc_text(read_time(text, "due")) if text else None for text in rows.get_column("due")]
    named = rows.with_columns(pl.col("kind").fill_null("all"), due=pl.Series(due, dtype=pl.String))
    return named.select(PLACES.schema.names()).sort(PLACES.key)


def _as_of(record: RecordWriter, stamp: Stamp) -> str:
    if stamp.at is None:
        return utc_text(record.clock())
    whole_day = f"{stamp.at}T23:59:59Z" if len(stamp.at) == len("2026-05-02") else stamp.at
    return utc_text(read_time(whole_day, "--at"))


def _electors(delivery: Delivery, columns: Format) -> pl.DataFrame:
    path = delivery.electors or Path()
    raw = read_raw_table(path, delivery.encoding)
    by_place = columns.electors_by == "place"
    table = ELECTORS_BY_PLACE if by_place else ELECTORS_BY_DISTRICT
    checked = check(table, electors_of(columns, raw.frame), raw.broken)
    rows = whole_table(checked, path, "turnout needs the electors of every district")
    by_district = rows.group_by("region", "district").agg(pl.col("electors").sum())
    return by_district.sort("region", "district")


def _table(inputs: Inputs, name: str, table: Table) -> pl.DataFrame:
    return from_csv(inputs.data("returns", f"{name}.csv"), table.schema)


def _count(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:  # noqa: ARG001
    rule = known(inputs.statute().vote, "how a vote is decided")
    electors = _table(inputs, "electors", ELECTORS_BY_DISTRICT)
    returns = _table(inputs, "returns", RETURNS)
    if returns.is_empty():
        raise InputError("no return adds up: there is nothing to count", hint="see set_aside.csv")
    results = count_results(returns, electors, rule)
    document = {
        **_progress(inputs),
        "rule": rule.cite,
        "questions": [{"question": name, **one.document()} for name, one in results.items()],
    }
    tables = {
        "regions": _stacked({name: one.regions for name, one in results.items()}),
        "districts": _stacked({name: one.districts for name, one in results.items()}),
        "kinds": _stacked({name: one.kinds for name, one in results.items()}),
    }
    facts = {
        "yes": _stated({name: one.totals["yes"] for name, one in results.items()}),
        "no": _stated({name: one.totals["no"] for name, one in results.items()}),
        "carried": _stated({name: one.carried for name, one in results.items()}),
    }
    return Made((public_tables("result", tables, document),), facts)


def _progress(inputs: Inputs) -> dict[str, Any]:
    """Say how far the count has come."""
    received = inputs.parameters("returns")
    warnings = _table(inputs, "warnings", WARNINGS)
    places = from_csv(inputs.data("returns", "places.csv"), STANDING)
    statuses = dict(places.group_by("status").len().iter_rows())
    returns = _table(inputs, "returns", RETURNS)
    return {
        "as_of": received["as_of"],
        "expected": places.height,
        "late": statuses.get("late", 0),
        "missing": statuses.get("missing", 0),
        "places": returns.select("region", "district", "place").n_unique(),
        "provisional": received["provisional"],
        "scope": received["scope"],
        "set_aside": inputs.rows("returns", "set_aside.csv"),
        "unexplained": warnings.get_column("explanation").null_count(),
        "warnings": warnings.height,
    }


def _stacked(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Put the tables of the questions under each other, each named in the first column."""
    return pl.concat(
        table.select(pl.lit(question).alias("question"), pl.all())
        for question, table in tables.items()
    )


def _stated(by_question: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """State one number where there is one question, else one for each."""
    if len(by_question) == 1:
        return next(iter(by_question.values()))
    return dict(by_question)


def _section(rule: VoteRule | None) -> str:
    return known(rule, "how a vote is decided").cite


COUNTING = Derivation(
    kind="result",
    section=lambda statute, _: _section(statute.vote),
    make=_count,
)


def declare_result(record: RecordWriter, stamp: Stamp) -> Act:
    """Declare the result under the vote rule."""
    return record.derive(COUNTING, {}, stamp)
