"""Another implementation judges the log: Go's own, from Debian's packages."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.conftest import build_go

from referendum.record.log import Log, LogWriter, new_signer
from referendum.record.log.merkle import leaf_hash
from referendum.record.log.tiles import tile_path

SIZE = 70_000
SIGNER = new_signer("elections.example/log")


@pytest.fixture(scope="module")
def checker(tmp_path_factory):
    """The Go program, built."""
    source = Path(__file__).parent / "independent" / "check.go"
    return build_go(source, tmp_path_factory.mktemp("go"), "no other program judged the log")


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log of 70,000 entries, as the specification's example."""
    folder = tmp_path_factory.mktemp("log")
    with LogWriter.create(folder, SIGNER) as writer:
        writer.append([f"entry {number}".encode() for number in range(SIZE)])
    return Log.open(folder, SIGNER.verifier)


def texts(hashes):
    return [base64.b64encode(value).decode() for value in hashes]


def judged(checker, log, tmp_path):
    entries = list(log.entries())
    proofs = {
        "Inclusion": [
            {
                "Index": index,
                "Proof": texts(log.inclusion_proof(index)),
                "Leaf": texts([leaf_hash(entries[index])])[0],
            }
            for index in (0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, SIZE - 1)
        ],
        "Consistency": [
            {
                "Size": size,
                "Proof": texts(log.consistency_proof(size)),
                "Root": texts([log.root_at(size)])[0],
            }
            for size in (1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 69_999, SIZE)
        ],
    }
    (tmp_path / "proofs.json").write_text(json.dumps(proofs))
    return subprocess.run(
        [checker, log.folder, str(SIGNER.verifier), tmp_path / "proofs.json"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_go_accepts_checkpoint_tiles_entries_and_proofs(checker, log, tmp_path):
    done = judged(checker, log, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "70000 entries, 9 inclusion and 10 consistency proofs hold\n"


@pytest.mark.parametrize("path", ["checkpoint", tile_path(0, 0), tile_path("entries", 0)])
def test_go_refuses_one_changed_byte(checker, log, tmp_path, path):
    copy = shutil.copytree(log.folder, tmp_path / "copy")
    data = bytearray((copy / path).read_bytes())
    data[20] ^= 1
    (copy / path).write_bytes(bytes(data))
    done = judged_alone(checker, copy, tmp_path)
    assert done.returncode != 0


def judged_alone(checker, copy, tmp_path):
    (tmp_path / "none.json").write_text('{"Inclusion": [], "Consistency": []}')
    return subprocess.run(
        [checker, copy, str(SIGNER.verifier), tmp_path / "none.json"],
        capture_output=True,
        text=True,
        check=False,
    )
