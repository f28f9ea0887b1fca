"""Seeds on the record: each act in its place, each draw with the seed that was made for it."""

from datetime import UTC, datetime, timedelta

import pytest
from ceremonies import (
    DICE,
    PARTIES,
    ROLLED,
    call,
    called,
    commit_all,
    later,
    make_seed,
    reveal_all,
    secret_of,
)

from referendum.core.draws import require_seed
from referendum.core.errors import InputError, OrderError
from referendum.core.seeds import DiceCall, make_commitment
from referendum.flows.audit import draw_audit
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.matching.match import match
from referendum.flows.seeds import close_call, commit, reveal, roll_dice
from referendum.flows.sufficiency import risk
from referendum.flows.sufficiency.sample import draw_sample
from referendum.flows.wording import act_lines, origin_of_seed
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.verify import verify

AUDIT = "audit.draw"
OFFICE, YES, NO = PARTIES
AGAIN = "the hall was closed"


def told(made):
    """What `verify` says beside the verdict; the record holds."""
    report = verify(str(made.folder), key=str(made.signer.verifier))
    assert report.failures == []
    return " ".join(report.outcome_notes)


def words_of(act):
    """What `log` tells of an act."""
    return " ".join(" ".join(act_lines(act)).split())


@pytest.fixture
def record(planned, tmp_path):
    """A vote whose audit is planned, held for writing."""
    with planned.copy(tmp_path / "vote").hold() as held:
        yield held


def after(record, **by):
    """Let the record's clock be later."""
    moment = datetime.now(UTC) + timedelta(**by)
    record.clock = lambda: moment


def correction(record, kind="seed.call"):
    """A stamp that puts right the latest act of a kind."""
    return Stamp(corrects=record.standing(kind).number, reason=AGAIN)


def test_a_petition_takes_the_seeds_that_were_made(matched, tmp_path):
    made = matched.copy(tmp_path / "petition")
    with made.hold() as record:
        call(record)
        risk.plan(record, risk.RiskPlan(), Stamp())
        call(record, "risk.draw")
        with pytest.raises(InputError, match=r"seeds are called for: draw, risk\.draw"):
            close_call(record, None, Stamp())
        for draw in ("risk.draw", "draw"):
            commit_all(record, draw)
            reveal_all(record, draw)
            roll_dice(record, draw, ROLLED, Stamp())
        seeds = {
            draw: close_call(record, draw, Stamp()).facts["seed"] for draw in ("draw", "risk.draw")
        }
        drawn = draw_sample(record, None, 120, Stamp())
        first = risk.draw(record, None, 20, Stamp())
        assert (drawn.parameters["seed"], drawn.parameters["called"]) == (seeds["draw"], True)
        assert first.parameters["seed"] == seeds["risk.draw"]
        assert not any(one.differences for one in replay(record, DERIVATIONS))
    assert "typed" not in told(made)


def test_nothing_is_left_of_a_call_when_what_is_drawn_from_is_put_right(matched, tmp_path):
    made = matched.copy(tmp_path / "petition")
    with made.hold() as record:
        make_seed(record)
        match(record, correction(record, "match"))
        with pytest.raises(OrderError, match="nobody is called"):
            commit(record, "draw", OFFICE, "00" * 32, Stamp())
        with pytest.raises(InputError, match="the seed is empty"):
            draw_sample(record, "", 120, Stamp())
        draw_sample(record, "41662533516264134452", 120, Stamp())
    assert f"its seed had been known since act 14. Why: {AGAIN}" in told(made)


def test_a_draw_of_every_line_takes_a_seed_that_was_called_for(matched, tmp_path):
    made = matched.copy(tmp_path / "petition")
    with made.hold() as record:
        make_seed(record)
        assert draw_sample(record, None, "all", Stamp()).parameters["called"] is True
    told(made)


def test_an_audit_takes_a_seed_for_each_round(sown, tmp_path):
    made = sown.copy(tmp_path / "vote")
    with made.hold() as record:
        draw = record.standing(AUDIT)
        assert origin_of_seed(draw) == "made by parties or dice on this record"
        assert "made by parties or dice" in words_of(draw)
        close = record.standing("seed.close")
        assert close.facts["revealed"] == list(PARTIES)
        assert close.facts["withheld"] == close.facts["absent"] == []
        with pytest.raises(InputError, match="known since act"):  # nor can it be typed again
            require_seed(close.facts["seed"], record.log.entries())
        make_seed(record, AUDIT, "4166253351626413445210"[:20])
        redrawn = draw_audit(record, None, {"*": 9}, correction(record, AUDIT))
        assert redrawn.parameters["seed"] != draw.parameters["seed"]
    assert "the audit was begun 2 times" in told(made).lower()


