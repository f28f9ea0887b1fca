"""Real cases worked out by their rules, and held against what was published.

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
from referendum.core.exact import ROUNDINGS, fraction
from referendum.law.decision import answer
from referendum.law.library import versions
from referendum.law.model import Projection, known
from referendum.law.projection import CheckedSample, interval, project
from referendum.law.threshold import requirement
from referendum.law.working import Number, Worked, Working

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Compared:
    """One published value beside the one worked out.

    Attributes:
        name: its name in the case.
        published: as printed.
        computed: as worked out, rounded like the printed one; None if the rule does not give it.
    """

    name: str
    published: int | float | str
    computed: int | float | str | None

    @property
    def same(self) -> bool:
        """Whether both agree; a word agrees with a sentence that contains it."""
        if isinstance(self.computed, str):
            return self.computed in str(self.published)
        return self.computed == self.published


@dataclass(frozen=True)
class Judged:
    """A case after it was worked out.

    Attributes:
        id: of the case.
        measure: what was petitioned for.
        status: how far the case can be reproduced, as the file says.
        compared: the published values.
        steps: the arithmetic.
        reason: the file's note; for a case that nobody can reproduce, why.
    """

    id: str
    measure: str
    status: str
    compared: tuple[Compared, ...]
    steps: tuple[Working, ...]
    reason: str

    @property
    def exact(self) -> bool:
        """Whether the file claims that every number comes out as it was printed."""
        return self.status.startswith("exact")

    @property
    def holds(self) -> bool:
        """Whether what the file claims holds; a case without a claim cannot fail."""
        known = [one for one in self.compared if one.computed is not None]
        return not self.exact or (bool(known) and all(one.same for one in known))


@contextmanager
def working_out(case: Case) -> Iterator[None]:
    """Name the case whose figures cannot be worked with: missing, no numbers, or divided by 0.

    Raises:
        InputError: the arithmetic inside fails.
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


def judge(case: Case) -> Judged:
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
    with working_out(case):
        worked = method(case["inputs"], case["published"])
        published: Mapping[str, Any] = case["published"]
        return Judged(
            str(case["id"]),
            str(case["measure"]),
            str(case["reproduce"]["status"]),
            tuple(_compare(name, value, worked) for name, value in published.items()),
            worked.steps,
            str(case.get("notes", "")),
        )


def judge_threshold(table: Case) -> Judged:
    """Work out a table of thresholds by the rounding that it names.

    Raises:
        InputError: the table lacks a figure, or one cannot be worked with.
    """
    with working_out(table):
        return _judge_threshold(table)


def _judge_threshold(table: Case) -> Judged:
    stated = str(table["rounding"])
    names = [_ROUNDING[word] for word in _ROUNDING if word in stated]
    compared, steps = [], []
    for row in table["rows"]:
        share = fraction(str(row.get("fraction", table.get("fraction"))))
        for base in [row["base"]] if row["base"] else row["base_range"]:
            fits = [
                name for name, rule in ROUNDINGS.items() if rule(share * base) == row["required"]
            ]
            text = f"{share} of {base:,} = {float(share * base):,.2f}: {', '.join(fits)}"
            steps.append(Working(text))
            found = [ROUNDINGS[name](share * base) for name in names]
            agreed = found[0] if len(set(found)) == 1 else None
            compared.append(Compared(f"required of {base:,}", row["required"], agreed))
    status = "exact" if names else stated
    reason = str(table.get("notes", ""))
    return Judged(
        str(table["id"]), str(table["rule"]), status, tuple(compared), tuple(steps), reason
    )


_ROUNDING = {"nearest": "nearest", "floor": "down", "ceil": "up"}


def _compare(name: str, published: float | str, worked: Worked) -> Compared:
    if isinstance(published, str):
        word = worked.decision if name.startswith("decision") else None
        return Compared(name, published, word or None)
    number = worked.numbers.get(name)
    return Compared(name, published, None if number is None else _as_printed(number, published))


