"""Records of single cards, held against the returns box by box."""

from referendum.verify.audit_assertions import MARKS
from referendum.verify.audit_samples import CARD_RECORD_COLUMNS, Place, boxes_of_returns
from referendum.verify.bundles import Bundles
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch
from referendum.verify.returns import read_returns


def check_cards(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that the records of cards add up to the returns, box by box."""
    cards = writes["audit_cards"]
    file = f"{cards.path}/cards.csv"
    found: dict[tuple[str, Place], list[int]] = {}
    boxes_by_imprint: dict[str, dict[str, Place]] = {}
    last = ("", "", "", "", 0)
    for question, region, district, place, card, mark, imprint in cards.rows(
        "cards.csv", CARD_RECORD_COLUMNS
    ):
        here = (question, region, district, place, integer(card, "card", file))
        box = found.setdefault((question, here[1:4]), [0, 0, 0, 0])
        if here <= last or here[4] != sum(box) + 1 or mark not in MARKS:
            raise Mismatch(f"the record of card {card} of {place} is out of order", file)
        box[MARKS.index(mark)] += 1
        last = here
        if imprint:
            boxes = boxes_by_imprint.setdefault(imprint, {})
            if question in boxes or any(other != here[1:4] for other in boxes.values()):
                raise Mismatch(f"the imprint {imprint} stands on two cards", file)
            boxes[question] = here[1:4]
    returned = {
        (box.question, box.place): box.votes
        for box in boxes_of_returns(read_returns(reads["returns"]))
    }
    for key, box in found.items():
        votes = returned.get(key, (0, 0, 0, 0))
        if sum(box) != votes[3] or any(
            number > most for number, most in zip(box[:3], votes[:3], strict=True)
        ):
            raise Mismatch(f"the records of {key[1][2]} do not add up to the returns", file)
    total, missing = (sum(sum(box[k:]) for box in found.values()) for k in (0, 3))
    facts = {"cards": total, "boxes": len({place for _, place in found}), "missing": missing}
    require_equal(act["facts"], facts, "")
    less = f", {missing:,} of them missing" if missing else ""
    return f"{total:,} records of cards{less} add up to the returns, box by box"
