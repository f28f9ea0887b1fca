"""The issue of the petition: what is required of it, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from referendum.core.days import is_before, read_date, read_span, window_end
from referendum.core.errors import InputError, LawError
from referendum.core.exact import exact_text
from referendum.core.tables import Column, Table
from referendum.law import DistributionRequirement, Statute, require_known, requirement
from referendum.record.acts import Act
from referendum.record.frames import public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter
from referendum.tables.acceptance import require_whole_table
from referendum.tables.reading import read_checked_table
from referendum.tables.requirements import (
    require_no_sums,
)


def _issue(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    statute = inputs.statute()
    required = requirement(
        statute, parameters["proposal"], parameters["base_value"], parameters["districts"]
    )
    if required.required < 1:
        raise InputError(
            f"{required.required} signatures would be required",
            where=f"{statute.id}, {required.kind}",
            hint="the base is too small: give what the act names with --base-value",
        )
    _require_districts(statute, parameters)
    first = read_date(parameters["first_day"], "first day")
    document = {
        "proposal": required.kind,
        "base": required.base,
        "base_value": required.base_value,
        "share": _exact_text_or_none(required.share),
        "rounding": required.rounding,
        "product": _exact_text_or_none(required.product),
        "required": required.required,
        "spread": required.spread and required.spread.to_document(),
        "issued_on": parameters["issued_on"],
        "first_day": first.isoformat(),
        "window": _collection_window(statute),
        "last_day": _last_day(statute, first, parameters["last_day"]).isoformat(),
    }
    facts = {key: document[key] for key in ("required", "last_day")}
    return Outputs((public_tables("requirement", {}, document),), facts)


def _require_districts(statute: Statute, parameters: Mapping[str, Any]) -> None:
    """Require that the statute or the office states the number of districts, so that none lacks."""
    bases, stated = parameters["districts"], parameters.get("districts_in_all")
    rule = statute.thresholds[parameters["proposal"]].distribution
    if bases is None or rule is None or rule.units is not None:
        if stated is not None:
            raise InputError(
                "the statute says how many districts there are, or asks nothing of them",
                where=statute.id,
                hint="leave out --districts-in-all",
            )
        return
    if stated is None:
        raise InputError(
            f"the statute does not say how many districts there are ({rule.unit.value})",
            where=statute.id,
            hint="state it with --districts-in-all N; a district left out could never fail",
        )
    if len(bases) != stated:
        raise InputError(
            f"{len(bases)} districts have a base, and {stated} are stated",
            where=statute.id,
            hint="every district needs a row in the table of --districts",
        )


def _exact_text_or_none(number: Fraction | None) -> str | None:
    return None if number is None else exact_text(number)


def read_distribution(issued: Mapping[str, Any]) -> DistributionRequirement | None:
    """Read the distribution requirement, if there is one, from `requirement.json`."""
    spread = issued["spread"]
    return spread and DistributionRequirement(
        spread["unit"], spread["need"], spread["minimums"], spread["cap"]
    )


def _collection_window(statute: Statute) -> str | None:
    collection = statute.collection
    return collection.window.value if collection and collection.window else None


def _last_day(statute: Statute, first: date, given: str | None) -> date:
    """Give the last day of signing: by the statute's window, or the given one where it has none."""
    window = _collection_window(statute)
    if window is None and given is None:
        raise LawError(
            "the statute sets no length of time for signing",
            where=statute.id,
            hint="give the last day with --last-day",
        )
    if window is not None and given is not None:
        raise LawError(f"the statute's window is {window}: the last day follows from it")
    if given is not None:
        return read_date(given, "last day")
    counts = require_known(statute.collection, "collection").first_day_counts
    included = require_known(counts, "whether the first day of the window counts").value
    return window_end(first, read_span(window or ""), first_day_counts=included)


def _threshold_section(statute: Statute, parameters: Mapping[str, Any]) -> str:
    threshold = statute.thresholds[parameters["proposal"]]
    if threshold.number is not None:
        return threshold.number.cite
    return require_known(threshold.share, "the threshold").cite


ISSUING = Derivation(
    kind="petition.issue",
    section=_threshold_section,
    make=_issue,
)


@dataclass(frozen=True)
class Issue:
    """What a petition is issued with.

    Attributes:
        proposal: kind of proposal, as the statute names it.
        issued_on: day of issue.
        first_day: first day of signing.
        base_value: number of which the threshold is a share; None for the one in the statute's
            file.
        last_day: last day of signing, where the statute sets no length of time.
        districts: file of `district,base`, where each district must reach a share of its own.
        districts_in_all: number of districts, where the statute does not say.
    """

    proposal: str
    issued_on: date
    first_day: date
    base_value: int | None = None
    last_day: date | None = None
    districts: Path | None = None
    districts_in_all: int | None = None


def issue_petition(record: RecordWriter, issue: Issue, stamp: Stamp) -> Act:
    """Append the act that issues the petition.

    Raises:
        InputError: the days are out of order, the base is too small, or a district has no base.
        LawError: the statute does not know what is needed, or sets the last day itself.
    """
    record.require_subject("petition")
    last = issue.last_day or date.max
    if not issue.issued_on <= issue.first_day <= last:
        raise InputError(
            f"issued on {issue.issued_on}, signed from {issue.first_day} to {issue.last_day}",
            hint="first it is issued, then signed; the first day is not after the last",
        )
    if issue.base_value is not None and issue.base_value < 1:
        raise InputError(
            f"a threshold cannot be a share of {issue.base_value}",
            hint="--base-value takes the number of votes or electors that the act names",
        )
    parameters: dict[str, Any] = {
        "proposal": issue.proposal,
        "issued_on": issue.issued_on.isoformat(),
        "first_day": issue.first_day.isoformat(),
        "last_day": issue.last_day and issue.last_day.isoformat(),
        "base_value": issue.base_value,
        "districts": read_district_bases(issue.districts) if issue.districts else None,
    }
    if issue.districts_in_all is not None:
        parameters["districts_in_all"] = issue.districts_in_all
    return record.derive(ISSUING, parameters, stamp)


DISTRICT_BASES = Table(
    "districts",
    (
        Column("district", "name", "name of the district, as on the lines", required=True),
        Column("base", "integer", "what its share is taken of", required=True, least=1),
    ),
    key=("district",),
)


def read_district_bases(path: Path) -> dict[str, int]:
    """Read each district's base, by its name.

    Raises:
        InputError: a row cannot be used, or there is none.
    """
    checked = read_checked_table(DISTRICT_BASES, path, "utf-8")
    require_no_sums(checked, "district", (), (), path)
    rows = require_whole_table(checked, path, "every district must have its base")
    if rows.is_empty():
        raise InputError(
            "the table names no district", where=str(path), hint="one row for every district"
        )
    return dict(rows.sort("district").iter_rows())


def require_first_day(at: str, first_day: str, issue: int) -> None:
    """Require that lines came on or after the first day of signing.

    Raises:
        InputError: they came before.
    """
    if is_before(at, first_day):
        raise InputError(
            f"lines received on {at} came before {first_day}, the first day of signing",
            hint="give --at the day on which they came; only if the first day is wrong, put the"
            f" issue right: petition issue … --corrects {issue} --reason 'what was wrong'",
        )
