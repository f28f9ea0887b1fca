"""Checkpoints that a witness cosigns in a second, over HTTP, each on the disk before its answer.

The witness runs in a process of its own on one core. Checkpoints that come together share a sync. A
log that sends the next one only after the answer to the last is bounded by the disk: one sync each.
"""

import hashlib
import multiprocessing
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from referendum.record.log import Checkpoint, Signer, new_signer
from referendum.record.log.merkle import consistency_proof, leaf_hash, node_hash, root_hash
from referendum.record.witness import (
    Witness,
    WitnessServer,
    WitnessState,
    logs_by_origin,
    new_cosigner,
)
from referendum.record.witness.protocol import write_submission

LOGS = 256
CONNECTIONS = 32
GROWTH = 24
ONE_LOG = 3_000
IN_FLIGHT = 12
FIRST = 1_000
"""Entries of each log at its first checkpoint."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        print(f"witness: one sync of 4 kB takes {sync_seconds(Path(folder)) * 1000:.1f} ms here")
        many = [new_signer(f"bench.example/{number}") for number in range(LOGS)]
        requests = [list(growth(signer, GROWTH)) for signer in many]
        print(f"  {LOGS} logs by {CONNECTIONS} connections: ", end="", flush=True)
        work = [_in_turn(requests[n::CONNECTIONS]) for n in range(CONNECTIONS)]
        run(Path(folder) / "many", many, work)
        one = new_signer("bench.example/one")
        requests = list(growth(one, ONE_LOG))
        print(f"  one log that grows, {IN_FLIGHT} checkpoints on their way: ", end="", flush=True)
        groups = zip(*[iter(requests)] * IN_FLIGHT, strict=True)
        run(Path(folder) / "one", [one], [(b"".join(group) for group in groups)])
        print("  one log that grows, each after the answer to the last: ", end="", flush=True)
        run(Path(folder) / "alone", [one], [iter(requests)])


def _in_turn(logs: list[list[bytes]]) -> Iterator[bytes]:
    return (request for turn in zip(*logs, strict=True) for request in turn)


def growth(signer: Signer, steps: int) -> Iterator[bytes]:
    """Give the requests for a log's checkpoints, one after the other."""
    levels = [[leaf_hash(b"%d" % number) for number in range(FIRST + steps)]]
    while len(levels[-1]) > 1:
        row = levels[-1]
        pairs = zip(row[::2], row[1::2], strict=False)
        levels.append([node_hash(left, right) for left, right in pairs])

    def node(level: int, index: int) -> bytes:
        return levels[level][index]

    old = 0
    for size in range(FIRST, FIRST + steps):
        note = signer.sign(Checkpoint(signer.name, size, root_hash(node, size)))
        body = write_submission(old, consistency_proof(node, old, size), note)
        head = f"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {len(body)}\r\n\r\n"
        yield head.encode() + body
        old = size


def run(folder: Path, signers: list[Signer], work: list[Iterator[bytes]]) -> None:
    """Let each connection send its requests, and time all."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there, folder, signers))
    server.start()
    port = here.recv()
    sent: list[int] = []
    threads = [threading.Thread(target=send, args=(port, one, sent)) for one in work]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    here.send("stop")
    cpu = here.recv()
    server.join()
    count = sum(sent)
    print(
        f"{count:,} cosigned in {took:.1f} s, {count / took:,.0f} a second;"
        f" {cpu / count * 1000:.2f} ms of CPU each ({count / cpu:,.0f} a second of one core)"
    )


def serve(pipe: Connection, folder: Path, signers: list[Signer]) -> None:
    """Run a witness on one core until told to stop; give its seconds of CPU."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cosigner = new_cosigner("witness.bench.example")
    logs = logs_by_origin(signer.verifier for signer in signers)
    with WitnessState.open(folder, cosigner.verifier) as state:
        server = WitnessServer(("127.0.0.1", 0), Witness(cosigner, logs, state))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        before = sum(os.times()[:2])
        pipe.send(server.server_address[1])
        pipe.recv()
        pipe.send(sum(os.times()[:2]) - before)
        server.shutdown()
        thread.join()
        server.server_close()


def send(port: int, requests: Iterator[bytes], sent: list[int]) -> None:
    """Send requests over one connection; some may be several at once."""
    count = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = connection.makefile("rb")
        for request in requests:
            connection.sendall(request)
            for _ in range(request.count(b"POST /add-checkpoint ")):
                receive(answers)
                count += 1
    sent.append(count)


def receive(answers: IO[bytes]) -> None:
    """Read one answer, which must be a cosignature."""
    status = answers.readline()
    length = 0
    while (line := answers.readline()) != b"\r\n":
        if line.startswith(b"Content-Length: "):
            length = int(line.split()[1])
    body = answers.read(length)
    if status.split()[1] != b"200":
        raise RuntimeError(status, body)


def sync_seconds(folder: Path, times: int = 200) -> float:
    """Give the seconds that one write of 4 kB takes to be on the disk."""
    handle = os.open(folder / "sync", os.O_CREAT | os.O_WRONLY)
    began = time.perf_counter()
    for number in range(times):
        os.write(handle, hashlib.sha256(b"%d" % number).digest() * 128)
        os.fdatasync(handle)
    os.close(handle)
    return (time.perf_counter() - began) / times


if __name__ == "__main__":
    main()
