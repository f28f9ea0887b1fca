"""What a tool's answers are worth beside the truth that a petition was made from.

Every tool is asked the same of each line: the best elector and the chance that this elector signed
(`elector_id`, `probability`), the chance that anybody on the list did (`listed`), and the line that
the same person signed first (`repeat_of`; null where none). A tool may leave the elector of an
unsure line unnamed, and then name the best one all the same (`best`).
"""

from dataclasses import dataclass

import polars as pl

ANSWERS = {
    "line_id": pl.String,
    "elector_id": pl.String,
    "probability": pl.Float64,
    "listed": pl.Float64,
    "repeat_of": pl.String,
}


@dataclass(frozen=True)
class Tenth:
    """Lines whose chance lies in one tenth: chance claimed and share true, on average."""

    low: float
    claimed: float
    true: float
    lines: int


@dataclass(frozen=True)
class Measures:
    """What answers are worth.

    Attributes:
        precision, recall, f1: of the links, which are the best electors of a chance of at least
            one half; recall is of all lines of listed electors, movers and repeats too.
        false_links: wrong links as a share of links.
        relatives_linked: lines of unlisted relatives that are linked to somebody.
        brier: mean square of the best elector's chance less 1 if right, else 0. Where a tool names
            no best elector, whether it would be right cannot be seen: its chance is believed.
        brier_listed: the same of the chance that anybody on the list signed.
        queue: lines whose best elector has a chance between 0.05 and 0.95.
        repeats_precision, repeats_recall: of pairs of lines of one listed signer.
        expected, truly_listed: sum of `listed`, and lines truly of a listed elector.
        checks: lines to check to know the number of valid lines to a margin of 1 %, one-sided 95 %,
            if lines are drawn in proportion to the doubt that the answers leave (`_checks`).
        calibration: of `listed`, in tenths.
        f1_by_origin: by origin of the signer's name.
        outcomes: lines by kind and outcome, where the tool gives an outcome.
    """

    lines: int
    precision: float
    recall: float
    f1: float
    false_links: float
    relatives_linked: int
    brier: float
    brier_listed: float
    queue: int
    repeats_precision: float
    repeats_recall: float
    expected: float
    truly_listed: int
    checks: float
    calibration: tuple[Tenth, ...]
    f1_by_origin: dict[str, float]
    outcomes: dict[str, dict[str, int]]


def measure(answers: pl.DataFrame, truth: pl.DataFrame) -> Measures:
    """Judge answers (`ANSWERS`, and `outcome` if the tool gives one) by the file of truth."""
    extra = ["outcome"] if "outcome" in answers.columns else []
    best = pl.col("best" if "best" in answers.columns else "elector_id").alias("best")
    given = answers.select(*ANSWERS, *extra, best).rename({"repeat_of": "said_first"})
    judged = (
        truth.rename({"elector_id": "signer"})
        .join(given, on="line_id", how="left", maintain_order="left")
        .with_columns(pl.col("probability", "listed").fill_null(0.0))
        .with_columns(
            linked=pl.col("elector_id").is_not_null() & (pl.col("probability") >= 0.5),
            right=(pl.col("elector_id") == pl.col("signer")).fill_null(value=False),
            on_list=pl.col("signer").is_not_null(),
        )
    )
    links, right = _scores(judged)
    pairs_precision, pairs_recall = _repeats(judged)
    return Measures(
        lines=judged.height,
        precision=right / max(links, 1),
        recall=right / max(judged["on_list"].sum(), 1),
        f1=_f1(judged),
        false_links=1 - right / max(links, 1),
        relatives_linked=judged.filter(pl.col("linked") & (pl.col("kind") == "relative")).height,
        brier=_brier(judged),
        brier_listed=_number(judged, (pl.col("listed") - pl.col("on_list")).pow(2).mean()),
        queue=judged.filter(pl.col("probability").is_between(0.05, 0.95, closed="none")).height,
        repeats_precision=pairs_precision,
        repeats_recall=pairs_recall,
        expected=float(judged["listed"].sum()),
        truly_listed=int(judged["on_list"].sum()),
        checks=_checks(judged),
        calibration=_calibration(judged),
        f1_by_origin={
            origin: _f1(part)
            for (origin,), part in sorted(judged.partition_by("name_origin", as_dict=True).items())
        },
        outcomes=_outcomes(judged) if extra else {},
    )


def _scores(judged: pl.DataFrame) -> tuple[int, int]:
    return judged["linked"].sum(), judged.filter(pl.col("linked") & pl.col("right")).height


def _f1(judged: pl.DataFrame) -> float:
    links, right = _scores(judged)
    return 2 * right / max(links + judged["on_list"].sum(), 1)


def _brier(judged: pl.DataFrame) -> float:
    chance = pl.col("probability")
    unseen = pl.col("best").is_null()
    missed = (chance - (pl.col("best") == pl.col("signer")).fill_null(value=False)).pow(2)
    square = pl.when(unseen).then(chance * (1 - chance)).otherwise(missed)
    return _number(judged, square.mean())


def _number(judged: pl.DataFrame, value: pl.Expr) -> float:
    return float(judged.select(value).item())


def _repeats(judged: pl.DataFrame) -> tuple[float, float]:
    """Give precision and recall of pairs of lines that are one listed signer's."""
    said = judged.with_columns(person=pl.coalesce("said_first", "line_id"))
    claimed = _pairs(said, ["person"])
    found = _pairs(said.filter(pl.col("on_list")), ["person", "signer"])
    true = _pairs(judged.filter(pl.col("on_list")), ["signer"])
    return found / max(claimed, 1), found / max(true, 1)


def _pairs(frame: pl.DataFrame, group: list[str]) -> int:
    sizes = frame.group_by(group).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _checks(judged: pl.DataFrame) -> float:
    """Give the size of a sample drawn in proportion to the square root of f(1 - f), at least 0.1.

    f is the chance that a line is the first of a listed elector; of an elector's lines the one that
    the tool keeps counts. The estimate is the sum of f and the weighted findings less f (Hansen and
    Hurwitz); its variance for one check is V, and n = 1.645² V / (0.01 D/N)², D of N lines valid.
    """
    firsts = (
        judged.with_row_index()
        .sort(pl.col("said_first").is_not_null(), "index")
        .select(
            f=pl.col("listed") * pl.col("said_first").is_null(),
            y=(pl.col("on_list") & pl.col("signer").is_first_distinct()).cast(pl.Float64),
        )
        .with_columns(doubt=(pl.col("f") * (1 - pl.col("f"))).sqrt().clip(lower_bound=0.1))
    )
    missed = pl.col("y") - pl.col("f")
    square = pl.col("doubt").mean() * (missed.pow(2) / pl.col("doubt")).mean()
    variance = _number(firsts, square - missed.mean().pow(2))
    return 1.645**2 * variance / (0.01 * _number(firsts, pl.col("y").mean())) ** 2


def _calibration(judged: pl.DataFrame) -> tuple[Tenth, ...]:
    tenth = (pl.col("listed") * 10).floor().clip(0, 9).cast(pl.Int64)
    tenths = (
        judged.group_by(tenth=tenth)
        .agg(pl.col("listed").mean().alias("claimed"), pl.col("on_list").mean(), pl.len())
        .sort("tenth")
    )
    return tuple(Tenth(place / 10, *rest) for place, *rest in tenths.iter_rows())


def _outcomes(judged: pl.DataFrame) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for kind, outcome, lines in judged.group_by("kind", "outcome").len().sort(pl.all()).iter_rows():
        counts.setdefault(kind, {})[outcome] = lines
    return counts
