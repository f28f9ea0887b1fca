"""A petition's published numbers, worked out again."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import comb
from typing import Any

from referendum.verify import law
from referendum.verify.acts import Act
from referendum.verify.bundles import Bundle
from referendum.verify.canonical import integer, same
from referendum.verify.report import Mismatch

Bundles = dict[str, Bundle]

OUTCOMES = {"listed", "not_listed", "unsure", "repeat"}


def check_issue(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the requirement and the window from the statute."""
    chosen, statute = act["parameters"], reads["statute"]
    proposal, base = str(chosen.get("proposal")), chosen.get("base_value")
    if type(base) is not int or base < 0:
        raise Mismatch("the base value is not a whole number")
    if law.has(statute, "thresholds", proposal, "distribution"):
        raise Mismatch(f"the statute has a further condition for {proposal} that is not worked out")
    share = law.exact(law.value(statute, "thresholds", proposal, "share"))
    rounding = law.value(statute, "thresholds", proposal, "rounding")
    days = law.value(statute, "collection", "window_days")
    first = _day(chosen.get("first_day"))
    expected = {
        "proposal": proposal,
        "base": law.value(statute, "thresholds", proposal, "base"),
        "base_value": base,
        "share": str(share),
        "rounding": rounding,
        "product": str(share * base),
        "required": law.rounded(share * base, rounding),
        "issued_on": _day(chosen.get("issued_on")).isoformat(),
        "first_day": first.isoformat(),
        "window_days": days,
        "last_day": (first + timedelta(days=int(days) - 1)).isoformat(),
    }
    _equal(writes["requirement"], "requirement.json", expected)
    required, last = expected["required"], expected["last_day"]
    _facts(act, {"required": required, "last_day": last})
    return f"{share} of {base:,} gives {required:,} ({rounding}), to be signed by {last}"


def check_gates(act: Act, reads: Bundles, writes: Bundles, received: dict[str, Any]) -> str:
    """Count the lines by gate."""
    rows = _gates(writes["gates"])
    known = law.value(reads["statute"], "gates", "order")
    rejected = Counter(gate for _, gate in rows if gate)
    if strange := sorted(set(rejected) - set(known)):
        raise Mismatch(
            f"the statute has no gate {strange[0]!r}", f"{writes['gates'].path}/gates.csv"
        )
    if received.get("lines") != len(rows):
        raise Mismatch(f"{len(rows):,} lines here, {received.get('lines')} received")
    skipped = act["facts"].get("not_applied")
    sheet_gates = [gate for gate in known if str(gate).startswith("sheet_")]
    if skipped not in ([], sheet_gates) or set(skipped) & set(rejected):
        raise Mismatch(f"gates not applied are {skipped}, which cannot be")
    standing = len(rows) - rejected.total()
    _facts(
        act,
        {
            "lines": len(rows),
            "standing": standing,
            "rejected": dict(rejected),
            "not_applied": skipped,
        },
    )
    return f"{len(rows):,} lines, {rejected.total():,} rejected, {standing:,} stand"


