"""The level of Scotland 2014 by a sampler (PyMC, nutpie), to compare the exact fit with.

Not run with the other measurements: it needs a compiler and the packages of the extra `bench`.
`python -m benchmarks._polls_nuts` writes tests/polls/nuts.json, which the tests compare with.
"""

import json
import os
from pathlib import Path

import numpy as np
import nutpie
import pymc as pm

from benchmarks.polls import observations_of
from referendum.polls.model import Priors
from referendum.polls.observations import Array, Observations

RESULT = Path(__file__).parents[1] / "tests" / "polls" / "nuts.json"
REFERENDUM = "scotland_2014"
DRAWS, TUNE, CHAINS, ACCEPT, SEED = 2_500, 1_500, 4, 0.97, 20140918


def main() -> None:
    """Sample, summarise, write."""
    polls, until = observations_of(REFERENDUM)
    before = sum(os.times()[:4])
    model = written(polls, until, Priors())
    trace = nutpie.sample(
        nutpie.compile_pymc_model(model),
        draws=DRAWS,
        tune=TUNE,
        chains=CHAINS,
        cores=1,
        seed=SEED,
        target_accept=ACCEPT,
        progress_bar=False,
    )
    seconds = sum(os.times()[:4]) - before
    posterior = trace.posterior
    found = {name: told(posterior[name].values) for name in ("level", "walk", "house", "extra")}
    document = {
        "referendum": REFERENDUM,
        "polls": polls.count,
        "sampler": f"nutpie {nutpie.__version__}, PyMC {pm.__version__}",
        "draws": DRAWS * CHAINS,
        "target_accept": ACCEPT,
        "divergences": int(trace.sample_stats["diverging"].sum()),
        "cpu_seconds": round(seconds, 1),
        **found,
    }
    RESULT.write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(document, indent=2))


def written(polls: Observations, until: float, priors: Priors) -> pm.Model:
    """Write the model of `referendum.polls.model` once more, for a sampler.

    Every row must be a sample of its own, and at the reference population and wording.
    """
    days, row_day = np.unique(np.append(polls.days, until), return_inverse=True)
    gaps = np.sqrt(np.diff(days))
    houses = columns(polls.groups["house"])
    modes = columns(polls.groups["mode"])
    with pm.Model() as model:
        walk = pm.HalfNormal("walk", priors.walk)
        house = pm.HalfNormal("house", priors.house)
        extra = pm.HalfNormal("extra", priors.extra)
        start = pm.Normal("start", 0, priors.start)
        steps = pm.Normal("steps", 0, 1, shape=len(gaps))
        path = pm.math.concatenate([[start], start + walk * pm.math.cumsum(gaps * steps)])
        lean = house * pm.Normal("lean", 0, 1, shape=houses.shape[1])
        mode = pm.ZeroSumNormal("mode", priors.mode, shape=modes.shape[1])
        side = pm.Normal("side", 0, priors.side)
        mean = path[row_day[:-1]] + pm.math.dot(houses, lean) + pm.math.dot(modes, mode)
        noise = pm.math.sqrt(polls.sampling_variance + polls.rounding + extra**2)
        pm.Normal("z", mean + side * polls.side, noise, observed=polls.z)
        pm.Deterministic("level", path[-1])
    return model


def columns(labels: tuple[str | None, ...]) -> Array:
    """Give the membership of rows in levels, None in none."""
    levels = sorted({label for label in labels if label is not None})
    return np.array([[float(label == level) for level in levels] for label in labels])


def told(draws: Array) -> dict[str, float]:
    """Give mean and standard deviation, and their Monte Carlo errors by batches of 250 draws."""
    batches = draws.reshape(-1, 250)
    return {
        "mean": round(float(draws.mean()), 5),
        "sd": round(float(draws.std()), 5),
        "mean_error": round(float(batches.mean(axis=1).std() / np.sqrt(len(batches))), 5),
        "sd_error": round(float(batches.std(axis=1).std() / np.sqrt(len(batches))), 5),
    }


if __name__ == "__main__":
    main()
