"""Seeds as whoever holds the key of the log would bend them: each fails, in words."""

import copy
import hashlib
from datetime import datetime, timedelta

import pytest
from ceremonies import ROLLED, make_seed

from forger import Forger, check, written
from referendum.flows.audit import draw_audit
from referendum.record.log import new_signer
from referendum.record.stamps import Stamp
from referendum.verify import seeds as arithmetic

SIGNER = new_signer("tests.example/forged")
OTHER = "41662533516264134452"
DOCUMENTS = {
    "seed.call": "seed_call",
    "seed.commit": "seed_commitment",
    "seed.reveal": "seed_secret",
    "seed.dice": "seed_dice",
}


@pytest.fixture(scope="module")
def forgers(sown, planned, tmp_path_factory):
    """Forgers of a vote with a first round drawn, and of one with a call that nothing answers."""
    folder = tmp_path_factory.mktemp("typed")
    typed = planned.copy(folder / "typed")
    with typed.hold() as record:
        draw_audit(record, ROLLED, {"*": 5}, Stamp())
        make_seed(record, "audit.draw", OTHER)
    return {"sown": Forger(sown.folder), "typed": Forger(typed.folder)}


@pytest.fixture
def forger(forgers):
    """A copy of a forger, to change."""
    return forgers["sown"].copy()


def said(act):
    """What the document of an act says."""
    parameters = {name: value for name, value in act["parameters"].items() if name != "for"}
    return (
        {**parameters, "kind": act["parameters"]["for"]}
        if act["kind"] == "seed.call"
        else parameters
    )


def settle(forger):
    """Make digests, commitments, documents and the seed agree with what the acts now say."""
    call, committed, revealed, dice = None, {}, {}, None
    for act in forger.acts:
        if act["kind"] in DOCUMENTS:
            name = DOCUMENTS[act["kind"]]
            _, files = forger.bundles[act["writes"][0]["digest"]]
            files[f"{name}.json"] = written(said(act)).encode()
        parameters = act["parameters"]
        if act["kind"] == "seed.call":
            call, committed, revealed, dice = said(act), {}, {}, None
            act["facts"]["call"] = f"sha256:{hashlib.sha256(written(call).encode()).hexdigest()}"
        elif act["kind"] == "seed.commit":
            committed[parameters["party"]] = parameters["commitment"]
        elif act["kind"] == "seed.reveal":
            revealed[parameters["party"]] = parameters["secret"]
        elif act["kind"] == "seed.dice":
            dice = parameters
    return call, committed, revealed, dice


def failures(forger):
    """What fails in a record."""
    return [finding.words for finding in check(forger.build(SIGNER)).failures]


def of(forger, kind):
    """The acts of a kind."""
    return [act for act in forger.acts if act["kind"] == kind]


def test_what_is_not_changed_holds(forgers):
    for one in forgers.values():
        assert failures(one.copy()) == []


def put(kind, which=0, **parameters):
    """Gives what changes parameters of an act."""
    return lambda forger: of(forger, kind)[which]["parameters"].update(parameters)


def stamp(kind, which=0, **members):
    """Gives what changes members of an act."""
    return lambda forger: of(forger, kind)[which].update(members)


def late(kind, **by):
    """Gives what records an act, and all after it, later."""

    def change(forger):
        first = of(forger, kind)[0]["number"]
        for act in forger.acts[first:]:
            moment = datetime.fromisoformat(act["recorded"]) + timedelta(**by)
            act["recorded"] = act["at"] = moment.isoformat()

    return change


def move(kind, which, after):
    """Gives what moves an act behind the last one of a kind."""

    def change(forger):
        one = of(forger, kind)[which]
        forger.acts.remove(one)
        place = forger.acts.index(of(forger, after)[-1]) + 1
        one["recorded"] = one["at"] = forger.acts[place - 1]["recorded"]
        forger.acts.insert(place, one)

    return change


def drop(kind, which=0):
    """Gives what leaves an act out."""
    return lambda forger: forger.acts.remove(of(forger, kind)[which])


def until_then(forger):
    """Let the call end before the secrets are revealed."""
    past = of(forger, "seed.commit")[-1]["recorded"]
    of(forger, "seed.call")[0]["parameters"]["until"] = past
    late("seed.reveal", seconds=5)(forger)


