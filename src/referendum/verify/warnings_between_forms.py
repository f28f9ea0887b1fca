"""Warnings about several returns at once: running totals, electors that differ."""

import re
from itertools import pairwise

from referendum.verify.names import name_key
from referendum.verify.returned_forms import SUM_LEVELS, Key, Return

FiguresByWarning = dict[Key, str]  # key and code of a warning: its figures

_TIME = re.compile(r"(?<![0-9:.])([01]?[0-9]|2[0-4])[:hH.]([0-5][0-9])(?![0-9:.])")


def find_running_totals(forms: list[Return]) -> FiguresByWarning:
    """Find districts whose places are times of day, and whose votes never fall."""
    groups: dict[Key, list[tuple[int, tuple[int, int, int]]]] = {}
    other: set[Key] = set()
    for form in forms:
        time = _TIME.search(form.key[4])
        if time:
            minute = 60 * int(time[1]) + int(time[2])
            groups.setdefault(form.key[:4], []).append((minute, form.votes))
        else:
            other.add(form.key[:4])
    found = {}
    for key, group in groups.items():
        group.sort()
        rising = all(
            one[0] < later[0] and all(a <= b for a, b in zip(one[1], later[1], strict=True))
            for one, later in pairwise(group)
        )
        if key not in other and len(group) > 2 and rising:
            yes, no, total = group[-1][1]
            found[(*key, "all", "running_totals")] = f"yes {yes}, no {no}, total {total}"
    return found


def find_places_with_differing_electors(forms: list[Return]) -> FiguresByWarning:
    """Find places whose forms state different numbers of electors."""
    stated: dict[Key, set[int]] = {}
    for form in forms:
        number = form.numbers["electors"]
        if number is not None:
            stated.setdefault((form.key[0], "all", *form.key[2:]), set()).add(number)
    return {
        (*place, "electors_of_place_differ"): "electors " + ", ".join(map(str, sorted(numbers)))
        for place, numbers in stated.items()
        if len(numbers) > 1
    }


def find_near_sums(forms: list[Return]) -> FiguresByWarning:
    """Find forms that are the sum of all others of their group but for a few votes."""
    found: FiguresByWarning = {}
    for by in SUM_LEVELS:
        groups: dict[Key, list[Return]] = {}
        for form in forms:
            groups.setdefault(tuple(form.key[place] for place in by), []).append(form)
        for group in groups.values():
            for form, others in _find_near_sums_in(group):
                parts = (_votes_text(form.votes), _votes_text(others))
                found.setdefault((*form.key, "nearly_the_others"), "; others ".join(parts))
    return found


def _find_near_sums_in(group: list[Return]) -> list[tuple[Return, tuple[int, ...]]]:
    """Give the forms of a group that are nearly the sum of the others, and that sum."""
    full = sum(form.votes[2] > 0 for form in group)
    if full < 3:
        return []
    whole = [sum(numbers) for numbers in zip(*(form.votes for form in group), strict=True)]
    found = []
    for form in group:
        if abs(whole[2] - 2 * form.votes[2]) > 2 + form.votes[2] // 500:
            continue
        others = tuple(all_ - own for all_, own in zip(whole, form.votes, strict=True))
        off = max(abs(one - own) for one, own in zip(others, form.votes, strict=True))
        least = 20 if full - (form.votes[2] > 0) > 2 else 100
        if 0 < off <= 2 + form.votes[2] // 500 and min(form.votes[:2]) >= least:
            found.append((form, others))
    return found


def _votes_text(votes: tuple[int, ...]) -> str:
    return ", ".join(
        f"{name} {number}" for name, number in zip(("yes", "no", "total"), votes, strict=True)
    )


_LATIN_LOOKALIKES = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455"
    "\u04bb\u051b\u051d\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4"
    "\u03c5\u03c7",
    "abekmhopctyxijshqwabezhikmnoptyx",
)  # fmt: skip


def find_lookalike_names(forms: list[Return]) -> FiguresByWarning:
    """Find regions, districts and places whose names differ in letters that look the same."""
    found: FiguresByWarning = {}
    for depth, what in ((2, "region"), (3, "district"), (4, "place")):
        names: dict[Key, set[str]] = {}
        for form in forms:
            key = (
                form.key[0],
                *form.key[2:depth],
                name_key(form.key[depth]).translate(_LATIN_LOOKALIKES),
            )
            names.setdefault(key, set()).add(form.key[depth])
        alike = {key: group for key, group in names.items() if len(group) > 1}
        for form in forms if alike else ():
            name = form.key[depth]
            key = (form.key[0], *form.key[2:depth], name_key(name).translate(_LATIN_LOOKALIKES))
            if key in alike:
                words = f"{what} {', '.join(sorted(alike[key] - {name}))}"
                key_of_warning = (
                    form.key if depth == 4 else (form.key[0], "all", *form.key[2 : depth + 1])
                )
                found.setdefault(
                    (*key_of_warning, *["all"] * (5 - len(key_of_warning)), "looks_alike"), words
                )
    return found
