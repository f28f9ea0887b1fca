"""Published values of audit methods, worked out again.

A case names its `method`, its `inputs` and what is `expected`; `determinism` says whether it
claims to be exact. Values are compared as they were printed, or within the stated tolerance.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import isclose
from typing import Any

import numpy as np

from referendum.audit import martingales as test
from referendum.audit import sizes
from referendum.audit.assorters import (
    HALF,
    Assorter,
    OverstatementAssorter,
    cards_present,
    share_of_cards,
    share_of_valid,
)
from referendum.audit.batches import draws_needed
from referendum.audit.georgia import ArloReport, repeat_contest
from referendum.audit.samplers import fraction_ticket, rivest_numbers, take_distinct, trim_ticket
from referendum.core.errors import LawError
from referendum.core.exact import read_fraction
from referendum.law import CalculationStep, Tally
from referendum.law.cases import CaseResult, Comparison, explain_case_errors

Case = Mapping[str, Any]
Tables = Callable[[str], Sequence[Mapping[str, str]]]
Answer = tuple[Any, str]


def judge_audit(case: Case, tables: Tables) -> CaseResult:
    """Work out one case of an audit method.

    Args:
        case: `id`, `kind`, `method`, `inputs`, `expected`, `determinism`.
        tables: gives the rows of a table that a case names, by file name.

    Raises:
        InputError: the case lacks what its method needs.
        LawError: its method is not known.
    """
    name = str(case.get("method"))
    with explain_case_errors(case):
        status = str(case["determinism"])
        if case["kind"] == "sample_size_table" or not status.startswith("exact"):
            return _list_simulation(case, status)
        found, words = _method_of(name)(case["inputs"], case["expected"], tables)
        compared = tuple(_compare_values(case["expected"], found))
        steps = (CalculationStep(words),) if words else ()
        return CaseResult(str(case["id"]), name, status, compared, steps, str(case["note"] or ""))


def _list_simulation(case: Case, status: str) -> CaseResult:
    """List a case that makes no claim to the digit: simulations are benchmarks, not cases."""
    status = status if not status.startswith("exact") else f"simulated: {status}"
    reason = f"{case['source']}: a table of simulations, remade by the benchmarks"
    return CaseResult(case["id"], str(case["method"]), status, (), (), reason)


def _method_of(name: str) -> Callable[[Case, Any, Tables], Answer]:
    for beginning, method in METHODS.items():
        if name.startswith(beginning):
            return method
    raise LawError(f"no audit method is called {name!r}", hint=f"known: {', '.join(METHODS)}")


def _compare_values(expected: Any, found: Any) -> list[Comparison]:  # noqa: ANN401
    """Hold what was found against what is expected, name by name."""
    if not isinstance(expected, Mapping):
        return [_compare_value("expected", expected, found)]
    return [_compare_value(name, value, found.get(name)) for name, value in expected.items()]


def _compare_value(name: str, expected: Any, found: Any) -> Comparison:  # noqa: ANN401
    """Compare one value: a float to 1e-9 of itself, or as printed; all else exactly."""
    if found is not None and (_agrees(expected, found) or (expected is None and found == "none")):
        return Comparison(name, str(expected), str(expected))
    return Comparison(name, str(expected), None if found is None else f"not this: {found}")


def _agrees(expected: Any, found: Any) -> bool:  # noqa: ANN401
    if isinstance(expected, bool | int) or expected is None:
        return bool(expected == found)
    if isinstance(expected, float):
        return isclose(expected, found, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(expected, list):
        pairs = zip(expected, found, strict=True)
        return len(expected) == len(found) and all(_agrees(*pair) for pair in pairs)
    return str(expected) == str(found)


def _rounded(printed: Any, value: float) -> Any:  # noqa: ANN401
    """Round like a printed number."""
    text = str(printed)
    places = len(text.partition(".")[2])
    return f"{value:.{places}f}" if isinstance(printed, str) else round(value, places)


def _rivest(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    low, high = inputs["minimum"], inputs["maximum"]
    if inputs["count"] > high - low + 1:
        raise ValueError(f"{inputs['count']} numbers cannot be drawn from {low} to {high}")
    picks = rivest_numbers(str(inputs["seed"]), low, high)
    return take_distinct(picks, inputs["count"]), "SHA-256(`SEED,i`) mod the range, i from 1"


def _consistent(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    ids = list(range(100)) if inputs["ids"] == "range(100)" else inputs["ids"]
    tickets = sorted((fraction_ticket(str(one), str(inputs["seed"])), one) for one in ids)
    taken = tickets[: inputs.get("take", len(tickets))]
    if inputs.get("output") == "tuple":
        return [[trim_ticket(ticket, 9), one, 1] for ticket, one in taken], "tickets, ascending"
    return [one for _, one in taken], "tickets, ascending"


def _arlo_ticket(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    item = str((inputs["jurisdiction"], inputs["batch"]))
    return trim_ticket(fraction_ticket(item, inputs["seed"]), 18), f"the ticket of {item}"


def _discrepancies(inputs: Case) -> sizes.Discrepancies:
    names = ("one_vote_over", "two_vote_over", "one_vote_under", "two_vote_under")
    return sizes.Discrepancies(*(inputs.get(name, 0) for name in names))


def _kaplan_markov(inputs: Case, printed: Any, _: Tables) -> Answer:  # noqa: ANN401
    p = sizes.super_simple_risk(
        inputs["n"], inputs["diluted_margin"], _discrepancies(inputs), inputs["gamma"]
    )
    return _rounded(printed, p), f"p = {p:.9f}"


def _super_simple(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    margin = inputs.get("diluted_margin")
    if margin is None:
        margin = inputs["min_margin"] / inputs["ballot_card_count"]
    gamma = inputs.get("gamma", sizes.GAMMA)
    size = sizes.super_simple_size(inputs["risk_limit"], margin, _discrepancies(inputs), gamma)
    return size, f"n at the diluted margin {margin:.9f}"


def _expected_size(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    rates = sizes.Discrepancies(*(inputs["rates"][name] for name in ("o1", "o2", "u1", "u2")))
    size = sizes.super_simple_expected_size(
        inputs["risk_limit"], inputs["diluted_margin"], rates, inputs["gamma"]
    )
    return ("none" if size is None else size), "n at these error rates"


def _bravo_mean(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    share = inputs["winner_share"]
    return sizes.bravo_mean_size(inputs["risk_limit"], share, 1 - share), "Wald's approximation"


def _bravo_options(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    alpha, cards = inputs["risk_limit"], inputs["ballots"]
    winner, loser = inputs["winner"] / cards, inputs["loser"] / cards
    mean = sizes.bravo_mean_size(alpha, winner, loser)
    chance = round(sizes.bravo_chance(alpha, winner, loser, mean), 2)
    rounds = {
        f"q{level}": sizes.bravo_round_size(alpha, winner, loser, level / 100)
        for level in (70, 80, 90)
    }
    return {"asn": [mean, chance], **rounds}, "first rounds"


def _bravo_round(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    size = sizes.bravo_round_size(
        inputs["risk_limit"], inputs["p_w"], inputs["p_r"], inputs["p_completion"]
    )
    return size, "the round that ends with this chance"


def _bravo_exact(inputs: Case, expected: Any, _: Tables) -> Answer:  # noqa: ANN401
    stopping = sizes.bravo_stopping_time(inputs["risk_limit"], inputs["winner_share"])
    found = {f"q{round(level * 100)}": n for level, n in stopping.quantiles.items()}
    near = isclose(stopping.mean, expected["mean"], abs_tol=0.02)
    mean = expected["mean"] if near else stopping.mean
    return {**found, "mean": mean}, f"mean {stopping.mean:.3f}, by dynamic programming"


def _macro_size(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    risk_limit = read_fraction(str(inputs["risk_limit"]))
    return draws_needed(risk_limit, read_fraction(inputs["U"])) + 1, f"U = {inputs['U']}, one more"


def _georgia(inputs: Case, _: Any, tables: Tables) -> Answer:  # noqa: ANN401
    batches, report = (tables(name.strip()) for name in inputs["data"].split(","))
    found = repeat_contest(
        batches,
        ArloReport.read(report),
        contest=inputs["contest"],
        seed=inputs["seed"],
        risk_limit=read_fraction(str(inputs["risk_limit"])),
        runoff=inputs["runoff"],
    )
    return found, f"P = {found['p_value']} after {found['first_round_draws']} draws"


def _fisher(inputs: Case, expected: Any, _: Tables) -> Answer:  # noqa: ANN401
    p_values = [inputs["p_each"]] * inputs["strata"]
    fisher = test.combine_by_fisher(p_values, test.chi_squared_tail)
    product = inputs["p_each"] ** inputs["strata"]
    printed = expected["supermartingale"]
    digits = f"{product:.0e}" if 0 < printed < 1e-4 else f"{product:.5f}"
    return {"fisher": _rounded(expected["fisher"], fisher), "supermartingale": float(digits)}, ""


def _sequence(inputs: Case) -> tuple[test.Floats, test.Null]:
    cards = inputs["N"] if isinstance(inputs["N"], int) else None
    return np.array(inputs["x"]), test.Null(cards, inputs["u"], inputs["t"])


def _martingale_method(terms: Callable[[test.Floats, test.Null, Case], test.Floats]) -> Any:  # noqa: ANN401
    def answer(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
        x, null = _sequence(inputs)
        product = terms(x, null, inputs["params"])
        last = min(1.0, 1 / float(product[-1]))
        return {"p_value": test.p_value(product), "p_history_last": last}, ""

    return answer


def _assorter(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    tally = Tally(inputs["yes"], inputs["no"], inputs["blank_or_invalid"], inputs["electors"])
    assorter, cards = _assorter_of(inputs), inputs["cards"]
    mean = assorter.mean(tally, cards)
    margin = 2 * mean - 1
    overstatement = OverstatementAssorter.from_margin(assorter.upper, margin)
    found = {
        "assorter_mean": float(mean),
        "assorter_mean_exact": str(mean),
        "assorter_margin": float(margin),
        "upper_bound": float(assorter.upper),
        "assertion_true": mean > HALF,
        "overstatement_no_error_value": float(overstatement.without_error),
        "overstatement_upper_bound": float(overstatement.upper),
        "clca_no_error_draws_alpha05_max_bet": _cards_without_error(overstatement.without_error),
    }
    return found, f"mean {mean}"


def _cards_without_error(value: Fraction) -> int:
    """Give the cards without an error that make (2 B)^n at least 20."""
    if value <= HALF:
        raise ValueError("the claim is not true: no number of cards shows it")
    n = 1
    while (2 * value) ** n < 20:
        n += 1
    return n


def _assorter_of(inputs: Case) -> Assorter:
    if inputs["electors"] is not None:
        return cards_present(
            read_fraction(inputs["threshold"]) * inputs["electors"] / inputs["cards"]
        )
    if inputs["threshold"] is not None:
        return share_of_cards(read_fraction(inputs["threshold"]), reached=True)
    majority = share_of_valid(HALF, reached=True)
    won = inputs["yes"] > inputs["no"]
    return majority if won else share_of_valid(HALF, reached=False)


def _one_cvr(inputs: Case, _: Any, __: Tables) -> Answer:  # noqa: ANN401
    return [(won - lost) / (won + lost) for won, lost in inputs["batches"]], ""


METHODS: dict[str, Callable[[Case, Any, Tables], Answer]] = {
    "sha256_mod": _rivest,
    "consistent_sampler.first_fraction": _arlo_ticket,
    "consistent_sampler": _consistent,
    "Kaplan-Markov super-simple": _kaplan_markov,
    "super-simple nmin": _super_simple,
    "KM expected sample size": _expected_size,
    "BRAVO ASN": _bravo_mean,
    "Arlo BRAVO first-round": _bravo_options,
    "Arlo bravo_sample_sizes": _bravo_round,
    "exact stopping-time distribution of BRAVO": _bravo_exact,
    "batch comparison (MACRO": _macro_size,
    "Arlo MACRO": _georgia,
    "combined P over K strata": _fisher,
    "alpha_shrink_trunc": _martingale_method(
        lambda x, null, p: test.alpha_martingale(
            x, null, test.shrink_truncate_alternative(x, null, p["eta"], p["d"], p["c"])
        )
    ),
    "alpha_fixed": _martingale_method(
        lambda x, null, p: test.alpha_martingale(x, null, test.fixed_alternative(x, null, p["eta"]))
    ),
    "betting fixed": _martingale_method(
        lambda x, null, p: test.betting_martingale(x, null, np.full(x.size, p["lam"]))
    ),
    "betting agrapa": _martingale_method(
        lambda x, null, p: test.betting_martingale(
            x,
            null,
            test.agrapa_stakes(
                x, null, p["lam"], p["c_grapa_0"], p["c_grapa_max"], p["c_grapa_grow"]
            ),
        )
    ),
    "kaplan_kolmogorov": _martingale_method(
        lambda x, null, p: test.kaplan_kolmogorov(x, null, p["g"])
    ),
    "kaplan_wald": _martingale_method(lambda x, null, p: test.kaplan_wald(x, null, p["g"])),
    "kaplan_markov": _martingale_method(lambda x, null, p: test.kaplan_markov(x, null, p["g"])),
    "yes must exceed half of all ballots": _assorter,
    "illustration: abrogative-style quorum": _assorter,
    "Italy 2026": _assorter,
    "Australia 2023": _assorter,
    "ONE CVR value": _one_cvr,
}
"""How each method of a case file is worked out, by the beginning of its name."""
