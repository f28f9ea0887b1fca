"""What is not counted yet: the most ballots that may still come, by region and in all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from referendum.count.tables import PLACES, RETURNS, SET_ASIDE
from referendum.law import OutstandingVote, VoteRule, region_weights

District = tuple[str, str]

_KIND_AND_PLACE = ["kind", "region", "district", "place"]


@dataclass(frozen=True)
class Rest:
    """What stands beside the returns that were counted.

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
class Outstanding:
    """What is not counted yet of one question.

    Attributes:
        whole: of all.
        regions: of each region.
        complete: whether the electors are known of every district that takes part.
        complete_in: the same of each region.
    """

    whole: OutstandingVote
    regions: Mapping[str, OutstandingVote]
    complete: bool
    complete_in: Mapping[str, bool]


def outstanding(
    returns: pl.DataFrame, electors: pl.DataFrame, rule: VoteRule, rest: Rest
) -> Outstanding:
    """Bound what is not counted yet of one question.

    A district is wholly open where a place of it is expected and not in, where it has electors and
    no return, or where the office says that more is to come: the rest of its electors may still
    vote. Where forms of it are set aside, what they may hold is open; and so are the ballots of a
    box of a common ballot that has a form of another question and none of this one.

    Args:
        returns: of the question.
        electors: of the question, by district.
        rule: the statute's vote rule.
        rest: what stands beside the returns, of every question.
    """
    by = ["region", "district"]
    sums = returns.group_by(by).agg(pl.col("total").sum())
    counted: dict[District, int] = {(r, d): n for r, d, n in sums.iter_rows()}
    listed: dict[District, int] = {
        (r, d): n
        for r, d, n in electors.group_by(by).agg(pl.col("electors").sum()).iter_rows()
    }  # fmt: skip
    aside = _aside(returns, rest)
    awaited = _awaited(returns, rest)
    districts = sorted({*counted, *listed, *aside, *awaited})
    open_ = set(districts) if rest.provisional else awaited | (set(listed) - set(counted))
    room = {one: _room(one, counted, listed, aside, whole=one in open_) for one in districts}
    taking_part = {*counted, *awaited, *(one for one, most in aside.items() if most != 0)}
    of: dict[str, list[District]] = {name: [] for name in region_weights(rule)}
    for one in districts:
        of.setdefault(one[0], []).append(one)
    complete_in = {
        name: bool(of[name]) and all(one in listed for one in of[name] if one in taking_part)
        for name in of
    }
    regions = {
        name: OutstandingVote(
            _sum(room[one] for one in of[name]) if of[name] else None,
            sum(listed.get(one, 0) for one in of[name]),
        )
        for name in of
    }
    return Outstanding(
        whole=OutstandingVote(_sum(one.ballots for one in regions.values()), sum(listed.values())),
        regions=regions,
        complete=bool(listed) and all(complete_in.values()),
        complete_in=complete_in,
    )


def _aside(returns: pl.DataFrame, rest: Rest) -> dict[District, int | None]:
    """Give the most ballots of the forms set aside, by district; those of no district under ''.

    A box of a common ballot that has no form of the question holds as many as its other forms say.
    """
    own = _own(returns, rest)
    found: dict[District, list[int | None]] = {}
    columns = ["region", "district", "ballots"]
    lacking = _lacking(returns, own, rest)
    for region, district, most in pl.concat([own.select(columns), lacking]).iter_rows():
        found.setdefault((region or "", district or ""), []).append(most)
    return {one: _sum(mosts) for one, mosts in found.items()}


def _own(returns: pl.DataFrame, rest: Rest) -> pl.DataFrame:
    """Give the forms set aside that may be of the question: its own, and those of none."""
    asked = pl.col("question")
    other = asked.is_in(list(rest.questions)) & (asked != returns.item(0, "question"))
    return rest.set_aside.filter(~other)


def _lacking(returns: pl.DataFrame, own: pl.DataFrame, rest: Rest) -> pl.DataFrame:
    """Give the ballots of the boxes of a common ballot that have no form of the question."""
    columns = [*_KIND_AND_PLACE, "ballots"]
    boxes = rest.boxes.unique(_KIND_AND_PLACE).with_columns(ballots="total").select(columns)
    if boxes.height:
        faulty = rest.set_aside.drop_nulls(_KIND_AND_PLACE)
        most = pl.when(pl.col("ballots").is_not_null().all()).then(pl.col("ballots").max())
        faulty = faulty.group_by(_KIND_AND_PLACE).agg(most.alias("ballots")).select(columns)
        boxes = pl.concat([boxes, faulty.join(boxes, on=_KIND_AND_PLACE, how="anti")])
    for forms in (returns, own):
        boxes = boxes.join(forms, on=_KIND_AND_PLACE, how="anti")
    return boxes.select("region", "district", "ballots")


def _awaited(returns: pl.DataFrame, rest: Rest) -> set[District]:
    """Give the districts of which an expected return is not in, and not set aside either."""
    own = _own(returns, rest)
    lacking = rest.places.join(returns, on=_KIND_AND_PLACE, how="anti")
    lacking = lacking.join(own, on=_KIND_AND_PLACE, how="anti")
    return set(lacking.select("region", "district").iter_rows())


def _room(
    district: District,
    counted: Mapping[District, int],
    listed: Mapping[District, int],
    aside: Mapping[District, int | None],
    *,
    whole: bool,
) -> int | None:
    most = aside.get(district, 0)
    if not whole and most is not None:
        return most
    if district not in listed:
        return None
    return max(0, listed[district] - counted.get(district, 0))


def _sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
