"""Statutes as data: complete, cited, versioned, and right at their thresholds."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.days import read_span
from referendum.core.errors import LawError
from referendum.law import (
    Value,
    read_statute,
    require_known,
    requirement,
    statute_bytes,
    statute_ids,
    version_on,
    versions,
)
from referendum.law.decision import SHAPES
from referendum.law.library import require_no_gap
from referendum.law.projection import FORMULAS
from referendum.petition import GATES

CIA = "ca-ab/citizen-initiative-act"
ALL = [statute for name in statute_ids() for statute in versions(name)]
EVERY_VERSION = pytest.mark.parametrize("statute", ALL, ids=lambda one: f"{one.id} {one.version}")


def values(part, path=""):
    """Every value of law in a statute, with its path."""
    if isinstance(part, Value):
        yield path, part
    elif isinstance(part, dict):
        for name, inner in part.items():
            yield from values(inner, f"{path}.{name}")
    elif isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from values(getattr(part, name), f"{path}.{name}")


@EVERY_VERSION
def test_a_file_stands_where_its_id_and_version_say(statute):
    assert statute.in_force_from.value == date.fromisoformat(statute.version)
    assert read_statute(statute_bytes(statute.id, statute.version)) == statute


@EVERY_VERSION
def test_a_value_read_somewhere_says_where_and_a_reading_says_why(statute):
    for path, value in values(statute):
        assert value.cite, path
        if value.certainty == "read":
            assert value.source, path
        if value.certainty == "reading":
            assert value.note or path == ".transition", path


@EVERY_VERSION
def test_every_step_follows_an_earlier_one_or_an_event_from_outside(statute):
    before = {"election"}
    for step in statute.steps:
        assert not step.after or step.after in before, step.code
        assert bool(step.by) <= bool(step.before), step.code
        for span in (step.within, step.not_before, step.by):
            assert not span or read_span(span)
        before.add(step.code)


@EVERY_VERSION
def test_a_petition_of_the_act_can_be_checked_and_decided(statute):
    """Complete from start to decision: whatever has gates has all that a decision needs."""
    if statute.gates is None:
        assert statute.vote or statute.steps
        return
    assert statute.verification
    assert statute.repeats
    assert statute.projection.formula.value in FORMULAS
    assert statute.decision.shape.value in SHAPES
    full = statute.verification.method.value == "full"
    assert full == (statute.sampling is None)
    assert full == (statute.decision.shape.value == "full_count")
    if statute.decision.shape.value == "dead_band":
        rule = statute.decision
        assert (rule.passes_at and (rule.fails_below or rule.fails_at)) or rule.shape.note


@EVERY_VERSION
def test_who_keeps_no_copy_looks_for_repeats_in_the_sample(statute):
    """Taking out every copy among all lines is a rule that no statute here has."""
    if statute.repeats and statute.repeats.rule.value == "keep_none":
        assert statute.repeats.found.value == "in_sample"


@EVERY_VERSION
def test_a_share_of_a_base_says_how_it_is_rounded(statute):
    for threshold in statute.thresholds.values():
        assert bool(threshold.share) == bool(threshold.rounding)
        assert not (threshold.share and threshold.number)


@EVERY_VERSION
def test_every_gate_named_is_one_that_the_petition_stage_knows(statute):
    if statute.gates:
        assert set(statute.gates.order.value) <= set(GATES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (b"mood = 'cheerful'\n", "unknown field `mood`"),
        (b"[decision.shape]\nvalue = 'point'\n", "cite"),
        (b"[decision.shape]\nvalue='guess'\ncite='x'\ncertainty='read'\n", "guess"),
        (b"[decision.shape]\nvalue='point'\ncite='x'\ncertainty='sure'\n", "sure"),
        (b"[decision.fails_at]\nvalue='most'\ncite='x'\ncertainty='read'\n", "regex"),
        (b"[[[", "not a statute file"),
        (b"\xff", "not a statute file"),
    ],
)
def test_what_the_model_does_not_know_is_refused(change, words):
    base = b"id='a/b'\nversion='2020-01-01'\ntitle='t'\njurisdiction='j'\nplace='XX'\n"
    dated = b"[in_force_from]\nvalue=2020-01-01\ncite='x'\ncertainty='read'\n"
    top, table = (b"", change) if change.startswith(b"[") else (change, b"")
    with pytest.raises(LawError, match=words):
        read_statute(base + top + dated + table)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("2022-04-07", "2022-04-07"),
        ("2025-07-03", "2022-04-07"),
        ("2025-07-04", "2025-07-04"),
        ("2025-12-10", "2025-07-04"),
        ("2025-12-11", "2025-12-11"),
        ("2025-12-22", "2025-12-11"),
        ("2026-04-15", "2025-12-11"),
        ("2026-05-04", "2026-04-16"),
    ],
)
def test_each_day_has_the_version_that_applied(day, version):
    assert version_on(CIA, date.fromisoformat(day)).version == version


def test_a_day_before_the_first_version_is_an_error_that_names_it():
    with pytest.raises(LawError) as caught:
        version_on(CIA, date(2022, 4, 6))
    assert "2022-04-07" in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("ca-ab", [CIA, "ca-ab/municipal-government-act", "ca-ab/recall-act"]),
        ("us-wa", ["us-wa/initiative-and-referendum"]),
        ("washington", ["us-wa/initiative-and-referendum"]),
    ],
)
def test_an_unknown_act_is_an_error_that_names_near_ones(asked, near):
    with pytest.raises(LawError) as caught:
        version_on(asked, date(2025, 1, 1))
    assert f"perhaps {', '.join(near)};" in caught.value.hint
    with pytest.raises(LawError) as misspelt:
        version_on("ca-ab/citizens-initiative", date(2025, 1, 1))
    assert CIA in misspelt.value.hint


@pytest.mark.parametrize("ends", [None, date(2025, 7, 2), date(2025, 7, 4)])
def test_versions_that_overlap_or_leave_a_gap_are_refused(ends):
    first, second = versions(CIA)[:2]
    last = ends and msgspec.structs.replace(first.in_force_to, value=ends)
    with pytest.raises(LawError, match="the next begins on 2025-07-04"):
        require_no_gap([msgspec.structs.replace(first, in_force_to=last), second])


def test_an_unknown_version_is_an_error():
    with pytest.raises(LawError, match="no version"):
        statute_bytes(CIA, "2024-01-01")


def original():
    return version_on(CIA, date(2025, 6, 30))


def current():
    return version_on(CIA, date(2025, 12, 22))


def test_forever_canada_needed_293_976():
    """Ten per cent of 2,939,762 electors (Elections Alberta, 1 December 2025)."""
    assert requirement(original(), "legislative", 2_939_762).required == 293_976


@pytest.mark.parametrize("votes_cast", range(1_777_315, 1_777_325))
def test_the_independence_petition_needed_177_732(votes_cast):
    assert requirement(current(), "constitutional", votes_cast).required == 177_732


@pytest.mark.parametrize(("votes_cast", "required"), [(1_777_314, 177_731), (1_777_325, 177_733)])
def test_one_vote_beyond_gives_another_requirement(votes_cast, required):
    assert requirement(current(), "constitutional", votes_cast).required == required


def test_a_condition_on_districts_is_not_dropped():
    """Without the divisions' own numbers the requirement is not known."""
    with pytest.raises(LawError, match="not known"):
        requirement(original(), "constitutional", 2_939_762)
    divisions = {f"division {number:02}": 30_000 for number in range(87)}
    needed = requirement(original(), "constitutional", 2_939_762, divisions)
    assert needed.required == 587_952
    assert needed.spread.need == 58
    assert set(needed.spread.minimums.values()) == {6_000}


