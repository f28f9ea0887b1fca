"""The log on disk: layout, proofs, one writer, readers that never wait."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referendum.core.errors import BusyError, InputError, OrderError, RecordError
from referendum.record.acts import LARGEST_ENTRY
from referendum.record.log import (
    Log,
    LogWriter,
    ProofError,
    new_signer,
    verify_consistency,
    verify_inclusion,
)
from referendum.record.log.merkle import EMPTY_ROOT, leaf_hash
from referendum.record.log.tiles import Edge, tile_path, tile_width

SIGNER = new_signer("elections.example/log")


def entry(number):
    return f"entry {number}".encode()


def folded_root(entries):
    """The root by a fold over complete subtrees: another way than the one under test."""
    stack = []
    for number, item in enumerate(entries):
        stack.append(hashlib.sha256(b"\x00" + item).digest())
        complete_pairs = ((number + 1) & -(number + 1)).bit_length() - 1
        for _ in range(complete_pairs):
            right = stack.pop()
            stack.append(hashlib.sha256(b"\x01" + stack.pop() + right).digest())
    while len(stack) > 1:
        right = stack.pop()
        stack.append(hashlib.sha256(b"\x01" + stack.pop() + right).digest())
    return stack[0] if stack else EMPTY_ROOT


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A log that grew by one entry at a time to 600, with its root at each size."""
    folder = tmp_path_factory.mktemp("log")
    roots = [EMPTY_ROOT]
    with LogWriter.create(folder, SIGNER) as log:
        for number in range(600):
            log.append([entry(number)])
            roots.append(log.root)
    return folder, roots


def test_every_root_on_the_way_is_the_folded_one(grown):
    _, roots = grown
    entries = [entry(number) for number in range(600)]
    assert all(roots[size] == folded_root(entries[:size]) for size in range(601))


def test_entries_come_back_in_order(grown):
    log = Log.open(grown[0], SIGNER.verifier)
    assert list(log.entries()) == [entry(number) for number in range(600)]
    assert list(log.entries(250, 260)) == [entry(number) for number in range(250, 260)]


@settings(max_examples=60)
@given(st.data())
def test_proofs_from_the_files_hold_for_every_size(grown, data):
    folder, roots = grown
    log = Log.open(folder, SIGNER.verifier)
    size = data.draw(st.integers(1, 600))
    old = data.draw(st.integers(0, size))
    index = data.draw(st.integers(0, size - 1))
    verify_inclusion(
        leaf_hash(entry(index)), index, size, log.inclusion_proof(index, size), roots[size]
    )
    verify_consistency(old, size, log.consistency_proof(old, size), roots[old], roots[size])
    assert log.root_at(size) == roots[size]


def test_a_proof_beyond_the_log_is_refused(grown):
    with pytest.raises(ProofError):
        Log.open(grown[0], SIGNER.verifier).inclusion_proof(0, 601)


@pytest.mark.parametrize("batch", [1, 255, 256, 257, 70_000])
def test_batches_of_any_size_make_the_same_log(tmp_path, batch):
    total = 700 if batch < 70_000 else 70_000
    entries = [entry(number) for number in range(total)]
    with LogWriter.create(tmp_path, SIGNER) as log:
        for start in range(0, total, batch):
            assert log.append(entries[start : start + batch]) == start
        assert log.root == folded_root(entries)


def test_the_layout_of_the_specifications_example():
    """C2SP tlog-tiles, size 70,000: 273 full tiles and one of 112; 1 full, one of 17; one of 1."""
    _, files = Edge().extended([b""] * 70_000)
    tiles = [path for path in files if "entries" not in path]
    assert "tile/0/x001/x000/000" not in files
    assert len([path for path in tiles if path.startswith("tile/0/")]) == 274
    assert "tile/0/273.p/112" in files
    assert "tile/entries/273.p/112" in files
    assert {path for path in tiles if path[5] != "0"} == {
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    }
    assert [tile_width(70_000, level, index) for level, index in ((0, 273), (1, 1), (2, 0))] == [
        112,
        17,
        1,
    ]


def test_paths_group_digits_by_three():
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(1, 7, 3) == "tile/1/007.p/3"


def test_partial_tiles_go_when_the_full_one_stands_and_earlier_readers_go_on(tmp_path):
    with LogWriter.create(tmp_path, SIGNER) as log:
        log.append([entry(number) for number in range(250)])
        earlier = Log.open(tmp_path, SIGNER.verifier)
        for number in range(250, 300):
            log.append([entry(number)])
    partial = {path.parent.name for path in tmp_path.rglob("*.p/*")}
    assert partial == {"001.p", "000.p"}  # level 1 has one hash, in tile/1/000.p/1
    assert not (tmp_path / "tile" / "0" / "000.p").exists()
    assert list(earlier.entries()) == [entry(number) for number in range(250)]
    assert earlier.root_at(250) == earlier.root


def test_a_second_writer_is_refused_and_a_reader_is_not(tmp_path):
    with LogWriter.create(tmp_path, SIGNER) as log:
        log.append([b"one"])
        with pytest.raises(BusyError, match="another process"), LogWriter.hold(tmp_path, SIGNER):
            pass
        assert Log.open(tmp_path, SIGNER.verifier).size == 1
    with LogWriter.hold(tmp_path, SIGNER) as log:
        assert log.append([b"two"]) == 1


def test_a_log_is_not_made_twice(tmp_path):
    with LogWriter.create(tmp_path, SIGNER):
        pass
    with pytest.raises(OrderError), LogWriter.create(tmp_path, SIGNER):
        pass


def test_an_entry_too_large_is_refused_and_changes_nothing(tmp_path):
    with LogWriter.create(tmp_path, SIGNER) as log:
        log.append([bytes(LARGEST_ENTRY)])
        with pytest.raises(InputError):
            log.append([b"good", bytes(LARGEST_ENTRY + 1)])
        assert log.size == 1
        log.append([b"next"])
    assert list(Log.open(tmp_path, SIGNER.verifier).entries()) == [bytes(LARGEST_ENTRY), b"next"]


def test_a_writer_notices_an_altered_edge(tmp_path):
    with LogWriter.create(tmp_path, SIGNER) as log:
        log.append([entry(number) for number in range(300)])
    tile = tmp_path / tile_path(0, 1, 44)
    tile.write_bytes(bytes(len(tile.read_bytes())))
    with pytest.raises(RecordError, match="signed root"), LogWriter.hold(tmp_path, SIGNER):
        pass


def test_another_key_cannot_write(tmp_path):
    with LogWriter.create(tmp_path, SIGNER):
        pass
    with pytest.raises(RecordError), LogWriter.hold(tmp_path, new_signer(SIGNER.name)):
        pass
