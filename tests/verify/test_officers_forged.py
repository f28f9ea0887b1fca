"""Records in which somebody signs who may not, by a forger who has the log's key."""

import base64

import pytest

from forger import Forger, altered, check, leaves, put
from officers_made import ADA, BO, CY, DI, KEYS, new_office, officer_signer
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.offices import appoint, dismiss
from referendum.record.stamps import Stamp


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A vote with officers, one of whom comes and goes: acts 0 to 4."""
    made = new_office(tmp_path_factory.mktemp("office"))
    delivery = ReturnsFiles(
        made.folder.parent / "returns.csv", None, "referendum", "all", provisional=False
    )
    with made.hold(CY, ADA, BO) as record:
        appoint(record, "Di Ash", "deputy", DI.key, "2100-01-01", Stamp())
        receive_returns(record, delivery, Stamp())
        declare_result(record, Stamp())
        dismiss(record, "Di Ash", "Left", Stamp())
    return made


@pytest.fixture
def forger(office):
    """Who has the log's key, and the keys of all officers to begin with."""
    made = Forger(office.folder)
    made.keys = {**KEYS, "Di Ash": DI}
    return made


OPEN, APPOINT, RETURNS, RESULT, DISMISS = range(5)


def failures(forger, office):
    """What fails."""
    return " ".join(finding.words for finding in check(forger.build(office.signer)).failures)


def test_what_is_not_changed_holds(forger, office):
    assert failures(forger, office) == ""


def test_what_the_log_s_key_alone_signs_again_does_not_hold(forger, office):
    forger.keys = {}
    forger.acts[OPEN]["parameters"]["title"] = "Another vote"
    assert "the signature by SHA256:" in failures(forger, office)


@pytest.mark.parametrize("number", range(5))
def test_one_signature_too_few_or_too_many_fails(forger, office, number):
    forger.acts[number]["by"] = forger.acts[number]["by"][:-1]
    assert f"needs {2 - (number == RETURNS)} signatures" in failures(forger, office)
    forger.acts[number]["by"] = ["Ada Lund", "Bo Ek", "Cy Moe"][: 3 - (number == RETURNS)]
    assert failures(forger, office)


def by(number, *names):
    """A change: these officers sign an act."""
    return lambda forger: forger.acts[number].update(by=list(names))


def signed_by(number, *keys):
    """A change: these keys sign an act, whoever is named."""
    return lambda forger: forger.keys.update({number: list(keys)})


def parameters(number, **values):
    """A change of an act's parameters."""
    return lambda forger: forger.acts[number]["parameters"].update(values)


def officer(place, **values):
    """A change of one of the first officers."""
    return lambda forger: forger.acts[OPEN]["parameters"]["officers"][place].update(values)


def rule(**slots):
    """A change of the rule."""
    named = {kind.replace("_", "."): roles for kind, roles in slots.items()}
    return lambda forger: forger.acts[OPEN]["parameters"]["rule"].update(named)


def lines(key):
    """A key's line."""
    return key.key.line


def another_text(forger):
    """The same signature in other lines."""
    forger.keys = {}
    signature = forger.acts[RESULT]["signatures"][0]
    forger.acts[RESULT]["signatures"][0] = signature.replace("\n", "", 2).replace(
        "-----U", "-----\nU"
    )


