"""The risk of an audit, worked out again from its findings."""

from collections import Counter
from fractions import Fraction
from math import lcm, sqrt
from typing import Any, NamedTuple

from referendum.verify import law
from referendum.verify.audit_claims import (
    COUNTED,
    HALF,
    MARKS,
    RECORDS,
    Box,
    Bundles,
    Claim,
    Place,
    Sample,
    boxes_of,
    check_one_total,
    is_whole,
    read_claims,
    read_samples,
    refuse_full_count,
)
from referendum.verify.bundles import Bundle
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.petition import compare
from referendum.verify.report import Mismatch
from referendum.verify.returns import read_returns

DRAWS = ("round", "sample", "draw", "region", "district", "place", "card")
CARDS = ("question", "region", "district", "place", "card", "mark")
BANDS = 200
MOST = 63 / 64

Case = tuple[float, Fraction]


class Seen(NamedTuple):
    """A card that was drawn: its box, what its record says (or nothing), and what it shows.

    `beyond` is the number of ballots that its box holds beyond its cards, for each of these.
    """

    place: Place
    read: str
    mark: str
    beyond: Fraction

    def worth(self, claim: Claim) -> Fraction:
        """Give its worth, less its part of what its box holds beyond its return."""
        return claim.worth[MARKS.index(self.mark)] - claim.beyond * self.beyond


class Evidence(NamedTuple):
    """What a risk follows from: the plan's choices and claims, boxes, draws and findings."""

    chosen: dict[str, Any]
    claims: list[Claim]
    samples: list[Sample]
    boxes: list[Box]
    draws: list[list[str]]
    findings: dict[tuple[str, ...], list[str]]
    records: dict[tuple[str, ...], str]
    recorded: set[tuple[str, ...]]

    def about(self, sample: Sample) -> list[Claim]:
        """Give the claims that a sample answers for."""
        own = [one for one in self.claims if one.question in sample.questions]
        return [one for one in own if one.scope == sample.scope]

    def seen(self, sample: Sample) -> list[Seen]:
        """Give the cards of a sample, in the order of the draws."""
        cards = [(sample.questions[0], *row[3:]) for row in self.draws if row[1] == sample.name]
        beyond = {box.place: Fraction(self.extra[(box.question, *box.place)], box.votes[3])
                  for box in sample.of(self.boxes) if box.votes[3]}  # fmt: skip
        found = []
        for key in cards:
            place, read = (key[1], key[2], key[3]), self.records.get(key, "")
            found.append(Seen(place, read, self.findings[key][0], beyond[place]))
        return found

    @property
    def extra(self) -> Counter[tuple[str, ...]]:
        """Count the ballots of each box beyond its cards."""
        return Counter(key[:4] for key, shown in self.findings.items() if shown == ["extra"])


