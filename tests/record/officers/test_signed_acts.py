"""Acts and the officers who sign them: who may, who may not, what is written, what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officers_made import (
    ADA,
    BO,
    CY,
    DI,
    KEYS,
    OFFICERS,
    Office,
    new_office,
    officer_signer,
    opening,
)
from referendum.core.canonical import canonical_json
from referendum.core.days import utc_text
from referendum.core.errors import InputError, KeyFault, OrderError, RecordError
from referendum.core.lookalikes import lookalike_key
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.offices import appoint, dismiss
from referendum.flows.status import status_of
from referendum.publish import publish
from referendum.record import prepared_acts
from referendum.record.act_schemas import ACT_SCHEMAS
from referendum.record.acts import entry_without_signatures
from referendum.record.kinds import KINDS
from referendum.record.log import new_signer
from referendum.record.officers import (
    USUAL_ROLES,
    USUAL_RULE,
    OfficerKey,
    OfficerSigner,
    require_rule,
)
from referendum.record.officers.rule import fill_slots, slots_of
from referendum.record.opening import Officer, open_record
from referendum.record.prepared_acts import append_prepared, prepare, read_prepared, sign_prepared
from referendum.record.reading import Record
from referendum.record.rehearsal import rehearse
from referendum.record.signing_plan import SigningPlan
from referendum.record.stamps import Stamp, now
from referendum.verify import verify
from referendum.verify.roster import lookalike_key as key_by_verify


@pytest.fixture
def office(tmp_path):
    """A vote whose officers are a chief, a deputy and a returning officer."""
    return new_office(tmp_path)


def returns(record, file=None):
    """Receive the returns."""
    file = file or record.folder.parent / "returns.csv"
    delivery = ReturnsFiles(file, None, "referendum", "all", provisional=False)
    return receive_returns(record, delivery, Stamp())


def test_a_record_is_signed_act_by_act_and_holds(office):
    with office.hold(ADA, BO) as record:
        assert returns(record).by == ("Ada Lund",)
        result = declare_result(record, Stamp())
        assert result.by == ("Ada Lund", "Bo Ek")
    record = Record.open(office.folder)
    record.require_signed()
    assert [len(act.signatures) for act in record.acts] == [2, 1, 2]
    assert [one.role for one in record.signers(record.acts[2])] == ["chief", "deputy"]
    report = verify(str(office.folder))
    assert report.holds
    assert "5 signatures of officers hold" in str(report.findings)
    assert "no officer" not in str(report.findings)


def test_keys_may_come_in_any_order(office):
    with office.hold(BO, CY, ADA) as record:
        assert returns(record).by == ("Bo Ek",)
        assert declare_result(record, Stamp()).by == ("Ada Lund", "Bo Ek")
    assert verify(str(office.folder)).holds


@pytest.mark.parametrize(
    ("signers", "words"),
    [
        ((), "needs a signature by chief and a signature by deputy; signing: nobody"),
        ((ADA,), "signing: Ada Lund \\(chief\\)"),
        ((ADA, ADA), "signing: Ada Lund \\(chief\\)$"),
        ((ADA, CY), "signing: Ada Lund \\(chief\\), Cy Moe \\(returning\\)"),
        ((ADA, DI), "of no officer of this record"),
    ],
)
def test_a_decision_is_refused_before_any_work(office, signers, words):
    with office.hold(CY) as record:
        returns(record)
    with office.hold(*signers) as record, pytest.raises(KeyFault, match=words) as refused:
        declare_result(record, Stamp())
    assert refused.value.hint
    assert len(Record.open(office.folder).acts) == 2


def test_one_who_was_dismissed_signs_no_more(office):
    with office.hold(CY, ADA, BO) as record:
        dismiss(record, "Cy Moe", "Retired", Stamp())
        with pytest.raises(KeyFault, match="Cy Moe was dismissed in act 1"):
            returns(record)
    with office.hold(ADA, BO) as record:
        with pytest.raises(OrderError, match="no officer 'Cy Moe'"):
            dismiss(record, "Cy Moe", "Retired again", Stamp())
        returns(record)
    assert verify(str(office.folder)).holds


def test_one_whose_term_has_ended_signs_no_more(office):
    end = datetime.now(UTC) + timedelta(hours=1)
    with office.hold(ADA, BO) as record:
        appoint(record, "Di Ash", "returning", DI.key, end.isoformat(), Stamp())
    with office.hold(DI) as record:
        returns(record)
    with office.hold(DI, ADA, BO) as record:
        record.clock = lambda: end
        with pytest.raises(KeyFault, match=r"the term of Di Ash \(returning\) ended at"):
            declare_result(record, Stamp())
        with pytest.raises(KeyFault, match="ended at"):
            record.require_allowed("roll.seal", Stamp())
    with office.hold(ADA, BO) as record, pytest.raises(InputError, match="before it begins"):
        appoint(record, "Ed Oz", "returning", officer_signer("Ed").key, "2020-01-01", Stamp())


def test_a_key_is_replaced_and_the_old_one_signs_no_more(office):
    new = officer_signer("Cy again")
    with office.hold(ADA, BO) as record:
        appoint(record, "Cy Moe", "returning", new.key, None, Stamp())
    with office.hold(CY) as record, pytest.raises(KeyFault, match="was replaced in act 1"):
        returns(record)
    with office.hold(new) as record:
        returns(record)
    assert verify(str(office.folder)).holds


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        ("ada  lund", DI, "can be taken for 'Ada Lund'"),
        ("Ad\u0430 Lund", DI, "can be taken for"),
        ("Ada\u200b Lund", DI, "can be taken for"),
        ("B0 Ek", DI, "can be taken for"),
        ("Ada Iund", DI, "can be taken for"),
        ("Di Ash", CY, "is that of Cy Moe"),
        (" Di Ash", DI, "cannot be an officer's name"),
        ("...", DI, "cannot be an officer's name"),
    ],
)
def test_no_officer_has_two_names_and_no_name_is_like_another(office, name, key, words):
    with office.hold(ADA, BO) as record, pytest.raises((InputError, KeyFault), match=words):
        appoint(record, name, "deputy", key.key, None, Stamp())


def test_the_log_key_is_no_officer_s(office):
    log_key = OfficerSigner(office.signer.private).key
    with office.hold(ADA, BO) as record, pytest.raises(KeyFault, match="that of the log itself"):
        appoint(record, "Di Ash", "deputy", log_key, None, Stamp())


def test_an_appointment_corrects_nothing(office):
    with office.hold(ADA, BO) as record:
        appoint(record, "Di Ash", "deputy", DI.key, None, Stamp())
        with pytest.raises(OrderError, match="corrects nothing"):
            appoint(record, "Di Ash", "deputy", DI.key, None, Stamp(corrects=1, reason="wrong"))


def test_an_opening_needs_its_signatures(tmp_path):
    with pytest.raises(KeyFault, match=r"record\.open needs"):
        new_office(tmp_path, signers=(ADA,))
    assert not (tmp_path / "vote").exists()


@pytest.mark.parametrize(
    "rule",
    [
        {"resutl": [["chief"]]},
        {"*": [["chief"], ["deputy"], ["returning"]]},
        {"*": [[]]},
        {"result": [["chief"], ["deputy"]], "*": [["chief"]]},
        {"result": [["chief"]]},
        {"*": [["auditor"]]},
        {"*": [["chief"], ["deputy"]], "office.appoint": [["chief"], ["chief"]]},
    ],
)
def test_a_rule_that_cannot_be_kept_or_is_got_round_is_refused(tmp_path, rule):
    with pytest.raises(InputError):
        new_office(tmp_path, rule=rule)


def test_a_rule_without_officers_is_refused(tmp_path):
    with pytest.raises(InputError, match="no officer is named"):
        new_office(tmp_path, officers=(), rule={"*": [["chief"]]})


@pytest.mark.parametrize(
    "more",
    [Officer("Ada Lund", "deputy", DI.key), Officer("ADA LUND", "deputy", DI.key),
     Officer("Di Ash", "deputy", ADA.key)],
)  # fmt: skip
def test_two_first_officers_are_two_people(tmp_path, more):
    signer = new_signer("tests.example/office")
    with pytest.raises((InputError, KeyFault)):
        open_record(
            tmp_path / "v", signer, opening((*OFFICERS, more)), Stamp(), SigningPlan((ADA, BO))
        )
    assert not (tmp_path / "v").exists()


def test_a_record_without_officers_never_has_any(vote, tmp_path):
    made = vote.copy(tmp_path / "vote")
    with made.hold() as record, pytest.raises(OrderError, match="opened without officers"):
        appoint(record, "Di Ash", "chief", DI.key, None, Stamp())
    report = verify(str(made.folder))
    assert report.holds
    assert any("names no officers" in words for words in report.outcome_notes)


def test_a_rehearsal_needs_no_signature(office):
    with rehearse(office.folder) as record:
        file = office.folder.parent / "returns.csv"
        assert returns(record, file).signatures == ()
        assert declare_result(record, Stamp()).by == ()
    assert len(Record.open(office.folder).acts) == 1


def test_the_usual_rule_can_be_kept_by_two_and_names_every_kind():
    require_rule(USUAL_RULE, KINDS, ("chief", "deputy"))
    named = {role for slots in USUAL_RULE.values() for roles in slots for role in roles}
    assert named == set(USUAL_ROLES)
    assert set(USUAL_RULE) <= {"*", *ACT_SCHEMAS}
    for kind in ("record.open", "petition.issue", "draw", "decide", "result", "audit.risk"):
        assert slots_of(USUAL_RULE, kind) == (("chief",), ("deputy",))


@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=1), max_size=2),
    st.lists(st.sampled_from("abc"), max_size=4),
)
def test_slots_are_filled_wherever_they_can_be(slots, roles):
    found = fill_slots(slots, roles)
    pairs = [
        (one, other) for one in range(len(roles)) for other in range(len(roles)) if one != other
    ]
    ways = {0: [()], 1: [(n,) for n in range(len(roles))], 2: pairs}[len(slots)]
    good = [
        way for way in ways if all(roles[n] in slot for n, slot in zip(way, slots, strict=True))
    ]
    assert found in good if good else found is None


@given(st.text(max_size=20))
def test_both_programs_see_the_same_likeness(name):
    assert lookalike_key(name) == key_by_verify(name)


TEXTS = st.text(st.sampled_from('ab",:[]{}\\\n—'), max_size=30)


@given(TEXTS, TEXTS, st.lists(st.sampled_from(["A\nb=\n", "x/+\n"]), max_size=2))
def test_signatures_are_cut_out_of_an_entry(text, other, signatures):
    act = {"section": text, "statute": {"id": other, "version": text}, "writes": [], "at": other}
    entry = canonical_json({**act, "signatures": signatures})
    assert entry_without_signatures(entry) == canonical_json(act)


def test_an_act_of_another_record_does_not_hold_here(office, tmp_path):
    (tmp_path / "other").mkdir()
    other = new_office(tmp_path / "other")
    for one in (office, other):
        with one.hold(CY) as record:
            returns(record)
    acts = [Record.open(one.folder).acts[1] for one in (office, other)]
    with other.hold() as record:
        from referendum.core.canonical import sha256_hex  # noqa: PLC0415
        from referendum.record.acts import act_message, encode_act  # noqa: PLC0415

        first = sha256_hex(act_message(None, encode_act(record.acts[0])))
        with pytest.raises(RecordError, match="not over these bytes"):
            record.roster.require_signed(acts[0], act_message(first, encode_act(acts[0])))
        record.roster.require_signed(acts[1], act_message(first, encode_act(acts[1])))
    assert KEYS["Cy Moe"] is CY


def test_several_acts_are_passed_on_together(office, tmp_path):
    path = tmp_path / "both.act"
    with prepare(office.folder, path, ["Bo Ek", "Ada Lund"]) as record:
        returns(record, office.folder.parent / "returns.csv")
        declare_result(record, Stamp())
    prepared = read_prepared(path)
    assert [act.by for act in prepared.acts] == [("Bo Ek",), ("Ada Lund", "Bo Ek")]
    assert prepared.missing_signers == ["Bo Ek", "Ada Lund"]
    sign_prepared(path, ADA)
    sign_prepared(path, BO)
    with office.hold() as record:
        assert [act.number for act in append_prepared(record, path)] == [1, 2]
    Record.open(office.folder).require_signed()
    assert verify(str(office.folder)).holds


def test_an_appending_that_was_cut_off_between_two_acts_goes_on(office, tmp_path, monkeypatch):
    path = tmp_path / "both.act"
    with prepare(office.folder, path, ["Bo Ek", "Ada Lund"]) as record:
        returns(record, office.folder.parent / "returns.csv")
        declare_result(record, Stamp())
    for key in (ADA, BO):
        sign_prepared(path, key)
    plain = prepared_acts._append
    with monkeypatch.context() as patched, office.hold() as record:

        def cut_off(record, act, store):
            if act.number == 2:
                raise KeyboardInterrupt
            return plain(record, act, store)

        patched.setattr(prepared_acts, "_append", cut_off)
        with pytest.raises(KeyboardInterrupt):
            append_prepared(record, path)
    with office.hold() as record:
        assert [act.number for act in append_prepared(record, path)] == [2]
        with pytest.raises(OrderError, match="on the record already, in act 1"):
            append_prepared(record, path)
    assert verify(str(office.folder)).holds


def test_one_dismissed_meanwhile_does_not_sign_what_was_prepared(office, tmp_path):
    path = tmp_path / "returns.act"
    with prepare(office.folder, path, ["Cy Moe"]) as record:
        returns(record, office.folder.parent / "returns.csv")
    sign_prepared(path, CY)
    with office.hold(ADA, BO) as record:
        dismiss(record, "Cy Moe", "Left", Stamp())
        with pytest.raises(OrderError, match="has grown"):
            append_prepared(record, path)
    with (
        pytest.raises(KeyFault, match="was dismissed in act 1"),
        prepare(office.folder, tmp_path / "again.act", ["Cy Moe"]) as record,
    ):
        returns(record, office.folder.parent / "returns.csv")
    assert not (tmp_path / "again.act").exists()


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[" * 100_000, b"null", b'{"format":"referendum-prepared/1"}', b"\xff"]
)
def test_a_file_that_is_none_is_refused(tmp_path, data):
    (tmp_path / "x.act").write_bytes(data)
    with pytest.raises(InputError):
        read_prepared(tmp_path / "x.act")


def test_nobody_is_dismissed_without_whom_nobody_could_be_appointed(office):
    with office.hold(ADA, BO) as record:
        with pytest.raises(OrderError, match="without Ada Lund nobody could sign an appointment"):
            dismiss(record, "Ada Lund", "Left.", Stamp())
        with pytest.raises(OrderError, match="without Ada Lund nobody"):
            appoint(record, "Ada Lund", "returning", ADA.key, None, Stamp())
        dismiss(record, "Ada Lund", "Left.", Stamp(), ends_record=True)
    found = status_of(Record.open(office.folder), utc_text(now()))
    signable = {kind: one.signable for one in found.tasks for kind in one.step.kinds}
    assert signable["returns.receive"]  # by the deputy alone
    notes = " ".join(verify(str(office.folder)).outcome_notes)
    assert "Those in office can sign no appointment" in notes


def test_no_party_to_a_seed_has_the_key_of_an_officer_or_of_the_log(office):
    with office.hold() as record:
        log_line = OfficerKey(record.roster.log_key).line
        for line in (ADA.key.line, CY.key.line, log_line):
            with pytest.raises(KeyFault, match="is that of"):
                record.roster.require_party_keys({"Yes campaign": line})
        record.roster.require_party_keys({"Yes campaign": DI.key.line})


def test_a_published_copy_is_not_written_on(office, tmp_path):
    publish([office.folder], tmp_path / "site")
    copy = Office(tmp_path / "site" / office.folder.name, office.signer)
    with pytest.raises(OrderError, match="published copy"), copy.hold(ADA):
        pass
    assert "verify each of" not in str(verify(str(copy.folder)).nothing)
    (tmp_path / "site" / "site.json").unlink()
    assert f"verify each of: {office.folder.name}" in verify(str(tmp_path / "site")).nothing
