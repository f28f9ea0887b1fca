"""What a witness must never forget: of each log the last checkpoint that it cosigned.

An SQLite database in WAL mode with `synchronous=FULL`: a transaction that has ended is on the disk.
Requests that come while a transaction is being written share the next one, and with it one sync.
"""

import hashlib
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

from filelock import FileLock

from referendum.core.errors import (
    BusyError,
    KeyFault,
    OrderError,
    RecordError,
    ReferendumError,
)
from referendum.record.durable import sync_folder, write_file
from referendum.record.log.note import VerifierKey
from referendum.record.witness.protocol import Tree

DATABASE = "witness.db"
REFUSED = "refused"
FORMAT = 1

LOCK_SECONDS = 30.0
"""Seconds to wait for another process that writes to the same state."""

MOST_EVIDENCE = 100
"""Refused checkpoints that are kept of each log."""

_TABLES = (
    "CREATE TABLE witness (id TEXT NOT NULL, key TEXT NOT NULL) STRICT",
    """CREATE TABLE log (
      origin TEXT PRIMARY KEY,
      size INTEGER NOT NULL CHECK (size >= 0),
      root BLOB NOT NULL CHECK (length(root) = 32),
      time INTEGER NOT NULL,
      note BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TRIGGER growth BEFORE UPDATE ON log
    WHEN new.origin <> old.origin OR new.size < old.size OR new.time < old.time
      OR (new.size = old.size AND new.root <> old.root)
    BEGIN SELECT RAISE(ABORT, 'a log only grows'); END""",
    """CREATE TRIGGER memory BEFORE DELETE ON log
    BEGIN SELECT RAISE(ABORT, 'a witness forgets no log'); END""",
)

_SAVE = """INSERT INTO log (origin, size, root, time, note) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE
SET size = excluded.size, root = excluded.root, time = excluded.time, note = excluded.note"""

T = TypeVar("T")


@dataclass(frozen=True)
class CosignedCheckpoint:
    """What a witness keeps of a log.

    Attributes:
        tree: the tree that it cosigned last.
        time: of that cosignature, in seconds since 1970.
        note: the checkpoint with the log's signature and the cosignature.
    """

    tree: Tree
    time: int
    note: bytes


Change = Callable[[CosignedCheckpoint | None], tuple[CosignedCheckpoint, T]]
"""From what is kept of a log, what to keep instead and what to answer; it may raise a refusal."""


@dataclass
class Pending(Generic[T]):
    """A change that waits for a transaction; `WitnessState.finish` gives its answer."""

    origin: str
    change: Change[T]
    ended: bool = False
    answer: T | None = None
    fault: ReferendumError | None = None


