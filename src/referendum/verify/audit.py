"""An audit's claims, draws and risk, worked out again."""

import hashlib
from fractions import Fraction
from math import lcm, sqrt
from typing import Any, NamedTuple

from referendum.verify import law
from referendum.verify.acts import Act
from referendum.verify.bundles import Bundle
from referendum.verify.canonical import integer
from referendum.verify.petition import compare
from referendum.verify.report import Mismatch
from referendum.verify.returns import VOTES, Return, electors_of, read_returns
from referendum.verify.vote import (
    Tally,
    carried_by,
    conditions_of,
    regions_of,
    row_of,
    summed,
)

Bundles = dict[str, Bundle]
Place = tuple[str, str, str]

WHOLE = "*"
HALF = Fraction(1, 2)
MARKS = ("yes", "no", "blank", "missing")
DRAWS = ("round", "scope", "draw", "region", "district", "place", "card")
FOUND = {
    "ballot_polling": ("region", "district", "place", "card", "mark"),
    "batch_comparison": ("region", "district", "place", "yes", "no", "informal"),
    "oneaudit": ("region", "district", "place", "card", "mark"),
    "card_comparison": ("region", "district", "place", "card", "mark"),
}


class Claim(NamedTuple):
    """A claim of the plan: the worth of each mark, N, and the reported mean."""

    condition: str
    scope: str
    reached: bool
    worth: tuple[Fraction, ...]
    cards: int
    mean: Fraction

    def total(self, yes: int, no: int, blank: int) -> Fraction:
        """Give the worth of so many cards."""
        return self.worth[0] * yes + self.worth[1] * no + self.worth[2] * blank

    def written(self) -> dict[str, Any]:
        """Give the claim as the plan has it."""
        marks = {mark: str(worth) for mark, worth in zip(MARKS, self.worth, strict=True)}
        named = {"condition": self.condition, "scope": self.scope, "reached": self.reached}
        return {**named, "cards": self.cards, "mean": str(self.mean), **marks}


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


