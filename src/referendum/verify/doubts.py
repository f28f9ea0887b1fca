"""Warnings about several returns at once: running totals, electors that differ."""

import re
from itertools import pairwise

from referendum.verify.between import Key, Return

Doubts = dict[Key, str]  # key and code of a warning: its figures

_TIME = re.compile(r"(?<![0-9:.])([01]?[0-9]|2[0-4])[:hH.]([0-5][0-9])(?![0-9:.])")


def running_totals(forms: list[Return]) -> Doubts:
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


def places_differ(forms: list[Return]) -> Doubts:
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
