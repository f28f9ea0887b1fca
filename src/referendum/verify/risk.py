"""The risk-limiting check, worked out again from the specification's section 9.

Wealths are decimal numbers of 50 digits, half even, computed in the order that is written there.
"""

import hashlib
from collections import Counter
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from math import ceil, floor, isqrt
from typing import Any

from referendum.verify import law
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.petition import read_outcomes, require_equal, require_findings
from referendum.verify.report import Mismatch

MOST_TESTS = 5_000
"""Test lines of a kind."""

FIFTEENTHS = [3, 6, 1, 1, 1, 1, 1, 1]
HALF, LARGEST_STAKE, HALVINGS = Decimal("0.5"), Decimal("0.9375"), 16
CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)
PLAN_PARAMETERS = {"alpha", "beta", "method", "weighted", "reports", "second", "tests"}
FINDING_COLUMNS = ("serial", "first", "second", "finding")


def check_plan(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Lay out the classes, and bound the checkers' errors, by what was chosen."""
    choices = act["parameters"]
    if set(choices) != PLAN_PARAMETERS or choices["method"] not in {"comparison", "polling"}:
        raise Mismatch("the plan's parameters are malformed")
    issued = reads["requirement"].document("requirement.json")
    if issued["spread"] is not None:
        raise Mismatch("the statute asks of districts, and this check is of the whole")
    outcomes = [outcome for _, outcome in read_outcomes(reads["outcomes"])]
    classes = _classes(choices, outcomes)
    required, lines = issued["required"], len(outcomes)
    limits = [law.exact(choices[name]) for name in ("alpha", "beta")]
    accepts = rejects = Fraction(0)
    if choices["tests"] is not None:
        doubt = law.exact(choices["tests"]["doubt"])
        accepts = _upper_bound(choices["tests"]["invalid"], doubt)
        rejects = _upper_bound(choices["tests"]["valid"], doubt)
        limits = [limit - doubt for limit in limits]
    if not 1 <= required <= lines or not all(0 < limit < Fraction(1, 2) for limit in limits):
        raise Mismatch("requirement or risk limits cannot be those of a check")
    expected = {
        "universe": lines,
        "required": required,
        "accepted_at": required + floor(accepts * (lines - required + 1)),
        "refused_below": ceil(required * (1 - rejects)),
        "alpha": str(limits[0]),
        "beta": str(limits[1]),
        "false_accepts": str(accepts),
        "false_rejects": str(rejects),
        "classes": classes,
    }
    _require_document(writes["risk_plan"], "risk_plan.json", expected)
    limits_of_act = {"alpha": choices["alpha"], "beta": choices["beta"]}
    require_equal(act["facts"], {"universe": lines, "required": required, **limits_of_act}, "")
    return f"{len(classes)} classes of {lines:,} lines, fixed before the seed"


def _classes(choices: dict[str, Any], outcomes: list[str]) -> list[dict[str, Any]]:
    polling = choices["method"] == "polling"
    counts = {"line": len(outcomes)} if polling else Counter(outcomes)
    classes = []
    for name in sorted(counts):
        if name not in choices["reports"]:
            raise Mismatch(f"no report is given of lines that are {name}")
        report = law.exact(choices["reports"][name])
        if not 0 <= report <= 1:
            raise Mismatch(f"the report {report} of {name} does not lie in [0, 1]")
        a, b = report.numerator, report.denominator
        weight = max(1, isqrt(64 * a * (b - a)) // b) if choices["weighted"] and not polling else 1
        classes.append(
            {"name": name, "lines": counts[name], "report": str(report), "weight": weight}
        )
    return classes


def _upper_bound(test: list[int], doubt: Fraction) -> Fraction:
    """Give the least ten-thousandth p with P(Binomial(lines, p) <= wrong) <= doubt."""
    lines, wrong = test
    if not 0 <= wrong <= lines or not 1 <= lines <= MOST_TESTS:
        raise Mismatch("the counts of test lines cannot be")
    low, high = (10_000 if wrong == lines else 0), 10_000
    while high - low > 1:
        p = (low + high) // 2
        tail = _binomial_at_most(lines, wrong, p) * doubt.denominator
        low, high = (low, p) if tail <= doubt.numerator * 10_000**lines else (p, high)
    return Fraction(high, 10_000)


def _binomial_at_most(lines: int, wrong: int, p: int) -> int:
    """Give P(Binomial(lines, p ten-thousandths) <= wrong), times 10,000^lines."""
    term: int = (10_000 - p) ** lines
    total = term
    for k in range(wrong):
        term = term * (lines - k) * p // ((k + 1) * (10_000 - p))
        total += term
    return total


def check_draw(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Draw again by the seed and the weights."""
    choices = act["parameters"]
    seed, size = str(choices.get("seed")), choices.get("size")
    if type(size) is not int or size < 1:
        raise Mismatch("the size is malformed")
    if "risk" in reads and reads["risk"].document("risk.json")["checked"] >= size:
        raise Mismatch("a further round draws no more lines")
    weights = _weights(reads)
    if size > len(weights):
        raise Mismatch(f"{size} lines drawn of {len(weights)}")
    tickets = sorted(
        (_smallest_ticket(seed, serial, weight), serial) for serial, weight in weights.items()
    )
    rows = [[str(n), str(serial), ticket] for n, (ticket, serial) in enumerate(tickets[:size], 1)]
    if list(writes["risk_draw"].rows("risk_draw.csv", ("place", "serial", "ticket"))) != rows:
        path = f"{writes['risk_draw'].path}/risk_draw.csv"
        raise Mismatch("the drawn lines are not those of the seed and the plan", path)
    require_equal(act["facts"], {"universe": len(weights), "drawn": size}, "")
    return f"{size:,} of {len(weights):,} lines drawn again by the seed {seed}"


def _weights(reads: Bundles) -> dict[int, int]:
    of = _class_of_line(reads)
    classes = reads["risk_plan"].document("risk_plan.json")["classes"]
    return {serial: classes[place]["weight"] for serial, place in of.items()}


def _class_of_line(reads: Bundles) -> dict[int, int]:
    """Give the place of every line's class in the plan."""
    plan = reads["risk_plan"]
    names = [one["name"] for one in plan.document("risk_plan.json")["classes"]]
    polling = plan.manifest["parameters"]["method"] == "polling"
    lines = read_outcomes(reads["outcomes"])
    return {serial: 0 if polling else names.index(outcome) for serial, outcome in lines}


def _smallest_ticket(seed: str, serial: int, weight: int) -> str:
    texts = [f"{seed},{serial}", *(f"{seed},{serial},{n}" for n in range(2, weight + 1))]
    return min(hashlib.sha256(text.encode()).hexdigest() for text in texts)


def check_checks(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that drawn lines were checked, by two checkers where two are needed."""
    found = _findings(writes["risk_checks"])
    path = f"{writes['risk_checks'].path}/risk_checks.csv"
    order = _order(reads["risk_draw"])
    if list(found) != sorted(set(order) & found.keys()) or not found:
        raise Mismatch("the checked lines are not drawn ones, in the order of their numbers", path)
    if "risk" in reads:
        before = reads["risk"].document("risk.json")["found"]
        for serial, sign in zip(order, before, strict=False):
            if serial in found and (found[serial][2] == "valid") != (sign == "1"):
                raise Mismatch("a finding is another than in the round before", path)
    seed = str(reads["risk_draw"].manifest["parameters"]["seed"])
    share = law.exact(reads["risk_plan"].manifest["parameters"]["second"])
    twice, differing, valid = 0, 0, 0
    for serial, (first, second, finding) in found.items():
        if not second and (first != "valid" or _needs_second_checker(seed, serial, share)):
            raise Mismatch(f"line {serial} needed a second checker", path)
        differ = bool(second) and (first == "valid") != (second == "valid")
        if not differ and (finding == "valid") != (first == "valid"):
            raise Mismatch(f"the finding on line {serial} is not what the checkers found", path)
        twice += bool(second)
        differing += differ
        valid += finding == "valid"
    numbers = {"looked_at_twice": twice, "differing": differing}
    require_equal(act["facts"], {"checked": len(found), "valid": valid, **numbers}, "")
    words = f"{len(found):,} findings on {len(order):,} drawn lines"
    return f"{words}, {twice:,} of them by two checkers"


def _needs_second_checker(seed: str, serial: int, share: Fraction) -> bool:
    number = int.from_bytes(hashlib.sha256(f"{seed},{serial},second".encode()).digest(), "big")
    return Fraction(number, 2**256) < share


def _order(draw: Bundle) -> list[int]:
    rows = draw.rows("risk_draw.csv", ("place", "serial", "ticket"))
    return [integer(serial, "serial", draw.path) for _, serial, _ in rows]


def _findings(bundle: Bundle) -> dict[int, tuple[str, str, str]]:
    found: dict[int, tuple[str, str, str]] = {}
    for serial, first, second, finding in bundle.rows("risk_checks.csv", FINDING_COLUMNS):
        codes = [first, finding, *([second] if second else [])]
        require_findings(codes, f"{bundle.path}/risk_checks.csv")
        found[integer(serial, "serial", bundle.path)] = (first, second, finding)
    return found


def check_decide(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out both risks again, line by line."""
    if act["parameters"] != {}:
        raise Mismatch("parameters are given where there are none")
    plan = reads["risk_plan"].document("risk_plan.json")
    of, order = _class_of_line(reads), _order(reads["risk_draw"])
    found = {
        serial: codes
        for part in reads["risk_checks"].all_parts
        for serial, codes in _findings(part).items()
    }
    if lacking := sorted(set(order) - found.keys()):
        raise Mismatch(f"{len(lacking):,} drawn lines have no finding, line {lacking[0]} is one")
    drawn = [(of[serial], found[serial][2] == "valid") for serial in order]
    classes = plan["classes"]
    checked, valid_by_class = (
        Counter(c for c, _ in drawn),
        Counter(c for c, valid in drawn if valid),
    )
    with localcontext(CONTEXT):
        risks, answer, at = _measure(plan, drawn)
    rows = [
        {
            "name": one["name"],
            "lines": one["lines"],
            "checked": checked[c],
            "valid": valid_by_class[c],
        }
        for c, one in enumerate(classes)
    ]
    known = all(row["checked"] for row in rows)
    estimate = (
        floor(sum(Fraction(r["lines"] * r["valid"], r["checked"]) for r in rows) + Fraction(1, 2))
        if known
        else None
    )
    facts = {
        "checked": len(drawn),
        "valid": valid_by_class.total(),
        "estimate": estimate,
        "risk_sufficient": risks[0],
        "risk_insufficient": risks[1],
        "answer": answer,
    }
    expected = {
        "universe": plan["universe"],
        "required": plan["required"],
        "seed": reads["risk_draw"].manifest["parameters"]["seed"],
        "classes": rows,
        "found": "".join("1" if valid else "0" for _, valid in drawn),
        "decided_at": at,
        **facts,
    }
    _require_document(writes["risk"], "risk.json", expected)
    require_equal(act["facts"], facts, "")
    return f"{answer} after {len(drawn):,} checks; risks {risks[0]} and {risks[1]} worked out again"


class _Gamblers:
    """One side's wealths, on its own reports and on those it learns."""

    def __init__(self, prior: list[Decimal], room: int) -> None:
        self.prior, self.room = prior, room
        self.hits = [0] * len(prior)
        self.books = [list(prior), list(prior)]
        self.rests = [Decimal(0), Decimal(0)]
        self.slopes = [Decimal(0), Decimal(0)]
        self.stakes = [Decimal(0), Decimal(0), *(HALF**k for k in range(1, 7))]
        self.wealth = [Decimal(n) for n in FIFTEENTHS]
        self.best = Decimal(1)

    def renew(self, left: list[int], seen: list[int], weights: list[int], mass: int) -> None:
        learned = [
            (10 * f + h) / (10 + n) for f, h, n in zip(self.prior, self.hits, seen, strict=True)
        ]
        for m, book in enumerate((self.prior, learned)):
            self.books[m] = list(book)
            self.rests[m] = sum((r * n for r, n in zip(book, left, strict=True)), Decimal(0))
            ratios = [r / w for r, w, n in zip(book, weights, left, strict=True) if n]
            self.slopes[m] = max(ratios, default=Decimal(0))
            self.stakes[m] = self._kelly(m, left, weights, mass)

    def _kelly(self, m: int, left: list[int], weights: list[int], mass: int) -> Decimal:
        if self.room <= 0:
            return Decimal(0)
        loss = self.slopes[m] * mass + self.room - self.rests[m]
        terms = []
        for r, n, w in zip(self.books[m], left, weights, strict=True):
            chance = Decimal(w * n) / mass
            down = (self.rests[m] - self.room - r * mass / w) / loss
            up = down + Decimal(mass) / w / loss
            terms += [(chance * r, up), (chance * (1 - r), down)]
        low, high = Decimal(0), LARGEST_STAKE
        if sum((c * g for c, g in terms), Decimal(0)) <= 0:
            return low
        for _ in range(HALVINGS):
            half = (low + high) / 2
            rising = sum((c * g / (1 + half * g) for c, g in terms), Decimal(0)) > 0
            low, high = (half, high) if rising else (low, half)
        return low

    def play(self, c: int, hit: int, weight: int, mass: int, left: int) -> None:
        if 0 < self.room < left:
            for m in (0, 1):
                loss = self.slopes[m] * mass + self.room - self.rests[m]
                payoff = (hit - self.books[m][c]) * mass / weight + self.rests[m] - self.room
                gain = payoff / loss
                for b in range(1) if m == 0 else range(1, 8):
                    self.wealth[b] *= 1 + self.stakes[b] * gain
        self.room -= hit
        self.hits[c] += hit
        for m in (0, 1):
            self.rests[m] -= self.books[m][c]
        worth = Decimal("Infinity") if self.room < 0 else sum(self.wealth) / 15
        self.best = max(self.best, Decimal(worth))


def _measure(
    plan: dict[str, Any], drawn: list[tuple[int, bool]]
) -> tuple[tuple[str, str], str, int | None]:
    left = [one["lines"] for one in plan["classes"]]
    weights = [one["weight"] for one in plan["classes"]]
    prior = [_decimal(law.exact(one["report"])) for one in plan["classes"]]
    total = sum(left)
    books = (
        _Gamblers(prior, plan["accepted_at"] - 1),
        _Gamblers([1 - f for f in prior], total - plan["refused_below"]),
    )
    limits = [_decimal(law.exact(plan[name])) for name in ("alpha", "beta")]
    mass, due, seen = sum(w * n for w, n in zip(weights, left, strict=True)), 0, [0] * len(left)
    first: tuple[str, int] | None = None
    for number, (c, valid) in enumerate(drawn):
        if number >= due:
            due = number + 1 + number // 16
            for book in books:
                book.renew(left, seen, weights, mass)
        books[0].play(c, int(valid), weights[c], mass, total - number)
        books[1].play(c, int(not valid), weights[c], mass, total - number)
        left[c] -= 1
        seen[c] += 1
        mass -= weights[c]
        for book, limit, word in zip(books, limits, ("sufficient", "insufficient"), strict=True):
            if first is None and _risk(book) <= limit:
                first = word, number + 1
    if first is None and len(drawn) == total:
        enough = sum(books[0].hits) >= plan["required"]
        first = ("sufficient" if enough else "insufficient"), total
    risks = (_text(_risk(books[0])), _text(_risk(books[1])))
    return (risks, *first) if first else (risks, "check_more", None)


FIRST_GUESS, POLL_LIMIT = "0.85", "1/20"
"""Report of the only class and limits, where the statute's own sample is measured."""


def poll_risks(lines: int, required: int, valid: list[bool]) -> tuple[str, str]:
    """Give both risks by the findings on lines that were drawn alike, in the order of the draw."""
    plan = {
        "classes": [{"lines": lines, "report": FIRST_GUESS, "weight": 1}],
        "required": required,
        "accepted_at": required,
        "refused_below": required,
        "alpha": POLL_LIMIT,
        "beta": POLL_LIMIT,
    }
    with localcontext(CONTEXT):
        return _measure(plan, [(0, one) for one in valid])[0]


def _risk(book: _Gamblers) -> Decimal:
    return Decimal(0) if book.best.is_infinite() else 1 / book.best


def _text(risk: Decimal) -> str:
    return f"{risk.quantize(Decimal('0.000000001'), ROUND_HALF_EVEN):f}"


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _require_document(bundle: Bundle, name: str, expected: dict[str, Any]) -> None:
    require_equal(bundle.document(name), expected, f"{bundle.path}/{name}")
