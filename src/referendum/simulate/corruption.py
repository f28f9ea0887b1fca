"""From what a signer intends to what a clerk keys: two error models, at three levels each."""

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.simulate import handwriting, keying
from referendum.simulate.slips import Line, Rng, Slip

QUALITY = {"neat": 0.4, "normal": 1.0, "poor": 2.5}
"""How much more often than usual a sheet of each quality is misread."""

ERRORS = {"light": 0.5, "normal": 1.0, "heavy": 2.0}
"""Level of errors: factor on the odds of every slip."""

MODELS: dict[str, dict[str, Slip]] = {"handwriting": handwriting.SLIPS, "keying": keying.SLIPS}
"""Error models. They share a few habits, and no rate of one was set by the other."""

_LINES_AT_ONCE = 100_000


def corrupt_lines(
    lines: pl.DataFrame,
    quality: pl.Series,
    rng: Rng,
    model: str = "handwriting",
    errors: str = "normal",
) -> pl.DataFrame:
    """Corrupt lines as writing and keying do.

    Args:
        lines: what the signers intend to write.
        quality: `neat`, `normal` or `poor` for each line.
        rng: generator of random numbers.
        model: one of `MODELS`.
        errors: one of `ERRORS`.

    Returns:
        The lines as keyed, with `corruptions`: the names of what went wrong, joined by `+`.
    """
    slips = MODELS[model]
    happens = _draw_slips(list(slips.values()), sheet_factor(quality), rng, errors)
    named_slips = list(slips.items())
    schema = pl.Schema({**lines.schema, "corruptions": pl.String()})
    parts = [pl.DataFrame(schema=schema)]
    # In parts: a line as a dictionary takes some fifty times its room in a frame.
    for start in range(0, lines.height, _LINES_AT_ONCE):
        part, wrong = lines[start : start + _LINES_AT_ONCE], happens[start : start + _LINES_AT_ONCE]
        keyed = []
        for line, which in zip(part.iter_rows(named=True), wrong, strict=True):
            applied = [
                named_slips[i][0]
                for i in np.flatnonzero(which)
                if _apply_slip(line, named_slips[i][1], rng)
            ]
            keyed.append({**line, "corruptions": "+".join(applied)})
        parts.append(pl.DataFrame(keyed, schema=schema, orient="row"))
    return pl.concat(parts)


def sheet_factor(quality: pl.Series) -> npt.NDArray[np.float64]:
    """Give how much more often than usual each line is misread."""
    factor: npt.NDArray[np.float64] = quality.replace_strict(
        QUALITY, return_dtype=pl.Float64
    ).to_numpy()
    return factor


def rates_at_level(
    rates: npt.NDArray[np.float64] | list[float], errors: str
) -> npt.NDArray[np.float64]:
    """Give the rates of slips at a level of errors."""
    rate, factor = np.asarray(rates), ERRORS[errors]
    return rate * factor / (1 - rate + rate * factor)


def _draw_slips(
    slips: list[Slip], factor: npt.NDArray[np.float64], rng: Rng, errors: str
) -> npt.NDArray[np.bool_]:
    """Draw which slips happen to which line (rows are lines, columns slips)."""
    rates = rates_at_level([slip.rate for slip in slips], errors)
    graded = np.array([slip.by_quality for slip in slips])
    happens = np.empty((len(factor), len(slips)), dtype=np.bool_)
    for start in range(0, len(factor), _LINES_AT_ONCE):
        part = factor[start : start + _LINES_AT_ONCE, None]
        drawn = rng.random((len(part), len(slips)))
        happens[start : start + len(part)] = drawn < np.where(graded, rates * part, rates)
    return happens


def _apply_slip(line: Line, slip: Slip, rng: Rng) -> bool:
    if line["given_names"] is None or line["surname"] is None:
        return False
    return slip.act(line, rng)
