"""The checker holds cosignatures against a reader's policy."""

import base64
import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from referendum.cli.main import cli
from referendum.publish import publish
from referendum.record.log import Checkpoint, new_signer
from referendum.record.reading import Record
from referendum.record.witness import Cosigner, add_cosignatures, new_cosigner
from referendum.verify import render, verify

NOW = 1_800_000_000
HOUR = 3_600
ONE, TWO, THREE = WITNESSES = [
    new_cosigner(f"{name}.example/w") for name in ("one", "two", "three")
]


def policy_of(*lines, quorum="g", logs=()):
    named = [f"witness w{number} {one.verifier}" for number, one in enumerate(WITNESSES, 1)]
    return "\n".join(
        [*(f"log {log}" for log in logs), *named, *lines, f"quorum {quorum}", ""]
    ).encode()


TWO_OF_THREE = policy_of("group g 2 w1 w2 w3")


@pytest.fixture
def record(vote, tmp_path):
    """A copy of a vote whose checkpoint can be cosigned."""
    return vote.copy(tmp_path / "vote")


def text_of(record):
    return Record.open(record.folder).log.head.text


def recorded(record):
    return int(datetime.fromisoformat(Record.open(record.folder).acts[-1].recorded).timestamp())


def soon(record):
    """Give a time soon after the last act was recorded."""
    return recorded(record) + 30


def cosign(record, *lines):
    path = record.folder / "log" / "checkpoint"
    path.write_bytes(add_cosignatures(path.read_bytes(), lines))


def witnessed(report, state):
    return [
        finding.words
        for finding in report.findings
        if (finding.topic, finding.state) == ("The witnesses", state)
    ]


def test_a_quorum_is_met_and_who_signed_and_when_is_said(record):
    cosign(record, *(one.cosign(text_of(record), soon(record)) for one in (ONE, THREE)))
    report = verify(str(record.folder), policy=TWO_OF_THREE)
    assert report.holds, report.failures
    moment = f"{datetime.fromtimestamp(soon(record), UTC):%Y-%m-%d %H:%M:%S} UTC"
    signed = [f"{name}.example/w ({word}) signed this checkpoint at {moment}"
              for name, word in (("one", "w1"), ("three", "w3"))]  # fmt: skip
    met = "the quorum of your policy is met: g asks for 2 of 3 (w1, w2, w3); there are 2: w1, w3"
    assert witnessed(report, "checked") == [*signed, met]
    assert any("one.example/w, three.example/w" in words for words in report.outcome_notes)
    assert max(map(len, render(report).splitlines()[1:])) <= 80


def test_without_a_policy_cosignatures_are_told_and_not_looked_at(record):
    cosign(record, ONE.cosign("another text\n", NOW))
    report = verify(str(record.folder))
    assert report.holds
    assert any("signatures not looked at" in one.words for one in report.findings)


@pytest.mark.parametrize("signers", [(), (ONE,), (ONE, ONE)])
def test_a_quorum_that_is_not_met_fails(record, signers):
    cosign(record, *(one.cosign(text_of(record), soon(record)) for one in signers))
    report = verify(str(record.folder), policy=TWO_OF_THREE)
    assert not report.holds
    (words,) = witnessed(report, "failed")
    count = len(set(signers))
    assert words.startswith("the quorum of your policy is not met: g asks for 2 of 3 (w1, w2, w3)")
    assert f"there are {count}" in words


NESTED = policy_of("group x 2 w1 w2", "group y any w3", "group g all x y")


@pytest.mark.parametrize(
    ("signers", "holds"),
    [((ONE, TWO), False), ((ONE, THREE), False), ((ONE, TWO, THREE), True), ((THREE,), False)],
)
def test_nested_groups_are_counted_as_they_stand(record, signers, holds):
    cosign(record, *(one.cosign(text_of(record), soon(record)) for one in signers))
    report = verify(str(record.folder), policy=NESTED)
    assert report.holds == holds
    if signers == (ONE, THREE):
        assert "x asks for 2 of 2 (w1, w2); there are 1: w1" in witnessed(report, "failed")[0]


def test_a_single_witness_may_be_the_quorum(record):
    policy = policy_of(quorum="w2")
    report = verify(str(record.folder), policy=policy)
    assert witnessed(report, "failed") == [
        "the quorum of your policy is not met: w2, who did not sign"
    ]
    cosign(record, TWO.cosign(text_of(record), soon(record)))
    assert verify(str(record.folder), policy=policy).holds


def test_a_policy_may_ask_for_none_which_is_told(record):
    report = verify(str(record.folder), policy=policy_of(quorum="none"))
    assert report.holds
    assert "asks for no witness" in witnessed(report, "remark")[0]


def same_id(record):
    """A line under another name that bears the key id of the first witness."""
    body = base64.b64decode(ONE.cosign(text_of(record), soon(record)).split(" ")[2])
    return f"\u2014 other.example/w {base64.b64encode(body).decode()}\n"