def check_plan(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the claims from the statute and the returns."""
    parameters, plan, statute = act["parameters"], writes["audit_plan"], reads["statute"]
    question = parameters.get("question")
    forms = _forms(reads["returns"], question)
    rows = [row_of(form) for form in forms]
    if not forms or len({form.key[0] for form in forms}) > 1:
        raise Mismatch("an audit is of one question, which the returns are of")
    limit = law.exact(parameters.get("risk_limit"))
    if parameters.get("method") not in FOUND or not 0 < limit < 1:
        raise Mismatch("the method or the risk limit is not known")
    electors = electors_of(reads["returns"])
    listed = sum(electors.values()) if electors else None
    whole, regions = summed(tally for _, _, tally in rows), regions_of(rows, electors)
    counting = law.optional(statute, "vote", "regions") or []
    if any(name not in regions for name in counting):
        raise Mismatch("a region that counts has no returns, and the audit was planned")
    conditions = conditions_of(statute, whole, listed, regions)
    part = _parts(statute, conditions, whole, listed, regions, parameters.get("prove"))
    carried = all(one["met"] for one in conditions)
    document = {
        "carried": carried,
        "assertions": [one.written() for one in part.claims],
        "settled": part.settled,
        "full_count": part.full,
    }
    compare(plan.document("audit_plan.json"), document, f"{plan.path}/audit_plan.json")
    facts = {"carried": carried, "claims": len(part.claims), "full_count": part.full}
    compare(act["facts"], facts, "")
    return f"{len(part.claims)} claims follow from the rule and the returns"


def check_cards(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that the records of cards add up to the returns, box by box."""
    cards = writes["audit_cards"]
    file = f"{cards.path}/cards.csv"
    found: dict[Place, list[int]] = {}
    last = ("", "", "", 0)
    for region, district, place, card, mark in cards.rows("cards.csv", FOUND["card_comparison"]):
        here = (region, district, place, integer(card, "card", file))
        box = found.setdefault((region, district, place), [0, 0, 0, 0])
        if here <= last or here[3] != box[3] + 1 or mark not in MARKS[:3]:
            raise Mismatch(f"the record of card {card} of {place} is out of order", file)
        box[MARKS.index(mark)] += 1
        box[3] += 1
        last = here
    told = _boxes_of(_forms(reads["returns"], act["parameters"].get("question")), WHOLE)
    if found != {key: box for key, box in told.items() if box[3]}:
        raise Mismatch("the records of cards do not add up to the returns", file)
    total = sum(box[3] for box in found.values())
    compare(act["facts"], {"cards": total}, "")
    return f"{total:,} records of cards add up to the returns, box by box"


def _parts(
    statute: Bundle,
    conditions: list[dict[str, Any]],
    whole: Tally,
    listed: int | None,
    regions: dict[str, tuple[Tally, int | None]],
    prove: object,
) -> Part:
    carried = all(one["met"] for one in conditions)
    wanted = [one for one in conditions if one["met"] == carried and prove in {None, one["name"]}]
    if not wanted or (carried and prove is not None):
        raise Mismatch("the plan shows a condition that did not fail")
    parts = [_part(statute, one, whole, listed, regions) for one in wanted]
    return _joined(parts) if carried else min(parts, key=lambda part: part.cost)


def _joined(parts: list[Part]) -> Part:
    return Part(
        [one for part in parts for one in part.claims],
        sum(part.settled for part in parts),
        any(part.full for part in parts),
    )


def _part(
    statute: Bundle,
    condition: dict[str, Any],
    whole: Tally,
    listed: int | None,
    regions: dict[str, tuple[Tally, int | None]],
) -> Part:
    name, met = condition["name"], condition["met"]
    if name == "majority":
        return _majority(statute, name, WHOLE, whole, listed, met)
    if name == "regional_majority":
        return _regional(statute, condition, regions)
    return _of_electors(name, law.value(statute, "vote", name), WHOLE, whole, listed, met)


def _share(text: object) -> Fraction:
    return law.exact(str(text).split()[-1])


def _majority(
    statute: Bundle, name: str, scope: str, tally: Tally, listed: int | None, met: bool
) -> Part:
    of, majority = law.value(statute, "vote", "majority_of"), law.value(statute, "vote", "majority")
    share = _share(majority)
    if of == "electors":
        return _of_electors(name, majority, scope, tally, listed, met)
    worth = 1 / (2 * (share if met else 1 - share))
    if of == "formal":
        return _claimed(name, scope, tally, _marks(worth, HALF, met), met)
    return _claimed(name, scope, tally, _cast(worth, met), met)


def _marks(worth: Fraction, blank: Fraction, met: bool) -> tuple[Fraction, ...]:
    nothing = Fraction(0)
    return (worth, nothing, blank, nothing) if met else (nothing, worth, blank, nothing)


def _cast(worth: Fraction, met: bool) -> tuple[Fraction, ...]:
    return _marks(worth, Fraction(0) if met else worth, met)


def _of_electors(
    name: str, majority: object, scope: str, tally: Tally, listed: int | None, met: bool
) -> Part:
    if listed is None:
        raise Mismatch("the rule needs the number of electors, which is not given")
    if tally[4] == 0:
        return Part([], full=True)
    part = _share(majority) * listed / tally[4]
    if not met and (name == "turnout" or part >= 1):
        return Part([], settled=1)
    if part >= 1:
        return Part([], full=True)
    worth = 1 / (2 * (part if met else 1 - part))
    marks = (worth, worth, worth, Fraction(0)) if name == "turnout" else _cast(worth, met)
    return _claimed(name, scope, tally, marks, met)


def _claimed(name: str, scope: str, tally: Tally, worth: tuple[Fraction, ...], met: bool) -> Part:
    if tally[4] == 0:
        return Part([], full=True)
    claim = Claim(name, scope, met, worth, tally[4], Fraction(0))
    mean = claim.total(tally[0], tally[1], tally[3]) / tally[4]
    return Part([claim._replace(mean=mean)]) if mean > HALF else Part([], full=True)


def _regional(
    statute: Bundle, condition: dict[str, Any], regions: dict[str, tuple[Tally, int | None]]
) -> Part:
    met, need = condition["met"], Fraction(condition["need"])
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
        for part in [_majority(statute, "regional_majority", name, *regions[name], met)]
    ]
    taken = []
    for _, name, part in sorted(parts, key=lambda one: one[:2]):
        if shown < enough:
            taken.append(part)
            shown += weight[name]
    return _joined(taken)


