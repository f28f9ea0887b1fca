"""Statutes as data: complete, cited, versioned, and right at their thresholds."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.days import last_day
from referendum.core.errors import LawError
from referendum.law import (
    Value,
    known,
    read_statute,
    requirement,
    statute_bytes,
    statute_ids,
    version_on,
    versions,
)
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
def test_every_gate_named_is_one_that_the_petition_stage_knows(statute):
    if statute.gates:
        assert set(statute.gates.order.value) <= set(GATES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (b"mood = 'cheerful'\n", "unknown field `mood`"),
        (b"[sampling.confidence]\nvalue = '0.95'\n", "cite"),
        (b"[decision.rule]\nvalue='guess'\ncite='x'\ncertainty='read'\n", "guess"),
        (b"[decision.rule]\nvalue='projection'\ncite='x'\ncertainty='sure'\n", "sure"),
        (b"[[[", "not a statute file"),
        (b"\xff", "not a statute file"),
    ],
)
def test_what_the_model_does_not_know_is_refused(change, words):
    base = b"id='a/b'\nversion='2020-01-01'\ntitle='t'\njurisdiction='j'\n"
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
    ],
)
def test_each_day_has_the_version_that_applied(day, version):
    assert version_on(CIA, date.fromisoformat(day)).version == version


def test_a_day_before_the_first_version_is_an_error_that_names_it():
    with pytest.raises(LawError) as caught:
        version_on(CIA, date(2022, 4, 6))
    assert "2022-04-07" in caught.value.hint


def test_an_unknown_act_is_an_error_that_names_near_ones():
    with pytest.raises(LawError) as caught:
        version_on("ca-ab/citizens-initiative", date(2025, 1, 1))
    assert CIA in caught.value.hint


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


def test_a_condition_on_districts_is_refused_and_not_dropped():
    with pytest.raises(LawError, match="two thirds"):
        requirement(original(), "constitutional", 2_939_762)


def test_an_unknown_proposal_names_the_known_ones():
    with pytest.raises(LawError) as caught:
        requirement(current(), "recall", 1)
    assert "constitutional" in caught.value.hint


def test_windows_of_90_and_120_days():
    assert original().collection.window_days.value == 90
    assert last_day(date(2025, 7, 30), 90) == date(2025, 10, 27)
    assert current().collection.window_days.value == 120
    assert last_day(date(2026, 1, 3), 120) == date(2026, 5, 2)


@given(st.dates(date(2022, 4, 7), date(2030, 1, 1)))
def test_no_day_is_without_law(day):
    statute = version_on(CIA, day)
    assert statute.in_force_from.value <= day
    ends = statute.in_force_to
    assert ends is None or day <= ends.value


def test_what_a_statute_does_not_say_is_not_known():
    with pytest.raises(LawError, match="not known"):
        known(version_on("au/constitution-s128", date(2023, 10, 14)).sampling, "sampling")


@pytest.mark.parametrize(
    ("votes_cast", "required"),
    [(25_756, 15_454), (21_366, 12_820), (15_839, 9_503), (24_822, 14_893)],
)
def test_recall_needs_three_fifths_of_the_votes_cast_to_nearest(votes_cast, required):
    """Calgary-Fish Creek, -Hays, -North, -North West (Elections Alberta, 27 February 2026)."""
    statute = version_on("ca-ab/recall-act", date(2026, 2, 1))
    assert requirement(statute, "recall", votes_cast).required == required


def test_a_recall_is_not_decided_by_sample_while_its_sampling_rule_is_not_known():
    statute = version_on("ca-ab/recall-act", date(2026, 2, 1))
    with pytest.raises(LawError, match="not known"):
        known(statute.sampling, "sampling")