def check_risk(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the risk from the findings, in the order of the draws."""
    evidence, risk = _evidence(reads), writes["audit_risk"]
    with_records = "error_rates" in evidence.chosen
    compare(act["parameters"], {"records": True} if with_records else {}, "")
    if with_records != ("audit_cards" in reads):
        raise Mismatch("records are read that the plan does not have, or not read that it has")
    refuse_full_count(reads["audit_plan"])
    limit = Fraction(evidence.chosen["risk_limit"])
    told = [
        {
            "question": claim.question,
            "condition": claim.condition,
            "scope": claim.scope,
            "risk": _printed(_risk(evidence, claim)),
        }
        for claim in evidence.claims
    ]
    highest = max((one["risk"] for one in told), key=Fraction)
    number = reads["audit_draw"].manifest["parameters"]["round"]
    confirmed = Fraction(highest) <= limit and is_whole(reads["audit_plan"])
    facts = {"round": number, "risk": highest, "confirmed": confirmed}
    expected = {**facts, "risk_limit": str(limit), "assertions": told}
    compare(risk.document("audit_risk.json"), expected, f"{risk.path}/audit_risk.json")
    compare(act["facts"], facts, "")
    word = "confirmed" if facts["confirmed"] else "not confirmed yet"
    return f"risk {highest} after round {number}, limit {limit}: {word}"


def _evidence(reads: Bundles) -> Evidence:
    plan = reads["audit_plan"]
    chosen = plan.manifest["parameters"]
    counted = counts_boxes(plan)
    columns, width = (COUNTED, 4) if counted else (CARDS, 5)
    rows = list(reads["audit_findings"].rows("findings.csv", columns))
    _check_whole(reads, rows, counted=counted)
    cards = reads.get("audit_cards")
    read = list(cards.rows("cards.csv", RECORDS)) if cards else []
    return Evidence(
        chosen,
        read_claims(plan),
        read_samples(plan),
        [
            box
            for box in boxes_of(read_returns(reads["returns"]))
            if box.question in chosen["questions"]
        ],
        list(reads["audit_draw"].rows("draws.csv", DRAWS)),
        {tuple(row[:width]): row[width:] for row in rows},
        {tuple(row[:5]): row[5] for row in read},
        {tuple(row[:4]) for row in read},
    )


def counts_boxes(plan: Bundle) -> bool:
    """Whether whole boxes are counted, and not single cards looked at."""
    return bool(plan.manifest["parameters"]["method"] == "batch_comparison")


def wanted_findings(reads: Bundles, width: int) -> set[tuple[str, ...]]:
    """Give what needs a finding: a drawn box needs one for each question it has returns of."""
    samples = {one.name: one for one in read_samples(reads["audit_plan"])}
    returned = {(box.question, *box.place) for box in boxes_of(read_returns(reads["returns"]))}
    return {
        (question, *row[3 : 2 + width])
        for row in reads["audit_draw"].rows("draws.csv", DRAWS)
        for question in samples[row[1]].questions
        if (question, *row[3:6]) in returned
    }


def boxes_opened(reads: Bundles, opened: set[tuple[str, ...]]) -> dict[tuple[object, ...], int]:
    """Give question and box of what may hold ballots beyond its cards, and how many these are.

    On a common ballot a box that was opened for one question is open for all.
    """
    boxes = boxes_of(read_returns(reads["returns"]))
    asked = reads["audit_plan"].manifest["parameters"]["questions"]
    if reads["returns"].manifest["parameters"]["common_ballot"]:
        places = {key[1:] for key in opened}
        own = [box for box in boxes if box.question in asked and box.place in places]
    else:
        own = [box for box in boxes if (box.question, *box.place) in opened]
    return {(box.question, *box.place): box.votes[3] for box in own}


def _check_whole(reads: Bundles, rows: list[list[str]], *, counted: bool) -> None:
    """See that all that was drawn has a finding, and ballots beyond the cards are numbered on."""
    file = f"{reads['audit_findings'].path}/findings.csv"
    width = 4 if counted else 5
    looked = {tuple(row[:width]) for row in rows if counted or row[5] != "extra"}
    if lacking := wanted_findings(reads, width) - looked:
        told = ", ".join(min(lacking))
        raise Mismatch(f"{len(lacking):,} that were drawn have no finding: {told}", file)
    if counted:
        totals = [((row[1], row[2], row[3]), sum(map(int, row[4:]))) for row in rows]
        check_one_total(reads, totals, file)
        return
    cards = boxes_opened(reads, {key[:4] for key in looked})
    extra: dict[tuple[object, ...], list[int]] = {box: [] for box in cards}
    for row in rows:
        if row[5] == "extra":
            extra[tuple(row[:4])].append(int(row[4]))
    for box, numbers in extra.items():
        if sorted(numbers) != list(range(cards[box] + 1, cards[box] + 1 + len(numbers))):
            raise Mismatch(f"ballots of {box[3]} are not the next after its cards", file)
    counts = [((str(box[1]), str(box[2]), str(box[3])), len(extra[box])) for box in extra]
    check_one_total(reads, counts, file)


def _risk(evidence: Evidence, claim: Claim) -> Fraction | float:
    """Measure a claim by the sample that answers for it, or by those of its strata."""
    samples = [one for one in evidence.samples if claim in evidence.about(one)]
    method = evidence.chosen["method"]
    if method == "batch_comparison":
        return _box_risk(evidence, claim, samples[0])
    seen = [card for one in samples for card in evidence.seen(one)]
    if len(seen) == claim.cards:
        shown = sum((card.worth(claim) for card in seen), Fraction(0))
        marks = Counter(card.mark for card in seen)
        found = tuple(marks[mark] for mark in MARKS[:3])
        return _settled(claim, shown - claim.cards * HALF, found)
    if method == "stratified":
        return _strata_risk([_stratum(evidence, claim, one) for one in samples])
    (sample,) = samples
    if method == "ballot_polling":
        return _card_risk(claim, seen)
    return _compared_risk(evidence, claim, sample)


def _settled(claim: Claim, beside: Fraction, found: tuple[int, ...]) -> Fraction:
    """Give the risk where all cards were seen: what they are worth beside N/2, and the votes."""
    shown = beside > 0
    if beside == 0:
        votes = zip(claim.worth, found, strict=False)
        voted = any(worth > HALF and number for worth, number in votes)
        shown = claim.equality if voted else not claim.reached
    return Fraction(0 if shown else 1)


def _printed(risk: Fraction | float) -> str:
    exact = Fraction(risk) * 10**9
    whole = -(-exact.numerator // exact.denominator)
    return f"{whole // 10**9}.{whole % 10**9:09}"


def bounds_of(sample: Sample, boxes: list[Box], claims: list[Claim]) -> dict[Place, Fraction]:
    """Give the bound of each box of a sample: the largest over the claims about its cards."""
    bounds: dict[Place, Fraction] = {}
    for box in sample.of(boxes):
        for one in claims:
            if one.question == box.question and one.scope == sample.scope:
                bound = one.total(*box.votes[:3]) / (one.cards * (one.mean - HALF))
                bounds[box.place] = max(bound, bounds.get(box.place, bound))
    return bounds


def _box_risk(evidence: Evidence, claim: Claim, sample: Sample) -> Fraction:
    """Give Π (1 - 1/U)/(1 - taint) at its smallest; 0 or 1 where all boxes were counted."""
    claims, boxes = evidence.about(sample), sample.of(evidence.boxes)
    bounds = bounds_of(sample, boxes, claims)
    drawn = [(row[3], row[4], row[5]) for row in evidence.draws if row[1] == sample.name]
    found = [box for box in boxes if box.place in set(drawn)]
    if {place for place, bound in bounds.items() if bound} <= set(drawn):
        own = [box for box in found if box.question == claim.question]
        errors = sum((_error(evidence, box, claim) for box in own), Fraction(0))
        columns = zip(*(_by_hand(evidence, box) for box in own), strict=True)
        return _settled(claim, 1 - errors, tuple(map(sum, columns)))
    over: dict[Place, Fraction] = {}
    for box in found:
        for one in claims:
            if one.question == box.question:
                error = _error(evidence, box, one)
                over[box.place] = max(error, over.get(box.place, error))
    taints = {place: over[place] / bounds[place] for place in over}
    if any(taint > 1 for taint in taints.values()):
        return Fraction(1)
    step = 1 - 1 / sum(bounds.values(), Fraction(0))
    p = least = Fraction(1)
    for place in drawn:
        if taints[place] == 1:
            break
        p *= step / (1 - max(Fraction(0), taints[place]))
        least = min(least, p)
    return least


def _by_hand(evidence: Evidence, box: Box) -> list[int]:
    key = (box.question, *box.place)
    return [integer(text, "votes", "findings.csv") for text in evidence.findings[key]]


def _error(evidence: Evidence, box: Box, claim: Claim) -> Fraction:
    """Give how much of the claim's margin a box overstated, ballots beyond its return with it."""
    found = _by_hand(evidence, box)
    beyond = claim.beyond * max(0, sum(found) - box.votes[3])
    lost = claim.total(*box.votes[:3]) - claim.total(*found) + beyond
    return lost / (claim.cards * (claim.mean - HALF))


def _below(claim: Claim) -> Fraction:
    """Give 2 u - v, by which a compared worth is divided."""
    return 2 * max(claim.worth) - (2 * claim.mean - 1)


def _b(claim: Claim, reported: Fraction, worth: Fraction) -> Fraction:
    """Give B, what a card is worth beside what was reported of it."""
    return (max(claim.worth) - reported + worth) / _below(claim)


def _told(claim: Claim, card: Seen, mean: Fraction) -> Fraction:
    """Give what was reported of a card: by its record, which may be missing, or by its box."""
    if card.read == "missing":
        return max(claim.worth)
    return claim.worth[MARKS.index(card.read)] if card.read else mean


def _mean(claim: Claim, votes: tuple[int, ...]) -> Fraction:
    return claim.total(votes[0], votes[1], votes[2]) / votes[3] if votes[3] else Fraction(0)


def _pool_cases(claim: Claim, votes: tuple[int, ...]) -> list[Case]:
    """Give how many cards of a box without records have which B, if its return is right."""
    shown = (("yes", votes[0]), ("no", votes[1]), ("blank", votes[3] - votes[0] - votes[1]))
    mean = _mean(claim, votes)
    return [(float(n), _b(claim, mean, claim.worth[MARKS.index(mark)])) for mark, n in shown if n]


def _record_cases(evidence: Evidence, claim: Claim, cards: int) -> list[Case]:
    """Give how many cards with records have which B, at the error rates of the plan."""
    if not cards:
        return []
    half, whole = (law.exact(rate) for rate in evidence.chosen["error_rates"])
    upper = max(claim.worth)
    shares = ((1 - half - whole, upper), (half, upper / 2), (whole, Fraction(0)))
    return [(float(cards * n), worth / _below(claim)) for n, worth in shares if n]


def _kelly(cases: list[Case], null: float) -> float:
    """Halve towards the stake at which what was reported makes the wealth grow fastest."""
    apart = [(n, float(b) - null) for n, b in cases]

    def slope(bet: float) -> float:
        total = 0.0
        for cards, away in apart:
            total += cards * away / (1 + bet * away)
        return total

    low, high = 0.0, MOST / null
    if slope(0.0) <= 0:
        return low
    for _ in range(40):
        half = (low + high) / 2
        if slope(half) > 0:
            low = half
        else:
            high = half
    return low


def _pools(evidence: Evidence, sample: Sample) -> list[Box]:
    own = (box for box in sample.of(evidence.boxes) if box.votes[3])
    return [box for box in own if (box.question, *box.place) not in evidence.recorded]


def _recorded_cards(evidence: Evidence, sample: Sample, pools: list[Box]) -> int:
    own = sum(box.votes[3] for box in sample.of(evidence.boxes))
    return own - sum(box.votes[3] for box in pools)


def _compared_risk(evidence: Evidence, claim: Claim, sample: Sample) -> float:
    """Give the smallest p-value along cards compared with their record or the mean of their box."""
    pools = _pools(evidence, sample)
    means = {box.place: _mean(claim, box.votes) for box in pools}
    cases = [case for box in pools for case in _pool_cases(claim, box.votes)]
    cases += _record_cases(evidence, claim, _recorded_cards(evidence, sample, pools))
    bet, other = _kelly(cases, 0.5), 0.5 if pools else 0.0
    one = 1 - other
    total, best = 0.0, 1.0
    for j, card in enumerate(evidence.seen(sample)):
        told = _told(claim, card, means.get(card.place, Fraction(0)))
        x = float(_b(claim, told, card.worth(claim)))
        m = (claim.cards / 2 - total) / (claim.cards - j)
        if m > 0:
            up, less = 1 + min(bet, 1 / m) * (x - m), 1 + min(bet / 2, 1 / m) * (x - m)
            if up < 0 or less < 0:
                return 1.0
            one, other = one * up, other * less
            best = max(best, one + other)
        if best >= 1e9:
            break
        total += x
    return 1 / best


class Stratum(NamedTuple):
    """A stratum: its cards, the largest B, what was reported, and B of the cards drawn."""

    cards: int
    upper: float
    cases: list[Case]
    x: list[float]
    below: float

    def evidence(self, null: float) -> float:
        """Give the martingale against a mean of the stratum, at the end."""
        if not 0 < null < self.upper:
            return 1.0
        bet = _kelly(self.cases, null)
        wealth, total = 1.0, 0.0
        for j, x in enumerate(self.x if bet else []):
            m = (self.cards * null - total) / (self.cards - j)
            if m > 0:
                factor = 1 + min(bet, 1 / m) * (x - m)
                if factor < 0:
                    return 0.0
                wealth *= factor
            total += x
        return wealth


def _stratum(evidence: Evidence, claim: Claim, sample: Sample) -> Stratum:
    pools = _pools(evidence, sample)
    votes = tuple(sum(box.votes[k] for box in pools) for k in range(4))
    mean = _mean(claim, votes)
    cases = _pool_cases(claim, votes) if pools else []
    cases += _record_cases(evidence, claim, _recorded_cards(evidence, sample, pools))
    x = [
        float(_b(claim, _told(claim, card, mean), card.worth(claim)))
        for card in evidence.seen(sample)
    ]
    own = sample.of(evidence.boxes)
    cards = sum(box.votes[3] for box in own)
    extra = sum(evidence.extra[(box.question, *box.place)] for box in own)
    top = float((2 * max(claim.worth) - mean) / _below(claim))
    return Stratum(cards, top, cases, x, float(claim.beyond * extra / (cards * _below(claim))))


def _strata_risk(strata: list[Stratum]) -> float:
    """Give 1 ÷ the least product of evidence over the bands of the first stratum's mean."""
    if len(strata) == 1:
        least = strata[0].evidence(0.5)
    else:
        first, second = strata
        total = first.cards + second.cards
        share, rest = first.cards / total, second.cards / total
        low = max(-first.below, (0.5 - rest * second.upper) / share)
        width = (min(first.upper, (0.5 + rest * second.below) / share) - low) / BANDS
        least = min(
            first.evidence(low + (band + 1) * width)
            * second.evidence((0.5 - share * (low + band * width)) / rest)
            for band in range(BANDS)
        )
    return min(1.0, 1 / least) if least > 0 else 1.0


def _card_risk(claim: Claim, seen: list[Seen]) -> float:
    """Give the smallest p-value along the cards: half an SPRT, half ALPHA with d = 100."""
    shown = [card.worth(claim) for card in seen]
    unit = lcm(*(worth.denominator for worth in (*claim.worth, *shown)))
    upper = int(max(claim.worth) * unit) / unit
    p, q = claim.mean.numerator, claim.mean.denominator
    c, beyond = (float(claim.mean) - 0.5) / 2, any(card.beyond for card in seen)
    total, sprt, alpha, best = 0, 0.5, 0.5, 1.0
    for j, worth in enumerate(shown):
        room, left = claim.cards * unit - 2 * total, claim.cards - j
        if room < 0 and not beyond:
            return 0.0
        if room > 0:
            x, m = int(worth * unit) / unit, room / (2 * unit * left)
            hoped = (claim.cards * p * unit - q * total) / (q * unit * left)
            guess = (100 * p * unit + q * total) / (q * unit * (100 + j))
            guess = max(guess, m + c / sqrt(100 + j))
            one = _factor(x, m, min(max(hoped, 0.0), upper), upper)
            two = _factor(x, m, min(guess, upper), upper)
            if one < 0 or two < 0:
                return 1.0
            sprt, alpha = sprt * one, alpha * two
            best = max(best, sprt + alpha)
        if best >= 1e9:
            break
        total += int(worth * unit)
    return 0.0 if not beyond and claim.cards * unit < 2 * total else 1 / best


def _factor(x: float, m: float, guess: float, upper: float) -> float:
    if m >= upper:
        return 0.0
    return (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
