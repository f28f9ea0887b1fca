"""The closed lists of what acts say, by kind: parameters and facts, each of its type.

A name that ends with `?` may be absent; every other one is there, and nothing else is.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from referendum.verify.canonical import is_exact
from referendum.verify.names import is_blank
from referendum.verify.report import Mismatch

LARGEST_COUNT = 10**12
"""The largest count: of people, lines, ballots, bytes of none are there more."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\+00:00|Z)", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
_SHARE = re.compile(r"[01]\.[0-9]{1,9}", re.ASCII)
_RISK = re.compile(r"[01]\.[0-9]{9}", re.ASCII)

_ARMOR = re.compile(
    "-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=]{1,70}\n)+-----END SSH SIGNATURE-----\n",
    re.ASCII,
)


class Type(NamedTuple):
    """A type of value, by the name that the specification gives it."""

    name: str
    admits: Callable[[Any], bool]

    def __or__(self, other: object) -> "Type":
        """Give the type of what is one or the other."""
        if not isinstance(other, Type):
            return NotImplemented
        return Type(f"{self.name} or {other.name}", lambda v: self.admits(v) or other.admits(v))


def is_plain(value: object) -> bool:
    """Whether a value is a text without control characters, turned writing or lone surrogates."""
    return isinstance(value, str) and not any(
        unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} or sign in _DIRECTION_CONTROLS
        for sign in value
    )


_DIRECTION_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


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


def _whole_number(least: int, most: int = LARGEST_COUNT) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _matching(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


ELECTOR = (
    *("elector_id", "given_names", "surname", "birth_year", "birth_date", "unit"),
    *("street_number", "street", "locality", "postal_code", "phone", "district"),
    *("listed_from", "listed_to"),
)
"""The columns of the list of electors, in their order."""


def one_of(*words: str | int) -> Type:
    """Give the type of one of some words."""
    known = {(type(word), word) for word in words}
    name = " or ".join(f"`{word}`" for word in words)
    return Type(name, lambda value: type(value) in {str, int} and (type(value), value) in known)


def list_of(inner: Type, least: int = 0, most: int = 100_000) -> Type:
    """Give the type of a list."""

    def admits(value: object) -> bool:
        return (
            isinstance(value, list)
            and least <= len(value) <= most
            and all(map(inner.admits, value))
        )

    return Type(f"list of {inner.name}", admits)


def ascending(inner: Type) -> Type:
    """Give the type of a list that ascends, and has nothing twice."""
    return Type(inner.name, lambda value: inner.admits(value) and value == sorted(set(value)))


def mapping_of(inner: Type, key: Type | None = None) -> Type:
    """Give the type of an object: by name, a value of one type."""
    names = key or TEXT

    def admits(value: object) -> bool:
        return isinstance(value, dict) and all(
            names.admits(name) and inner.admits(part) for name, part in value.items()
        )

    return Type(f"object ({names.name} → {inner.name})", admits)


def object_of(**members: Type) -> Type:
    """Give the type of an object with exactly these members."""
    name = "object of " + ", ".join(f"`{name}` ({kind.name})" for name, kind in members.items())

    def admits(value: object) -> bool:
        return (
            isinstance(value, dict)
            and set(value) == set(members)
            and all(kind.admits(value[name]) for name, kind in members.items())
        )

    return Type(name, admits)


TEXT = Type(
    "text",
    lambda value: is_plain(value) and len(value) <= 10_000 and not is_blank(value),
)
NAME = Type("name", lambda value: TEXT.admits(value) and len(value) <= 200)
LINE = Type(
    "key line", _matching(re.compile(r"(sk-)?ssh-ed25519[!-~]{0,20} [!-~]{1,900}", re.ASCII))
)
CODE = Type("code", _matching(_CODE))
TRUTH = Type("true or false", lambda value: isinstance(value, bool))
TRUE = Type("true", lambda value: value is True)
NULL = Type("null", lambda value: value is None)
COUNT = Type("count", _whole_number(0))
NUMBER = Type("number", _whole_number(1))
INTEGER = Type("integer", _whole_number(-LARGEST_COUNT))
COUNTS = Type("counts", mapping_of(NUMBER, CODE).admits)
EXACT = Type("exact", is_exact)
SHARE = Type("share", _matching(_SHARE))
RISK = Type("risk", _matching(_RISK))
DAY = Type("day", is_day)
TIME = Type("time", is_time)
SIGNATURE = Type(
    "signature",
    lambda value: isinstance(value, str) and len(value) <= 2_000 and bool(_ARMOR.fullmatch(value)),
)
DIGEST = Type("digest", _matching(re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)))

Members = Mapping[str, Type]


class ActSchema(NamedTuple):
    """What an act of a kind may say: its parameters, and its facts."""

    parameters: Members
    facts: Members


