"""Real cases, worked out by their rules and compared with what was published.

A case names its `method`, its `inputs` and what the office `published`. Numbers are compared as
they were printed: rounded to the places of the printed one. A decision is compared by the rule's
word for it, which the published sentence must contain.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from referendum.core.errors import InputError, LawError
from referendum.core.exact import ROUNDINGS, read_fraction
from referendum.law.calculation import Calculation, CalculationStep, Number
from referendum.law.decision import apply_decision_rule
from referendum.law.library import versions
from referendum.law.model import Projection, require_known
from referendum.law.projection import CheckedSample, interval_from_share, project
from referendum.law.threshold import requirement

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """A published value beside the one worked out.

    Attributes:
        name: its name in the case.
        published: as printed.
        computed: as worked out, rounded like the printed one; None if the rule does not give it.
    """

    name: str
    published: int | float | str
    computed: int | float | str | None

    @property
    def agrees(self) -> bool:
        """Whether both agree; a word agrees with a sentence that contains it."""
        if isinstance(self.computed, str):
            return self.computed in str(self.published)
        return self.computed == self.published


@dataclass(frozen=True)
class CaseResult:
    """What came of working out a case.

    Attributes:
        id: of the case.
        measure: what was petitioned for.
        status: how far the case can be reproduced, as the file says.
        comparisons: the published values.
        steps: the arithmetic.
        reason: the file's note; for a case that nobody can reproduce, why.
    """

    id: str
    measure: str
    status: str
    comparisons: tuple[Comparison, ...]
    steps: tuple[CalculationStep, ...]
    reason: str

    @property
    def exact(self) -> bool:
        """Whether the file claims that every number comes out as it was printed."""
        return self.status.startswith("exact")

    @property
    def holds(self) -> bool:
        """Whether what the file claims holds; a case without a claim cannot fail."""
        computed = [
            comparison for comparison in self.comparisons if comparison.computed is not None
        ]
        return not self.exact or (
            bool(computed) and all(comparison.agrees for comparison in computed)
        )


@contextmanager
def explain_case_errors(case: Case) -> Iterator[None]:
    """Turn failures of the arithmetic inside into an error that names the case.

    Raises:
        InputError: a figure is missing, is not a number, or leaves nothing to divide by.
    """
    where = str(case.get("id", "a case without id"))
    try:
        yield
    except KeyError as error:
        raise InputError(f"the case has no {error}", where=where) from error
    except ArithmeticError as error:
        raise InputError(
            "its figures leave nothing to divide by: a tie, a margin of 0, or a sample of nothing",
            where=where,
            hint="only a full count settles a tie",
        ) from error
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise InputError(
            "a figure of the case is missing, or is none: a text for a number, or out of range",
            where=where,
            hint="compare it with the cases of examples/petition-cases or examples/audit-cases",
        ) from error


def reproduce_case(case: Case) -> CaseResult:
    """Work out one case by its rule.

    Raises:
        InputError: the case lacks what its method needs, or its figures cannot be worked with.
        LawError: its method is not known.
    """
    method = METHODS.get(str(case.get("method")))
    if method is None:
        raise LawError(
            f"no method is called {case.get('method')!r}", hint=f"known: {', '.join(METHODS)}"
        )
    with explain_case_errors(case):
        calculation = method(case["inputs"], case["published"])
        published: Mapping[str, Any] = case["published"]
        return CaseResult(
            str(case["id"]),
            str(case["measure"]),
            str(case["reproduce"]["status"]),
            tuple(_compare(name, value, calculation) for name, value in published.items()),
            calculation.steps,
            str(case.get("notes", "")),
        )


def reproduce_thresholds(table: Case) -> CaseResult:
    """Work out a table of thresholds by the rounding that it names.

    Raises:
        InputError: the table lacks a figure, or one cannot be worked with.
    """
    with explain_case_errors(table):
        return _reproduce_thresholds(table)


def _reproduce_thresholds(table: Case) -> CaseResult:
    rounding_words = str(table["rounding"])
    candidates = [_ROUNDING_WORDS[word] for word in _ROUNDING_WORDS if word in rounding_words]
    comparisons, steps = [], []
    for row in table["rows"]:
        share = read_fraction(str(row.get("fraction", table.get("fraction"))))
        for base in [row["base"]] if row["base"] else row["base_range"]:
            fits = [
                name for name, rule in ROUNDINGS.items() if rule(share * base) == row["required"]
            ]
            text = f"{share} of {base:,} = {float(share * base):,.2f}: {', '.join(fits)}"
            steps.append(CalculationStep(text))
            results = [ROUNDINGS[name](share * base) for name in candidates]
            required = results[0] if len(set(results)) == 1 else None
            comparisons.append(Comparison(f"required of {base:,}", row["required"], required))
    status = "exact" if candidates else rounding_words
    reason = str(table.get("notes", ""))
    return CaseResult(
        str(table["id"]), str(table["rule"]), status, tuple(comparisons), tuple(steps), reason
    )


_ROUNDING_WORDS = {"nearest": "nearest", "floor": "down", "ceil": "up"}


def _compare(name: str, published: float | str, calculation: Calculation) -> Comparison:
    if isinstance(published, str):
        word = calculation.decision if name.startswith("decision") else None
        return Comparison(name, published, word or None)
    number = calculation.numbers.get(name)
    return Comparison(
        name, published, None if number is None else _round_as_printed(number, published)
    )


def _round_as_printed(number: Number, published: float) -> int | float:
    """Round a number to the places of a printed one, a half up."""
    places = len(str(published).partition(".")[2]) if isinstance(published, float) else 0
    scaled = ROUNDINGS["nearest"](Fraction(number) * 10**places)
    return scaled / 10**places if places else scaled


def _projection_rule(statute_id: str) -> Projection:
    """Give the projection of a statute as it stands last."""
    return require_known(versions(statute_id)[-1].projection, "how a sample is projected")


def _project(statute_id: str, sample: CheckedSample, required: int = 0) -> Calculation:
    return project(_projection_rule(statute_id), sample, required)


def _apply_decision_rule(
    statute_id: str, calculation: Calculation, required: int, words: Mapping[str, str]
) -> Calculation:
    """Add the decision by the statute's rule, in the words of the office."""
    rule = require_known(versions(statute_id)[-1].decision, "how it is decided")
    answer = apply_decision_rule(rule, calculation.numbers["compared"], required)
    return replace(calculation, decision=words[answer])


