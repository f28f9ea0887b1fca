"""A petition's published numbers, worked out again."""

import hashlib
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from referendum.verify import decision, law
from referendum.verify.act_schemas import ELECTOR
from referendum.verify.bundle_schemas import FAULTS
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.canonical import integer, same
from referendum.verify.deliveries import require_received
from referendum.verify.kinds import Act
from referendum.verify.numbered_lines import NumberedLines, read_numbered_lines
from referendum.verify.report import Mismatch

SHEET_GATES = {"sheet_not_issued", "sheet_no_canvasser", "sheet_no_affidavit", "after_affidavit"}

FINDINGS = {
    "valid", "not_listed", "not_resident", "not_eligible", "wrong_district", "signature_missing",
    "signature_differs", "signed_for_another", "name_illegible", "name_differs",
    "address_illegible", "address_differs", "birth_differs", "date_illegible", "repeat",
    "duplicate", "withdrawn", "forged", "struck_out", "sheet_invalid", "other",
    "sheet_not_issued", "sheet_no_canvasser", "sheet_no_affidavit", "name_missing",
    "address_missing", "birth_missing", "district_missing", "date_missing", "before_window",
    "after_window", "after_affidavit",
}  # fmt: skip
"""What a checker may find, beside `copy_N`."""

UNREAD_CELLS = {
    "name_missing": "name",
    "address_missing": "address",
    "birth_missing": "birth",
    "district_missing": "district",
    "date_missing": "date",
    "sheet_not_issued": "sheet",
    "sheet_no_canvasser": "sheet",
    "sheet_no_affidavit": "sheet",
}
"""What a code is about, where a cell that a gate asks for was not empty."""

CELLS_WITH_DAYS = {"birth", "date", "sheet"}
"""Those of them that a day says, which may be one that cannot be."""

DRAW = ("place", "district", "serial", "ticket")

UNKNOWN = "unknown"
"""District of a line where none is written."""

FEWEST_READ = 3
"""Bundles that matching reads where no copy of the list was handed out."""

OUTCOMES = {"listed", "not_listed", "unsure", "repeat"}


def check_gates(act: Act, reads: Bundles, writes: Bundles, received: list[Act]) -> str:
    """Count the lines by gate."""
    rows = _gates(writes["gates"])
    serials = rows.serials
    known = [*law.value(reads["statute"], "gates", "order"), "before_window"]
    rejected = Counter(gate for _, gate in rows if gate)
    about = {UNREAD_CELLS[gate] for gate in known if gate in UNREAD_CELLS}
    unreadable = {f"{what}_unreadable" for what in about}
    unreadable |= {f"{what}_impossible" for what in about & CELLS_WITH_DAYS}
    if strange := sorted(set(rejected) - set(known) - unreadable):
        raise Mismatch(
            f"the statute has no gate {strange[0]!r}", f"{writes['gates'].path}/gates.csv"
        )
    require_received(serials, received)
    accepted = [name for one in received for name in one["parameters"].get("accepted", [])]
    _require_cells(set(rejected), accepted)
    with_sheets = {one["facts"]["sheets"] > 0 for one in received if one["facts"]["lines"]}
    if len(with_sheets) > 1:
        raise Mismatch("some deliveries have a table of sheets, and some have none")
    skipped = act["facts"].get("not_applied")
    sheet_gates = [gate for gate in known if gate in SHEET_GATES]
    if skipped != ([] if True in with_sheets else sheet_gates):
        raise Mismatch(f"gates not applied are {skipped}, which cannot be")
    if set(skipped) & set(rejected):
        raise Mismatch("lines are rejected by a gate that was not applied")
    _check_districts(reads, writes["gates"], serials)
    standing = len(rows) - rejected.total()
    _require_facts(
        act,
        {
            "lines": len(rows),
            "standing": standing,
            "rejected": dict(rejected),
            "not_applied": skipped,
        },
    )
    return f"{len(rows):,} lines, {rejected.total():,} rejected, {standing:,} stand"


COLUMNS_OF_CODE = {
    "name_unreadable": {"given_names", "surname"},
    "address_unreadable": {"street"},
    "district_unreadable": {"district"},
    "birth_unreadable": {"birth_date", "birth_year"},
    "date_unreadable": {"signed_on"},
    "sheet_unreadable": {"issued", "affidavit_on", "canvasser_id", "sheet_id"},
}


