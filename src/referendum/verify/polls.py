"""Polls and forecasts: the rows, and what follows from the published density.

A forecast is statistics. That its density follows from the polls is not worked out here (`replay`
does it); that every number in public follows from the density, and that the polls are those that it
names, is.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate
from typing import Any

from referendum.verify import law
from referendum.verify.bundle_schemas import POLLS_SET_ASIDE
from referendum.verify.bundles import Bundle, Bundles, CombinedBundle
from referendum.verify.canonical import integer
from referendum.verify.forecast import check_document, check_passes, check_reading, check_tables
from referendum.verify.kinds import Act
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch

Poll = dict[str, str]

POLLS = (
    "poll", "sample", "referendum", "pollster", "sponsor", "sponsor_side", "field_start",
    "field_end", "sample_size", "mode", "population", "question", "wording", "yes", "no",
    "undecided", "source", "note",
)  # fmt: skip
MODES = {"online", "telephone", "face-to-face", "mixed", "ivr", "post"}
SET_ASIDE_COLUMNS = ("row", "pollster", "field_end", "column", "code", "value")
WEIGHTS = ("poll", "sample", "pollster", "field_end", "wording", "share", "weight")
CELLS_EMPTIED = {
    "not_a_share", "not_a_number", "negative", "out_of_range", "not_a_date", "two_digit_year",
    "day_out_of_range", "too_long", "control_character", "not_a_code", "not_yes_or_no", "illegible",
    "unknown_mode", "unknown_side", "no_source", "too_many_asked", "a_range", "year_assumed",
    "spelt_otherwise", "swapped_with_others", "overlapping_waves", "unknown_column",
}  # fmt: skip
"""Faults that leave a row where it is, so that no table shows them."""

BINS, PPM = 1_000, 1_000_000
WINDOW = 21
VOTERS = ("", "likely voters", "voters")


def check_polls(act: Act, reads: Bundles, writes: Bundles) -> str:  # noqa: ARG001
    """See that every row can be used, that samples are told apart, and count."""
    bundle, parameters = writes["polls"], act["parameters"]
    file = f"{bundle.path}/polls.csv"
    if parameters.get("status_quo") not in {"yes", "no", "none"}:
        raise Mismatch("the status quo is neither yes, no nor none")
    if not isinstance(parameters.get("ballot_question"), str | None):
        raise Mismatch("the ballot's question is no text")
    vote = _day(parameters["vote_date"], "")
    rows = _polls(bundle)
    for number, row in enumerate(rows, start=1):
        if integer(row["poll"], "a poll's number", file) != number:
            raise Mismatch(f"poll {row['poll']} stands in place {number}", file)
        _check_poll(row, str(parameters["referendum"]), vote, file)
    _check_samples(rows, file)
    set_aside = _set_aside(bundle)
    facts = act["facts"]
    samples = len({row["sample"] for row in rows})
    counts = {"polls": len(rows), "samples": samples, "set_aside": set_aside.total()}
    require_equal({name: facts.get(name) for name in counts}, counts, "")
    _check_faults(facts.get("faults"), set_aside)
    if set(facts) != {*counts, "faults"}:
        raise Mismatch("the facts are not polls, samples, set_aside and faults")
    return f"{len(rows):,} rows of {samples:,} samples can be used, {set_aside.total():,} set aside"


def poll_identities(bundle: Bundle) -> list[tuple[str, ...]]:
    """Give what tells each row of polls from others."""
    names = ("field_start", "field_end", "sample_size", "yes", "no", "undecided")
    return [(house_key(row["pollster"]), *(row[name] for name in names)) for row in _polls(bundle)]


def houses_of(bundle: Bundle) -> set[str]:
    """Name the houses that asked."""
    return {row["pollster"] for row in _polls(bundle)}


def combine_polls(parts: list[Bundle]) -> Bundle:
    """Give the polls of all parts as one bundle, polls and samples numbered through."""
    if len(parts) == 1:
        return parts[0]
    rows: list[list[str]] = []
    samples: dict[tuple[str, ...], int] = {}
    for number, row in enumerate((row for part in parts for row in _polls(part)), start=1):
        start = row["field_start"] or row["field_end"]
        what = (row["pollster"], start, row["field_end"], row["mode"])
        sample = samples.setdefault(what, len(samples) + 1)
        rows.append([str(number), str(sample), *list(row.values())[2:]])
    aside = [row for part in parts for row in part.rows("set_aside.csv", SET_ASIDE_COLUMNS)]
    tables = {"polls.csv": rows, "set_aside.csv": aside}
    return CombinedBundle(parts[0].path, parts[0].manifest, {}, tables)


def house_key(house: str) -> str:
    """Give what the spellings of a house have in common: its letters and digits."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", house).lower()))


