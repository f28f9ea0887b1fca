"""A vote's published numbers, worked out again."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, TypeVar

from referendum.verify import law
from referendum.verify.bundles import Bundle
from referendum.verify.kinds import Act
from referendum.verify.petition import compare
from referendum.verify.projection import text
from referendum.verify.report import Mismatch
from referendum.verify.returns import (
    ASIDE,
    PLACES,
    VOTES,
    WARNINGS,
    Return,
    electors_of,
    read_returns,
)

Bundles = dict[str, Bundle]
Tally = list[int]  # yes, no, formal, informal, total
Row = tuple[str, str, Tally]  # region, district
K = TypeVar("K", str, tuple[str, str])

SUMS = ("yes", "no", "formal", "informal", "total")
STATUSES = ("late", "missing")
REGIONS = ("question", "region", "counts", *SUMS, "electors", "carried")
DISTRICTS = ("question", "region", "district", *SUMS, "electors", "recount")
KINDS = ("question", "kind", *SUMS)


def check_result(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out totals and conditions of every question from the returns."""
    statute, returns, result = reads["statute"], reads["returns"], writes["result"]
    forms, electors = read_returns(returns), electors_of(returns)
    rows: dict[str, list[Row]] = {}
    for form in forms:
        rows.setdefault(form.key[0], []).append(row_of(form))
    counted = {name: _question(statute, rows[name], electors) for name in sorted(rows)}
    expected = {
        **_progress(returns, forms),
        "questions": [{"question": name, **one} for name, one in counted.items()],
        "rule": statute.toml("statute.toml")["vote"].get("cite"),
    }
    compare(result.document("result.json"), expected, f"{result.path}/result.json")
    _check_tables(statute, result, rows, electors)
    kinds = _grouped(((form.key[0], form.key[1]), row_of(form)[2]) for form in forms)
    told = [[*name, *map(str, tally)] for name, tally in kinds]
    _same_rows(result, "kinds.csv", KINDS, told)
    facts = {
        name: {q: one[name] for q, one in counted.items()} for name in ("yes", "no", "carried")
    }
    compare(act["facts"], {name: _stated(values) for name, values in facts.items()}, "")
    return "; ".join(_told(name, one, len(counted)) for name, one in counted.items())


def row_of(form: Return) -> Row:
    """Give the region, the district and the votes of a form."""
    yes, no, informal, total = (form.numbers[name] or 0 for name in VOTES)
    return (form.key[2], form.key[3], [yes, no, yes + no, informal, total])


def _question(
    statute: Bundle, rows: list[Row], electors: dict[tuple[str, str], int]
) -> dict[str, Any]:
    whole = summed(tally for *_, tally in rows)
    listed = sum(electors.values()) if electors else None
    conditions = conditions_of(statute, whole, listed, regions_of(rows, electors))
    return {
        **dict(zip(SUMS, whole, strict=True)),
        "electors": listed,
        "turnout": str(Fraction(whole[4], listed)) if listed else None,
        "conditions": conditions,
        "carried": all(condition["met"] for condition in conditions),
        "recounts": _recounts(statute, rows),
        "tie": whole[0] == whole[1],
    }


def _recounts(statute: Bundle, rows: list[Row]) -> int | None:
    districts = _grouped(((region, district), tally) for region, district, tally in rows)
    told = [_again(statute, tally) for _, tally in districts]
    return None if "" in told else told.count("true")


def _again(statute: Bundle, tally: Tally) -> str:
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
        "set_aside": len(list(returns.rows("set_aside.csv", ASIDE))),
        "unexplained": sum(not row[-1] for row in warnings),
        "warnings": len(warnings),
    }


def _stated(by_question: dict[str, Any]) -> Any:  # noqa: ANN401
    return next(iter(by_question.values())) if len(by_question) == 1 else by_question


def _told(name: str, one: dict[str, Any], questions: int) -> str:
    met = ", ".join(f"{c['name']} {c['have']} of {c['need']}" for c in one["conditions"])
    verb = "carried" if one["carried"] else "not carried"
    which = f"question {name} " if questions > 1 else ""
    return f"{which}{verb}: yes {one['yes']:,}, no {one['no']:,}, {met}"


def regions_of(
    rows: list[Row], electors: dict[tuple[str, str], int]
) -> dict[str, tuple[Tally, int | None]]:
    """Give each region's votes and electors."""
    return {
        region: (tally, int(listed) if (listed := _listed(electors, region)) else None)
        for region, tally in _grouped((region, tally) for region, _, tally in rows)
    }


