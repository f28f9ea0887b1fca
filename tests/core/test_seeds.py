"""Seeds that nobody chooses: both programs, what is refused, and who could steer what."""

import copy
import hashlib
import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from referendum.core.canonical import canonical_json
from referendum.core.draws import require_seed
from referendum.core.errors import InputError
from referendum.core.seeds import (
    Commitment,
    Dice,
    DiceCall,
    Reveal,
    SeedCall,
    combine_seed,
    make_commitment,
    open_commitment,
    read_secret,
)
from referendum.verify.report import Mismatch
from referendum.verify.seeds import call_digest, check_call, commitment, seed_of

CALL = SeedCall(
    "draw",
    ("Elections office", "Yes campaign", "No campaign"),
    "2026-05-04T18:00:00+00:00",
    "6c" * 32,
    DiceCall("Returning officer", 10, 20),
)
NO_DICE = replace(CALL, dice=None)
DICE = Dice("Returning officer", 10, "73501962408817395526")
SECRETS = {
    "Elections office": b"\x01" * 32,
    "Yes campaign": b"\x02" * 32,
    "No campaign": b"\x03" * 32,
}


def commitments(call, secrets):
    return [Commitment(party, make_commitment(call, party, one)) for party, one in secrets.items()]


def reveals(secrets):
    return [Reveal(party, secret) for party, secret in secrets.items()]


def combined(call, secrets, dice, committed=None):
    """The seed, as both programs work it out."""
    said = commitments(call, committed or secrets)
    seed = combine_seed(call, said, reveals(secrets), dice)
    check_call(call.document)
    again = seed_of(
        call.document,
        [(one.party, one.digest) for one in said],
        [(party, secret.hex()) for party, secret in secrets.items()],
        None if dice is None else vars(dice),
    )
    assert seed.seed == again == hashlib.sha256(seed.text.encode()).hexdigest()
    return seed


names = st.sampled_from(
    ["Ja", "Nein", "Büro", "Élections Québec", "a b", "«»", "§ 5", "Partei 12", "1-2"]
)
dice_calls = st.builds(DiceCall, names, st.sampled_from([6, 10]), st.integers(20, 100))
calls = st.builds(
    SeedCall,
    st.sampled_from(["draw", "risk.draw", "audit.draw"]),
    st.lists(names, max_size=6, min_size=1, unique=True).map(tuple),
    st.datetimes()
    .filter(lambda one: one.year > 1582)
    .map(lambda one: one.isoformat(timespec="seconds") + "+00:00"),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.none() | dice_calls,
)


def dice_for(call, numbers):
    """Dice as a call announces them."""
    if call.dice is None:
        return None
    faces = "123456" if call.dice.sides == 6 else "0123456789"
    digits = "".join(faces[number % len(faces)] for number in numbers[: call.dice.rolls])
    return Dice(call.dice.by, call.dice.sides, digits)


@given(
    calls, st.binary(min_size=192, max_size=192), st.binary(min_size=100, max_size=100), st.data()
)
def test_both_programs_make_the_same_seed(call, secrets, numbers, data):
    dice = dice_for(call, numbers)
    all_of = {p: secrets[32 * i : 32 * i + 32] for i, p in enumerate(call.parties)}
    opened = data.draw(st.sets(st.sampled_from(call.parties)))
    assume(opened or dice)
    revealed = {party: secret for party, secret in all_of.items() if party in opened}
    try:
        seed = combined(call, revealed, dice, committed=all_of)
    except InputError as error:
        assume("nobody rolled" not in error.message)
        raise
    assert SeedCall.read(json.loads(canonical_json(call.document))) == call
    assert set(seed.revealed) == opened
    assert set(seed.withheld) == set(call.parties) - opened
    assert len(seed.seed) == 64
    require_seed(seed.seed, [])


def test_the_seed_of_the_specification_is_the_seed():
    seed = combined(CALL, {k: v for k, v in SECRETS.items() if k != "Yes campaign"}, DICE, SECRETS)
    assert (seed.withheld, seed.absent) == (("Yes campaign",), ())
    specification = (Path(__file__).parents[2] / "docs/record.md").read_text()
    for line in (*seed.text.splitlines(), seed.seed, canonical_json(CALL.document).decode()):
        assert f"    {line}\n" in specification, line
    assert make_commitment(CALL, "No campaign", SECRETS["No campaign"]) in specification


