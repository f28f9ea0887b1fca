"""Calls for seeds: each answer in its place, and each draw with the seed that it must take."""

import hashlib
from collections.abc import Callable, Container, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from referendum.verify.bundles import Bundle, BundleSequence
from referendum.verify.canonical import encode, same
from referendum.verify.kinds import KEEPS_SEED, Act
from referendum.verify.report import Mismatch
from referendum.verify.seeds import (
    call_digest,
    check_call,
    check_commitment_signature,
    check_dice,
    commitment,
    seed_of,
    seed_text,
)

SUBJECTS = {"draw": "petition", "risk.draw": "petition", "audit.draw": "vote"}
"""On whose record a draw has its place."""


def latest_standing(acts: list[int], fallen: Container[int], falling: Container[int]) -> int | None:
    """Give the latest of some acts, in order, that stands.

    Args:
        acts: their numbers; those that fell are taken out on the way, and so looked at once.
        fallen: acts that no longer stand.
        falling: acts that are taken not to stand, beside those.
    """
    for place in range(len(acts) - 1, -1, -1):
        number = acts[place]
        if number in fallen:
            del acts[place]
        elif number not in falling:
            return number
    return None


class AnsweredCall:
    """What was answered to a call, by number of the act; acts that fell before it are left out.

    Attributes:
        act: the call.
        call: what it says, as commitments and the seed are bound to it.
        commitments: acts of commitments, by party.
        reveals: acts of reveals, by party.
        dice: the act of the dice, if there is one.
        close: the act that makes the seed, if there is one.
    """

    def __init__(self, act: Act, answers: list[Act]) -> None:
        self.act = act
        self.call = call_document(act)
        self.commitments = _by_party(answers, "seed.commit")
        self.reveals = _by_party(answers, "seed.reveal")
        self.dice = next((one for one in answers if one["kind"] == "seed.dice"), None)
        self.close = next((one for one in answers if one["kind"] == "seed.close"), None)

    @property
    def number(self) -> int:
        """Number of the call."""
        return int(self.act["number"])

    @property
    def missing_parties(self) -> list[str]:
        """The parties that have revealed nothing."""
        return [party for party in self.call["parties"] if party not in self.reveals]

    def seed(self) -> str:
        """Work out the seed from what stands."""
        dice = self.dice["parameters"] if self.dice else None
        return seed_of(
            self.call,
            [(party, one["parameters"]["commitment"]) for party, one in self.commitments.items()],
            [(party, one["parameters"]["secret"]) for party, one in self.reveals.items()],
            dice,
        )


def call_document(act: Act) -> dict[str, Any]:
    """Give what a call says, from its act."""
    members = {name: value for name, value in act["parameters"].items() if name != "for"}
    return {**members, "kind": act["parameters"]["for"]}


def _by_party(answers: list[Act], kind: str) -> dict[str, Act]:
    return {one["parameters"]["party"]: one for one in answers if one["kind"] == kind}


class SeedCalls:
    """The calls so far, the answers to each, and the draws that took their seeds."""

    def __init__(self, fallen: Mapping[int, int]) -> None:
        self._fallen = fallen
        self._by_draw: dict[object, list[int]] = {}
        self._acts: dict[int, Act] = {}
        self._answers: dict[int, list[Act]] = {}
        self._call_of: dict[int, int] = {}
        self._used: dict[int, int] = {}

    def add(self, act: Act, writer_of: Callable[[str], int | None]) -> None:
        """Take note of an act; `writer_of` gives who wrote the bundle of a kind that it reads."""
        number = act["number"]
        if act["kind"] == "seed.call":
            self._acts[number] = act
            self._by_draw.setdefault(act["parameters"].get("for"), []).append(number)
        elif act["kind"] in ANSWER_CHECKS:
            call = writer_of("seed_call")
            if call in self._acts:
                self._answers.setdefault(call, []).append(act)
                self._call_of[number] = call
        if act["kind"] in SUBJECTS:
            taken = self._call_of.get(writer_of("seed") or 0)
            if taken is not None:
                self._used.setdefault(taken, number)

    def numbers(self) -> list[int]:
        """Give the numbers of the calls."""
        return list(self._acts)

    def draw_using(self, number: int) -> int | None:
        """Give the first draw that took the seed of a call."""
        return self._used.get(number)

    def draw_of(self, number: int) -> object:
        """Give the kind of draw that a call is for; None where this is no call."""
        return self._acts[number]["parameters"]["for"] if number in self._acts else None

    def answered_call(self, number: int) -> AnsweredCall:
        """Give what was answered to a call, so far as it stands as long as the call does."""
        cause = self._fallen.get(number)
        answers = self._answers.get(number, [])
        stand = [one for one in answers if self._fallen.get(one["number"], cause) == cause]
        return AnsweredCall(self._acts[number], stand)

    def unused_call(self, draw: object, falling: Container[int]) -> AnsweredCall | None:
        """Give the latest standing call for a kind of draw, unless a draw took its seed.

        Args:
            draw: the kind.
            falling: acts that are taken not to stand, beside those that fell.
        """
        number = latest_standing(self._by_draw.get(draw, []), self._fallen, falling)
        return (
            None
            if number is None or number in self._used
            else self._without_fallen_answers(number, falling)
        )

    def _without_fallen_answers(self, number: int, falling: Container[int]) -> AnsweredCall:
        # What fell before its call does is asked for no more.
        answers = self._answers.get(number, [])
        answers[:] = [one for one in answers if one["number"] not in self._fallen]
        return AnsweredCall(
            self._acts[number], [one for one in answers if one["number"] not in falling]
        )


