"""The closed lists of what acts say: the writer's, held against the specification and `verify`."""

import re
from pathlib import Path

import msgspec
import pytest

from referendum.core.errors import InputError, KeyFault, RecordError
from referendum.record.act_schemas import ACT_SCHEMAS, require_schema
from referendum.record.acts import Act, StatuteVersion
from referendum.record.commands import _WRITERS, COMMANDS
from referendum.record.kinds import KINDS
from referendum.record.log import Checkpoint, VerifierKey, new_signer
from referendum.verify import act_schemas as verified
from referendum.verify.report import Mismatch

ROW = re.compile(r"\| `([a-z._]+)` \| (.*) \| (.*) \|")


def listed():
    """What the specification lists: kind, names of parameters, names of facts."""
    page = Path("docs/record.md").read_text().split("| kind | parameters | facts |")[1]
    for line in page.split("| type | value |")[0].splitlines():
        row = ROW.fullmatch(line)
        if row and row[1] in ACT_SCHEMAS:
            cells = [re.findall(r"(?:^|; )`([a-z_]+\??)`", cell) for cell in row.groups()[1:]]
            yield row[1], *cells


def names(of):
    """The members of a type, those that may be absent with a `?`."""
    fields = msgspec.structs.fields(of)
    return {f"{one.name}?" if one.default is msgspec.UNSET else one.name for one in fields}


def test_the_lists_are_those_of_the_specification():
    assert {kind for kind, *_ in listed()} == set(ACT_SCHEMAS)
    for kind, parameters, facts in listed():
        form = ACT_SCHEMAS[kind]
        assert names(form.facts) == set(facts), kind
        assert names(form.parameters) >= set(parameters), kind
        assert {
            name for name in names(form.parameters) - set(parameters) if name[-1] != "?"
        } == set()


ISSUE = {
    "proposal": "initiative", "issued_on": "2026-01-02", "first_day": "2026-01-03",
    "last_day": None, "base_value": 4_000, "districts": None,
}  # fmt: skip


def act(**changes):
    """An act whose form is good, and what is changed of it."""
    good = {
        "number": 1, "kind": "petition.issue", "nature": "derived", "at": "2026-01-02",
        "recorded": "2026-01-02T08:00:00+00:00", "section": "",
        "statute": StatuteVersion("x", "1"), "parameters": ISSUE, "reads": (), "writes": (),
        "facts": {"required": 400, "last_day": "2026-05-02"}, "corrects": None, "reason": None,
        "code": "referendum 0", "by": (), "signatures": (),
    }  # fmt: skip
    return Act(**{**good, **changes})


def both(one):
    """Whether each of the two programs takes an act's form."""
    try:
        require_schema(one)
        ours = True
    except InputError:
        ours = False
    try:
        verified.require_schema(msgspec.to_builtins(one))
        theirs = True
    except Mismatch:
        theirs = False
    return ours, theirs


def test_a_good_form_is_taken():
    assert both(act()) == (True, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {**ISSUE, "more": 1}},
        {"parameters": {name: ISSUE[name] for name in ISSUE if name != "districts"}},
        *({"parameters": {**ISSUE, "base_value": n}} for n in (-1, "4000", True, 10**13, 4.0)),
        *({"parameters": {**ISSUE, "issued_on": d}} for d in ("2026-W01-5", "soon", "", None)),
        *(
            {"parameters": {**ISSUE, "proposal": text}}
            for text in ("", "a\u001b[2J", "a\n", "a\u202eb", "a\u2028", "x" * 10_001, 1, ["a"])
        ),
        {"parameters": {**ISSUE, "districts": {"North": "1"}}},
        {"facts": {"required": 400}},
        {"facts": {"required": None, "last_day": "2026-05-02"}},
        {"by": ("a\u0000",)},
        {"by": ("a", "b", "c")},
        {"signatures": ("a", "b", "c")},
        {"section": "x" * 1_001},
    ],
)
def test_another_form_is_refused_by_both_programs(changes):
    assert both(act(**changes)) == (False, False)


def test_a_kind_that_is_not_known_is_refused():
    with pytest.raises(InputError, match="no act is of this kind"):
        require_schema(act(kind="petition.forget"))


EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826


@pytest.mark.parametrize("y", [0, 1, 2**255 - 20, EIGHTH, 2**255 - 19 - EIGHTH, 2**255 - 16])
def test_a_key_under_which_anybody_can_sign_is_refused(y):
    key = VerifierKey("tests.example/log", y.to_bytes(32, "little"))
    with pytest.raises(KeyFault, match="anybody can sign"):
        VerifierKey.parse(str(key))


@pytest.mark.parametrize("name", ["t\u0435sts", "tests\u200b", "\u202etests", "a b", "", "x" * 256])
def test_a_log_is_named_in_printable_ascii(name):
    with pytest.raises(KeyFault):
        new_signer(name)
    with pytest.raises(KeyFault):
        VerifierKey.parse(str(VerifierKey(name, new_signer("x").verifier.public)))


@pytest.mark.parametrize("more", ["a fourth line\n", "\n", " "])
def test_a_checkpoint_is_three_lines(more):
    text = Checkpoint("tests.example/log", 0, bytes(32)).text
    assert Checkpoint.parse(text).size == 0
    with pytest.raises(RecordError):
        Checkpoint.parse(text + more)


def test_the_command_of_every_kind_of_act_is_known():
    assert set(COMMANDS) == set(KINDS)
    assert set(_WRITERS.values()) <= set(KINDS)
