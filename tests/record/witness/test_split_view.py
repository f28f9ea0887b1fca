"""A log that shows two observers two histories: k of n witnesses let only one pass."""

import pytest
from tests.record.witness.growing_logs import GrowingLog, opened_witness

from referendum.record.witness import add_cosignatures, find_cosignatures, new_cosigner, read_policy

LOG = GrowingLog()
NOW = 1_800_000_000


def collect(log, old, size, witnesses):
    """Give the log's checkpoint with what the witnesses cosign of it."""
    replies = [witness.add_checkpoint(log.body(old, size)) for witness in witnesses]
    return add_cosignatures(log.note(size), [one.body for one in replies if one.status == 200])


def policy_of(witnesses, threshold):
    keys = [witness.cosigner.verifier for witness in witnesses]
    lines = [f"witness w{number} {key}" for number, key in enumerate(keys)]
    members = " ".join(f"w{number}" for number in range(len(keys)))
    text = "\n".join([*lines, f"group g {threshold} {members}", "quorum g", ""])
    return read_policy(text.encode(), "policy"), keys


@pytest.fixture
def five(tmp_path):
    """Five witnesses that have cosigned three acts."""
    contexts = [
        opened_witness(tmp_path / str(number), LOG, cosigner=new_cosigner(f"w{number}.example"))
        for number in range(5)
    ]
    with contexts[0] as a, contexts[1] as b, contexts[2] as c, contexts[3] as d, contexts[4] as e:
        witnesses = [a, b, c, d, e]
        for witness in witnesses:
            assert witness.add_checkpoint(LOG.body(0, 3)).status == 200
        yield witnesses


@pytest.mark.parametrize("first", [(), (4,), (0, 3), (1, 2, 4), (0, 1, 2, 3), (0, 1, 2, 3, 4)])
def test_only_one_of_two_histories_gets_three_of_five_however_the_witnesses_are_split(five, first):
    policy, keys = policy_of(five, 3)
    forks = [LOG.fork(3, "to one observer "), LOG.fork(3, "to the other ")]
    # Some are asked with one history first, the rest with the other; then all with both.
    collect(forks[0], 3, 6, [five[number] for number in first])
    collect(forks[1], 3, 6, [five[number] for number in range(5) if number not in first])
    signed = [find_cosignatures(collect(fork, 6, 6, five), keys) for fork in forks]
    assert [len(one) for one in signed] == [len(first), 5 - len(first)]
    assert sum(policy.is_met(one) for one in signed) == 1


def test_an_honest_majority_is_enough_where_the_others_sign_everything(five):
    policy, keys = policy_of(five, 4)
    dishonest = five[:2]
    forks = [LOG.fork(3, "to one observer "), LOG.fork(3, "to the other ")]
    honest = {0: five[2:4], 1: five[4:]}
    notes = []
    for number, fork in enumerate(forks):
        everything = [one.cosigner.cosign(fork.checkpoint(6).text, NOW) for one in dishonest]
        asked_first = collect(fork, 3, 6, honest[number])
        asked_all = collect(fork, 6, 6, five[2:])
        lines = [note.decode().split("\n\n")[1].splitlines(keepends=True)[1:]
                 for note in (asked_first, asked_all)]  # fmt: skip
        cosigned = [line for part in lines for line in part]
        notes.append(add_cosignatures(fork.note(6), [*everything, *cosigned]))
    met = [policy.is_met(find_cosignatures(note, keys)) for note in notes]
    assert met == [True, False]


def test_with_too_few_asked_for_both_pass_and_the_policy_is_to_blame(five):
    policy, keys = policy_of(five, 2)
    forks = [LOG.fork(3, "to one observer "), LOG.fork(3, "to the other ")]
    notes = [collect(forks[0], 3, 6, five[:2]), collect(forks[1], 3, 6, five[2:])]
    assert [policy.is_met(find_cosignatures(note, keys)) for note in notes] == [True, True]


def test_a_log_that_forked_keeps_its_witnesses_only_on_the_history_that_each_saw(five):
    forks = [LOG.fork(3, "to one observer "), LOG.fork(3, "to the other ")]
    for fork, some in zip(forks, (five[:3], five[3:]), strict=True):
        assert [witness.add_checkpoint(fork.body(3, 5)).status for witness in some] == [200] * len(
            some
        )
    for fork, others in zip(forks, (five[3:], five[:3]), strict=True):
        for size, status in ((5, 409), (9, 422)):
            statuses = [witness.add_checkpoint(fork.body(5, size)).status for witness in others]
            assert statuses == [status] * len(others)
