"""Lists, lines, sheets and findings as offices keyed and exported them."""

import io
from datetime import date
from itertools import cycle

import polars as pl
import pytest
from click.testing import CliRunner
from tests.conftest import opened

from referendum.cli.main import cli
from referendum.core.errors import InputError, OrderError
from referendum.core.schemas import ELECTORS
from referendum.core.tables import check_table
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency.sample import draw_sample, receive_checks, worksheet
from referendum.publish.figures import plain
from referendum.publish.pages import page
from referendum.record.log import new_signer
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.verify import verify

SEEDS = ("27182818284590452353", "61803398874989484820", "14142135623730950489")
NAMES = "elector_id,given_names,surname,birth_date,listed_from"
LIST = """\
1,Ann,Lee,1980/03/14,14.03.2020
2,Bo,Li,03/14/1980,3/14/20
3,Cy,Lu,14 Mar 1980,20200314
4,Dy,Ly,1980-13-01,2020-03-14T00:00:00
"""
KEYED = """\
line_id,sheet_id,line_no,canvasser_id,given_names,surname,street,locality,postal_code,signed_on
1,S0001,1,C02,David,Wright,9216 2nd Ave W,Spokane,99201,03/14/2026
2,S0001,2,C02,Melissa,Lindström,7041 Main St,Seattle,98101,02/06/2026
3,S0001,3,C02,Michael,Rodríguez,4947 Main St,Olympia,98501,01/26/2026
"""


@pytest.fixture
def started(issued, tmp_path):
    """A petition of which nothing is received yet."""
    return issued.copy(tmp_path / "record")


def file(folder, text, name="table.csv", encoding="utf-8"):
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def again(record, kind):
    return Stamp(corrects=record.standing(kind).number, reason="read again")


def test_days_in_any_form_are_read_and_those_that_are_none_stop_the_signing(started, tmp_path):
    path = file(tmp_path, f"{NAMES}\n{LIST}")
    checked = check_table(ELECTORS, pl.read_csv(path, infer_schema=False))
    born, listed = date(1980, 3, 14), date(2020, 3, 14)
    assert checked.rows["birth_date"].to_list() == [born, born, born, None]
    assert checked.rows["listed_from"].to_list() == [listed, None, listed, listed]
    with started.hold() as record:
        with pytest.raises(InputError, match=r"1 cell of listed_from .*\(25.0%\)"):
            seal_roll(record, path, "utf-8", Stamp())
        accepted = ("birth_date", "listed_from")
        facts = seal_roll(record, path, "utf-8", Stamp(), accept=accepted).facts
    assert facts["faults"] == {"not_a_date": 1, "two_digit_year": 1}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12/24/1923", date(1923, 12, 24)),
        ("20000524", date(2000, 5, 24)),
        ("19960300", None),
        ("12:00:00 AM", None),
        ("CBOE", None),
    ],
)
def test_days_of_exported_lists_are_read_or_are_no_days(written, read):
    raw = pl.DataFrame({"elector_id": ["1"], "surname": ["Lee"], "birth_date": [written]})
    checked = check_table(ELECTORS, raw)
    assert checked.rows["birth_date"].to_list() == [read]
    assert ("not_a_date" in checked.fault_counts()) is (read is None)


def test_days_with_the_month_first_are_never_called_missing(started, tmp_path):
    path = file(tmp_path, KEYED, encoding="cp1252")
    with started.hold() as record:
        act = receive_petition(record, path, None, None, "cp1252", Stamp(), number_alone="few")
        facts = pass_gates(record, Stamp()).facts
    assert act.parameters["readings"] == {"signed_on": "mdy"}
    assert (facts["standing"], facts["rejected"]) == (3, {})


@pytest.mark.parametrize("word", ["Y", "y", "x", "TRUE", "1", "ja", "issued", "vaild"])
def test_a_sheet_is_issued_by_any_word_for_yes_and_by_no_other(started, tmp_path, word):
    lines = file(
        tmp_path,
        "line_id,sheet_id,surname,given_names,street,signed_on\n"
        "1,S1,Lee,Ann,1 Main St,2026-02-01\n2,S2,Lee,Bo,1 Main St,2026-02-01\n",
    )
    sheets = file(
        tmp_path,
        f"sheet_id,issued,canvasser_id,affidavit_on\nS1,{word},C1,2026-05-01\n"
        f"S2,{word},C1,2026-05-01\n",
        "sheets.csv",
    )
    with started.hold() as record:
        if word in {"issued", "vaild"}:
            with pytest.raises(InputError, match=r"2 cells of issued .*not_yes_or_no"):
                receive_petition(
                    record,
                    lines,
                    sheets,
                    None,
                    "utf-8",
                    Stamp(),
                    number_alone="few",
                )
            return
        receive_petition(record, lines, sheets, None, "utf-8", Stamp(), number_alone="few")
        assert pass_gates(record, Stamp()).facts["standing"] == 2


ILLEGIBLE = """\
line_id,signed_on,given_names,surname,street
p0,2026-03-01,*,*,*
p1,2026-03-01,?,Dorn,Oak St
p2,2026-03-01,illegible,illegible,Oak St
p3,2026-03-01,N/A,N/A,N/A
p4,2026-03-01,-,-,-
p5,2026-03-01,???,???,Oak St
p6,2026-03-01,.,.,.
p7,2026-03-01,unreadable,Dorn,Oak St
p8,2026-03-01,X,X,X
p9,2026-03-01,Null,Null,Oak St
p10,2026-03-01,none,Moss,none
p11,2026-03-01,[illegible],Moss,Oak St
"""


