"""The closed lists of what acts say, by kind: parameters and facts, as section 6 has them.

An act is held to its list before it is signed, and again when a record is opened.
"""

import re
from collections.abc import Mapping
from types import GenericAlias
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from referendum.core.days import read_time
from referendum.core.errors import InputError
from referendum.core.names import is_blank
from referendum.record.acts import Act
from referendum.record.officers.roster import LONGEST_NAME
from referendum.record.officers.rule import MOST_SLOTS
from referendum.record.officers.signatures import LONGEST_SIGNATURE

_PLAIN_CHARACTER = r"[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
_TEXT = rf"\A{_PLAIN_CHARACTER}+\Z"

LARGEST = 10**12

Text = Annotated[str, Meta(max_length=10_000, pattern=_TEXT)]
Code = Annotated[str, Meta(max_length=64, pattern=r"\A[a-z][a-z0-9_-]*\Z")]
Count = Annotated[int, Meta(ge=0, le=LARGEST)]
Number = Annotated[int, Meta(ge=1, le=LARGEST)]
Integer = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
Counts = dict[Code, Number]
_WHOLE_NUMBER = r"(0|[1-9][0-9]{0,39})"
Exact = Annotated[
    str, Meta(pattern=rf"\A-?{_WHOLE_NUMBER}(/[1-9][0-9]{{0,39}}|\.[0-9]{{1,40}})?\Z")
]
Share = Annotated[str, Meta(pattern=r"\A[01]\.[0-9]{1,9}\Z")]
Risk = Annotated[str, Meta(pattern=r"\A[01]\.[0-9]{9}\Z")]
Day = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Time = Annotated[
    str,
    Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\+00:00|Z)\Z"),
]
Name = Annotated[str, Meta(max_length=200, pattern=_TEXT)]
KeyLine = Annotated[str, Meta(max_length=1_000, pattern=r"\A(sk-)?ssh-ed25519[!-~]* [!-~]+\Z")]
_ARMOR = (
    r"\A-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=]{1,70}\n)+-----END SSH SIGNATURE-----\n\Z"
)
Signature = Annotated[str, Meta(max_length=LONGEST_SIGNATURE, pattern=_ARMOR)]
Digest = Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]

_COUNTS_BY_NAME = dict[Text, Count]
_TABLE_READING: dict[str, Any] = {
    "accepted": Annotated[list[Text], Meta(min_length=1)] | UnsetType,
    "readings": dict[Code, Code] | UnsetType,
}
"""What a received act that reads a table may say: what was accepted, and how cells were read."""


class ActSchema(NamedTuple):
    """What an act of a kind may say: types that its parameters and its facts are converted to."""

    parameters: type[msgspec.Struct]
    facts: type[msgspec.Struct]


def _members(kind: str, types: dict[str, Any]) -> type[msgspec.Struct]:
    """Make the type of an object with these members; those that may be `UNSET` may be absent."""
    fields = [
        (name, of, UNSET) if UnsetType in getattr(of, "__args__", ()) else (name, of)
        for name, of in types.items()
    ]
    return msgspec.defstruct(kind, fields, forbid_unknown_fields=True, kw_only=True)


def _object(**types: Any) -> Any:  # noqa: ANN401 - a type
    return _members("object", types)


_FOUND_BY_TWO: dict[str, Any] = {
    **_TABLE_READING, "people": Annotated[list[Text], Meta(min_length=2, max_length=2)] | UnsetType,
}  # fmt: skip
_TEST_COUNTS = Annotated[list[Count], Meta(min_length=2, max_length=2)]
_EXCLUSION = _object(
    questions=Annotated[list[Text], Meta(min_length=2)], tie_break=Text | None, yes=Text | None
)
_OFFICER: dict[str, Any] = {"name": Name, "role": Code, "key": KeyLine}
_SLOTS = Annotated[
    list[Annotated[list[Code], Meta(min_length=1, max_length=20)]], Meta(max_length=2)
]
_CHECK_COUNTS = ("checked", "valid", "looked_at_twice", "differing")
_SEED_CALLED: dict[str, Any] = {"called": bool | UnsetType}
_LEFT_OUT: dict[str, Any] = {"lines_left_out": Text | UnsetType}
_DRAW = Literal["draw", "risk.draw", "audit.draw"]
_DICE = _object(by=Text, rolls=Number, sides=Number)
_NAMES = Annotated[list[Text], Meta(max_length=50)]

