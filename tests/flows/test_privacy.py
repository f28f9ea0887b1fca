"""What a record tells of few people is found, and not published of real ones without a word."""

import json
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner
from tests.conftest import Made as OnDisk
from tests.conftest import comes_out_again

from referendum.cli.main import cli
from referendum.core.errors import InputError, OrderError
from referendum.core.progress import listen_to_notices
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.matching.match import match
from referendum.flows.matching.new_numbers import match_under_new_numbers
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.privacy import accept_findings, acts_published_in, find_disclosures
from referendum.flows.privacy.review import personal_marks, review_act
from referendum.flows.privacy.tables import public_table
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency.sample import receive_checks, worksheet
from referendum.publish import publish
from referendum.record.log.keys import write_new_key
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs
from referendum.verify import verify


def run(*arguments):
    result = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def by_name(record, start=""):
    return {one.name: one for one in find_disclosures(record) if one.name.startswith(start)}


@pytest.fixture(scope="module")
def matched_again(petition, made_up_files, tmp_path_factory):
    """One elector who signed is struck from the list, and lines are matched again."""
    made = petition.copy(tmp_path_factory.mktemp("m") / "petition")
    record = Record.open(made.folder)
    matches = record.inputs(("matches",)).table("matches", "matches.parquet")
    struck = matches.filter(pl.col("outcome") == "listed").row(5, named=True)
    fewer = made.folder.parent / "electors.parquet"
    electors = pl.read_parquet(made_up_files.electors)
    electors.filter(pl.col("elector_id") != struck["elector_id"]).write_parquet(fewer)
    seal = record.standing("roll.seal").number
    with made.hold() as held:
        seal_roll(held, fewer, "utf-8", Stamp(corrects=seal, reason="one was struck"))
        match(held, Stamp())
    return made, struck["serial"]


def test_an_elector_struck_and_lines_matched_again_single_out_a_line(matched_again):
    made, _ = matched_again
    record = Record.open(made.folder)
    first, second = [act.number for act in record.acts if act.kind == "match"]
    found = by_name(record, f"pair/{first}/{second}/")
    words = found[f"pair/{first}/{second}/facts"].words
    assert "differ in listed by 1, " in words
    assert words.endswith(("not_listed by 1", "unsure by 1"))  # as the secret numbers happen to be
    assert "1 row of outcomes" in found[f"pair/{first}/{second}/outcomes"].words
    seals = [act.number for act in record.acts if act.kind == "roll.seal"]
    assert by_name(record, f"pair/{seals[0]}/{seals[1]}/facts")


def test_lines_that_are_matched_again_have_other_numbers(petition, made_up_files, tmp_path):
    made = petition.copy(tmp_path / "petition")
    fewer = tmp_path / "electors.parquet"
    pl.read_parquet(made_up_files.electors).slice(1).write_parquet(fewer)
    seal = Record.open(made.folder).standing("roll.seal").number
    with made.hold() as held:
        seal_roll(held, fewer, "utf-8", Stamp(corrects=seal, reason="one was struck"))
        acts = match_under_new_numbers(held, Stamp())
    assert [act.kind for act in acts] == ["petition.receive", "petition.gates", "match"]
    assert comes_out_again(made.folder, made.signer)
    record = Record.open(made.folder)
    received = [act for act in record.acts if act.kind == "petition.receive"]
    assert [act.facts["first"] for act in received] == [1, 601]
    assert received[0].facts | {"first": 601} == received[1].facts
    assert received[0].parameters == received[1].parameters
    assert not [name for name in by_name(record, "pair/") if not name.endswith("/facts")]
    standing = record.standing("match").number
    with made.hold() as held:
        acts = match_under_new_numbers(held, Stamp(corrects=standing, reason="done again"))
    assert acts[0].reason == "done again"
    assert acts[0].facts["first"] == 1201


def test_lines_that_waited_are_matched_again_with_the_delivery_that_numbered_them(
    issued, made_up_files, tmp_path
):
    made = issued.copy(tmp_path / "petition")
    lines = pl.read_parquet(made_up_files.lines).sort("sheet_id")
    border = lines["sheet_id"][50]
    few, rest = (
        lines.filter(pl.col("sheet_id") < border),
        lines.filter(pl.col("sheet_id") >= border),
    )
    for name, part in (("few", few), ("many", rest)):
        part.write_parquet(tmp_path / f"{name}.parquet")
    with made.hold() as held:
        seal_roll(held, made_up_files.electors, "utf-8", Stamp())
        for name in ("few", "many"):
            receive_petition(held, tmp_path / f"{name}.parquet", None, None, "utf-8", Stamp())
        pass_gates(held, Stamp())
        match(held, Stamp())
        stamp = Stamp(corrects=held.standing("match").number, reason="again")
        received, *_ = match_under_new_numbers(held, stamp)
    assert (received.facts["first"], received.facts["lines"]) == (601, 600)
    assert comes_out_again(made.folder, made.signer)