FORGED = {
    "a secret that does not fit": (
        put("seed.reveal", 1, secret="ab" * 32),
        "is not the one that it committed",
    ),
    "a commitment of another": (
        put("seed.commit", 1, commitment="ab" * 32),
        "is not the one that it committed",
    ),
    "a party that is not called": (
        put("seed.commit", 1, party="Observers"),
        "'Observers' is not called",
    ),
    "a lookalike": (put("seed.commit", 1, party="Yes  campaign"), "is not called"),
    "a party that commits twice": (
        put("seed.commit", 1, party="Elections office"),
        "commits to a secret twice",
    ),
    "a party that reveals twice": (
        put("seed.reveal", 1, party="Elections office"),
        "reveals a secret twice",
    ),
    "a commitment after a reveal": (
        move("seed.commit", 2, "seed.reveal"),
        "after one was revealed",
    ),
    "a reveal after the dice": (
        move("seed.reveal", 2, "seed.dice"),
        "before No campaign revealed a secret",
    ),
    "a reveal after the close": (move("seed.reveal", 2, "seed.close"), "was closed in act"),
    "a reveal that was left out": (drop("seed.reveal", 1), "before Yes campaign revealed a secret"),
    "reveals after the time": (until_then, "reveals a secret after"),
    "dice left out": (drop("seed.dice"), "dice were called and not rolled"),
    "dice of another": (put("seed.dice", by="A friend"), "are not those that were called"),
    "dice made up": (put("seed.dice", digits="1" * 20), "nobody rolled them"),
    "other dice": (put("seed.dice", digits=OTHER), "its fact seed is not what follows"),
    "a closing left out": (drop("seed.close"), "is not closed"),
    "another order of parties": (
        lambda f: of(f, "seed.call")[0]["parameters"]["parties"].reverse(),
        "is not the one that it committed",
    ),
    "dice that were not called": (put("seed.call", dice=None), "is not the one that it committed"),
    "a call that was over before it began": (
        put("seed.call", until="2020-01-01T00:00:00+00:00"),
        "the time for reveals was past",
    ),
    "a call of another draw": (
        put("seed.call", **{"for": "draw"}),
        "has its place on the record of a vote",
    ),
    "a typed seed while a call waits": (
        lambda f: (
            of(f, "audit.draw")[0]["parameters"].update(seed=OTHER),
            of(f, "audit.draw")[0]["parameters"].pop("called"),
        ),
        "and it takes another",
    ),
    "another seed that is said to be called": (
        put("audit.draw", seed=OTHER),
        "its seed is not the one made in act",
    ),
    "a reveal that corrects": (
        lambda f: of(f, "seed.reveal")[1].update(
            corrects=of(f, "seed.reveal")[0]["number"], reason="a slip"
        ),
        "puts nothing right",
    ),
    "dice that correct": (
        lambda f: of(f, "seed.dice")[0].update(
            corrects=of(f, "seed.dice")[0]["number"] - 1, reason="a slip"
        ),
        "which is none of its kind that stands",
    ),
    "a party left out of what was revealed": (
        lambda f: of(f, "seed.close")[0]["facts"]["revealed"].pop(),
        "its fact revealed is not",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_ceremony_that_was_bent_fails(forger, name):
    change, words = FORGED[name]
    change(forger)
    settle(forger)
    found = failures(forger)
    assert any(words in one for one in found), found


def test_the_files_are_what_the_acts_say(forger):
    for kind, name in DOCUMENTS.items():
        other = forger.copy()
        _, files = other.bundles[of(other, kind)[0]["writes"][0]["digest"]]
        files[f"{name}.json"] = files[f"{name}.json"].replace(b'"', b' "', 1)
        assert any(f"{name}.json is not what the act says" in one for one in failures(other))
    other = forger.copy()
    other.files("seed")["seed.txt"] += b"\n"
    assert any("the seed does not follow" in one for one in failures(other))


def test_a_seed_of_a_draw_that_was_typed_cannot_be_called_afterwards(forgers):
    """A call that is made after the draw does not turn what was typed into what was called."""
    forger = forgers["typed"].copy()
    draw = of(forger, "audit.draw")[0]
    draw["parameters"].update(called=True)
    draw["reads"].append(of(forger, "seed.close")[0]["writes"][0]["digest"])
    assert any("no call for it waits" in one for one in failures(forger))


def test_a_seed_serves_one_draw(forger):
    """A second draw with the same seed fails, whatever it corrects."""
    draw, other = of(forger, "audit.draw")[0], "f" * 64
    forger.bundles[other] = copy.deepcopy(forger.bundles[draw["writes"][0]["digest"]])
    again = copy.deepcopy(draw)
    again.update(corrects=draw["number"], reason="a slip")
    again["writes"][0]["digest"] = other
    forger.acts.append(again)
    words = " ".join(failures(forger))
    assert "no call for it waits to be used" in words


def test_a_second_call_needs_a_reason(forger):
    """A call beside one that waits fails; so nobody tries calls without being told of."""
    call, other = of(forger, "seed.call")[0], "f" * 64
    forger.acts.pop()  # the draw
    forger.bundles[other] = copy.deepcopy(forger.bundles[call["writes"][0]["digest"]])
    again = copy.deepcopy(call)
    again["parameters"]["nonce"] = again["writes"][0]["digest"] = other
    again["recorded"] = forger.acts[-1]["recorded"]
    forger.acts.append(again)
    settle(forger)
    assert any("and no draw has taken it" in one for one in failures(forger))


def test_both_programs_write_the_same_text(forger):
    call, committed, revealed, dice = settle(forger)
    text = arithmetic.seed_text(call, list(committed.items()), list(revealed.items()), dice)
    assert forger.files("seed")["seed.txt"].decode() == text
    seed = of(forger, "seed.close")[0]["facts"]["seed"]
    assert hashlib.sha256(text.encode()).hexdigest() == seed