def _require_cells(rejected: set[str], accepted: list[str]) -> None:
    """See that lines are rejected for unread cells only where the office accepted the cells."""
    for code in sorted(rejected & COLUMNS_OF_CODE.keys()):
        if COLUMNS_OF_CODE[code].isdisjoint(accepted):
            raise Mismatch(f"lines are rejected as {code}, which the office did not accept")


ROW_COUNTS = {
    "roll.seal": ("electors",),
    "petition.receive": ("lines", "sheets"),
    "polls.receive": ("polls",),
}
"""Facts that count the rows of a table that came from outside, beside those set aside."""


def require_accepted(act: Act, waited: list[Act]) -> None:
    """See that a table of which more than a hundredth was set aside was accepted so.

    Args:
        act: of any kind.
        waited: deliveries that it numbers with its own.
    """
    names = ROW_COUNTS.get(act["kind"])
    if names is None or act["parameters"].get("waits") is True:
        return
    counts = [act["facts"].get(name) for name in ("set_aside", *names)]
    if not all(type(count) is int for count in counts):
        raise Mismatch("the rows are not counted")
    own = act["kind"] != "polls.receive"  # polls have faults of their own
    if own and (strange := act["facts"].get("faults", {}).keys() - FAULTS):
        raise Mismatch(f"{min(strange)[:40]!r} is no fault of a table")
    aside, *kept = counts
    accepted = [name for one in (act, *waited) for name in one["parameters"].get("accepted", [])]
    if 100 * aside > aside + sum(kept) and "rows" not in accepted:
        raise Mismatch(f"{aside:,} rows were set aside, and that was not accepted")


