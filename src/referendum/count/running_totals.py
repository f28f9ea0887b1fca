"""Running totals: places that are named as times of day, each with all that came before it."""

import re
from itertools import pairwise

import polars as pl

from referendum.count.tables import KEY

FEWEST_FORMS = 3
"""Forms of a group, from which numbers that never fall are worth a look."""

_TIME = re.compile(r"(?<![0-9:.])([01]?[0-9]|2[0-4])[:hH.]([0-5][0-9])(?![0-9:.])")
_DISTRICT = ("question", "kind", "region", "district")


def find_running_totals(forms: pl.DataFrame) -> pl.DataFrame:
    """Find districts whose places are times of day, and whose votes never fall in their order.

    Returns:
        The key of each, its place being `all`, with `code`, `figures` and `explanation`.
    """
    timed_forms = forms.filter(pl.col("place").str.contains(r"\d[:hH.]\d\d"))
    if timed_forms.is_empty():
        timed_forms = forms = forms.clear()
    groups = forms.join(timed_forms, on=_DISTRICT, how="semi").partition_by(_DISTRICT, as_dict=True)
    found = []
    for key, group in groups.items():
        times = [_minutes_of(place) for place in group.get_column("place")]
        votes = zip(times, group.select("yes", "no", "total").iter_rows(), strict=True)
        ordered = sorted((time, row) for time, row in votes if time is not None)
        if FEWEST_FORMS <= len(ordered) == group.height and _never_falls(ordered):
            yes, no, total = ordered[-1][1]
            figures = f"yes {yes}, no {no}, total {total}"
            found.append((*key, "all", "running_totals", figures, None))
    names = (*KEY, "code", "figures", "explanation")
    return pl.DataFrame(found, schema=dict.fromkeys(names, pl.String), orient="row")


def _never_falls(ordered: list[tuple[int, tuple[int, ...]]]) -> bool:
    return all(
        time < later and all(a <= b for a, b in zip(row, next_row, strict=True))
        for (time, row), (later, next_row) in pairwise(ordered)
    )


def _minutes_of(place: str) -> int | None:
    found = _TIME.search(place)
    return 60 * int(found[1]) + int(found[2]) if found else None