def _california(inputs: Case, _: Case) -> Calculation:
    def project_with(copies: int) -> Calculation:
        sample = _sample(inputs, inputs["raw_count"], inputs["valid_in_sample"], (copies,))
        return _project("us-ca/initiative-and-referendum", sample)

    if "duplicates_in_sample" in inputs:
        return project_with(inputs["duplicates_in_sample"])
    shares = {}
    steps: list[CalculationStep] = []
    for when in ("before", "after"):
        calculation = project_with(inputs[f"duplicates_{when}_correction"])
        projected = Fraction(calculation.numbers["projected_valid"])
        shares[f"validity_pct_{when}"] = projected * 100 / inputs["raw_count"]
        steps += calculation.steps
    return Calculation(shares, tuple(steps))


def _sample(
    inputs: Case, lines: int, with_copies: int, copies: tuple[int, ...] = ()
) -> CheckedSample:
    return CheckedSample(lines, inputs["sample_size"], with_copies - sum(copies), copies)


def _washington(inputs: Case, _: Case) -> Calculation:
    statute, pairs = "us-wa/initiative-and-referendum", inputs["duplicate_pairs"]
    invalid = sum(inputs["invalid_by_reason"].values())
    remaining = inputs["sample_size"] - invalid
    sample = _sample(inputs, inputs["submitted"], remaining, (pairs,))
    calculation = _project(statute, sample, inputs["required"])
    numbers = {
        **calculation.numbers,
        "rejected_in_sample": invalid + pairs,
        "error_rate_pct": Fraction(calculation.numbers["error_rate"]) * 100,
    }
    words = {"sufficient": "certified", "check_every_line": "check every line"}
    return _apply_decision_rule(
        statute, replace(calculation, numbers=numbers), inputs["required"], words
    )


def _full_check(inputs: Case, _: Case) -> Calculation:
    margin = inputs["accepted"] - inputs["required"]
    step = CalculationStep(f"{inputs['accepted']:,} - {inputs['required']:,} = {margin:,}")
    return Calculation({"margin": margin}, (step,), "certified" if margin >= 0 else "insufficient")


def _new_zealand(inputs: Case, _: Case) -> Calculation:
    if "sample_size" not in inputs:
        return Calculation({})
    statute, required = "nz/citizens-initiated-referenda-act", inputs["required"]
    triples = inputs["triplicates"]
    copies = (inputs["duplicates"] + triples, triples)
    remaining = inputs["sample_size"] - inputs["not_on_roll"] - inputs["illegible"]
    # The Clerk printed the distinct valid ones with each triple taken off once, not twice.
    distinct = remaining - inputs["duplicates"] - triples
    calculation = _project(
        statute, _sample(inputs, inputs["submitted"], remaining, copies), required
    )
    # The estimate was printed to the thousand and the upper bound to the five hundred.
    best = _round_to(1000, calculation.numbers["best_estimate"])
    upper = _round_to(500, calculation.numbers["upper_bound"])
    printed = {
        "valid_distinct_in_sample": distinct,
        "best_estimate_rounded": best,
        "not_more_than": upper,
        "shortfall_to_best": required - best,
        "shortfall_to_upper_approx": _round_to(500, required - upper),
    }
    words = {"sufficient": "goes on", "insufficient": "lapsed"}
    return _apply_decision_rule(
        statute, replace(calculation, numbers={**calculation.numbers, **printed}), required, words
    )


