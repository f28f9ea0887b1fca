"""The closed lists of a record: what each kind of act may say, and what each bundle holds.

A name that ends with `?` may be absent; every other one is there, and nothing else is.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from referendum.verify.canonical import is_exact
from referendum.verify.names import shows_nothing
from referendum.verify.report import Mismatch

MOST = 10**12
"""The largest count: of people, lines, ballots, bytes of none are there more."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\+00:00|Z)", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
_SHARE = re.compile(r"[01]\.[0-9]{1,9}", re.ASCII)
_RISK = re.compile(r"[01]\.[0-9]{9}", re.ASCII)


class Type(NamedTuple):
    """A type of value, by the name that the specification gives it."""

    name: str
    holds: Callable[[Any], bool]

    def __or__(self, other: object) -> "Type":
        """Give the type of what is one or the other."""
        if not isinstance(other, Type):
            return NotImplemented
        return Type(f"{self.name} or {other.name}", lambda v: self.holds(v) or other.holds(v))


def is_plain(value: object) -> bool:
    """Whether a value is a text without control characters, turned writing or lone surrogates."""
    return isinstance(value, str) and not any(
        unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} or sign in _TURNING for sign in value
    )


_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_day(value: object) -> bool:
    """Whether a value is a day such as 2026-05-02."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_time(value: object) -> bool:
    """Whether a value is a time in UTC, to the second."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _whole(least: int, most: int = MOST) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _like(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def one_of(*words: str | int) -> Type:
    """Give the type of one of some words."""
    known = {(type(word), word) for word in words}
    name = " or ".join(f"`{word}`" for word in words)
    return Type(name, lambda value: type(value) in {str, int} and (type(value), value) in known)


def list_of(inner: Type, least: int = 0, most: int = 100_000) -> Type:
    """Give the type of a list."""

    def holds(value: object) -> bool:
        return (
            isinstance(value, list) and least <= len(value) <= most and all(map(inner.holds, value))
        )

    return Type(f"list of {inner.name}", holds)


def each(inner: Type, key: Type | None = None) -> Type:
    """Give the type of an object: by name, a value of one type."""
    names = key or TEXT

    def holds(value: object) -> bool:
        return isinstance(value, dict) and all(
            names.holds(name) and inner.holds(part) for name, part in value.items()
        )

    return Type(f"object ({names.name} → {inner.name})", holds)


def whole(**members: Type) -> Type:
    """Give the type of an object with exactly these members."""
    name = "object of " + ", ".join(f"`{name}` ({kind.name})" for name, kind in members.items())

    def holds(value: object) -> bool:
        return (
            isinstance(value, dict)
            and set(value) == set(members)
            and all(kind.holds(value[name]) for name, kind in members.items())
        )

    return Type(name, holds)


TEXT = Type(
    "text",
    lambda value: is_plain(value) and len(value) <= 10_000 and not shows_nothing(value),
)
NAME = Type("name", lambda value: TEXT.holds(value) and len(value) <= 200)
LINE = Type("key line", _like(re.compile(r"(sk-)?ssh-ed25519[!-~]{0,20} [!-~]{1,900}", re.ASCII)))
CODE = Type("code", _like(_CODE))
TRUTH = Type("true or false", lambda value: isinstance(value, bool))
TRUE = Type("true", lambda value: value is True)
NULL = Type("null", lambda value: value is None)
COUNT = Type("count", _whole(0))
NUMBER = Type("number", _whole(1))
INTEGER = Type("integer", _whole(-MOST))
COUNTS = Type("counts", each(NUMBER, CODE).holds)
EXACT = Type("exact", is_exact)
SHARE = Type("share", _like(_SHARE))
RISK = Type("risk", _like(_RISK))
DAY = Type("day", is_day)
TIME = Type("time", is_time)
DIGEST = Type("digest", _like(re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)))

Members = Mapping[str, Type]


class Form(NamedTuple):
    """What an act of a kind may say: its parameters, and its facts."""

    parameters: Members
    facts: Members


