"""A vote's published numbers, worked out again."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from referendum.verify import law
from referendum.verify.acts import Act
from referendum.verify.bundles import Bundle
from referendum.verify.canonical import integer
from referendum.verify.petition import compare
from referendum.verify.projection import text
from referendum.verify.report import Mismatch

Bundles = dict[str, Bundle]
Tally = list[int]  # yes, no, formal, informal, total

RETURNS = ("region", "district", "place", "yes", "no", "informal", "total")
ASIDE = ("row", "region", "district", "place", "column", "code", "value")
SUMS = ("yes", "no", "formal", "informal", "total")


def check_returns(act: Act, reads: Bundles, writes: Bundles) -> str:  # noqa: ARG001
    """See that every return adds up and comes once, and count them."""
    returns = writes["returns"]
    rows = returns_of(returns)
    aside = list(returns.rows("set_aside.csv", ASIDE))
    electors_of(returns)
    total = sum(tally[4] for _, _, tally in rows)
    compare(act["facts"], {"places": len(rows), "set_aside": len(aside), "total": total}, "")
    return f"{len(rows):,} returns add up, {len(aside):,} set aside, {total:,} ballots"


def check_result(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out totals and conditions from the returns."""
    statute, returns, result = reads["statute"], reads["returns"], writes["result"]
    rows, electors = returns_of(returns), electors_of(returns)
    whole = summed(tally for _, _, tally in rows)
    listed = sum(electors.values()) if electors else None
    conditions = conditions_of(statute, whole, listed, regions_of(rows, electors))
    carried = all(condition["met"] for condition in conditions)
    received = returns.manifest["parameters"]
    expected = {
        **dict(zip(SUMS, whole, strict=True)),
        "places": len(rows),
        "set_aside": len(list(returns.rows("set_aside.csv", ASIDE))),
        "provisional": received.get("provisional"),
        "scope": received.get("scope"),
        "electors": listed,
        "turnout": str(Fraction(whole[4], listed)) if listed else None,
        "conditions": conditions,
        "carried": carried,
        "rule": statute.toml("statute.toml")["vote"].get("cite"),
    }
    compare(result.document("result.json"), expected, f"{result.path}/result.json")
    _check_tables(statute, result, rows, electors)
    compare(act["facts"], {"yes": whole[0], "no": whole[1], "carried": carried}, "")
    verb = "carried" if carried else "not carried"
    return f"{verb}: yes {whole[0]:,}, no {whole[1]:,}; {_told(conditions)}"


def _told(conditions: list[dict[str, Any]]) -> str:
    return "; ".join(f"{one['name']} {one['have']} of {one['need']}" for one in conditions)


def regions_of(
    rows: list[tuple[str, str, Tally]], electors: dict[tuple[str, str], int]
) -> dict[str, tuple[Tally, int | None]]:
    """Give each region's votes and electors."""
    return {
        region: (tally, int(listed) if (listed := _listed(electors, region)) else None)
        for region, tally in _by_region(rows).items()
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


def returns_of(bundle: Bundle) -> list[tuple[str, str, Tally]]:
    """Read the returns: region, district and votes of each place; every one adds up."""
    file = f"{bundle.path}/returns.csv"
    rows, seen = [], set()
    for region, district, place, *numbers in bundle.rows("returns.csv", RETURNS):
        yes, no, informal, total = (integer(text, "a number", file) for text in numbers)
        if yes + no + informal != total:
            raise Mismatch(f"the return of {place}, {district}, {region} does not add up", file)
        if (region, district, place) in seen:
            raise Mismatch(f"the return of {place}, {district}, {region} comes twice", file)
        seen.add((region, district, place))
        rows.append((region, district, [yes, no, yes + no, informal, total]))
    return rows


def electors_of(bundle: Bundle) -> dict[tuple[str, str], int]:
    """Read the electors by region and district; empty where not given."""
    file = f"{bundle.path}/electors.csv"
    electors: dict[tuple[str, str], int] = {}
    for region, district, number in bundle.rows("electors.csv", ("region", "district", "electors")):
        if (region, district) in electors:
            raise Mismatch(f"the electors of {district}, {region} come twice", file)
        electors[region, district] = integer(number, "electors", file)
    return electors


def _check_tables(
    statute: Bundle,
    result: Bundle,
    rows: list[tuple[str, str, Tally]],
    electors: dict[tuple[str, str], int],
) -> None:
    counting = law.optional(statute, "vote", "regions") or []
    regions = [
        [region, _word(region in counting), *map(str, tally), _listed(electors, region),
         _word(carried_by(statute, tally, listed))]
        for region, (tally, listed) in sorted(regions_of(rows, electors).items())
    ]  # fmt: skip
    grouped: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for region, district, tally in rows:
        grouped[region, district].append(tally)
    districts = [
        [region, district, *map(str, summed(tallies)), str(electors.get((region, district), ""))]
        for (region, district), tallies in sorted(grouped.items())
    ]
    _same_rows(result, "regions.csv", ("region", "counts", *SUMS, "electors", "carried"), regions)
    _same_rows(result, "districts.csv", ("region", "district", *SUMS, "electors"), districts)


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


def _by_region(rows: list[tuple[str, str, Tally]]) -> dict[str, Tally]:
    grouped: dict[str, list[Tally]] = defaultdict(list)
    for region, _, tally in rows:
        grouped[region].append(tally)
    return {region: summed(tallies) for region, tallies in grouped.items()}


def summed(tallies: Iterable[Tally]) -> Tally:
    """Add up votes."""
    return [sum(column) for column in zip([0] * 5, *tallies, strict=True)]


def _listed(electors: dict[tuple[str, str], int], region: str) -> str:
    known = [number for (where, _), number in electors.items() if where == region]
    return str(sum(known)) if known else ""


def _word(truth: bool) -> str:
    return "true" if truth else "false"
