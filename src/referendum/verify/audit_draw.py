"""The draws of an audit, drawn again from the seed."""

import hashlib
from bisect import bisect_right
from itertools import accumulate
from math import lcm

from referendum.verify.audit_assertions import (
    read_assertions,
)
from referendum.verify.audit_plan import refuse_full_count
from referendum.verify.audit_risk import error_bounds
from referendum.verify.audit_samples import (
    DRAW_COLUMNS,
    Place,
    Sample,
    boxes_of_returns,
    read_samples,
)
from referendum.verify.bundles import Bundles
from referendum.verify.kinds import Act
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch
from referendum.verify.returns import read_returns

Row = list[str]

MOST_DRAWN = 1_000_000
"""Draws of a sample in a round."""


def check_draw(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Draw again from the seed."""
    parameters, drawn = act["parameters"], writes["audit_draw"]
    number, seed, sizes = parameters["round"], parameters["seed"], parameters["sizes"]
    earlier = reads.get("audit_draw")
    before = list(earlier.rows("draws.csv", DRAW_COLUMNS)) if earlier else []
    seeds = earlier.document("audit_draw.json")["seeds"] if earlier else []
    if number != len(seeds) + 1 or seed in seeds or not str(seed).strip():
        raise Mismatch("the round or its seed is not a fresh one")
    refuse_full_count(reads["audit_plan"])
    samples = read_samples(reads["audit_plan"])
    if set(sizes) != {one.name for one in samples}:
        raise Mismatch("sizes are not given for the samples of the plan")
    rows = list(drawn.rows("draws.csv", DRAW_COLUMNS))
    if len(rows) != len(before) + sum(sizes.values()) or max(sizes.values()) > MOST_DRAWN:
        raise Mismatch("as many are not drawn as the sizes say", f"{drawn.path}/draws.csv")
    method = reads["audit_plan"].manifest["parameters"]["method"]
    draw = _draw_boxes if method == "batch_comparison" else _draw_cards
    found = draw(reads, samples, seed, sizes, before)
    fresh = [
        [str(number), one.name, str(i), *row]
        for one in samples
        for i, row in enumerate(found[one.name], start=1)
    ]
    if rows != before + fresh:
        raise Mismatch("another draw follows from the seed", f"{drawn.path}/draws.csv")
    expected = {"seeds": [*seeds, seed]}
    require_equal(drawn.document("audit_draw.json"), expected, f"{drawn.path}/audit_draw.json")
    require_equal(act["facts"], {"round": number, "drawn": len(fresh)}, "")
    return f"round {number}: the {len(fresh):,} drawn are those of the seed"


def _sequence_name(reads: Bundles, sample: Sample) -> str:
    """Name the sequence of a sample: questions on a common ballot share one."""
    common = reads["returns"].manifest["parameters"]["common_ballot"]
    return sample.group if common else sample.name


def _ticket(seed: str, i: int) -> int:
    return int(hashlib.sha256(f"{seed},{i}".encode()).hexdigest(), 16)


def _draw_boxes(
    reads: Bundles, samples: list[Sample], seed: str, sizes: dict[str, int], _: list[Row]
) -> dict[str, list[Row]]:
    """Draw by the bounds, with replacement."""
    boxes, assertions = (
        boxes_of_returns(read_returns(reads["returns"])),
        read_assertions(reads["audit_plan"]),
    )
    drawn = {}
    for sample in samples:
        bounds = error_bounds(sample, boxes, assertions)
        common = lcm(*(bound.denominator for bound in bounds.values()))
        places, ends = list(bounds), list(accumulate(int(b * common) for b in bounds.values()))
        own = f"{seed},{_sequence_name(reads, sample)}"
        hits = [_ticket(own, i) % ends[-1] for i in range(1, sizes[sample.name] + 1)]
        drawn[sample.name] = [[*places[bisect_right(ends, hit)], ""] for hit in hits]
    return drawn


def _draw_cards(
    reads: Bundles, samples: list[Sample], seed: str, sizes: dict[str, int], before: list[Row]
) -> dict[str, list[Row]]:
    """Draw cards without replacement: each sample takes the first that are its own and new."""
    boxes = boxes_of_returns(read_returns(reads["returns"]))
    drawn: dict[str, list[Row]] = {}
    for sequence in dict.fromkeys(_sequence_name(reads, one) for one in samples):
        group = [one for one in samples if _sequence_name(reads, one) == sequence]
        own = {
            one.name: {box.place: box.votes[3] for box in one.boxes_among(boxes)} for one in group
        }
        taken = {
            name: {(*row[3:6], int(row[6])) for row in before if row[1] == name} for name in own
        }
        if any(len(taken[name]) + sizes[name] > sum(own[name].values()) for name in own):
            raise Mismatch("more cards are drawn than there are")
        asked = {question for one in group for question in one.questions}
        numbered: dict[Place, int] = {}
        for box in boxes:  # one of several questions that has this name counts once
            if box.question in asked and any(box.place in own[name] for name in own):
                numbered.setdefault(box.place, box.votes[3])
        places, ends = list(numbered), list(accumulate(numbered.values()))
        rows: dict[str, list[Row]] = {name: [] for name in own}
        i = 0
        while any(len(rows[name]) < sizes[name] for name in own):
            i += 1
            number = _ticket(f"{seed},{sequence}", i) % ends[-1]
            at = bisect_right(ends, number)
            place, card = places[at], number - (ends[at] - numbered[places[at]]) + 1
            for name, places_of in own.items():
                new = place in places_of and (*place, card) not in taken[name]
                if new and len(rows[name]) < sizes[name]:
                    taken[name].add((*place, card))
                    rows[name].append([*place, str(card)])
        drawn |= rows
    return drawn
