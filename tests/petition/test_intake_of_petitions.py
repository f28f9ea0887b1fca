"""What an office cannot sign by mistake."""

from datetime import date

import pytest

from referendum.core.errors import InputError, OrderError
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.sufficiency.sample import decide, draw_sample
from referendum.record.stamps import Stamp

HEADER = "line_id,sheet_id,surname,given_names,street,signed_on"
RECEIVED = Stamp()


@pytest.fixture
def petition(petition, tmp_path):
    """A petition of the test's own."""
    return petition.copy(tmp_path / "petition")


def again(record, kind):
    return Stamp(corrects=record.standing(kind).number, reason="read again")


def lines(tmp_path, *rows):
    path = tmp_path / "lines.csv"
    path.write_text("\n".join([HEADER, *rows]))
    return path


def receive(record, path, **more):
    return receive_petition(
        record,
        path,
        None,
        None,
        "utf-8",
        again(record, "petition.receive"),
        number_alone="few",
        **more,
    )


def test_a_petition_is_not_issued_on_a_base_of_nothing(petition):
    with petition.hold() as record, pytest.raises(InputError, match="share of 0"):
        issue_petition(
            record,
            Issue("policy", date(2026, 1, 2), date(2026, 1, 3), base_value=0),
            again(record, "petition.issue"),
        )


def test_one_day_that_could_not_be_read_is_mended_or_accepted(petition, tmp_path):
    good = [f"{n},S1,Day,Ada,Elm St,2026-02-01" for n in range(99)]
    path = lines(tmp_path, *good, "L,S1,Day,Ada,Elm St,1.2.26")
    with petition.hold() as record:
        with pytest.raises(InputError, match="two_digit_year") as caught:
            receive(record, path)
        assert "--accept signed_on" in caught.value.hint
        act = receive(record, path, accept=["signed_on"])
        gates = pass_gates(record, RECEIVED)
    assert act.parameters["accepted"] == ["signed_on"]
    assert gates.facts["rejected"] == {"date_unreadable": 1}


def test_the_month_comes_first_where_the_column_or_the_office_says_so(petition, tmp_path):
    path = lines(tmp_path, "1,S1,Day,Ada,Elm St,02/03/2026", "2,S1,Day,Ben,Elm St,03/14/2026")
    with petition.hold() as record:
        act = receive(record, path)
        assert act.parameters["readings"] == {"signed_on": "mdy"}
        path = lines(tmp_path, "1,S1,Day,Ada,Elm St,02/03/2026")
        with pytest.raises(InputError, match="two ways"):
            receive(record, path)
        assert receive(record, path, dates="dmy").parameters["readings"] == {"signed_on": "dmy"}


def test_nothing_is_matched_or_drawn_where_nothing_stands(petition, tmp_path):
    path = lines(tmp_path, "1,S1,illegible,?,N/A,2026-02-03")
    with petition.hold() as record:
        receive(record, path)
        assert pass_gates(record, RECEIVED).facts["standing"] == 0
        with pytest.raises(OrderError, match="nothing to match"):
            match(record, RECEIVED)
        decide(record, "preliminary_count", RECEIVED)
        with pytest.raises(OrderError):
            draw_sample(record, "73501962408817395526", 5, RECEIVED)
