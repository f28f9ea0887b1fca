"""Where a record is: what stands, what comes next, and commands that can be followed as printed."""

import shlex
from datetime import timedelta

import click
import polars as pl
import pytest
from click.testing import CliRunner
from tests.seeds.ceremonies import PARTIES, ROLLED, call, commit_all, reveal_all

from referendum.cli.main import cli
from referendum.core.days import utc_text
from referendum.core.errors import InputError, OrderError
from referendum.core.seeds import DiceCall
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.flows.seeds import call_seed, close_call, roll_dice
from referendum.flows.status import status_of
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.flows.withdrawals import Withdrawals
from referendum.publish import publish
from referendum.record.reading import Record
from referendum.record.stamps import Stamp, now
from referendum.verify import verify

LATER = utc_text(now() + timedelta(days=400))


def status(folder, time=None):
    found = status_of(Record.open(folder), time or utc_text(now()))
    for task in found.tasks:
        require_command(task.command)
    return found


def require_command(line):
    """See that a command that is printed exists, with its options and as many arguments."""
    words, command, context = shlex.split(line)[1:], cli, None
    while isinstance(command, click.Group):
        context = click.Context(command)
        name = words[0]
        if name not in command.list_commands(context):
            command = command.get_command(context, "run")
            break
        command = command.get_command(context, words.pop(0))
    options = {name: one for one in command.params for name in one.opts}
    given = {word for word in words if word.startswith("--")}
    assert given <= set(options), line
    required = {one.opts[0] for one in command.params if one.required and one.opts[0][0] == "-"}
    assert required <= given, line
    named = [options[word] for word in words if word.startswith("--")]
    free = len(words) - len(named) - sum(not one.is_flag for one in named)
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    assert free >= sum(one.required for one in arguments), line


def due(found):
    return [task.command.split(" ", 1)[1].split(" /")[0] for task in found.tasks if task.step.due]


def test_a_petition_just_issued_waits_for_its_lists(issued):
    found = status(issued.folder)
    assert due(found) == ["roll seal", "petition receive"]
    assert ("2026-05-02", "last day of signing") in {(one.day, one.what) for one in found.due}
    assert found.headline == "In progress"


@pytest.fixture(scope="module")
def matched(issued, made_up_files, tmp_path_factory):
    """A petition whose lines are matched."""
    made = issued.copy(tmp_path_factory.mktemp("s") / "petition")
    with made.hold() as record:
        seal_roll(record, made_up_files.electors, "utf-8", Stamp())
        receive_petition(record, made_up_files.lines, made_up_files.sheets, 600, "utf-8", Stamp())
    assert due(status(made.folder)) == ["petition gates"]
    with made.hold() as record:
        pass_gates(record, Stamp())
    assert due(status(made.folder)) == ["match"]
    with made.hold() as record:
        match(record, Stamp())
    return made


def test_a_call_for_a_seed_is_followed_to_its_draw(matched, tmp_path):
    made = matched.copy(tmp_path / "petition")
    assert due(status(made.folder)) == ["seed call"]
    assert "draw" in " ".join(one.command for one in status(made.folder).tasks if not one.step.due)
    until = utc_text(now() + timedelta(days=1))
    with made.hold() as record:
        call_seed(record, "draw", ("Yes & co", "No"), until, None, Stamp())
    found = status(made.folder)
    assert due(found) == ["seed commit", "seed commit"]
    assert "--party 'Yes & co'" in found.tasks[0].command
    assert not any(one.command.startswith("referendum petition receive") for one in found.tasks)
    assert until in {one.day for one in found.due}
    over = status(made.folder, LATER)
    assert due(over) == ["seed call"]
    assert "nobody revealed a secret" in over.tasks[0].step.words