def _as_printed(number: Number, published: float) -> int | float:
    """Round a number to the places of a printed one, a half up."""
    places = len(str(published).partition(".")[2]) if isinstance(published, float) else 0
    scaled = ROUNDINGS["nearest"](Fraction(number) * 10**places)
    return scaled / 10**places if places else scaled


def _projection(statute_id: str) -> Projection:
    """Give the projection of a statute as it stands last."""
    return known(versions(statute_id)[-1].projection, "how a sample is projected")


def _project(statute_id: str, sample: CheckedSample, required: int = 0) -> Worked:
    return project(_projection(statute_id), sample, required)


def _answered(statute_id: str, worked: Worked, required: int, words: Mapping[str, str]) -> Worked:
    """Add the decision, in the words of the office."""
    rule = known(versions(statute_id)[-1].decision, "how it is decided")
    found = answer(rule, worked.numbers["compared"], required)
    return replace(worked, decision=words[found])


def _california(inputs: Case, _: Case) -> Worked:
    def project_with(copies: int) -> Worked:
        sample = _sample(inputs, inputs["raw_count"], inputs["valid_in_sample"], (copies,))
        return _project("us-ca/initiative-and-referendum", sample)

    if "duplicates_in_sample" in inputs:
        return project_with(inputs["duplicates_in_sample"])
    shares = {}
    steps: list[Working] = []
    for when in ("before", "after"):
        worked = project_with(inputs[f"duplicates_{when}_correction"])
        projected = Fraction(worked.numbers["projected_valid"])
        shares[f"validity_pct_{when}"] = projected * 100 / inputs["raw_count"]
        steps += worked.steps
    return Worked(shares, tuple(steps))


def _sample(
    inputs: Case, lines: int, with_copies: int, copies: tuple[int, ...] = ()
) -> CheckedSample:
    return CheckedSample(lines, inputs["sample_size"], with_copies - sum(copies), copies)


def _washington(inputs: Case, _: Case) -> Worked:
    statute, pairs = "us-wa/initiative-and-referendum", inputs["duplicate_pairs"]
    invalid = sum(inputs["invalid_by_reason"].values())
    left = inputs["sample_size"] - invalid
    sample = _sample(inputs, inputs["submitted"], left, (pairs,))
    worked = _project(statute, sample, inputs["required"])
    numbers = {
        **worked.numbers,
        "rejected_in_sample": invalid + pairs,
        "error_rate_pct": Fraction(worked.numbers["error_rate"]) * 100,
    }
    words = {"sufficient": "certified", "check_every_line": "check every line"}
    return _answered(statute, replace(worked, numbers=numbers), inputs["required"], words)


def _full_check(inputs: Case, _: Case) -> Worked:
    margin = inputs["accepted"] - inputs["required"]
    step = Working(f"{inputs['accepted']:,} - {inputs['required']:,} = {margin:,}")
    return Worked({"margin": margin}, (step,), "certified" if margin >= 0 else "insufficient")


def _new_zealand(inputs: Case, _: Case) -> Worked:
    if "sample_size" not in inputs:
        return Worked({})
    statute, required = "nz/citizens-initiated-referenda-act", inputs["required"]
    triples = inputs["triplicates"]
    copies = (inputs["duplicates"] + triples, triples)
    left = inputs["sample_size"] - inputs["not_on_roll"] - inputs["illegible"]
    # The Clerk printed the distinct valid ones with each triple taken off once, not twice.
    distinct = left - inputs["duplicates"] - triples
    worked = _project(statute, _sample(inputs, inputs["submitted"], left, copies), required)
    # The estimate was printed to the thousand and the upper bound to the five hundred.
    best = _to(1000, worked.numbers["best_estimate"])
    upper = _to(500, worked.numbers["upper_bound"])
    printed = {
        "valid_distinct_in_sample": distinct,
        "best_estimate_rounded": best,
        "not_more_than": upper,
        "shortfall_to_best": required - best,
        "shortfall_to_upper_approx": _to(500, required - upper),
    }
    words = {"sufficient": "goes on", "insufficient": "lapsed"}
    return _answered(
        statute, replace(worked, numbers={**worked.numbers, **printed}), required, words
    )


