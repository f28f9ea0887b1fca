"""Calls for seeds: what was answered to each, and which of them a draw takes its seed from.

The rules are those of the record's specification (docs/record.md, section 4, seeds).
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Never

from referendum.core.days import read_time
from referendum.core.errors import InputError, KeyFault, OrderError
from referendum.core.seeds import (
    Commitment,
    Dice,
    SeedCall,
    commitment_message,
    open_commitment,
    read_secret,
)
from referendum.core.seeds import require_dice as require_called_dice
from referendum.record.acts import Act
from referendum.record.commands import COMMANDS
from referendum.record.officers import COMMITMENT_NAMESPACE, OfficerKey, verify_signature
from referendum.record.standing import Standing

DRAWS = {"draw": "petition", "risk.draw": "petition", "audit.draw": "vote"}
"""Kinds of draws that have a seed, and on whose record each has its place."""

SEED_ACTS = ("seed.call", "seed.commit", "seed.reveal", "seed.dice", "seed.close")


def read_call(parameters: Mapping[str, Any]) -> SeedCall:
    """Read a call from the parameters of its act.

    Raises:
        InputError: it is none.
    """
    members = {name: value for name, value in parameters.items() if name != "for"}
    return SeedCall.read({**members, "kind": parameters["for"]})


@dataclass(frozen=True)
class AnsweredCall:
    """A call for a seed, with what was answered to it and stands.

    Attributes:
        act: the call.
        call: what it says.
        commitments: acts by which parties committed to a secret, by party.
        reveals: acts by which they revealed it, by party.
        dice: the act of the dice.
        close: the act that made the seed.
        draw: the draw that took the seed, whether it stands or not.
    """

    act: Act
    call: SeedCall
    commitments: Mapping[str, Act]
    reveals: Mapping[str, Act]
    dice: Act | None
    close: Act | None
    draw: Act | None

    @classmethod
    def of(cls, standing: Standing, act: Act) -> "AnsweredCall":
        """Gather what was answered to a call, so far as it stands as long as the call does."""
        causes, own = standing.causes, standing.causes.get(act.number)
        answers = [one for one in standing.readers(act) if causes.get(one.number, own) == own]
        last = {one.kind: one for one in answers}
        close = last.get("seed.close")
        return cls(
            act,
            read_call(act.parameters),
            {one.parameters["party"]: one for one in answers if one.kind == "seed.commit"},
            {one.parameters["party"]: one for one in answers if one.kind == "seed.reveal"},
            last.get("seed.dice"),
            close,
            next((one for one in standing.readers(close) if one.kind in DRAWS), None)
            if close
            else None,
        )

    @property
    def all_revealed(self) -> bool:
        """Whether every party that is called has revealed its secret."""
        return len(self.reveals) == len(self.call.parties)

    @property
    def uncommitted(self) -> tuple[str, ...]:
        """The parties that are called and have not committed to a secret."""
        return tuple(one for one in self.call.parties if one not in self.commitments)

    @property
    def unrevealed(self) -> tuple[str, ...]:
        """The parties that have committed to a secret and not revealed it."""
        return tuple(
            one for one in self.call.parties if one in self.commitments and one not in self.reveals
        )

    def is_past_deadline(self, recorded: str) -> bool:
        """Whether an act that is recorded then comes after the reveals have ended."""
        return read_time(recorded) > read_time(self.call.until)


def unused_call(standing: Standing, draw: str) -> AnsweredCall | None:
    """Give the call for a kind of draw whose seed no draw has taken; None where none stands."""
    calls = (act for act in reversed(standing.all_of("seed.call")) if act.parameters["for"] == draw)
    latest = next(calls, None)
    found = AnsweredCall.of(standing, latest) if latest else None
    return None if found is None or found.draw else found


def open_calls(standing: Standing) -> list[str]:
    """Name the kinds of draws for which a call stands that is not closed."""
    found = ((draw, unused_call(standing, draw)) for draw in DRAWS)
    return [draw for draw, call in found if call is not None and call.close is None]


def require_seed_act(
    standing: Standing,
    kind: str,
    parameters: Mapping[str, Any],
    corrects: int | None,
    recorded: str,
) -> None:
    """See that an act of a call for a seed has its place now.

    Raises:
        OrderError: it comes too early or too late, or is not of its call.
        InputError: what it says does not fit its call.
    """
    draw = str(parameters["for"])
    if kind == "seed.call":
        _require_call(standing, parameters, corrects, recorded)
        return
    call = unused_call(standing, draw)
    if call is None:
        raise OrderError(
            f"nobody is called to make a seed for {draw} now",
            hint=f"first do: referendum seed call --for {draw}",
        )
    if call.close is not None:
        raise OrderError(
            f"the call of act {call.act.number} is closed: its seed has been known since act"
            f" {call.close.number}",
            hint=f"the draw takes it: referendum {COMMANDS[draw]}",
        )
    if kind == "seed.commit":
        _require_commitment(call, parameters, corrects, recorded)
        return
    if corrects is not None:
        raise OrderError(
            f"{kind} puts nothing right: whoever knows one seed must not choose another",
            hint="it stays; only if the whole call cannot be used, call again (seed call"
            f" --corrects {call.act.number} --reason 'why'): everybody is told",
        )
    rules = {"seed.reveal": _require_reveal, "seed.dice": _require_dice}
    rules.get(kind, _require_close)(call, parameters, recorded)


def _require_call(
    standing: Standing, parameters: Mapping[str, Any], corrects: int | None, recorded: str
) -> None:
    draw = str(parameters["for"])
    call = read_call(parameters)
    _require_keys(call)
    if read_time(call.until) <= read_time(recorded):
        raise InputError(f"secrets could be revealed until {call.until}: that is past already")
    if corrects is not None:
        former = str(standing.acts[corrects].parameters["for"])
        if former != draw:
            raise OrderError(
                f"act {corrects} calls for the seed of {former}, this one for that of {draw}",
                hint=f"without --corrects, or --for {former}",
            )
    if waiting := unused_call(standing.without(corrects), draw):
        number = waiting.act.number
        raise OrderError(
            f"a seed for {draw} is called for in act {number}, and no draw has taken it yet",
            hint=f"only if it cannot be used: --corrects {number} --reason 'why'; everybody is"
            " told that it was called for again",
        )


def _require_keys(call: SeedCall) -> None:
    """See that the keys of a call are such, and that each is the key of one party."""
    owners: dict[bytes, str] = {}
    for party, line in call.keys.items():
        key = OfficerKey.parse(line, where=f"the key of {party}")
        if key.blob in owners:
            raise InputError(f"{owners[key.blob]} and {party} have one key")
        owners[key.blob] = party


def _require_signature(call: SeedCall, party: str, parameters: Mapping[str, Any]) -> None:
    """See that a party whose key the call names has signed its commitment, and no other has."""
    signature, line = parameters.get("signature"), call.keys.get(party)
    if line is None:
        if signature is not None:
            raise InputError(
                f"the call names no key of {party}: nothing is there to check its signature with",
                hint="leave --signature out",
            )
        return
    if signature is None:
        raise KeyFault(
            f"{party} signs its commitment with the key that the call names",
            hint="give --signature FILE: the party signs OUT.commitment, beside its secret, with"
            f" ssh-keygen -Y sign -n {COMMITMENT_NAMESPACE} -f KEYFILE OUT.commitment",
        )
    message = commitment_message(call, party, str(parameters["commitment"]))
    where = f"the commitment of {party}"
    verify_signature(OfficerKey.parse(line), message, signature, COMMITMENT_NAMESPACE, where)


def _require_commitment(
    call: AnsweredCall, parameters: Mapping[str, Any], corrects: int | None, recorded: str
) -> None:
    party = str(parameters["party"])
    call.call.require_party(party)
    if call.is_past_deadline(recorded):
        _refuse_late(call)
    if call.reveals:
        first = next(iter(call.reveals.values()))
        raise OrderError(
            f"{party} commits to a secret after one was revealed, in act {first.number}",
            hint="whoever knows the other secrets can fit its own to them",
        )
    if call.dice is not None:
        raise OrderError(f"the dice were rolled in act {call.dice.number}")
    earlier = call.commitments.get(party)
    number = earlier.number if earlier else None
    if corrects != number:
        raise OrderError(
            f"{party} has committed to a secret in act {number}"
            if corrects is None
            else f"act {corrects} is no commitment of {party} to this call that stands",
            hint="a party commits once; only if its secret was lost before the first reveal, it"
            " takes another, with --corrects and --reason",
        )
    _require_signature(call.call, party, parameters)


def _require_reveal(call: AnsweredCall, parameters: Mapping[str, Any], recorded: str) -> None:
    party = str(parameters["party"])
    call.call.require_party(party)
    if call.is_past_deadline(recorded):
        _refuse_late(call)
    if call.dice is not None:
        raise OrderError(
            f"{party} reveals a secret after the dice were rolled, in act {call.dice.number}"
        )
    if party not in call.commitments:
        raise OrderError(
            f"{party} reveals a secret and had committed to none",
            hint="the reveals have begun, and it is left out; only if that cannot be, call again:"
            f" seed call --corrects {call.act.number} --reason 'why'"
            if call.reveals
            else f"first do: seed commit --party {shlex.quote(party)}",
        )
    if party in call.reveals:
        raise OrderError(f"{party} has revealed its secret in act {call.reveals[party].number}")
    if call.uncommitted and call.call.dice is None:
        raise OrderError(
            f"not committed to a secret yet: {', '.join(call.uncommitted)}",
            hint="where there are no dice, nobody reveals before all have committed",
        )
    digest = str(call.commitments[party].parameters["commitment"])
    open_commitment(call.call, Commitment(party, digest), read_secret(str(parameters["secret"])))


def _require_dice(call: AnsweredCall, parameters: Mapping[str, Any], recorded: str) -> None:
    called = call.call.dice
    if called is None:
        raise OrderError(
            "dice were rolled and not called",
            hint="whether there are dice is said in the call, before any secret is known",
        )
    if call.dice is not None:
        raise OrderError(f"the dice were rolled in act {call.dice.number}, and are rolled once")
    _require_revealed(call, recorded)
    dice = Dice(str(parameters["by"]), int(parameters["sides"]), str(parameters["digits"]))
    require_called_dice(called, dice)


def _require_close(call: AnsweredCall, _: Mapping[str, Any], recorded: str) -> None:
    if call.call.dice is None:
        _require_revealed(call, recorded)
        if not call.reveals:
            raise OrderError(
                "no secret was revealed and no dice were called: there is no seed",
                hint=f"call again, with dice: --corrects {call.act.number} --reason 'why'",
            )
    elif call.dice is None:
        raise OrderError(
            f"{call.call.dice.by} has not rolled the dice yet", hint="first do: seed dice"
        )


def _require_revealed(call: AnsweredCall, recorded: str) -> None:
    """See that every party has revealed its secret, or that the time for it is over."""
    if not call.all_revealed and not call.is_past_deadline(recorded):
        late = ", ".join(call.uncommitted)
        raise OrderError(
            f"{', '.join(call.unrevealed)} can still reveal a secret, until {call.call.until}"
            if call.unrevealed
            else f"the reveals began before {late} had committed: they end at {call.call.until}",
            hint="what comes after the reveals waits for all that are called, or for that time",
        )


def require_all_committed(standing: Standing, draw: str) -> None:
    """See that the first reveal of a call shuts no party out that could still commit.

    Raises:
        OrderError: a party has not committed, and nobody has revealed a secret yet.
    """
    call = unused_call(standing, draw)
    if call and call.uncommitted and not call.reveals:
        raise OrderError(
            f"not committed to a secret yet: {', '.join(call.uncommitted)}; once a secret is"
            " revealed nobody commits any more",
            hint="wait for all; only where dice are called, --without-waiting leaves these out, and"
            " everybody is told that the reveals began before they had committed",
        )


def _refuse_late(call: AnsweredCall) -> Never:
    raise OrderError(
        f"the call of act {call.act.number} was open until {call.call.until}",
        hint="what comes later is left out, and everybody sees whose it is",
    )