def check_match(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Count the outcomes, and see that they are those of the standing lines."""
    outcomes = _outcomes(writes["outcomes"])
    file = f"{writes['outcomes'].path}/outcomes.csv"
    standing = [serial for serial, gate in _gates(reads["gates"]) if not gate]
    if [serial for serial, _ in outcomes] != standing:
        raise Mismatch("the lines with an outcome are not the standing lines", file)
    counts = Counter(outcome for _, outcome in outcomes)
    expected = {
        "standing": len(standing),
        "listed": counts["listed"],
        "not_listed": counts["not_listed"],
        "unsure": counts["unsure"],
        "repeats": counts["repeat"],
    }
    _facts(act, expected)
    return f"{len(standing):,} outcomes counted, {counts['repeat']:,} repeats"


def check_draw(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Draw the sample again by its seed."""
    seed, size = act["parameters"].get("seed"), act["parameters"].get("size")
    if not isinstance(seed, str) or type(size) is not int:
        raise Mismatch("seed or size are malformed")
    universe = [serial for serial, outcome in _outcomes(reads["outcomes"]) if outcome != "repeat"]
    tickets = sorted((_ticket(seed, serial), serial) for serial in universe)[:size]
    drawn = [[str(n), str(s), ticket] for n, (ticket, s) in enumerate(tickets, start=1)]
    if list(writes["draw"].rows("draw.csv", ("place", "serial", "ticket"))) != drawn:
        path = f"{writes['draw'].path}/draw.csv"
        raise Mismatch("the drawn lines are not those of the seed", path)
    _facts(act, {"universe": len(universe), "drawn": len(drawn)})
    return f"{len(drawn):,} of {len(universe):,} lines drawn again by the seed {seed}"


def check_checks(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that exactly the drawn lines were checked, and count the findings."""
    findings = _findings(writes["checks"])
    drawn = sorted(serial for serial, _ in _drawn(reads["draw"]))
    if [serial for serial, _ in findings] != drawn:
        path = f"{writes['checks'].path}/checks.csv"
        raise Mismatch("the checked lines are not the drawn ones", path)
    counts = Counter(finding for _, finding in findings)
    valid = counts.pop("valid", 0)
    _facts(act, {"checked": len(findings), "valid": valid, "invalid": dict(counts)})
    return f"{len(findings):,} findings on the drawn lines counted, {valid:,} valid"


def check_decision(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the decision from what it read."""
    gates = _gates(reads["gates"])
    rejected = Counter(gate for _, gate in gates if gate)
    standing = len(gates) - rejected.total()
    required = reads["requirement"].document("requirement.json").get("required")
    if type(required) is not int:
        raise Mismatch("the requirement is not a whole number")
    by_sample = "checks" in reads
    method = "sample" if by_sample else "preliminary_count"
    if act["parameters"] != {"method": method}:
        raise Mismatch(f"the method is not {method}, by which it read its bundles")
    more = _by_sample(reads, standing) if by_sample else {}
    compared = _compared(more) if by_sample else standing
    if not by_sample and standing >= required:
        raise Mismatch("the preliminary count decides nothing where enough lines stand")
    decision = "sufficient" if compared >= required else "insufficient"
    expected = {
        "method": method,
        "lines": len(gates),
        "rejected": dict(rejected),
        "standing": standing,
        "required": required,
        "compared": compared,
        "decision": decision,
        **more,
    }
    _equal(writes["decision"], "decision.json", expected)
    _facts(act, {"decision": decision, "compared": compared, "required": required})
    return f"{decision}: {compared:,} held against {required:,} required"


def _by_sample(reads: Bundles, standing: int) -> dict[str, Any]:
    statute = reads["statute"]
    repeats = sum(outcome == "repeat" for _, outcome in _outcomes(reads["outcomes"]))
    counts = Counter(finding for _, finding in _findings(reads["checks"]))
    valid, drawn = counts.pop("valid", 0), len(_findings(reads["checks"]))
    universe = standing - repeats
    if not 0 < drawn <= universe:
        raise Mismatch(f"{drawn} checks of a universe of {universe} cannot be")
    level = law.exact(law.value(statute, "sampling", "confidence"))
    rounding = law.value(statute, "decision", "rounding")
    projected = Fraction(universe * valid, drawn)
    return {
        "repeats": repeats,
        "universe": universe,
        "drawn": drawn,
        "valid": valid,
        "invalid": dict(counts),
        "projection": {
            "exact": str(projected),
            "rounding": rounding,
            "rounded": law.rounded(projected, rounding),
        },
        "lower_bound": {
            "confidence": str(level),
            "value": lower_bound(universe, drawn, valid, level),
        },
        "rule": law.value(statute, "decision", "rule"),
    }


def _compared(numbers: dict[str, Any]) -> int:
    if numbers["rule"] == "lower_bound":
        return int(numbers["lower_bound"]["value"])
    if numbers["rule"] == "projection":
        return int(numbers["projection"]["rounded"])
    raise Mismatch(f"the decision rule {str(numbers['rule'])[:40]!r} is not known")


def lower_bound(universe: int, drawn: int, valid: int, level: Fraction) -> int:
    """Give the smallest M with P(X >= valid) > 1 - level, X hypergeometric, exactly.

    Complement of the tail, summed from below: another way than the program's own.
    """
    if not 0 < level < 1:
        raise Mismatch(f"the confidence {level} does not lie between 0 and 1")
    low, high = valid, universe - (drawn - valid)
    samples = comb(universe, drawn)
    while low < high:
        middle = (low + high) // 2
        below = _ways_below(valid, middle, universe, drawn)
        if (samples - below) * level.denominator > samples * (level.denominator - level.numerator):
            high = middle
        else:
            low = middle + 1
    return low


def _ways_below(valid: int, marked: int, universe: int, drawn: int) -> int:
    """Count samples with fewer than `valid` marked lines, by unmarked ones from the largest."""
    unmarked = universe - marked
    least, most = drawn - valid + 1, min(drawn, unmarked)
    if least > most:
        return 0
    ways = comb(unmarked, most) * comb(marked, drawn - most)
    total = ways
    for missed in range(most, least, -1):
        ways = ways * missed * (marked - drawn + missed)
        ways //= (unmarked - missed + 1) * (drawn - missed + 1)
        total += ways
    return total


def _ticket(seed: str, serial: int) -> str:
    return hashlib.sha256(f"{seed},{serial}".encode()).hexdigest()


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise Mismatch(f"{str(text)[:40]!r} is not a day") from error


def _gates(bundle: Bundle) -> list[tuple[int, str]]:
    rows = _numbered(bundle.rows("gates.csv", ("serial", "gate")), f"{bundle.path}/gates.csv")
    if [serial for serial, _ in rows] != list(range(1, len(rows) + 1)):
        raise Mismatch("the lines are not numbered 1 to N", f"{bundle.path}/gates.csv")
    return rows


def _outcomes(bundle: Bundle) -> list[tuple[int, str]]:
    file = f"{bundle.path}/outcomes.csv"
    rows = _numbered(bundle.rows("outcomes.csv", ("serial", "outcome")), file)
    if strange := {outcome for _, outcome in rows} - OUTCOMES:
        raise Mismatch(f"the outcome {min(strange)[:40]!r} is not known", file)
    return rows


def _findings(bundle: Bundle) -> list[tuple[int, str]]:
    file = f"{bundle.path}/checks.csv"
    rows = _numbered(bundle.rows("checks.csv", ("serial", "finding")), file)
    if not all(re.fullmatch(r"[a-z][a-z0-9_]*", finding) for _, finding in rows):
        raise Mismatch("a finding is not a code", file)
    return rows


def _drawn(bundle: Bundle) -> list[tuple[int, str]]:
    rows = bundle.rows("draw.csv", ("place", "serial", "ticket"))
    return [(integer(serial, "serial", bundle.path), ticket) for _, serial, ticket in rows]


def _numbered(rows: Iterable[list[str]], file: str) -> list[tuple[int, str]]:
    numbered = [(integer(serial, "serial", file), code) for serial, code in rows]
    serials = [serial for serial, _ in numbered]
    if serials != sorted(set(serials)):
        raise Mismatch("the lines do not ascend, or one comes twice", file)
    return numbered


def _equal(bundle: Bundle, name: str, expected: dict[str, Any]) -> None:
    compare(bundle.document(name), expected, f"{bundle.path}/{name}")


def _facts(act: Act, expected: dict[str, Any]) -> None:
    compare(act["facts"], expected, "")


def compare(found: dict[str, Any], expected: dict[str, Any], file: str) -> None:
    """Insist that a document or the facts of an act have exactly the expected numbers."""
    for name in sorted(found.keys() | expected.keys()):
        if name not in found or name not in expected:
            word = "missing" if name not in found else "not expected"
            raise Mismatch(f"{name} is {word}", file)
        if not same(found[name], expected[name]):
            told = f"{name} is {str(found[name])[:80]}, worked out here {str(expected[name])[:80]}"
            raise Mismatch(told, file)
