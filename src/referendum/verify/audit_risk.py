"""The risk of an audit, worked out again from its findings."""

from collections import Counter
from fractions import Fraction
from math import lcm, sqrt
from typing import Any, NamedTuple

from referendum.verify import law
from referendum.verify.audit_assertions import HALF, MARKS, Assertion, read_assertions
from referendum.verify.audit_findings import FINDING_COLUMNS, counts_boxes, require_all_findings
from referendum.verify.audit_plan import is_count_complete, refuse_full_count
from referendum.verify.audit_samples import (
    CARD_RECORD_COLUMNS,
    DRAW_COLUMNS,
    HAND_COUNT_COLUMNS,
    Box,
    Place,
    Sample,
    boxes_of_returns,
    read_samples,
)
from referendum.verify.bundles import Bundles
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.least_product import least_product
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch
from referendum.verify.returns import read_returns

BANDS = 200
LARGEST_STAKE = 63 / 64

CountedValue = tuple[float, Fraction]


class ManualRecord(NamedTuple):
    """A card that was drawn and looked at.

    Attributes:
        place: its box.
        recorded: the mark that its cast vote record has; empty where there is no record.
        mark: what it shows.
        extra_per_card: ballots that its box holds beyond the cards returned, for each of these.
    """

    place: Place
    recorded: str
    mark: str
    extra_per_card: Fraction

    def value_for(self, assertion: Assertion) -> Fraction:
        """Give its value, less its part of the extra ballots of its box."""
        return assertion.values[MARKS.index(self.mark)] - assertion.extra * self.extra_per_card


class AuditEvidence(NamedTuple):
    """What a risk follows from: the plan's parameters and assertions, boxes, draws and findings."""

    parameters: dict[str, Any]
    assertions: list[Assertion]
    samples: list[Sample]
    boxes: list[Box]
    draws: list[list[str]]
    findings: dict[tuple[str, ...], list[str]]
    records: dict[tuple[str, ...], str]
    recorded_boxes: set[tuple[str, ...]]

    def assertions_of(self, sample: Sample) -> list[Assertion]:
        """Give the assertions that a sample answers for."""
        own = [one for one in self.assertions if one.question in sample.questions]
        return [one for one in own if one.scope == sample.scope]

    def manual_records(self, sample: Sample) -> list[ManualRecord]:
        """Give the cards of a sample, in the order of the draws."""
        cards = [(sample.questions[0], *row[3:]) for row in self.draws if row[1] == sample.name]
        extras = self.extra_ballots()
        extra = {box.place: Fraction(extras[(box.question, *box.place)], box.votes[3])
                  for box in sample.boxes_among(self.boxes) if box.votes[3]}  # fmt: skip
        found = []
        for key in cards:
            place, read = (key[1], key[2], key[3]), self.records.get(key, "")
            found.append(ManualRecord(place, read, self.findings[key][0], extra[place]))
        return found

    def extra_ballots(self) -> Counter[tuple[str, ...]]:
        """Count the ballots of each box beyond its cards."""
        return Counter(key[:4] for key, shown in self.findings.items() if shown == ["extra"])


