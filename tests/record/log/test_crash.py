"""Kill -9 at random moments: the log opens, verifies and goes on; nothing acknowledged is lost."""

import os
import random
import signal
import struct
import time

from referendum.record.log import Log, LogWriter, new_signer
from referendum.record.log.merkle import root_hash
from referendum.record.log.tiles import Edge

KILLS = 220
SIGNER = new_signer("elections.example/log")


def entry(number):
    return b"act %d " % number + b"x" * (number % 50)


def write_until_killed(folder, pipe):
    """Append batches of one to three entries, saying each time what is now durable."""
    with LogWriter.hold(folder, SIGNER) as log:
        while True:
            batch = range(log.size, log.size + 1 + log.size % 3)
            log.append([entry(number) for number in batch])
            os.write(pipe, struct.pack(">Q", log.size))


def kill_a_writer(folder, delay):
    """Start a writer, kill it after `delay` seconds, and give the last size it acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            write_until_killed(folder, writing)
        finally:
            os._exit(1)
    os.close(writing)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    return struct.unpack(">Q", said[-8:])[0] if said else 0


def test_no_kill_loses_an_acknowledged_entry_or_spoils_the_log(tmp_path):
    chance = random.Random(20260503)  # noqa: S311 - moments to kill at, nothing secret
    with LogWriter.create(tmp_path, SIGNER):
        pass
    acknowledged = appended = 0
    for number in range(KILLS):
        # On a busy machine writers get more time, until some of them have written.
        patience = 1 if appended > 20 else 1 + number / 20
        delay = chance.uniform(0.001, 0.02) * patience
        acknowledged = max(acknowledged, kill_a_writer(tmp_path, delay))
        log = Log.open(tmp_path, SIGNER.verifier)
        assert log.size >= acknowledged
        assert log.size >= appended
        entries = list(log.entries())
        assert entries == [entry(number) for number in range(log.size)]
        edge, _ = Edge().extended(entries)
        assert root_hash(edge.node, edge.size) == log.root
        appended = log.size
    with LogWriter.hold(tmp_path, SIGNER) as log:
        log.append([entry(log.size)])
    assert Log.open(tmp_path, SIGNER.verifier).size == appended + 1
    assert appended > 20, "the writers were killed before they wrote anything"
