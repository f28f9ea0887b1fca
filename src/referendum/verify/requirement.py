"""What a petition requires, and until when it is signed, worked out again."""

from datetime import date
from typing import Any

from referendum.verify import law
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.kinds import Act
from referendum.verify.petition import compare
from referendum.verify.report import Mismatch


def check_issue(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the requirement and the window from the statute."""
    chosen, statute = act["parameters"], reads["statute"]
    proposal = str(chosen.get("proposal"))
    threshold = ("thresholds", proposal)
    expected = _required(statute, threshold, chosen.get("base_value"))
    first = _day(chosen.get("first_day"))
    window = law.optional(statute, "collection", "window")
    if (window is None) == (chosen.get("last_day") is None):
        raise Mismatch("a last day is chosen exactly where the statute has no window")
    last = (
        _day(chosen.get("last_day"))
        if window is None
        else law.window_end(
            first, window, first_day_counts=law.value(statute, "collection", "first_day_counts")
        )
    )
    if not _day(chosen.get("issued_on")) <= first <= last:
        raise Mismatch("it is issued after the first day of signing, or that is after the last day")
    required = expected["required"]
    if required < 1:
        raise Mismatch("no signature at all is required")
    expected |= {
        "proposal": proposal,
        "spread": _spread(statute, threshold, required, chosen),
        "issued_on": _day(chosen.get("issued_on")).isoformat(),
        "first_day": first.isoformat(),
        "window": window,
        "last_day": last.isoformat(),
    }
    bundle = writes["requirement"]
    compare(bundle.document("requirement.json"), expected, f"{bundle.path}/requirement.json")
    compare(act["facts"], {"required": required, "last_day": last.isoformat()}, "")
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


def _spread(
    statute: Bundle, threshold: tuple[str, str], required: int, chosen: dict[str, Any]
) -> dict[str, Any] | None:
    bases = chosen.get("districts")
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
    units, stated = law.optional(statute, *rule, "units"), chosen.get("districts_in_all")
    if (stated is not None) != (bases is not None and units is None):
        raise Mismatch("how many districts there are is stated exactly where the statute does not")
    if len(minimums) not in (units, stated) and (units or stated) is not None:
        raise Mismatch(f"{len(minimums)} districts, there are {units or stated}")
    need = str(law.value(statute, *rule, "need"))
    if need == "all":
        many = len(minimums)
    elif "/" in need:
        many = law.rounded(law.exact(need) * len(minimums), "up")
    else:
        many = int(need)
    return {"unit": unit, "need": many, "minimums": minimums, "cap": None}


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise Mismatch(f"{str(text)[:40]!r} is not a day") from error
