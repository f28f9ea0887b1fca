"""Decoys: can those of a copy be told from electors by somebody who knows those of other copies?

A classifier of boosted trees (scikit-learn) learns from copies of other made-up lists, whose
decoys it is told, and orders the rows of a copy that it has not seen. An area under the curve of a
half is a guess.
"""

import re
import sys
from collections import Counter

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from referendum.roll import make_decoys
from referendum.roll.copies import put_together
from referendum.roll.normalise import normalise_electors
from referendum.simulate.electors import draw_chunk

HOME = ("unit", "street_number", "street", "locality", "postal_code")
FACE = ("street", "locality", "postal_code")


def with_gaps(electors, seed):
    """Take households and electors off the list: empty houses, and numbers that nobody has."""
    rng = np.random.default_rng(seed)
    homes = electors.select(pl.struct(HOME).rank("dense")).to_series().to_numpy()
    stay = rng.random(homes.max() + 1) > 0.12
    return electors.filter(pl.Series(stay[homes] & (rng.random(electors.height) > 0.05)))


def features(copy, *, numbered=True):
    """Give what a reader of a copy could look at, for each row in its order."""
    shared = lambda *columns: pl.len().over(columns)  # noqa: E731
    near = lambda column, by: pl.col(column) == pl.col(column).shift(by)  # noqa: E731
    first, rest = (pl.col("given_names").str.extract(p) for p in (r"^(\S+)", r"^\S+ (.+)$"))
    frame = copy.with_columns(
        first=first, rest=rest, at=pl.int_range(pl.len()),
        number=pl.col("street_number").str.extract(r"^(\d+)$").cast(pl.Int64),
        door=pl.col("unit").str.extract(r"^(\d+)$").cast(pl.Int64),
        own=pl.col("elector_id").str.extract(r"(\d+)$").cast(pl.Int64),
    )  # fmt: skip
    made = {
        "home": shared(*HOME), "face": shared(*FACE), "postal": shared("postal_code"),
        "street_": shared("street", "locality"), "building": shared(*HOME[1:]),
        "no_unit": pl.col("unit").is_null(), "no_number": pl.col("number").is_null(),
        "no_phone": pl.col("phone").is_null(), "phones": shared("phone"),
        "home_phones": pl.col("phone").count().over(HOME),
        "home_phone": shared(*HOME, "phone"),
        **{f"phone{n}": pl.len().over(pl.col("phone").str.slice(0, n)) for n in (3, 4, 5, 6, 7)},
        "surnames": shared("surname"), "givens": shared("given_names"), "firsts": shared("first"),
        "rests": shared("rest"), "names": shared("surname", "given_names"),
        "first_surname": shared("surname", "first"),
        "surname_home": shared(*HOME, "surname"), "surname_street": shared(*FACE, "surname"),
        "surname_place": shared("locality", "surname"), "first_home": shared(*HOME, "first"),
        "first_place": shared("locality", "first"), "has_rest": pl.col("rest").is_not_null(),
        "long": pl.col("surname").str.len_chars(), "long_first": pl.col("first").str.len_chars(),
        "year": pl.col("birth_year"), "month": pl.col("birth_date").dt.month(),
        "day": pl.col("birth_date").dt.day(), "weekday": pl.col("birth_date").dt.weekday(),
        "birthdays": shared("birth_date"),
        "age_oldest": pl.col("birth_year") - pl.col("birth_year").min().over(HOME),
        "age_youngest": pl.col("birth_year").max().over(HOME) - pl.col("birth_year"),
        "age_rank": pl.col("birth_year").rank("min").over(HOME),
        "age_mean": pl.col("birth_year") - pl.col("birth_year").mean().over(HOME),
        "age_surname": pl.col("birth_year") - pl.col("birth_year").min().over(*HOME, "surname"),
        "home_surnames": pl.col("surname").n_unique().over(HOME),
        "listed": pl.col("listed_from").dt.epoch("d"), "listed_same": shared("listed_from"),
        "listed_home": shared(*HOME, "listed_from"),
        "listed_day": pl.col("listed_from").dt.weekday(),
        "listed_age": pl.col("listed_from").dt.year() - pl.col("birth_year"),
        "first_year": pl.col("birth_year") - pl.col("birth_year").median().over("first"),
        "last_letter": pl.col("first").str.slice(-1).replace_strict(
            {chr(n): n for n in range(97, 123)}, default=0),
        "same_end": pl.len().over(*HOME, pl.col("first").str.slice(-1)),
        **{f"{c}_{by}": near(c, by) for c in ("surname", "street", "locality", "street_number",
           "phone") for by in (1, -1, 2, -2)},
        "run_low": pl.col("number") - pl.col("number").min().over(FACE),
        "run_high": pl.col("number").max().over(FACE) - pl.col("number"),
        "step": pl.col("number") % 4, "step_face": (pl.col("number") % 4).n_unique().over(FACE),
        "door_high": pl.col("door").max().over(HOME[1:]) - pl.col("door"), "door": pl.col("door"),
        "listed_step": pl.col("listed_from").dt.epoch("d")
        - pl.col("listed_from").dt.epoch("d").shift(1),
    }  # fmt: skip
    if numbered:
        made |= {
            **{f"own{by}": (pl.col("own") - pl.col("own").shift(by)).abs() for by in (1, -1, 2)},
            "last_digit": pl.col("own") % 10,
        }
    made = frame.with_columns(**{f"x_{name}": one for name, one in made.items()})
    steps = [_steps(made, FACE, "number"), _steps(made, HOME[1:], "door")]
    for one in steps:
        made = made.join(one, on="at", how="left", maintain_order="left")
    letters = [_likely(made[name]) for name in ("first", "surname", "rest")]
    columns = [name for name in made.columns if name.startswith("x_")]
    table = made.select(pl.col(columns).cast(pl.Float64)).to_numpy()
    return np.column_stack([table, *letters]), [*columns, "likely1", "likely2", "likely3"]


