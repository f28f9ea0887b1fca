"""The claims and samples of an audit, worked out again from the vote rule and the returns."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from referendum.verify import law
from referendum.verify.between import Return
from referendum.verify.bundles import Bundle
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.outstanding import Tally
from referendum.verify.petition import compare
from referendum.verify.report import Mismatch
from referendum.verify.returns import VOTES, electors_of, read_returns
from referendum.verify.vote import carried_by, conditions_of, regions_of, row_of, summed

Bundles = dict[str, Bundle]
Place = tuple[str, str, str]

WHOLE = "*"
HALF = Fraction(1, 2)
MARKS = ("yes", "no", "blank", "missing")
METHODS = ("ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified")
COUNTED = ("question", "region", "district", "place", "yes", "no", "informal")
RECORDS = ("question", "region", "district", "place", "card", "mark", "imprint")


class Claim(NamedTuple):
    """A claim of the plan: worths of the marks, N, reported mean, what a card beyond N takes."""

    question: str
    condition: str
    scope: str
    reached: bool
    worth: tuple[Fraction, ...]
    cards: int
    mean: Fraction
    beyond: Fraction = HALF
    equality: bool = False

    def total(self, yes: int, no: int, blank: int) -> Fraction:
        """Give the worth of so many cards."""
        return self.worth[0] * yes + self.worth[1] * no + self.worth[2] * blank

    def written(self) -> dict[str, Any]:
        """Give the claim as the plan has it."""
        marks = {mark: str(worth) for mark, worth in zip(MARKS, self.worth, strict=True)}
        named = {"question": self.question, "condition": self.condition, "scope": self.scope}
        rest = {"reached": self.reached, "cards": self.cards, "mean": str(self.mean)}
        marks["beyond"] = str(self.beyond)
        return {**named, **rest, **marks, "equality": self.equality}


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

    def of(self, boxes: list[Box]) -> list[Box]:
        """Give its boxes."""
        return [
            box
            for box in boxes
            if box.question in self.questions
            and self.scope in {WHOLE, box.place[0]}
            and (not self.stratum or box.kind in self.stratum)
        ]

    def written(self, boxes: list[Box]) -> dict[str, Any]:
        """Give the sample as the plan has it."""
        sizes = {box.place: box.votes[3] for box in self.of(boxes)}
        lists = {"questions": list(self.questions), "named": list(self.named)}
        rest = {"scope": self.scope, "stratum": list(self.stratum), "cards": sum(sizes.values())}
        return {"name": self.name, **lists, **rest}


class Part(NamedTuple):
    """What a condition needs: claims; settled by the canvass; or a full count."""

    claims: list[Claim]
    settled: int = 0
    full: bool = False

    @property
    def cost(self) -> Fraction:
        """What the claims take, to choose between conditions and regions."""
        if self.full:
            return Fraction(10**30)
        return sum((1 / (2 * one.mean - 1) ** 2 for one in self.claims), Fraction(0))


class Vote(NamedTuple):
    """A question's result: the whole, its electors, and the regions."""

    question: str
    whole: Tally
    listed: int | None
    regions: dict[str, tuple[Tally, int | None]]