_ELECTOR = Literal[
    "elector_id", "given_names", "surname", "birth_year", "birth_date", "unit", "street_number",
    "street", "locality", "postal_code", "phone", "district", "listed_from", "listed_to",
]  # fmt: skip

_MEMBERS_BY_KIND: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "record.open": (
        {
            "title": Text, "question": Text, "subject": Literal["petition", "vote"],
            "origin": Text, "key": Text, "made_up": bool, "office": Text,
            "officers": GenericAlias(list, (_object(**_OFFICER),)), "rule": dict[Text, _SLOTS],
            "exclusive": GenericAlias(list, (_EXCLUSION,)) | UnsetType,
            "smallest_group": Number | UnsetType,
        },
        {},
    ),
    "office.appoint": ({**_OFFICER, "until": Time | UnsetType}, {}),
    "office.dismiss": ({"name": Name, "cause": Text}, {}),
    "privacy.accept": (
        {"findings": Annotated[list[Text], Meta(min_length=1)], "cause": Text}, {},
    ),
    "petition.issue": (
        {
            "proposal": Text, "issued_on": Day, "first_day": Day, "last_day": Day | None,
            "base_value": Count | None, "districts": _COUNTS_BY_NAME | None,
            "districts_in_all": Number | UnsetType,
        },
        {"required": Count, "last_day": Day},
    ),
    "roll.seal": (_TABLE_READING, {"electors": Count, "set_aside": Count, "faults": Counts}),
    "roll.copy": (
        {"for": Text, "columns": list[_ELECTOR]},
        {"copy": Number, "electors": Count, "decoys": Number, "digest": Digest},
    ),
    "petition.receive": (
        {
            "claimed": Count | None, **_TABLE_READING, "waits": bool | UnsetType,
            "numbered_alone": Text | UnsetType,
            "lines_of": Annotated[list[Count], Meta(min_length=1)] | UnsetType, **_LEFT_OUT,
        },
        {
            "first": Number | None, "lines": Count, "sheets": Count, "set_aside": Count | None,
            "faults": Counts | None,
        },
    ),
    "petition.gates": (
        {"single_names": bool | UnsetType},
        {"lines": Count, "standing": Count, "rejected": Counts, "not_applied": list[Code]},
    ),
    "match": (
        {"decoys": bool | UnsetType, "repeats": Literal["keep_none"] | UnsetType},
        dict.fromkeys(("standing", "listed", "not_listed", "unsure", "repeats"), Count),
    ),
    "roll.alarm": ({}, {"lines": Number, "copies": dict[Text, Number]}),
    "draw": (
        {
            "seed": Text | None, "size": Number | Literal["all"] | None, "stage": Literal[1, 2],
            **_SEED_CALLED, **_LEFT_OUT,
        },
        {"universe": Count, "drawn": Count},
    ),
    "checks.receive": (_TABLE_READING, {"checked": Count, "valid": Count, "invalid": Counts}),
    "decide": (
        {"method": Literal["sample", "preliminary_count"], **_LEFT_OUT},
        {
            "decision": Literal[
                "sufficient", "insufficient", "check_every_line", "draw_second_sample"
            ],
            "compared": Integer, "required": Count,
        },
    ),
    "risk.plan": (
        {
            "alpha": Exact, "beta": Exact, "method": Literal["comparison", "polling"],
            "weighted": bool, "reports": dict[Code, Exact], "second": Exact,
            "tests": _object(invalid=_TEST_COUNTS, valid=_TEST_COUNTS, doubt=Exact) | None,
        },
        {"universe": Count, "required": Count, "alpha": Exact, "beta": Exact},
    ),
    "risk.draw": (
        {"seed": Text, "size": Number, "round": Number, **_SEED_CALLED, **_LEFT_OUT},
        {"universe": Count, "drawn": Count},
    ),
    "risk.checks": (_TABLE_READING, dict.fromkeys(_CHECK_COUNTS, Count)),
    "risk.decide": (
        {},
        {
            "answer": Literal["sufficient", "insufficient", "check_more"], "checked": Count,
            "valid": Count, "estimate": Count | None, "risk_sufficient": Risk,
            "risk_insufficient": Risk,
        },
    ),
    "returns.receive": (
        {
            "as_of": Time | None, "common_ballot": bool,
            "electors": Literal["table", "forms", "none"], "entries": Literal[1, 2],
            "format": Code, "scope": Text, "provisional": bool, "unread": list[Text],
            **_TABLE_READING,
        },
        dict.fromkeys(("places", "set_aside", "warnings", "total"), Count),
    ),
    "result": (
        {"recounted": bool | UnsetType},
        {
            "yes": Count | _COUNTS_BY_NAME, "no": Count | _COUNTS_BY_NAME,
            "carried": bool | dict[Text, bool | None] | None,
        },
    ),
    "polls.receive": (
        {
            "referendum": Text, "vote_date": Day, "status_quo": Literal["yes", "no", "none"],
            "ballot_question": Text | None, **_TABLE_READING,
        },
        {"polls": Count, "samples": Count, "set_aside": Count, "faults": Counts},
    ),
    "forecast": (
        {
            "as_of": Day, "turnout": Exact | None, "turnout_sd": Exact, "blank": Exact,
            "leans": dict[Text, Exact], "region_sd": Exact,
        },
        {
            "polls": Count, "samples": Count, "median": Share, "most_votes": Share,
            "passes": Share | None,
        },
    ),
    "audit.cards": (_TABLE_READING, {"cards": Count, "boxes": Count, "missing": Count}),
    "audit.plan": (
        {
            "method": Literal[
                "ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified"
            ],
            "risk_limit": Exact, "questions": Annotated[list[Text], Meta(min_length=1)],
            "prove": dict[Text, Code], "provisional": bool | UnsetType,
            "strata": Annotated[list[list[Text]], Meta(min_length=2, max_length=2)] | UnsetType,
            "error_rates": Annotated[list[Exact], Meta(min_length=2, max_length=2)] | UnsetType,
        },
        {"questions": Count, "claims": Count, "to_draw": list[Text], "full_count": bool},
    ),
    "audit.draw": (
        {"seed": Text, "sizes": dict[Text, Number], "round": Number, **_SEED_CALLED},
        {"round": Number, "drawn": Count},
    ),
    "audit.findings": (_FOUND_BY_TWO, {"round": Number, "examined": Count}),
    "audit.risk": (
        {"records": bool | UnsetType},
        {"round": Number, "risk": Risk, "confirmed": bool},
    ),
    "audit.full_count": (_FOUND_BY_TWO, {"counted": Count, "differ": Count, "confirmed": bool}),
    "seed.call": (
        {
            "for": _DRAW, "parties": _NAMES, "until": Time, "nonce": Text, "dice": _DICE | None,
            "keys": dict[Text, KeyLine] | UnsetType,
        },
        {"call": Digest},
    ),
    "seed.commit": (
        {"for": _DRAW, "party": Text, "commitment": Text, "signature": Signature | UnsetType}, {},
    ),
    "seed.reveal": ({"for": _DRAW, "party": Text, "secret": Text}, {}),
    "seed.dice": ({"for": _DRAW, "by": Text, "sides": Number, "digits": Text}, {}),
    "seed.close": (
        {"for": _DRAW}, {"seed": Text, "revealed": _NAMES, "withheld": _NAMES, "absent": _NAMES},
    ),
}  # fmt: skip