class WitnessState:
    """The memory of one witness; used by many threads, and safely by several processes."""

    def __init__(self, folder: Path, database: sqlite3.Connection) -> None:
        self._folder = folder
        self._database = database
        self._database_lock = threading.Lock()  # held by the thread that uses the database
        self._queue_lock = threading.Lock()  # guards _waiting
        self._waiting: list[Pending[object]] = []
        self._evidence_lock = threading.Lock()  # held by the thread that keeps evidence
        self._open = True

    @classmethod
    @contextmanager
    def open(
        cls, folder: Path, key: VerifierKey, bond: Path | None = None
    ) -> Iterator["WitnessState"]:
        """Open the state of the witness with this key; make it if there is none.

        Args:
            folder: where the state lies.
            key: the witness's key.
            bond: file beside the signing key that names the key's state, made the first time. With
                it, a state that was lost or mistaken is noticed before a second history is signed.

        Raises:
            KeyFault: the state is another witness's.
            OrderError: the key has cosigned with another state.
            RecordError: the files are not such a state, or are damaged.
            BusyError: they cannot be written.
        """
        bound = bond.read_text().strip() if bond and bond.exists() else ""
        if bound and not (folder / DATABASE).exists():
            raise _broken_bond(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _faults_named(folder):
            database = sqlite3.connect(
                folder / DATABASE,
                timeout=LOCK_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            with _faults_named(folder), FileLock(folder / ".lock"):
                name = _prepare(database, key)
            if bound not in {"", name}:
                raise _broken_bond(folder)
            sync_folder(folder)
            sync_folder(folder.resolve().parent)
            if bond and not bound:
                write_file(bond, f"{name}\n".encode())
            state = cls(folder, database)
            try:
                yield state
            finally:
                state._stop()
        finally:
            database.close()

    def last_cosigned(self, origin: str) -> CosignedCheckpoint | None:
        """Give what is kept of a log; None before its first checkpoint."""
        with self._database_lock, _faults_named(self._folder):
            self._require_open()
            return _read(self._database, origin)

    def begin(self, origin: str, change: Change[T]) -> Pending[T]:
        """Queue a change of what is kept of a log; changes are done in the order of their queue.

        Args:
            origin: the log.
            change: called in one step with the look at what is kept, while nobody changes it.
        """
        task = Pending(origin, change)
        with self._queue_lock:
            self._waiting.append(cast("Pending[object]", task))
        return task

    def finish(self, task: Pending[T]) -> T:
        """Give the answer of a queued change, once it is on the disk.

        The thread whose turn comes writes the changes of all that wait.

        Raises:
            BusyError: it could not be written; what was kept before still is.
        """
        with self._database_lock:
            if not task.ended:
                self._write_waiting()
        if task.fault is not None:
            raise task.fault
        return cast("T", task.answer)

    def keep_evidence(self, origin: str, note: bytes) -> Path | None:
        """Keep a checkpoint that the log signed and this witness refused; give its file.

        None where it is kept already, or enough of this log are.
        """
        folder = self._folder / REFUSED / hashlib.sha256(origin.encode()).hexdigest()
        text = note.partition(b"\n\n")[0]
        path = folder / f"{hashlib.sha256(text).hexdigest()[:32]}.txt"
        with self._evidence_lock:
            if path.exists() or (folder.exists() and len(list(folder.iterdir())) >= MOST_EVIDENCE):
                return None
            folder.mkdir(parents=True, exist_ok=True)
            write_file(path, note)
        return path

    def _stop(self) -> None:
        """Let the transaction that is being written end, and begin no other."""
        with self._database_lock:
            self._open = False

    def _require_open(self) -> None:
        if not self._open:
            raise BusyError("the witness is stopping", where=str(self._folder))

    def _write_waiting(self) -> None:
        with self._queue_lock:
            batch, self._waiting = self._waiting, []
        lost: ReferendumError | None = BusyError("the change was not written")
        try:
            with _faults_named(self._folder):
                self._require_open()
                self._write(batch)
            lost = None
        except ReferendumError as fault:
            lost = fault
        finally:
            # No answer leaves that is not on the disk, whatever went wrong.
            for task in batch:
                task.fault = task.fault or lost
                task.ended = True

    def _write(self, batch: list[Pending[object]]) -> None:
        with _transaction(self._database):
            for task in batch:
                last_cosigned = _read(self._database, task.origin)
                try:
                    kept, task.answer = task.change(last_cosigned)
                except ReferendumError as fault:
                    task.fault = fault
                    continue
                row = (kept.tree.size, kept.tree.root, kept.time, kept.note)
                self._database.execute(_SAVE, (task.origin, *row))


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


@contextmanager
def _faults_named(folder: Path) -> Iterator[None]:
    """Give the database's faults as errors that a person understands."""
    where = str(folder / DATABASE)
    try:
        yield
    except sqlite3.OperationalError as error:
        raise BusyError(f"the state cannot be used: {error}", where=where) from error
    except sqlite3.Error as error:
        hint = "do not begin anew with this key: make a new one, and tell who relies on the old"
        raise RecordError(f"the state is damaged: {error}", where=where, hint=hint) from error


def _prepare(database: sqlite3.Connection, key: VerifierKey) -> str:
    """Make or check the tables; give the state's name."""
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    if database.execute("PRAGMA quick_check").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("its own check fails")
    with _transaction(database):
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for table in _TABLES:
                database.execute(table)
            row = (secrets.token_hex(16), str(key))
            database.execute("INSERT INTO witness (id, key) VALUES (?, ?)", row)
            database.execute(f"PRAGMA user_version={FORMAT}")
    if version not in {0, FORMAT}:
        raise sqlite3.DatabaseError(f"it has format {version}, not {FORMAT}")
    name, stated = database.execute("SELECT id, key FROM witness").fetchone()
    if stated != str(key):
        hint = "each witness has a state of its own: name another folder with --state"
        raise KeyFault(f"this state is that of {stated}, the key is {key}", hint=hint)
    return str(name)


def _read(database: sqlite3.Connection, origin: str) -> CosignedCheckpoint | None:
    query = "SELECT size, root, time, note FROM log WHERE origin = ?"
    row = database.execute(query, (origin,)).fetchone()
    return CosignedCheckpoint(Tree(row[0], row[1]), row[2], row[3]) if row else None


def _broken_bond(folder: Path) -> OrderError:
    return OrderError(
        "this key has cosigned with another state",
        where=str(folder),
        hint="name that folder with --state; if it is lost, make a new key with referendum witness"
        " key: a witness that forgot what it cosigned could sign a second history",
    )
