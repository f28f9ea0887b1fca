"""Rows that are sums of others: a state's total among its places would count every vote twice.

A sum is known by its name (`Total`), by its code (`63-000` above `63-101` and `63-102`), or by its
numbers alone: yes, no and total are those of all other rows of the district, region or whole.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import polars as pl

from referendum.core.errors import InputError
from referendum.core.names import name_key
from referendum.core.words import ends_as_sum, summed_parts
from referendum.count.subtotals import find_subtotals

Numbers = tuple[int, int, int]

SUM_ROWS = pl.Schema({"row": pl.Int64, "code": pl.String, "value": pl.String, "ballots": pl.Int64})
LEVELS = (("question", "region", "district"), ("question", "region"), ("question",))
VOTES = ("yes", "no", "total")
FEWEST_VOTES = 20
"""Votes, for and against, from which equal numbers are no accident."""

_MOST_CODE_PARTS = 6


def find_sum_rows(forms: pl.DataFrame, *, in_file: bool = True) -> pl.DataFrame:
    """Find the rows that are sums of others.

    Args:
        forms: readable forms with `row`, question and kind filled in.
        in_file: whether `row` is the place in a file, where sums stand beside what they sum.

    Returns:
        Columns of `FOUND`: `sum_of_others`, or `sum_differs` for a row that is named as a sum and
        is not one; `ballots` is what a sum has beyond the rows of which it should be one.

    Raises:
        InputError: a row is named as a sum and is the only one of its district.
    """
    subtotals = _subtotal_names(forms)
    found = [_find_subtotal_rows(forms, subtotals) if in_file else pl.DataFrame(schema=SUM_ROWS)]
    rest = forms.join(found[0], on="row", how="anti")
    for step in (_find_named_sums, _find_coded_sums):
        found.append(step(rest))
        rest = rest.join(found[-1], on="row", how="anti")
    while not (equal := _find_equal_sums(rest)).is_empty():
        found.append(equal)
        rest = rest.join(equal, on="row", how="anti")
    return pl.concat([*found, _find_sums_of_nothing(rest, subtotals)])


def _find_subtotal_rows(forms: pl.DataFrame, subtotals: list[str]) -> pl.DataFrame:
    """Find the rows that are sums of the rows beside them in the file."""
    named = forms.filter(pl.col("place").is_in(subtotals)).get_column("row")
    rows = find_subtotals(forms, named)
    return rows.select(
        "row",
        code=pl.lit("sum_of_others"),
        value=pl.format("yes {}, no {}, total {}: those of rows {} to {}", *VOTES, "first", "last"),
        ballots=pl.lit(0, dtype=pl.Int64),
    )


def _subtotal_names(forms: pl.DataFrame) -> list[str]:
    """Give the names of places that end in a word for a sum, of whatever it may be the sum."""
    places = forms.get_column("place")
    found = [name for name in summed_parts(places) if ends_as_sum(name)]
    return [] if len(found) == places.drop_nulls().n_unique() else found


def _find_sums_of_nothing(rest: pl.DataFrame, subtotals: list[str]) -> pl.DataFrame:
    """Find the rows that are named as sums of something that no row is a part of."""
    return rest.filter(pl.col("place").is_in(subtotals)).select(
        "row",
        code=pl.lit("sum_differs"),
        value=pl.format("yes {}, no {}, total {}: of rows that are not known", *VOTES),
        ballots="total",
    )


def find_rows_equal_to_others(forms: pl.DataFrame) -> pl.DataFrame:
    """Give the forms that have the numbers of all others of their group, `certain` or not."""
    levels = [_find_equal_rows(forms, level, sums) for level, sums in sum_by_level(forms)]
    every = pl.concat(levels).sort("certain", descending=True)
    return every.unique(_row_key(forms), keep="first", maintain_order=True)


def find_certain_sums(forms: pl.DataFrame) -> pl.DataFrame:
    """Find the forms that are sums of others by their numbers alone, until none is left.

    Args:
        forms: with `row`.

    Returns:
        `row` and `code`: `sum_of_others`, or `sum_differs` of a kind or question that is mostly so.
    """
    found, rest = [], forms
    while not (sums := _sums_by_numbers(rest)).is_empty():
        found.append(sums)
        rest = rest.join(sums, on="row", how="anti")
    return pl.concat([pl.DataFrame(schema={"row": pl.Int64, "code": pl.String}), *found])


def _sums_by_numbers(rest: pl.DataFrame) -> pl.DataFrame:
    for level, every in sum_by_level(rest):
        same = _find_equal_rows(rest, level, every).filter("certain")
        if same.height:
            return same.select("row", code=pl.lit("sum_of_others"))
    return find_kinds_or_questions_that_are_sums(rest).select("row", "code")


def _row_key(forms: pl.DataFrame) -> list[str]:
    return (
        ["row"] if "row" in forms.columns else ["question", "kind", "region", "district", "place"]
    )


def sum_by_level(forms: pl.DataFrame) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    """Add up the groups of each level: `all_yes`, `all_no`, `all_total`, `most`, `rows`.

    The forms are read once: the sums of a region are those of its districts.
    """
    sums = forms.group_by(LEVELS[0]).agg(
        *(pl.col(name).sum().alias(f"all_{name}") for name in VOTES),
        most=pl.col("total").max(),
        rows=(pl.col("total") > 0).sum().cast(pl.Int64),
    )
    for level in LEVELS:
        added = [f"all_{name}" for name in VOTES]
        sums = sums.group_by(level).agg(
            pl.col(*added).sum(), pl.col("most").max(), pl.col("rows").sum()
        )
        yield level, sums


def _find_equal_rows(
    forms: pl.DataFrame, level: tuple[str, ...], sums: pl.DataFrame
) -> pl.DataFrame:
    """Find, in each group of a level, the row that has the numbers of all others together."""
    groups = sums.filter(pl.col("rows") >= 3)
    likely = groups.filter(2 * pl.col("most") == pl.col("all_total"))
    grouped = forms.join(likely, on=level, how="semi", maintain_order="left").with_columns(
        others=(pl.col("total") > 0).sum().over(level) - (pl.col("total") > 0).cast(pl.Int64),
        same=pl.all_horizontal(
            2 * pl.col(name) == pl.col(name).sum().over(level) for name in VOTES
        ),
    )
    same = grouped.filter(pl.col("same") & (pl.col("others") >= 2))
    usual = 2 * same.height >= groups.height
    enough = pl.min_horizontal("yes", "no") >= FEWEST_VOTES
    certain = enough & ((pl.col("others") >= 3) | pl.lit(usual))
    return same.with_columns(certain=certain).drop("others", "same")


def _find_equal_sums(rest: pl.DataFrame) -> pl.DataFrame:
    for level, every in sum_by_level(rest):
        same = _find_equal_rows(rest, level, every).filter("certain")
        if same.height:
            return _as_sum_rows(
                same, "yes {}, no {}, total {}: those of all others of its " + level[-1]
            )
    sums = find_kinds_or_questions_that_are_sums(rest)
    return _find_repeated_sums(rest) if sums.is_empty() else sums


def find_kinds_or_questions_that_are_sums(rest: pl.DataFrame) -> pl.DataFrame:
    """Find the forms of kinds, or else of questions, that are the sum of all others."""
    kinds = _find_values_that_are_sums(rest, "kind")
    return _find_values_that_are_sums(rest, "question") if kinds.is_empty() else kinds


def _find_values_that_are_sums(rest: pl.DataFrame, column: str) -> pl.DataFrame:
    """Find kinds, or questions, that are the sum of all others in most of their boxes."""
    if rest.get_column(column).n_unique() <= 2:
        return pl.DataFrame(schema=SUM_ROWS)
    box = [name for name in ("question", "kind", "region", "district", "place") if name != column]
    full = pl.col("total") > 0
    most = pl.col("total").max()
    sums = rest.group_by(box).agg(most=most, all=pl.col("total").sum(), full=full.sum())
    likely = sums.filter((2 * pl.col("most") == pl.col("all")) & (pl.col("full") > 2))
    if likely.height < 2:
        return pl.DataFrame(schema=SUM_ROWS)
    beyond = (2 * pl.col(name) - pl.col(name).sum().over(box) for name in VOTES)
    yes, no, total = (number.abs() for number in beyond)
    boxes = rest.with_columns(
        others=full.sum().over(box) - full.cast(pl.Int64), beyond=pl.max_horizontal(yes + no, total)
    ).filter((pl.col("others") >= 2) & (pl.col("total") > 0))
    within = "question" if column == "kind" else "kind"
    same = pl.col("beyond") == 0
    usual = (same.sum() >= 2) & (2 * same.sum() > pl.len())
    enough = pl.min_horizontal(pl.col("yes").sum(), pl.col("no").sum()) >= FEWEST_VOTES
    return boxes.filter((usual & enough).over(within, column)).select(
        "row",
        code=pl.when(same).then(pl.lit("sum_of_others")).otherwise(pl.lit("sum_differs")),
        value=pl.format(f"yes {{}}, no {{}}, total {{}}: the other {column}s together", *VOTES),
        ballots="beyond",
    )


def _find_repeated_sums(rest: pl.DataFrame) -> pl.DataFrame:
    """Find rows that repeat the sums of other regions or districts, where most of these come so."""
    for level in LEVELS[:2]:
        with_ballots = (pl.col("total") > 0).sum()
        groups = rest.group_by(level).agg(pl.col(VOTES).sum(), with_ballots.alias("rows"))
        groups = groups.filter(
            (pl.col("rows") >= 2) & (pl.min_horizontal("yes", "no") >= FEWEST_VOTES)
        )
        theirs = groups.rename({name: f"their_{name}" for name in level[1:]})
        pairs = rest.join(theirs, on=["question", *VOTES], how="inner")
        other = [pl.col(name) != pl.col(f"their_{name}") for name in level[1:]]
        own = [f"their_{name}" for name in level[1:]]
        pairs = pairs.filter(pl.any_horizontal(other)).sort("row", *own)
        pairs = pairs.unique("row", keep="first", maintain_order=True)
        matched = pairs.select("question", *own).n_unique()
        if matched >= 2 and 2 * matched >= groups.height:
            return _as_sum_rows(pairs, "yes {}, no {}, total {}: those of another " + level[-1])
    return pl.DataFrame(schema=SUM_ROWS)


def _as_sum_rows(rows: pl.DataFrame, words: str) -> pl.DataFrame:
    return rows.select(
        "row",
        code=pl.lit("sum_of_others"),
        value=pl.format(words, *VOTES),
        ballots=pl.lit(0, dtype=pl.Int64),
    )


def _find_named_sums(forms: pl.DataFrame) -> pl.DataFrame:
    """Find the rows that are named as sums: their kind, place, district or region."""
    marked = forms.with_columns(
        pl.col(name).is_in(_sum_names(forms, name)).alias(f"sum_{name}")
        for name in ("kind", "place", "district", "region")
    )
    any_named = pl.any_horizontal("sum_kind", "sum_place", "sum_district", "sum_region")
    if not marked.select(any_named.any()).item():
        return pl.DataFrame(schema=SUM_ROWS)
    levels = {
        "kind": ("question", "region", "district", "place"),
        "place": LEVELS[0],
        "district": LEVELS[1],
        "region": LEVELS[2],
    }
    marked = marked.with_columns(
        (pl.col(f"sum_{name}") & (~pl.col(f"sum_{name}")).any().over(level)).alias(f"in_{name}")
        for name, level in levels.items()
    ).with_columns(named=pl.any_horizontal(f"in_{name}" for name in levels))
    _require_other_places(marked)
    return _judge_named_sums(marked, levels)


def _sum_names(forms: pl.DataFrame, column: str) -> list[str]:
    """Give the names of sums: `Total`, or `NSW Total` where a region or district is called NSW."""
    names = forms.get_column(column)
    parts = summed_parts(names)
    # Where all are called so, none is a sum of others.
    if not parts or len(parts) == names.drop_nulls().n_unique():
        return []
    above = {
        name_key(name)
        for level in ("region", "district")
        for name in forms.get_column(level).unique().drop_nulls()
        if name not in parts
    }
    return [name for name, part in parts.items() if not part or part in above]


def _require_other_places(marked: pl.DataFrame) -> None:
    """Refuse a row named as a sum that is alone in its district, where others are places."""
    alone = marked.filter(pl.col("sum_place") & ~pl.col("named"))
    if alone.is_empty() or marked.get_column("sum_place").all():
        return
    row, place, district = alone.select("row", "place", "district").row(0)
    raise InputError(
        f"row {row} is named {place!r} and is the only one of {district}: a place, or a sum?",
        hint="name the place otherwise, or take the row out of the file",
    )


def _judge_named_sums(marked: pl.DataFrame, levels: dict[str, tuple[str, ...]]) -> pl.DataFrame:
    """Hold each row named as a sum against the sums of the others, at every level."""
    others = marked.filter(~pl.col("named"))
    named = marked.filter("named")
    for name, level in levels.items():
        sums = others.group_by(level).agg(pl.col(one).sum().alias(f"{one}_{name}") for one in VOTES)
        named = named.join(sums, on=level, how="left", maintain_order="left")
    equal = pl.any_horizontal(
        pl.all_horizontal(pl.col(one).eq_missing(pl.col(f"{one}_{name}")) for one in VOTES)
        for name in levels
    )
    own = pl.coalesce(
        pl.when(pl.col(f"in_{name}")).then(_differing_ballots(f"_{name}")) for name in levels
    )
    # A form of all kinds that is no sum of the others may be right, and they wrong.
    kinds = pl.any_horizontal("in_place", "in_district", "in_region")
    unclear = (pl.col("kind") == "all") & ~kinds & ~equal
    return named.filter(~unclear).select(
        "row",
        code=pl.when(equal).then(pl.lit("sum_of_others")).otherwise(pl.lit("sum_differs")),
        value=pl.format("yes {}, no {}, total {}", *VOTES),
        ballots=pl.when(equal).then(0).otherwise(own).cast(pl.Int64),
    )


def _differing_ballots(level: str) -> pl.Expr:
    """Give the ballots by which a row and the sum of the others differ."""
    yes, no, total = ((pl.col(one) - pl.col(f"{one}{level}").fill_null(0)).abs() for one in VOTES)
    return pl.max_horizontal(yes + no, total)


def _find_coded_sums(forms: pl.DataFrame) -> pl.DataFrame:
    """Find rows whose code has zeros where the codes below it have numbers, if they are their sum.

    A code is a place such as `63-000-00-0102-001`; or region, district and place, all digits.
    """
    codes = _codes_of_rows(forms)
    if not codes:
        return pl.DataFrame(schema=SUM_ROWS)
    numbers = {row: votes for row, *votes in forms.select("row", *VOTES).iter_rows()}
    present = set(codes.values())
    above = {
        row: [one for one in _codes_above(code) if one in present] for row, code in codes.items()
    }
    higher = {code for codes_above in above.values() for code in codes_above}
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row, code in codes.items():
        for one in above[row] if code not in higher else ():
            sums[one] = [a + b for a, b in zip(sums[one], numbers[row], strict=True)]
    beyond = {}
    for row, code in codes.items():
        if code in sums:
            yes, no, total = (abs(a - b) for a, b in zip(sums[code], numbers[row], strict=True))
            beyond[row] = max(yes + no, total)
    equal = [row for row, number in beyond.items() if number == 0]
    if 2 * len(equal) < len(beyond):  # then zeros in a code do not mean that it is a sum
        beyond = dict.fromkeys(equal, 0)
    rows = forms.filter(pl.col("row").is_in(list(beyond)))
    return rows.select(
        "row",
        code=pl.when(pl.col("row").is_in(equal))
        .then(pl.lit("sum_of_others"))
        .otherwise(pl.lit("sum_differs")),
        value=pl.format("yes {}, no {}, total {}: above other codes", *VOTES),
        ballots=pl.col("row").replace_strict(beyond, return_dtype=pl.Int64),
    )


def _codes_of_rows(forms: pl.DataFrame) -> dict[int, tuple[str, ...]]:
    """Give the codes of the rows, each with its question first; none where no code has zeros."""
    digits = forms.filter(pl.col("place").str.contains(r"^[0-9\W]*[0-9][0-9\W]*$"))
    zeros = digits.select(pl.col("place").str.contains(r"(^|[^0-9])0+([^0-9]|$)").any()).item()
    if not zeros:
        return {}
    found = {}
    columns = digits.select("row", "question", "kind", "region", "district", "place")
    for row, question, kind, region, district, place in columns.iter_rows():
        parts = [part for part in re.split(r"[^0-9A-Za-z]+", place) if part]
        if len(parts) == 1:
            parts = [region, district, place]
        if len(parts) <= _MOST_CODE_PARTS and all(part.isdecimal() for part in parts):
            found[row] = (question, kind, *(part.lstrip("0") or "0" for part in parts))
    return found


def _codes_above(code: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Give the codes above one: some of its numbers are zeros in them."""
    parts = [place for place, part in enumerate(code) if place > 1 and part != "0"]
    return [
        tuple("0" if place in zeroed else part for place, part in enumerate(code))
        for size in range(1, len(parts) + 1)
        for zeroed in combinations(parts, size)
    ]
