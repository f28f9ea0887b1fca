"""Inputs that once ended in a traceback: each ends in a page, or in an error that says what."""

import json
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner
from small_records import VOTES, Small, without_law_pages

from referendum.cli.main import cli
from referendum.core.errors import InputError
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.polls import PollTable, make_forecast, receive_poll_table
from referendum.polls import Assumptions, Campaign
from referendum.record.stamps import Stamp

CASE = {"id": "x", "kind": "audit", "determinism": "exact", "note": None, "source": "s"}


def audit_case(method, **inputs):
    """A file of one case of an audit."""
    told = {"determinism": "exact", "expected": 1, "note": None, "source": "s"}
    return {"cases": [{"id": "x", "kind": "audit", "method": method, "inputs": inputs, **told}]}


CASES = {
    "thresholds of text": {"cases": [], "thresholds": ["x"]},
    "a case of text": {"cases": ["x"]},
    "no inputs": {"cases": [{"id": "x", "method": "full_check", "inputs": None, "published": {}}]},
    "text for a number": {
        "cases": [
            {
                "id": "x",
                "method": "full_check",
                "inputs": {"accepted": "many", "required": 3},
                "published": {},
            }
        ]
    },
    "a sample of nothing": {
        "cases": [
            {
                "id": "x",
                "method": "ca_2ccr_20530",
                "inputs": {
                    "raw_count": 10,
                    "sample_size": 0,
                    "valid_in_sample": 0,
                    "duplicates_in_sample": 0,
                },
                "published": {},
            }
        ]
    },
    "a winner by half": audit_case("BRAVO ASN", risk_limit=0.1, winner_share=0.5),
    "no margin": audit_case("super-simple nmin", risk_limit=0.1, diluted_margin=0),
    "a risk of text": audit_case("BRAVO ASN", risk_limit="a", winner_share=0.6),
    "a rounding of a list": {
        "cases": [],
        "thresholds": [{"id": "t", "rule": "r", "rounding": [], "rows": 5}],
    },
}


def audit_case(method, inputs, expected=1):
    return {"cases": [{**CASE, "method": method, "inputs": inputs, "expected": expected}]}


CASES |= {
    "a tie": audit_case("BRAVO ASN", {"risk_limit": 0.1, "winner_share": 0.5}),
    "a margin of 0": audit_case("super-simple nmin", {"risk_limit": 0.1, "diluted_margin": 0}),
    "a text for a limit": audit_case("BRAVO ASN", {"risk_limit": "a", "winner_share": 0.6}),
    "more than there are": audit_case(
        "sha256_mod", {"seed": "1", "minimum": 1, "maximum": 3, "count": 5}
    ),
}


@pytest.fixture
def vote(tmp_path):
    statute, day, _ = VOTES["alberta"]
    return Small.opened(tmp_path, "vote", statute, day, "Shall it be?")


@pytest.mark.parametrize(
    "rows",
    [
        [("A", "2026-09-01", 44, 46)],
        [("A", "2026-09-01", 44, 46), ("B", "2026-09-08", 40, 50)],
        [],
    ],
    ids=["one poll", "one wording", "no poll"],
)
def test_a_forecast_of_one_wording_or_of_no_poll_is_published(vote, rows, monkeypatch):
    without_law_pages(monkeypatch)
    names = ("pollster", "field_end", "yes", "no")
    file = vote.write(
        [dict(zip(names, row, strict=True)) for row in rows] or {n: [] for n in names}
    )
    table = PollTable(file, Campaign("Clocks", date(2026, 10, 19), "no", None))
    vote.act(lambda record: receive_poll_table(record, table, Stamp()))
    assert vote.act(lambda record: make_forecast(record, date(2026, 10, 1), Assumptions(), Stamp()))
    page = (vote.tables / "site" / "record" / "index.html").read_text()
    assert "The density on the day" in page
    assert ("<h3>Houses</h3>" in page) == bool(rows)


