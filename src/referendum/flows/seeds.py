"""Seeds that nobody chooses: the call, the secrets of those who take part, the dice, the seed."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from referendum.core.canonical import Json, canonical_json
from referendum.core.errors import InputError, OrderError
from referendum.core.seeds import (
    Commitment,
    Dice,
    DiceCall,
    Reveal,
    SeedCall,
    combine_seed,
    read_digits,
    read_secret,
)
from referendum.record.acts import Act
from referendum.record.bundles import Draft
from referendum.record.reading import Inputs, Record
from referendum.record.seed_calls import open_calls, require_all_committed, unused_call
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter


def call_seed(
    record: RecordWriter,
    draw: str,
    parties: Sequence[str],
    until: str,
    dice: DiceCall | None,
    stamp: Stamp,
    *,
    keys: Mapping[str, str] | None = None,
) -> Act:
    """Call parties, and dice, to make the seed of a draw; what is drawn from stands already.

    Args:
        record: the record.
        draw: kind of the draw: `draw`, `risk.draw` or `audit.draw`.
        parties: who commits to a secret, in the order in which the secrets are taken.
        until: when the reveals end: a time in UTC.
        dice: what will be rolled after the reveals; None for no dice.
        stamp: of the act.
        keys: public key lines of the parties that sign their commitments, by party.

    Raises:
        InputError: the call cannot be followed, or its time is past.
        KeyFault: a key of a party is none, or that of an officer or of the log.
        OrderError: what is drawn from does not stand yet, or a call waits to be used.
    """
    record.require_allowed("seed.call", stamp)
    call = SeedCall(draw, tuple(parties), until, secrets.token_hex(32), dice, keys or {})
    members = {name: value for name, value in call.document.items() if name != "kind"}
    record.roster.require_party_keys(call.keys)
    parameters = {"for": draw, **members}
    facts = {"call": f"sha256:{call.digest}"}
    return _receive(record, "seed.call", parameters, call.document, stamp, facts)


def commit(
    record: RecordWriter,
    draw: str | None,
    party: str,
    commitment: str,
    stamp: Stamp,
    *,
    signature: str | None = None,
) -> Act:
    """Publish a party's commitment to its secret, before anybody reveals one.

    Args:
        record: the record.
        draw: kind of the draw that the seed is for; None where one call alone is open.
        party: as the call names it.
        commitment: 64 hexadecimal digits.
        stamp: of the act.
        signature: by the party's key, where the call names one: SSHSIG, as `ssh-keygen` writes it.

    Raises:
        InputError: the party is not called, or the commitment has another form.
        KeyFault, RecordError: its signature lacks, or is not by the key that the call names.
        OrderError: it has committed already, a secret was revealed, or the call is over.
    """
    record.require_allowed("seed.commit", stamp)
    document = {"party": party, "commitment": read_digits(commitment, "a commitment")}
    if signature is not None:
        document["signature"] = signature
    return _answer(record, "seed.commit", draw, document, stamp)


def reveal(
    record: RecordWriter,
    draw: str | None,
    party: str,
    secret: str,
    stamp: Stamp,
    *,
    without_waiting: bool = False,
) -> Act:
    """Publish the secret that a party has committed to.

    Args:
        record: the record.
        draw: kind of the draw that the seed is for; None where one call alone is open.
        party: as the call names it.
        secret: 64 hexadecimal digits.
        stamp: of the act.
        without_waiting: whether the reveals begin though a party that is called has not committed:
            it is left out for good, and named.

    Raises:
        InputError: it is not the one, or has another form than 64 hexadecimal digits.
        OrderError: the party has committed to none or revealed it already, it comes too late, or
            not all have committed yet.
    """
    record.require_allowed("seed.reveal", stamp)
    document = {"party": party, "secret": read_secret(secret).hex()}
    draw = draw or draw_of_only_open_call(record)
    if not without_waiting:
        require_all_committed(record.standings, draw)
    return _answer(record, "seed.reveal", draw, document, stamp)


def roll_dice(record: RecordWriter, draw: str | None, digits: str, stamp: Stamp) -> Act:
    """Publish what the dice showed that were rolled in public after the reveals.

    Args:
        record: the record.
        draw: kind of the draw that the seed is for; None where one call alone is open.
        digits: in the order of the rolls; blanks between them are left out.
        stamp: of the act.

    Raises:
        InputError: they are not the dice that were called, or nobody rolled them.
        OrderError: a secret can still be revealed, or no dice were called.
    """
    record.require_allowed("seed.dice", stamp)
    draw = draw or draw_of_only_open_call(record)
    call = unused_call(record.standings, draw)
    called = call.call.dice if call else None
    by, sides = (called.by, called.sides) if called else ("nobody", 10)
    document: dict[str, Json] = {"by": by, "digits": "".join(digits.split()), "sides": sides}
    return _answer(record, "seed.dice", draw, document, stamp)


def close_call(record: RecordWriter, draw: str | None, stamp: Stamp) -> Act:
    """Make the seed from what was revealed and rolled; nothing can be added afterwards.

    Raises:
        OrderError: a secret can still be revealed, or the dice are not rolled.
    """
    return record.derive(MAKE_SEED, {"for": draw or draw_of_only_open_call(record)}, stamp)


def draw_of_only_open_call(record: Record) -> str:
    """Name the kind of draw of the only call that is open.

    Raises:
        OrderError: none is, or several are.
    """
    found = open_calls(record.standings)
    if not found:
        raise OrderError(
            "nobody is called to make a seed now",
            where=str(record.folder),
            hint=f"first do: referendum seed call {record.folder} --for draw",
        )
    if len(found) > 1:
        raise InputError(
            f"seeds are called for: {', '.join(found)}", hint="name one of them with --for"
        )
    return found[0]


def _answer(
    record: RecordWriter, kind: str, draw: str | None, document: dict[str, Any], stamp: Stamp
) -> Act:
    parameters = {"for": draw or draw_of_only_open_call(record), **document}
    return _receive(record, kind, parameters, document, stamp, {})


_BUNDLES = {
    "seed.call": "seed_call",
    "seed.commit": "seed_commitment",
    "seed.reveal": "seed_secret",
    "seed.dice": "seed_dice",
}


def _receive(
    record: RecordWriter,
    kind: str,
    parameters: dict[str, Any],
    document: Mapping[str, Json],
    stamp: Stamp,
    facts: dict[str, Any],
) -> Act:
    inputs = record.find_inputs(kind, parameters, stamp)
    bundle = _BUNDLES[kind]
    files = {f"{bundle}.json": canonical_json(dict(document))}
    outputs = Outputs((Draft(bundle, sealed=False, files=files, rows={}),), facts)
    return record.receive(kind, outputs, parameters, stamp, inputs=inputs)


def _close(inputs: Inputs, _: Mapping[str, Any]) -> Outputs:
    seed = combine_seed(
        SeedCall.read(inputs.document("seed_call")),
        [
            Commitment(one["party"], one["commitment"])
            for one in _documents(inputs, "seed_commitment")
        ],
        [
            Reveal(one["party"], read_secret(one["secret"]))
            for one in _documents(inputs, "seed_secret")
        ],
        next((Dice(**one) for one in _documents(inputs, "seed_dice")), None),
    )
    facts = {
        "seed": seed.seed,
        "revealed": list(seed.revealed),
        "withheld": list(seed.withheld),
        "absent": list(seed.absent),
    }
    files = {"seed.txt": seed.text.encode()}
    return Outputs((Draft("seed", sealed=False, files=files, rows={}),), facts)


def _documents(inputs: Inputs, kind: str) -> list[dict[str, Any]]:
    if kind not in inputs.bundles:
        return []
    return [part.document(kind) for part in inputs.parts(kind)]


MAKE_SEED = Derivation(
    kind="seed.close",
    section=lambda *_: "",
    make=_close,
)