def test_everything_that_goes_in_changes_the_seed():
    others = [
        (replace(CALL, nonce="6d" * 32), SECRETS, DICE),
        (replace(CALL, kind="risk.draw"), SECRETS, DICE),
        (replace(CALL, until="2026-05-04T18:00:01+00:00"), SECRETS, DICE),
        (replace(CALL, parties=CALL.parties[::-1]), SECRETS, DICE),
        (CALL, {k: SECRETS[k] for k in CALL.parties[:2]}, DICE),
        (CALL, {}, DICE),
        (CALL, SECRETS, replace(DICE, digits=DICE.digits[::-1])),
        (NO_DICE, SECRETS, None),
    ]
    seeds = {combined(CALL, SECRETS, DICE).seed}
    seeds |= {combined(call, said, dice, SECRETS).seed for call, said, dice in others}
    seeds.add(combined(CALL, {**SECRETS, "No campaign": b"\x04" * 32}, DICE).seed)
    assert len(seeds) == len(others) + 2


def test_the_order_of_reveals_changes_nothing():
    assert combined(CALL, dict(reversed(SECRETS.items())), DICE) == combined(CALL, SECRETS, DICE)


def test_a_commitment_fits_one_party_and_one_call():
    own = make_commitment(CALL, "Yes campaign", SECRETS["Yes campaign"])
    open_commitment(CALL, Commitment("Yes campaign", own), SECRETS["Yes campaign"])
    other_call = replace(CALL, nonce="6d" * 32)
    for call, party in ((CALL, "No campaign"), (other_call, "Yes campaign")):
        with pytest.raises(InputError, match="not the secret"):
            open_commitment(call, Commitment(party, own), SECRETS["Yes campaign"])


def refuse_both(call, said, opened, dice, words):
    """Neither program makes a seed."""
    with pytest.raises(InputError, match=words):
        combine_seed(call, said, opened, dice)
    with pytest.raises(Mismatch):
        seed_of(
            call.document,
            [(one.party, one.digest) for one in said],
            [(one.party, one.secret.hex()) for one in opened],
            None if dice is None else vars(dice),
        )


SAID, OPENED = commitments(CALL, SECRETS), reveals(SECRETS)


@pytest.mark.parametrize(
    ("said", "opened", "words"),
    [
        (SAID, [*OPENED, OPENED[0]], "reveals twice"),
        (SAID, [*OPENED[:2], Reveal("No campaign", b"\x04" * 32)], "not the secret"),
        (SAID, [*OPENED[:2], Reveal("No campaign", b"\x03" * 31)], "31 bytes"),
        (SAID, [*OPENED[:2], Reveal("No campaign", b"\x03" * 33)], "33 bytes"),
        (SAID, [*OPENED, Reveal("no campaign", b"\x03" * 32)], "not called"),
        (SAID[:2], OPENED, "committed to none"),
        ([*SAID, SAID[0]], OPENED, "commits twice"),
        ([*SAID, Commitment("Stranger", "0" * 64)], OPENED, "not called"),
        ([*SAID[:2], Commitment("No campaign", SAID[1].digest)], OPENED, "not the secret"),
        ([*SAID[:2], Commitment("No campaign", SAID[2].digest.upper())], OPENED, "not the secret"),
    ],
    ids=range(10),
)
def test_secrets_that_are_not_in_order_are_refused(said, opened, words):
    refuse_both(CALL, said, opened, DICE, words)


@pytest.mark.parametrize(
    ("call", "dice", "words"),
    [
        (CALL, None, "called and not rolled"),
        (NO_DICE, DICE, "rolled and not called"),
        (CALL, replace(DICE, by="Passer-by"), "called were dice"),
        (CALL, replace(DICE, sides=6, digits="1" * 20), "called were dice"),
        (CALL, replace(DICE, digits=DICE.digits[:-1]), "19 dice were rolled, and 20 called"),
        (CALL, replace(DICE, digits=DICE.digits + "0"), "21 dice"),
        (CALL, replace(DICE, digits=DICE.digits[:-1] + "x"), "shows 0 to 9"),
        (CALL, replace(DICE, digits=DICE.digits[:-1] + "٣"), "shows 0 to 9"),
        (CALL, replace(DICE, digits=DICE.digits[:-1] + " "), "shows 0 to 9"),
        (CALL, replace(DICE, digits="0" * 20), "nobody rolled"),
        (CALL, replace(DICE, digits="01234567890123456789"), "nobody rolled"),
        (replace(CALL, dice=DiceCall("R", 6, 20)), Dice("R", 6, "12345012345123451234"), "1 to 6"),
    ],
    ids=range(12),
)
def test_dice_that_are_not_those_that_were_called_are_refused(call, dice, words):
    refuse_both(call, commitments(call, SECRETS), OPENED, dice, words)