_PAIR = list_of(COUNT, 2, 2)
_ACCEPTED: Members = {"accepted?": list_of(TEXT, 1), "readings?": each(CODE, CODE)}
_TWO_PEOPLE: Members = {**_ACCEPTED, "people?": list_of(TEXT, 2, 2)}

_CALLED: Members = {"called?": TRUE}
_DRAW = one_of("draw", "risk.draw", "audit.draw")
_DICE = whole(by=TEXT, rolls=NUMBER, sides=NUMBER)
_NAMES = list_of(TEXT, 0, 50)

_EXCLUSION = whole(questions=list_of(TEXT, 2), tie_break=TEXT | NULL, yes=TEXT | NULL)

ACTS: dict[str, Form] = {
    "record.open": Form(
        {
            "title": TEXT,
            "question": TEXT,
            "subject": one_of("petition", "vote"),
            "origin": TEXT,
            "key": TEXT,
            "made_up": TRUTH,
            "exclusive?": list_of(_EXCLUSION),
            "office": TEXT,
            "officers": list_of(whole(name=NAME, role=CODE, key=LINE)),
            "rule": each(list_of(list_of(CODE, 1, 20), 0, 2)),
        },
        {},
    ),
    "office.appoint": Form({"name": NAME, "role": CODE, "key": LINE, "until?": TIME}, {}),
    "office.dismiss": Form({"name": NAME, "cause": TEXT}, {}),
    "petition.issue": Form(
        {
            "proposal": TEXT,
            "issued_on": DAY,
            "first_day": DAY,
            "last_day": DAY | NULL,
            "base_value": COUNT | NULL,
            "districts": each(COUNT) | NULL,
            "districts_in_all?": NUMBER,
        },
        {"required": COUNT, "last_day": DAY},
    ),
    "roll.seal": Form(_ACCEPTED, {"electors": COUNT, "set_aside": COUNT, "faults": COUNTS}),
    "roll.copy": Form(
        {"for": TEXT},
        {"copy": NUMBER, "electors": COUNT, "decoys": NUMBER, "digest": DIGEST},
    ),
    "petition.receive": Form(
        {"claimed": COUNT | NULL, **_ACCEPTED, "waits?": TRUE, "numbered_alone?": TEXT},
        {
            "first": NUMBER | NULL,
            "lines": COUNT,
            "sheets": COUNT,
            "set_aside": COUNT | NULL,
            "faults": COUNTS | NULL,
        },
    ),
    "petition.gates": Form(
        {"single_names?": TRUE},
        {"lines": COUNT, "standing": COUNT, "rejected": COUNTS, "not_applied": list_of(CODE)},
    ),
    "match": Form(
        {"decoys?": TRUE, "repeats?": one_of("keep_none")},
        dict.fromkeys(("standing", "listed", "not_listed", "unsure", "repeats"), COUNT),
    ),
    "roll.alarm": Form({}, {"lines": NUMBER, "copies": each(NUMBER)}),
    "draw": Form(
        {
            "seed": TEXT | NULL,
            "size": NUMBER | one_of("all") | NULL,
            "stage": one_of(1, 2),
            **_CALLED,
        },
        {"universe": COUNT, "drawn": COUNT},
    ),
    "checks.receive": Form(_ACCEPTED, {"checked": COUNT, "valid": COUNT, "invalid": COUNTS}),
    "decide": Form(
        {"method": one_of("sample", "preliminary_count")},
        {
            "decision": one_of(
                "sufficient", "insufficient", "check_every_line", "draw_second_sample"
            ),
            "compared": INTEGER,
            "required": COUNT,
        },
    ),
    "risk.plan": Form(
        {
            "alpha": EXACT,
            "beta": EXACT,
            "method": one_of("comparison", "polling"),
            "weighted": TRUTH,
            "reports": each(EXACT, CODE),
            "second": EXACT,
            "tests": whole(invalid=_PAIR, valid=_PAIR, doubt=EXACT) | NULL,
        },
        {"universe": COUNT, "required": COUNT, "alpha": EXACT, "beta": EXACT},
    ),
    "risk.draw": Form(
        {"seed": TEXT, "size": NUMBER, "round": NUMBER, **_CALLED},
        {"universe": COUNT, "drawn": COUNT},
    ),
    "risk.checks": Form(
        _ACCEPTED,
        dict.fromkeys(("checked", "valid", "looked_at_twice", "differing"), COUNT),
    ),
    "risk.decide": Form(
        {},
        {
            "answer": one_of("sufficient", "insufficient", "check_more"),
            "checked": COUNT,
            "valid": COUNT,
            "estimate": COUNT | NULL,
            "risk_sufficient": RISK,
            "risk_insufficient": RISK,
        },
    ),
    "returns.receive": Form(
        {
            "as_of": TIME | NULL,
            "common_ballot": TRUTH,
            "electors": one_of("table", "forms", "none"),
            "entries": one_of(1, 2),
            "format": CODE,
            "scope": TEXT,
            "provisional": TRUTH,
            "unread": list_of(TEXT),
            **_ACCEPTED,
        },
        dict.fromkeys(("places", "set_aside", "warnings", "total"), COUNT),
    ),
    "result": Form(
        {},
        {
            "yes": COUNT | each(COUNT),
            "no": COUNT | each(COUNT),
            "carried": TRUTH | NULL | each(TRUTH | NULL),
        },
    ),
    "polls.receive": Form(
        {
            "referendum": TEXT,
            "vote_date": DAY,
            "status_quo": one_of("yes", "no", "none"),
            "ballot_question": TEXT | NULL,
            **_ACCEPTED,
        },
        {"polls": COUNT, "samples": COUNT, "set_aside": COUNT, "faults": COUNTS},
    ),
    "forecast": Form(
        {
            "as_of": DAY,
            "turnout": EXACT | NULL,
            "turnout_sd": EXACT,
            "blank": EXACT,
            "leans": each(EXACT),
            "region_sd": EXACT,
        },
        {
            "polls": COUNT,
            "samples": COUNT,
            "median": SHARE,
            "most_votes": SHARE,
            "passes": SHARE | NULL,
        },
    ),
    "audit.cards": Form(_ACCEPTED, {"cards": COUNT, "boxes": COUNT, "missing": COUNT}),
    "audit.plan": Form(
        {
            "method": one_of(
                "ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified"
            ),
            "risk_limit": EXACT,
            "questions": list_of(TEXT, 1),
            "prove": each(CODE),
            "strata?": list_of(list_of(TEXT, 1), 2, 2),
            "error_rates?": list_of(EXACT, 2, 2),
            "provisional?": TRUE,
        },
        {
            "questions": COUNT,
            "claims": COUNT,
            "to_draw": list_of(TEXT),
            "full_count": TRUTH,
        },
    ),
    "audit.draw": Form(
        {"seed": TEXT, "sizes": each(NUMBER), "round": NUMBER, **_CALLED},
        {"round": NUMBER, "drawn": COUNT},
    ),
    "audit.findings": Form(_TWO_PEOPLE, {"round": NUMBER, "examined": COUNT}),
    "audit.risk": Form({"records?": TRUE}, {"round": NUMBER, "risk": RISK, "confirmed": TRUTH}),
    "audit.full_count": Form(_TWO_PEOPLE, {"counted": COUNT, "differ": COUNT, "confirmed": TRUTH}),
    "seed.call": Form(
        {"for": _DRAW, "parties": _NAMES, "until": TIME, "nonce": TEXT, "dice": _DICE | NULL},
        {"call": DIGEST},
    ),
    "seed.commit": Form({"for": _DRAW, "party": TEXT, "commitment": TEXT}, {}),
    "seed.reveal": Form({"for": _DRAW, "party": TEXT, "secret": TEXT}, {}),
    "seed.dice": Form({"for": _DRAW, "by": TEXT, "sides": NUMBER, "digits": TEXT}, {}),
    "seed.close": Form(
        {"for": _DRAW}, {"seed": TEXT, "revealed": _NAMES, "withheld": _NAMES, "absent": _NAMES}
    ),
}
"""Parameters and facts, by kind of act."""

