"""Go's own `sumdb/note` opens a cosigned checkpoint, and sees both signatures."""

import subprocess
from pathlib import Path

import pytest
from tests.conftest import build_go
from tests.record.witness.growing_logs import GrowingLog

from referendum.record.witness import add_cosignatures, new_cosigner

LOG = GrowingLog()
WITNESSES = [new_cosigner("witness.example/one"), new_cosigner("witness.example/two")]
TIME = 1_800_000_000


@pytest.fixture(scope="module")
def opener(tmp_path_factory):
    """The Go program, built."""
    source = Path(__file__).parent / "independent" / "open.go"
    return build_go(source, tmp_path_factory.mktemp("go"), "no other program opened the note")


@pytest.fixture
def note():
    """A checkpoint with two cosignatures."""
    return add_cosignatures(
        LOG.note(7), [one.cosign(LOG.checkpoint(7).text, TIME) for one in WITNESSES]
    )


def opened(opener, note, tmp_path, *witnesses):
    path = tmp_path / "checkpoint"
    path.write_bytes(note)
    keys = [str(LOG.signer.verifier), *(str(one.verifier) for one in witnesses)]
    return subprocess.run([opener, path, *keys], capture_output=True, text=True, check=False)


def test_go_opens_the_note_by_the_logs_key_and_passes_over_the_witnesses(opener, note, tmp_path):
    done = opened(opener, note, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "tests.example/log, 2 unknown\n"


def test_go_finds_the_cosignatures_good_by_the_witnesses_keys(opener, note, tmp_path):
    done = opened(opener, note, tmp_path, *WITNESSES)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "tests.example/log, witness.example/one, witness.example/two, 0 unknown\n"


@pytest.mark.parametrize("size", [6, 8])
def test_go_refuses_a_cosignature_over_another_size(opener, tmp_path, size):
    wrong = WITNESSES[0].cosign(LOG.checkpoint(size).text, TIME)
    done = opened(opener, add_cosignatures(LOG.note(7), [wrong]), tmp_path, WITNESSES[0])
    assert done.returncode != 0
    assert "invalid signature" in done.stderr