def test_parties_commit_once_before_anybody_reveals(record):
    with pytest.raises(OrderError, match="nobody is called"):
        commit(record, None, OFFICE, "00" * 32, Stamp())
    call(record, AUDIT)
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        commit(record, None, OFFICE, "00", Stamp())
    with pytest.raises(InputError, match="is not called; Elections office"):
        commit(record, None, "Observers", "00" * 32, Stamp())
    commit_all(record, AUDIT, [OFFICE])
    with pytest.raises(OrderError, match="has committed to a secret in act"):
        commit(record, None, OFFICE, "00" * 32, Stamp())
    for lookalike in (
        "ELECTIONS OFFICE",
        "Elections  office",
        "Elections оffice",
        f"{OFFICE}\u200b",
    ):
        with pytest.raises(InputError, match="is not called"):
            commit(record, None, lookalike, "00" * 32, Stamp())
    with pytest.raises(OrderError, match=f"no commitment of {YES}"):
        commit(record, None, YES, "00" * 32, correction(record, "seed.commit"))
    commit(record, None, OFFICE, "11" * 32, correction(record, "seed.commit"))
    commit_all(record, AUDIT, [NO])
    with pytest.raises(OrderError, match=f"not committed to a secret yet: {YES}; once"):
        reveal_all(record, AUDIT, [NO])
    with pytest.raises(InputError, match="not the secret that it had committed to"):
        reveal_all(record, AUDIT, [OFFICE], without_waiting=True)
    reveal_all(record, AUDIT, [NO], without_waiting=True)
    with pytest.raises(OrderError, match="after one was revealed"):
        commit_all(record, AUDIT, [YES])
    with pytest.raises(OrderError, match="after one was revealed"):
        commit(record, None, OFFICE, "22" * 32, correction(record, "seed.commit"))


def test_reveals_come_in_their_time_and_dice_after_them(record):
    call(record, AUDIT)
    commit_all(record, AUDIT, [OFFICE, YES])
    with pytest.raises(OrderError, match="had committed to none") as fault:
        reveal_all(record, AUDIT, [NO], without_waiting=True)
    assert "first do: seed commit --party 'No campaign'" in fault.value.hint
    reveal_all(record, AUDIT, [OFFICE], without_waiting=True)
    with pytest.raises(OrderError, match="had committed to none") as fault:
        reveal_all(record, AUDIT, [NO])
    assert "the reveals have begun, and it is left out" in fault.value.hint
    with pytest.raises(OrderError, match="has revealed its secret in act"):
        reveal_all(record, AUDIT, [OFFICE])
    with pytest.raises(OrderError, match="puts nothing right"):
        reveal(record, None, OFFICE, secret_of(OFFICE, AUDIT), correction(record, "seed.reveal"))
    for early in (lambda: roll_dice(record, None, ROLLED, Stamp()),):
        with pytest.raises(OrderError, match=r"^Yes campaign can still reveal"):
            early()
    with pytest.raises(OrderError, match="has not rolled the dice yet"):
        close_call(record, None, Stamp())
    after(record, hours=2)
    with pytest.raises(OrderError, match="was open until"):
        reveal_all(record, AUDIT, [YES])
    for digits, words in (
        (ROLLED[1:], "19 dice were rolled"),
        ("1" * 20, "nobody rolled"),
        ("x" * 20, "shows 0 to 9"),
    ):
        with pytest.raises(InputError, match=words):
            roll_dice(record, None, digits, Stamp())
    roll_dice(record, None, "73501 96240 88173 95526", Stamp())
    with pytest.raises(OrderError, match="are rolled once"):
        roll_dice(record, None, ROLLED, Stamp())
    with pytest.raises(OrderError, match="puts nothing right"):
        roll_dice(record, None, ROLLED, correction(record, "seed.dice"))
    facts = close_call(record, None, Stamp()).facts
    assert (facts["revealed"], facts["withheld"], facts["absent"]) == ([OFFICE], [YES], [NO])
    with pytest.raises(OrderError, match="nobody is called to make a seed now"):
        reveal(record, None, YES, secret_of(YES, AUDIT), Stamp())
    with pytest.raises(OrderError, match="is closed"):
        reveal(record, AUDIT, YES, secret_of(YES, AUDIT), Stamp())


def test_without_dice_nobody_reveals_before_all_have_committed(planned, tmp_path):
    made = planned.copy(tmp_path / "vote")
    with made.hold() as record:
        call(record, AUDIT, dice=None)
        commit_all(record, AUDIT, [OFFICE, YES])
        with pytest.raises(OrderError, match="not committed to a secret yet: No campaign"):
            reveal_all(record, AUDIT, [OFFICE])
        with pytest.raises(OrderError, match="can still reveal a secret"):
            close_call(record, None, Stamp())
        commit_all(record, AUDIT, [NO])
        with pytest.raises(OrderError, match="dice were rolled and not called"):
            roll_dice(record, None, ROLLED, Stamp())
        reveal_all(record, AUDIT)
        assert close_call(record, None, Stamp()).facts["withheld"] == []
    assert "its seed is known, and no draw has taken it" in told(made)