def _to(unit: int, number: Number) -> int:
    return ROUNDINGS["nearest"](Fraction(number) / unit) * unit


_PLAIN = {
    "sufficient": "sufficient",
    "insufficient": "insufficient",
    "check_every_line": "check every line",
}


def _colorado(inputs: Case, published: Case) -> Worked:
    statute, required = "us-co/initiative-and-referendum", inputs["required"]
    sample = _sample(inputs, inputs["submitted"], inputs["valid_in_sample"])
    worked = _answered(statute, _project(statute, sample), required, _PLAIN)
    projected = Fraction(worked.numbers["projected_valid"])
    numbers = {**worked.numbers, "pct_of_required": projected * 100 / required}
    if "full_check_invalid" in published:
        valid = inputs["submitted"] - published["full_check_invalid"]
        numbers |= {"full_check_valid": valid, "short_by": required - valid}
    return replace(worked, numbers=numbers)


def _michigan(inputs: Case, _: Case) -> Worked:
    """Project on the lines left after sheets were excluded; cut-offs are set for each petition."""
    sample = _sample(inputs, inputs["universe"], inputs["valid_in_sample"])
    worked = _project("us-mi/initiative-and-referendum", sample)
    short = inputs["required"] - ROUNDINGS["nearest"](Fraction(worked.numbers["projected_valid"]))
    step = Working(f"{inputs['required']:,} less that, to nearest = {short:,}")
    numbers = {**worked.numbers, "estimated_shortfall": short}
    return Worked(numbers, (*worked.steps, step), "deny" if short > 0 else "certify")


def _line_review(inputs: Case, _: Case) -> Worked:
    statute = "ca-sk/cities-act"
    left = inputs["submitted"] - sum(inputs["line_rejects"].values())
    share = fraction(str(inputs["sample_confirmed_rate"]))
    worked = interval(left, share, _projection(statute))
    words = {"sufficient": "not shown insufficient", "insufficient": "insufficient"}
    return _answered(statute, worked, inputs["required"], words)


def _oregon(inputs: Case, _: Case) -> Worked:
    statute = "us-or/initiative-and-referendum"
    lines = inputs["submitted_on_valid_sheets"]
    worked = _project(statute, _sample(inputs, lines, inputs["valid_in_sample"]))
    assumed = known(_projection(statute).assumed_repeats, "the assumed share of repeats").value
    points = {
        "margin_subtracted_points": Fraction(worked.numbers["margin"]) * 100,
        "further_points": fraction(assumed) * 100,
    }
    words = {"sufficient": "qualified", "draw_second_sample": "draw a second sample"}
    return _answered(
        statute, replace(worked, numbers={**worked.numbers, **points}), inputs["required"], words
    )


def _preliminary_count(inputs: Case, _: Case) -> Worked:
    count, required = inputs["preliminary_count"], inputs["required"]
    word = "unsuccessful" if count < required else "goes on"
    return Worked({}, (Working(f"{count:,} counted, {required:,} required"),), word)


def _alberta(inputs: Case, published: Case) -> Worked:
    """Give what can be worked out; how a sample becomes a number is not published."""
    if "threshold_fraction" not in inputs:
        return Worked({})
    statute = versions("ca-ab/citizen-initiative-act")[0]
    needed = requirement(statute, "policy", inputs["electors_2023_post_election_list"])
    share = Fraction(
        published["verified_after_sampling"] * 100, inputs["registered_electors_may_2025"]
    )
    silent = Working(
        "sample size, number confirmed and estimator are not published: not reproducible"
    )
    return Worked({"required": needed.required, "pct_of_electors": share}, (*needed.steps, silent))


def _published_only(inputs: Case, published: Case) -> Worked:  # noqa: ARG001
    return Worked({}, (Working("only the outcome is published"),))


METHODS: dict[str, Callable[[Case, Case], Worked]] = {
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
    "bc_each_district_10pct_full_check_plus_contact_sample": _published_only,
}
"""How each method of a case file is worked out."""