def test_a_seed_called_for_beside_a_draw_leads_to_a_draw_in_its_place(petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    with made.hold() as record:
        number = record.standing("draw").number
        with pytest.raises(InputError, match="no seed is given") as error:
            draw_sample(record, None, 20, Stamp(corrects=number, reason="x"))
        assert "seed call" in error.value.hint
        dice = DiceCall("Office", 10, 20)
        call_seed(record, "draw", (), utc_text(now() + timedelta(days=1)), dice, Stamp())
        assert due(status(made.folder))[0].startswith("seed")
        roll_dice(record, "draw", "73501962408817395526", Stamp())
        close_call(record, "draw", Stamp())
    first = next(one for one in status(made.folder).tasks if one.step.due)
    assert f"--corrects {number}" in first.command
    assert f"in place of act {number}" in first.step.words


def test_a_delivery_makes_an_open_call_useless_and_it_is_said(matched, made_up_files, tmp_path):
    made = matched.copy(tmp_path / "petition")
    late = tmp_path / "late.parquet"
    pl.read_parquet(made_up_files.lines).with_columns(
        pl.format("late-{}", "line_id").alias("line_id"),
        pl.format("late-{}", "sheet_id").alias("sheet_id"),
    ).write_parquet(late)
    with made.hold() as record:
        dice = DiceCall("Office", 10, 20)
        call_seed(record, "draw", (), utc_text(now() + timedelta(days=1)), dice, Stamp())
        before = Withdrawals.of(record)
        sheets = pl.read_parquet(made_up_files.sheets)
        sheets = sheets.with_columns(pl.format("late-{}", "sheet_id").alias("sheet_id"))
        sheets.write_parquet(tmp_path / "sheets.parquet")
        receive_petition(record, late, tmp_path / "sheets.parquet", None, "utf-8", Stamp())
        pass_gates(record, Stamp())
        told = before.lines_since(record)
        assert any("can no longer be taken" in one for one in told)
        found = status(made.folder)
        assert any("no draw can take it" in one.words for one in found.standing)
        assert any("overtaken: the lines have changed" in one.words for one in found.standing)
        match(record, Stamp())
        with pytest.raises(OrderError, match="of what stood before") as error:
            draw_sample(record, "73501962408817395526", 20, Stamp())
        assert "--for draw --corrects" in error.value.hint


def test_dice_wait_for_the_time_where_the_reveals_began_without_a_party(matched, tmp_path):
    made = matched.copy(tmp_path / "petition")
    with made.hold() as record:
        call(record)
        commit_all(record, "draw", PARTIES[:1])
        reveal_all(record, "draw", PARTIES[:1], without_waiting=True)
        with pytest.raises(OrderError, match="the reveals began before Yes campaign, No campaign"):
            roll_dice(record, "draw", ROLLED, Stamp())
    (task,) = [one for one in status(made.folder).tasks if one.step.due]
    assert task.step.kinds == ("seed.dice",)
    assert "not before: Returning officer rolls the dice" in task.step.words


def test_lines_that_wait_are_said_to_wait(issued, made_up_files, tmp_path):
    made = issued.copy(tmp_path / "petition")
    few = tmp_path / "few.csv"
    pl.read_parquet(made_up_files.lines).head(20).write_csv(few)
    with made.hold() as record:
        seal_roll(record, made_up_files.electors, "utf-8", Stamp())
        receive_petition(record, few, None, None, "utf-8", Stamp())
    (task,) = [one for one in status(made.folder).tasks if one.step.due]
    assert "number the 20 that wait" in task.step.words
    assert "--number-alone" in task.command


def test_a_decided_petition_waits_for_nothing_and_a_withdrawn_answer_stays(petition, tmp_path):
    found = status(petition.folder)
    assert (found.headline, due(found)) == ("Sufficient", [])
    assert [one.what for one in found.due if "hands in" in one.what] == []
    made = petition.copy(tmp_path / "petition")
    findings = tmp_path / "findings.csv"
    with made.hold() as record:
        worksheet(record).select("line_id", finding=pl.lit("valid")).write_csv(findings)
        before = record.standing("checks.receive").number
        stood = Withdrawals.of(record)
        receive_checks(record, findings, "utf-8", Stamp(corrects=before, reason="keyed wrongly"))
        told = stood.lines_since(record)
        assert "this withdraws the answer “sufficient” of act" in told[0]
        assert told[-1].endswith("referendum decide RECORD")
    found = status(made.folder)
    assert found.headline == "Not decided: an answer was withdrawn"
    (withdrawn,) = found.withdrawn
    assert withdrawn.reason == "keyed wrongly"
    assert "had said “sufficient”" in withdrawn.answers[0]
    (task,) = [one for one in found.tasks if one.step.due]
    assert "fell, because: keyed wrongly" in task.step.words
    with made.hold() as record:
        decide(record, "sample", Stamp())
    assert (status(made.folder).headline, status(made.folder).withdrawn) == (
        "Sufficient", found.withdrawn,
    )  # fmt: skip


def test_a_count_by_hand_that_says_otherwise_stays_in_the_headline(counted_by_hand, tmp_path):
    otherwise = "Not settled: a count by hand says otherwise"
    found = status(counted_by_hand.folder)
    assert (found.headline, due(found)) == (otherwise, ["returns receive"])
    assert "--corrects" in next(one.command for one in found.tasks if one.step.stage == "audit")
    made = counted_by_hand.copy(tmp_path / "vote")
    part = tmp_path / "part.csv"
    part.write_text("question,region,district,place,yes,no,informal,total\nA,X,Y,Z,6,5,0,11\n")
    with made.hold() as record:
        delivery = ReturnsFiles(part, None, "referendum", None, provisional=False)
        receive_returns(record, delivery, Stamp())
        declare_result(record, Stamp())
    found = status(made.folder)
    assert (found.headline, due(found)) == (otherwise, ["returns receive"])


def test_rounds_of_an_audit_and_what_returns_lack_are_told(audited, vote):
    found = status(audited.folder)
    assert found.headline == "1 of 2 questions carried, and a recount is open"
    assert any("round 2" in one.words and "earlier" in one.words for one in found.standing)
    assert any("row set aside" in one.step.words for one in status(vote.folder).tasks)


def test_an_open_recount_is_in_the_headline_until_it_is_said_to_be_done(audited, vote, tmp_path):
    made = audited.copy(tmp_path / "vote")
    with made.hold() as record:
        number = record.standing("result").number
        declare_result(record, Stamp(corrects=number, reason="a wrong form"))
    assert status(made.folder).headline.endswith("arried, and a recount is open")
    report = verify(str(made.folder))
    assert "a recount is open: " in report.outcome[0]
    assert report.holds
    (task,) = [one for one in status(made.folder).tasks if "--recounted" in one.command]
    with made.hold() as record:
        number = record.standing("result").number
        stamp = Stamp(corrects=number, reason="counted again, and nothing changed")
        declare_result(record, stamp, recounted=True)
    assert task.step.due
    assert status(made.folder).headline == "1 of 2 questions carried"
    publish([made.folder], tmp_path / "site")
    report = verify(str(tmp_path / "site" / "vote"))
    assert report.holds, report.failures
    assert "counted again, as the office states" in report.outcome[0]
    other = vote.copy(tmp_path / "other")
    with other.hold() as record:
        stamp = Stamp(corrects=record.standing("result").number, reason="a trial")
        with pytest.raises(InputError, match="no district is so close"):
            declare_result(record, stamp, recounted=True)


@pytest.mark.parametrize("name", ["petition", "vote", "audited"])
def test_the_command_tells_it_in_80_columns_of_a_record_and_of_a_page(name, request, tmp_path):
    folder = request.getfixturevalue(name).folder
    publish([folder], tmp_path / "site")
    for one in (folder, tmp_path / "site" / folder.name):
        done = CliRunner().invoke(cli, ["status", str(one)])
        assert done.exit_code == 0, done.output
        long = [line for line in done.output.splitlines() if len(line) > 80]
        assert [line for line in long if str(one) not in line] == []
        assert done.output.splitlines()[1].startswith(status(folder).headline)
    assert str(folder) not in done.output
