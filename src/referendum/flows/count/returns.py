"""Returns received and reconciled; the result declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.days import read_time, utc_text
from referendum.core.errors import InputError
from referendum.core.tables import Table, check_table
from referendum.count import (
    ACCOUNTS,
    ELECTORS_BY_DISTRICT,
    ELECTORS_BY_PLACE,
    EVERY_QUESTION,
    FORMATS,
    KEY,
    PLACES,
    PREVIOUS,
    RETURNS,
    SET_ASIDE,
    STANDING,
    Beside,
    Entry,
    Format,
    Reconciled,
    at_odds,
    between_forms,
    count_results,
    electors_of,
    electors_of_forms,
    figures_of,
    forms_of,
    latest,
    not_expected,
    one_spelling,
    reconcile,
    require_boxes,
    require_electors,
    require_questions,
    require_regions,
    standing_of,
    warnings_of,
    without_sums,
)
from referendum.flows.count.parts import Others, ReturnsParts
from referendum.flows.count.whole import progress_of, read_whole, rest_of
from referendum.law import Exclusion, VoteRule, exclusions_from_opening, require_known
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs
from referendum.record.writing import Derivation, Made, RecordWriter, Stamp
from referendum.tables.acceptance import require_few_rows_set_aside, require_whole_table
from referendum.tables.reading import read_raw_table, read_whole_table


@dataclass(frozen=True)
class Delivery:
    """Files of returns as they come.

    Attributes:
        returns: the forms' numbers.
        electors: electors by district, where known.
        format: how the columns are named (`count.FORMATS`).
        scope: which votes these are, in words; None: as the other parts say, or all votes.
        provisional: whether more returns or corrections are to come.
        encoding: of CSV files.
        second: the same forms, entered again by other people.
        places: the places whose returns are expected.
        previous: an earlier vote by place.
        common_ballot: whether all questions stand on one ballot.
        update: whether the forms are put over those of the part that is put right, not in the
            place of all of them.
        accept: `rows` where forms may be set aside though they are many; columns that by their
            names may say how far a row is counted, and do not.
    """

    returns: Path
    electors: Path | None
    format: str
    scope: str | None
    provisional: bool
    encoding: str = "utf-8"
    second: Path | None = None
    places: Path | None = None
    previous: Path | None = None
    common_ballot: bool = False
    update: bool = False
    accept: Sequence[str] = ()


def receive_returns(record: RecordWriter, delivery: Delivery, stamp: Stamp) -> Act:
    """Receive a part of the returns; forms that break a rule are set aside with a reason.

    Raises:
        LawError: the record's statute does not say how a vote is decided.
        OrderError: an update is asked for and no returns stand.
        InputError: more than 1 form in 100 is set aside, and that is not accepted; or another part
            has a form of these, or what comes with one part alone, or says otherwise what all say.
    """
    record.require_subject("vote")
    stamp = _stamp_of_update(record, delivery, stamp)
    record.allow("returns.receive", stamp)
    earlier = _part(record, stamp.corrects) if delivery.update else None
    others = Others(record.follow("returns", ReturnsParts), stamp.corrects)
    rule = require_known(record.inputs(("statute",)).statute().vote, "how a vote is decided")
    columns, exclusions = (
        FORMATS[delivery.format],
        exclusions_from_opening(record.opening.parameters),
    )
    entry = _entry(delivery.returns, delivery, columns)
    beside = _beside(delivery, columns, earlier, rule, exclusions or (), others, entry)
    own = beside.places
    beside = replace(beside, places=own if own.height else others.places())
    expected = not beside.places.is_empty()
    reconciled = reconcile(entry, beside)
    # What the forms themselves say is not final yet is not a form that could not be used.
    aside = reconciled.set_aside.filter(pl.col("code") != "not_final")
    kept = reconciled.returns.height
    mend = "mend the file, or name its --encoding"
    accepted = require_few_rows_set_aside(aside, kept, delivery.accept, delivery.returns, mend)
    if earlier is not None:
        reconciled = _over(earlier, reconciled, beside)
        aside = reconciled.set_aside.filter(pl.col("code") != "not_final")
        accept = (*delivery.accept, *earlier.parameters("returns").get("accepted", ()))
        kept = reconciled.returns.height
        accepted = require_few_rows_set_aside(aside, kept, accept, delivery.returns, mend)
    accepted = sorted({*accepted, *reconciled.accepted})
    require_boxes(reconciled.returns)
    beside = replace(beside, places=own)
    beside, source = _with_electors(delivery, columns, earlier, beside, reconciled, others)
    reconciled, beside = _spelled_alike(reconciled, beside)
    others.require_new(reconciled, beside, source, delivery.returns)
    provisional = delivery.provisional or reconciled.interim
    more = provisional or others.parts.said("scope", others.without) is not None
    require_questions(exclusions, _questions(reconciled.returns, reconciled.set_aside), more=more)
    all_in = None if provisional or own.height else reconciled.set_aside
    warnings = warnings_of(reconciled.returns_with_accounts, beside, all_in)
    reconciled = replace(reconciled, warnings=warnings)
    parameters = {
        **({"accepted": accepted} if accepted else {}),
        "as_of": _as_of(record, stamp) if expected else None,
        "common_ballot": beside.common_ballot,
        "electors": source,
        "entries": 1 if delivery.second is None else 2,
        "format": delivery.format,
        "scope": others.scope(delivery.scope, earlier),
        "provisional": provisional,
        "unread": list(reconciled.unread),
    }
    return record.receive(
        "returns.receive", _made(reconciled, beside, parameters), parameters, stamp
    )


def _questions(returns: pl.DataFrame, set_aside: pl.DataFrame) -> list[str]:
    """Name the questions of which there is a form, counted or set aside."""
    named = [one.get_column("question") for one in (returns, set_aside)]
    found = pl.concat(named).drop_nulls().unique().sort().to_list()
    return [name for name in found if name != EVERY_QUESTION]


def _stamp_of_update(record: RecordWriter, delivery: Delivery, stamp: Stamp) -> Stamp:
    """Name the part that an update puts right: the one that is named, or the only one."""
    if not delivery.update or stamp.corrects is not None:
        return stamp
    parts = record.inputs(("returns",)).bundles["returns"]
    if len(parts) > 1:
        raise InputError(
            f"the returns have {len(parts):,} parts: which one do these forms put right?",
            where=str(delivery.returns),
            hint="name it with --corrects; forms that are new make a part of their own, without"
            " --update",
        )
    reason = stamp.reason or "further returns were put over those that stood"
    number = record.standings.writers({"returns": parts})[0].number
    return replace(stamp, corrects=number, reason=reason)


def _part(record: RecordWriter, number: int | None) -> Inputs:
    """Give the returns that one act brought in."""
    return Inputs(record.bundles, {"returns": record.acts[number or 0].writes})


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


def _spelled_alike(reconciled: Reconciled, beside: Beside) -> tuple[Reconciled, Beside]:
    """Spell names set aside, and those of an earlier vote, as the other tables have them."""
    tables = [reconciled.returns.select(KEY), beside.places, beside.electors]
    known_names = pl.concat([_as_keys(one) for one in tables])
    aside = one_spelling(reconciled.set_aside, known_names)
    known_names = pl.concat([known_names, aside.select(KEY)])
    previous = one_spelling(beside.previous, known_names).sort(PREVIOUS.key)
    return replace(reconciled, set_aside=aside), replace(beside, previous=previous)


def _as_keys(table: pl.DataFrame) -> pl.DataFrame:
    """Give the names in a table as keys of forms; what it does not name is null."""
    lacking = [pl.lit(None, pl.String).alias(name) for name in KEY if name not in table.columns]
    keys = table.with_columns(*lacking).select(KEY)
    return keys.with_columns(pl.col("question").replace(EVERY_QUESTION, None))


def _with_electors(
    delivery: Delivery,
    columns: Format,
    earlier: Inputs | None,
    beside: Beside,
    reconciled: Reconciled,
    others: Others,
) -> tuple[Beside, str]:
    """Find the electors: those given now, those given before, or those that the forms state."""
    returns, aside = reconciled.returns, reconciled.set_aside
    named = pl.concat(
        [one.select("region", "district") for one in (returns, aside, beside.places)]
    ).drop_nulls()
    electors = None
    if delivery.electors is not None:
        electors = _electors(delivery, columns)
        electors = one_spelling(electors, others.spellings([electors]))
        electors = one_spelling(electors, returns)
        electors = one_spelling(electors, named).sort(ELECTORS_BY_DISTRICT.key)
        electors = without_sums(electors, returns, aside)
        require_regions(electors, beside.regions, "in the table of electors")
    elif earlier is not None and earlier.parameters("returns")["electors"] == "table":
        electors = beside.electors
    if electors is not None:
        sums = returns.group_by("region", "district").agg(pl.col("total").sum())
        require_electors(electors, named, sums)
        return replace(beside, electors=electors), "table"
    electors = electors_of_forms(reconciled.returns_with_accounts, aside)
    return replace(beside, electors=electors), "none" if electors.is_empty() else "forms"


def _entry(path: Path, delivery: Delivery, columns: Format) -> Entry:
    raw = read_raw_table(path, delivery.encoding)
    return Entry(forms_of(columns, raw.frame), raw.broken, delivery.accept)


def _beside(
    delivery: Delivery,
    columns: Format,
    earlier: Inputs | None,
    rule: VoteRule,
    exclusions: Sequence[Exclusion],
    others: Others,
    entry: Entry,
) -> Beside:
    """Gather what the forms are held against: given now, or with the part that is put right."""
    before = _beside_of(earlier) if earlier else Beside()
    encoding = delivery.encoding
    hint = "every row of this table is needed"
    own = rule.regions.value if rule.regions else []
    other = rule.other_regions.value if rule.other_regions else []
    regions = (*own, *other)
    questions = [name for one in exclusions for name in one.all_questions]
    second = _entry(delivery.second, delivery, columns) if delivery.second else None
    places, previous = before.places, before.previous
    if delivery.places:
        places = read_whole_table(PLACES, delivery.places, encoding, hint)
    if delivery.previous:
        previous = read_whole_table(PREVIOUS, delivery.previous, encoding, hint)
    raw = [entry.raw, places, previous, *([second.raw] if second else [])]
    known_names = pl.concat(
        [_named("question", questions), _named("region", regions), others.spellings(raw)]
    )
    if before.known is not None:
        known_names = pl.concat([known_names, before.known])
    if delivery.places:
        places = _places(places, known_names)
        require_regions(places, regions, "among the places expected")
    if delivery.previous:
        previous = one_spelling(previous, known_names).sort(PREVIOUS.key)
    return Beside(
        second=second,
        electors=before.electors,
        places=places,
        previous=previous,
        common_ballot=others.common_ballot(chosen=delivery.common_ballot or before.common_ballot),
        regions=regions,
        known=pl.concat([known_names, _as_keys(places)]),
    )


def _named(column: str, names: Sequence[str]) -> pl.DataFrame:
    """Give names of regions, or questions, as rows of nothing else, to spell others by."""
    rows = [{**dict.fromkeys(KEY, None), column: name} for name in names]
    return pl.DataFrame(rows, schema=dict.fromkeys(KEY, pl.String))


def _beside_of(inputs: Inputs) -> Beside:
    aside = from_csv(inputs.data("returns", "set_aside.csv"), SET_ASIDE)
    returns = _table(inputs, "returns", RETURNS)
    electors = _table(inputs, "electors", ELECTORS_BY_DISTRICT)
    previous = _table(inputs, "previous", PREVIOUS)
    return Beside(
        electors=electors,
        places=from_csv(inputs.data("returns", "places.csv"), STANDING).drop("status"),
        previous=previous,
        common_ballot=inputs.parameters("returns")["common_ballot"],
        known=pl.concat([_as_keys(one) for one in (returns, aside, electors, previous)]),
    )


def _over(earlier: Inputs, later: Reconciled, beside: Beside) -> Reconciled:
    """Put later forms over those that stand; what was set aside stays so until it is mended."""
    before = from_csv(earlier.data("returns", "set_aside.csv"), SET_ASIDE)
    returns = latest(_table(earlier, "returns", RETURNS), later.returns)
    again = pl.concat([later.returns.select(KEY), later.set_aside.select(KEY)])
    accounts = _table(earlier, "accounts", ACCOUNTS).join(again, on=KEY, how="anti")
    accounts = latest(accounts, later.accounts)
    # A form that is entered again and set aside does not leave its earlier numbers counted.
    lost = later.set_aside.join(later.returns, on=KEY, how="anti")
    returns = returns.join(lost, on=KEY, how="anti")
    merged = replace(later, returns=returns, accounts=accounts)
    odd = _at_odds(merged.returns_with_accounts, beside)
    return replace(
        merged,
        returns=returns.join(odd, on=KEY, how="anti"),
        accounts=accounts.join(odd, on=KEY, how="anti"),
        set_aside=pl.concat(
            [before.join(again, on=KEY, how="anti"), later.set_aside, odd], how="vertical"
        ),
    )


def _at_odds(whole: pl.DataFrame, beside: Beside) -> pl.DataFrame:
    """Set aside forms that an update put at odds with others; they have no row in its file."""
    numbered = whole.with_columns(row=pl.int_range(pl.len()))
    between = between_forms(numbered, in_file=False).join(numbered.select("row", *KEY), on="row")
    stray = not_expected(numbered, beside.places)
    account = at_odds(numbered) if beside.common_ballot else numbered.clear()
    parts = [
        _at_fault(stray, "place", "not_expected"),
        between,
        _at_fault(account, "total", "accounts_differ"),
    ]
    names = [*KEY, "column", "code", "value", "ballots"]
    found = pl.concat([part.select(names) for part in parts]).unique(KEY, keep="first")
    own = whole.select(*KEY, figures=figures_of(), most=pl.max_horizontal("total", "electors"))
    is_sum = pl.col("code").is_in(["sum_of_others", "sum_differs"])
    return (
        found.join(own, on=KEY)
        .with_columns(
            row=pl.lit(None, dtype=pl.Int64),
            ballots=pl.when(is_sum).then("ballots").otherwise("most"),
        )
        .select(SET_ASIDE.names())
        .sort(KEY)
    )


def _at_fault(forms: pl.DataFrame, column: str, code: str) -> pl.DataFrame:
    return forms.select(
        *KEY,
        column=pl.lit(column),
        code=pl.lit(code),
        value=pl.col(column).cast(pl.String),
        ballots="total",
    )


def _places(rows: pl.DataFrame, known_names: pl.DataFrame) -> pl.DataFrame:
    due = [utc_text(read_time(text, "due")) if text else None for text in rows.get_column("due")]
    named = rows.with_columns(pl.col("kind").fill_null("all"), due=pl.Series(due, dtype=pl.String))
    spelled = one_spelling(named, known_names)
    if spelled.select(PLACES.key).is_duplicated().any():
        raise InputError("a place is expected twice", hint="list every place and kind once")
    return spelled.select(PLACES.schema.names()).sort(PLACES.key)


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
    checked = check_table(table, electors_of(columns, raw.frame), raw.broken)
    rows = require_whole_table(checked, path, "turnout needs the electors of every district")
    if by_place:
        by_district = rows.group_by("region", "district").agg(pl.col("electors").sum())
        rows = by_district.with_columns(question=pl.lit(EVERY_QUESTION))
    filled = rows.with_columns(pl.col("question").fill_null(EVERY_QUESTION))
    return filled.select(ELECTORS_BY_DISTRICT.schema.names())


def _table(inputs: Inputs, name: str, table: Table) -> pl.DataFrame:
    return from_csv(inputs.data("returns", f"{name}.csv"), table.schema)


def _count(inputs: Inputs, _: Mapping[str, Any]) -> Made:
    rule = require_known(inputs.statute().vote, "how a vote is decided")
    whole = read_whole(inputs)
    if whole.returns.is_empty():
        raise InputError(
            "no return adds up: there is nothing to count",
            hint="`referendum faults RECORD returns` shows what was set aside",
        )
    require_boxes(whole.returns)
    exclusions = exclusions_of(inputs)
    questions = _questions(whole.returns, whole.set_aside)
    require_questions(exclusions, questions, more=whole.said.provisional)
    results = count_results(whole.returns, whole.electors, rule, rest_of(whole), exclusions)
    document = {
        **progress_of(whole),
        "rule": rule.cite,
        "questions": [{"question": name, **one.document()} for name, one in results.items()],
    }
    tables = {
        "regions": _stacked({name: one.regions for name, one in results.items()}),
        "districts": _stacked({name: one.districts for name, one in results.items()}),
        "kinds": _stacked({name: one.kinds for name, one in results.items()}),
        "between": whole.between,
    }
    facts = {
        "yes": _stated({name: one.totals["yes"] for name, one in results.items()}),
        "no": _stated({name: one.totals["no"] for name, one in results.items()}),
        "carried": _stated({name: one.carried for name, one in results.items()}),
    }
    return Made((public_tables("result", tables, document),), facts)


def exclusions_of(inputs: Inputs) -> tuple[Exclusion, ...] | None:
    """Read which questions exclude each other, by the opening act, which wrote the statute."""
    return exclusions_from_opening(inputs.parameters("statute"))


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
    return require_known(rule, "how a vote is decided").cite


COUNTING = Derivation(
    kind="result",
    section=lambda statute, _: _section(statute.vote),
    make=_count,
)


def declare_result(record: RecordWriter, stamp: Stamp) -> Act:
    """Declare the result under the vote rule.

    Raises:
        LawError: the rule needs the electors, and they are not known, or 0.
    """
    record.allow("result", stamp)
    return record.derive(COUNTING, {}, stamp)
