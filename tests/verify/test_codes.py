"""Codes: each that a writer gives is one that the verifier knows."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from referendum.core.schemas import ELECTORS, LINES, SHEETS
from referendum.core.tables import ReadingOptions, check_table
from referendum.count import ELECTORS_BY_DISTRICT, FORMS, OTHER_CODES, PLACES, PREVIOUS, RULES
from referendum.flows.polls import PollTable, receive_poll_table
from referendum.flows.sufficiency.sample import FINDING_CODES
from referendum.petition import GATES
from referendum.polls import FAULTS, Campaign
from referendum.publish.meanings import MEANINGS, UNREAD
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.sufficiency import COPIES
from referendum.verify import verify
from referendum.verify.bundle_schemas import ERRORS, POLLS_SET_ASIDE, READING, SET_ASIDE
from referendum.verify.bundle_schemas import FAULTS as CODES_OF_TABLES
from referendum.verify.bundle_schemas import WARNINGS as CODES_OF_WARNINGS
from referendum.verify.petition import FINDINGS, OUTCOMES
from referendum.verify.polls import CELLS_EMPTIED

SPECIFICATION = Path(__file__).parents[2] / "docs" / "record.md"
WARNINGS = {rule.code for rule in RULES if rule.level == "warning"} | {
    "equals_the_others", "swapped_with_neighbours", "swapped_with_previous",
    "district_exceeds_electors", "running_totals", "electors_differ", "electors_of_place_differ",
    "nearly_the_others", "looks_alike",
}  # fmt: skip
CELLS = {
    "not_a_number", "negative", "out_of_range", "control_character", "too_long", "not_a_date",
    "two_digit_year", "day_out_of_range", "illegible", "not_a_code", "not_yes_or_no",
}  # fmt: skip
"""Codes of a cell that reading tables gives."""


def test_polls_have_the_same_codes_in_both_programs():
    aside = {code for code, words in FAULTS.items() if "set aside" in words}
    others = {code for code, words in FAULTS.items() if "emptied" in words or "kept" in words}
    assert aside <= POLLS_SET_ASIDE
    assert POLLS_SET_ASIDE - aside <= READING | CELLS
    assert others <= CELLS_EMPTIED
    assert CELLS_EMPTIED - others == CELLS | {"unknown_column"}


def test_returns_have_the_same_codes_in_both_programs():
    errors = {rule.code for rule in RULES if rule.level == "error"}
    assert errors == ERRORS - {"accounts_differ", "sum_of_others", "kinds_overlap"}
    rest = {"not_a_code", "not_yes_or_no", "row_too_long", "broken_quotes", "too_many_cells"}
    kept = {"spelt_otherwise"}
    assert errors | (OTHER_CODES.keys() - WARNINGS - kept) | rest == SET_ASIDE


def test_warnings_are_the_same_in_both_programs_and_in_the_specification():
    assert WARNINGS == CODES_OF_WARNINGS
    assert {rule.code for rule in RULES} | OTHER_CODES.keys() >= WARNINGS
    text = SPECIFICATION.read_text().partition("Warnings; their figures")[2].partition("A *sum* is")
    assert set(re.findall(r"(?:^- |; )`([a-z_]+)`", text[0], re.MULTILINE)) == WARNINGS


TABLES = (ELECTORS, LINES, SHEETS, FORMS, ELECTORS_BY_DISTRICT, PLACES, PREVIOUS)
ODD = (
    "", "x", "-4", "99999999999999999", "a\x01b", "y" * 600, "maybe", "31/31/2026", "2026-99-01",
    "01/02/26", "1066-01-01", "?", "illegible", "7", "Kent", "KENT", "2026-09-01", "2026-09-02",
)  # fmt: skip


def faults_of(table):
    """The codes that odd cells in every column, short rows and repeats of a table give."""
    good = {
        column.name: {"integer": "7", "date": "2026-09-01", "boolean": "yes"}.get(column.type, "K1")
        for column in table.columns
    }
    rows = [good, good, {**good, table.columns[-1].name: ""}]
    rows += [{**good, name: odd} for name in good for odd in ODD]
    raw = pl.DataFrame([row | {"more": "1"} for row in rows])
    broken = [(1, "row_too_long"), (2, "broken_quotes"), (3, "too_many_cells")]
    return (
        check_table(table, raw, broken, ReadingOptions("dmy", date(2026, 12, 1)))
        .fault_counts()
        .keys()
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_tables_give_faults_that_the_other_program_knows(table):
    found = faults_of(table)
    assert found <= CODES_OF_TABLES
    assert {"missing", "row_too_long", "unknown_column"} <= found


def test_the_faults_of_tables_are_the_same_in_both_programs_and_in_the_specification():
    every = set().union(*map(faults_of, TABLES))
    assert UNREAD.keys() == CODES_OF_TABLES
    assert CODES_OF_TABLES - every <= {"not_a_code"}
    text = SPECIFICATION.read_text().partition("The codes of `faults`, of")[2]
    listed = text.partition("are those of")[2].partition(".")[0]
    assert set(re.findall(r"`([a-z_]+)`", listed)) == CODES_OF_TABLES


def test_findings_and_outcomes_have_the_same_codes_in_both_programs():
    assert set(FINDING_CODES) - set(COPIES) == FINDINGS
    assert GATES.keys() <= FINDINGS
    assert MEANINGS["outcome"].keys() - {"line"} == OUTCOMES


NAMES = (
    "referendum", "pollster", "field_start", "field_end", "sample_size", "mode", "sponsor_side",
    "yes", "no", "undecided", "source", "sponsor",
)  # fmt: skip
GOOD = dict(zip(NAMES, ("", "A", "2026-09-01", "2026-09-03", "1000", "online", "", "48", "42", "10",
                        "s", ""), strict=True))  # fmt: skip
CHANGES = {
    "share_missing": {"yes": ""},
    "not_a_share": {"yes": "abc"},
    "a_fraction": {"yes": "0.48", "no": "0.42", "undecided": "0.10"},
    "over_100": {"yes": "70", "no": "60"},
    "far_under_100": {"yes": "8", "no": "2", "undecided": "5"},
    "no_side_taken": {"yes": "0", "no": "90"},
    "undated": {"field_start": "", "field_end": ""},
    "dates_reversed": {"field_start": "2026-09-09"},
    "on_or_after_vote": {"field_end": "2026-10-19"},
    "long_ago": {"field_start": "", "field_end": "2001-01-01"},
    "long_field": {"field_start": "2026-01-01"},
    "nobody_asked": {"sample_size": "0"},
    "too_many_asked": {"sample_size": "2000000"},
    "a_range": {"sample_size": "1000-1200"},
    "year_assumed": {"field_start": "", "field_end": "1 Sep"},
    "spelt_otherwise": {"pollster": "a", "field_start": "", "field_end": "2026-08-01"},
    "swapped_with_others": {"pollster": "Z", "yes": "30", "no": "60"},
    "overlapping_waves": {"field_start": "2026-09-02", "field_end": "2026-09-05"},
    "other_referendum": {"referendum": "y"},
    "repeated": {},
    "unknown_mode": {"mode": "pigeon", "field_end": "2026-09-02"},
    "unknown_side": {"sponsor_side": "maybe", "sponsor": "S"},
    "no_source": {"source": "", "sample_size": "1001"},
    "missing": {"pollster": ""},
    "not_a_number": {"sample_size": "some"},
    "negative": {"sample_size": "-5"},
    "not_a_date": {"field_end": "yesterday"},
    "two_digit_year": {"field_start": "", "field_end": "3/9/26"},
    "too_long": {"sponsor": "x" * 501},
    "control_character": {"pollster": "A\x1bB"},
}


def test_a_poll_of_each_code_is_tried():
    assert FAULTS.keys() <= CHANGES.keys()


@pytest.mark.parametrize("code", CHANGES)
def test_an_honest_record_of_polls_with_any_code_holds(code, tmp_path):
    others = [
        GOOD | {"pollster": house, "yes": yes, "no": no, "field_start": "", "field_end": day}
        for day in ("2026-09-03", "2026-09-20")
        for house, yes, no in (("B", "60", "30"), ("C", "61", "30"), ("D", "60", "31"))
    ]
    rows = [*(others if code == "swapped_with_others" else ()), GOOD, GOOD | CHANGES[code]]
    file = tmp_path / "polls.csv"
    pl.DataFrame(rows).write_csv(file)
    signer = new_signer("tests.example/codes")
    law = statute_on("ca-ab/citizen-initiative-act", date(2026, 10, 19))
    opening = Opening("Polls", "Yes?", "vote", law, made_up=True)
    open_record(tmp_path / "record", signer, opening, Stamp())
    table = PollTable(file, Campaign("x", date(2026, 10, 19), "no"), dates="dmy")
    with RecordWriter.hold(tmp_path / "record", lambda _: signer) as held:
        act = receive_poll_table(held, table, Stamp(), ("rows",))
    assert code in act.facts["faults"]
    found = verify(str(tmp_path / "record"))
    assert [finding.words for finding in found.failures] == []
