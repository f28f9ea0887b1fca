"""Rules of machines on calls for seeds: every step at any time, rightly and wrongly."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from small_records import AGAIN, stamp
from tests.seeds.ceremonies import (
    DICE,
    PARTIES,
    ROLLED,
    called,
    later,
    make_seed,
    secret_of,
)

from referendum.core.seeds import make_commitment
from referendum.flows import seeds

DRAWS = st.sampled_from(["draw", "risk.draw", "audit.draw"])
SOMEBODY = st.sampled_from([*PARTIES, PARTIES[0].upper(), "Somebody else"])


class CallsForSeeds:
    """What a machine does with seeds; it has `made`, a record, and `do`, a step of a kind."""

    @rule(again=AGAIN, draw=DRAWS, parties=st.integers(0, 3), dice=st.booleans())
    def call_for_a_seed(self, again, draw, parties, dice):
        def step(record, at):
            names, rolled = PARTIES[:parties], DICE if dice else None
            seeds.call_seed(record, draw, names, later(hours=1), rolled, at)

        self.do("seed.call", again, step)

    @rule(again=AGAIN, draw=DRAWS, party=SOMEBODY, right=st.booleans())
    def commit_to_a_secret(self, again, draw, party, right):
        def step(record, at):
            secret = bytes.fromhex(secret_of(party, draw))
            fits = right and party in PARTIES and seeds.unused_call(record.standings, draw)
            digest = "00" * 32
            if fits and party in called(record, draw).parties:
                digest = make_commitment(called(record, draw), party, secret)
            seeds.commit(record, draw, party, digest, at)

        self.do("seed.commit", again, step)

    @rule(again=AGAIN, draw=DRAWS, party=SOMEBODY)
    def reveal_a_secret(self, again, draw, party):
        def step(record, at):
            seeds.reveal(record, draw, party, secret_of(party, draw), at, without_waiting=True)

        self.do("seed.reveal", again, step)

    @rule(again=AGAIN, digits=st.sampled_from([ROLLED, ROLLED, ROLLED[1:], "1" * 20]))
    def roll(self, again, digits):
        self.do("seed.dice", again, lambda *args: seeds.roll_dice(args[0], None, digits, args[1]))

    @rule(again=AGAIN)
    def close(self, again):
        self.do("seed.close", again, lambda *args: seeds.close_call(args[0], None, args[1]))

    @rule(draw=DRAWS, put_right=st.booleans())
    def make_a_seed(self, draw, put_right):
        """A call that is answered in full, or is not allowed from the beginning."""

        def step(record):
            at = stamp(record, "seed.call", "standing" if put_right else "no")
            make_seed(record, draw, stamp=at)

        self.made.act(step)