def test_an_unknown_proposal_names_the_known_ones():
    with pytest.raises(LawError) as caught:
        requirement(current(), "recall", 1)
    assert "constitutional" in caught.value.hint


@pytest.mark.parametrize(
    ("day", "window", "verification", "share", "fee"),
    [
        ("2025-06-30", "90 days", "60 days", "1/5", "500 CAD"),
        ("2025-07-30", "120 days", "21 days", "1/10", "500 CAD"),
        ("2025-12-12", "120 days", "21 days", "1/10", "25000 CAD"),
        ("2026-05-04", "120 days", "21 days", "1/10", "25000 CAD"),
    ],
)
def test_alberta_changed_with_the_day_of_the_application(day, window, verification, share, fee):
    statute = version_on(CIA, date.fromisoformat(day))
    assert statute.collection.window.value == window
    assert next(s for s in statute.steps if s.code == "verification").within == verification
    assert statute.thresholds["constitutional"].share.value == share
    assert statute.application.fee.value == fee


def test_a_fixed_number_needs_no_base():
    needed = requirement(versions("ch/popular-initiative")[-1], "initiative")
    assert (needed.required, needed.base, needed.product) == (100_000, None, None)


def test_the_union_asks_for_seven_states_each_with_seats_times_720():
    spread = requirement(versions("eu/citizens-initiative")[-1], "initiative").spread
    assert (spread.need, len(spread.minimums)) == (7, 27)
    assert (spread.minimums["DE"], spread.minimums["MT"]) == (69_120, 4_320)
    assert sum(spread.minimums.values()) == 720 * 720


