"""What an act costs `verify` does not grow with the acts before it, whatever they are."""

import hashlib
import sys

import pytest

from referendum.verify.chain import Chain
from referendum.verify.standing_parts import StandingParts

TIME = "2026-01-05T10:00:00+00:00"
SAID = {
    "as_of": None, "common_ballot": False, "electors": "none", "entries": 1,
    "format": "referendum", "scope": "all votes", "provisional": False, "unread": [],
}  # fmt: skip


ISSUED = {
    "proposal": "p", "issued_on": "2026-01-02", "first_day": "2026-01-03", "last_day": None,
    "base_value": 4_000, "districts": None,
}  # fmt: skip
DUE = {"required": 10, "last_day": "2026-05-02"}


def digest(*of):
    return hashlib.sha256(repr(of).encode()).hexdigest()


def act(number, kind, parameters, facts, reads=(), writes=(), corrects=None, nature="received"):
    return {
        "number": number, "kind": kind, "nature": nature, "at": TIME, "recorded": TIME, "by": [],
        "signatures": [], "section": "s", "statute": {"id": "x", "version": "1"},
        "parameters": parameters, "reads": list(reads), "facts": facts, "corrects": corrects,
        "writes": [{"kind": one, "digest": name, "sealed": sealed} for one, name, sealed in writes],
        "reason": None if corrects is None else "a slip", "code": "tests 1",
    }  # fmt: skip


def opening(subject):
    parameters = {
        "title": "T", "question": "Q?", "subject": subject, "origin": "o", "key": "k",
        "made_up": True, "office": "Office", "officers": [], "rule": {},
    }  # fmt: skip
    return act(0, "record.open", parameters, {}, writes=[("statute", digest("law"), False)])


def returns(number, corrects=None):
    facts = {"places": 1, "set_aside": 0, "warnings": 0, "total": 5}
    writes = [("returns", digest(number), False)]
    return act(number, "returns.receive", SAID, facts, writes=writes, corrects=corrects)


def side_by_side(size):
    return [opening("vote"), *map(returns, range(1, size))]


def each_corrected(size):
    later = [returns(number, number - 1) for number in range(2, size)]
    return [opening("vote"), returns(1), *later]


def one_corrected_again_and_again(size):
    acts = [opening("petition")]
    for number in range(1, size):
        wrote = [("requirement", digest("issue", number), False)]
        corrects = number - 1 if number > 1 else None
        one = act(
            number, "petition.issue", ISSUED, DUE, [digest("law")], wrote, corrects, "derived"
        )
        acts.append(one)
    return acts


def corrected_afterwards(size):
    half = size // 2
    parts = list(map(returns, range(1, half + 1)))
    return [opening("vote"), *parts, *(returns(half + one, one) for one in range(1, half))]


def taken_up(size):
    """Gives deliveries that wait, each numbered by the next one."""
    wrote = [("requirement", digest("issue"), False)]
    acts = [opening("petition")]
    acts.append(act(1, "petition.issue", ISSUED, DUE, [digest("law")], wrote, nature="derived"))
    for number in range(2, size, 2):
        wait, lines = digest("wait", number), digest("lines", number)
        facts = {"first": None, "lines": 1, "sheets": 0, "set_aside": None, "faults": None}
        said = {"claimed": None, "waits": True}
        acts.append(
            act(number, "petition.receive", said, facts, (), [("lines_waiting", wait, True)])
        )
        facts = {"first": number - 1, "lines": 2, "sheets": 0, "set_aside": 0, "faults": {}}
        said = {"claimed": None, "numbered_alone": "all there are"}
        wrote = [("lines", lines, True)]
        acts.append(act(number + 1, "petition.receive", said, facts, [wait], wrote))
    return acts


def steps(acts):
    """Follow acts; give how many calls of functions and look-ups of methods that took."""
    count = 0

    def step(_frame, event, _argument):
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    chain = Chain("o", "k")
    sys.setprofile(step)
    try:
        for one in acts:
            chain.add(one)
        parts = StandingParts(chain)
        for one in acts:
            parts.drop_fallen(one)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "make",
    [
        side_by_side, each_corrected, one_corrected_again_and_again, corrected_afterwards, taken_up,
    ],
)  # fmt: skip
def test_ten_times_the_acts_take_ten_times_the_steps(make):
    steps(make(20))  # what is made once
    assert steps(make(1_000)) < 10.6 * steps(make(100))