def _claims(plan: Bundle) -> dict[str, list[Claim]]:
    """Read the claims of a plan, by scope in the order of their names."""
    found = [
        Claim(
            one["condition"],
            one["scope"],
            one["reached"],
            tuple(Fraction(one[mark]) for mark in MARKS),
            one["cards"],
            Fraction(one["mean"]),
        )
        for one in plan.document("audit_plan.json")["assertions"]
    ]
    names = sorted({one.scope for one in found})
    return {name: [one for one in found if one.scope == name] for name in names}


def _forms(returns: Bundle, question: object) -> list[Return]:
    """Give the returns of a question, or all where there is but one."""
    return [form for form in read_returns(returns) if question in {None, form.key[0]}]


def _boxes(reads: Bundles, scope: str) -> dict[Place, list[int]]:
    """Give yes, no, blank, total of every box of a scope, in the order of the returns."""
    question = reads["audit_plan"].manifest["parameters"].get("question")
    return _boxes_of(_forms(reads["returns"], question), scope)


def _boxes_of(forms: list[Return], scope: str) -> dict[Place, list[int]]:
    several = len({form.key[1] for form in forms}) > 1
    boxes: dict[Place, list[int]] = {}
    for form in forms:
        _, kind, region, district, place = form.key
        if scope in {WHOLE, region}:
            named = f"{place} ({kind})" if several else place
            boxes[region, district, named] = [form.numbers[name] or 0 for name in VOTES]
    return boxes


def _bounds(claims: list[Claim], boxes: dict[Place, list[int]]) -> dict[Place, Fraction]:
    return {
        key: max(one.total(*box[:3]) / (one.cards * (one.mean - HALF)) for one in claims)
        for key, box in boxes.items()
    }