def test_who_withholds_a_secret_is_named(planned, tmp_path):
    made = planned.copy(tmp_path / "vote")
    with made.hold() as record:
        call(record, AUDIT, dice=None, until=later(seconds=2))
        commit_all(record, AUDIT)
        reveal_all(record, AUDIT, [OFFICE, YES])
        after(record, seconds=3)
        close_call(record, None, Stamp())
        draw_audit(record, None, {"*": 5}, Stamp())
    assert "No campaign committed and revealed no secret, and no dice were rolled" in told(made)


def test_where_nothing_was_revealed_there_is_no_seed(record):
    call(record, AUDIT, dice=None, until=later(seconds=2))
    after(record, seconds=3)
    with pytest.raises(OrderError, match="there is no seed"):
        close_call(record, None, Stamp())
    call(record, AUDIT, parties=(), stamp=correction(record), until=later(hours=1))
    roll_dice(record, None, ROLLED, Stamp())
    close_call(record, None, Stamp())
    draw_audit(record, None, {"*": 5}, Stamp())


def test_a_draw_takes_no_other_seed_than_the_one_that_was_called_for(record):
    call(record, AUDIT)
    with pytest.raises(OrderError, match="and not made yet"):
        draw_audit(record, ROLLED, {"*": 5}, Stamp())
    commit_all(record, AUDIT)
    reveal_all(record, AUDIT)
    roll_dice(record, None, ROLLED, Stamp())
    close_call(record, None, Stamp())
    with pytest.raises(InputError, match="a seed is typed, and one was called for"):
        draw_audit(record, "41662533516264134452", {"*": 5}, Stamp())
    assert draw_audit(record, None, {"*": 5}, Stamp()).parameters["called"] is True
    with pytest.raises(InputError, match="no seed is given"):  # a seed serves one draw
        draw_audit(record, None, {"*": 9}, correction(record, AUDIT))


def test_trying_calls_until_one_suits_is_seen(planned, tmp_path):
    made = planned.copy(tmp_path / "vote")
    with made.hold() as record:
        first = make_seed(record, AUDIT)
        with pytest.raises(OrderError, match="no draw has taken it yet"):
            call(record, AUDIT)
        with pytest.raises(InputError, match="is not said"):
            call(record, AUDIT, stamp=Stamp(corrects=record.standing("seed.call").number))
        call(record, AUDIT, stamp=correction(record))
        commit_all(record, AUDIT)
        call(record, AUDIT, stamp=correction(record))
    words = told(made)
    assert f"its seed had been known since act {first.number}. Why: {AGAIN}" in words
    assert f"was dropped, and no secret was revealed. Why: {AGAIN}" in words
    assert "is open" in words


def test_a_call_that_cannot_be_followed_is_refused(record):
    for change, words in (
        ({"until": "2020-01-01T00:00:00+00:00"}, "that is past already"),
        ({"parties": (OFFICE, "elections  OFFICE")}, "named twice"),
        ({"parties": (), "dice": None}, "nothing would make the seed"),
        ({"draw": "draw"}, "this record is of a vote"),
    ):
        with pytest.raises((InputError, OrderError), match=words):
            call(record, **{"draw": AUDIT, **change})
    with pytest.raises(InputError, match="20 to 100"):
        DiceCall("Somebody", 10, 3)


def test_what_is_drawn_from_is_there_before_the_call(vote, tmp_path):
    with (
        vote.copy(tmp_path / "vote").hold() as record,
        pytest.raises(OrderError, match="no audit_plan"),
    ):
        call(record, AUDIT)


def test_a_typed_seed_is_said_to_rest_on_trust(planned, tmp_path):
    made = planned.copy(tmp_path / "vote")
    with made.hold() as record:
        act = draw_audit(record, ROLLED, {"*": 5}, Stamp())
    assert "trust in the one who typed it" in words_of(act)
    assert f"The seed of act {act.number} was typed: it rests on trust" in told(made)


def test_a_commitment_fits_its_call_alone(record):
    call(record, AUDIT)
    secret = bytes.fromhex(secret_of(OFFICE, AUDIT))
    of_the_first = make_commitment(called(record, AUDIT), OFFICE, secret)
    call(record, AUDIT, dice=DICE, stamp=correction(record))
    commit(record, AUDIT, OFFICE, of_the_first, Stamp())
    with pytest.raises(InputError, match="not the secret that it had committed to"):
        reveal(record, AUDIT, OFFICE, secret.hex(), Stamp(), without_waiting=True)


def test_a_seed_is_made_though_the_clock_was_set_back(record):
    call(record, AUDIT)
    after(record, days=-400)
    commit_all(record, AUDIT)
    reveal_all(record, AUDIT)
    roll_dice(record, AUDIT, ROLLED, Stamp())
    close_call(record, AUDIT, Stamp())
    recorded = [act.recorded for act in record.acts]
    assert recorded == sorted(recorded)
    assert verify(str(record.folder)).holds
