"""What is not counted yet: the most ballots that may still come, by region and in all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from referendum.count.tables import PLACES, RETURNS, SET_ASIDE
from referendum.law import OutstandingVote, VoteRule, region_weights

District = tuple[str, str]

_KIND_AND_PLACE = ["kind", "region", "district", "place"]


@dataclass(frozen=True)
class OpenReturns:
    """What the returns leave open: what may still come beside those that were counted.

    Attributes:
        places: the places that are expected, by kind.
        set_aside: forms that were set aside, with the most `ballots` that each may hold.
        provisional: whether more is to come, by what the office says.
        boxes: the returns of all questions, where these stand on one ballot; else empty.
        questions: all that have returns; a form of another may be of any of them.
    """

    places: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLACES.schema))
    set_aside: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SET_ASIDE))
    provisional: bool = False
    boxes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RETURNS.schema))
    questions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OutstandingVotes:
    """What is not counted yet of one question.

    Attributes:
        whole: of all.
        regions: of each region.
        has_all_electors: whether the electors are known of every district that takes part.
        has_all_electors_in: the same of each region.
    """

    whole: OutstandingVote
    regions: Mapping[str, OutstandingVote]
    has_all_electors: bool
    has_all_electors_in: Mapping[str, bool]


def bound_outstanding_votes(
    returns: pl.DataFrame, electors: pl.DataFrame, rule: VoteRule, open_returns: OpenReturns
) -> OutstandingVotes:
    """Bound what is not counted yet of one question.

    A district is wholly open where a place of it is expected and not in, where it has electors and
    no return, or where the office says that more is to come: the rest of its electors may still
    vote. Where forms of it are set aside, what they may hold is open; and so are the ballots of a
    box of a common ballot that has a form of another question and none of this one.

    Args:
        returns: of the question.
        electors: of the question, by district.
        rule: the statute's vote rule.
        open_returns: what the returns leave open, of every question.
    """
    counted = _sum_by_district(returns, "total")
    listed = _sum_by_district(electors, "electors")
    set_aside = _bound_set_aside(returns, open_returns)
    awaited = _find_awaited_districts(returns, open_returns)
    districts = sorted({*counted, *listed, *set_aside, *awaited})
    wholly_open = awaited | (set(listed) - set(counted))
    if open_returns.provisional:
        wholly_open = set(districts)
    bounds = {
        one: _bound_district(one, counted, listed, set_aside, wholly_open=one in wholly_open)
        for one in districts
    }
    taking_part = {*counted, *awaited, *(one for one, most in set_aside.items() if most != 0)}
    by_region: dict[str, list[District]] = {name: [] for name in region_weights(rule)}
    for one in districts:
        by_region.setdefault(one[0], []).append(one)
    has_all_electors_in = {
        region: bool(own) and all(one in listed for one in own if one in taking_part)
        for region, own in by_region.items()
    }
    regions = {
        region: OutstandingVote(
            _sum_if_known(bounds[one] for one in own) if own else None,
            sum(listed.get(one, 0) for one in own),
        )
        for region, own in by_region.items()
    }
    ballots = _sum_if_known(one.ballots for one in regions.values())
    return OutstandingVotes(
        whole=OutstandingVote(ballots, sum(listed.values())),
        regions=regions,
        has_all_electors=bool(listed) and all(has_all_electors_in.values()),
        has_all_electors_in=has_all_electors_in,
    )


def _sum_by_district(rows: pl.DataFrame, column: str) -> dict[District, int]:
    sums = rows.group_by("region", "district").agg(pl.col(column).sum())
    return {(region, district): number for region, district, number in sums.iter_rows()}


def _bound_set_aside(
    returns: pl.DataFrame, open_returns: OpenReturns
) -> dict[District, int | None]:
    """Give the most ballots of the forms set aside, by district; those of no district under ''.

    A box of a common ballot that has no form of the question holds as many as its other forms say.
    """
    set_aside = _set_aside_of_question(returns, open_returns)
    found: dict[District, list[int | None]] = {}
    columns = ["region", "district", "ballots"]
    missing = _boxes_without_form(returns, set_aside, open_returns)
    for region, district, most in pl.concat([set_aside.select(columns), missing]).iter_rows():
        found.setdefault((region or "", district or ""), []).append(most)
    return {one: _sum_if_known(mosts) for one, mosts in found.items()}


def _set_aside_of_question(returns: pl.DataFrame, open_returns: OpenReturns) -> pl.DataFrame:
    """Give the forms set aside that may be of the question: its own, and those of none."""
    asked = pl.col("question")
    other = asked.is_in(list(open_returns.questions)) & (asked != returns.item(0, "question"))
    return open_returns.set_aside.filter(~other)


def _boxes_without_form(
    returns: pl.DataFrame, set_aside: pl.DataFrame, open_returns: OpenReturns
) -> pl.DataFrame:
    """Give the ballots of the boxes of a common ballot that have no form of the question."""
    columns = [*_KIND_AND_PLACE, "ballots"]
    boxes = open_returns.boxes.unique(_KIND_AND_PLACE).with_columns(ballots="total").select(columns)
    if boxes.height:
        faulty = open_returns.set_aside.drop_nulls(_KIND_AND_PLACE)
        most = pl.when(pl.col("ballots").is_not_null().all()).then(pl.col("ballots").max())
        faulty = faulty.group_by(_KIND_AND_PLACE).agg(most.alias("ballots")).select(columns)
        boxes = pl.concat([boxes, faulty.join(boxes, on=_KIND_AND_PLACE, how="anti")])
    for forms in (returns, set_aside):
        boxes = boxes.join(forms, on=_KIND_AND_PLACE, how="anti")
    return boxes.select("region", "district", "ballots")


def _find_awaited_districts(returns: pl.DataFrame, open_returns: OpenReturns) -> set[District]:
    """Give the districts of which an expected return is not in, and not set aside either."""
    set_aside = _set_aside_of_question(returns, open_returns)
    missing = open_returns.places.join(returns, on=_KIND_AND_PLACE, how="anti")
    missing = missing.join(set_aside, on=_KIND_AND_PLACE, how="anti")
    return set(missing.select("region", "district").iter_rows())


def _bound_district(
    district: District,
    counted: Mapping[District, int],
    listed: Mapping[District, int],
    set_aside: Mapping[District, int | None],
    *,
    wholly_open: bool,
) -> int | None:
    """Give the most ballots of a district that are not counted; None where nothing bounds them."""
    most = set_aside.get(district, 0)
    if not wholly_open and most is not None:
        return most
    if district not in listed:
        return None
    return max(0, listed[district] - counted.get(district, 0))


def _sum_if_known(numbers: Iterable[int | None]) -> int | None:
    """Add up numbers; None where one of them is not known."""
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
