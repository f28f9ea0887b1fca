"""A full count by hand, and the outcome that it gives, worked out again."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from referendum.verify.audit_assertions import is_carried, sum_votes
from referendum.verify.audit_findings import require_one_total, require_two_people
from referendum.verify.audit_plan import is_count_complete
from referendum.verify.audit_samples import (
    HAND_COUNT_COLUMNS,
    Box,
    Place,
    boxes_of_returns,
)
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Return
from referendum.verify.returns import VOTES, read_returns


def check_full_count(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the outcome of every question from the boxes as they were counted by hand."""
    require_two_people(act)
    bundle, questions = writes["audit_full_count"], _questions(reads)
    file = f"{bundle.path}/findings.csv"
    found = _read_hand_count(bundle, file)
    forms = read_returns(reads["returns"])
    both = zip(forms, boxes_of_returns(forms), strict=True)
    returned = [(form, box) for form, box in both if box.question in questions]
    _require_every_box(set(found), [box for _, box in returned], file)
    votes = [found.get((box.question, box.place), [0, 0, 0]) for _, box in returned]
    totals = [(box.place, sum(n)) for (_, box), n in zip(returned, votes, strict=True)]
    require_one_total(reads, totals, file)
    counted = [(*numbers, sum(numbers)) for numbers in votes]
    by_hand = [
        replace(form, numbers={**form.numbers, **dict(zip(VOTES, numbers, strict=True))})
        for (form, _), numbers in zip(returned, counted, strict=True)
    ]
    outcomes = {one: _hand_count_outcome(one, forms, by_hand, reads) for one in questions}
    pairs = zip(returned, counted, strict=True)
    differing = {box.place for (_, box), numbers in pairs if box.votes != numbers}
    places = {place for _, place in found}
    same = all(one["carried"] == one["reported"] for one in outcomes.values())
    confirmed = same and is_count_complete(reads["audit_plan"])
    facts = {"counted": len(places), "differ": len(differing), "confirmed": confirmed}
    document = bundle.document("audit_full_count.json")
    require_equal(
        document, {**facts, "questions": outcomes}, f"{bundle.path}/audit_full_count.json"
    )
    require_equal(act["facts"], facts, "")
    word = "the reported one" if same else "another one"
    less = "" if confirmed or not same else ", of what is counted: not confirmed"
    return f"{len(places):,} boxes counted by hand: the outcome is {word}{less}"


def _questions(reads: Bundles) -> list[str]:
    questions: list[str] = reads["audit_plan"].manifest["parameters"]["questions"]
    return questions


def _read_hand_count(bundle: Bundle, file: str) -> dict[tuple[str, Place], list[int]]:
    """Read the votes that were counted by hand, by question and box."""
    rows = list(bundle.rows("findings.csv", HAND_COUNT_COLUMNS))
    if any(one[:4] >= two[:4] for one, two in pairwise(rows)):
        raise Mismatch("the boxes are not ascending, or one comes twice", file)
    return {
        (row[0], (row[1], row[2], row[3])): [integer(text, "votes", file) for text in row[4:]]
        for row in rows
    }


def _require_every_box(counted: set[tuple[str, Place]], boxes: list[Box], file: str) -> None:
    needed = {(box.question, box.place) for box in boxes if box.votes[3]}
    if not needed <= counted <= {(box.question, box.place) for box in boxes}:
        raise Mismatch("not every box was counted, or others were", file)


def _hand_count_outcome(
    question: str, forms: list[Return], by_hand: list[Return], reads: Bundles
) -> dict[str, Any]:
    counted = sum_votes(question, by_hand, reads)
    yes, no, _, informal, total = counted.whole
    votes = {"yes": yes, "no": no, "informal": informal, "total": total}
    reported = is_carried(sum_votes(question, forms, reads), reads)
    return {**votes, "carried": is_carried(counted, reads), "reported": reported}
