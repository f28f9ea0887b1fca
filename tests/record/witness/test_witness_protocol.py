"""The answers to `add-checkpoint`, one after the other as the specification names them."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.witness.growing_logs import GrowingLog, opened_witness

from referendum.record.log import Checkpoint, new_signer
from referendum.record.log.merkle import EMPTY_ROOT
from referendum.record.witness import add_cosignatures, find_cosignatures, new_cosigner
from referendum.record.witness.protocol import (
    LARGEST_BODY,
    Refusal,
    read_submission,
    write_submission,
)

LOG = GrowingLog()
NOW = 1_800_000_000
SPECIFIED = (
    b"old 20852014\n"
    b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    b"jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    b"5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    b"/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    b"\n"
    b"example.com/behind-the-sofa\n"
    b"20852163\n"
    b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    b"\n"
    b"\xe2\x80\x94 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URY"
    b"N7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    b"\xe2\x80\x94 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum"
    b"2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n"
)


@pytest.fixture
def witness(tmp_path):
    """A witness of the log that has seen nothing."""
    with opened_witness(tmp_path / "state", LOG, clock=lambda: NOW) as one:
        yield one


def statuses(witness, *bodies):
    return [witness.add_checkpoint(body).status for body in bodies]


def test_the_specifications_request_is_read():
    submission = read_submission(SPECIFIED)
    assert (submission.old, len(submission.proof)) == (20_852_014, 4)
    assert (submission.origin, submission.tree.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert [name for name, _ in submission.signatures] == ["example.com/behind-the-sofa"] * 2
    head, _, note = SPECIFIED.partition(b"\n\n")
    assert write_submission(submission.old, submission.proof, note) == SPECIFIED
    assert head


def test_a_log_grows_and_each_checkpoint_is_cosigned(witness):
    old = 0
    for size in (1, 2, 3, 7, 8, 9, 64, 65, 300):
        reply = witness.add_checkpoint(LOG.body(old, size))
        assert (reply.status, reply.content_type) == (200, "text/plain; charset=utf-8")
        note = add_cosignatures(LOG.note(size), [reply.body])
        assert find_cosignatures(note, [witness.cosigner.verifier]) == {
            witness.cosigner.verifier: NOW
        }
        old = size


def test_the_same_checkpoint_is_cosigned_again(witness):
    assert statuses(witness, LOG.body(0, 5), LOG.body(5, 5)) == [200, 200]


def test_an_empty_log_can_be_cosigned_if_its_root_is_that_of_nothing(witness):
    wrong = LOG.signer.sign(Checkpoint(LOG.signer.name, 0, bytes(32)))
    right = LOG.signer.sign(Checkpoint(LOG.signer.name, 0, EMPTY_ROOT))
    assert statuses(witness, write_submission(0, [], wrong)) == [422]
    assert statuses(witness, write_submission(0, [], right), LOG.body(0, 4)) == [200, 200]


def test_an_unknown_log_is_404(witness):
    stranger = GrowingLog(new_signer("other.example/log"))
    assert statuses(witness, stranger.body(0, 3)) == [404]


def test_another_key_of_the_logs_name_is_403(witness):
    assert statuses(witness, GrowingLog(new_signer(LOG.signer.name)).body(0, 3)) == [403]


def test_a_wrong_signature_is_403_also_beside_a_good_one(witness):
    body = LOG.body(0, 3)
    line = body[body.rindex(b"\xe2\x80\x94") :]
    encoded = line.split(b" ")[2]
    raw = bytearray(base64.b64decode(encoded))
    raw[-1] ^= 1
    wrong = line.replace(encoded, base64.b64encode(raw) + b"\n")
    assert statuses(witness, body.replace(line, wrong), body + wrong, wrong + body) == [
        403,
        403,
        400,
    ]
    assert witness.state.last_cosigned(LOG.signer.name) is None


def test_an_old_size_above_the_checkpoints_is_400(witness):
    body = write_submission(4, [], LOG.note(3))
    assert statuses(witness, LOG.body(0, 3), body) == [200, 400]


@pytest.mark.parametrize("old", [0, 2, 4])
def test_another_old_size_is_409_and_says_the_right_one(witness, old):
    assert statuses(witness, LOG.body(0, 3)) == [200]
    reply = witness.add_checkpoint(LOG.body(old, 5))
    assert (reply.status, reply.content_type, reply.body) == (409, "text/x.tlog.size", "3\n")


def test_an_old_size_above_zero_is_409_where_nothing_was_seen(witness):
    reply = witness.add_checkpoint(LOG.body(2, 5))
    assert (reply.status, reply.body) == (409, "0\n")


def test_another_tree_of_the_same_size_is_409_and_kept_as_evidence(witness, tmp_path):
    assert statuses(witness, LOG.body(0, 3)) == [200]
    fork = LOG.fork(2)
    reply = witness.add_checkpoint(fork.body(3, 3))
    assert (reply.status, reply.content_type, reply.body) == (409, "text/x.tlog.size", "3\n")
    kept = list((tmp_path / "state" / "refused").rglob("*.txt"))
    assert [path.read_bytes() for path in kept] == [fork.note(3)]


def test_a_fork_is_422_whatever_proof_it_brings_and_kept_once(witness, tmp_path):
    assert statuses(witness, LOG.body(0, 3)) == [200]
    fork = LOG.fork(2)
    bodies = [
        fork.body(3, 6),
        write_submission(3, LOG.proof(3, 6), fork.note(6)),
        write_submission(3, [], fork.note(6)),
        write_submission(3, [bytes(32)] * 63, fork.note(6)),
    ]
    assert statuses(witness, *bodies) == [422] * 4
    assert len(list((tmp_path / "state" / "refused").rglob("*.txt"))) == 1
    assert statuses(witness, LOG.body(3, 6)) == [200]


@pytest.mark.parametrize("old", [0, 3])
def test_a_proof_where_none_belongs_is_422(witness, old):
    if old:
        assert statuses(witness, LOG.body(0, old)) == [200]
    assert statuses(witness, write_submission(old, [bytes(32)], LOG.note(3))) == [422]


def test_a_clock_that_was_set_back_gives_no_earlier_time(tmp_path):
    times = iter([NOW, NOW - 500, NOW - 400, NOW + 1])
    with opened_witness(tmp_path / "state", LOG, clock=lambda: next(times)) as witness:
        sizes = [(0, 1), (1, 2), (2, 2), (2, 3)]
        assert statuses(witness, *(LOG.body(*one) for one in sizes)) == [200] * 4
        assert witness.state.last_cosigned(LOG.signer.name).time == NOW + 1


def test_a_log_may_have_two_keys(tmp_path):
    second = GrowingLog(new_signer(LOG.signer.name))
    with opened_witness(tmp_path / "state", LOG, second) as witness:
        assert statuses(witness, LOG.body(0, 3), second.body(3, 5)) == [200, 200]
        both = add_cosignatures(LOG.note(8), [second.note(8).decode().split("\n\n")[1]])
        assert statuses(witness, write_submission(5, LOG.proof(5, 8), both)) == [200]


def test_extension_lines_are_cosigned_as_they_are(tmp_path):
    text = f"{LOG.checkpoint(3).text}extension\n"
    line = LOG.note(3).decode().split("\n\n")[1]
    signature = LOG.signer.private.sign(text.encode())
    body = LOG.signer.verifier.id + signature
    line = f"\u2014 {LOG.signer.name} {base64.b64encode(body).decode()}\n"
    with opened_witness(tmp_path / "state", LOG) as witness:
        reply = witness.add_checkpoint(write_submission(0, [], f"{text}\n{line}".encode()))
        note = add_cosignatures(f"{text}\n{line}".encode(), [reply.body])
        assert find_cosignatures(note, [witness.cosigner.verifier])


def test_what_was_cosigned_last_is_given_to_whoever_asks(witness):
    name = hashlib.sha256(LOG.signer.name.encode()).hexdigest()
    assert witness.latest(name).status == 404
    assert statuses(witness, LOG.body(0, 3), LOG.body(3, 5)) == [200, 200]
    note = witness.latest(name).body.encode()
    assert note.startswith(LOG.note(5))
    assert find_cosignatures(note, [witness.cosigner.verifier])
    assert witness.latest("0" * 64).status == 404


GOOD = LOG.body(2, 5)
CHECKPOINT = LOG.note(5)

MALFORMED = {
    "nothing": b"",
    "no empty line": b"old 0\n",
    "no checkpoint": b"old 0\n\n",
    "no old size": GOOD.partition(b"\n")[2],
    "old without a blank": GOOD.replace(b"old 2", b"old2"),
    "old in capitals": GOOD.replace(b"old 2", b"Old 2"),
    "old with leading zeros": GOOD.replace(b"old 2", b"old 02"),
    "old with a sign": GOOD.replace(b"old 2", b"old +2"),
    "old below zero": GOOD.replace(b"old 2", b"old -1"),
    "old with two blanks": GOOD.replace(b"old 2", b"old  2"),
    "old in hexadecimal": GOOD.replace(b"old 2", b"old 0x2"),
    "old with a fraction": GOOD.replace(b"old 2", b"old 2.0"),
    "old in digits of another script": GOOD.replace(b"old 2", "old \u0662".encode()),
    "old of 2^63": GOOD.replace(b"old 2", b"old 9223372036854775808"),
    "old of many digits": GOOD.replace(b"old 2", b"old " + b"9" * 60_000),
    "line end of another system": GOOD.replace(b"old 2\n", b"old 2\r\n"),
    "64 lines of proof": write_submission(2, [bytes(32)] * 64, CHECKPOINT),
    "many lines of proof": write_submission(2, [bytes(32)] * 2_500, CHECKPOINT),
    "short hash": write_submission(2, [bytes(31)], CHECKPOINT),
    "long hash": write_submission(2, [bytes(33)], CHECKPOINT),
    "hash that is no base64": GOOD.replace(b"\n\n", b"\n!\n\n", 1),
    "hash with spare bits": GOOD.replace(b"=\n", b"\n", 1),
    "too large": GOOD + b" " * LARGEST_BODY,
    "no UTF-8": GOOD.replace(b"\n5\n", b"\n\xff\n"),
    "control character": GOOD.replace(b"\n5\n", b"\n5\x00\n"),
    "no signature": GOOD[: GOOD.rindex(b"\xe2\x80\x94")],
    "signature without an end": GOOD[:-1],
    "hyphen for the dash": GOOD.replace("\u2014".encode(), b"-"),
    "name with a plus": GOOD.replace("\u2014 t".encode(), "\u2014 t+t".encode()),
    "name with an odd blank": GOOD.replace("\u2014 t".encode(), "\u2014 t\u2003t".encode()),
    "root of 31 bytes": GOOD.replace(
        base64.b64encode(LOG.root(5)), base64.b64encode(LOG.root(5)[:31])
    ),
    "size of 2^63": GOOD.replace(b"\n5\n", b"\n9223372036854775808\n"),
    "size with leading zeros": GOOD.replace(b"\n5\n", b"\n05\n"),
    "101 signatures": GOOD + GOOD[GOOD.rindex(b"\xe2\x80\x94") :] * 100,
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_what_is_malformed_is_400_and_changes_nothing(witness, fault):
    assert statuses(witness, LOG.body(0, 2)) == [200]
    before = witness.state.last_cosigned(LOG.signer.name)
    assert statuses(witness, MALFORMED[fault]) == [400]
    assert witness.state.last_cosigned(LOG.signer.name) == before


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    for data in (body, b"old 0\n\n" + body):
        assert status_of(data) in {200, 400}


def status_of(body):
    try:
        read_submission(body)
    except Refusal as refusal:
        return refusal.status
    return 200


def test_as_many_signatures_as_a_reader_must_take_are_taken(witness):
    large = "".join(
        f"\u2014 w{number}.example {base64.b64encode(bytes(5_000)).decode()}\n"
        for number in range(15)
    )
    body = LOG.body(0, 3)
    note = add_cosignatures(body.partition(b"\n\n")[2], [new_cosigner("w").cosign("", NOW)])
    assert statuses(witness, b"old 0\n\n" + note + large.encode()) == [200]
    assert len(large) > 100_000