def check_draw(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Draw again from the seed."""
    parameters, drawn = act["parameters"], writes["audit_draw"]
    number, seed, sizes = parameters["round"], parameters["seed"], parameters["sizes"]
    earlier = reads.get("audit_draw")
    before = list(earlier.rows("draws.csv", DRAWS)) if earlier else []
    seeds = earlier.document("audit_draw.json")["seeds"] if earlier else []
    if number != len(seeds) + 1 or seed in seeds or not str(seed).strip():
        raise Mismatch("the round or its seed is not a fresh one")
    scopes = _claims(reads["audit_plan"])
    if set(sizes) != set(scopes):
        raise Mismatch("sizes are not given for the scopes of the claims")
    method = reads["audit_plan"].manifest["parameters"]["method"]
    draw = _draw_boxes if method == "batch_comparison" else _draw_cards
    fresh = []
    for name, claims in scopes.items():
        boxes = _boxes(reads, name)
        taken = [row for row in before if row[1] == name]
        rows = draw(f"{seed},{name}", sizes[name], boxes, claims, taken)
        fresh += [[str(number), name, str(i), *row] for i, row in enumerate(rows, start=1)]
    if list(drawn.rows("draws.csv", DRAWS)) != before + fresh:
        raise Mismatch("another draw follows from the seed", f"{drawn.path}/draws.csv")
    expected = {"seeds": [*seeds, seed]}
    compare(drawn.document("audit_draw.json"), expected, f"{drawn.path}/audit_draw.json")
    compare(act["facts"], {"round": number, "drawn": len(fresh)}, "")
    return f"round {number}: the {len(fresh):,} drawn are those of the seed"


def _ticket(seed: str, i: int) -> int:
    return int(hashlib.sha256(f"{seed},{i}".encode()).hexdigest(), 16)


def _draw_boxes(
    seed: str,
    size: int,
    boxes: dict[Place, list[int]],
    claims: list[Claim],
    _: list[list[str]],
) -> list[list[str]]:
    """Draw by the bounds, with replacement."""
    bounds = _bounds(claims, boxes)
    common = lcm(*(bound.denominator for bound in bounds.values()))
    ends: list[tuple[int, Place]] = []
    total = 0
    for key, bound in bounds.items():
        total += int(bound * common)
        ends.append((total, key))
    hits = [_ticket(seed, i) % total for i in range(1, size + 1)]
    return [[*_place(ends, hit), ""] for hit in hits]


def _place(ends: list[tuple[int, Place]], hit: int) -> Place:
    """Find the first place whose end is beyond the hit."""
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if ends[middle][0] > hit else (middle + 1, high)
    return ends[low][1]


def _draw_cards(
    seed: str,
    size: int,
    boxes: dict[Place, list[int]],
    _: list[Claim],
    taken: list[list[str]],
) -> list[list[str]]:
    """Draw cards without replacement: numbers that came before are passed over."""
    ends: list[tuple[int, Place]] = []
    starts: dict[Place, int] = {}
    total = 0
    for key, box in boxes.items():
        starts[key] = total
        total += box[3]
        ends.append((total, key))
    seen = {starts[(row[3], row[4], row[5])] + int(row[6]) - 1 for row in taken}
    if len(seen) + size > total:
        raise Mismatch("more cards are drawn than there are")
    rows: list[list[str]] = []
    i = 0
    while len(rows) < size:
        i += 1
        card = _ticket(seed, i) % total
        if card not in seen:
            seen.add(card)
            key = _place(ends, card)
            rows.append([*key, str(card - starts[key] + 1)])
    return rows


def check_findings(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that every drawn item has one finding, that no other has, and that none was changed."""
    found, drawn = writes["audit_findings"], reads["audit_draw"]
    cards = b"card,mark" in found.data("findings.csv")[:60]
    columns = FOUND["ballot_polling" if cards else "batch_comparison"]
    width = 4 if cards else 3
    rows = list(found.rows("findings.csv", columns))
    keys = [tuple(row[:width]) for row in rows]
    wanted = {tuple(row[3 : 3 + width]) for row in drawn.rows("draws.csv", DRAWS)}
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


def check_risk(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the risk from the findings, in the order of the draws."""
    plan, risk = reads["audit_plan"], writes["audit_risk"]
    chosen = plan.manifest["parameters"]
    limit, method = Fraction(chosen["risk_limit"]), chosen["method"]
    draws = list(reads["audit_draw"].rows("draws.csv", DRAWS))
    findings = list(reads["audit_findings"].rows("findings.csv", FOUND[method]))
    told = []
    for name, claims in _claims(plan).items():
        order = [row[3:] for row in draws if row[1] == name]
        boxes = _boxes(reads, name)
        risks: list[Fraction | float]
        if method == "batch_comparison":
            risks = [_box_risk(claims, boxes, order, findings)] * len(claims)
        else:
            marks = {tuple(row[:4]): row[4] for row in findings}
            seen = [marks[tuple(row)] for row in order]
            read = _records(reads) if method == "card_comparison" else {}
            risks = [
                _card_risk(one, seen)
                if method == "ballot_polling"
                else _pool_risk(one, boxes, [(row[0], row[1], row[2]) for row in order], seen)
                if method == "oneaudit"
                else _record_risk(one, [read[tuple(row)] for row in order], seen, chosen)
                for one in claims
            ]
        told += [
            {"condition": one.condition, "scope": name, "risk": _printed(p)}
            for one, p in zip(claims, risks, strict=True)
        ]
    highest = max((one["risk"] for one in told), key=Fraction)
    number = reads["audit_draw"].manifest["parameters"]["round"]
    facts = {"round": number, "risk": highest, "confirmed": Fraction(highest) <= limit}
    expected = {**facts, "risk_limit": str(limit), "assertions": told}
    compare(risk.document("audit_risk.json"), expected, f"{risk.path}/audit_risk.json")
    compare(act["facts"], facts, "")
    word = "confirmed" if facts["confirmed"] else "not confirmed yet"
    return f"risk {highest} after round {number}, limit {limit}: {word}"


def _printed(risk: Fraction | float) -> str:
    exact = Fraction(risk) * 10**9
    whole = -(-exact.numerator // exact.denominator)
    return f"{whole // 10**9}.{whole % 10**9:09}"


def _box_risk(
    claims: list[Claim],
    boxes: dict[Place, list[int]],
    order: list[list[str]],
    findings: list[list[str]],
) -> Fraction:
    """Give Π (1 - 1/U)/(1 - taint) at its smallest."""
    bounds = _bounds(claims, boxes)
    step = 1 - 1 / sum(bounds.values(), Fraction(0))
    found = {tuple(row[:3]): [int(text) for text in row[3:]] for row in findings}
    p = least = Fraction(1)
    for row in order:
        key = (row[0], row[1], row[2])
        over = [
            (one.total(*boxes[key][:3]) - one.total(*found[key])) / (one.cards * (one.mean - HALF))
            for one in claims
        ]
        taint = max(Fraction(0), max(over) / bounds[key])
        if taint >= 1:
            break
        p *= step / (1 - taint)
        least = min(least, p)
    return least


def _records(reads: Bundles) -> dict[tuple[str, ...], str]:
    rows = reads["audit_cards"].rows("cards.csv", FOUND["card_comparison"])
    return {tuple(row[:4]): row[4] for row in rows}


def _record_risk(claim: Claim, read: list[str], seen: list[str], chosen: dict[str, Any]) -> float:
    """Give the smallest p-value along cards that are compared with their records."""
    upper = max(claim.worth)
    below = 2 * upper - (2 * claim.mean - 1)
    half, whole = (law.exact(rate) for rate in chosen["error_rates"])
    shares = ((1 - half - whole, upper), (half, upper / 2), (whole, Fraction(0)))
    bet = _kelly([(float(n), float(b / below - HALF)) for n, b in shares if n])
    worth = dict(zip(MARKS, claim.worth, strict=True))
    wealth = best = 1.0
    total = 0.0
    for j, (was, mark) in enumerate(zip(read, seen, strict=True)):
        x = float((upper - worth[was] + worth[mark]) / below)
        m = (claim.cards / 2 - total) / (claim.cards - j)
        if m > 0:
            wealth *= 1 + min(bet, 1 / m) * (x - m)
            best = max(best, wealth)
        if best >= 1e9:
            break
        total += x
    return 1 / best


def _pool_risk(
    claim: Claim, boxes: dict[Place, list[int]], order: list[Place], seen: list[str]
) -> float:
    """Give the smallest p-value along cards that are compared with the mean of their box."""
    upper = max(claim.worth)
    below = 2 * upper - (2 * claim.mean - 1)
    base = {
        key: upper - (claim.total(*box[:3]) / box[3] if box[3] else 0) for key, box in boxes.items()
    }
    cases = [
        (float(n), float((base[key] + worth) / below - HALF))
        for key, box in boxes.items()
        for worth, n in zip(
            claim.worth[:3], (box[0], box[1], box[3] - box[0] - box[1]), strict=True
        )
        if n
    ]
    bet = _kelly(cases)
    one = other = 0.5
    total, best = 0.0, 1.0
    for j, (key, mark) in enumerate(zip(order, seen, strict=True)):
        x = float((base[key] + claim.worth[MARKS.index(mark)]) / below)
        m = (claim.cards / 2 - total) / (claim.cards - j)
        if m > 0:
            one *= 1 + min(bet, 1 / m) * (x - m)
            other *= 1 + min(bet / 2, 1 / m) * (x - m)
            best = max(best, one + other)
        if best >= 1e9:
            break
        total += x
    return 1 / best


def _kelly(cases: list[tuple[float, float]]) -> float:
    """Halve towards the stake at which what was reported makes the wealth grow fastest."""

    def slope(bet: float) -> float:
        total = 0.0
        for cards, away in cases:
            total += cards * away / (1 + bet * away)
        return total

    low, high = 0.0, 63 / 32
    if slope(0.0) <= 0:
        return low
    for _ in range(40):
        half = (low + high) / 2
        if slope(half) > 0:
            low = half
        else:
            high = half
    return low


def _card_risk(claim: Claim, seen: list[str]) -> float:
    """Give the smallest p-value along the cards: half an SPRT, half ALPHA with d = 100."""
    unit = lcm(*(worth.denominator for worth in claim.worth))
    whole = {mark: int(worth * unit) for mark, worth in zip(MARKS, claim.worth, strict=True)}
    upper = max(whole.values()) / unit
    p, q = claim.mean.numerator, claim.mean.denominator
    c = (float(claim.mean) - 0.5) / 2
    total, sprt, alpha, best = 0, 0.5, 0.5, 1.0
    for j, mark in enumerate(seen):
        room, left = claim.cards * unit - 2 * total, claim.cards - j
        if room < 0:
            return 0.0
        if room > 0:
            x, m = whole[mark] / unit, room / (2 * unit * left)
            hoped = (claim.cards * p * unit - q * total) / (q * unit * left)
            guess = (100 * p * unit + q * total) / (q * unit * (100 + j))
            guess = max(guess, m + c / sqrt(100 + j))
            sprt *= _factor(x, m, min(max(hoped, 0.0), upper), upper)
            alpha *= _factor(x, m, min(guess, upper), upper)
            best = max(best, sprt + alpha)
        if best >= 1e9:
            break
        total += whole[mark]
    return 0.0 if claim.cards * unit < 2 * total else 1 / best


def _factor(x: float, m: float, guess: float, upper: float) -> float:
    if m >= upper:
        return 0.0
    return (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
