"""How the demonstration makes a seed: by three parties and by dice, one step after the other."""

import secrets
from datetime import timedelta

from referendum.core.days import utc_text
from referendum.core.seeds import SECRET_BYTES, DiceCall, make_commitment
from referendum.flows.seeds import call_seed, close_call, commit, reveal, roll_dice
from referendum.record.acts import Act
from referendum.record.seed_calls import read_call
from referendum.record.stamps import Stamp, now
from referendum.record.writing import RecordWriter

PARTIES = ("Elections office", "Yes campaign (made up)", "No campaign (made up)")
ROLLER = "Notary (made up)"


def make_seed(record: RecordWriter, draw: str, digits: str, day: str) -> Act:
    """Call the parties, let them commit to secrets and reveal them, roll dice and close.

    Args:
        record: the record, on which stands what is drawn from.
        draw: kind of the draw.
        digits: what the dice show.
        day: of every step.

    Returns:
        The act that makes the seed.
    """
    at = Stamp(at=day)
    until = utc_text(now() + timedelta(hours=1))
    dice = DiceCall(ROLLER, 10, len(digits))
    called = call_seed(record, draw, PARTIES, until, dice, at)
    call = read_call(called.parameters)
    own = {party: secrets.token_bytes(SECRET_BYTES) for party in PARTIES}
    for party, secret in own.items():
        commit(record, draw, party, make_commitment(call, party, secret), at)
    for party, secret in own.items():
        reveal(record, draw, party, secret.hex(), at)
    roll_dice(record, draw, digits, at)
    return close_call(record, draw, at)