def _round_to(unit: int, number: Number) -> int:
    return ROUNDINGS["nearest"](Fraction(number) / unit) * unit


_PLAIN_WORDS = {
    "sufficient": "sufficient",
    "insufficient": "insufficient",
    "check_every_line": "check every line",
}


def _colorado(inputs: Case, published: Case) -> Calculation:
    statute, required = "us-co/initiative-and-referendum", inputs["required"]
    sample = _sample(inputs, inputs["submitted"], inputs["valid_in_sample"])
    calculation = _apply_decision_rule(statute, _project(statute, sample), required, _PLAIN_WORDS)
    projected = Fraction(calculation.numbers["projected_valid"])
    numbers = {**calculation.numbers, "pct_of_required": projected * 100 / required}
    if "full_check_invalid" in published:
        valid = inputs["submitted"] - published["full_check_invalid"]
        numbers |= {"full_check_valid": valid, "short_by": required - valid}
    return replace(calculation, numbers=numbers)


def _michigan(inputs: Case, _: Case) -> Calculation:
    """Project on the lines left after sheets were excluded; cut-offs are set for each petition."""
    sample = _sample(inputs, inputs["universe"], inputs["valid_in_sample"])
    calculation = _project("us-mi/initiative-and-referendum", sample)
    shortfall = inputs["required"] - ROUNDINGS["nearest"](
        Fraction(calculation.numbers["projected_valid"])
    )
    step = CalculationStep(f"{inputs['required']:,} less that, to nearest = {shortfall:,}")
    numbers = {**calculation.numbers, "estimated_shortfall": shortfall}
    return Calculation(numbers, (*calculation.steps, step), "deny" if shortfall > 0 else "certify")


def _line_review(inputs: Case, _: Case) -> Calculation:
    statute = "ca-sk/cities-act"
    remaining = inputs["submitted"] - sum(inputs["line_rejects"].values())
    share = read_fraction(str(inputs["sample_confirmed_rate"]))
    calculation = interval_from_share(remaining, share, _projection_rule(statute))
    words = {"sufficient": "not shown insufficient", "insufficient": "insufficient"}
    return _apply_decision_rule(statute, calculation, inputs["required"], words)


def _oregon(inputs: Case, _: Case) -> Calculation:
    statute = "us-or/initiative-and-referendum"
    lines = inputs["submitted_on_valid_sheets"]
    calculation = _project(statute, _sample(inputs, lines, inputs["valid_in_sample"]))
    assumed = require_known(
        _projection_rule(statute).assumed_repeats, "the assumed share of repeats"
    ).value
    points = {
        "margin_subtracted_points": Fraction(calculation.numbers["margin"]) * 100,
        "further_points": read_fraction(assumed) * 100,
    }
    words = {"sufficient": "qualified", "draw_second_sample": "draw a second sample"}
    return _apply_decision_rule(
        statute,
        replace(calculation, numbers={**calculation.numbers, **points}),
        inputs["required"],
        words,
    )


def _preliminary_count(inputs: Case, _: Case) -> Calculation:
    count, required = inputs["preliminary_count"], inputs["required"]
    word = "unsuccessful" if count < required else "goes on"
    return Calculation({}, (CalculationStep(f"{count:,} counted, {required:,} required"),), word)


def _alberta(inputs: Case, published: Case) -> Calculation:
    """Give what can be worked out; how a sample becomes a number is not published."""
    if "threshold_fraction" not in inputs:
        return Calculation({})
    statute = versions("ca-ab/citizen-initiative-act")[0]
    needed = requirement(statute, "policy", inputs["electors_2023_post_election_list"])
    share = Fraction(
        published["verified_after_sampling"] * 100, inputs["registered_electors_may_2025"]
    )
    silent = CalculationStep(
        "sample size, number confirmed and estimator are not published: not reproducible"
    )
    return Calculation(
        {"required": needed.required, "pct_of_electors": share}, (*needed.steps, silent)
    )


def _compute_nothing(inputs: Case, published: Case) -> Calculation:  # noqa: ARG001
    return Calculation({}, (CalculationStep("only the outcome is published"),))


METHODS: dict[str, Callable[[Case, Case], Calculation]] = {
    "ca_2ccr_20530": _california,
    "wa_wac_434_379_010": _washington,
    "full_check": _full_check,
    "nz_pairs_estimator_upper_bound": _new_zealand,
    "co_1_40_116": _colorado,
    "mi_small_sample": _michigan,
    "two_stage_line_review_then_phone_sample": _line_review,
    "or_oar_165_014_0030_first_sample": _oregon,
    "ab_cia_s6_4": _alberta,
    "ab_preliminary_count_stop": _preliminary_count,
    "bc_each_district_10pct_full_check_plus_contact_sample": _compute_nothing,
}
"""How each method of a case file is worked out."""
