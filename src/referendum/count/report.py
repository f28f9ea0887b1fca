"""The result as NIST SP 1500-100 version 2 Election Results Reporting, in JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from referendum.count.result import Result

Json = dict[str, Any]

COUNT_TYPES = {
    "all": "total",
    "ordinary": "election-day",
    "advance": "early",
    "postal": "absentee-mail",
    "special": "absentee",
}
"""Kinds of vote as the standard calls them; another kind is `other`, by its own name."""

_PLACE = ["region", "district", "place"]


@dataclass(frozen=True)
class Heading:
    """What a report says of itself.

    Attributes:
        title: of the vote.
        questions: question → its wording.
        issuer: the office.
        place: the jurisdiction.
        abbreviation: the issuer, short.
        day: of the vote (ISO 8601).
        generated: time with offset (ISO 8601).
        status: one of the standard's, such as `unofficial-partial` or `certified`.
        passage: when a question is carried, in words.
        application: the program.
        is_test: whether the votes are made up.
    """

    title: str
    questions: Mapping[str, str]
    issuer: str
    place: str
    abbreviation: str
    day: str
    generated: str
    status: str
    passage: str
    application: str
    is_test: bool


def results_report(heading: Heading, returns: pl.DataFrame, results: Mapping[str, Result]) -> Json:
    """Write a precinct-level report: every return, and the totals of regions and the whole.

    Args:
        heading: what the report says of itself.
        returns: reconciled returns.
        results: question → result.
    """
    units = _GpUnits(returns)
    return {
        "@type": "ElectionResults.ElectionReport",
        "Format": "precinct-level",
        "GeneratedDate": heading.generated,
        "IsTest": heading.is_test,
        "Issuer": heading.issuer,
        "IssuerAbbreviation": heading.abbreviation,
        "SequenceStart": 1,
        "SequenceEnd": 1,
        "Status": heading.status,
        "VendorApplicationId": heading.application,
        "GpUnit": list(units.all(heading.place)),
        "Election": [_election(heading, returns, results, units)],
    }


class _GpUnits:
    """Identifiers of the whole, the regions, the districts and the places."""

    def __init__(self, returns: pl.DataFrame) -> None:
        places = returns.select(_PLACE).unique().sort(_PLACE)
        self._levels: list[list[tuple[str, ...]]] = [
            sorted({row[:depth] for row in places.iter_rows()}) for depth in (1, 2, 3)
        ]
        self._ids = {
            name: f"{letter}{number}"
            for letter, level in zip("rdp", self._levels, strict=True)
            for number, name in enumerate(level, start=1)
        }

    def of(self, *names: str) -> str:
        """Give the identifier of a region, a district of it, or a place of that."""
        return self._ids[names] if names else "whole"

    def all(self, place: str) -> Iterator[Json]:
        """Give every unit, with the units that compose it."""
        below: dict[tuple[str, ...], list[str]] = {}
        for level in self._levels:
            for name in level:
                below.setdefault(name[:-1], []).append(self._ids[name])
        yield _unit("whole", place, "jurisdiction", below.get((), []))
        for level, kind in zip(self._levels, ("region", "district", ""), strict=True):
            for name in level:
                yield _unit(self._ids[name], name[-1], kind, below.get(name, []))


def _unit(id_: str, name: str, other: str, below: list[str]) -> Json:
    kind: Json = {"Type": "other", "OtherType": other} if other else {"Type": "polling-place"}
    unit = {"@type": "ElectionResults.ReportingUnit", "@id": id_, "Name": _text(name), **kind}
    return {**unit, "ComposingGpUnitIds": below} if below else unit


def _election(
    heading: Heading, returns: pl.DataFrame, results: Mapping[str, Result], units: _GpUnits
) -> Json:
    first = next(iter(results))
    cast = returns.filter(pl.col("question") == first)
    return {
        "@type": "ElectionResults.Election",
        "Name": _text(heading.title),
        "Type": "other",
        "OtherType": "referendum",
        "StartDate": heading.day,
        "EndDate": heading.day,
        "ElectionScopeId": units.of(),
        "BallotCounts": [
            {
                "@type": "ElectionResults.BallotCounts",
                "BallotsCast": total,
                **_unit_and_type(units, row),
            }
            for *row, total in cast.select(*_PLACE, "kind", "total").iter_rows()
        ],
        "Contest": [
            _contest(heading, number, name, returns, one, units)
            for number, (name, one) in enumerate(results.items(), start=1)
        ],
    }


def _contest(
    heading: Heading,
    number: int,
    name: str,
    returns: pl.DataFrame,
    result: Result,
    units: _GpUnits,
) -> Json:
    own = returns.filter(pl.col("question") == name)
    wording = heading.questions.get(name, name)
    return {
        "@type": "ElectionResults.BallotMeasureContest",
        "@id": f"q{number}",
        "Name": name,
        "Type": "referendum",
        "BallotTitle": _text(wording),
        "PassageThreshold": _text(heading.passage),
        "ElectionDistrictId": units.of(),
        "VoteVariation": "majority",
        "ContestSelection": [
            {
                "@type": "ElectionResults.BallotMeasureSelection",
                "@id": f"q{number}-{answer}",
                "Selection": _text(answer),
                "VoteCounts": list(_votes(own, result, answer, units)),
            }
            for answer in ("yes", "no")
        ],
        # Blank and rejected ballots alike carry no valid mark.
        "OtherCounts": [
            {
                "@type": "ElectionResults.OtherCounts",
                "GpUnitId": units.of(),
                "Undervotes": result.totals["informal"],
            }
        ],
    }


def _votes(own: pl.DataFrame, result: Result, answer: str, units: _GpUnits) -> Iterator[Json]:
    kind = {"@type": "ElectionResults.VoteCounts"}
    whole = {"GpUnitId": units.of(), "Type": "total"}
    yield {**kind, "Count": result.totals[answer], **whole}
    for region, count in result.regions.select("region", answer).iter_rows():
        yield {**kind, "Count": count, "GpUnitId": units.of(region), "Type": "total"}
    for *row, count in own.select(*_PLACE, "kind", answer).iter_rows():
        yield {**kind, "Count": count, **_unit_and_type(units, row)}


def _unit_and_type(units: _GpUnits, row: list[str]) -> Json:
    *place, kind = row
    type_ = COUNT_TYPES.get(kind, "other")
    other = {"OtherType": kind} if type_ == "other" else {}
    return {"GpUnitId": units.of(*place), "Type": type_, **other}


def _text(content: str) -> Json:
    string = {"@type": "ElectionResults.LanguageString", "Content": content, "Language": "en"}
    return {"@type": "ElectionResults.InternationalizedText", "Text": [string]}
