"""A vote's published numbers, worked out again."""

import re
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, TypeVar

from referendum.verify import law
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.combined_returns import CombinedReturns
from referendum.verify.exclusion import Groups, QuestionResult, exclusion_outcomes, stated_groups
from referendum.verify.kinds import Act
from referendum.verify.outstanding_vote import (
    OutstandingVote,
    OutstandingVotes,
    Tally,
    all_met,
    bound_outstanding_votes,
    elector_share_outlook,
    majority_outlook,
    reaches,
)
from referendum.verify.petition import require_equal
from referendum.verify.projection import number_text
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Return, require_distinct_boxes
from referendum.verify.returns import (
    KEY,
    PLACES,
    SET_ASIDE_COLUMNS,
    VOTES,
    WARNINGS,
    electors_of,
    read_returns,
)

Row = tuple[str, str, Tally]  # region, district
K = TypeVar("K", str, tuple[str, str])

SUMS = ("yes", "no", "formal", "informal", "total")
STATUSES = ("late", "missing")
REGIONS = ("question", "region", "counts", *SUMS, "electors", "carried")
DISTRICTS = ("question", "region", "district", *SUMS, "electors", "recount")
KINDS = ("question", "kind", *SUMS)
BETWEEN = (*KEY, "code", "figures", "ballots", "explanation")