def test_nothing_makes_no_seed():
    refuse_both(NO_DICE, commitments(NO_DICE, SECRETS), [], None, "there is no seed")


def test_dice_alone_make_a_seed():
    assert combined(replace(CALL, parties=()), {}, DICE).revealed == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": ""}, {"kind": "Draw"}, {"kind": "draw\n"}, {"kind": 1}, {"nonce": "6C" * 32},
        {"nonce": "6c" * 31}, {"nonce": None}, {"until": "2026-05-04"}, {"until": "never"},
        {"until": "2026-05-04T18:00:00Z"}, {"until": "2026-02-30T18:00:00+00:00"}, {"until": 0},
        {"until": "1582-05-04T18:00:00+00:00"}, {"until": "2026-05-04T18:00:00+01:00"},
        {"until": "0001-01-01T00:00:00+23:00"}, {"until": "2026-05-04T24:00:00+00:00"},
        {"parties": None}, {"parties": "abc"}, {"parties": [1]}, {"parties": [""]},
        {"parties": [" a"]}, {"parties": ["a\nb"]}, {"parties": ["a\u2028"]},
        {"parties": ["\u200b"]},
        {"parties": ["a\u202eb"]}, {"parties": ["\ud800"]}, {"parties": ["x" * 201]},
        {"parties": ["A", "Á"]}, {"parties": ["Yes", "No", "Yes"]}, {"parties": ["★", "★"]},
        {"parties": [f"party {n}" for n in range(51)]}, {"parties": [], "dice": None},
        {"dice": {}}, {"dice": []}, {"dice": {"by": "a", "rolls": 20, "sides": 8}},
        {"dice": {"by": "a", "rolls": 19, "sides": 6}},
        {"dice": {"by": "a", "rolls": 101, "sides": 6}},
        {"dice": {"by": "", "rolls": 20, "sides": 6}}, {"dice": {"by": 5, "rolls": 20, "sides": 6}},
        {"dice": {"by": "a", "rolls": True, "sides": 6}},
        {"dice": {"by": "a", "rolls": 20, "sides": "6"}},
        {"dice": {"by": "a", "rolls": 20, "sides": 6, "more": 1}}, {"more": 1}, {"kind": None},
    ],
    ids=lambda changes: ascii(changes)[:60],
)  # fmt: skip
def test_a_call_that_cannot_be_followed_is_refused(changes):
    document = copy.deepcopy(CALL.document) | changes
    with pytest.raises(InputError):
        SeedCall.read(document)
    with pytest.raises(Mismatch):
        check_call(document)


@pytest.mark.parametrize("document", [None, [], "x", {}, {"kind": "draw"}], ids=str)
def test_what_is_no_call_at_all_is_refused(document):
    with pytest.raises(InputError):
        SeedCall.read(document)
    with pytest.raises(Mismatch):
        check_call(document)


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "A" * 64, "0" * 63 + "\n", "٣" * 64])
def test_a_secret_of_another_length_or_other_digits_is_refused(text):
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        read_secret(text)


def test_both_programs_commit_alike():
    secret = read_secret("ab" * 32)
    for call, party in product((CALL, NO_DICE), CALL.parties):
        assert commitment(call.document, party, secret.hex()) == make_commitment(
            call, party, secret
        )
        assert call_digest(call.document) == call.digest


# Who could steer the draw: simulations with known truth. An adversary wants a seed that pleases
# it, as one seed in four does; p is the share of runs in which it gets one.

RUNS = 800


def pleases(seed):
    return seed[0] in "0123"


