"""An audit's records of cards, draws and findings, held against the returns and the seed again."""

import hashlib
from bisect import bisect_right
from itertools import accumulate, pairwise
from math import lcm

from referendum.verify.audit_claims import (
    COUNTED,
    MARKS,
    RECORDS,
    Bundles,
    Place,
    Sample,
    boxes_of,
    check_people,
    read_claims,
    read_samples,
    refuse_full_count,
)
from referendum.verify.audit_risk import (
    CARDS,
    DRAWS,
    bounds_of,
    boxes_opened,
    counts_boxes,
    wanted_findings,
)
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.petition import compare
from referendum.verify.report import Mismatch
from referendum.verify.returns import read_returns

Row = list[str]

MOST_DRAWN = 1_000_000
"""Draws of a sample in a round."""


def check_cards(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that the records of cards add up to the returns, box by box."""
    cards = writes["audit_cards"]
    file = f"{cards.path}/cards.csv"
    found: dict[tuple[str, Place], list[int]] = {}
    prints: dict[str, dict[str, Place]] = {}
    last = ("", "", "", "", 0)
    for question, region, district, place, card, mark, imprint in cards.rows("cards.csv", RECORDS):
        here = (question, region, district, place, integer(card, "card", file))
        box = found.setdefault((question, here[1:4]), [0, 0, 0, 0])
        if here <= last or here[4] != sum(box) + 1 or mark not in MARKS:
            raise Mismatch(f"the record of card {card} of {place} is out of order", file)
        box[MARKS.index(mark)] += 1
        last = here
        if imprint:
            of = prints.setdefault(imprint, {})
            if question in of or any(other != here[1:4] for other in of.values()):
                raise Mismatch(f"the imprint {imprint} stands on two cards", file)
            of[question] = here[1:4]
    told = {
        (box.question, box.place): box.votes for box in boxes_of(read_returns(reads["returns"]))
    }
    for key, box in found.items():
        votes = told.get(key, (0, 0, 0, 0))
        if sum(box) != votes[3] or any(n > of for n, of in zip(box[:3], votes[:3], strict=True)):
            raise Mismatch(f"the records of {key[1][2]} do not add up to the returns", file)
    total, missing = (sum(sum(box[k:]) for box in found.values()) for k in (0, 3))
    facts = {"cards": total, "boxes": len({place for _, place in found}), "missing": missing}
    compare(act["facts"], facts, "")
    less = f", {missing:,} of them missing" if missing else ""
    return f"{total:,} records of cards{less} add up to the returns, box by box"


def check_draw(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Draw again from the seed."""
    parameters, drawn = act["parameters"], writes["audit_draw"]
    number, seed, sizes = parameters["round"], parameters["seed"], parameters["sizes"]
    earlier = reads.get("audit_draw")
    before = list(earlier.rows("draws.csv", DRAWS)) if earlier else []
    seeds = earlier.document("audit_draw.json")["seeds"] if earlier else []
    if number != len(seeds) + 1 or seed in seeds or not str(seed).strip():
        raise Mismatch("the round or its seed is not a fresh one")
    refuse_full_count(reads["audit_plan"])
    samples = read_samples(reads["audit_plan"])
    if set(sizes) != {one.name for one in samples}:
        raise Mismatch("sizes are not given for the samples of the plan")
    rows = list(drawn.rows("draws.csv", DRAWS))
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


def check_findings(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that each finding is on an item that was drawn, or a ballot beyond the cards of a box."""
    check_people(act)
    found, drawn = writes["audit_findings"], reads["audit_draw"]
    file = f"{found.path}/findings.csv"
    counted = counts_boxes(reads["audit_plan"])
    columns, width = (COUNTED, 4) if counted else (CARDS, 5)
    rows = list(found.rows("findings.csv", columns))
    keys = [(*row[:4], *(integer(text, "card", file) for text in row[4:width])) for row in rows]
    if any(one >= two for one, two in pairwise(keys)):
        raise Mismatch("the findings are not ascending, or one comes twice", file)
    for row in rows:
        if counted:
            _ = [integer(text, "votes", file) for text in row[4:]]
        elif row[5] not in (*MARKS, "extra"):
            raise Mismatch(f"no card can show {row[5][:40]!r}", file)
    looked = {tuple(row[:width]) for row in rows if counted or row[5] != "extra"}
    wanted = wanted_findings(reads, width)
    if strange := looked - wanted:
        raise Mismatch(f"findings on what was not drawn: {', '.join(min(strange))}", file)
    cards = {(*key[:4], int(key[4])) for key in looked if not counted}
    _check_beyond(reads, [key for key in keys if not counted and key not in cards], wanted, file)
    facts = {"round": drawn.manifest["parameters"]["round"], "examined": len(rows)}
    compare(act["facts"], facts, "")
    return f"{facts['examined']:,} findings on what was drawn"


def _check_beyond(
    reads: Bundles, extra: list[tuple[object, ...]], wanted: set[tuple[str, ...]], file: str
) -> None:
    """See that ballots beyond a box's cards are of boxes that were opened."""
    if not extra:
        return
    cards = boxes_opened(reads, {key[:4] for key in wanted})
    for row in extra:
        if row[:4] not in cards or not isinstance(row[4], int) or row[4] <= cards[row[:4]]:
            raise Mismatch(f"ballot {row[4]} of {row[3]} is none beyond the cards of a box", file)
