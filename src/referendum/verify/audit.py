"""An audit's records of cards, draws and findings, held against the returns and the seed again."""

import hashlib
from bisect import bisect_right
from itertools import accumulate
from math import lcm

from referendum.verify.acts import Act
from referendum.verify.audit_claims import (
    COUNTED,
    MARKS,
    RECORDS,
    Bundles,
    Place,
    Sample,
    boxes_of,
    read_claims,
    read_samples,
)
from referendum.verify.audit_risk import CARDS, DRAWS, bounds_of
from referendum.verify.canonical import integer
from referendum.verify.petition import compare
from referendum.verify.report import Mismatch
from referendum.verify.returns import read_returns

Row = list[str]


def check_cards(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that the records of cards add up to the returns, box by box."""
    cards = writes["audit_cards"]
    file = f"{cards.path}/cards.csv"
    found: dict[tuple[str, Place], list[int]] = {}
    last = ("", "", "", "", 0)
    for question, region, district, place, card, mark, _ in cards.rows("cards.csv", RECORDS):
        here = (question, region, district, place, integer(card, "card", file))
        box = found.setdefault((question, (region, district, place)), [0, 0, 0, 0])
        if here <= last or here[4] != box[3] + 1 or mark not in MARKS[:3]:
            raise Mismatch(f"the record of card {card} of {place} is out of order", file)
        box[MARKS.index(mark)] += 1
        box[3] += 1
        last = here
    told = {
        (box.question, box.place): list(box.votes)
        for box in boxes_of(read_returns(reads["returns"]))
    }
    if any(told.get(key) != box for key, box in found.items()):
        raise Mismatch("the records of cards do not add up to the returns", file)
    total = sum(box[3] for box in found.values())
    compare(act["facts"], {"cards": total, "boxes": len({place for _, place in found})}, "")
    return f"{total:,} records of cards add up to the returns, box by box"


def check_draw(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Draw again from the seed."""
    parameters, drawn = act["parameters"], writes["audit_draw"]
    number, seed, sizes = parameters["round"], parameters["seed"], parameters["sizes"]
    earlier = reads.get("audit_draw")
    before = list(earlier.rows("draws.csv", DRAWS)) if earlier else []
    seeds = earlier.document("audit_draw.json")["seeds"] if earlier else []
    if number != len(seeds) + 1 or seed in seeds or not str(seed).strip():
        raise Mismatch("the round or its seed is not a fresh one")
    samples = read_samples(reads["audit_plan"])
    if set(sizes) != {one.name for one in samples}:
        raise Mismatch("sizes are not given for the samples of the plan")
    method = reads["audit_plan"].manifest["parameters"]["method"]
    draw = _draw_boxes if method == "batch_comparison" else _draw_cards
    found = draw(reads, samples, seed, sizes, before)
    fresh = [
        [str(number), one.name, str(i), *row]
        for one in samples
        for i, row in enumerate(found[one.name], start=1)
    ]
    if list(drawn.rows("draws.csv", DRAWS)) != before + fresh:
        raise Mismatch("another draw follows from the seed", f"{drawn.path}/draws.csv")
    expected = {"seeds": [*seeds, seed]}
    compare(drawn.document("audit_draw.json"), expected, f"{drawn.path}/audit_draw.json")
    compare(act["facts"], {"round": number, "drawn": len(fresh)}, "")
    return f"round {number}: the {len(fresh):,} drawn are those of the seed"


def _sequence(reads: Bundles, sample: Sample) -> str:
    """Name the sequence of a sample: questions on a common ballot share one."""
    common = reads["returns"].manifest["parameters"]["common_ballot"]
    return sample.group if common else sample.name


def _ticket(seed: str, i: int) -> int:
    return int(hashlib.sha256(f"{seed},{i}".encode()).hexdigest(), 16)


def _draw_boxes(
    reads: Bundles, samples: list[Sample], seed: str, sizes: dict[str, int], _: list[Row]
) -> dict[str, list[Row]]:
    """Draw by the bounds, with replacement."""
    boxes, claims = boxes_of(read_returns(reads["returns"])), read_claims(reads["audit_plan"])
    drawn = {}
    for sample in samples:
        bounds = bounds_of(sample, boxes, claims)
        common = lcm(*(bound.denominator for bound in bounds.values()))
        places, ends = list(bounds), list(accumulate(int(b * common) for b in bounds.values()))
        own = f"{seed},{_sequence(reads, sample)}"
        hits = [_ticket(own, i) % ends[-1] for i in range(1, sizes[sample.name] + 1)]
        drawn[sample.name] = [[*places[bisect_right(ends, hit)], ""] for hit in hits]
    return drawn


def _draw_cards(
    reads: Bundles, samples: list[Sample], seed: str, sizes: dict[str, int], before: list[Row]
) -> dict[str, list[Row]]:
    """Draw cards without replacement: each sample takes the first that are its own and new."""
    boxes = boxes_of(read_returns(reads["returns"]))
    drawn: dict[str, list[Row]] = {}
    for sequence in dict.fromkeys(_sequence(reads, one) for one in samples):
        group = [one for one in samples if _sequence(reads, one) == sequence]
        own = {one.name: {box.place: box.votes[3] for box in one.of(boxes)} for one in group}
        taken = {
            name: {(*row[3:6], int(row[6])) for row in before if row[1] == name} for name in own
        }
        if any(len(taken[name]) + sizes[name] > sum(own[name].values()) for name in own):
            raise Mismatch("more cards are drawn than there are")
        numbered = {
            box.place: box.votes[3] for box in boxes if any(box.place in own[n] for n in own)
        }
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


def check_findings(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that every drawn item has one finding, that no other has, and that none was changed."""
    found, drawn = writes["audit_findings"], reads["audit_draw"]
    counted = reads["audit_plan"].manifest["parameters"]["method"] == "batch_comparison"
    columns, width = (COUNTED, 4) if counted else (CARDS, 5)
    rows = list(found.rows("findings.csv", columns))
    keys = [tuple(row[:width]) for row in rows]
    wanted = _wanted(reads, list(drawn.rows("draws.csv", DRAWS)), width)
    if len(set(keys)) != len(keys) or set(keys) != wanted:
        raise Mismatch("findings and draws are not about the same", f"{found.path}/findings.csv")
    earlier = reads.get("audit_findings")
    before = list(earlier.rows("findings.csv", columns)) if earlier else []
    kept = {tuple(row) for row in rows}
    if any(tuple(row) not in kept for row in before):
        raise Mismatch("a finding of an earlier round was changed", f"{found.path}/findings.csv")
    facts = {"round": drawn.manifest["parameters"]["round"], "examined": len(rows) - len(before)}
    compare(act["facts"], facts, "")
    return f"{facts['examined']:,} findings on all that was drawn"


def _wanted(reads: Bundles, draws: list[Row], width: int) -> set[tuple[str, ...]]:
    """Give what needs a finding: a drawn box needs one for each question it has returns of."""
    samples = {one.name: one for one in read_samples(reads["audit_plan"])}
    returned = {(box.question, *box.place) for box in boxes_of(read_returns(reads["returns"]))}
    return {
        (question, *row[3 : 2 + width])
        for row in draws
        for question in samples[row[1]].questions
        if (question, *row[3:6]) in returned
    }