_FORM = ("question", "kind", "region", "district", "place")
_BOX = ("question", "region", "district", "place")
_SUMS = ("yes", "no", "formal", "informal", "total")

FILES: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "statute": {"statute.toml": ()},
    "requirement": {"requirement.json": ()},
    "gates": {"gates.csv": (("serial", "gate"),), "districts.csv?": (("serial", "district"),)},
    "outcomes": {"outcomes.csv": (("serial", "outcome"),)},
    "alarm": {"alarm.csv": (("serial", "copy"),)},
    "draw": {"draw.csv": (("place", "district", "serial", "ticket"),)},
    "checks": {"checks.csv": (("serial", "finding"),)},
    "decision": {"decision.json": ()},
    "risk_plan": {"risk_plan.json": ()},
    "risk_draw": {"risk_draw.csv": (("place", "serial", "ticket"),)},
    "risk_checks": {"risk_checks.csv": (("serial", "first", "second", "finding"),)},
    "risk": {"risk.json": ()},
    "returns": {
        "returns.csv": ((*_FORM, "yes", "no", "informal", "total"),),
        "accounts.csv": (
            (
                *_FORM, "electors", "marked", "added", "voters", "received", "unused", "spoiled",
                "declined", "taken_away", "missing", "difference", "blank", "no_initials",
                "unclear", "several_marks", "contested", "other", "explanation",
            ),
        ),
        "set_aside.csv": (("row", *_FORM, "column", "code", "value", "figures", "ballots"),),
        "warnings.csv": ((*_FORM, "code", "figures", "explanation"),),
        "electors.csv": (("question", "region", "district", "electors"),),
        "places.csv": (("region", "district", "place", "kind", "due", "status"),),
        "previous.csv": (("region", "district", "place", "yes", "no"),),
    },
    "result": {
        "result.json": (),
        "regions.csv": (("question", "region", "counts", *_SUMS, "electors", "carried"),),
        "districts.csv": (("question", "region", "district", *_SUMS, "electors", "recount"),),
        "kinds.csv": (("question", "kind", *_SUMS),),
        "between.csv": ((*_FORM, "code", "figures", "ballots", "explanation"),),
    },
    "polls": {
        "polls.csv": (
            (
                "poll", "sample", "referendum", "pollster", "sponsor", "sponsor_side",
                "field_start", "field_end", "sample_size", "mode", "population", "question",
                "wording", "yes", "no", "undecided", "source", "note",
            ),
        ),
        "set_aside.csv": (("row", "pollster", "field_end", "column", "code", "value"),),
    },
    "forecast": {
        "forecast.json": (),
        "outcome.csv": (("from_per_mille", "parts_per_million"),),
        "weights.csv": (
            ("poll", "sample", "pollster", "field_end", "wording", "share", "weight"),
        ),
        "trend.csv": (
            ("day", "median", "low_50", "high_50", "low_80", "high_80", "low_95", "high_95"),
        ),
        "effects.csv": (("kind", "level", "polls", "points", "sd_points"),),
    },
    "audit_cards": {"cards.csv": ((*_BOX, "card", "mark", "imprint"),)},
    "audit_plan": {"audit_plan.json": ()},
    "audit_draw": {
        "draws.csv": (("round", "sample", "draw", "region", "district", "place", "card"),),
        "audit_draw.json": (),
    },
    "audit_findings": {
        "findings.csv": ((*_BOX, "card", "mark"), (*_BOX, "yes", "no", "informal"))
    },
    "audit_risk": {"audit_risk.json": ()},
    "audit_full_count": {
        "findings.csv": ((*_BOX, "yes", "no", "informal"),),
        "audit_full_count.json": (),
    },
    "seed_call": {"seed_call.json": ()},
    "seed_commitment": {"seed_commitment.json": ()},
    "seed_secret": {"seed_secret.json": ()},
    "seed_dice": {"seed_dice.json": ()},
    "seed": {"seed.txt": ()},
}  # fmt: skip
"""Files of the public bundles, by kind; of a table the columns that it may have."""