_PAIR = list_of(COUNT, 2, 2)
_ACCEPTED: Members = {"accepted?": ascending(list_of(TEXT, 1)), "readings?": mapping_of(CODE, CODE)}
_TWO_PEOPLE: Members = {**_ACCEPTED, "people?": list_of(TEXT, 2, 2)}

SEED_CALLED: Members = {"called?": TRUE}
LEFT_OUT: Members = {"lines_left_out?": TEXT}
DRAW_KIND = one_of("draw", "risk.draw", "audit.draw")
_DICE = object_of(by=TEXT, rolls=NUMBER, sides=NUMBER)
_NAMES = list_of(TEXT, 0, 50)

_EXCLUSION = object_of(questions=list_of(TEXT, 2), tie_break=TEXT | NULL, yes=TEXT | NULL)

ACTS: dict[str, ActSchema] = {
    "record.open": ActSchema(
        {
            "title": TEXT,
            "question": TEXT,
            "subject": one_of("petition", "vote"),
            "origin": TEXT,
            "key": TEXT,
            "made_up": TRUTH,
            "exclusive?": list_of(_EXCLUSION),
            "office": TEXT,
            "officers": list_of(object_of(name=NAME, role=CODE, key=LINE)),
            "rule": mapping_of(list_of(list_of(CODE, 1, 20), 0, 2)),
            "smallest_group?": NUMBER,
        },
        {},
    ),
    "office.appoint": ActSchema({"name": NAME, "role": CODE, "key": LINE, "until?": TIME}, {}),
    "office.dismiss": ActSchema({"name": NAME, "cause": TEXT}, {}),
    "privacy.accept": ActSchema({"findings": list_of(TEXT, 1), "cause": TEXT}, {}),
    "petition.issue": ActSchema(
        {
            "proposal": TEXT,
            "issued_on": DAY,
            "first_day": DAY,
            "last_day": DAY | NULL,
            "base_value": COUNT | NULL,
            "districts": mapping_of(COUNT) | NULL,
            "districts_in_all?": NUMBER,
        },
        {"required": COUNT, "last_day": DAY},
    ),
    "roll.seal": ActSchema(_ACCEPTED, {"electors": COUNT, "set_aside": COUNT, "faults": COUNTS}),
    "roll.copy": ActSchema(
        {"for": TEXT, "columns": list_of(one_of(*ELECTOR), 1)},
        {"copy": NUMBER, "electors": COUNT, "decoys": NUMBER, "digest": DIGEST},
    ),
    "petition.receive": ActSchema(
        {
            "claimed": COUNT | NULL,
            **_ACCEPTED,
            "waits?": TRUE,
            "numbered_alone?": TEXT,
            "lines_of?": ascending(list_of(COUNT, 1)),
            **LEFT_OUT,
        },
        {
            "first": NUMBER | NULL,
            "lines": COUNT,
            "sheets": COUNT,
            "set_aside": COUNT | NULL,
            "faults": COUNTS | NULL,
        },
    ),
    "petition.gates": ActSchema(
        {"single_names?": TRUE},
        {"lines": COUNT, "standing": COUNT, "rejected": COUNTS, "not_applied": list_of(CODE)},
    ),
    "match": ActSchema(
        {"decoys?": TRUE, "repeats?": one_of("keep_none")},
        dict.fromkeys(("standing", "listed", "not_listed", "unsure", "repeats"), COUNT),
    ),
    "roll.alarm": ActSchema({}, {"lines": NUMBER, "copies": mapping_of(NUMBER)}),
    "draw": ActSchema(
        {
            "seed": TEXT | NULL,
            "size": NUMBER | one_of("all") | NULL,
            "stage": one_of(1, 2),
            **SEED_CALLED,
            **LEFT_OUT,
        },
        {"universe": COUNT, "drawn": COUNT},
    ),
    "checks.receive": ActSchema(_ACCEPTED, {"checked": COUNT, "valid": COUNT, "invalid": COUNTS}),
    "decide": ActSchema(
        {"method": one_of("sample", "preliminary_count"), **LEFT_OUT},
        {
            "decision": one_of(
                "sufficient", "insufficient", "check_every_line", "draw_second_sample"
            ),
            "compared": INTEGER,
            "required": COUNT,
        },
    ),
    "risk.plan": ActSchema(
        {
            "alpha": EXACT,
            "beta": EXACT,
            "method": one_of("comparison", "polling"),
            "weighted": TRUTH,
            "reports": mapping_of(EXACT, CODE),
            "second": EXACT,
            "tests": object_of(invalid=_PAIR, valid=_PAIR, doubt=EXACT) | NULL,
        },
        {"universe": COUNT, "required": COUNT, "alpha": EXACT, "beta": EXACT},
    ),
    "risk.draw": ActSchema(
        {"seed": TEXT, "size": NUMBER, "round": NUMBER, **SEED_CALLED, **LEFT_OUT},
        {"universe": COUNT, "drawn": COUNT},
    ),
    "risk.checks": ActSchema(
        _ACCEPTED,
        dict.fromkeys(("checked", "valid", "looked_at_twice", "differing"), COUNT),
    ),
    "risk.decide": ActSchema(
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
    "returns.receive": ActSchema(
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
    "result": ActSchema(
        {"recounted?": TRUE},
        {
            "yes": COUNT | mapping_of(COUNT),
            "no": COUNT | mapping_of(COUNT),
            "carried": TRUTH | NULL | mapping_of(TRUTH | NULL),
        },
    ),
    "polls.receive": ActSchema(
        {
            "referendum": TEXT,
            "vote_date": DAY,
            "status_quo": one_of("yes", "no", "none"),
            "ballot_question": TEXT | NULL,
            **_ACCEPTED,
        },
        {"polls": COUNT, "samples": COUNT, "set_aside": COUNT, "faults": COUNTS},
    ),
    "forecast": ActSchema(
        {
            "as_of": DAY,
            "turnout": EXACT | NULL,
            "turnout_sd": EXACT,
            "blank": EXACT,
            "leans": mapping_of(EXACT),
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
    "audit.cards": ActSchema(_ACCEPTED, {"cards": COUNT, "boxes": COUNT, "missing": COUNT}),
    "audit.plan": ActSchema(
        {
            "method": one_of(
                "ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified"
            ),
            "risk_limit": EXACT,
            "questions": list_of(TEXT, 1),
            "prove": mapping_of(CODE),
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
    "audit.draw": ActSchema(
        {"seed": TEXT, "sizes": mapping_of(NUMBER), "round": NUMBER, **SEED_CALLED},
        {"round": NUMBER, "drawn": COUNT},
    ),
    "audit.findings": ActSchema(_TWO_PEOPLE, {"round": NUMBER, "examined": COUNT}),
    "audit.risk": ActSchema(
        {"records?": TRUE}, {"round": NUMBER, "risk": RISK, "confirmed": TRUTH}
    ),
    "audit.full_count": ActSchema(
        _TWO_PEOPLE, {"counted": COUNT, "differ": COUNT, "confirmed": TRUTH}
    ),
    "seed.call": ActSchema(
        {
            "for": DRAW_KIND,
            "parties": _NAMES,
            "until": TIME,
            "nonce": TEXT,
            "dice": _DICE | NULL,
            "keys?": mapping_of(LINE),
        },
        {"call": DIGEST},
    ),
    "seed.commit": ActSchema(
        {"for": DRAW_KIND, "party": TEXT, "commitment": TEXT, "signature?": SIGNATURE}, {}
    ),
    "seed.reveal": ActSchema({"for": DRAW_KIND, "party": TEXT, "secret": TEXT}, {}),
    "seed.dice": ActSchema({"for": DRAW_KIND, "by": TEXT, "sides": NUMBER, "digits": TEXT}, {}),
    "seed.close": ActSchema(
        {"for": DRAW_KIND}, {"seed": TEXT, "revealed": _NAMES, "withheld": _NAMES, "absent": _NAMES}
    ),
}
"""Parameters and facts, by kind of act."""


def require_members(found: Mapping[str, Any], members: Members, what: str) -> None:
    """Insist that an object has the members of a closed list, each of its type."""
    named = {name.removesuffix("?"): kind for name, kind in members.items()}
    needed = {name for name in members if not name.endswith("?")}
    if missing := sorted(needed - set(found)):
        raise Mismatch(f"the {what} {missing[0]} is missing")
    if unknown := sorted(set(found) - set(named)):
        raise Mismatch(f"the {what} {unknown[0][:60]} is not known")
    for name in sorted(found):
        if not named[name].admits(found[name]):
            words = f"the {what} {name} is {str(found[name])[:60]!r}, not {named[name].name}"
            raise Mismatch(words)


def require_schema(act: Mapping[str, Any]) -> None:
    """Insist that an act says what its kind may say, in texts without control characters."""
    form = ACTS[act["kind"]]
    if len(act["by"]) > 2 or not all(map(NAME.admits, act["by"])):
        raise Mismatch("by names more than two officers, or one that is no name")
    if len(act["signatures"]) > 2 or not all(isinstance(one, str) for one in act["signatures"]):
        raise Mismatch("signatures are at most two texts")
    for name in ("section", "code"):
        if not is_plain(act[name]) or len(act[name]) > 1_000:
            raise Mismatch(f"{name} is too long, or has control characters")
    require_members(act["parameters"], form.parameters, "parameter")
    require_members(act["facts"], form.facts, "fact")
