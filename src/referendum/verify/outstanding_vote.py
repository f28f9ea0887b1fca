"""What is not counted yet of a question, and whether it could still turn it."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from referendum.verify import law
from referendum.verify.bundles import Bundle
from referendum.verify.canonical import integer
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Key, Return
from referendum.verify.returns import PLACES, SET_ASIDE_COLUMNS, electors_of

District = tuple[str, str]  # region, district
Tally = list[int]  # yes, no, formal, informal, total


class OutstandingVote(NamedTuple):
    """What is not counted yet of a region or the whole."""

    ballots: int | None
    listed: int
    has_all_electors: bool

    @property
    def electors(self) -> int | None:
        """The electors, if they are known of every district that takes part."""
        return self.listed if self.has_all_electors else None


class OutstandingVotes(NamedTuple):
    """What is not counted yet of a question: of the whole, and by region."""

    whole: OutstandingVote
    regions: dict[str, OutstandingVote]


def bound_outstanding_votes(
    question: str, forms: list[Return], returns: Bundle, statute: Bundle
) -> OutstandingVotes:
    """Bound what is not counted yet of a question."""
    counted: dict[District, int] = {}
    for form in forms:
        if form.key[0] == question:
            where = (form.key[2], form.key[3])
            counted[where] = counted.get(where, 0) + (form.numbers["total"] or 0)
    listed = electors_of(returns, question)
    set_aside, awaited = _set_aside_and_awaited(question, forms, returns)
    all_open = returns.manifest["parameters"].get("provisional") is True
    bounds: dict[str, list[int | None]] = {}
    taking_part: dict[str, list[bool]] = {}
    for where in {*counted, *listed, *set_aside, *awaited}:
        most = _sum_if_known(set_aside.get(where, []))
        open_ = all_open or where in awaited or (where in listed and where not in counted)
        electors_left = max(0, listed[where] - counted.get(where, 0)) if where in listed else None
        bounds.setdefault(where[0], []).append(electors_left if open_ or most is None else most)
        if where in counted or where in awaited or most != 0:
            taking_part.setdefault(where[0], []).append(where in listed)
    counting = law.optional(statute, "vote", "regions") or []
    regions = {
        region: OutstandingVote(
            _sum_if_known(bounds.get(region, [None])),
            sum(number for where, number in listed.items() if where[0] == region),
            region in bounds and all(taking_part.get(region, [])),
        )
        for region in {*bounds, *counting}
    }
    has_all_electors = bool(listed) and all(
        outstanding.has_all_electors for outstanding in regions.values()
    )
    whole = OutstandingVote(
        _sum_if_known(outstanding.ballots for outstanding in regions.values()),
        sum(listed.values()),
        has_all_electors,
    )
    return OutstandingVotes(whole, regions)


def _set_aside_and_awaited(
    question: str, forms: list[Return], returns: Bundle
) -> tuple[dict[District, list[int | None]], set[District]]:
    aside: dict[District, list[int | None]] = {}
    there = {form.key[1:] for form in forms if form.key[0] == question}
    boxes: dict[Key, list[int | None]] = {}
    others = {form.key[0] for form in forms} - {question}
    file = f"{returns.path}/set_aside.csv"
    for _, asked, *box, _, _, _, _, most in returns.rows("set_aside.csv", SET_ASIDE_COLUMNS):
        number = integer(most, "ballots", file) if most else None
        if asked not in others:
            aside.setdefault((box[1], box[2]), []).append(number)
            there.add(tuple(box))
        if all(box):
            boxes.setdefault(tuple(box), []).append(number)
    if returns.manifest["parameters"].get("common_ballot") is True and forms:
        boxes |= {form.key[1:]: [form.numbers["total"]] for form in forms}
        for where in boxes.keys() - there:  # forms of other questions alone
            numbers = [number for number in boxes[where] if number is not None]
            whole = len(numbers) == len(boxes[where])
            aside.setdefault((where[1], where[2]), []).append(max(numbers) if whole else None)
    expected = returns.rows("places.csv", PLACES)
    awaited = {(row[0], row[1]) for row in expected if (row[3], *row[:3]) not in there}
    return aside, awaited


def majority_outlook(statute: Bundle, tally: Tally, outstanding: OutstandingVote) -> bool | None:
    """Whether there is a majority, whatever is still to come."""
    share, of = law.value(statute, "vote", "majority"), law.value(statute, "vote", "majority_of")
    if of == "electors":
        return elector_share_outlook(share, tally[0], outstanding)
    if of not in {"formal", "cast"}:
        raise Mismatch("the majority of the statute is not known")
    if outstanding.ballots is None:
        return None
    base = (tally[2] if of == "formal" else tally[4]) + outstanding.ballots
    if reaches(share, tally[0], base):
        return True
    return None if reaches(share, tally[0] + outstanding.ballots, base) else False


def elector_share_outlook(share: object, have: int, outstanding: OutstandingVote) -> bool | None:
    """Whether a share of the electors is reached, whatever is still to come."""
    if outstanding.has_all_electors and reaches(share, have, outstanding.listed):
        return True
    if outstanding.ballots is None:
        return None
    base = outstanding.listed if outstanding.has_all_electors else max(outstanding.listed, 1)
    return None if reaches(share, have + outstanding.ballots, max(base, 1)) else False


def reaches(share: object, have: int, base: int) -> bool:
    """Whether there is enough of a base; of nothing nothing is enough."""
    return base > 0 and have >= law.least_number(share, Fraction(base))


def all_met(conditions: list[dict[str, Any]], name: str) -> bool | None:
    """Whether all conditions are met: false if one is not, null if one is not known."""
    answers = [condition[name] for condition in conditions]
    if False in answers:
        return False
    return None if None in answers else True


def _sum_if_known(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
