"""Parties that make a seed together on a record, step by step."""

from datetime import UTC, datetime, timedelta

from referendum.core.seeds import DiceCall, make_commitment
from referendum.flows.seeds import call_seed, close_call, commit, reveal, roll_dice
from referendum.record.seed_calls import read_call, unused_call
from referendum.record.stamps import Stamp

PARTIES = ("Elections office", "Yes campaign", "No campaign")
DICE = DiceCall("Returning officer", 10, 20)
ROLLED = "73501962408817395526"


def later(**by):
    """A time after now, as a call has it."""
    return (datetime.now(UTC) + timedelta(**by)).isoformat(timespec="seconds")


def secret_of(party, draw="draw"):
    """The secret of a party, which a test may know."""
    return (f"{draw} {party}".encode() * 32)[:32].hex()


def called(record, draw):
    """The call for a draw that waits, as commitments are bound to it."""
    return read_call(unused_call(record.standings, draw).act.parameters)


def call(record, draw="draw", parties=PARTIES, until=None, dice=DICE, stamp=None):
    """Call for a seed."""
    return call_seed(record, draw, parties, until or later(hours=1), dice, stamp or Stamp())


def commit_all(record, draw="draw", parties=PARTIES):
    """Let parties commit to their secrets."""
    for party in parties:
        secret = bytes.fromhex(secret_of(party, draw))
        commit(record, draw, party, make_commitment(called(record, draw), party, secret), Stamp())


def reveal_all(record, draw="draw", parties=PARTIES, *, without_waiting=False):
    """Let parties reveal their secrets."""
    for party in parties:
        secret = secret_of(party, draw)
        reveal(record, draw, party, secret, Stamp(), without_waiting=without_waiting)


def make_seed(record, draw="draw", digits=ROLLED, stamp=None):
    """Make a seed by all parties and dice, and give the act that closes the call."""
    call(record, draw, stamp=stamp)
    commit_all(record, draw)
    reveal_all(record, draw)
    roll_dice(record, draw, digits, Stamp())
    return close_call(record, draw, Stamp())
