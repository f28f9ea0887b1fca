"""A seed that nobody chooses: from secrets that parties commit to and reveal, and from dice.

A call says what will be drawn, who takes part and what dice will be rolled. Each party publishes a
commitment to a secret; when all have, the secrets are revealed; then the dice are rolled. The seed
is the SHA-256 of a text that anybody can write down again. Section 13 of the record's specification
says what each of those who take part could still do.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from referendum.core.canonical import Json, canonical_json, sha256_hex
from referendum.core.draws import is_plausible_roll
from referendum.core.errors import InputError
from referendum.core.names import is_blank, name_key

SECRET_BYTES = 32
MOST_PARTIES, LONGEST_NAME = 50, 200
ROLL_COUNTS = range(20, 101)
"""How many dice may be rolled: 20 dice of six sides are worth 51 bits, of ten sides 66."""

_DIGITS = {6: "[1-6]+", 10: "[0-9]+"}
"""What a die of so many sides shows."""

_KIND = re.compile(r"[a-z]{1,40}(\.[a-z_]{1,40})?", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


Value = TypeVar("Value")


@dataclass(frozen=True)
class DiceCall:
    """The dice that a call announces beforehand, so that nobody rolls until it suits.

    Attributes:
        by: who rolls them, in public.
        sides: 6 or 10.
        rolls: how many, 20 to 100.
    """

    by: str
    sides: int
    rolls: int

    def __post_init__(self) -> None:
        """Refuse dice that a call cannot announce."""
        _require_name(self.by, "who rolls the dice")
        if self.sides not in _DIGITS:
            raise InputError(f"dice have 6 or 10 sides, not {self.sides}")
        if self.rolls not in ROLL_COUNTS:
            raise InputError(f"{self.rolls} rolls of dice; 20 to 100 are needed")


@dataclass(frozen=True)
class Dice:
    """Dice that were rolled in public.

    Attributes:
        by: who rolled them.
        sides: 6 or 10; of ten the faces are 0 to 9.
        digits: what they showed, in the order of the rolls.
    """

    by: str
    sides: int
    digits: str


@dataclass(frozen=True)
class SeedCall:
    """What will be drawn, and who makes its seed.

    Attributes:
        kind: the kind of act that the seed is for, such as `draw`.
        parties: who commits to a secret, in the order in which the secrets are taken.
        until: when the reveals end: a time in UTC, `2026-05-02T23:00:00+00:00`.
        nonce: 64 hexadecimal digits, so that no two calls are the same.
        dice: what will be rolled after the reveals; None for no dice.
        keys: public key lines, as OpenSSH writes them, of the parties that sign their commitments.

    Raises:
        InputError: a member has none of these values, two parties share a name, or nobody takes
            part.
    """

    kind: str
    parties: tuple[str, ...]
    until: str
    nonce: str
    dice: DiceCall | None
    keys: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a call that cannot be followed."""
        if not _KIND.fullmatch(self.kind):
            raise InputError(f"{self.kind[:60]!r} is no kind of act")
        if not _HEX.fullmatch(self.nonce):
            raise InputError("the nonce of a call has 64 hexadecimal digits in small letters")
        if not _is_time(self.until):
            raise InputError(f"{self.until[:40]!r} is no time such as 2026-05-02T23:00:00+00:00")
        if not self.parties and self.dice is None:
            raise InputError("neither a party nor dice: nothing would make the seed")
        if len(self.parties) > MOST_PARTIES:
            raise InputError(f"{len(self.parties)} parties; at most {MOST_PARTIES} can take part")
        for party in self.parties:
            _require_name(party, "a party")
        keys = [name_key(party) or party for party in self.parties]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise InputError(f"the party {self.parties[place]!r} is named twice")
        for party in self.keys:
            self.require_party(party)

    def require_party(self, party: str) -> None:
        """Require that a party is called, in the very spelling of the call.

        Raises:
            InputError: it is not.
        """
        if party in self.parties:
            return
        likely = [other for other in self.parties if name_key(other) == name_key(party)]
        called = ", ".join(self.parties) or "nobody"
        raise InputError(
            f"{party[:80]!r} is not called; {called} is",
            hint=f"write the name as the call has it: {likely[0]}" if likely else "",
        )

    @property
    def document(self) -> dict[str, Json]:
        """The call as an object."""
        dice: Json = None
        if self.dice is not None:
            dice = {"by": self.dice.by, "rolls": self.dice.rolls, "sides": self.dice.sides}
        keys: dict[str, Json] = {"keys": dict(self.keys)} if self.keys else {}
        return {
            "dice": dice,
            **keys,
            "kind": self.kind,
            "nonce": self.nonce,
            "parties": list(self.parties),
            "until": self.until,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the call's canonical JSON, to which commitments and the seed are bound."""
        return sha256_hex(canonical_json(self.document))

    @classmethod
    def read(cls, document: Any) -> "SeedCall":  # noqa: ANN401 - JSON from outside
        """Read a call from its object.

        Raises:
            InputError: it is none.
        """
        texts = ("kind", "nonce", "until")
        members = {"dice", "parties", *texts}
        if not isinstance(document, dict) or set(document) - {"keys"} != members:
            raise InputError(f"a call for a seed has the members {', '.join(sorted(members))}")
        parties, dice = document["parties"], document["dice"]
        whole = all(isinstance(document[name], str) for name in texts)
        if (
            not whole
            or not isinstance(parties, list)
            or not all(isinstance(p, str) for p in parties)
        ):
            raise InputError("a call for a seed has texts, and a list of texts for the parties")
        return cls(
            document["kind"],
            tuple(parties),
            document["until"],
            document["nonce"],
            None if dice is None else _read_dice(dice),
            _read_keys(document["keys"]) if "keys" in document else {},
        )


def _read_keys(document: Any) -> dict[str, str]:  # noqa: ANN401 - JSON from outside
    if not isinstance(document, dict) or not document:
        raise InputError("the keys of a call are an object of at least one party")
    if not all(isinstance(line, str) for line in document.values()):
        raise InputError("the keys of a call are texts")
    return document


def _read_dice(document: Any) -> DiceCall:  # noqa: ANN401 - JSON from outside
    if not isinstance(document, dict) or set(document) != {"by", "rolls", "sides"}:
        raise InputError("the dice of a call have the members by, rolls, sides")
    by, rolls, sides = document["by"], document["rolls"], document["sides"]
    if not isinstance(by, str) or type(rolls) is not int or type(sides) is not int:
        raise InputError("the dice of a call are a text and two numbers")
    return DiceCall(by, sides, rolls)


@dataclass(frozen=True)
class Commitment:
    """A party's commitment (64 hexadecimal digits), published before anybody revealed a secret."""

    party: str
    digest: str


@dataclass(frozen=True)
class Reveal:
    """The secret of 32 bytes that a party had committed to."""

    party: str
    secret: bytes


@dataclass(frozen=True)
class Seed:
    """A seed, and who took part in it.

    Attributes:
        seed: 64 hexadecimal digits.
        text: the text of which it is the SHA-256.
        revealed: the parties whose secrets are in it, in the order of the call.
        withheld: those that committed to a secret and did not reveal it.
        absent: those that committed to nothing.
    """

    seed: str
    text: str
    revealed: tuple[str, ...]
    withheld: tuple[str, ...]
    absent: tuple[str, ...]


def read_secret(text: str) -> bytes:
    """Read a secret from its 64 hexadecimal digits.

    Raises:
        InputError: it has others, or another number of them.
    """
    return bytes.fromhex(read_digits(text, "a secret"))


def read_digits(text: str, what: str) -> str:
    """Read a secret or a commitment, and give its 64 hexadecimal digits.

    Raises:
        InputError: it has others, or another number of them.
    """
    if not _HEX.fullmatch(text):
        hint = "copy it as `referendum seed secret` wrote it: another one fits no commitment"
        raise InputError(f"{what} has 64 hexadecimal digits in small letters", hint=hint)
    return text


def make_commitment(call: SeedCall, party: str, secret: bytes) -> str:
    r"""Give a party's commitment to a secret: it fits this call and this party alone.

    By hand: `printf 'referendum seed commitment v1\nCALL\nPARTY\nSECRET\n' | sha256sum`.

    Raises:
        InputError: the party is not called, or the secret has not 32 bytes.
    """
    call.require_party(party)
    if len(secret) != SECRET_BYTES:
        raise InputError(f"the secret of {party} has {len(secret)} bytes, not {SECRET_BYTES}")
    lines = ("referendum seed commitment v1", call.digest, party, secret.hex(), "")
    return sha256_hex("\n".join(lines).encode())


def commitment_message(call: SeedCall, party: str, commitment: str) -> bytes:
    """Give the bytes that a party with a key in the call signs with its commitment.

    Raises:
        InputError: the party is not called.
    """
    call.require_party(party)
    lines = ("referendum signed commitment v1", call.digest, party, commitment, "")
    return "\n".join(lines).encode()


def open_commitment(call: SeedCall, commitment: Commitment, secret: bytes) -> None:
    """Require that a secret is the one that a party had committed to.

    Raises:
        InputError: it is not.
    """
    if make_commitment(call, commitment.party, secret) != commitment.digest:
        raise InputError(
            f"what {commitment.party} reveals is not the secret that it had committed to",
            hint="the commitment is to the secret, the party's name and this very call",
        )


def combine_seed(
    call: SeedCall,
    commitments: Iterable[Commitment],
    reveals: Iterable[Reveal],
    dice: Dice | None,
) -> Seed:
    """Make the seed of a call from what was revealed and rolled.

    A party that revealed nothing is left out, and the text says so.

    Raises:
        InputError: a party is not called, or comes twice; a reveal does not fit its commitment, or
            there is none; the dice are not those that were called; nothing was revealed or rolled.
    """
    committed = _values_by_party(
        call, ((commitment.party, commitment.digest) for commitment in commitments), "commits"
    )
    revealed = _values_by_party(
        call, ((reveal.party, reveal.secret) for reveal in reveals), "reveals"
    )
    for party, secret in revealed.items():
        if party not in committed:
            raise InputError(f"{party} reveals a secret and had committed to none")
        open_commitment(call, Commitment(party, committed[party]), secret)
    rolled = _dice_line(call.dice, dice)
    if not revealed and dice is None:
        raise InputError("no secret was revealed and no dice were rolled: there is no seed")
    secrets = (
        f"secret {revealed[party].hex()} {party}" if party in revealed else f"none {party}"
        for party in call.parties
    )
    text = "\n".join(["referendum seed v1", f"call {call.digest}", *secrets, rolled, ""])
    return Seed(
        sha256_hex(text.encode()),
        text,
        tuple(party for party in call.parties if party in revealed),
        tuple(party for party in call.parties if party in committed and party not in revealed),
        tuple(party for party in call.parties if party not in committed),
    )


def require_dice(called: DiceCall, dice: Dice) -> None:
    """Require that dice are those that a call announced.

    Raises:
        InputError: another rolled them, they have other sides, are more or fewer, or show what no
            such die shows; or they repeat themselves or count, as dice do less than twice in a
            million times.
    """
    if (dice.by, dice.sides) != (called.by, called.sides):
        raise InputError(
            f"{dice.by} rolled dice of {dice.sides} sides; called were dice of {called.sides} sides"
            f" rolled by {called.by}"
        )
    if not re.fullmatch(_DIGITS[called.sides], dice.digits, re.ASCII):
        faces = "1 to 6" if called.sides == 6 else "0 to 9"
        raise InputError(f"a die of {called.sides} sides shows {faces}", hint="write digits alone")
    if len(dice.digits) != called.rolls:
        raise InputError(f"{len(dice.digits)} dice were rolled, and {called.rolls} called")
    if not is_plausible_roll(dice.digits):
        raise InputError("nobody rolled these dice: they repeat themselves or count")


def _dice_line(called: DiceCall | None, dice: Dice | None) -> str:
    if called is None and dice is None:
        return "no dice"
    if called is None or dice is None:
        words = "dice were rolled and not called" if dice else "dice were called and not rolled"
        raise InputError(words, hint="whether there are dice must not be chosen after the reveals")
    require_dice(called, dice)
    return f"dice {dice.sides} {dice.digits} {dice.by}"


def _values_by_party(
    call: SeedCall, pairs: Iterable[tuple[str, Value]], does: str
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for party, value in pairs:
        call.require_party(party)
        if party in found:
            raise InputError(f"{party} {does} twice")
        found[party] = value
    return found


def _require_name(name: str, what: str) -> None:
    """Refuse a name that could break a line or hide in it."""
    odd = any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in name)
    if odd or _DIRECTION_MARKS.search(name) or is_blank(name) or name != name.strip():
        raise InputError(f"{name[:80]!r} cannot name {what}", hint="write letters in one line")
    if len(name) > LONGEST_NAME:
        raise InputError(f"the name of {what} has more than {LONGEST_NAME} characters")


def _is_time(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return bool(_TIME.fullmatch(text)) and moment.isoformat() == text and moment.year >= 1583