def check_seed_act(calls: SeedCalls, act: Act, subject: object, falling: Container[int]) -> None:
    """See that an act of a call has its place among the acts before it.

    Args:
        calls: those before it.
        act: whose form was checked.
        subject: of the record.
        falling: acts that fall with the one that it corrects.
    """
    draw = act["parameters"]["for"]
    if SUBJECTS[draw] != subject:
        raise Mismatch(f"no {draw} has its place on the record of a {subject}")
    if act["kind"] == "seed.call":
        _check_call(calls, act, falling)
        return
    call = calls.unused_call(draw, ())
    if call is None:
        raise Mismatch(f"nobody was called to make a seed for {draw}")
    if call.close is not None:
        raise Mismatch(f"the call of act {call.number} was closed in act {call.close['number']}")
    if act["kind"] != "seed.commit" and act["corrects"] is not None:
        raise Mismatch(f"{act['kind']} puts nothing right: whoever knows a seed could choose")
    ANSWER_CHECKS[act["kind"]](call, act)


def _check_call(calls: SeedCalls, act: Act, falling: Container[int]) -> None:
    check_call(call_document(act))
    draw, corrected = act["parameters"]["for"], act["corrects"]
    former = draw if corrected is None else calls.draw_of(corrected) or draw
    if former != draw:
        raise Mismatch(f"it corrects act {corrected}, which calls for a seed of {former}")
    unused_call = calls.unused_call(draw, falling)
    if unused_call is not None:
        raise Mismatch(
            f"a seed was called for in act {unused_call.number}, and no draw has taken it"
        )
    if _time(act["parameters"]["until"]) <= _time(act["recorded"]):
        raise Mismatch("the time for reveals was past when it was recorded")
    if act["facts"]["call"] != f"sha256:{call_digest(call_document(act))}":
        raise Mismatch("its fact call is not the digest of the call")


def _check_commitment(call: AnsweredCall, act: Act) -> None:
    party = _called_party(call, act)
    if _is_past_deadline(call, act):
        raise Mismatch(f"{party} commits to a secret after {call.call['until']}")
    if call.reveals or call.dice:
        raise Mismatch(f"{party} commits to a secret after one was revealed, or dice were rolled")
    earlier = call.commitments.get(party)
    number = earlier["number"] if earlier else None
    if act["corrects"] != number:
        raise Mismatch(
            f"{party} commits to a secret twice, first in act {number}"
            if act["corrects"] is None
            else f"act {act['corrects']} is no commitment of {party} that stands"
        )
    _require_digits(act["parameters"]["commitment"], "commitment")
    check_commitment_signature(call.call, act["parameters"])


def _check_reveal(call: AnsweredCall, act: Act) -> None:
    party, secret = _called_party(call, act), act["parameters"]["secret"]
    if _is_past_deadline(call, act):
        raise Mismatch(f"{party} reveals a secret after {call.call['until']}")
    if call.dice:
        raise Mismatch(f"{party} reveals a secret after the dice were rolled")
    if party in call.reveals:
        raise Mismatch(f"{party} reveals a secret twice")
    if party not in call.commitments:
        raise Mismatch(f"{party} reveals a secret and had committed to none")
    if call.call["dice"] is None and len(call.commitments) < len(call.call["parties"]):
        raise Mismatch("a secret is revealed before all have committed, and there are no dice")
    _require_digits(secret, "secret")
    digest = call.commitments[party]["parameters"]["commitment"]
    if commitment(call.call, party, secret) != digest:
        raise Mismatch(f"the secret of {party} is not the one that it committed itself to")


def _check_dice(call: AnsweredCall, act: Act) -> None:
    if call.call["dice"] is None:
        raise Mismatch("dice were rolled and not called")
    if call.dice:
        raise Mismatch("dice were rolled twice")
    _require_all_revealed(call, act)
    check_dice(call.call["dice"], act["parameters"])


def _check_close(call: AnsweredCall, act: Act) -> None:
    if call.call["dice"] is None:
        _require_all_revealed(call, act)
    facts = {
        "seed": call.seed(),
        "revealed": [one for one in call.call["parties"] if one in call.reveals],
        "withheld": [one for one in call.missing_parties if one in call.commitments],
        "absent": [one for one in call.missing_parties if one not in call.commitments],
    }
    for name, value in facts.items():
        if not same(act["facts"][name], value):
            raise Mismatch(f"its fact {name} is not what follows from the call and its answers")


