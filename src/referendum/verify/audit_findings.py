"""What people found on the paper: of what was drawn, by whom, and of what was not."""

from collections.abc import Iterable
from itertools import pairwise

from referendum.verify.audit_assertions import MARKS
from referendum.verify.audit_samples import (
    DRAW_COLUMNS,
    HAND_COUNT_COLUMNS,
    Place,
    boxes_of_returns,
    read_samples,
)
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch
from referendum.verify.returns import read_returns


def require_two_people(act: Act) -> None:
    """See that those who looked, if they are named, are two."""
    names = act["parameters"].get("people", ["1", "2"])
    if len({name.casefold().strip() for name in names}) != 2:
        raise Mismatch("those who looked are one person")


def require_one_total(reads: Bundles, found: Iterable[tuple[Place, int]], file: str) -> None:
    """See that each box of a common ballot has one number of ballots, whatever the question."""
    if not reads["returns"].manifest["parameters"]["common_ballot"]:
        return
    totals: dict[Place, int] = {}
    for place, total in found:
        if totals.setdefault(place, total) != total:
            raise Mismatch(f"{place[2]} has not as many ballots for each question", file)


FINDING_COLUMNS = ("question", "region", "district", "place", "card", "mark")


def counts_boxes(plan: Bundle) -> bool:
    """Whether whole boxes are counted, and not single cards looked at."""
    return bool(plan.manifest["parameters"]["method"] == "batch_comparison")


def required_findings(reads: Bundles, width: int) -> set[tuple[str, ...]]:
    """Give what needs a finding: a drawn box needs one for each question it has returns of."""
    samples = {one.name: one for one in read_samples(reads["audit_plan"])}
    returned = {
        (box.question, *box.place) for box in boxes_of_returns(read_returns(reads["returns"]))
    }
    return {
        (question, *row[3 : 2 + width])
        for row in reads["audit_draw"].rows("draws.csv", DRAW_COLUMNS)
        for question in samples[row[1]].questions
        if (question, *row[3:6]) in returned
    }


def opened_boxes(reads: Bundles, opened: set[tuple[str, ...]]) -> dict[tuple[object, ...], int]:
    """Give question and box of what may hold ballots beyond its cards, and how many these are.

    On a common ballot a box that was opened for one question is open for all.
    """
    boxes = boxes_of_returns(read_returns(reads["returns"]))
    asked = reads["audit_plan"].manifest["parameters"]["questions"]
    if reads["returns"].manifest["parameters"]["common_ballot"]:
        places = {key[1:] for key in opened}
        own = [box for box in boxes if box.question in asked and box.place in places]
    else:
        own = [box for box in boxes if (box.question, *box.place) in opened]
    return {(box.question, *box.place): box.votes[3] for box in own}


def require_all_findings(reads: Bundles, rows: list[list[str]], *, counted: bool) -> None:
    """See that all that was drawn has a finding, and ballots beyond the cards are numbered on."""
    file = f"{reads['audit_findings'].path}/findings.csv"
    width = 4 if counted else 5
    examined = {tuple(row[:width]) for row in rows if counted or row[5] != "extra"}
    if missing := required_findings(reads, width) - examined:
        first = ", ".join(min(missing))
        raise Mismatch(f"{len(missing):,} that were drawn have no finding: {first}", file)
    if counted:
        totals = [((row[1], row[2], row[3]), sum(map(int, row[4:]))) for row in rows]
        require_one_total(reads, totals, file)
        return
    cards = opened_boxes(reads, {key[:4] for key in examined})
    extra: dict[tuple[object, ...], list[int]] = {box: [] for box in cards}
    for row in rows:
        if row[5] == "extra":
            extra[tuple(row[:4])].append(int(row[4]))
    for box, numbers in extra.items():
        if sorted(numbers) != list(range(cards[box] + 1, cards[box] + 1 + len(numbers))):
            raise Mismatch(f"ballots of {box[3]} are not the next after its cards", file)
    counts = [((str(box[1]), str(box[2]), str(box[3])), len(extra[box])) for box in extra]
    require_one_total(reads, counts, file)


def check_findings(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that each finding is on an item that was drawn, or a ballot beyond the cards of a box."""
    require_two_people(act)
    found, drawn = writes["audit_findings"], reads["audit_draw"]
    file = f"{found.path}/findings.csv"
    counted = counts_boxes(reads["audit_plan"])
    columns, width = (HAND_COUNT_COLUMNS, 4) if counted else (FINDING_COLUMNS, 5)
    rows = list(found.rows("findings.csv", columns))
    if not rows:
        raise Mismatch("a part of the findings has no finding", file)
    keys = [(*row[:4], *(integer(text, "card", file) for text in row[4:width])) for row in rows]
    if any(one >= two for one, two in pairwise(keys)):
        raise Mismatch("the findings are not ascending, or one comes twice", file)
    for row in rows:
        if counted:
            _ = [integer(text, "votes", file) for text in row[4:]]
        elif row[5] not in (*MARKS, "extra"):
            raise Mismatch(f"no card can show {row[5][:40]!r}", file)
    examined = {tuple(row[:width]) for row in rows if counted or row[5] != "extra"}
    required = required_findings(reads, width)
    if strange := examined - required:
        raise Mismatch(f"findings on what was not drawn: {', '.join(min(strange))}", file)
    cards = {(*key[:4], int(key[4])) for key in examined if not counted}
    _check_extra_ballots(
        reads, [key for key in keys if not counted and key not in cards], required, file
    )
    facts = {"round": drawn.manifest["parameters"]["round"], "examined": len(rows)}
    require_equal(act["facts"], facts, "")
    return f"{facts['examined']:,} findings on what was drawn"


def _check_extra_ballots(
    reads: Bundles, extra: list[tuple[object, ...]], required: set[tuple[str, ...]], file: str
) -> None:
    """See that ballots beyond a box's cards are of boxes that were opened."""
    if not extra:
        return
    cards = opened_boxes(reads, {key[:4] for key in required})
    for row in extra:
        if row[:4] not in cards or not isinstance(row[4], int) or row[4] <= cards[row[:4]]:
            raise Mismatch(f"ballot {row[4]} of {row[3]} is none beyond the cards of a box", file)