def test_one_finding_put_right_on_appeal_is_told(petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    record = Record.open(made.folder)
    received = record.standing("checks.receive")
    rows = record.inputs(("draw", "checks")).records("checks", "checks.csv")
    ids = worksheet(record).select("serial", "line_id")
    checks = pl.DataFrame(rows).with_columns(pl.col("serial").cast(pl.Int64)).join(ids, on="serial")
    appellant = checks["line_id"][7]
    other = (
        pl.when(pl.col("finding") == "valid")
        .then(pl.lit("not_eligible"))
        .otherwise(pl.lit("valid"))
    )
    changed = pl.when(pl.col("line_id") == appellant).then(other).otherwise("finding")
    file = tmp_path / "findings.csv"
    checks.select("line_id", changed.alias("finding")).write_csv(file)
    with made.hold() as held:
        stamp = Stamp(corrects=received.number, reason="put right after an appeal")
        again = receive_checks(held, file, "utf-8", stamp)
    found = by_name(Record.open(made.folder), f"pair/{received.number}/{again.number}/")
    assert "1 row of checks" in found[f"pair/{received.number}/{again.number}/checks"].words


def test_a_line_withdrawn_shows_by_totals(petition, made_up_files, tmp_path):
    made = petition.copy(tmp_path / "petition")
    record = Record.open(made.folder)
    received = record.standing("petition.receive").number
    file = tmp_path / "lines.parquet"
    pl.read_parquet(made_up_files.lines).slice(1).write_parquet(file)
    with made.hold() as held:
        stamp = Stamp(corrects=received, reason="one withdrew")
        receive_petition(held, file, made_up_files.sheets, 600, "utf-8", stamp)
        pass_gates(held, Stamp())
    found = by_name(Record.open(made.folder), f"pair/{received}/")
    assert next(one.words for one in found.values()).endswith("differ in lines by 1")


def test_small_cells_and_lone_lines_are_told(petition):
    record = Record.open(petition.folder)
    cells = by_name(record, "cell/")
    gates = record.standing("petition.gates")
    few = {code for code, count in gates.facts["rejected"].items() if count < 10}
    assert {name.split("/")[4] for name in cells if name.split("/")[2] == "gates"} == few
    alone = by_name(record, "alone/")
    assert len(alone) <= 1


@pytest.fixture
def real_vote(tmp_path):
    """A vote of real people, with a place of one ballot and one where all voted alike."""
    signer = write_new_key(tmp_path / "key.pem", "tests.example/real")
    statute = statute_on("au/constitution-s128", date(2023, 10, 14))
    opening = Opening("A vote", "What?", "vote", statute, made_up=False, smallest_group=5)
    made = OnDisk(tmp_path / "vote", signer)
    open_record(made.folder, signer, opening, Stamp())
    returns = tmp_path / "returns.csv"
    returns.write_text(
        "region,district,place,yes,no,informal,total\n"
        "NSW,North,School,60,40,2,102\nNSW,North,Home,1,0,0,1\nNSW,North,Hall,30,0,0,30\n"
    )
    files = ReturnsFiles(returns, None, "referendum", "all", provisional=True)
    with made.hold() as record:
        receive_returns(record, files, Stamp())
    return made


def notices_of(made, do):
    """What the office is told while it does something on a record."""
    told = []
    with made.hold() as record, listen_to_notices(told.append):
        record.review = review_act
        do(record)
    return told


def test_a_correction_that_names_somebody_or_is_of_one_person_is_told_before_it_is_signed(
    petition, made_up_files, tmp_path
):
    made = petition.copy(tmp_path / "petition")
    electors = pl.read_parquet(made_up_files.electors)
    one = electors.row(0, named=True)
    fewer = tmp_path / "electors.parquet"
    electors.slice(1).write_parquet(fewer)
    seal = Record.open(made.folder).standing("roll.seal").number
    reason = f"{one['given_names']} {one['surname']}, 403-555-0123, has moved from 12 Lake Road"
    told = notices_of(
        made, lambda held: seal_roll(held, fewer, "utf-8", Stamp(corrects=seal, reason=reason))
    )
    assert [words.split(":")[0] for words in told] == [
        "the reason has a long number in it, such as a telephone's or an elector's",
        "the reason has what looks like an address",
        "the reason has a name that stands in a sealed table",
        f"this differs from act {seal} by fewer than 10 (fact electors",
    ]
    assert one["surname"] not in "".join(told)


@pytest.mark.parametrize(
    "text",
    ["3 lines were keyed twice", "the law of 2021, section 12 (3)", "act 12 was of 2026-01-02"],
)
def test_plain_reasons_are_not_told(petition, text):
    assert personal_marks(Record.open(petition.folder), text) == []


def test_places_that_show_how_somebody_voted_are_told_at_intake(vote, tmp_path):
    made = vote.copy(tmp_path / "vote")
    returns = tmp_path / "returns.csv"
    returns.write_text(
        "region,district,place,yes,no,informal,total\nTAS,Far,Home of J. Doe (mobile),1,0,0,1\n"
    )
    files = ReturnsFiles(returns, None, "referendum", "all", provisional=False)
    told = notices_of(made, lambda held: receive_returns(held, files, Stamp()))
    assert "1 form would show how somebody voted, such as" in told[-1]


def test_a_faulty_cell_of_a_return_is_published_only_where_it_is_a_number(vote, tmp_path):
    made = vote.copy(tmp_path / "vote")
    returns = tmp_path / "returns.csv"
    returns.write_text(
        "region,district,place,yes,no,informal,total\nTAS,Far,P,Carol Example 403-555-0197,1,0,50\n"
        "TAS,Far,Q,-5,1,0,50\nTAS,Far,R,Carol,1,0,50\n"
    )
    files = ReturnsFiles(
        returns, None, "referendum", "all", provisional=False, accept=("rows", "yes")
    )
    with made.hold() as record:
        act = receive_returns(record, files, Stamp())
    aside = public_table(Record.open(made.folder), act, "returns", "set_aside")
    assert aside["value"].to_list() == ["text 0", "-5", "text"]
    assert aside["figures"].str.starts_with("yes ?").all()
    assert verify(str(made.folder)).holds


HOME = "place/1/1/all/NSW/North/Home"
HALL = "place/1/1/all/NSW/North/Hall"


def test_a_record_of_real_people_is_published_when_each_finding_is_accepted_by_name(
    real_vote, tmp_path
):
    found = by_name(Record.open(real_vote.folder))
    assert found.keys() == {HOME, HALL}
    assert "1 ballots, fewer than 5" in found[HOME].words
    with pytest.raises(OrderError, match="2 findings"):
        publish([real_vote.folder], tmp_path / "site")
    with real_vote.hold() as record:
        accept_findings(record, [HOME], "the law wants each place by itself", Stamp())
        with pytest.raises(InputError, match="accepted already"):
            accept_findings(record, [HOME], "again", Stamp())
        with pytest.raises(InputError, match="no finding"):
            accept_findings(record, ["place/1/nowhere"], "none", Stamp())
    with pytest.raises(OrderError, match="1 finding"):
        publish([real_vote.folder], tmp_path / "site")
    with real_vote.hold() as record:
        accept_findings(record, [HALL], "the law wants each place by itself", Stamp())
    publish([real_vote.folder], tmp_path / "site")
    assert verify(str(tmp_path / "site")).holds
    record = Record.open(real_vote.folder)
    assert acts_published_in(record, tmp_path / "site") == 4
    assert all(one.published for one in find_disclosures(record, 4))
    assert not any(one.published for one in find_disclosures(record, 1))


def test_the_command_tells_findings_and_accepts_them(real_vote, tmp_path):
    told = run("privacy", str(real_vote.folder))
    assert "2 findings on fewer than 5, 2 open" in told
    run(
        *("privacy", "accept", str(real_vote.folder), HOME, HALL, "--cause", "so the law wants"),
        *("--key", tmp_path / "key.pem"),
    )
    said = json.loads(run("privacy", str(real_vote.folder), "--json"))
    assert {one["accepted"] for one in said["findings"]} == {"so the law wants"}


def test_acceptances_out_of_order_or_twice_are_refused_by_the_checker(real_vote):
    for names in ([HOME, HALL], [HALL, HALL]):
        with real_vote.hold() as record:
            parameters = {"findings": names, "cause": "because"}
            record.receive("privacy.accept", Outputs((), {}), parameters, Stamp())
    failing = verify(str(real_vote.folder)).failures
    assert [one.act for one in failing] == [2, 3]