ACT_SCHEMAS: dict[str, ActSchema] = {
    kind: ActSchema(_members("parameters", parameters), _members("facts", facts))
    for kind, (parameters, facts) in _MEMBERS_BY_KIND.items()
}
"""Parameters and facts, by kind of act."""

_SIGNATURE = re.compile(_ARMOR)
_MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}[+]00:00)?")
_PLAIN = re.compile(rf"\A{_PLAIN_CHARACTER}{{0,1000}}\Z")


def require_schema(act: Act) -> None:
    """Insist that an act says what its kind may say, each of its type, and nothing else.

    Raises:
        InputError: it says something else, or with control characters.
    """
    where = f"act {act.number}, {act.kind}"
    if act.kind not in ACT_SCHEMAS:
        raise InputError("no act is of this kind", where=where)
    _require_signatures(act, where)
    _require_times(act, where)
    texts = {"section": act.section, "code": act.code, "reason": act.reason or ""}
    texts |= {"statute/id": act.statute.id, "statute/version": act.statute.version}
    texts |= {f"writes/{place}": bundle.kind for place, bundle in enumerate(act.writes)}
    for name, text in texts.items():
        if not _PLAIN.match(text):
            raise InputError(
                f"{name} is longer than 1,000 characters, or has control characters", where=where
            )
    schema = ACT_SCHEMAS[act.kind]
    for what, found, of in (
        ("parameters", act.parameters, schema.parameters),
        ("facts", act.facts, schema.facts),
    ):
        try:
            msgspec.convert(msgspec.to_builtins(found), of)
        except msgspec.ValidationError as error:
            raise InputError(
                f"the {what} do not have their form: {_error_text(error)}", where=where
            ) from error
        if (blank := _blank_in(found)) is not None:
            raise InputError(f"{blank} of the {what} has no sign that is seen", where=where)


