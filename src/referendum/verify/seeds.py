"""Seeds that nobody chooses, worked out again from their specification (record.md, section 13)."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from referendum.verify.act_schemas import is_plain, is_time
from referendum.verify.canonical import encode
from referendum.verify.names import is_blank, name_key
from referendum.verify.officer_keys import COMMITMENTS, check_signature, read_officer_key
from referendum.verify.report import Mismatch

_MEMBERS = {"dice", "kind", "nonce", "parties", "until"}
_DIE_FACES = {6: frozenset("123456"), 10: frozenset("0123456789")}
_64_DIGITS = re.compile(r"[0-9a-f]{64}", re.ASCII)

LONGEST_SEED = 100

TextsByParty = Sequence[tuple[str, str]]
"""Who said what, in order: a party and its commitment, or a party and its secret."""


def check_call(call: Any) -> None:  # noqa: ANN401
    """See that an object is a call for a seed."""
    if not isinstance(call, dict) or set(call) - {"keys"} != _MEMBERS:
        raise Mismatch(f"a call for a seed has the members {', '.join(sorted(_MEMBERS))}")
    kind, until, parties = call["kind"], call["until"], call["parties"]
    if not isinstance(kind, str) or not re.fullmatch(
        r"[a-z]{1,40}(\.[a-z_]{1,40})?", kind, re.ASCII
    ):
        raise Mismatch("a call for a seed names no kind of act")
    if not isinstance(call["nonce"], str) or not _64_DIGITS.fullmatch(call["nonce"]):
        raise Mismatch("the nonce of a call is not 64 hexadecimal digits")
    if not is_time(until) or until.endswith("Z") or until < "1583":
        raise Mismatch("a call does not say until when secrets are revealed")
    if not isinstance(parties, list) or len(parties) > 50 or not all(map(_is_name, parties)):
        raise Mismatch("the parties of a call are not up to 50 names")
    if len({name_key(party) or party for party in parties}) < len(parties):
        raise Mismatch("two parties of a call have one name")
    if call["dice"] is not None:
        _check_dice_called(call["dice"])
    elif not parties:
        raise Mismatch("a call names neither parties nor dice")
    if "keys" in call:
        _check_keys(call["keys"], parties)


def _is_name(name: Any) -> bool:  # noqa: ANN401
    if not isinstance(name, str) or not 1 <= len(name) <= 200:
        return False
    return is_plain(name) and not is_blank(name) and name.strip() == name


def _check_keys(keys: Any, parties: Sequence[str]) -> None:  # noqa: ANN401
    if not isinstance(keys, dict) or not keys or not all(isinstance(k, str) for k in keys.values()):
        raise Mismatch("the keys of a call are not key lines by party")
    if any(party not in parties for party in keys):
        raise Mismatch("a call has the key of a party that it does not call")
    blobs = {read_officer_key(line).blob for line in keys.values()}
    if len(blobs) < len(keys):
        raise Mismatch("two parties of a call have one key")


def _check_dice_called(dice: Any) -> None:  # noqa: ANN401
    if not isinstance(dice, dict) or set(dice) != {"by", "rolls", "sides"}:
        raise Mismatch("the dice of a call have other members than by, rolls, sides")
    numbers = [dice["rolls"], dice["sides"]]
    if any(type(number) is not int for number in numbers) or not _is_name(dice["by"]):
        raise Mismatch("the dice of a call are not a name and two numbers")
    if dice["sides"] not in _DIE_FACES or not 20 <= dice["rolls"] <= 100:
        raise Mismatch("a call is for 20 to 100 dice of 6 or of 10 sides")


def call_digest(call: Mapping[str, Any]) -> str:
    """Give the digest of a call."""
    return hashlib.sha256(encode(dict(call))).hexdigest()


def commitment(call: Mapping[str, Any], party: str, secret: str) -> str:
    """Give a party's commitment to a secret, which is given in its digits."""
    text = f"referendum seed commitment v1\n{call_digest(call)}\n{party}\n{secret}\n"
    return hashlib.sha256(text.encode()).hexdigest()