def check_match(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Count the outcomes, and see that they are those of the standing lines."""
    outcomes = read_outcomes(writes["outcomes"])
    file = f"{writes['outcomes'].path}/outcomes.csv"
    standing = array("q", (serial for serial, gate in _gates(reads["gates"]) if not gate))
    if outcomes.serials != standing:
        raise Mismatch("the lines with an outcome are not the standing lines", file)
    counts = Counter(outcome for _, outcome in outcomes)
    expected = {
        "standing": len(standing),
        "listed": counts["listed"],
        "not_listed": counts["not_listed"],
        "unsure": counts["unsure"],
        "repeats": counts["repeat"],
    }
    _require_facts(act, expected)
    rule = law.optional(reads["statute"], "repeats", "rule")
    if ("repeats" in act["parameters"]) != (rule == "keep_none"):
        raise Mismatch("whether no line of a repeated signer is kept is not as the statute has it")
    if ("decoys" in act["parameters"]) != (len(act["reads"]) > FEWEST_READ):
        raise Mismatch("the parameter decoys is not what it read")
    return f"{len(standing):,} outcomes counted, {counts['repeat']:,} repeats"


def check_copy(act: Act, reads: Bundles, writes: Bundles) -> str:  # noqa: ARG001 - all sealed
    """See that the columns of a copy are in the order of the list; its number the chain checks."""
    columns = act["parameters"]["columns"]
    if columns != [name for name in ELECTOR if name in columns]:
        raise Mismatch("the columns of the copy are not in the order of the list, once each")
    return f"copy {act['facts']['copy']} with {act['facts']['decoys']:,} decoys"


def check_alarm(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that the lines of an alarm are standing lines that no elector fits; count them."""
    alarm = writes["alarm"]
    file = f"{alarm.path}/alarm.csv"
    rows = alarm.rows("alarm.csv", ("serial",))
    serials = [integer(serial, "serial", file) for (serial,) in rows]
    if not serials or serials != sorted(set(serials)):
        raise Mismatch("the lines of the alarm are none, or not in order", file)
    outcomes = dict(read_outcomes(reads["outcomes"]))
    if any(outcomes.get(serial) != "not_listed" for serial in serials):
        raise Mismatch("a line of the alarm is not one that no elector fits", file)
    if act["facts"]["lines"] != len(serials):
        raise Mismatch(f"it counts {act['facts']['lines']} lines, and names {len(serials)}", file)
    return f"{len(serials):,} lines match a decoy"


def _check_districts(reads: Bundles, gates: Bundle, serials: "array[int]") -> None:
    """See that each line's district is given exactly where the petition is decided by district."""
    issued = reads["requirement"].document("requirement.json")
    wanted = _samples_by_district(reads["statute"]) or issued["spread"] is not None
    if gates.has("districts.csv") != wanted:
        raise Mismatch("the lines' districts are missing or not wanted", gates.path)
    if wanted and _districts(gates).serials != serials:
        raise Mismatch("the lines with a district are not all lines", f"{gates.path}/districts.csv")
    minimums = issued["spread"]["minimums"] if issued["spread"] else {}
    strange = {name for _, name in _districts(gates)} - {UNKNOWN, *minimums} if minimums else set()
    if strange:
        words = f"lines are of the district {min(strange)[:40]}, which has no base"
        raise Mismatch(words, f"{gates.path}/districts.csv")


def _samples_by_district(statute: Bundle) -> bool:
    return bool(law.optional(statute, "sampling", "unit") == "district")


def _universe(reads: Bundles) -> dict[str, list[int]]:
    """Give the lines that can be drawn, by district, or under "" where districts do not matter."""
    left_out = law.value(reads["statute"], "repeats", "found") == "all_lines"
    where = dict(_districts(reads["gates"])) if reads["gates"].has("districts.csv") else {}
    universe: dict[str, list[int]] = {}
    for serial, outcome in read_outcomes(reads["outcomes"]):
        if not left_out or outcome != "repeat":
            universe.setdefault(where.get(serial, ""), []).append(serial)
    return dict(sorted(universe.items()))


def check_draw(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Draw the sample again by its seed."""
    choices, statute = act["parameters"], reads["statute"]
    seed, size, stage = choices.get("seed"), choices.get("size"), choices.get("stage")
    if size not in (None, "all") and type(size) is not int:
        raise Mismatch("the size is malformed")
    if stage == 2:
        _check_second(reads, size)
    universe = _universe(reads)
    lines = sum(map(len, universe.values()))
    strata = universe if _samples_by_district(statute) else {"": sorted(chain(*universe.values()))}
    before = _drawn_by_first_sample(reads) if stage == 2 else {}
    drawn: list[list[str]] = []
    for name, serials in strata.items():
        count = _sample_size(statute, len(serials), size, stage, before.get(name, 0))
        if seed is None and count < len(serials):
            raise Mismatch(f"{count} of {len(serials)} lines are drawn, and there is no seed")
        tickets = sorted((_ticket(seed, serial), serial) for serial in serials)[:count]
        drawn += [[name, str(serial), ticket] for ticket, serial in tickets]
    numbered = [[str(place), *row] for place, row in enumerate(drawn, start=1)]
    if list(writes["draw"].rows("draw.csv", DRAW)) != numbered:
        raise Mismatch("the drawn lines are not those of the seed", writes["draw"].path)
    _require_facts(act, {"universe": lines, "drawn": len(drawn)})
    if seed is None:
        return f"all {lines:,} lines are drawn, which needs no seed"
    return f"{len(drawn):,} of {lines:,} lines drawn again by the seed {seed}"


def _check_second(reads: Bundles, size: object) -> None:
    """See that a second stage is what the decision before it asks for."""
    asked = reads["decision"].document("decision.json").get("decision")
    if asked == "check_every_line" and size != "all":
        raise Mismatch("the decision before asks for every line, and a sample was drawn")
    second = law.has(reads["statute"], "sampling", "second_fraction")
    if asked == "draw_second_sample" and not second:
        raise Mismatch("the statute has no second sample")


def _drawn_by_first_sample(reads: Bundles) -> dict[str, int]:
    """Give how many lines the first sample has, of the whole or by district."""
    first = reads["decision"].document("decision.json")
    if _samples_by_district(reads["statute"]):
        return {row["district"]: row["drawn"] for row in first["strata"]}
    return {"": first["drawn"]}


def _sample_size(statute: Bundle, lines: int, size: object, stage: int, before: int) -> int:
    """Give how many lines are drawn of so many, of which a first sample has some."""
    full = law.value(statute, "verification", "method") == "full"
    if isinstance(size, int) and (full or _samples_by_district(statute)):
        raise Mismatch("a size was chosen, where the statute checks all or has one by district")
    if size == "all" or full:
        return lines
    share = law.optional(statute, "sampling", "fraction" if stage == 1 else "second_fraction")
    fewest = law.optional(statute, "sampling", "minimum")
    least = max(law.rounded(law.exact(share or 0) * lines, "up"), fewest or 0)
    if share is None and fewest is None and size is None:
        raise Mismatch("the statute names no size of the sample, and none was chosen")
    if isinstance(size, int):
        if size < min(lines, least):
            raise Mismatch(f"{size} lines drawn, the statute asks for {least}")
        least = size
    if isinstance(size, int) and size < before:
        raise Mismatch(f"{size} lines drawn, fewer than the {before} of the first sample")
    return min(lines, max(least, before))


def check_checks(act: Act, reads: Bundles, writes: Bundles) -> str:
    """See that drawn lines were checked, and count the findings."""
    findings = _findings(writes["checks"])
    drawn = _serials_drawn(reads["draw"])
    if strange := sorted({serial for serial, _ in findings} - drawn):
        raise Mismatch(f"line {strange[0]} was not drawn", writes["checks"].path)
    if drawn and not findings:
        raise Mismatch("it has no finding", writes["checks"].path)
    counts = Counter(finding for _, finding in findings)
    for finding in counts:
        decision.is_copy(finding, len(drawn))
    if "checks" in reads:
        _require_same_findings(_all_findings(reads["checks"]), findings, writes["checks"])
    valid = counts.pop("valid", 0)
    _require_facts(act, {"checked": len(findings), "valid": valid, "invalid": dict(counts)})
    return f"{len(findings):,} findings on {len(drawn):,} drawn lines counted, {valid:,} valid"


def _require_same_findings(
    before: Mapping[int, str], findings: NumberedLines, checks: Bundle
) -> None:
    """See that a line has the finding of the round before, or is now a later one of its elector."""
    for serial, new in findings:
        old = before.get(serial, new)
        later = [_line_of_elector(code) for code in (old, new)]
        if new != old and not 0 < later[0] < later[1]:
            words = f"the finding on line {serial} is another than in the round before"
            raise Mismatch(words, f"{checks.path}/checks.csv")


def _line_of_elector(finding: str) -> int:
    """Say which line of its elector a line was found to be: 0 where it is not known."""
    if finding.startswith("copy_"):
        return int(finding.removeprefix("copy_"))
    return 1 if finding in {"valid", "duplicate"} else 0


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
    if by_sample:
        more, compared, answer = _decide_by_sample(reads, standing, _universe(reads))
    elif not law.has(reads["statute"], "gates", "preliminary_count"):
        raise Mismatch("the statute has no preliminary count")
    elif standing < required:
        more, compared, answer = {}, standing, "insufficient"
    else:
        raise Mismatch("the preliminary count decides nothing where enough lines stand")
    expected = {
        "method": method,
        "lines": len(gates),
        "rejected": dict(rejected),
        "standing": standing,
        "required": required,
        "compared": compared,
        "decision": answer,
        **more,
    }
    _require_document(writes["decision"], "decision.json", expected)
    _require_facts(act, {"decision": answer, "compared": compared, "required": required})
    held = f"{compared:,} held against"
    if compared < 0:
        held = f"the rule takes off {-compared:,} more than the lines give, so nothing is left of"
    return f"{answer}: {held} {required:,} required"


def _decide_by_sample(
    reads: Bundles, standing: int, universe: dict[str, list[int]]
) -> tuple[dict[str, Any], int, str]:
    """Count the findings by district and decide."""
    findings = _all_findings(reads["checks"])
    drawn = {serial for serial, _ in _drawn(reads["draw"])}
    if lacking := sorted(drawn - findings.keys()):
        raise Mismatch(f"{len(lacking):,} drawn lines have no finding, line {lacking[0]} is one")
    decision.require_copies(Counter(findings.values()))
    stage = reads["draw"].manifest["parameters"]["stage"]
    found = {name: [findings.get(line) for line in lines] for name, lines in universe.items()}
    strata = {name: decision.count_findings(codes) for name, codes in found.items()}
    issued = reads["requirement"].document("requirement.json")
    judged = decision.decide(reads["statute"], strata, issued, second=stage == 2)
    invalid: Counter[str] = Counter()
    for one in strata.values():
        invalid.update(one.invalid)
    spread = issued["spread"]
    more = {
        "repeats": standing - sum(map(len, universe.values())),
        "universe": sum(map(len, universe.values())),
        "drawn": sum(one.drawn for one in strata.values()),
        "valid": sum(one.valid for one in strata.values()),
        "copies": sum(sum(one.copies) for one in strata.values()),
        "invalid": dict(invalid),
        "formula": law.value(reads["statute"], "projection", "formula"),
        "shape": law.value(reads["statute"], "decision", "shape"),
        "stage": stage,
        "strata": judged.strata,
        "reached": judged.reached,
        "need": spread["need"] if spread and spread["minimums"] else None,
    }
    return more, judged.compared, judged.answer


def _ticket(seed: str | None, serial: int) -> str:
    return "" if seed is None else hashlib.sha256(f"{seed},{serial}".encode()).hexdigest()


def _gates(bundle: Bundle) -> NumberedLines:
    return read_numbered_lines(
        bundle.rows("gates.csv", ("serial", "gate")), f"{bundle.path}/gates.csv"
    )


def read_outcomes(bundle: Bundle) -> NumberedLines:
    """Read the standing lines and their outcomes, ascending."""
    file = f"{bundle.path}/outcomes.csv"
    rows = read_numbered_lines(bundle.rows("outcomes.csv", ("serial", "outcome")), file)
    if strange := {outcome for _, outcome in rows} - OUTCOMES:
        raise Mismatch(f"the outcome {min(strange)[:40]!r} is not known", file)
    return rows


def _districts(bundle: Bundle) -> NumberedLines:
    rows = bundle.rows("districts.csv", ("serial", "district"))
    return read_numbered_lines(rows, f"{bundle.path}/districts.csv")


def _findings(bundle: Bundle) -> NumberedLines:
    file = f"{bundle.path}/checks.csv"
    rows = read_numbered_lines(bundle.rows("checks.csv", ("serial", "finding")), file)
    require_findings((finding for _, finding in rows), file)
    return rows


def _all_findings(checks: Bundle) -> Mapping[int, str]:
    """Read the findings of all parts."""
    return _findings_in(tuple((part.data("checks.csv"), part.path) for part in checks.all_parts))


@lru_cache(maxsize=2)
def _findings_in(tables: tuple[tuple[bytes, str], ...]) -> Mapping[int, str]:
    """Read the findings of parts, once for all that is compared with them."""
    parts = (Bundle(path, {}, {"checks.csv": table}) for table, path in tables)
    return {serial: code for part in parts for serial, code in _findings(part)}


def require_findings(findings: Iterable[str], file: str) -> None:
    """See that findings are of the closed list."""
    for finding in findings:
        if finding not in FINDINGS and not re.fullmatch(r"copy_[0-9]+", finding, re.ASCII):
            raise Mismatch(f"the finding {finding[:40]!r} is not a code", file)


@lru_cache(maxsize=2)
def _serials_of(table: bytes, path: str) -> frozenset[int]:
    """Give the drawn lines once for all parts of their checks."""
    return frozenset(serial for serial, _ in _drawn(Bundle(path, {}, {"draw.csv": table})))


def _serials_drawn(draw: Bundle) -> frozenset[int]:
    return _serials_of(draw.data("draw.csv"), draw.path)


def _drawn(bundle: Bundle) -> list[tuple[int, str]]:
    rows = bundle.rows("draw.csv", DRAW)
    return [(integer(serial, "serial", bundle.path), ticket) for _, _, serial, ticket in rows]


def _require_document(bundle: Bundle, name: str, expected: dict[str, Any]) -> None:
    require_equal(bundle.document(name), expected, f"{bundle.path}/{name}")


def _require_facts(act: Act, expected: dict[str, Any]) -> None:
    require_equal(act["facts"], expected, "")


def require_equal(found: dict[str, Any], expected: dict[str, Any], file: str) -> None:
    """Insist that a document or the facts of an act have exactly the expected numbers."""
    for name in sorted(found.keys() | expected.keys()):
        if name not in found or name not in expected:
            word = "missing" if name not in found else "not expected"
            raise Mismatch(f"{name} is {word}", file)
        if not same(found[name], expected[name]):
            words = f"{name} is {str(found[name])[:80]}, worked out here {str(expected[name])[:80]}"
            raise Mismatch(words, file)