class Simulation:
    """Runs of a call with an honest first party; the adversary holds the others."""

    def __init__(self, call, number):
        self.call = call
        self.chance = np.random.default_rng(number)

    def secrets(self):
        return {party: self.chance.bytes(32) for party in self.call.parties}

    def dice(self):
        faces = "123456" if self.call.dice.sides == 6 else "0123456789"
        numbers = self.chance.integers(0, len(faces), self.call.dice.rolls)
        return Dice(self.call.dice.by, self.call.dice.sides, "".join(faces[n] for n in numbers))

    def choices(self, secrets, dice, withholders):
        """All seeds among which those can choose who may withhold their secrets."""
        said = commitments(self.call, secrets)
        for kept in product((False, True), repeat=len(withholders)):
            gone = {party for party, keeps in zip(withholders, kept, strict=True) if keeps}
            opened = {party: one for party, one in secrets.items() if party not in gone}
            yield opened, combine_seed(self.call, said, reveals(opened), dice).seed


def share_that_pleases(seeds):
    return sum(map(pleases, seeds)) / len(seeds)


def require_uniform(seeds):
    """Each of the 256 bits is 1 in half of the seeds, and no two bits go together."""
    bits = np.array([[int(b) for b in f"{int(seed, 16):0256b}"] for seed in seeds])
    z = (bits.sum(axis=0) - len(seeds) / 2) / np.sqrt(len(seeds) / 4)
    assert np.abs(z).max() < 4.5
    assert 256 - 5 * np.sqrt(512) < (z**2).sum() < 256 + 5 * np.sqrt(512)
    together = np.corrcoef(bits.T) - np.eye(256)
    assert np.abs(together).max() < 5.5 / np.sqrt(len(seeds))


def near(share, expected):
    return abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / RUNS)


def test_with_one_honest_party_the_seed_is_uniform_whatever_the_others_commit_to():
    simulation, seeds = Simulation(NO_DICE, 1), []
    for _ in range(RUNS):
        honest = simulation.secrets()
        # The others fit their secrets to each other, and to a guess at the honest one.
        guess = simulation.secrets() | {"Yes campaign": bytes(32)}
        tries = [guess | {"No campaign": bytes([n]) * 32} for n in range(4)]
        fitted = max(tries, key=lambda one: pleases(combined_quickly(NO_DICE, one, None)))
        chosen = fitted | {"Elections office": honest["Elections office"]}
        seeds.append(combined_quickly(NO_DICE, chosen, None))
    require_uniform(seeds)
    assert near(share_that_pleases(seeds), 1 / 4)


def combined_quickly(call, secrets, dice):
    return combine_seed(call, commitments(call, secrets), reveals(secrets), dice).seed


@pytest.mark.parametrize("sides", [6, 10])
def test_with_honest_dice_after_the_reveals_the_seed_is_uniform_whatever_all_parties_do(sides):
    call = replace(CALL, dice=DiceCall("Returning officer", sides, 20))
    simulation, seeds = Simulation(call, 2), []
    for _ in range(RUNS):
        # All parties together: they choose what to reveal for the dice that they expect.
        choices = list(simulation.choices(SECRETS, simulation.dice(), call.parties))
        opened = next((opened for opened, seed in choices if pleases(seed)), SECRETS)
        said = commitments(call, SECRETS)
        seeds.append(combine_seed(call, said, reveals(opened), simulation.dice()).seed)
    require_uniform(seeds)
    assert near(share_that_pleases(seeds), 1 / 4)


@pytest.mark.parametrize("withheld", [0, 1, 2])
def test_without_dice_each_secret_that_may_be_withheld_doubles_the_choice(withheld):
    simulation, seeds = Simulation(NO_DICE, 3), []
    for _ in range(RUNS):
        secrets = simulation.secrets()
        choices = [
            seed for _, seed in simulation.choices(secrets, None, NO_DICE.parties[1:][:withheld])
        ]
        assert len(set(choices)) == 2**withheld
        seeds.append(next(filter(pleases, choices), choices[0]))
    assert near(share_that_pleases(seeds), 1 - (1 - 1 / 4) ** (2**withheld))


def test_whoever_makes_dice_up_after_the_reveals_chooses_the_seed():
    simulation, seeds = Simulation(CALL, 4), []
    for _ in range(RUNS // 4):
        secrets = simulation.secrets()
        tries = (combined_quickly(CALL, secrets, simulation.dice()) for _ in range(40))
        seeds.append(next(filter(pleases, tries)))
    assert share_that_pleases(seeds) == 1
