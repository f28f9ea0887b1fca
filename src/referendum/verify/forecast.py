"""What a forecast says beyond its density: held against the polls, the rule and its own numbers."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from referendum.verify import law
from referendum.verify.act_schemas import (
    EXACT,
    NULL,
    NUMBER,
    SHARE,
    TEXT,
    Members,
    Type,
    is_day,
    list_of,
    object_of,
    require_members,
)
from referendum.verify.bundles import Bundle
from referendum.verify.canonical import exact
from referendum.verify.chance_of_passing import assumption_text, chance_of, needs_electors
from referendum.verify.report import Mismatch

Poll = dict[str, str]

SOURCES = {
    "sampling": "chance in who was asked",
    "extra": "errors of single polls beyond chance",
    "house": "leanings of houses",
    "question": "wordings, populations, modes and sponsors",
    "movement": "movement of opinion between and since the polls",
    "campaign": "the campaign that remains",
    "end_bias": "error that all polls share on the day",
    "undecided": "those who have no side yet",
}
"""Sources of uncertainty, in the words of the forecast."""


def _all(kind: Type, names: str) -> Type:
    return object_of(**dict.fromkeys(names.split(), kind))


_ENDS = list_of(SHARE, 2, 2)
_SCENARIO = object_of(
    name=TEXT, median=SHARE, interval_80=_ENDS, most_votes=SHARE, passes=SHARE | NULL
)

DOCUMENT: Members = {
    "days_ahead": EXACT,
    "undecided": SHARE,
    "now": object_of(median=SHARE, intervals=object_of(**dict.fromkeys(("50", "80", "95"), _ENDS))),
    "passes": object_of(chance=SHARE | NULL, rule=TEXT, assumption=TEXT) | NULL,
    "sources": _all(SHARE, " ".join(SOURCES)),
    "scales": _all(EXACT, "extra house walk"),
    "next_poll": object_of(asked=NUMBER, gain=EXACT, sd_after=EXACT, sd_before=EXACT),
    "scenarios": list_of(_SCENARIO, 1, 20),
    "averages": _all(SHARE, "historical_errors know_nothing last_six latest_per_house")
    | object_of(),
    "constants": _all(
        EXACT,
        "walk walk_log_sd drift drift_sd shift scale undecided_break undecided_lean",
    ),
    "priors": _all(EXACT, "extra house mode population side start walk wording"),
    "remarks": list_of(TEXT),
    "reading": list_of(TEXT),
}
"""What `forecast.json` holds beside what is worked out again whole."""

SCENARIOS = re.compile(
    r"as forecast|7 in 10 undecided go to (no|yes)|the campaign moves opinion (half|twice) as much"
    r"|no shift to the status quo|3 points more shift to the status quo"
    r"|3 points of shift the other way|(low|high) turnout, [0-9]{1,2} per cent",
    re.ASCII,
)

TOLERANCE = 0.02
"""By how much a chance of passing may be off, worked out from bins of a tenth of a point."""

REFERENCE = ("likely voters", "voters")


def check_document(
    document: Mapping[str, Any], recomputed: Mapping[str, Any], used: Sequence[Poll], file: str
) -> None:
    """See that the document says what follows from its own density and from the polls."""
    require_members({n: document[n] for n in document if n not in recomputed}, DOCUMENT, "member")
    first, result = document["scenarios"][0], recomputed["result"]
    passes = document["passes"] and document["passes"]["chance"]
    expected = {
        "name": "as forecast",
        "median": result["median"],
        "interval_80": result["intervals"]["80"],
        "most_votes": recomputed["most_votes"],
        "passes": passes,
    }
    if first != expected:
        raise Mismatch("the first scenario is not the forecast", file)
    names = [one["name"] for one in document["scenarios"]]
    if len(set(names)) != len(names) or not all(map(SCENARIOS.fullmatch, names)):
        raise Mismatch("a scenario is not known, or comes twice", file)
    if any((one["passes"] is None) != (passes is None) for one in document["scenarios"]):
        raise Mismatch("a scenario has a chance of passing that the forecast has not", file)
    days = _days_ahead(recomputed, used)
    if document["days_ahead"] != days:
        raise Mismatch(f"{document['days_ahead']} days lie ahead, worked out here {days}", file)
    if list(document["remarks"]) != list(_remarks(recomputed, used)):
        raise Mismatch("the remarks are not those that follow from the polls", file)
    if document["averages"] and document["averages"]["know_nothing"] != "0.5000":
        raise Mismatch("to know nothing is one half", file)


def _days_ahead(recomputed: Mapping[str, Any], used: Sequence[Poll]) -> str:
    """Give the days from the middle of the latest poll to the vote."""
    vote = date.fromisoformat(recomputed["vote_date"]).toordinal()
    if not used:
        return f"{vote - date.fromisoformat(recomputed['as_of']).toordinal()}.0"
    ends = [(one["field_start"] or one["field_end"], one["field_end"]) for one in used]
    twice = max(sum(date.fromisoformat(day).toordinal() for day in two) for two in ends)
    return f"{(2 * vote - twice) / 2:.1f}"


def _remarks(recomputed: Mapping[str, Any], used: Sequence[Poll]) -> Iterator[str]:
    if not used:
        yield "There is no poll to go by: this is the prior only, and says next to nothing."
        return
    if recomputed["samples"] == 1:
        yield "There is a single poll: most of what follows is the prior."
    asked = sum(one["wording"] == "ballot" for one in used)
    if not asked:
        yield (
            "No poll asked the ballot's own question: how it differs from the questions that were"
            " asked is a guess (a standard deviation of 7 points near one half)."
        )
    elif asked < len(used):
        yield (
            f"{asked} of {len(used)} rows asked the ballot's own question; the others"
            " count through effects of their wordings."
        )
    if unsized := sum(not one["sample_size"] for one in used):
        yield f"For {unsized} of {len(used)} rows it is unknown how many were asked; 700 is taken."
    as_of = date.fromisoformat(recomputed["as_of"])
    newest = date.fromisoformat(max(one["field_end"] for one in used))
    if (as_of - newest).days > 30:
        yield f"The latest poll ended {(as_of - newest).days} days before this forecast."
    if recomputed["later"]:
        yield f"{recomputed['later']} rows ended after {recomputed['as_of']} and are not used."


def check_passes(
    statute: Bundle,
    choices: Mapping[str, Any],
    document: Mapping[str, Any],
    parts: Sequence[int],
    file: str,
) -> None:
    """See that rule, assumption and chance of passing are those of the statute and the act."""
    passes = document["passes"]
    if (passes is None) == law.has(statute, "vote"):
        raise Mismatch(
            "a chance of passing is given exactly where the statute has a vote rule", file
        )
    if passes is None:
        return
    rule = statute.toml("statute.toml")["vote"].get("cite")
    if passes["rule"] != rule or passes["assumption"] != assumption_text(statute, choices):
        raise Mismatch("rule or assumption are not those of the statute and the act", file)
    silent = needs_electors(statute) and choices["turnout"] is None
    if (passes["chance"] is None) != silent:
        raise Mismatch("a chance of passing is given without what it rests on, or left out", file)
    if not silent:
        chance = chance_of(statute, choices, parts)
        if abs(chance - float(passes["chance"])) > TOLERANCE:
            words = f"the chance of passing is {passes['chance']}, worked out here {chance:.3f}"
            raise Mismatch(words, file)


def check_tables(
    made: Bundle, document: Mapping[str, Any], used: Sequence[Poll], as_of: str
) -> None:
    """See that the trend ends where the forecast begins, and that effects are of the polls."""
    rows = made.records("trend.csv")
    file = f"{made.path}/trend.csv"
    days = [one["day"] for one in rows]
    if not days or not all(map(is_day, days)) or days != sorted(set(days)) or days[-1] != as_of:
        raise Mismatch("the trend does not ascend to the day of the forecast", file)
    for one in rows:
        low = [one[f"low_{level}"] for level in ("95", "80", "50")]
        ends = [*low, one["median"], *(one[f"high_{level}"] for level in ("50", "80", "95"))]
        if not all(map(SHARE.admits, ends)) or ends != sorted(ends, key=float):
            raise Mismatch(f"the shares of {one['day']} are none, or do not ascend", file)
    # The trend is a normal curve, where it stands now a grid: the more the polls are at odds, or
    # the fewer they are, the further the two may be apart.
    now, last = document["now"], rows[-1]
    wide = [
        tuple(map(float, now["intervals"]["95"])),
        (float(last["low_95"]), float(last["high_95"])),
    ]
    width = min(two[1] - two[0] for two in wide)
    middle, ends_near = 0.01 + width / 20, 0.01 + width / 4
    pairs = [(now["median"], last["median"], middle)]
    for level, (low_end, high_end) in now["intervals"].items():
        pairs += [(low_end, last[f"low_{level}"], ends_near)]
        pairs += [(high_end, last[f"high_{level}"], ends_near)]
    if any(abs(float(one) - float(other)) > near for one, other, near in pairs):
        raise Mismatch("the trend does not end where the forecast stands now", file)
    _check_effects(made, used)


def _check_effects(made: Bundle, used: Sequence[Poll]) -> None:
    file = f"{made.path}/effects.csv"
    counts: Counter[tuple[str, str]] = Counter()
    for one in used:
        counts["house", one["pollster"]] += 1
        counts["mode", one["mode"]] += bool(one["mode"])
        counts["population", one["population"]] += one["population"] not in {"", *REFERENCE}
        counts["wording", one["wording"]] += one["wording"] != "ballot"
        counts["side", "yes"] += one["sponsor_side"] in {"yes", "no"}
    known = {key: str(count) for key, count in counts.items() if count}
    found = made.records("effects.csv")
    document = {(one["kind"], one["level"]): one["polls"] for one in found}
    if len(document) != len(found) or any(
        known.get(key) != polls for key, polls in document.items()
    ):
        raise Mismatch("an effect is not of the polls, or of another number of them", file)
    if any(key[0] != "mode" for key in known.keys() - document.keys()):
        raise Mismatch("an effect is missing", file)
    if not all(EXACT.admits(one[name]) for one in found for name in ("points", "sd_points")):
        raise Mismatch("an effect is not a number", file)


def check_reading(document: Mapping[str, Any], recomputed: Mapping[str, Any], file: str) -> None:
    """See that the sentences say what the numbers say, each within its last figure."""
    nothing = recomputed["polls"] == 0 and document["reading"] == document["remarks"]
    if not nothing and (recomputed["polls"] == 0 or not _is_reading(document, recomputed)):
        raise Mismatch("the reading is not what the numbers say", file)


def _is_reading(document: Mapping[str, Any], recomputed: Mapping[str, Any]) -> bool:
    sentences = list(document["reading"])
    expected = [*_shares(recomputed), {_of_most(v) for v in _values_near(recomputed["most_votes"])}]
    passes = document["passes"]
    if passes is not None and passes["chance"] is None:
        words = f"{passes['rule']} is left open: {passes['assumption']}."
        expected.append({f"Whether it passes under {words}"})
    elif passes is not None:
        rest = f"; assumed: {passes['assumption']}."
        begin = f"It passes under {passes['rule']} with a chance of "
        near = _values_near(passes["chance"], 0.00006)
        expected.append({f"{begin}{_chance(v)}{rest}" for v in near})
    expected += [_of_sources(document["sources"]), _of_scenarios(document["scenarios"])]
    return len(sentences) == len(expected) and all(
        sentence in wanted for sentence, wanted in zip(sentences, expected, strict=True)
    )


def _shares(recomputed: Mapping[str, Any]) -> list[set[str]]:
    result = recomputed["result"]
    ends = [result["median"], *result["intervals"]["80"], *result["intervals"]["95"]]
    middle, low, high, wide_low, wide_high = (_percent(float(end)) for end in ends)
    as_of, vote = (date.fromisoformat(recomputed[name]) for name in ("as_of", "vote_date"))
    days = (vote - as_of).days
    first = (
        f"From {recomputed['samples']} samples up to {as_of}, {days} day{'s' * (days != 1)} before"
        f" the vote: yes {middle} of those who take a side, as the middle of what may come out."
    )
    second = (
        f"In 4 of 5 such cases yes would end between {low} and {high}, in 19 of 20 between"
        f" {wide_low} and {wide_high}."
    )
    return [{first}, {second}]


def _of_most(value: float) -> str:
    words = {0.05: "very unlikely", 0.25: "unlikely", 0.4: "less likely than not", 0.6: "open",
             0.75: "more likely than not", 0.95: "likely"}  # fmt: skip
    word = next((word for most, word in words.items() if value < most), "very likely")
    return f"Yes has most votes with a chance of {_chance(value)}: {word}."


def _of_sources(sources: Mapping[str, str]) -> set[str]:
    """Give the sentence on the two largest sources, in every way that rounding leaves open."""
    shares = {name: float(exact(share)) for name, share in sources.items()}
    second = sorted(shares.values())[-2]
    large = [name for name, share in shares.items() if share >= second - 0.0001]
    return {
        f"Most of the uncertainty comes from {SOURCES[one]} ({_percent(v)} of the variance), then"
        f" from {SOURCES[other]} ({_percent(w)})."
        for one in large
        for other in large
        if one != other and shares[one] >= shares[other] - 0.0001
        for v in _values_near(sources[one], 0.00006)
        for w in _values_near(sources[other], 0.00006)
    }


def _of_scenarios(scenarios: Sequence[Mapping[str, str]]) -> set[str]:
    chances = [exact(one["most_votes"]) for one in scenarios]
    begin = "Under the other assumptions listed the chance of most votes runs from"
    return {
        f"{begin} {_chance(low)} to {_chance(high)}."
        for low in _values_near(min(chances))
        for high in _values_near(max(chances))
    }


def _values_near(value: str | Fraction, near: float = 0.000002) -> tuple[float, ...]:
    middle = float(Fraction(value))
    return (middle - near, middle, middle + near)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _chance(value: float) -> str:
    if value < 0.005:
        return "under 1 in 200"
    if value > 0.995:
        return "over 199 in 200"
    return f"{100 * value:.0f} in 100"
