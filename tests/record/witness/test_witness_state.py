"""What a witness keeps: one step, on the disk, by one key, also where things go wrong."""

import os
import sqlite3
import stat
import threading

import pytest

from referendum.core.errors import BusyError, KeyFault, OrderError, RecordError
from referendum.record.witness import WitnessState, new_cosigner
from referendum.record.witness.protocol import Tree
from referendum.record.witness.state import DATABASE, MOST_EVIDENCE, CosignedCheckpoint

KEY = new_cosigner("witness.example/w").verifier
LOG = "tests.example/log"


def seen(size, time=1, fill=None):
    return CosignedCheckpoint(
        Tree(size, bytes([size % 256 if fill is None else fill]) * 32), time, b"note"
    )


def keep(state, kept, answer="ok"):
    return state.finish(state.begin(LOG, lambda _: (kept, answer)))


def test_what_was_kept_is_there_again_after_opening_anew(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        assert state.last_cosigned(LOG) is None
        assert keep(state, seen(3)) == "ok"
    with WitnessState.open(tmp_path / "s", KEY) as state:
        assert state.last_cosigned(LOG) == seen(3)


def test_the_database_syncs_every_transaction(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        database = state._database
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA synchronous").fetchone() == (2,)


def test_the_largest_size_is_kept(tmp_path):
    largest = CosignedCheckpoint(Tree(2**63 - 1, bytes(32)), 2**63 - 1, b"note")
    with WitnessState.open(tmp_path / "s", KEY) as state:
        keep(state, largest)
        assert state.last_cosigned(LOG) == largest


@pytest.mark.parametrize(
    "worse", [seen(2, 9), seen(3, 9, fill=7), seen(4, 4)], ids=["smaller", "other root", "earlier"]
)
def test_the_database_itself_refuses_a_second_history(tmp_path, worse):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        keep(state, seen(3, 5))
        with pytest.raises(RecordError, match="a log only grows"):
            keep(state, worse)
        assert state.last_cosigned(LOG) == seen(3, 5)
        with pytest.raises(sqlite3.IntegrityError, match="forgets no log"):
            state._database.execute("DELETE FROM log")


class Blocked:
    """A change that waits until it is let go, so that others queue behind it."""

    def __init__(self):
        self.running, self.let_go = threading.Event(), threading.Event()

    def __call__(self, old):
        self.running.set()
        assert self.let_go.wait(30)
        return old or seen(1), "first"


def test_changes_that_wait_share_one_transaction(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        commits = []
        state._database.set_trace_callback(
            lambda text: commits.append(text) if text == "COMMIT" else None
        )
        first = Blocked()
        answers = []
        threads = [threading.Thread(target=lambda: state.finish(state.begin(LOG, first)))]
        threads[0].start()
        assert first.running.wait(30)
        for number in range(20):
            task = state.begin(f"log {number}", lambda _, n=number: (seen(n), n))
            threads.append(
                threading.Thread(target=lambda task=task: answers.append(state.finish(task)))
            )
            threads[-1].start()
        first.let_go.set()
        for thread in threads:
            thread.join()
    assert sorted(answers) == list(range(20))
    assert len(commits) == 2


def fault(_):
    raise ZeroDivisionError


def test_no_answer_leaves_that_was_not_written(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        good = state.begin(LOG, lambda _: (seen(3), "a cosignature"))
        bad = state.begin("other log", fault)
        with pytest.raises(ZeroDivisionError):
            state.finish(bad)
        with pytest.raises(BusyError, match="not written"):
            state.finish(good)
        assert state.last_cosigned(LOG) is None
        assert keep(state, seen(4)) == "ok"


def test_a_full_disk_is_told_and_loses_nothing(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        keep(state, seen(3))
        pages = state._database.execute("PRAGMA page_count").fetchone()[0]
        state._database.execute(f"PRAGMA max_page_count={pages}")
        large = CosignedCheckpoint(Tree(4, bytes(32)), 2, bytes(50_000))
        with pytest.raises(BusyError, match="full"):
            keep(state, large)
        assert state.last_cosigned(LOG) == seen(3)
        state._database.execute("PRAGMA max_page_count=1000000")
        assert keep(state, large) == "ok"


def test_a_witness_that_stops_ends_what_it_writes_and_begins_nothing(tmp_path):
    first, answers = Blocked(), []
    with WitnessState.open(tmp_path / "s", KEY) as state:
        task = state.begin(LOG, first)
        writing = threading.Thread(target=lambda: answers.append(state.finish(task)))
        writing.start()
        assert first.running.wait(30)
        threading.Timer(0.2, first.let_go.set).start()
    writing.join()
    with pytest.raises(BusyError, match="is stopping"):
        state.last_cosigned(LOG)
    with pytest.raises(BusyError, match="is stopping"):
        keep(state, seen(9))
    assert answers == ["first"]
    with WitnessState.open(tmp_path / "s", KEY) as state:
        assert state.last_cosigned(LOG) == seen(1)


def test_a_state_is_of_one_key(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY):
        pass
    other = new_cosigner(KEY.name).verifier
    with (
        pytest.raises(KeyFault, match="this state is that of"),
        WitnessState.open(tmp_path / "s", other),
    ):
        pass


def test_a_key_that_cosigned_begins_no_second_state(tmp_path):
    bond = tmp_path / "key.pem.state"
    with WitnessState.open(tmp_path / "s", KEY, bond) as state:
        keep(state, seen(3))
    with WitnessState.open(tmp_path / "s", KEY, bond):
        pass
    with (
        pytest.raises(OrderError, match="another state"),
        WitnessState.open(tmp_path / "lost", KEY, bond),
    ):
        pass
    assert not (tmp_path / "lost").exists()
    with WitnessState.open(tmp_path / "second", KEY):
        pass
    with (
        pytest.raises(OrderError, match="another state"),
        WitnessState.open(tmp_path / "second", KEY, bond),
    ):
        pass


@pytest.mark.parametrize("content", [b"no database" * 100, b"\x00" * 4096])
def test_a_file_that_is_no_state_is_refused(tmp_path, content):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / DATABASE).write_bytes(content)
    with pytest.raises(RecordError, match="damaged"), WitnessState.open(tmp_path / "s", KEY):
        pass
    assert (tmp_path / "s" / DATABASE).read_bytes() == content


def test_a_damaged_state_is_refused(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        for number in range(40):
            state.finish(state.begin(f"log {number}", lambda _: (seen(1), "")))
    path = tmp_path / "s" / DATABASE
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x55" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(RecordError, match="damaged"), WitnessState.open(tmp_path / "s", KEY):
        pass


def test_a_later_format_is_refused(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        state._database.execute("PRAGMA user_version=2")
    with pytest.raises(RecordError, match="format 2"), WitnessState.open(tmp_path / "s", KEY):
        pass


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere: nothing was shown here")
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "s").mkdir(mode=0o500)
    with pytest.raises((BusyError, OSError)), WitnessState.open(tmp_path / "s", KEY):
        pass


def test_the_folder_is_its_owners_alone(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700


def test_evidence_is_kept_once_and_not_without_end(tmp_path):
    with WitnessState.open(tmp_path / "s", KEY) as state:
        kept = [
            state.keep_evidence(LOG, b"text %d\n\nsigned" % n) for n in range(MOST_EVIDENCE + 5)
        ]
        assert sum(path is not None for path in kept) == MOST_EVIDENCE
        assert kept[0].read_bytes() == b"text 0\n\nsigned"
        assert state.keep_evidence("other", b"text 0\n\nsigned") is not None
        assert state.keep_evidence("other", b"text 0\n\nsigned otherwise") is None