def _steps(frame, within, column):
    numbers = frame.drop_nulls(column).unique([*within, column]).sort(*within, column)
    numbers = numbers.with_columns(
        (pl.col(column) - pl.col(column).shift(1)).over(within).alias(f"x_{column}_before"),
        (pl.col(column).shift(-1) - pl.col(column)).over(within).alias(f"x_{column}_after"),
    )
    keys = [*within, column]
    values = numbers.select(*keys, f"x_{column}_before", f"x_{column}_after")
    joined = frame.drop_nulls(column).select("at", *keys).join(
        values, on=keys, how="left", nulls_equal=True
    )  # fmt: skip
    return joined.select("at", f"x_{column}_before", f"x_{column}_after")


def _likely(names):
    """Give how usual the letters of a name are beside each other, without the name itself."""
    texts = [f"^^{name}$" if name else "" for name in names]
    counts, pairs = Counter(), Counter()
    for text in texts:
        counts.update(text[at : at + 3] for at in range(len(text) - 2))
        pairs.update(text[at : at + 2] for at in range(len(text) - 2))
    return np.array([
        np.mean([
            np.log(max(counts[text[at : at + 3]] - 1, 0.1) / pairs[text[at : at + 2]])
            for at in range(len(text) - 2)
        ]) if text else np.nan for text in texts
    ])  # fmt: skip


def area(lists, *, numbered, bare):
    """Give the area under the curve on the last third of some lists; the others are learned from.

    Args:
        lists: of electors.
        numbered: whether they have numbers with gaps.
        bare: whether copies hold what they hold unless one says otherwise.
    """
    tables, decoys = [], []
    for seed, electors in enumerate(lists):
        made = make_decoys(electors, electors.clear(), electors.height // 20, seed)
        copy = put_together(electors, made)
        table, names = features(copy, numbered=numbered)
        keep = [at for at, name in enumerate(names) if not bare or not _SPARE.search(name)]
        tables.append(table[:, keep])
        decoys.append(copy["elector_id"].is_in(made["elector_id"].implode()).to_numpy())
    cut = len(lists) * 2 // 3
    told = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, min_samples_leaf=30, l2_regularization=1.0,
        class_weight="balanced", early_stopping=False,
    ).fit(np.concatenate(tables[:cut]), np.concatenate(decoys[:cut]))  # fmt: skip
    score = told.predict_proba(np.concatenate(tables[cut:]))[:, 1]
    return roc_auc_score(np.concatenate(decoys[cut:]), score)


_SPARE = re.compile("phone|year|month|day|age_|listed")
"""Features of columns that a copy has only when they are asked for."""


def main(family="unseen"):
    """Measure on nine lists of a family; decoys were designed with those of `decoys` at hand."""
    whole = [normalise_electors(draw_chunk(family, n, 1, 3000).electors) for n in range(9)]
    for name, lists in (
        ("with gaps", [with_gaps(one, n) for n, one in enumerate(whole)]),
        ("without gaps", whole),
    ):
        for bare in (True, False):
            found = area(lists, numbered=name == "with gaps", bare=bare)
            print(f"{name}, {'usual' if bare else 'all'} columns: {found:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