ANSWER_CHECKS: dict[str, Callable[[AnsweredCall, Act], None]] = {
    "seed.commit": _check_commitment,
    "seed.reveal": _check_reveal,
    "seed.dice": _check_dice,
    "seed.close": _check_close,
}


def _called_party(call: AnsweredCall, act: Act) -> str:
    party = str(act["parameters"]["party"])
    if party not in call.call["parties"]:
        raise Mismatch(f"{party[:80]!r} is not called in act {call.number}")
    return party


def _require_digits(text: str, what: str) -> None:
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise Mismatch(f"its {what} is not 64 hexadecimal digits")


def _require_all_revealed(call: AnsweredCall, act: Act) -> None:
    """See that all have revealed their secrets, or that the time for it was past."""
    if call.missing_parties and not _is_past_deadline(call, act):
        raise Mismatch(
            f"it comes before {', '.join(call.missing_parties)[:200]} revealed a secret, and before"
            f" {call.call['until']}"
        )


def _is_past_deadline(call: AnsweredCall, act: Act) -> bool:
    return _time(act["recorded"]) > _time(call.call["until"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def find_called_seed(
    calls: SeedCalls, act: Act, falling: Container[int], writers: set[int], *, further: bool
) -> AnsweredCall | None:
    """Give the call whose seed a draw takes, and see that it takes it exactly where it must.

    Args:
        calls: those before it.
        act: the draw.
        falling: acts that fall with the one that it corrects.
        writers: acts of which it reads a bundle other than a seed.
        further: whether it is a further round.
    """
    keeps = further and act["kind"] in KEEPS_SEED
    call = None if keeps else calls.unused_call(act["kind"], falling)
    if act["parameters"].get("called") is not True:
        if call is not None:
            raise Mismatch(f"its seed was called for in act {call.number}, and it takes another")
        return None
    if call is None:
        raise Mismatch("it says that its seed was called for: no call for it waits to be used")
    if call.close is None:
        raise Mismatch(f"the call of act {call.number} is not closed")
    if act["parameters"]["seed"] != call.close["facts"]["seed"]:
        raise Mismatch(f"its seed is not the one made in act {call.close['number']}")
    if later := sorted(number for number in writers if number > call.number):
        raise Mismatch(
            f"its seed was called for in act {call.number}, before act {later[0]}, on which it"
            " rests"
        )
    return call


Arithmetic = Callable[[Act, dict[str, Bundle], dict[str, Bundle]], str]


def _check_document(kind: str, act: Act, _: dict[str, Bundle], outputs: dict[str, Bundle]) -> str:
    """See that the document of a call, or of an answer to one, is what its act says."""
    parameters = act["parameters"]
    said = {name: value for name, value in parameters.items() if name != "for"}
    if kind == "seed_call":
        said = call_document(act)
    if outputs[kind].data(f"{kind}.json") != encode(said):
        raise Mismatch(f"{kind}.json is not what the act says", f"{outputs[kind].path}/{kind}.json")
    if kind == "seed_call":
        return f"for the seed of {parameters['for']}: {_parties(parameters)}"
    return f"of {parameters.get('party', parameters.get('by'))}"


def _parties(parameters: dict[str, Any]) -> str:
    dice = parameters["dice"]
    parties = [*parameters["parties"]]
    if dice:
        parties.append(f"{dice['rolls']} dice of {dice['sides']} sides rolled by {dice['by']}")
    return ", ".join(parties)


def _check_seed(act: Act, inputs: dict[str, Bundle], outputs: dict[str, Bundle]) -> str:
    """Work out the seed from the documents of the call and of its answers."""
    call = inputs["seed_call"].document("seed_call.json")
    dice = _documents(inputs, "seed_dice")
    text = seed_text(
        call,
        [(one["party"], one["commitment"]) for one in _documents(inputs, "seed_commitment")],
        [(one["party"], one["secret"]) for one in _documents(inputs, "seed_secret")],
        dice[0] if dice else None,
    ).encode()
    seed = hashlib.sha256(text).hexdigest()
    if outputs["seed"].data("seed.txt") != text or act["facts"]["seed"] != seed:
        raise Mismatch("the seed does not follow from the call, the secrets and the dice")
    return f"the seed is the SHA-256 of seed.txt: {len(act['facts']['revealed'])} secrets" + (
        f" and {call['dice']['rolls']} dice" if dice else ", no dice"
    )


def _documents(inputs: dict[str, Bundle], kind: str) -> list[dict[str, Any]]:
    if kind not in inputs:
        return []
    found = inputs[kind]
    parts = found.parts if isinstance(found, BundleSequence) else (found,)
    return [part.document(f"{kind}.json") for part in parts]


ARITHMETIC: dict[str, Arithmetic] = {
    "seed.call": partial(_check_document, "seed_call"),
    "seed.commit": partial(_check_document, "seed_commitment"),
    "seed.reveal": partial(_check_document, "seed_secret"),
    "seed.dice": partial(_check_document, "seed_dice"),
    "seed.close": _check_seed,
}