@pytest.mark.parametrize("name", CASES)
def test_a_case_that_cannot_be_worked_out_is_named(name, tmp_path):
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(CASES[name]))
    found = CliRunner().invoke(cli, ["cases", "run", str(file)])
    assert isinstance(found.exception, InputError), found.exception


@pytest.mark.parametrize("text", ["", "[", "[" * 100_000, "{}", "\x00", '{"cases": 3}'])
def test_what_is_no_file_of_cases_is_refused(text, tmp_path):
    file = tmp_path / "cases.json"
    file.write_text(text)
    found = CliRunner().invoke(cli, ["cases", "run", str(file)])
    assert isinstance(found.exception, InputError), found.exception


def test_publish_says_which_argument_is_missing(vote):
    found = CliRunner().invoke(cli, ["publish", str(vote.folder)])
    assert found.exit_code == 2
    assert "Missing argument OUT" in found.output
    assert "Missing argument RECORD" in CliRunner().invoke(cli, ["publish"]).output


def test_a_record_is_published_by_the_name_of_its_folder(vote, monkeypatch, tmp_path):
    monkeypatch.chdir(vote.folder)
    out = tmp_path / "site"
    assert CliRunner().invoke(cli, ["publish", ".", str(out)]).exception is None
    assert (out / "record" / "index.html").exists()


@pytest.mark.parametrize("name", ["law", "index.html", "style.css", "site.json"])
def test_a_record_that_would_lie_over_a_page_of_the_site_is_refused(vote, name, tmp_path):
    vote.folder.rename(tmp_path / name)
    found = CliRunner().invoke(cli, ["publish", str(tmp_path / name), str(tmp_path / "site")])
    assert isinstance(found.exception, InputError), found.exception


def test_a_record_of_an_opening_alone_is_published(vote, monkeypatch):
    without_law_pages(monkeypatch)
    vote.check()
    assert "In progress" in (vote.tables / "site" / "record" / "index.html").read_text()


def test_returns_of_places_that_a_later_list_does_not_expect_are_set_aside(vote, monkeypatch):
    without_law_pages(monkeypatch)
    row = {"region": "A", "district": "B", "yes": 3, "no": 1, "informal": 0, "total": 4}
    where = {"region": "A", "district": "B"}
    first = vote.write([{**row, "place": "Hall"}, {**row, "place": "School"}])
    more = vote.write([{**row, "place": "Church"}])
    expected = vote.write([{**where, "place": place} for place in ("Church", "School")])
    delivery = ReturnsFiles(
        first, None, "referendum", "all votes", provisional=True, accept=["rows"]
    )
    later = replace(delivery, returns=more, places=expected, update=True)
    assert vote.act(lambda record: receive_returns(record, delivery, Stamp()))
    assert vote.act(
        lambda record: receive_returns(record, later, Stamp(corrects=1, reason="a list came"))
    )
    act = vote.open().acts[-1]
    assert (act.facts["places"], act.facts["set_aside"]) == (2, 1)


def test_many_polls_set_aside_are_accepted_or_refused(vote, monkeypatch):
    without_law_pages(monkeypatch)
    rows = [("A", "2026-09-01", 44, 46), ("B", "2026-09-08", 98, 46), ("C", "2026-09-09", 9, 80)]
    names = ("pollster", "field_end", "yes", "no")
    file = vote.write([dict(zip(names, row, strict=True)) for row in rows])
    table = PollTable(file, Campaign("Clocks", date(2026, 10, 19), "no", None))
    assert not vote.act(lambda record: receive_poll_table(record, table, Stamp()))
    assert vote.act(lambda record: receive_poll_table(record, table, Stamp(), ["rows"]))
    # Polls that are at odds: the normal curve of the trend is not the grid of the forecast.
    assumed = Assumptions(leans={"North": -0.0, "South": 0.00001})
    assert vote.act(lambda record: make_forecast(record, date(2026, 10, 1), assumed, Stamp()))
