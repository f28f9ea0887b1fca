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
from referendum.verify.report import Mismatch

Bundles = dict[str, Bundle]
Tally = list[int]  # yes, no, formal, informal, total

RETURNS = ("region", "district", "place", "yes", "no", "informal", "total")
ASIDE = ("row", "region", "district", "place", "column", "code", "value")
SUMS = ("yes", "no", "formal", "informal", "total")


def check_returns(act: Act, reads: Bundles, writes: Bundles) -> str:  # noqa: ARG001
    """See that every return adds up and comes once, and count them."""
    returns = writes["returns"]
    rows = _returns(returns)
    aside = list(returns.rows("set_aside.csv", ASIDE))
    _electors(returns)
    total = sum(tally[4] for _, _, tally in rows)
    compare(act["facts"], {"places": len(rows), "set_aside": len(aside), "total": total}, "")
    return f"{len(rows):,} returns add up, {len(aside):,} set aside, {total:,} ballots"


def check_result(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out totals and conditions from the returns."""
    statute, returns, result = reads["statute"], reads["returns"], writes["result"]
    rows, electors = _returns(returns), _electors(returns)
    whole = _sum(tally for _, _, tally in rows)
    counting = _counting(statute)
    conditions = _conditions(statute, whole, _by_region(rows), counting)
    carried = all(condition["met"] for condition in conditions)
    listed = sum(electors.values()) if electors else None
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
    _check_tables(result, rows, electors, counting)
    compare(act["facts"], {"yes": whole[0], "no": whole[1], "carried": carried}, "")
    verb = "carried" if carried else "not carried"
    return f"{verb}: yes {whole[0]:,}, no {whole[1]:,}; {_told(conditions)}"


def _told(conditions: list[dict[str, Any]]) -> str:
    return "; ".join(f"{one['name']} {one['have']:,} of {one['need']:,}" for one in conditions)


def _counting(statute: Bundle) -> list[str]:
    if not law.has(statute, "vote", "regions"):
        return []
    if law.value(statute, "vote", "regional_majority") != "more than half":
        raise Mismatch("the regional majority of the statute is not known")
    return list(law.value(statute, "vote", "regions"))


def _conditions(
    statute: Bundle, whole: Tally, regions: dict[str, Tally], counting: list[str]
) -> list[dict[str, Any]]:
    if law.value(statute, "vote", "majority_of") != "formal":
        raise Mismatch("the majority of the statute is not known")
    conditions = [_condition("majority", whole[2] // 2 + 1, whole[0])]
    if counting:
        carried = sum(_carried(regions[name]) for name in counting if name in regions)
        conditions.append(_condition("regional_majority", len(counting) // 2 + 1, carried))
    return conditions


def _condition(name: str, need: int, have: int) -> dict[str, Any]:
    return {"name": name, "need": need, "have": have, "met": have >= need}


def _carried(tally: Tally) -> bool:
    return tally[0] * 2 > tally[2]


def _returns(bundle: Bundle) -> list[tuple[str, str, Tally]]:
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


def _electors(bundle: Bundle) -> dict[tuple[str, str], int]:
    file = f"{bundle.path}/electors.csv"
    electors: dict[tuple[str, str], int] = {}
    for region, district, number in bundle.rows("electors.csv", ("region", "district", "electors")):
        if (region, district) in electors:
            raise Mismatch(f"the electors of {district}, {region} come twice", file)
        electors[region, district] = integer(number, "electors", file)
    return electors


def _check_tables(
    result: Bundle,
    rows: list[tuple[str, str, Tally]],
    electors: dict[tuple[str, str], int],
    counting: list[str],
) -> None:
    regions = [
        [region, _word(region in counting), *map(str, tally), _listed(electors, region),
         _word(_carried(tally))]
        for region, tally in sorted(_by_region(rows).items())
    ]  # fmt: skip
    grouped: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for region, district, tally in rows:
        grouped[region, district].append(tally)
    districts = [
        [region, district, *map(str, _sum(tallies)), str(electors.get((region, district), ""))]
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
    return {region: _sum(tallies) for region, tallies in grouped.items()}


def _sum(tallies: Iterable[Tally]) -> Tally:
    return [sum(column) for column in zip([0] * 5, *tallies, strict=True)]


def _listed(electors: dict[tuple[str, str], int], region: str) -> str:
    known = [number for (where, _), number in electors.items() if where == region]
    return str(sum(known)) if known else ""


def _word(truth: bool) -> str:
    return "true" if truth else "false"
