"""The figures of the warnings, worked out again from the returns."""

from collections.abc import Iterable, Mapping

from referendum.verify.bundles import Bundle
from referendum.verify.report import Mismatch

Key = tuple[str, ...]  # question, kind, region, district, place
Numbers = Mapping[str, int | None]

FIGURES_OF_FORM = {
    "many_blank": ("blank", "total"),
    "many_rejected": ("informal", "blank", "total"),
    "large_difference": ("voters", "total", "declined", "taken_away", "difference"),
    "no_ballots": ("total",),
    "no_electors": ("electors",),
    "fewer_electors_than_voters": ("electors", "voters"),
    "more_ballots_than_voters": ("total", "voters"),
    "equals_the_others": ("yes", "no", "total"),
}
"""By code of a warning about one form: the numbers that are told of it, where they are given."""


def check_warning_figures(
    bundle: Bundle, forms: Mapping[Key, Numbers], between_forms: Mapping[Key, str]
) -> None:
    """See that every warning tells the numbers that raised it."""
    rows = bundle.records("warnings.csv")
    codes = [(*list(one.values())[:5], one["code"]) for one in rows]
    for one, expected in zip(
        rows, warning_figures(bundle, forms, between_forms, codes), strict=True
    ):
        if one["figures"] != expected:
            words = (
                f"the figures of {one['code']} are {one['figures'][:60]!r}, worked out here"
                f" {expected!r}"
            )
            raise Mismatch(words, f"{bundle.path}/warnings.csv")


def warning_figures(
    bundle: Bundle, forms: Mapping[Key, Numbers], between_forms: Mapping[Key, str], codes: list[Key]
) -> list[str]:
    """Give the numbers that raise warnings, each told by its key and code."""
    before: dict[Key, tuple[int, int]] = {
        (one["region"], one["district"], one["place"]): (int(one["yes"]), int(one["no"]))
        for one in bundle.records("previous.csv")
    }
    sums = {name: _sum_by_district(forms, name) for name in ("yes", "no", "total")}
    found = []
    for *parts, code in codes:
        key = tuple(parts)
        where = (key[0], key[2], key[3])
        if (*key, code) in between_forms:
            text = between_forms[*key, code]
        elif code in FIGURES_OF_FORM:
            numbers = ((name, forms[key][name]) for name in FIGURES_OF_FORM[code])
            text = _figures_text((name, number) for name, number in numbers if number is not None)
        elif code == "district_exceeds_electors":
            listed = _electors(bundle, where)
            text = _figures_text([("total", sums["total"][where]), ("electors", listed)])
        else:
            yes, no = forms[key]["yes"] or 0, forms[key]["no"] or 0
            others = (sums["yes"][where] - yes, sums["no"][where] - no)
            if code == "swapped_with_previous":
                others = before[key[2:]]
            text = _figures_text([("yes", yes), ("no", no)])
            text += "; beside " + _figures_text([("yes", others[0]), ("no", others[1])])
        found.append(text)
    return found


def _figures_text(numbers: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers)


def _sum_by_district(forms: Mapping[Key, Numbers], name: str) -> dict[Key, int]:
    """Add up a number by question and district."""
    sums: dict[Key, int] = {}
    for key, numbers in forms.items():
        where = (key[0], key[2], key[3])
        sums[where] = sums.get(where, 0) + (numbers[name] or 0)
    return sums


def _electors(bundle: Bundle, where: Key) -> int:
    return sum(
        int(one["electors"])
        for one in bundle.records("electors.csv")
        if (one["region"], one["district"]) == where[1:]
        and one.get("question", "*") in {"*", where[0]}
    )
