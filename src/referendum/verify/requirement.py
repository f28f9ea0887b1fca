"""What a petition requires, and until when it is signed, worked out again."""

from datetime import date
from typing import Any

from referendum.verify import law
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.kinds import Act
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch


def check_issue(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the requirement and the window from the statute."""
    choices, statute = act["parameters"], reads["statute"]
    proposal = str(choices.get("proposal"))
    threshold = ("thresholds", proposal)
    expected = _required(statute, threshold, choices.get("base_value"))
    first = _day(choices.get("first_day"))
    window = law.optional(statute, "collection", "window")
    if (window is None) == (choices.get("last_day") is None):
        raise Mismatch("a last day is chosen exactly where the statute has no window")
    last = (
        _day(choices.get("last_day"))
        if window is None
        else law.window_end(
            first, window, first_day_counts=law.value(statute, "collection", "first_day_counts")
        )
    )
    if not _day(choices.get("issued_on")) <= first <= last:
        raise Mismatch("it is issued after the first day of signing, or that is after the last day")
    required = expected["required"]
    if required < 1:
        raise Mismatch("no signature at all is required")
    expected |= {
        "proposal": proposal,
        "spread": _distribution(statute, threshold, required, choices),
        "issued_on": _day(choices.get("issued_on")).isoformat(),
        "first_day": first.isoformat(),
        "window": window,
        "last_day": last.isoformat(),
    }
    bundle = writes["requirement"]
    require_equal(bundle.document("requirement.json"), expected, f"{bundle.path}/requirement.json")
    require_equal(act["facts"], {"required": required, "last_day": last.isoformat()}, "")
    return f"{required:,} signatures required, to be signed by {last}"


def _required(statute: Bundle, threshold: tuple[str, str], base: object) -> dict[str, Any]:
    if law.has(statute, *threshold, "number"):
        number = law.value(statute, *threshold, "number")
        silent = dict.fromkeys(("base", "base_value", "share", "rounding", "product"))
        return {**silent, "required": number}
    if base is None:
        base = law.value(statute, *threshold, "base_value")
    if type(base) is not int or base < 0:
        raise Mismatch("the base value is not a whole number")
    share = law.exact(law.value(statute, *threshold, "share"))
    rounding = law.value(statute, *threshold, "rounding")
    return {
        "base": law.optional(statute, *threshold, "base"),
        "base_value": base,
        "share": str(share),
        "rounding": rounding,
        "product": str(share * base),
        "required": law.rounded(share * base, rounding),
    }


def _distribution(
    statute: Bundle, threshold: tuple[str, str], required: int, choices: dict[str, Any]
) -> dict[str, Any] | None:
    bases = choices.get("districts")
    rule = (*threshold, "distribution")
    by_share = law.has(statute, *rule, "share") and not law.has(statute, *rule, "minimums")
    if bases is not None and not by_share:
        raise Mismatch("bases of districts are given, and the statute asks for none")
    if not law.has(statute, *rule):
        return None
    unit = law.value(statute, *rule, "unit")
    if law.has(statute, *rule, "cap"):
        cap = law.rounded(law.exact(law.value(statute, *rule, "cap")) * required, "down")
        return {"unit": unit, "need": 0, "minimums": {}, "cap": cap}
    minimums = law.optional(statute, *rule, "minimums")
    if minimums is None:
        share = law.exact(law.value(statute, *rule, "share"))
        rounding = law.value(statute, *rule, "rounding")
        if not isinstance(bases, dict) or not bases or min(bases.values()) < 1:
            raise Mismatch("the bases of the districts are missing or malformed")
        minimums = {name: law.rounded(share * base, rounding) for name, base in bases.items()}
    units, stated = law.optional(statute, *rule, "units"), choices.get("districts_in_all")
    if (stated is not None) != (bases is not None and units is None):
        raise Mismatch("how many districts there are is stated exactly where the statute does not")
    if len(minimums) not in (units, stated) and (units or stated) is not None:
        raise Mismatch(f"{len(minimums)} districts, there are {units or stated}")
    need = str(law.value(statute, *rule, "need"))
    if need == "all":
        districts_needed = len(minimums)
    elif "/" in need:
        districts_needed = law.rounded(law.exact(need) * len(minimums), "up")
    else:
        districts_needed = int(need)
    return {"unit": unit, "need": districts_needed, "minimums": minimums, "cap": None}


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise Mismatch(f"{str(text)[:40]!r} is not a day") from error
