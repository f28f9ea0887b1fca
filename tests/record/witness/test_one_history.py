"""Two clients at once never get two histories: by threads, by processes, over kill -9."""

import multiprocessing
import random
import threading
import time
from collections import Counter

from tests.record.witness.growing_logs import GrowingLog, opened_witness, post

from referendum.record.log import VerifierKey, new_signer
from referendum.record.witness import (
    Witness,
    WitnessServer,
    WitnessState,
    find_cosignatures,
    load_cosigner,
    logs_by_origin,
    write_new_cosigner,
)

KILLS = 25
RACES = 25

# Children come from a fresh server that has the packages loaded: a fork of the tests' own process
# would inherit locks of threads that do not live on.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["referendum.record.witness"])


def race(*calls):
    """Do things at once, each in a thread; give what each gave."""
    barrier = threading.Barrier(len(calls))
    results = [None] * len(calls)

    def run(place, call):
        barrier.wait()
        results[place] = call()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_many_threads_with_different_histories_one_wins(tmp_path):
    logs = [GrowingLog(new_signer(f"log{number}.example")) for number in range(RACES)]
    with opened_witness(tmp_path, *logs) as witness:
        for log in logs:
            forks = [log.fork(0, f"history {number} ") for number in range(8)]
            bodies = [fork.body(0, 3 + number % 2) for number, fork in enumerate(forks)]
            replies = race(*(lambda body=body: witness.add_checkpoint(body) for body in bodies))
            assert Counter(reply.status for reply in replies) == {200: 1, 409: 7}
            winner = forks[[reply.status for reply in replies].index(200)]
            known = witness.state.last_cosigned(log.signer.name).tree.size
            forks.remove(winner)
            later = [witness.add_checkpoint(fork.body(known, 9)).status for fork in forks]
            assert later == [422] * 7
            assert witness.add_checkpoint(winner.body(known, 9)).status == 200


def serve(folder, key_file, keys, pipe):
    """Be a witness until killed."""
    cosigner = load_cosigner(key_file)
    trusted = logs_by_origin(VerifierKey.parse(key) for key in keys)
    with WitnessState.open(folder, cosigner.verifier) as state:
        server = WitnessServer(("127.0.0.1", 0), Witness(cosigner, trusted, state))
        pipe.send(server.server_address[1])
        server.serve_forever()


class Child:
    """A witness in a process of its own."""

    def __init__(self, folder, key_file, logs):
        here, there = CONTEXT.Pipe()
        keys = [str(log.signer.verifier) for log in logs]
        self.process = CONTEXT.Process(target=serve, args=(folder, key_file, keys, there))
        self.process.start()
        self.server_address = ("127.0.0.1", here.recv())

    def kill(self):
        self.process.kill()
        self.process.join()


def test_of_two_processes_with_one_state_one_history_comes(tmp_path):
    key = write_new_cosigner(tmp_path / "key.pem", "witness.example/w").verifier
    logs = [GrowingLog(new_signer(f"log{number}.example")) for number in range(RACES)]
    children = [Child(tmp_path / "state", tmp_path / "key.pem", logs) for _ in range(2)]
    try:
        for log in logs:
            forks = [log.fork(0, "one "), log.fork(0, "two ")]
            calls = [
                lambda child=child, fork=fork: post(child, fork.body(0, 2))
                for child, fork in zip(children, forks, strict=True)
            ]
            answers = race(*calls)
            assert sorted(answer[0] for answer in answers) == [200, 409]
            won = [answer[0] for answer in answers].index(200)
            assert find_cosignatures(forks[won].note(2) + answers[won][2].encode(), [key])
            for child in children:
                assert post(child, forks[1 - won].body(2, 5))[0] == 422
            assert post(children[1 - won], forks[won].body(2, 5))[0] == 200
    finally:
        for child in children:
            child.kill()


def grow(child, log, cosigned, key, stop):
    """Ask for one checkpoint of a history after the other, and keep each that is cosigned."""
    known = 0
    while not stop.is_set():
        size = known + 1 + known % 3
        try:
            status, _, answer = post(child, log.body(known, size))
        except (OSError, EOFError):
            return  # killed
        if status == 200:
            assert find_cosignatures(log.note(size) + answer.encode(), [key])
            cosigned.append((size, log.root(size)))
            known = size
        elif status == 409 and int(answer) != known:
            known = int(answer)
        else:
            return  # the other history has won


def test_no_kill_makes_a_second_history_or_a_lower_size(tmp_path):
    key = write_new_cosigner(tmp_path / "key.pem", "witness.example/w").verifier
    chance = random.Random(20260503)  # noqa: S311 - moments to kill at, nothing secret
    logs = [GrowingLog(new_signer(f"log{number}.example")) for number in range(KILLS // 5)]
    cosigned = {log.signer.name: [] for log in logs}
    answered = 0
    for number in range(KILLS):
        log = logs[number // 5]
        child = Child(tmp_path / "state", tmp_path / "key.pem", logs)
        got = cosigned[log.signer.name]
        stop = threading.Event()
        threads = [
            threading.Thread(target=grow, args=(child, log.fork(0, history), got, key, stop))
            for history in ("one ", "two ", "one ", "two ")
        ]
        for thread in threads:
            thread.start()
        # On a busy machine it gets more time, until something was cosigned.
        time.sleep(chance.uniform(0.01, 0.3) * (1 if answered > 10 else 1 + number / 2))
        child.kill()
        stop.set()
        for thread in threads:
            thread.join()
        answered += len(got)
        with WitnessState.open(tmp_path / "state", key) as state:
            seen = state.last_cosigned(log.signer.name)
        largest = max(got, default=(0, b""))
        assert (seen.tree.size if seen else 0) >= largest[0]
        if seen and seen.tree.size == largest[0]:
            assert seen.tree.root == largest[1]
    assert answered > 10, "the witness was killed before it did anything"
    for log in logs:
        histories = {
            history
            for size, root in cosigned[log.signer.name]
            for history in ("one ", "two ")
            if log.fork(0, history).root(size) == root
        }
        assert len(histories) <= 1