def check_plan(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the claims and samples from the statute and the returns."""
    parameters, plan = act["parameters"], writes["audit_plan"]
    forms = read_returns(reads["returns"])
    boxes = boxes_of(forms)
    _check_choice(parameters, forms, boxes, reads)
    result = reads["result"].document("result.json")
    _check_result(parameters, result)
    left = {one["question"]: one["outstanding"] for one in result["questions"]}
    carried, parts = {}, {}
    for question in parameters["questions"]:
        prove = parameters["prove"].get(question)
        carried[question], parts[question] = _of_question(question, forms, reads, prove)
    claims = [one for part in parts.values() for one in part.claims]
    full = [question for question, part in parts.items() if part.full]
    samples = _samples(parameters, claims, boxes, reads)
    document = {
        "carried": carried,
        "uncounted": {question: left[question] for question in parameters["questions"]},
        "assertions": [one.written() for one in claims],
        "samples": [one.written(boxes) for one in samples],
        "settled": sum(part.settled for part in parts.values()),
        "full_count": full,
    }
    compare(plan.document("audit_plan.json"), document, f"{plan.path}/audit_plan.json")
    told = {"questions": len(parts), "claims": len(claims), "full_count": bool(full)}
    compare(act["facts"], {**told, "to_draw": [one.name for one in samples]}, "")
    return f"{len(claims)} claims follow from the rule and the returns"


def check_full_count(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the outcome of every question from the boxes as they were counted by hand."""
    check_people(act)
    bundle, chosen = writes["audit_full_count"], reads["audit_plan"].manifest["parameters"]
    file = f"{bundle.path}/findings.csv"
    rows = list(bundle.rows("findings.csv", COUNTED))
    if any(one[:4] >= two[:4] for one, two in pairwise(rows)):
        raise Mismatch("the boxes are not ascending, or one comes twice", file)
    found = {
        (row[0], (row[1], row[2], row[3])): [integer(text, "votes", file) for text in row[4:]]
        for row in rows
    }
    forms = read_returns(reads["returns"])
    boxes = boxes_of(forms)
    own = [two for two in zip(forms, boxes, strict=True) if two[1].question in chosen["questions"]]
    needed = {(box.question, box.place) for _, box in own if box.votes[3]}
    if not needed <= set(found) <= {(box.question, box.place) for _, box in own}:
        raise Mismatch("not every box was counted, or others were", file)
    votes = [found.get((box.question, box.place), [0, 0, 0]) for _, box in own]
    check_one_total(
        reads, [(box.place, sum(n)) for (_, box), n in zip(own, votes, strict=True)], file
    )
    counted = [(*numbers, sum(numbers)) for numbers in votes]
    by_hand = [
        replace(form, numbers={**form.numbers, **dict(zip(VOTES, numbers, strict=True))})
        for (form, _), numbers in zip(own, counted, strict=True)
    ]
    told = {
        question: _outcomes(question, forms, by_hand, reads) for question in chosen["questions"]
    }
    differ = {
        box.place for (_, box), numbers in zip(own, counted, strict=True) if box.votes != numbers
    }
    places = {place for _, place in found}
    same = all(one["carried"] == one["reported"] for one in told.values())
    confirmed = same and is_whole(reads["audit_plan"])
    facts = {"counted": len(places), "differ": len(differ), "confirmed": confirmed}
    document = bundle.document("audit_full_count.json")
    compare(document, {**facts, "questions": told}, f"{bundle.path}/audit_full_count.json")
    compare(act["facts"], facts, "")
    word = "the reported one" if same else "another one"
    less = "" if confirmed or not same else ", of what is counted: not confirmed"
    return f"{len(places):,} boxes counted by hand: the outcome is {word}{less}"


def _outcomes(
    question: str, forms: list[Return], by_hand: list[Return], reads: Bundles
) -> dict[str, Any]:
    counted = _vote(question, by_hand, reads)
    yes, no, _, informal, total = counted.whole
    votes = {"yes": yes, "no": no, "informal": informal, "total": total}
    reported = _carried(_vote(question, forms, reads), reads)
    return {**votes, "carried": _carried(counted, reads), "reported": reported}


def _check_choice(
    parameters: dict[str, Any], forms: list[Return], boxes: list[Box], reads: Bundles
) -> None:
    """See that the method, its limit and its strata can be, and that records are there for it."""
    method, questions = parameters.get("method"), parameters.get("questions")
    if method not in METHODS or not 0 < law.exact(parameters.get("risk_limit")) < HALF:
        raise Mismatch("the method or the risk limit is not known")
    asked = {form.key[0] for form in forms}
    if not questions or questions != sorted(set(questions)) or not set(questions) <= asked:
        raise Mismatch("the questions are not those of the returns")
    strata = parameters.get("strata", [])
    kinds = sorted(kind for stratum in strata for kind in stratum)
    present = sorted({box.kind for box in boxes if box.question in questions})
    wrong = len(strata) != 2 or kinds != present or not all(strata)
    if (method == "stratified") != bool(strata) or (strata and wrong):
        raise Mismatch("the strata are not the kinds of vote, in two parts")
    if ("error_rates" in parameters) != ("audit_cards" in reads):
        raise Mismatch("error rates are given without records, or records read without them")
    if "error_rates" in parameters:
        half, whole = (law.exact(rate) for rate in parameters["error_rates"])
        if (
            min(half, whole) < 0
            or half + whole >= 1
            or method in {"ballot_polling", "batch_comparison"}
        ):
            raise Mismatch("the error rates are none, or are of no use to the method")
    if method in {"card_comparison", "stratified"}:
        _check_records(strata or [present], [b for b in boxes if b.question in questions], reads)


def _check_result(parameters: dict[str, Any], result: dict[str, Any]) -> None:
    """See that there is an outcome to audit, and that the plan says where returns are to come."""
    carried = {one["question"]: one["carried"] for one in result["questions"]}
    unknown = [name for name in parameters["questions"] if carried.get(name) is None]
    if unknown:
        raise Mismatch(f"whether {', '.join(unknown)} is carried is not known, and it is audited")
    lost = [one for one in result["questions"] if one["exclusion"] == "excluded"]
    beside = {name for one in lost for name in (one["question"], one["prevails"])}
    if beside & set(parameters["questions"]):
        raise Mismatch("a question that another excludes is not decided by its own votes alone")
    waiting = bool(result["provisional"] or result["missing"] or result["late"])
    if parameters.get("provisional", False) is not waiting:
        raise Mismatch("returns are to come, and the plan does not say so, or the other way round")


def _check_records(strata: list[list[str]], boxes: list[Box], reads: Bundles) -> None:
    recorded = recorded_boxes(reads)
    for kinds in strata:
        has = {
            (box.question, box.place) in recorded
            for box in boxes
            if box.kind in kinds and box.votes[3]
        }
        if len(has) > 1 or (len(strata) == 1 and has != {True}):
            raise Mismatch("the method needs records that are not there")


def recorded_boxes(reads: Bundles) -> set[tuple[str, Place]]:
    """Give question and box of the cards that have records."""
    if "audit_cards" not in reads:
        return set()
    rows = reads["audit_cards"].rows("cards.csv", RECORDS)
    return {(row[0], (row[1], row[2], row[3])) for row in rows}


def _samples(
    parameters: dict[str, Any], claims: list[Claim], boxes: list[Box], reads: Bundles
) -> list[Sample]:
    several = len({one.question for one in claims}) > 1
    common = reads["returns"].manifest["parameters"]["common_ballot"]
    together = parameters["method"] == "batch_comparison" and common
    found = []
    for scope in sorted({one.scope for one in claims}):
        asked = sorted({one.question for one in claims if one.scope == scope})
        for stratum in parameters.get("strata", [[]]):
            found += [
                Sample(one, one if several and not together else (), scope, tuple(stratum))
                for one in ([tuple(asked)] if together else [(name,) for name in asked])
            ]
    return [one for one in found if any(box.votes[3] for box in one.of(boxes))]


def _of_question(
    question: str, forms: list[Return], reads: Bundles, prove: object
) -> tuple[bool, Part]:
    """Give whether a question was carried, and what its outcome needs."""
    statute, vote = reads["statute"], _vote(question, forms, reads)
    if any(name not in vote.regions for name in law.optional(statute, "vote", "regions") or []):
        raise Mismatch("a region that counts has no returns, and the audit was planned")
    conditions = conditions_of(statute, vote.whole, vote.listed, vote.regions)
    return all(one["met"] for one in conditions), _parts(statute, conditions, vote, prove)


def _vote(question: str, forms: list[Return], reads: Bundles) -> Vote:
    """Add up the forms of a question."""
    electors = electors_of(reads["returns"], question)
    rows = [row_of(form) for form in forms if form.key[0] == question]
    listed = sum(electors.values()) if electors else None
    whole = summed(tally for _, _, tally in rows)
    return Vote(question, whole, listed, regions_of(rows, electors))


def _carried(vote: Vote, reads: Bundles) -> bool:
    conditions = conditions_of(reads["statute"], vote.whole, vote.listed, vote.regions)
    return all(one["met"] for one in conditions)


def _parts(statute: Bundle, conditions: list[dict[str, Any]], vote: Vote, prove: object) -> Part:
    carried = all(one["met"] for one in conditions)
    wanted = [one for one in conditions if one["met"] == carried and prove in {None, one["name"]}]
    if not wanted or (carried and prove is not None):
        raise Mismatch("the plan shows a condition that did not fail")
    parts = [_part(statute, one, vote) for one in wanted]
    return _joined(parts) if carried else min(parts, key=lambda part: part.cost)


def _joined(parts: list[Part]) -> Part:
    return Part(
        [one for part in parts for one in part.claims],
        sum(part.settled for part in parts),
        any(part.full for part in parts),
    )


class Scope(NamedTuple):
    """What a claim is about: a condition of a question, the whole or a region, and its result."""

    question: str
    condition: str
    name: str
    tally: Tally
    listed: int | None
    met: bool


def _part(statute: Bundle, condition: dict[str, Any], vote: Vote) -> Part:
    name, met = condition["name"], condition["met"]
    if name == "regional_majority":
        return _regional(statute, condition, vote)
    scope = Scope(vote.question, name, WHOLE, vote.whole, vote.listed, met)
    if name == "majority":
        return _majority(statute, scope)
    return _of_electors(law.value(statute, "vote", name), scope)


def _share(text: object) -> Fraction:
    return law.exact(str(text).split()[-1])


def _majority(statute: Bundle, scope: Scope) -> Part:
    of, majority = law.value(statute, "vote", "majority_of"), law.value(statute, "vote", "majority")
    if of == "electors":
        return _of_electors(majority, scope)
    share = _share(majority)
    worth = 1 / (2 * (share if scope.met else 1 - share))
    marks = _marks(worth, HALF, scope.met) if of == "formal" else _cast(worth, scope.met)
    return _claimed(scope, marks, str(majority))


def _marks(worth: Fraction, blank: Fraction, met: bool) -> tuple[Fraction, ...]:
    nothing = Fraction(0)
    return (worth, nothing, blank, nothing) if met else (nothing, worth, blank, nothing)


def _cast(worth: Fraction, met: bool) -> tuple[Fraction, ...]:
    return _marks(worth, Fraction(0) if met else worth, met)


def _of_electors(majority: object, scope: Scope) -> Part:
    if scope.listed is None:
        raise Mismatch("the rule needs the number of electors, which is not given")
    if scope.tally[4] == 0:
        return Part([], full=True)
    turnout = scope.condition == "turnout"
    part = _share(majority) * scope.listed / scope.tally[4]
    if not scope.met and (turnout or part >= 1):
        return Part([], settled=1)
    if part >= 1:
        return Part([], full=True)
    worth = 1 / (2 * (part if scope.met else 1 - part))
    marks = (worth, worth, worth, Fraction(0)) if turnout else _cast(worth, scope.met)
    return _claimed(scope, marks, str(majority), Fraction(0) if scope.met else worth)


def _claimed(
    scope: Scope, worth: tuple[Fraction, ...], share: str, beyond: Fraction = HALF
) -> Part:
    cards = scope.tally[4]
    if cards == 0:
        return Part([], full=True)
    named = (scope.question, scope.condition, scope.name, scope.met)
    exact = ("at least" in share) is scope.met
    claim = Claim(*named, worth, cards, Fraction(0), beyond, exact)
    mean = claim.total(scope.tally[0], scope.tally[1], scope.tally[3]) / cards
    return Part([claim._replace(mean=mean)]) if mean > HALF else Part([], full=True)


def _regional(statute: Bundle, condition: dict[str, Any], vote: Vote) -> Part:
    met, need, regions = condition["met"], Fraction(condition["need"]), vote.regions
    halves = law.optional(statute, "vote", "half_regions") or []
    names = law.value(statute, "vote", "regions")
    weight = {name: Fraction(1, 2) if name in halves else Fraction(1) for name in names}
    enough = need
    shown = Fraction(0)
    if not met:
        unit = Fraction(1, 2) if halves else Fraction(1)
        enough = sum(weight.values(), Fraction(0)) - need + unit
        shown = sum((weight[name] for name in names if name not in regions), Fraction(0))
    parts = [
        (part.cost, name, part)
        for name in names
        if name in regions and carried_by(statute, *regions[name]) == met
        for part in [
            _majority(statute, Scope(vote.question, "regional_majority", name, *regions[name], met))
        ]
    ]
    taken = []
    for _, name, part in sorted(parts, key=lambda one: one[:2]):
        if shown < enough:
            taken.append(part)
            shown += weight[name]
    return _joined(taken)


def read_claims(plan: Bundle) -> list[Claim]:
    """Read the claims of a plan, in its order."""
    return [
        Claim(
            one["question"],
            one["condition"],
            one["scope"],
            one["reached"],
            tuple(Fraction(one[mark]) for mark in MARKS),
            one["cards"],
            Fraction(one["mean"]),
            Fraction(one["beyond"]),
            one["equality"],
        )
        for one in plan.document("audit_plan.json")["assertions"]
    ]


def check_people(act: Act) -> None:
    """See that those who looked, if they are named, are two."""
    names = act["parameters"].get("people", ["1", "2"])
    if len({name.casefold().strip() for name in names}) != 2:
        raise Mismatch("those who looked are one person")


def check_one_total(reads: Bundles, found: Iterable[tuple[Place, int]], file: str) -> None:
    """See that each box of a common ballot has one number of ballots, whatever the question."""
    if not reads["returns"].manifest["parameters"]["common_ballot"]:
        return
    totals: dict[Place, int] = {}
    for place, total in found:
        if totals.setdefault(place, total) != total:
            raise Mismatch(f"{place[2]} has not as many ballots for each question", file)


def refuse_full_count(plan: Bundle) -> None:
    """Refuse to confirm by a sample what the plan says that only a full count can show."""
    full = plan.document("audit_plan.json")["full_count"]
    if full:
        raise Mismatch(f"only a full count can show {', '.join(full)}, and no sample")


def is_whole(plan: Bundle) -> bool:
    """Whether nothing is left uncounted that could turn what was found on the paper."""
    left = plan.document("audit_plan.json")["uncounted"]
    return "provisional" not in plan.manifest["parameters"] and set(left.values()) <= {0}


def read_samples(plan: Bundle) -> list[Sample]:
    """Read the samples of a plan, in its order."""
    return [
        Sample(tuple(one["questions"]), tuple(one["named"]), one["scope"], tuple(one["stratum"]))
        for one in plan.document("audit_plan.json")["samples"]
    ]


def boxes_of(forms: list[Return]) -> list[Box]:
    """Give the boxes, in the order of the returns."""
    several = len({form.key[1] for form in forms}) > 1
    boxes = []
    for form in forms:
        question, kind, region, district, place = form.key
        named = f"{place} ({kind})" if several else place
        yes, no, informal, total = (form.numbers[name] or 0 for name in VOTES)
        boxes.append(Box(question, kind, (region, district, named), (yes, no, informal, total)))
    return boxes