def check_result(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out totals and conditions of every question from the returns."""
    statute, returns, result = reads["statute"], reads["returns"], writes["result"]
    forms = read_returns(returns)
    questions = sorted({form.key[0] for form in forms}, key=natural_key)
    rows = {name: [row_of(form) for form in forms if form.key[0] == name] for name in questions}
    outstanding_by_question = {
        name: bound_outstanding_votes(name, forms, returns, statute) for name in questions
    }
    _check_regions(statute, returns, forms)
    aside = {row[1] for row in returns.rows("set_aside.csv", SET_ASIDE_COLUMNS)} - {"*", ""}
    groups = stated_groups(statute, returns, [*questions, *aside])
    counted = _question_documents(statute, rows, outstanding_by_question, groups)
    expected = {
        **_progress(returns, forms),
        "questions": [{"question": name, **one} for name, one in counted.items()],
        "rule": statute.toml("statute.toml")["vote"].get("cite"),
    }
    require_equal(result.document("result.json"), expected, f"{result.path}/result.json")
    if "recounted" in act["parameters"] and not any(one["recounts"] for one in counted.values()):
        raise Mismatch("it says that close districts were counted again, and none is close")
    require_distinct_boxes(forms, f"{returns.path}/returns.csv")
    _check_tables(statute, returns, result, rows, outstanding_by_question)
    between = returns.between if isinstance(returns, CombinedReturns) else []
    _require_rows(result, "between.csv", BETWEEN, between)
    kinds = dict(_sum_by_name(((form.key[0], form.key[1]), row_of(form)[2]) for form in forms))
    by_kind = [
        [*name, *map(str, kinds[name])]
        for question in questions
        for name in sorted(kinds)
        if name[0] == question
    ]
    _require_rows(result, "kinds.csv", KINDS, by_kind)
    facts = {
        name: {q: one[name] for q, one in counted.items()} for name in ("yes", "no", "carried")
    }
    require_equal(
        act["facts"], {name: _one_or_by_question(values) for name, values in facts.items()}, ""
    )
    return "; ".join(_result_words(name, one, len(counted)) for name, one in counted.items())


def _check_regions(statute: Bundle, returns: Bundle, forms: list[Return]) -> None:
    """See that the statute knows every region, where it names any."""
    counting = law.optional(statute, "vote", "regions")
    if counting is None:
        return
    known = {*counting, *(law.optional(statute, "vote", "other_regions") or [])}
    if strange := sorted({form.key[2] for form in forms} - known):
        raise Mismatch(f"the statute knows no region {strange[0]}", f"{returns.path}/returns.csv")


def row_of(form: Return) -> Row:
    """Give the region, the district and the votes of a form."""
    yes, no, informal, total = (form.numbers[name] or 0 for name in VOTES)
    return (form.key[2], form.key[3], [yes, no, yes + no, informal, total])


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Order names as people do: question 2 before question 10."""
    parts = re.split("([0-9]{1,18})", name)
    return [(0, int(part), "") if place % 2 else (1, 0, part) for place, part in enumerate(parts)]


def _question_documents(
    statute: Bundle,
    rows: dict[str, list[Row]],
    outstanding_by_question: dict[str, OutstandingVotes],
    groups: Groups | None,
) -> dict[str, dict[str, Any]]:
    """Give every question as `result.json` has it."""
    found = {
        name: _question(statute, own, outstanding_by_question[name]) for name, own in rows.items()
    }
    standing = exclusion_outcomes(
        statute,
        groups,
        {
            name: QuestionResult(
                one["accepted"],
                sum_tallies(tally for *_, tally in rows[name]),
                {region: tally for region, (tally, _) in regions_of(rows[name], {}).items()},
                one["outstanding"],
            )
            for name, one in found.items()
        },
    )
    for name, (role, prevails) in standing.items():
        one = found[name]
        one |= {"exclusion": role, "prevails": prevails}
        if role == "tie_break":
            one |= {"conditions": [], "accepted": None, "so_far": None}
        accepted = one["accepted"] if role == "free" else None
        one["carried"] = False if role == "excluded" else accepted
    return found


def _question(statute: Bundle, rows: list[Row], votes: OutstandingVotes) -> dict[str, Any]:
    whole, outstanding = sum_tallies(tally for *_, tally in rows), votes.whole
    if _needs_electors(statute) and outstanding.listed == 0:
        raise Mismatch("the rule needs the number of electors, which is not given, or 0")
    regions = {region: tally for region, (tally, _) in regions_of(rows, {}).items()}
    conditions = [
        _condition_outlook(statute, one, whole, regions, votes)
        for one in conditions_of(
            statute,
            whole,
            outstanding.listed,
            {region: (tally, votes.regions[region].electors) for region, tally in regions.items()},
        )
    ]
    return {
        **dict(zip(SUMS, whole, strict=True)),
        "electors": outstanding.electors,
        "turnout": str(Fraction(whole[4], outstanding.listed)) if outstanding.electors else None,
        "outstanding": outstanding.ballots,
        "accepted": all_met(conditions, "met"),
        "so_far": all_met(conditions, "so_far"),
        "conditions": [
            {name: one[name] for name in ("name", "need", "have", "met")} for one in conditions
        ],
        "recounts": _recounts(statute, rows),
        "tie": whole[0] == whole[1],
    }


def _needs_electors(statute: Bundle) -> bool:
    quorum = law.has(statute, "vote", "turnout") or law.has(statute, "vote", "approval")
    return quorum or law.value(statute, "vote", "majority_of") == "electors"


def _condition_outlook(
    statute: Bundle,
    condition: dict[str, Any],
    whole: Tally,
    regions: dict[str, Tally],
    outstanding: OutstandingVotes,
) -> dict[str, Any]:
    """Say whether a condition is met by what is counted, and whatever is still to come."""
    name, so_far = condition["name"], condition["met"]
    if name == "regional_majority":
        return {
            **condition,
            "so_far": so_far,
            "met": _regional_outlook(statute, regions, outstanding),
        }
    if name == "majority":
        met = majority_outlook(statute, whole, outstanding.whole)
    else:
        share = law.value(statute, "vote", name)
        met = elector_share_outlook(share, whole[4 if name == "turnout" else 0], outstanding.whole)
    of_electors = name != "majority" or law.value(statute, "vote", "majority_of") == "electors"
    if of_electors and not outstanding.whole.has_all_electors:
        return {**condition, "need": None, "so_far": None, "met": met}
    return {**condition, "so_far": so_far, "met": met}


def _regional_outlook(
    statute: Bundle, regions: dict[str, Tally], outstanding: OutstandingVotes
) -> bool | None:
    counting = law.value(statute, "vote", "regions")
    halves = law.optional(statute, "vote", "half_regions") or []
    sure = open_ = Fraction(0)
    for name in counting:
        weight = Fraction(1, 2) if name in halves else Fraction(1)
        there = name in regions
        met = majority_outlook(statute, regions[name], outstanding.regions[name]) if there else None
        sure += weight if met is True else 0
        open_ += weight if met is None else 0
    need = _regions_needed(statute, counting, halves)
    if sure >= need:
        return True
    return None if sure + open_ >= need else False


def _regions_needed(statute: Bundle, counting: list[str], halves: list[str]) -> Fraction:
    total = sum(
        (Fraction(1, 2) if name in halves else Fraction(1) for name in counting), Fraction()
    )
    unit = Fraction(1, 2) if halves else Fraction(1)
    return law.least_number(law.value(statute, "vote", "regional_majority"), total, unit)


def _recounts(statute: Bundle, rows: list[Row]) -> int | None:
    districts = _sum_by_name(((region, district), tally) for region, district, tally in rows)
    answers = [_is_recounted(statute, tally) for _, tally in districts]
    return None if "" in answers else answers.count("true")


def _is_recounted(statute: Bundle, tally: Tally) -> str:
    """Whether a district's ballots are counted again; empty where the rule says nothing of it."""
    margin = law.optional(statute, "vote", "recount_margin")
    return "" if margin is None else _word(abs(tally[0] - tally[1]) <= margin)


def _progress(returns: Bundle, forms: list[Return]) -> dict[str, Any]:
    received = returns.manifest["parameters"]
    statuses = [row[-1] for row in returns.rows("places.csv", PLACES)]
    warnings = list(returns.rows("warnings.csv", WARNINGS))
    return {
        **{name: statuses.count(name) for name in STATUSES},
        **{name: received.get(name) for name in ("as_of", "provisional", "scope")},
        "expected": len(statuses),
        "places": len({form.key[2:] for form in forms}),
        "set_aside": len(list(returns.rows("set_aside.csv", SET_ASIDE_COLUMNS))),
        "unexplained": sum(not row[-1] for row in warnings),
        "warnings": len(warnings),
    }


def _one_or_by_question(by_question: dict[str, Any]) -> Any:  # noqa: ANN401
    return next(iter(by_question.values())) if len(by_question) == 1 else by_question


def _result_words(name: str, one: dict[str, Any], questions: int) -> str:
    met = ", ".join(f"{c['name']} {c['have']} of {c['need']}" for c in one["conditions"])
    verb = outcome_word(one["carried"])
    which = f"question {name} " if questions > 1 else ""
    return f"{which}{verb}: yes {one['yes']:,}, no {one['no']:,}, {met}"


def outcome_word(carried: object) -> str:
    """Say in words whether a question is carried."""
    if carried is None:
        return "not known yet"
    return "carried" if carried is True else "not carried"


def regions_of(
    rows: list[Row], electors: dict[tuple[str, str], int]
) -> dict[str, tuple[Tally, int | None]]:
    """Give each region's votes and electors."""
    return {
        region: (tally, int(listed) if (listed := _sum_electors(electors, region)) else None)
        for region, tally in _sum_by_name((region, tally) for region, _, tally in rows)
    }


def conditions_of(
    statute: Bundle,
    whole: Tally,
    electors: int | None,
    regions: dict[str, tuple[Tally, int | None]],
) -> list[dict[str, Any]]:
    """Work out the conditions of the vote rule, in its order."""
    of = law.value(statute, "vote", "majority_of")
    if of not in {"formal", "cast", "electors"}:
        raise Mismatch("the majority of the statute is not known")
    base = _require_electors(electors) if of == "electors" else whole[2 if of == "formal" else 4]
    share = law.value(statute, "vote", "majority")
    conditions = [_of_base("majority", share, base, whole[0])]
    for quorum, have in (("turnout", whole[4]), ("approval", whole[0])):
        if law.has(statute, "vote", quorum):
            share = law.value(statute, "vote", quorum)
            conditions.append(_of_base(quorum, share, _require_electors(electors), have))
    counting = law.optional(statute, "vote", "regions")
    if counting is not None:
        conditions.append(_regional(statute, counting, regions))
    return conditions


def _of_base(name: str, share: object, base: int, have: int) -> dict[str, Any]:
    """Hold what there is against a share of a base; of nothing, nothing is enough."""
    need = law.least_number(share, Fraction(base)) if base else Fraction(1)
    return _condition(name, need, have) | {"met": reaches(share, have, base)}


def _regional(
    statute: Bundle, counting: list[str], regions: dict[str, tuple[Tally, int | None]]
) -> dict[str, Any]:
    halves = law.optional(statute, "vote", "half_regions") or []
    weight = {name: Fraction(1, 2) if name in halves else Fraction(1) for name in counting}
    carried = sum(
        (
            weight[name]
            for name in counting
            if name in regions and has_majority(statute, *regions[name])
        ),
        Fraction(0),
    )
    return _condition("regional_majority", _regions_needed(statute, counting, halves), carried)


def _require_electors(electors: int | None) -> int:
    if electors is None:
        raise Mismatch("the rule needs the number of electors, which is not given")
    return electors


def _condition(name: str, need: Fraction, have: Fraction | int) -> dict[str, Any]:
    numbers = {"need": number_text(need), "have": number_text(Fraction(have))}
    return {"name": name, **numbers, "met": have >= need}


def has_majority(statute: Bundle, tally: Tally, electors: int | None) -> bool:
    """Whether a region has a majority of its own."""
    return (
        majority_outlook(statute, tally, OutstandingVote(0, electors or 0, electors is not None))
        is True
    )


def _check_tables(
    statute: Bundle,
    returns: Bundle,
    result: Bundle,
    rows: dict[str, list[Row]],
    outstanding_by_question: dict[str, OutstandingVotes],
) -> None:
    counting = law.optional(statute, "vote", "regions") or []
    regions, districts = [], []
    for name, own in rows.items():
        electors = electors_of(returns, name)
        for region, (tally, _) in sorted(regions_of(own, {}).items()):
            outstanding = outstanding_by_question[name].regions[region]
            carried = _word(majority_outlook(statute, tally, outstanding))
            listed = "" if outstanding.electors is None else str(outstanding.electors)
            numbers = [*map(str, tally), listed, carried]
            regions.append([name, region, _word(region in counting), *numbers])
        districts += [
            [
                name,
                *where,
                *map(str, tally),
                str(electors.get(where, "")),
                _is_recounted(statute, tally),
            ]
            for where, tally in _sum_by_name(((r, d), tally) for r, d, tally in own)
        ]
    _require_rows(result, "regions.csv", REGIONS, regions)
    _require_rows(result, "districts.csv", DISTRICTS, districts)


def _require_rows(
    result: Bundle, name: str, columns: tuple[str, ...], expected: list[list[str]]
) -> None:
    found = list(result.rows(name, columns))
    for row, other in zip(found, expected, strict=False):
        if row != other:
            words = f"{','.join(row)[:90]} stands where {','.join(other)[:90]} is worked out here"
            raise Mismatch(words, f"{result.path}/{name}")
    if len(found) != len(expected):
        raise Mismatch(f"{len(found)} rows, expected {len(expected)}", f"{result.path}/{name}")


def _sum_by_name(rows: Iterable[tuple[K, Tally]]) -> list[tuple[K, Tally]]:
    """Add up the tallies with the same name, in the order of the names."""
    grouped: dict[K, list[Tally]] = defaultdict(list)
    for name, tally in rows:
        grouped[name].append(tally)
    return [(name, sum_tallies(grouped[name])) for name in sorted(grouped)]


def sum_tallies(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies, column by column."""
    return [sum(column) for column in zip([0] * 5, *tallies, strict=True)]


def _sum_electors(electors: dict[tuple[str, str], int], region: str) -> str:
    known = [number for (where, _), number in electors.items() if where == region]
    return str(sum(known)) if known else ""


def _word(truth: bool | None) -> str:
    return {True: "true", False: "false", None: ""}[truth]