def check_commitment_signature(call: Mapping[str, Any], statement: Mapping[str, Any]) -> None:
    """See that a party signed its commitment if the call names its key, and only then.

    Args:
        call: one that was checked.
        statement: `party`, `commitment`, and `signature` where there is one.
    """
    party, line = statement["party"], call.get("keys", {}).get(statement["party"])
    if (line is None) != ("signature" not in statement):
        raise Mismatch(
            f"{party} signed its commitment and the call names no key of it"
            if line is None
            else f"{party} did not sign its commitment, and the call names its key"
        )
    if line is not None:
        lines = (
            "referendum signed commitment v1",
            call_digest(call),
            party,
            statement["commitment"],
        )
        message = "".join(f"{line}\n" for line in lines).encode()
        check_signature(read_officer_key(line), message, statement["signature"], COMMITMENTS)


def seed_of(
    call: Mapping[str, Any],
    commitments: TextsByParty,
    reveals: TextsByParty,
    dice: Mapping[str, Any] | None,
) -> str:
    """Work out the seed of a call: the digest of its text."""
    return hashlib.sha256(seed_text(call, commitments, reveals, dice).encode()).hexdigest()


def seed_text(
    call: Mapping[str, Any],
    commitments: TextsByParty,
    reveals: TextsByParty,
    dice: Mapping[str, Any] | None,
) -> str:
    """Write the text of which the seed is the digest.

    Args:
        call: one that was checked.
        commitments: of the parties: 64 hexadecimal digits.
        reveals: of the parties: their secrets in 64 hexadecimal digits.
        dice: `by`, `digits`, `sides`; None where none were rolled.
    """
    committed = _texts_by_party(call, commitments, "committed itself")
    secrets = _texts_by_party(call, reveals, "revealed a secret")
    for party, secret in secrets.items():
        if not _64_DIGITS.fullmatch(secret):
            raise Mismatch(f"the secret of {party} is not 64 hexadecimal digits")
        if committed.get(party) != commitment(call, party, secret):
            raise Mismatch(f"the secret of {party} is not the one that it committed itself to")
    if (call["dice"] is None) != (dice is None):
        raise Mismatch("dice were called and not rolled, or rolled and not called")
    lines = ["referendum seed v1", f"call {call_digest(call)}"]
    for party in call["parties"]:
        known = secrets.get(party)
        lines.append(f"none {party}" if known is None else f"secret {known} {party}")
    if dice is None:
        lines.append("no dice")
        if not secrets:
            raise Mismatch("nobody revealed a secret and there were no dice")
    else:
        lines.append(_dice_line(call["dice"], dice))
    return "".join(f"{line}\n" for line in lines)


def _texts_by_party(call: Mapping[str, Any], said: TextsByParty, did: str) -> dict[str, str]:
    for party, _ in said:
        if party not in call["parties"]:
            raise Mismatch(f"{party[:80]!r} {did} and is not called")
    parties = dict(said)
    if len(parties) < len(said):
        raise Mismatch(f"a party {did} twice")
    return parties


def _dice_line(called: Mapping[str, Any], dice: Mapping[str, Any]) -> str:
    check_dice(called, dice)
    return f"dice {dice['sides']} {dice['digits']} {dice['by']}"


def check_dice(called: Mapping[str, Any], dice: Mapping[str, Any]) -> None:
    """See that dice are those that were called, and that somebody rolled them."""
    by, digits, sides = dice["by"], dice["digits"], dice["sides"]
    if (by, sides, len(digits)) != (called["by"], called["sides"], called["rolls"]):
        raise Mismatch("the dice are not those that were called")
    if not set(digits) <= _DIE_FACES[sides]:
        raise Mismatch(f"a die of {sides} sides does not show {digits[:100]}")
    if is_patterned(digits):
        raise Mismatch("the dice repeat themselves or count: nobody rolled them")


def is_patterned(seed: str) -> bool:
    """Whether a seed is long, has few characters, is a repetition, or counts up or down."""
    size = len(seed)
    if size > LONGEST_SEED:
        return True
    repeats = any(
        all(seed[i] == seed[i - p] for i in range(p, size)) for p in range(1, size // 2 + 1)
    )
    longest = 0
    for step in (-1, 0, 1):
        length = 1
        for i in range(1, size):
            gap = ord(seed[i]) - ord(seed[i - 1]) - step
            both = seed[i].isdigit() and seed[i - 1].isdigit()
            length = length + 1 if gap == 0 or (both and gap % 10 == 0) else 1
            longest = max(longest, length)
    return len(set(seed)) < 3 or repeats or longest >= 11
