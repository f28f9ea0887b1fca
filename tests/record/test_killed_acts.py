"""Kill -9 in the middle of acts: the record opens, verifies and goes on."""

import multiprocessing
import random
import time

from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.record.log import load_signer, write_new_key
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

KILLS, MOST_KILLS = 40, 200
"""On a machine so busy that the children do nothing, more of them are tried."""

# Children come from a fresh server that has the packages loaded: a fork of the tests' own process
# would inherit locks of threads that do not live on.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["referendum.flows.count.returns"])


def act_until_killed(folder, key, delivery):
    """Correct the returns and declare the result, over and over."""
    while True:
        with RecordWriter.hold(folder, lambda origin: load_signer(key, origin)) as record:
            earlier = record.standing("returns.receive")
            again = Stamp(corrects=earlier.number, reason="once more") if earlier else Stamp()
            receive_returns(record, delivery, again)
            declare_result(record, Stamp())


def kill_in_the_middle(delay, *arguments):
    """Let a child work on the record, and kill it after `delay` seconds."""
    child = CONTEXT.Process(target=act_until_killed, args=arguments)
    child.start()
    time.sleep(delay)
    child.kill()
    child.join()


def test_a_record_survives_kills_in_the_middle_of_acts(new_vote, tmp_path):
    key = tmp_path / "key.pem"
    made = new_vote(write_new_key(key, "tests.example/killed"))
    folder = made.folder.parent
    files = (folder / "returns.csv", folder / "electors.csv")
    delivery = ReturnsFiles(*files, "referendum", "all", provisional=False, accept=("rows",))
    chance = random.Random(20231014)  # noqa: S311 - moments to kill at, nothing secret
    acts = 1
    for number in range(MOST_KILLS):
        if number >= KILLS and acts > 10:
            break
        # On a busy machine the children get more time, until some of them have acted.
        patience = 1 if acts > 10 else 1 + number / 2
        kill_in_the_middle(chance.uniform(0.01, 0.25) * patience, made.folder, key, delivery)
        record = Record.open(made.folder)
        assert len(record.acts) >= acts
        acts = len(record.acts)
        report = verify(str(made.folder), key=str(made.signer.verifier))
        assert report.holds, report.failures
    assert acts > 10, "the children were killed before they did anything"
    with made.hold() as record:
        last = record.standing("returns.receive")
        receive_returns(
            record, delivery, Stamp(corrects=last.number, reason="one form was misread")
        )
    assert len(Record.open(made.folder).acts) == acts + 1