ERRORS = frozenset((
    "does_not_add_up", "reasons_do_not_add_up", "account_does_not_balance", "voters_do_not_add_up",
    "difference_not_stated", "difference_is_another", "difference_not_explained",
    "more_ballots_than_electors", "accounts_differ", "sum_of_others", "kinds_overlap",
))  # fmt: skip
"""Rules of returns; a form that breaks one is set aside."""

READING = frozenset((
    "missing", "not_a_number", "negative", "out_of_range", "control_character", "too_long",
    "repeated", "not_a_code", "not_yes_or_no", "row_too_long", "broken_quotes", "too_many_cells",
))  # fmt: skip
"""Faults of a row or cell as it came."""

FAULTS = READING | frozenset((
    "not_a_date", "two_digit_year", "day_out_of_range", "illegible", "spelt_otherwise",
    "unknown_column",
))  # fmt: skip
"""Faults of a table of electors, lines or sheets."""

WARNINGS = frozenset((
    "many_blank", "many_rejected", "large_difference", "no_ballots", "no_electors",
    "fewer_electors_than_voters", "more_ballots_than_voters", "swapped_with_neighbours",
    "swapped_with_previous", "equals_the_others", "nearly_the_others", "looks_alike",
    "district_exceeds_electors", "running_totals", "electors_differ", "electors_of_place_differ",
))  # fmt: skip
"""What must be explained of returns that stand."""

