"""Logs in memory that grow and fork, and witnesses that answer over HTTP, for the tests."""

import http.client
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

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


@dataclass
class GrowingLog:
    """A log of entries that are texts; a fork has other entries from some place on."""

    signer: Signer = field(default_factory=lambda: new_signer("tests.example/log"))
    history: str = ""
    common: int = 0

    def node(self, level, index):
        if level == 0:
            history = self.history if index >= self.common else ""
            return leaf_hash(f"{history}{index}".encode())
        return node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))

    def fork(self, common, history="other "):
        """Give a log under the same key that has the first `common` entries and then others."""
        return GrowingLog(self.signer, history, common)

    def root(self, size):
        return root_hash(self.node, size)

    def checkpoint(self, size):
        return Checkpoint(self.signer.name, size, self.root(size))

    def note(self, size):
        return self.signer.sign(self.checkpoint(size))

    def proof(self, old, size):
        return consistency_proof(self.node, old, size)

    def body(self, old, size):
        return write_submission(old, self.proof(old, size), self.note(size))


@contextmanager
def opened_witness(folder, *logs, cosigner=None, **options):
    """A witness of some logs, with its state in a folder."""
    cosigner = cosigner or new_cosigner("witness.example/w")
    trusted = logs_by_origin(log.signer.verifier for log in logs)
    with WitnessState.open(folder, cosigner.verifier) as state:
        yield Witness(cosigner, trusted, state, **options)


@contextmanager
def served(witness, **options):
    """A server of a witness, running."""
    with WitnessServer(("127.0.0.1", 0), witness, **options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def post(server, body, path="/add-checkpoint", headers=None):
    """Post once; give status, type and text."""
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=30)
    try:
        connection.request("POST", path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()
    finally:
        connection.close()
