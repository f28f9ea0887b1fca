"""A part of the returns, received and reconciled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from referendum.core.days import read_time, utc_text
from referendum.core.errors import InputError
from referendum.count import (
    EVERY_QUESTION,
    KEY,
    PREVIOUS,
    Entry,
    Reconciliation,
    ReferenceData,
    find_warnings,
    mask_values,
    place_statuses,
    reconcile_forms,
    require_distinct_boxes,
    require_questions,
    unify_spelling,
)
from referendum.flows.count.parts import OtherParts, ReturnsParts
from referendum.flows.count.reference_data import (
    find_electors,
    gather_reference_data,
    names_as_keys,
)
from referendum.flows.count.returns_files import ReturnsFiles, read_entry
from referendum.flows.count.update import merge_update
from referendum.law import exclusions_from_opening, require_known
from referendum.record.acts import Act
from referendum.record.frames import public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
from referendum.tables.acceptance import require_few_rows_set_aside


def receive_returns(record: RecordWriter, files: ReturnsFiles, stamp: Stamp) -> Act:
    """Receive a part of the returns; forms that break a rule are set aside with a reason.

    Raises:
        LawError: the record's statute does not say how a vote is decided.
        OrderError: an update is asked for and no returns stand.
        InputError: more than 1 form in 100 is set aside, and that is not accepted; or another part
            has a form of these, or a table that comes with one part alone, or contradicts what all
            parts must say alike.
    """
    record.require_subject("vote")
    stamp = _stamp_of_update(record, files, stamp)
    record.require_allowed("returns.receive", stamp)
    earlier = _returns_of_act(record, stamp.corrects) if files.update else None
    others = OtherParts(record.follow("returns", ReturnsParts), stamp.corrects)
    rule = require_known(record.inputs(("statute",)).statute().vote, "how a vote is decided")
    exclusions = exclusions_from_opening(record.opening.parameters)
    entry = read_entry(files.returns, files)
    reference = gather_reference_data(files, entry, earlier, rule, exclusions or (), others)
    expected = reference.places if reference.places.height else others.places()
    reconciliation, accepted = _reconcile(
        entry, replace(reference, places=expected), files, earlier
    )
    reference, source = find_electors(files, earlier, reference, reconciliation, others)
    reconciliation, reference = _unify_spellings(reconciliation, reference)
    others.require_new(reconciliation, reference, source, files.returns)
    provisional = files.provisional or reconciliation.is_interim
    more = provisional or others.parts.agreed_parameter("scope", others.without) is not None
    _require_forms(reconciliation, files)
    questions = questions_of_forms(reconciliation.returns, reconciliation.set_aside)
    require_questions(exclusions, questions, more=more)
    complete = not (provisional or reference.places.height)
    reconciliation = _with_warnings(reconciliation, reference, complete=complete)
    parameters = {
        **({"accepted": accepted} if accepted else {}),
        "as_of": None if expected.is_empty() else _time_of_receipt(record, stamp),
        "common_ballot": reference.common_ballot,
        "electors": source,
        "entries": 1 if files.second is None else 2,
        "format": files.format,
        "scope": others.scope(files.scope, earlier),
        "provisional": provisional,
        "unread": list(reconciliation.unread_columns),
    }
    bundle = _returns_bundle(reconciliation, reference, parameters)
    return record.receive("returns.receive", bundle, parameters, stamp)


def _reconcile(
    entry: Entry, reference: ReferenceData, files: ReturnsFiles, earlier: Inputs | None
) -> tuple[Reconciliation, list[str]]:
    """Reconcile the forms, over those of an earlier part if this is an update of it.

    Returns:
        What came of it, and what the office had to accept, in order.
    """
    reconciliation = reconcile_forms(entry, reference)
    accepted = _require_usable(reconciliation, files, files.accept)
    if earlier is not None:
        reconciliation = merge_update(earlier, reconciliation, reference)
        accepted_before = earlier.parameters("returns").get("accepted", ())
        accepted = _require_usable(reconciliation, files, (*files.accept, *accepted_before))
    require_distinct_boxes(reconciliation.returns)
    return reconciliation, sorted({*accepted, *reconciliation.accepted_columns})


def _require_forms(reconciliation: Reconciliation, files: ReturnsFiles) -> None:
    """Insist that a part has a form: one without any would be new to nobody but the result."""
    if reconciliation.returns.is_empty() and reconciliation.set_aside.is_empty():
        raise InputError(
            "there is no form in this file, neither counted nor set aside",
            where=str(files.returns),
            hint="a part of the returns has one form or more; give the file that has them",
        )


def _require_usable(
    reconciliation: Reconciliation, files: ReturnsFiles, accept: Sequence[str]
) -> Sequence[str]:
    """See that not too many forms are set aside, and give what had to be accepted.

    What the forms themselves say is not final yet is not a form that could not be used.
    """
    set_aside = reconciliation.set_aside.filter(pl.col("code") != "not_final")
    hint = "mend the file, or name its --encoding"
    return require_few_rows_set_aside(
        set_aside, reconciliation.returns.height, accept, files.returns, hint
    )


def _with_warnings(
    reconciliation: Reconciliation, reference: ReferenceData, *, complete: bool
) -> Reconciliation:
    """Find what must be explained; with `complete`, no more forms are to come."""
    set_aside = reconciliation.set_aside if complete else None
    warnings = find_warnings(reconciliation.returns_with_accounts, reference, set_aside)
    return replace(reconciliation, warnings=warnings)


def questions_of_forms(returns: pl.DataFrame, set_aside: pl.DataFrame) -> list[str]:
    """Name the questions of which there is a form, counted or set aside."""
    named = [one.get_column("question") for one in (returns, set_aside)]
    found = pl.concat(named).drop_nulls().unique().sort().to_list()
    return [name for name in found if name != EVERY_QUESTION]


def _stamp_of_update(record: RecordWriter, files: ReturnsFiles, stamp: Stamp) -> Stamp:
    """Name the part that an update puts right: the one that is named, or the only one."""
    if not files.update or stamp.corrects is not None:
        return stamp
    parts = record.inputs(("returns",)).bundles["returns"]
    if len(parts) > 1:
        raise InputError(
            f"the returns have {len(parts):,} parts: which one do these forms put right?",
            where=str(files.returns),
            hint="name it with --corrects; forms that are new make a part of their own, without"
            " --update",
        )
    reason = stamp.reason or "further returns were put over those that stood"
    number = record.standings.writers({"returns": parts})[0].number
    return replace(stamp, corrects=number, reason=reason)


def _returns_of_act(record: RecordWriter, number: int | None) -> Inputs:
    """Give the returns that one act brought in."""
    return Inputs(record.bundles, {"returns": record.acts[number or 0].writes})


def _returns_bundle(
    reconciliation: Reconciliation, reference: ReferenceData, parameters: Mapping[str, Any]
) -> Outputs:
    returns, set_aside = reconciliation.returns, reconciliation.set_aside
    tables = {
        "returns": returns,
        "accounts": reconciliation.accounts,
        "set_aside": mask_values(set_aside),
        "warnings": reconciliation.warnings,
        "electors": reference.electors,
        "places": place_statuses(reference.places, returns, set_aside, parameters["as_of"] or ""),
        "previous": reference.previous,
    }
    # Questions on one ballot are answered in one box: its ballots count once.
    boxes = returns.unique(KEY[1:]) if reference.common_ballot else returns
    facts = {
        "places": returns.select("region", "district", "place").n_unique(),
        "set_aside": set_aside.height,
        "warnings": reconciliation.warnings.height,
        "total": int(boxes.get_column("total").sum()),
    }
    return Outputs((public_tables("returns", tables),), facts)


def _unify_spellings(
    reconciliation: Reconciliation, reference: ReferenceData
) -> tuple[Reconciliation, ReferenceData]:
    """Spell names set aside, and those of an earlier vote, as the other tables have them."""
    tables = [reconciliation.returns.select(KEY), reference.places, reference.electors]
    known_names = pl.concat([names_as_keys(one) for one in tables])
    set_aside = unify_spelling(reconciliation.set_aside, known_names)
    known_names = pl.concat([known_names, set_aside.select(KEY)])
    previous = unify_spelling(reference.previous, known_names).sort(PREVIOUS.key)
    return replace(reconciliation, set_aside=set_aside), replace(reference, previous=previous)


def _time_of_receipt(record: RecordWriter, stamp: Stamp) -> str:
    if stamp.at is None:
        return utc_text(record.clock())
    whole_day = f"{stamp.at}T23:59:59Z" if len(stamp.at) == len("2026-05-02") else stamp.at
    return utc_text(read_time(whole_day, "--at"))