STRANGERS = {
    "unknown key": (
        lambda record: new_cosigner("four.example/w").cosign(text_of(record), soon(record)),
        "a signature by four.example/w, whose key the policy does not name",
    ),
    "namesake": (
        lambda record: new_cosigner(ONE.name).cosign(text_of(record), soon(record)),
        "a signature by another key under the name of one.example/w",
    ),
    "lookalike": (
        lambda record: new_cosigner("0ne.example/w").cosign(text_of(record), soon(record)),
        "a signature by 0ne.example/w, which is not one.example/w and looks like it",
    ),
    "capitals": (
        lambda record: new_cosigner("One.Example/W").cosign(text_of(record), soon(record)),
        "a signature by One.Example/W, which is not one.example/w and looks like it",
    ),
    "known key under another name": (
        lambda record: Cosigner("uno.example/w", ONE.private).cosign(text_of(record), soon(record)),
        "a signature by uno.example/w, whose key the policy does not name",
    ),
    "known id under another name": (
        same_id,
        "a signature under the name other.example/w, with the key id of one.example/w",
    ),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_signature_by_another_key_is_not_counted_and_told(record, kind):
    make, words = STRANGERS[kind]
    cosign(record, make(record), TWO.cosign(text_of(record), soon(record)))
    report = verify(str(record.folder), policy=TWO_OF_THREE)
    assert not report.holds
    assert witnessed(report, "remark") == [f"not counted: {words}"]
    assert "there are 1: w2" in witnessed(report, "failed")[0]
    cosign(record, ONE.cosign(text_of(record), soon(record)))
    assert verify(str(record.folder), policy=TWO_OF_THREE).holds


def test_a_name_in_letters_of_another_script_fails(record):
    path = record.folder / "log" / "checkpoint"
    line = ONE.cosign(text_of(record), soon(record)).replace("one", "\u043ene")
    path.write_bytes(path.read_bytes() + line.encode())
    report = verify(str(record.folder), policy=TWO_OF_THREE)
    assert "a signature line is malformed" in report.failures[0].words


def test_a_cosignature_over_another_size_fails_though_enough_others_signed(record):
    log = Record.open(record.folder).log
    text = Checkpoint(log.head.origin, log.size - 1, log.root_at(log.size - 1)).text
    cosign(
        record,
        ONE.cosign(text, NOW),
        *(one.cosign(text_of(record), soon(record)) for one in (TWO, THREE)),
    )
    report = verify(str(record.folder), policy=TWO_OF_THREE)
    assert witnessed(report, "failed") == [
        "the cosignature of one.example/w is over another text than this checkpoint"
    ]


@pytest.mark.parametrize("body", [bytes(8), bytes(71), bytes(73), bytes(72)])
def test_a_malformed_cosignature_fails(record, body):
    encoded = base64.b64encode(ONE.verifier.id + body).decode()
    cosign(record, f"\u2014 {ONE.name} {encoded}\n")
    report = verify(str(record.folder), policy=TWO_OF_THREE)
    assert "the cosignature of one.example/w is malformed" in witnessed(report, "failed")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (lambda record: recorded(record) - HOUR, "before the last act was recorded"),
        (lambda _: 1, "1970-01-01 00:00:01 UTC, before the last act was recorded"),
        (lambda record: soon(record) + 2 * HOUR, "in the future by your clock"),
        (lambda _: 2**63 - 1, "in the future by your clock: the year 9999 is past"),
    ],
)
def test_a_time_that_cannot_be_is_told(record, moment, words):
    cosign(record, ONE.cosign(text_of(record), moment(record)))
    report = verify(str(record.folder), policy=policy_of(quorum="w1"))
    assert report.holds
    assert words in witnessed(report, "remark")[0]


def test_clocks_may_differ_by_seconds_which_is_said(record):
    cosign(record, ONE.cosign(text_of(record), recorded(record) - 5))
    report = verify(str(record.folder), policy=policy_of(quorum="w1"))
    assert "by its clock 5 s before the last act was recorded" in witnessed(report, "checked")[0]


def test_a_policy_that_names_the_log_says_whose_key_it_is(record):
    key = str(record.signer.verifier)
    report = verify(str(record.folder), policy=policy_of(quorum="none", logs=[key]))
    assert any("one that your policy names" in one.words for one in report.findings)
    assert not any("taken from the record itself" in one.words for one in report.findings)
    other = str(new_signer(record.signer.name).verifier)
    report = verify(str(record.folder), policy=policy_of(quorum="none", logs=[other]))
    assert "not that of a log in your policy" in report.failures[0].words
    report = verify(str(record.folder), key=other, policy=policy_of(quorum="none", logs=[key]))
    assert "another key than the one you gave" in report.failures[0].words


def test_a_malformed_policy_is_told_and_nothing_checked(record):
    report = verify(str(record.folder), policy=b"quorum w1\n")
    assert report.nothing == "line 1 of the policy: 'w1' is not defined on an earlier line."


def test_the_published_checkpoint_carries_the_cosignatures(record, tmp_path):
    cosign(record, *(one.cosign(text_of(record), soon(record)) for one in WITNESSES))
    publish([record.folder], tmp_path / "site")
    policy = tmp_path / "policy"
    policy.write_bytes(TWO_OF_THREE)
    done = CliRunner().invoke(
        cli, ["verify", str(tmp_path / "site" / "vote"), "--policy", str(policy)]
    )
    assert (done.exit_code, "is met" in done.output) == (0, True)
    policy.write_bytes(TWO_OF_THREE.replace(b"quorum g", b"quorum h"))
    done = CliRunner().invoke(
        cli, ["verify", str(tmp_path / "site" / "vote"), "--policy", str(policy)]
    )
    assert done.exit_code == 2
    with record.hold() as writer:
        writer.log.append([])
    policy.write_bytes(policy_of("group g all w1 w2 w3"))
    arguments = ["verify", str(record.folder), "--policy", str(policy), "--json"]
    done = CliRunner().invoke(cli, arguments)
    assert (done.exit_code, json.loads(done.output)["holds"]) == (0, True)


def test_a_new_act_needs_new_cosignatures(record, vote):
    cosign(record, *(one.cosign(text_of(record), soon(record)) for one in WITNESSES))
    assert verify(str(record.folder), policy=TWO_OF_THREE).holds
    assert not verify(str(vote.folder), policy=TWO_OF_THREE).holds