def _set_aside(bundle: Bundle) -> Counter[str]:
    """Count the rows set aside by reason; each row of the file stands once, in order."""
    file = f"{bundle.path}/set_aside.csv"
    rows = list(bundle.rows("set_aside.csv", SET_ASIDE_COLUMNS))
    numbers = [integer(row[0], "row", file) for row in rows]
    if numbers != sorted(set(numbers)) or 0 in numbers:
        raise Mismatch("the rows do not ascend, or one comes twice", file)
    codes = Counter(row[4] for row in rows)
    if strange := codes.keys() - POLLS_SET_ASIDE:
        raise Mismatch(f"{min(strange)[:40]!r} is no reason to set a row aside", file)
    return codes


def check_forecast(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out every number that follows from the density and from the polls."""
    polls, made = reads["polls"], writes["forecast"]
    file = f"{made.path}/forecast.json"
    about = polls.manifest["parameters"]
    as_of = _day(act["parameters"]["as_of"], "")
    if as_of >= _day(about["vote_date"], ""):
        raise Mismatch("the forecast is not as of a day before the vote")
    rows = _polls(polls)
    used = [row for row in rows if _day(row["field_end"], polls.path) <= as_of]
    parts = _density(made)
    document = made.document("forecast.json")
    expected: dict[str, Any] = {
        **{name: about[name] for name in ("referendum", "vote_date", "status_quo")},
        "as_of": act["parameters"]["as_of"],
        "polls": len(used),
        "samples": len({row["sample"] for row in used}),
        "wordings": dict(sorted(Counter(row["wording"] for row in used).items())),
        "result": _intervals(parts),
        "most_votes": _decimal(Fraction(sum(parts[BINS // 2 :]), PPM), 6),
    }
    require_equal({name: document.get(name) for name in expected}, expected, file)
    choices, recomputed = act["parameters"], {**expected, "later": len(rows) - len(used)}
    check_document(document, recomputed, used, file)
    check_passes(reads["statute"], choices, document, parts, file)
    check_reading(document, recomputed, file)
    check_tables(made, document, used, choices["as_of"])
    _check_average(document, used, file)
    _check_weights(made, used)
    passes = document["passes"]
    facts = {name: expected[name] for name in ("polls", "samples", "most_votes")}
    facts["median"] = expected["result"]["median"]
    facts["passes"] = passes and passes["chance"]
    require_equal(act["facts"], facts, "")
    return (
        f"yes {facts['median']} in the middle, most votes {facts['most_votes']}, from the published"
        f" density and {len(used):,} rows of polls; that the density follows from the polls only"
        " `replay` shows"
    )


def _polls(bundle: Bundle) -> list[Poll]:
    return [dict(zip(POLLS, row, strict=True)) for row in bundle.rows("polls.csv", POLLS)]


def _check_poll(row: Poll, referendum: str, vote: date, file: str) -> None:
    where = f"poll {row['poll']}"
    end = _day(row["field_end"], file)
    if row["field_start"] and _day(row["field_start"], file) > end:
        raise Mismatch(f"{where} ended before it began", file)
    if end >= vote:
        raise Mismatch(f"{where} is not from before the vote", file)
    if row["referendum"] not in {"", referendum}:
        raise Mismatch(f"{where} is about another referendum", file)
    yes, no = _share(row["yes"], file), _share(row["no"], file)
    undecided = _share(row["undecided"], file) if row["undecided"] else Fraction(0)
    if min(yes, no) <= 0 or yes + no < 1 or yes + no + undecided > 102:
        raise Mismatch(f"the shares of {where} cannot be", file)
    if row["sample_size"] and integer(row["sample_size"], "a sample's size", file) == 0:
        raise Mismatch(f"{where} asked nobody", file)
    if row["mode"] not in {"", *MODES} or row["sponsor_side"] not in {"", "yes", "no"}:
        raise Mismatch(
            f"the mode of {where}, or its sponsor's side, is not one that there is", file
        )
    if not row["wording"] or not row["pollster"]:
        raise Mismatch(f"{where} has no wording or no house", file)


def _check_samples(rows: Sequence[Poll], file: str) -> None:
    """One house, its days and its mode make one sample, and no other rows have its number."""
    named: dict[str, tuple[str, ...]] = {}
    for row in rows:
        integer(row["sample"], "a sample's number", file)
        start = row["field_start"] or row["field_end"]
        what = (row["pollster"], start, row["field_end"], row["mode"])
        if named.setdefault(row["sample"], what) != what:
            raise Mismatch(f"sample {row['sample']} is of different polls", file)
    if len(set(named.values())) != len(named):
        raise Mismatch("one sample has two numbers", file)


def _check_faults(faults: object, aside: Counter[str]) -> None:
    if not isinstance(faults, dict) or not all(type(count) is int for count in faults.values()):
        raise Mismatch("the faults are no counts by code")
    if strange := faults.keys() - (POLLS_SET_ASIDE | CELLS_EMPTIED):
        raise Mismatch(f"the fault {min(strange)[:40]!r} is not known")
    for code in {*faults, *aside}:
        count = faults.get(code, 0)
        if count < aside[code] or (count > aside[code] and code not in CELLS_EMPTIED):
            raise Mismatch(f"{count} faults {code}, in the rows set aside {aside[code]}")


def _density(made: Bundle) -> list[int]:
    file = f"{made.path}/outcome.csv"
    rows = list(made.rows("outcome.csv", ("from_per_mille", "parts_per_million")))
    if [row[0] for row in rows] != [str(place) for place in range(BINS)]:
        raise Mismatch("the density has not one row for each tenth of a point", file)
    parts = [integer(row[1], "a part", file) for row in rows]
    if sum(parts) != PPM:
        raise Mismatch(f"the parts of the density add up to {sum(parts):,}", file)
    return parts


def _intervals(parts: list[int]) -> dict[str, Any]:
    sums = list(accumulate(parts))

    def below(needed: int) -> str:
        place = next(number for number, total in enumerate(sums) if total >= needed)
        return _decimal(Fraction(place + 1, BINS), 3)

    ends = {"50": (250_000, 750_000), "80": (100_000, 900_000), "95": (25_000, 975_000)}
    intervals = {level: [below(low), below(high)] for level, (low, high) in ends.items()}
    return {"median": below(500_000), "intervals": intervals}


def _check_average(document: dict[str, Any], used: Sequence[Poll], file: str) -> None:
    whole = sum((law.exact(share) for share in document["sources"].values()), Fraction(0))
    if abs(whole - 1) > Fraction(1, 1000):
        raise Mismatch("the sources of uncertainty do not make the whole", file)
    if bool(document["averages"]) != bool(used):
        raise Mismatch("averages are given exactly where there are polls", file)
    if used:
        average, stated = _average(used), law.exact(document["averages"]["latest_per_house"])
        if abs(average - stated) > Fraction(1, 10_000):
            words = f"the latest polls average {float(average):.4f}, not {stated}"
            raise Mismatch(words, file)


def _average(used: Sequence[Poll]) -> Fraction:
    """Average the latest poll of each house and mode within three weeks of the latest."""
    rows = list(used)
    for name, own in (("wording", ("ballot",)), ("population", VOTERS)):
        rows = [row for row in rows if row[name] in own] or rows
    rows = sorted({row["sample"]: row for row in rows}.values(), key=_middle_and_number)
    last = max(_middle(row) for row in rows)
    newest = {
        (row["pollster"], row["mode"]): row for row in rows if last - _middle(row) <= 2 * WINDOW
    }
    shares = [_share_of_decided(row) for row in newest.values()]
    return sum(shares, Fraction(0)) / len(shares)


def _middle(row: Poll) -> int:
    """Give twice the middle day, so that it is whole."""
    end = date.fromisoformat(row["field_end"])
    start = date.fromisoformat(row["field_start"] or row["field_end"])
    return start.toordinal() + end.toordinal()


def _middle_and_number(row: Poll) -> tuple[int, int]:
    return _middle(row), int(row["poll"])


def _share_of_decided(row: Poll) -> Fraction:
    yes, no = Fraction(row["yes"]), Fraction(row["no"])
    return min(max(yes / (yes + no), Fraction("0.005")), Fraction("0.995"))


def _check_weights(made: Bundle, used: Sequence[Poll]) -> None:
    file = f"{made.path}/weights.csv"
    rows = list(made.rows("weights.csv", WEIGHTS))
    if len(rows) != len(used):
        raise Mismatch(f"{len(rows)} rows for {len(used)} polls used", file)
    for found, row in zip(rows, used, strict=True):
        if found[:5] != [row[name] for name in WEIGHTS[:5]]:
            raise Mismatch(f"the row of poll {row['poll']} is not that of the polls", file)
        if abs(law.exact(found[5]) - _share_of_decided(row)) > Fraction(1, 10_000):
            raise Mismatch(f"the share of poll {row['poll']} is not that of the polls", file)
        law.exact(found[6])


def _day(text: object, file: str) -> date:
    try:
        day = date.fromisoformat(str(text))
    except ValueError as error:
        raise Mismatch(f"{str(text)[:40]!r} is not a day", file) from error
    if len(str(text)) != len("2026-05-02"):
        raise Mismatch(f"{str(text)[:40]!r} is not a day", file)
    return day


def _share(text: str, file: str) -> Fraction:
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", text, re.ASCII) or not Fraction(text) <= 100:
        raise Mismatch(f"{text[:40]!r} is not a share in per cent", file)
    return Fraction(text)


def _decimal(number: Fraction, places: int) -> str:
    whole, part = divmod(int(number * 10**places), 10**places)
    return f"{whole}.{part:0{places}}"