def test_a_word_for_nothing_legible_is_no_name_where_every_line_counts(tmp_path):
    law = ("us-wa/initiative-and-referendum", date(2026, 1, 10))
    made = opened(tmp_path / "wa", "petition", new_signer("tests.example/wa"), law)
    first = date(2026, 1, 10)
    with made.hold() as record:
        issue = Issue("initiative", first, first, base_value=4_000, last_day=date(2026, 12, 1))
        issue_petition(record, issue, Stamp())
        path = file(tmp_path, ILLEGIBLE)
        receive_petition(record, path, None, None, "utf-8", Stamp(), number_alone="few")
        facts = pass_gates(record, Stamp()).facts
    assert (facts["standing"], facts["rejected"]) == (0, {"name_missing": 12})


@pytest.fixture
def matched(petition, made_up_files, tmp_path):
    """A petition decided, whose lines are received and matched anew."""
    made = petition.copy(tmp_path / "again")
    with made.hold() as record:
        stamp = again(record, "petition.receive")
        receive_petition(record, made_up_files.lines, made_up_files.sheets, 600, "utf-8", stamp)
        pass_gates(record, Stamp())
        match(record, Stamp())
    return made


def test_no_seed_is_drawn_with_twice_whatever_was_received_anew(matched):
    known = [
        act.parameters["seed"] for act in Record.open(matched.folder).acts if act.kind == "draw"
    ]
    with matched.hold() as record:
        for seed in ("1", "2", "123456789", *known):
            with pytest.raises(InputError, match=r"too short|known since act"):
                draw_sample(record, seed, 5, Stamp())
        draw_sample(record, SEEDS[0], 60, Stamp())
        number = record.standing("draw").number
        with pytest.raises(InputError, match="what was wrong with act"):
            draw_sample(record, SEEDS[1], 60, Stamp(corrects=number))
        with pytest.raises(InputError, match="known since act"):
            draw_sample(record, SEEDS[0], 60, again(record, "draw"))
        draw_sample(record, SEEDS[1], 60, again(record, "draw"))
        with pytest.raises(OrderError, match="draw has been done"):
            draw_sample(record, SEEDS[2], 60, Stamp())
    report = verify(str(matched.folder), key=str(matched.signer.verifier))
    assert report.holds, report.failures
    told = [*report.outcome_notes, *map(plain, page(Record.open(matched.folder)).again)]
    assert sum("sample of lines was drawn 3 times" in words for words in told) == 2
    assert sum("ines were received again" in words for words in told) == 2


@pytest.mark.parametrize(
    ("words", "valid"),
    [
        (["vaild"], None),
        (["v"], None),
        (["not registered", "not listed"], None),
        (["ok", "yes", "Valid", "VALID "], 10),
        (["not listed", "not_listed"], 0),
    ],
)
def test_a_finding_is_a_known_code_or_refused(matched, tmp_path, words, valid):
    with matched.hold() as record:
        draw_sample(record, SEEDS[0], 10, Stamp())
        rows = zip(worksheet(record)["line_id"], cycle(words), strict=False)
        path = file(tmp_path, "line_id,finding\n" + "".join(f"{n},{word}\n" for n, word in rows))
        if valid is None:
            with pytest.raises(InputError, match=r"row 1, finding: not_a_code") as told:
                receive_checks(record, path, "utf-8", Stamp())
            assert "referendum checks codes" in told.value.hint
            return
        facts = receive_checks(record, path, "utf-8", Stamp()).facts
    assert (facts["valid"], facts["invalid"]) == (valid, {} if valid else {"not_listed": 10})


def test_what_is_put_right_must_stand(started, tmp_path):
    with started.hold() as record, pytest.raises(OrderError, match=r"roll\.seal \(none stands\)"):
        seal_roll(record, file(tmp_path, NAMES), "utf-8", Stamp(corrects=1, reason="none"))


def test_two_files_have_an_encoding_each(tmp_path):
    header = "given_names,surname,street_number,street,locality,postal_code"
    row = "Chloé,Lindström,7,Elm St,Ardale,85001"
    electors = file(tmp_path, f"elector_id,{header}\n1,{row}\n", "electors.csv")
    lines = file(tmp_path, f"line_id,{header}\na,{row}\n", "lines.csv", "cp1252")
    arguments = ["match", "--lines", lines, "--electors", electors, "--out", tmp_path / "out.csv"]

    def run(*more):
        return CliRunner().invoke(cli, [str(one) for one in (*arguments, *more)])

    refused = run("--encoding", "cp1252").exception
    assert "accents come out spoilt" in refused.message
    assert run("--encoding", "cp1252", "--electors-encoding", "utf-8").exit_code == 0
    found = pl.read_csv(io.BytesIO((tmp_path / "out.csv").read_bytes()))
    assert found["elector_id"].to_list() == [1]


@pytest.mark.parametrize("command", ["seal", "match"])
def test_a_list_without_a_header_shows_nobody_on_the_screen(started, tmp_path, command):
    rows = "77,Livia,Morke,1980-02-03,7 Elm St,Ardale,85001,555-0101,livia@example.org\n"
    path = file(tmp_path, rows)
    lines = file(tmp_path, "line_id,surname\n1,Lee\n", "lines.csv")
    if command == "seal":
        with started.hold() as record, pytest.raises(InputError) as told:
            seal_roll(record, path, "utf-8", Stamp())
        words = f"{told.value} {told.value.hint}"
    else:
        arguments = ["match", "--lines", lines, "--electors", path, "--out", tmp_path / "out.csv"]
        error = CliRunner().invoke(cli, [str(one) for one in arguments]).exception
        words = f"{error} {error.hint}"
    assert "needs the columns" in words
    assert not any(cell in words for cell in rows.strip().split(","))
