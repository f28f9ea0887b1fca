"""The samples of an audit, and the boxes that they are drawn from."""

from typing import Any, NamedTuple

from referendum.verify.audit_assertions import WHOLE, Assertion
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.returned_forms import Return
from referendum.verify.returns import VOTES

Place = tuple[str, str, str]

HAND_COUNT_COLUMNS = ("question", "region", "district", "place", "yes", "no", "informal")

CARD_RECORD_COLUMNS = ("question", "region", "district", "place", "card", "mark", "imprint")


class Box(NamedTuple):
    """What was returned of a box for one question: yes, no, informal, total."""

    question: str
    kind: str
    place: Place
    votes: tuple[int, int, int, int]


class Sample(NamedTuple):
    """A sample that is drawn: for which questions, of which region and kinds of vote."""

    questions: tuple[str, ...]
    named: tuple[str, ...]
    scope: str
    stratum: tuple[str, ...]

    @property
    def group(self) -> str:
        """Name region and kinds of vote, as far as it is not of all."""
        region = [self.scope] if self.scope != WHOLE else []
        return "/".join(region + (["+".join(self.stratum)] if self.stratum else [])) or WHOLE

    @property
    def name(self) -> str:
        """Name the sample."""
        rest = [self.group] if self.group != WHOLE or not self.named else []
        return "/".join([*self.named, *rest])

    def boxes_among(self, boxes: list[Box]) -> list[Box]:
        """Give its boxes."""
        return [
            box
            for box in boxes
            if box.question in self.questions
            and self.scope in {WHOLE, box.place[0]}
            and (not self.stratum or box.kind in self.stratum)
        ]

    def as_document(self, boxes: list[Box]) -> dict[str, Any]:
        """Give the sample as the plan has it."""
        sizes = {box.place: box.votes[3] for box in self.boxes_among(boxes)}
        lists = {"questions": list(self.questions), "named": list(self.named)}
        rest = {"scope": self.scope, "stratum": list(self.stratum), "cards": sum(sizes.values())}
        return {"name": self.name, **lists, **rest}


def boxes_of_returns(forms: list[Return]) -> list[Box]:
    """Give the boxes, in the order of the returns."""
    several = len({form.key[1] for form in forms}) > 1
    boxes = []
    for form in forms:
        question, kind, region, district, place = form.key
        named = f"{place} ({kind})" if several else place
        yes, no, informal, total = (form.numbers[name] or 0 for name in VOTES)
        boxes.append(Box(question, kind, (region, district, named), (yes, no, informal, total)))
    return boxes


def recorded_boxes(reads: Bundles) -> set[tuple[str, Place]]:
    """Give question and box of the cards that have records."""
    if "audit_cards" not in reads:
        return set()
    rows = reads["audit_cards"].rows("cards.csv", CARD_RECORD_COLUMNS)
    return {(row[0], (row[1], row[2], row[3])) for row in rows}


def read_samples(plan: Bundle) -> list[Sample]:
    """Read the samples of a plan, in its order."""
    return [
        Sample(tuple(one["questions"]), tuple(one["named"]), one["scope"], tuple(one["stratum"]))
        for one in plan.document("audit_plan.json")["samples"]
    ]


def plan_samples(
    parameters: dict[str, Any], assertions: list[Assertion], boxes: list[Box], reads: Bundles
) -> list[Sample]:
    """Give the samples that assertions need, by scope, then stratum, then question."""
    several = len({one.question for one in assertions}) > 1
    common = reads["returns"].manifest["parameters"]["common_ballot"]
    together = parameters["method"] == "batch_comparison" and common
    found = []
    for scope in sorted({one.scope for one in assertions}):
        asked = sorted({one.question for one in assertions if one.scope == scope})
        for stratum in parameters.get("strata", [[]]):
            found += [
                Sample(one, one if several and not together else (), scope, tuple(stratum))
                for one in ([tuple(asked)] if together else [(name,) for name in asked])
            ]
    return [one for one in found if any(box.votes[3] for box in one.boxes_among(boxes))]


DRAW_COLUMNS = ("round", "sample", "draw", "region", "district", "place", "card")