@pytest.mark.parametrize("statute", ALL, ids=lambda one: f"{one.id} {one.version}")
@given(base=st.integers(0, 10**8))
def test_a_requirement_grows_with_its_base(statute, base):
    for kind, threshold in statute.thresholds.items():
        if threshold.share and threshold.base and not threshold.distribution:
            less, more = (
                requirement(statute, kind, number).required for number in (base, base + 1)
            )
            assert less <= more


@given(st.dates(date(2022, 4, 7), date(2030, 1, 1)))
def test_no_day_is_without_law(day):
    statute = version_on(CIA, day)
    assert statute.in_force_from.value <= day
    ends = statute.in_force_to
    assert ends is None or day <= ends.value


def test_what_a_statute_does_not_say_is_not_known():
    with pytest.raises(LawError, match="not known"):
        require_known(version_on("au/constitution-s128", date(2023, 10, 14)).sampling, "sampling")


def test_an_unknown_base_is_said_to_be_unknown():
    with pytest.raises(LawError, match="not known"):
        requirement(versions("us-ma/initiative-and-referendum")[-1], "initiative")


@pytest.mark.parametrize("statute", [one for one in ALL if one.thresholds], ids=lambda one: one.id)
def test_whoever_gives_the_bases_is_told_the_number_of_signatures(statute):
    for kind, threshold in statute.thresholds.items():
        rule = threshold.distribution
        by_share = rule and rule.cap is None and rule.minimums is None
        units = rule.units.value if by_share and rule.units else 3
        bases = {f"D{number}": 1000 for number in range(units)} if by_share else None
        assert requirement(statute, kind, 1_000_000, bases).required > 0


def test_a_share_is_taken_of_a_base_that_the_file_does_not_name():
    known_base = versions("us-me/initiative-and-referendum")[-1]
    threshold = msgspec.structs.replace(known_base.thresholds["initiative"], base=None)
    statute = msgspec.structs.replace(known_base, thresholds={"initiative": threshold})
    found = requirement(statute, "initiative", 676_820)
    assert (found.required, found.base) == (67_682, None)


@pytest.mark.parametrize(
    ("votes", "required"),
    [
        (4_134_877, {"amendment": 413_487, "statute": 124_046}),
        (4_429_582, {"amendment": 442_958, "statute": 132_887}),
    ],
)
def test_ohio_cuts_its_requirement_down(votes, required):
    """As printed in 2023 and 2018; no number of votes gives the figures of 2018 rounded up."""
    statute = versions("us-oh/initiative-and-referendum")[-1]
    counties = {f"C{number}": 0 for number in range(88)}
    found = {kind: requirement(statute, kind, votes, counties).required for kind in required}
    assert found == required


@pytest.mark.parametrize(
    ("votes_cast", "required"),
    [(25_756, 15_454), (21_366, 12_820), (15_839, 9_503), (24_822, 14_893)],
)
def test_recall_needs_three_fifths_of_the_votes_cast_to_nearest(votes_cast, required):
    """Calgary-Fish Creek, -Hays, -North, -North West (Elections Alberta, 27 February 2026)."""
    statute = version_on("ca-ab/recall-act", date(2026, 2, 1))
    assert requirement(statute, "recall", votes_cast).required == required