def _require_times(act: Act, where: str) -> None:
    for name, text in (("at", act.at), ("recorded", act.recorded)):
        if not _MOMENT.fullmatch(text) or (name == "recorded" and "T" not in text):
            raise InputError(f"{name} is {text[:40]!r}, and no time in UTC", where=where)
        read_time(text, name)


def _require_signatures(act: Act, where: str) -> None:
    """See that officers and signatures have their form; whether they hold is not looked at."""
    if len(act.by) > MOST_SLOTS or len(act.signatures) > MOST_SLOTS:
        raise InputError(f"more than {MOST_SLOTS} officers signed", where=where)
    for name in act.by:
        if not _PLAIN.match(name) or is_blank(name) or len(name) > LONGEST_NAME:
            raise InputError(f"{name[:40]!r} cannot be an officer's name", where=where)
    for signature in act.signatures:
        if len(signature) > LONGEST_SIGNATURE or not _SIGNATURE.match(signature):
            raise InputError("a signature has not the form that ssh-keygen gives it", where=where)


def _blank_in(value: object, name: str = "") -> str | None:
    """Name the first part of a value that is a text of which nothing is seen."""
    if isinstance(value, str):
        return name if is_blank(value) else None
    if isinstance(value, Mapping):
        parts = [(key, part) for key, one in value.items() for part in (key, one)]
    else:
        parts = [(name, one) for one in value] if isinstance(value, list | tuple) else []
    found = (_blank_in(part, name or key) for key, part in parts)
    return next((one for one in found if one is not None), None)


def _error_text(error: msgspec.ValidationError) -> str:
    """Say what is wrong, without the pattern that a text does not match."""
    text, _, path = str(error).partition(" - at `$")
    name = path.rstrip("`").lstrip(".")
    if "matching regex" in text:
        text = "a text of another form, such as one with line ends or control characters"
    return f"{name}: {text}" if name else text