CHANGES = {
    "the same officer twice": (by(RESULT, "Ada Lund", "Ada Lund"), "signed where deputy had to"),
    "the same twice in equal slots": (by(APPOINT, "Ada Lund", "Ada Lund"), "signed for two"),
    "another role": (by(RESULT, "Ada Lund", "Cy Moe"), "Cy Moe (returning) signed where deputy"),
    "the slots the other way round": (by(RESULT, "Bo Ek", "Ada Lund"), "signed where chief had to"),
    "before the appointment": (by(OPEN, "Ada Lund", "Di Ash"), "was not appointed before"),
    "by one's own appointment": (by(APPOINT, "Ada Lund", "Di Ash"), "was not appointed before"),
    "nobody": (by(RESULT, "Ada Lund", "Ed Oz"), "was not appointed before"),
    "another spelling": (by(RESULT, "Ada Lund", "bo ek"), "was not appointed before"),
    "a lookalike": (by(RESULT, "Ad\u0430 Lund", "Bo Ek"), "was not appointed before"),
    "another officer's key": (signed_by(RESULT, ADA, CY), "not an SSHSIG by"),
    "a stranger's key": (signed_by(RETURNS, officer_signer("Eve")), "not an SSHSIG by"),
    "one signature for two": (signed_by(RESULT, ADA), "2 signatures; it has 2 officers and 1"),
    "another text of a signature": (another_text, "not an SSHSIG"),
    "an expired term": (
        lambda f: (
            parameters(APPOINT, until="2100-01-01T00:00:00+00:00")(f),
            f.acts[RESULT].update(by=["Ada Lund", "Di Ash"]),
            parameters(APPOINT, until=f.acts[RETURNS]["recorded"])(f),
            f.acts[APPOINT].update(recorded="2020-01-01T00:00:00+00:00", at="2020-01-01"),
            f.acts[OPEN].update(recorded="2020-01-01T00:00:00+00:00", at="2020-01-01"),
        ),
        "signed after the end of the term",
    ),
    "a term that ends before it begins": (
        parameters(APPOINT, until="2020-01-01T00:00:00+00:00"), "ends before it begins",
    ),
    "a name in two spellings": (parameters(APPOINT, name="ada lund"), "can be taken for"),
    "a name that looks alike": (parameters(APPOINT, name="B\u043e Ek"), "can be taken for"),
    "a key of two names": (parameters(APPOINT, key=lines(CY)), "is that of another officer"),
    "a key with a comment": (parameters(APPOINT, key=str(DI.key) + " x"), "key line"),
    "a weak key": (
        parameters(APPOINT, key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43), "anybody can",
    ),
    "dismissing nobody": (parameters(DISMISS, name="Ed Oz"), "who is no officer"),
    "a first officer named twice": (officer(1, name="Ada Lund"), "named twice"),
    "two first officers of one key": (officer(1, key=lines(ADA)), "is that of another officer"),
    "no rule": (parameters(OPEN, rule={}), "stand together"),
    "no officers": (parameters(OPEN, officers=[]), "stand together"),
    "three slots": (rule(result=[["chief"], ["deputy"], ["chief"]]), "not object"),
    "a slot of nobody": (rule(result=[[]]), "not object"),
    "a kind that is none": (rule(resutl=[["chief"]]), "no kind of act"),
    "fewer who appoint": (rule(office_appoint=[["chief"]]), "needs fewer signatures"),
    "an opening that none can sign": (rule(record_open=[["auditor"]]), "cannot sign record.open"),
    "a rule that asks for less": (rule(result=[["chief"]]), "needs 1 signatures"),
    "an appointment that corrects": (
        lambda f: f.acts[DISMISS].update(corrects=APPOINT, reason="wrong"), "corrects",
    ),
    "an act too early": (
        lambda f: f.acts.insert(APPOINT, f.acts.pop(RETURNS)) or f.keys.clear(), "is wrong",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_who_may_not_sign_is_named(forger, office, name):
    change, words = CHANGES[name]
    change(forger)
    assert words in failures(forger, office)


def test_one_who_was_dismissed_signs_no_more(forger, office):
    forger.acts.append(forger.acts.pop(RETURNS) | {"recorded": forger.acts[-1]["recorded"]})
    forger.acts[-1]["by"] = ["Di Ash"]
    del forger.acts[2]
    assert "Di Ash signed, and was dismissed in act 2" in failures(forger, office)


def test_the_key_of_the_log_is_no_officer_s(forger, office):
    blob = base64.b64decode(lines(DI).split()[1])
    public = office.signer.verifier.public
    line = f"ssh-ed25519 {base64.b64encode(blob[:-32] + public).decode()}"
    forger.acts[APPOINT]["parameters"]["key"] = line
    assert "is that of the log" in failures(forger, office)


def test_a_signed_act_holds_in_no_other_history(forger, tmp_path):
    other = new_office(tmp_path)
    forged = Forger(other.folder)
    forged.keys = {OPEN: [ADA, BO]}
    forged.acts[OPEN].update({name: forger.acts[OPEN][name] for name in ("at", "recorded")})
    forged.acts += [forger.acts[RETURNS]]
    forged.bundles |= forger.bundles
    assert "is wrong" in failures(forged, other)


def test_the_log_s_key_alone_can_change_nothing(forger, office):
    forger.keys = {}
    put_back = {("number",), ("parameters", "origin"), ("parameters", "key")}
    unnoticed = []
    for number, act in enumerate(forger.acts):
        for path, value in leaves(act):
            if (number == OPEN and path in put_back) or path == ("number",):
                continue
            forged = forger.copy()
            put(forged.acts[number], path, altered(value))
            if not failures(forged, office):
                unnoticed.append((number, path))
    assert unnoticed == []


def test_no_signature_can_be_moved_or_taken_away(forger, office):
    forger.keys = {}
    for number in range(5):
        for change in (
            lambda act: act["signatures"].reverse() or act["signatures"].append("x"),
            lambda act: act["signatures"].pop(),
            lambda act: act["signatures"].append(act["signatures"][0]),
            lambda act: act.update(signatures=[], by=[]),
            lambda act: act["by"].reverse() or act["by"].append("Ada Lund"),
            lambda act: act.pop("signatures"),
            lambda act: act.update(signatures=None),
            lambda act: act.update(by="Ada Lund"),
        ):
            forged = forger.copy()
            change(forged.acts[number])
            assert failures(forged, office)