def check_risk(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the risk from the findings, in the order of the draws."""
    evidence, risk = _evidence(reads), writes["audit_risk"]
    with_records = "error_rates" in evidence.parameters
    require_equal(act["parameters"], {"records": True} if with_records else {}, "")
    if with_records != ("audit_cards" in reads):
        raise Mismatch("records are read that the plan does not have, or not read that it has")
    refuse_full_count(reads["audit_plan"])
    limit = Fraction(evidence.parameters["risk_limit"])
    risks = [
        {
            "question": assertion.question,
            "condition": assertion.condition,
            "scope": assertion.scope,
            "risk": _risk_text(_risk(evidence, assertion)),
        }
        for assertion in evidence.assertions
    ]
    highest = max((one["risk"] for one in risks), key=Fraction)
    number = reads["audit_draw"].manifest["parameters"]["round"]
    confirmed = Fraction(highest) <= limit and is_count_complete(reads["audit_plan"])
    facts = {"round": number, "risk": highest, "confirmed": confirmed}
    expected = {**facts, "risk_limit": str(limit), "assertions": risks}
    require_equal(risk.document("audit_risk.json"), expected, f"{risk.path}/audit_risk.json")
    require_equal(act["facts"], facts, "")
    word = "confirmed" if facts["confirmed"] else "not confirmed yet"
    return f"risk {highest} after round {number}, limit {limit}: {word}"


def _evidence(reads: Bundles) -> AuditEvidence:
    plan = reads["audit_plan"]
    parameters = plan.manifest["parameters"]
    counted = counts_boxes(plan)
    columns, width = (HAND_COUNT_COLUMNS, 4) if counted else (FINDING_COLUMNS, 5)
    rows = list(reads["audit_findings"].rows("findings.csv", columns))
    require_all_findings(reads, rows, counted=counted)
    cards = reads.get("audit_cards")
    read = list(cards.rows("cards.csv", CARD_RECORD_COLUMNS)) if cards else []
    return AuditEvidence(
        parameters,
        read_assertions(plan),
        read_samples(plan),
        [
            box
            for box in boxes_of_returns(read_returns(reads["returns"]))
            if box.question in parameters["questions"]
        ],
        list(reads["audit_draw"].rows("draws.csv", DRAW_COLUMNS)),
        {tuple(row[:width]): row[width:] for row in rows},
        {tuple(row[:5]): row[5] for row in read},
        {tuple(row[:4]) for row in read},
    )


def _risk(evidence: AuditEvidence, assertion: Assertion) -> Fraction | float:
    """Measure an assertion by the sample that answers for it, or by those of its strata."""
    samples = [one for one in evidence.samples if assertion in evidence.assertions_of(one)]
    method = evidence.parameters["method"]
    if method == "batch_comparison":
        return _batch_risk(evidence, assertion, samples[0])
    records = [card for one in samples for card in evidence.manual_records(one)]
    if len(records) == assertion.cards:
        shown = sum((card.value_for(assertion) for card in records), Fraction(0))
        marks = Counter(card.mark for card in records)
        found = tuple(marks[mark] for mark in MARKS[:3])
        return _risk_of_full_sample(assertion, shown - assertion.cards * HALF, found)
    if method == "stratified":
        return _strata_risk([_stratum(evidence, assertion, one) for one in samples])
    (sample,) = samples
    if method == "ballot_polling":
        return _polling_risk(assertion, records)
    return _comparison_risk(evidence, assertion, sample)


def _risk_of_full_sample(
    assertion: Assertion, excess: Fraction, found: tuple[int, ...]
) -> Fraction:
    """Give the risk where all cards were looked at: their sum less N/2, and the votes found."""
    shown = excess > 0
    if excess == 0:
        votes = zip(assertion.values, found, strict=False)
        voted = any(value > HALF and number for value, number in votes)
        shown = assertion.equality if voted else not assertion.reached
    return Fraction(0 if shown else 1)


def _risk_text(risk: Fraction | float) -> str:
    exact = Fraction(risk) * 10**9
    whole = -(-exact.numerator // exact.denominator)
    return f"{whole // 10**9}.{whole % 10**9:09}"


def error_bounds(
    sample: Sample, boxes: list[Box], assertions: list[Assertion]
) -> dict[Place, Fraction]:
    """Give the bound of each box of a sample: the largest over the assertions about its cards."""
    bounds: dict[Place, Fraction] = {}
    for box in sample.boxes_among(boxes):
        for one in assertions:
            if one.question == box.question and one.scope == sample.scope:
                bound = one.total(*box.votes[:3]) / (one.cards * (one.mean - HALF))
                bounds[box.place] = max(bound, bounds.get(box.place, bound))
    return bounds


def _batch_risk(evidence: AuditEvidence, assertion: Assertion, sample: Sample) -> Fraction:
    """Give Π (1 - 1/U)/(1 - taint) at its smallest; 0 or 1 where all boxes were counted."""
    assertions, boxes = evidence.assertions_of(sample), sample.boxes_among(evidence.boxes)
    bounds = error_bounds(sample, boxes, assertions)
    drawn = [(row[3], row[4], row[5]) for row in evidence.draws if row[1] == sample.name]
    found = [box for box in boxes if box.place in set(drawn)]
    if {place for place, bound in bounds.items() if bound} <= set(drawn):
        own = [box for box in found if box.question == assertion.question]
        errors = sum((_overstatement(evidence, box, assertion) for box in own), Fraction(0))
        columns = zip(*(_hand_count(evidence, box) for box in own), strict=True)
        return _risk_of_full_sample(assertion, 1 - errors, tuple(map(sum, columns)))
    over: dict[Place, Fraction] = {}
    for box in found:
        for one in assertions:
            if one.question == box.question:
                error = _overstatement(evidence, box, one)
                over[box.place] = max(error, over.get(box.place, error))
    taints = {place: over[place] / bounds[place] for place in over}
    if any(taint > 1 for taint in taints.values()):
        return Fraction(1)
    step = 1 - 1 / sum(bounds.values(), Fraction(0))
    whole = [place for place in drawn if taints[place] == 1]
    factors = {t: step / (1 - max(Fraction(0), t)) for t in set(taints.values()) if t != 1}
    before = drawn[: drawn.index(whole[0])] if whole else drawn
    return least_product([factors[taints[place]] for place in before])


def _hand_count(evidence: AuditEvidence, box: Box) -> list[int]:
    key = (box.question, *box.place)
    return [integer(text, "votes", "findings.csv") for text in evidence.findings[key]]


def _overstatement(evidence: AuditEvidence, box: Box, assertion: Assertion) -> Fraction:
    """Give how much of the assertion's margin a box overstates, with its extra ballots."""
    found = _hand_count(evidence, box)
    extra = assertion.extra * max(0, sum(found) - box.votes[3])
    lost = assertion.total(*box.votes[:3]) - assertion.total(*found) + extra
    return lost / (assertion.cards * (assertion.mean - HALF))


def _overstatement_divisor(assertion: Assertion) -> Fraction:
    """Give 2 u - v, by which the value of a compared card is divided."""
    return 2 * max(assertion.values) - (2 * assertion.mean - 1)


def _overstatement_value(assertion: Assertion, reported: Fraction, value: Fraction) -> Fraction:
    """Give B, the value of a card of which something was reported."""
    return (max(assertion.values) - reported + value) / _overstatement_divisor(assertion)


def _reported_value(assertion: Assertion, card: ManualRecord, mean: Fraction) -> Fraction:
    """Give what was reported of a card: by its record, which may be missing, or by its box."""
    if card.recorded == "missing":
        return max(assertion.values)
    return assertion.values[MARKS.index(card.recorded)] if card.recorded else mean


def _pool_mean(assertion: Assertion, votes: tuple[int, ...]) -> Fraction:
    return assertion.total(votes[0], votes[1], votes[2]) / votes[3] if votes[3] else Fraction(0)


def _pool_values(assertion: Assertion, votes: tuple[int, ...]) -> list[CountedValue]:
    """Give how many cards of a box without records have which B, if its return is right."""
    shown = (("yes", votes[0]), ("no", votes[1]), ("blank", votes[3] - votes[0] - votes[1]))
    mean = _pool_mean(assertion, votes)
    return [
        (float(n), _overstatement_value(assertion, mean, assertion.values[MARKS.index(mark)]))
        for mark, n in shown
        if n
    ]


def _record_values(evidence: AuditEvidence, assertion: Assertion, cards: int) -> list[CountedValue]:
    """Give how many cards with records have which B, at the error rates of the plan."""
    if not cards:
        return []
    half, whole = (law.exact(rate) for rate in evidence.parameters["error_rates"])
    upper = max(assertion.values)
    shares = ((1 - half - whole, upper), (half, upper / 2), (whole, Fraction(0)))
    return [
        (float(cards * n), value / _overstatement_divisor(assertion)) for n, value in shares if n
    ]


def _kelly_stake(counted_values: list[CountedValue], null: float) -> float:
    """Halve towards the stake at which what was reported makes the wealth grow fastest."""
    apart = [(n, float(b) - null) for n, b in counted_values]

    def slope(bet: float) -> float:
        total = 0.0
        for cards, away in apart:
            total += cards * away / (1 + bet * away)
        return total

    low, high = 0.0, LARGEST_STAKE / null
    if slope(0.0) <= 0:
        return low
    for _ in range(40):
        half = (low + high) / 2
        if slope(half) > 0:
            low = half
        else:
            high = half
    return low


def _pools(evidence: AuditEvidence, sample: Sample) -> list[Box]:
    own = (box for box in sample.boxes_among(evidence.boxes) if box.votes[3])
    return [box for box in own if (box.question, *box.place) not in evidence.recorded_boxes]


def _recorded_cards(evidence: AuditEvidence, sample: Sample, pools: list[Box]) -> int:
    own = sum(box.votes[3] for box in sample.boxes_among(evidence.boxes))
    return own - sum(box.votes[3] for box in pools)


def _comparison_risk(evidence: AuditEvidence, assertion: Assertion, sample: Sample) -> float:
    """Give the smallest p-value along cards compared with their record or the mean of their box."""
    pools = _pools(evidence, sample)
    means = {box.place: _pool_mean(assertion, box.votes) for box in pools}
    counted_values = [case for box in pools for case in _pool_values(assertion, box.votes)]
    counted_values += _record_values(evidence, assertion, _recorded_cards(evidence, sample, pools))
    bet, half_stake = _kelly_stake(counted_values, 0.5), 0.5 if pools else 0.0
    full_stake = 1 - half_stake
    total, best = 0.0, 1.0
    for j, card in enumerate(evidence.manual_records(sample)):
        reported = _reported_value(assertion, card, means.get(card.place, Fraction(0)))
        value = float(_overstatement_value(assertion, reported, card.value_for(assertion)))
        m = (assertion.cards / 2 - total) / (assertion.cards - j)
        if m > 0:
            up, less = 1 + min(bet, 1 / m) * (value - m), 1 + min(bet / 2, 1 / m) * (value - m)
            if up < 0 or less < 0:
                return 1.0
            full_stake, half_stake = full_stake * up, half_stake * less
            best = max(best, full_stake + half_stake)
        if best >= 1e9:
            break
        total += value
    return 1 / best


class Stratum(NamedTuple):
    """A stratum: its cards, the largest B, what was reported, and B of the cards drawn."""

    cards: int
    upper: float
    counted_values: list[CountedValue]
    values: list[float]
    below_zero: float

    def martingale(self, null: float) -> float:
        """Give the martingale against a mean of the stratum, at the end."""
        if not 0 < null < self.upper:
            return 1.0
        bet = _kelly_stake(self.counted_values, null)
        wealth, total = 1.0, 0.0
        for j, value in enumerate(self.values if bet else []):
            m = (self.cards * null - total) / (self.cards - j)
            if m > 0:
                factor = 1 + min(bet, 1 / m) * (value - m)
                if factor < 0:
                    return 0.0
                wealth *= factor
            total += value
        return wealth


def _stratum(evidence: AuditEvidence, assertion: Assertion, sample: Sample) -> Stratum:
    pools = _pools(evidence, sample)
    votes = tuple(sum(box.votes[k] for box in pools) for k in range(4))
    mean = _pool_mean(assertion, votes)
    counted_values = _pool_values(assertion, votes) if pools else []
    counted_values += _record_values(evidence, assertion, _recorded_cards(evidence, sample, pools))
    values = [
        float(
            _overstatement_value(
                assertion, _reported_value(assertion, card, mean), card.value_for(assertion)
            )
        )
        for card in evidence.manual_records(sample)
    ]
    own = sample.boxes_among(evidence.boxes)
    cards = sum(box.votes[3] for box in own)
    extras = evidence.extra_ballots()
    extra = sum(extras[(box.question, *box.place)] for box in own)
    top = float((2 * max(assertion.values) - mean) / _overstatement_divisor(assertion))
    return Stratum(
        cards,
        top,
        counted_values,
        values,
        float(assertion.extra * extra / (cards * _overstatement_divisor(assertion))),
    )


def _strata_risk(strata: list[Stratum]) -> float:
    """Give 1 ÷ the least product of evidence over the bands of the first stratum's mean."""
    if len(strata) == 1:
        least = strata[0].martingale(0.5)
    else:
        first, second = strata
        total = first.cards + second.cards
        share, rest = first.cards / total, second.cards / total
        low = max(-first.below_zero, (0.5 - rest * second.upper) / share)
        width = (min(first.upper, (0.5 + rest * second.below_zero) / share) - low) / BANDS
        least = min(
            first.martingale(low + (band + 1) * width)
            * second.martingale((0.5 - share * (low + band * width)) / rest)
            for band in range(BANDS)
        )
    return min(1.0, 1 / least) if least > 0 else 1.0


def _polling_risk(assertion: Assertion, records: list[ManualRecord]) -> float:
    """Give the smallest p-value along the cards: half an SPRT, half ALPHA with d = 100."""
    values = [card.value_for(assertion) for card in records]
    unit = lcm(*(value.denominator for value in (*assertion.values, *values)))
    upper = int(max(assertion.values) * unit) / unit
    p, q = assertion.mean.numerator, assertion.mean.denominator
    c, has_extra = (float(assertion.mean) - 0.5) / 2, any(card.extra_per_card for card in records)
    total, sprt, alpha, best = 0, 0.5, 0.5, 1.0
    for j, value in enumerate(values):
        room, left = assertion.cards * unit - 2 * total, assertion.cards - j
        if room < 0 and not has_extra:
            return 0.0
        if room > 0:
            x, m = int(value * unit) / unit, room / (2 * unit * left)
            hoped = (assertion.cards * p * unit - q * total) / (q * unit * left)
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
        total += int(value * unit)
    return 0.0 if not has_extra and assertion.cards * unit < 2 * total else 1 / best


def _factor(x: float, m: float, guess: float, upper: float) -> float:
    if m >= upper:
        return 0.0
    return (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