SET_ASIDE = ERRORS | READING | frozenset((
    "not_expected", "entered_once", "entries_differ", "same_clerk", "no_clerk", "not_final",
    "sum_differs",
))  # fmt: skip
"""Why a form can be set aside."""


POLLS_SET_ASIDE = READING | frozenset((
    "share_missing", "not_a_share", "a_fraction", "over_100", "far_under_100", "no_side_taken",
    "undated", "dates_reversed", "on_or_after_vote", "long_ago", "long_field", "nobody_asked",
    "other_referendum", "not_a_date", "two_digit_year", "day_out_of_range", "illegible",
))  # fmt: skip
"""Why a row of polls can be set aside."""


def require_members(found: Mapping[str, Any], members: Members, what: str) -> None:
    """Insist that an object has the members of a closed list, each of its type."""
    named = {name.removesuffix("?"): kind for name, kind in members.items()}
    needed = {name for name in members if not name.endswith("?")}
    if missing := sorted(needed - set(found)):
        raise Mismatch(f"the {what} {missing[0]} is missing")
    if odd := sorted(set(found) - set(named)):
        raise Mismatch(f"the {what} {odd[0][:60]} is not known")
    for name in sorted(found):
        if not named[name].holds(found[name]):
            words = f"the {what} {name} is {str(found[name])[:60]!r}, not {named[name].name}"
            raise Mismatch(words)


def require_form(act: Mapping[str, Any]) -> None:
    """Insist that an act says what its kind may say, in texts without control characters."""
    form = ACTS[act["kind"]]
    if len(act["by"]) > 2 or not all(map(NAME.holds, act["by"])):
        raise Mismatch("by names more than two officers, or one that is no name")
    if len(act["signatures"]) > 2 or not all(isinstance(one, str) for one in act["signatures"]):
        raise Mismatch("signatures are at most two texts")
    for name in ("section", "code"):
        if not is_plain(act[name]) or len(act[name]) > 1_000:
            raise Mismatch(f"{name} is too long, or has control characters")
    require_members(act["parameters"], form.parameters, "parameter")
    require_members(act["facts"], form.facts, "fact")


def require_files(kind: str, names: set[str], file: str) -> None:
    """Insist that a bundle has the files of its kind, none missing and none added."""
    known = FILES.get(kind, {})
    needed = {name for name in known if not name.endswith("?")}
    if missing := sorted(needed - names):
        raise Mismatch(f"a bundle {kind} has a file {missing[0]}: it is missing", file)
    if odd := sorted(names - {name.removesuffix("?") for name in known}):
        raise Mismatch(f"a bundle {kind} has no file {odd[0]}", file)


def columns_of(kind: str, name: str) -> tuple[tuple[str, ...], ...]:
    """Give the columns that a table of a kind of bundle may have."""
    known = FILES.get(kind, {})
    return known.get(name) or known.get(f"{name}?") or ()
