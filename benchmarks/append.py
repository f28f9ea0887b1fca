"""Appending 100,000 entries of 200 bytes to the log, beside the same rows put into SQLite."""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from referendum.record.log import LogWriter, new_signer

ENTRIES = 100_000
BATCH = 1_000


def main() -> None:
    """Measure and print."""
    entries = [b"%0200d" % number for number in range(ENTRIES)]
    batches = [entries[start : start + BATCH] for start in range(0, ENTRIES, BATCH)]
    with tempfile.TemporaryDirectory() as folder:
        log = cpu_seconds(lambda: to_log(Path(folder) / "log", batches))
        rows = cpu_seconds(lambda: to_sqlite(Path(folder) / "rows.db", batches))
    print(
        f"append: {ENTRIES:,} entries of 200 bytes in batches of {BATCH:,}, durable:"
        f" {log:.2f} s of CPU; the same rows with leaf hash in SQLite, one transaction per batch:"
        f" {rows:.2f} s; ratio {log / rows:.2f}"
    )


def to_log(folder: Path, batches: list[list[bytes]]) -> None:
    """Append to a log."""
    with LogWriter.create(folder, new_signer("bench.example/log")) as log:
        for batch in batches:
            log.append(batch)


def to_sqlite(path: Path, batches: list[list[bytes]]) -> None:
    """Insert into a table, without tree or signature."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, body BLOB, leaf BLOB)")
        for batch in batches:
            leaves = [(body, hashlib.sha256(b"\x00" + body).digest()) for body in batch]
            database.executemany("INSERT INTO entry (body, leaf) VALUES (?, ?)", leaves)
            database.commit()
    database.close()


def cpu_seconds(work: Callable[[], None]) -> float:
    """Give user and system seconds that the work took."""
    before = sum(os.times()[:2])
    work()
    return sum(os.times()[:2]) - before


if __name__ == "__main__":
    main()