def conditions_of(
    statute: Bundle,
    whole: Tally,
    electors: int | None,
    regions: dict[str, tuple[Tally, int | None]],
) -> list[dict[str, Any]]:
    """Work out the conditions of the vote rule, in its order."""
    conditions = [_condition("majority", _majority(statute, whole, electors), whole[0])]
    for quorum, have in (("turnout", whole[4]), ("approval", whole[0])):
        if law.has(statute, "vote", quorum):
            share = law.value(statute, "vote", quorum)
            base = Fraction(_known(electors))
            conditions.append(_condition(quorum, law.needed(share, base), have))
    counting = law.optional(statute, "vote", "regions")
    if counting is not None:
        conditions.append(_regional(statute, counting, regions))
    return conditions


def _majority(statute: Bundle, tally: Tally, electors: int | None) -> Fraction:
    of = law.value(statute, "vote", "majority_of")
    if of == "electors":
        base = _known(electors)
    elif of in {"formal", "cast"}:
        base = tally[2] if of == "formal" else tally[4]
    else:
        raise Mismatch("the majority of the statute is not known")
    return law.needed(law.value(statute, "vote", "majority"), Fraction(base))


def _regional(
    statute: Bundle, counting: list[str], regions: dict[str, tuple[Tally, int | None]]
) -> dict[str, Any]:
    halves = law.optional(statute, "vote", "half_regions") or []
    weight = {name: Fraction(1, 2) if name in halves else Fraction(1) for name in counting}
    carried = sum(
        (
            weight[name]
            for name in counting
            if name in regions and carried_by(statute, *regions[name])
        ),
        Fraction(0),
    )
    share = law.value(statute, "vote", "regional_majority")
    unit = Fraction(1, 2) if halves else Fraction(1)
    need = law.needed(share, sum(weight.values(), Fraction(0)), unit)
    return _condition("regional_majority", need, carried)


def _known(electors: int | None) -> int:
    if electors is None:
        raise Mismatch("the rule needs the number of electors, which is not given")
    return electors


def _condition(name: str, need: Fraction, have: Fraction | int) -> dict[str, Any]:
    numbers = {"need": text(need), "have": text(Fraction(have))}
    return {"name": name, **numbers, "met": have >= need}


def carried_by(statute: Bundle, tally: Tally, electors: int | None) -> bool:
    """Whether a region has a majority of its own."""
    return tally[0] >= _majority(statute, tally, electors)


def _check_tables(
    statute: Bundle,
    result: Bundle,
    rows: dict[str, list[Row]],
    electors: dict[tuple[str, str], int],
) -> None:
    counting = law.optional(statute, "vote", "regions") or []
    regions, districts = [], []
    for name, own in sorted(rows.items()):
        regions += [
            [name, region, _word(region in counting), *map(str, tally), _listed(electors, region),
             _word(carried_by(statute, tally, listed))]
            for region, (tally, listed) in sorted(regions_of(own, electors).items())
        ]  # fmt: skip
        districts += [
            [name, *where, *map(str, tally), str(electors.get(where, "")), _again(statute, tally)]
            for where, tally in _grouped(((r, d), tally) for r, d, tally in own)
        ]
    _same_rows(result, "regions.csv", REGIONS, regions)
    _same_rows(result, "districts.csv", DISTRICTS, districts)


def _same_rows(
    result: Bundle, name: str, columns: tuple[str, ...], expected: list[list[str]]
) -> None:
    found = list(result.rows(name, columns))
    for row, other in zip(found, expected, strict=False):
        if row != other:
            told = f"{','.join(row)[:90]} stands where {','.join(other)[:90]} is worked out here"
            raise Mismatch(told, f"{result.path}/{name}")
    if len(found) != len(expected):
        raise Mismatch(f"{len(found)} rows, expected {len(expected)}", f"{result.path}/{name}")


def _grouped(rows: Iterable[tuple[K, Tally]]) -> list[tuple[K, Tally]]:
    """Add up the tallies with the same name, in the order of the names."""
    grouped: dict[K, list[Tally]] = defaultdict(list)
    for name, tally in rows:
        grouped[name].append(tally)
    return [(name, summed(grouped[name])) for name in sorted(grouped)]


def summed(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies, column by column."""
    return [sum(column) for column in zip([0] * 5, *tallies, strict=True)]


def _listed(electors: dict[tuple[str, str], int], region: str) -> str:
    known = [number for (where, _), number in electors.items() if where == region]
    return str(sum(known)) if known else ""


def _word(truth: bool) -> str:
    return "true" if truth else "false"
