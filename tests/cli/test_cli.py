"""The command line with bad input: a clear error or a counted fault, and nothing is lost."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from referendum.cli.main import cli, say_error
from referendum.cli.screen import say
from referendum.core.errors import BusyError, InputError, KeyFault, OrderError, ReferendumError
from referendum.record.log import LogWriter, load_signer, write_new_key
from referendum.record.reading import Record
from referendum.verify import verify

ORIGIN = "tests.example/cli"
ELECTORS = "elector_id,given_names,surname,street\n1,Ada,Cardinal,Main St\n2,Bo,Li,Oak St\n"
LINES = "line_id,given_names,surname,street,signed_on\nL1,Ada,Cardinal,Main St,2026-02-01\n"
RETURNS = "region,district,place,yes,no,informal,total\nNSW,A,Hall,1,2,3,6\n"


def run(*arguments):
    """Run a command as a person would and give what it printed."""
    result = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=True)
    if isinstance(result.exception, ReferendumError):
        raise result.exception
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.fixture
def key(tmp_path, monkeypatch):
    """A key that every command finds."""
    path = tmp_path / "key.pem"
    write_new_key(path, ORIGIN)
    monkeypatch.setenv("REFERENDUM_KEY", str(path))
    return path


@pytest.fixture
def petition_record(key, tmp_path):
    """A petition just issued."""
    assert key.exists()
    folder = tmp_path / "petition"
    run("new", folder, *opening("petition", "ca-ab/citizen-initiative-act", "2025-12-22"))
    issue = ["--proposal", "policy", "--base-value", "10", "--first-day", "2026-01-03"]
    run("petition", "issue", folder, *issue)
    return folder


@pytest.fixture
def vote_record(key, tmp_path):
    """A vote just opened."""
    assert key.exists()
    folder = tmp_path / "vote"
    run("new", folder, *opening("vote", "au/constitution-s128", "2023-10-14"))
    return folder


def opening(subject, statute, day):
    options = {"title": "t", "question": "q", "subject": subject, "statute": statute, "on": day}
    flat = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [*flat, "--origin", ORIGIN, "--made-up"]


def file(tmp_path, content, name="input.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


ALONE = ("--number-alone", "few")

INTAKES = {
    "roll seal": ("petition_record", ELECTORS),
    "petition receive --number-alone few": ("petition_record", LINES),
    "returns receive": ("vote_record", RETURNS),
}


@pytest.fixture(params=INTAKES)
def intake(request):
    """Each command that takes a table in: the command, its record, a good table."""
    fixture, good = INTAKES[request.param]
    return request.param.split(), request.getfixturevalue(fixture), good


def recorded(folder):
    """The number of acts on a record that still verifies."""
    report = verify(str(folder))
    assert report.holds, report.failures
    return len(Record.open(folder).acts)


def refused(intake, path, *options):
    """Run an intake that must be refused, and see that nothing was recorded or lost."""
    command, folder, _ = intake
    before = recorded(folder)
    with pytest.raises(ReferendumError) as caught:
        run(*command, folder, path, *options)
    assert recorded(folder) == before
    return caught.value


def test_a_missing_file_is_refused(intake, tmp_path):
    assert "no such file" in str(refused(intake, tmp_path / "none.csv"))


def test_a_folder_in_place_of_a_file_is_refused(intake, tmp_path):
    assert "folder" in str(refused(intake, tmp_path))


def test_an_empty_file_is_refused(intake, tmp_path):
    assert "empty" in str(refused(intake, file(tmp_path, b"")))


def test_a_wrong_encoding_is_refused_with_a_hint(intake, tmp_path):
    good = intake[2]
    foreign = good.replace("Main", "Mäin").replace("Hall", "Häll").encode("cp1252")
    error = refused(intake, file(tmp_path, foreign))
    assert "--encoding cp1252" in error.hint


def test_a_missing_column_is_refused_by_name(intake, tmp_path):
    good = intake[2]
    column = good.split(",")[0]
    error = refused(intake, file(tmp_path, good.replace(column, "something", 1)))
    assert column in error.message


def test_a_damaged_compressed_file_is_refused(intake, tmp_path):
    cut = gzip.compress(intake[2].encode() * 50)[:-10]
    assert "damaged" in str(refused(intake, file(tmp_path, cut, "input.csv.gz")))


def test_a_file_that_is_no_parquet_is_refused(intake, tmp_path):
    assert "Parquet" in str(refused(intake, file(tmp_path, intake[2], "input.parquet")))


def accepted(intake, tmp_path, content, *options):
    """Run an intake that must go through, and give the facts that it states."""
    command, folder, _ = intake
    before = recorded(folder)
    output = run(*command, folder, file(tmp_path, content), *options, "--json")
    assert recorded(folder) > before
    return json.loads(output)["acts"][0]["facts"]


def test_unknown_columns_are_left_out_and_counted(intake, tmp_path):
    header, row = intake[2].splitlines()[:2]
    facts = accepted(intake, tmp_path, f"{header},shoe_size\n{row},44\n")
    assert facts["set_aside"] == 0
    assert facts.get("faults", {"unknown_column": 1}) == {"unknown_column": 1}


def test_a_repeated_row_is_set_aside_and_counted(intake, tmp_path):
    header, row = intake[2].splitlines()[:2]
    assert (
        accepted(intake, tmp_path, f"{header}\n{row}\n{row}\n", "--accept", "rows")["set_aside"]
        == 1
    )


def test_a_row_of_two_hundred_megabytes_is_set_aside_and_counted(intake, tmp_path):
    header, row = intake[2].splitlines()[:2]
    content = f"{header}\n{row}\n" + "x" * 200_000_000 + "\n"
    assert accepted(intake, tmp_path, content, "--accept", "rows")["set_aside"] == 1


def test_a_header_alone_is_no_table(intake, tmp_path):
    header = intake[2].splitlines()[0]
    words = "no form" if intake[0] == ["returns", "receive"] else "is in the table"
    assert words in refused(intake, file(tmp_path, header + "\n")).message


@pytest.fixture
def drawn(petition_record, tmp_path):
    """A petition with a drawn sample, and its worksheet."""
    lines = LINES + "L2,Bo,Li,Oak St,2026-02-02\nL3,Cy,No,Elm St,2026-02-03\n"
    run("roll", "seal", petition_record, file(tmp_path, ELECTORS, "e.csv"))
    run("petition", "receive", petition_record, file(tmp_path, lines, "l.csv"), *ALONE)
    run("match", petition_record)
    sheet = tmp_path / "worksheet.csv"
    run(
        "draw",
        petition_record,
        "--seed",
        "40711938826450173395",
        "--size",
        "3",
        "--worksheet",
        sheet,
    )
    return petition_record, pl.read_csv(sheet).get_column("line_id").to_list()


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ("line_id,finding\n", "there is no finding"),
        ("line_id,finding\nL1,valid\nL2,valid\nL3,valid\nL9,valid\n", "the first is number 4"),
        ("line_id,finding\nL1,valid\nL1,valid\nL2,valid\nL3,valid\n", "repeated"),
        ("line_id,finding\nL1,valid\nL2,\nL3,valid\n", "missing"),
        ("line_id,verdict\nL1,valid\n", "finding"),
        ("line_id,finding\nL1,valid\nL2,not a code!\nL3,valid\n", "finding: not_a_code$"),
    ],
)
def test_findings_that_do_not_fit_the_draw_are_refused(drawn, tmp_path, findings, words):
    folder, _ = drawn
    with pytest.raises(InputError, match=words):
        run("checks", "receive", folder, file(tmp_path, findings, "f.csv"))
    assert recorded(folder) == 7


def test_a_whole_petition_by_commands_decides_by_the_arithmetic(drawn, tmp_path):
    folder, line_ids = drawn
    findings = "line_id,finding\n" + "".join(f"{line},VALID\n" for line in line_ids)
    run("checks", "receive", folder, file(tmp_path, findings, "f.csv"))
    assert max(map(len, run("log", folder, "4").splitlines())) <= 80
    decision = json.loads(run("decide", folder, "--json"))["acts"][0]["facts"]
    assert decision == {"decision": "sufficient", "compared": 3, "required": 1}
    assert "come out the same" in run("replay", folder)
    assert recorded(folder) == 9


def test_findings_in_parts_are_told_with_what_is_left(drawn, tmp_path):
    folder, (first, *rest) = drawn
    part = file(tmp_path, f"line_id,finding\n{first},valid\n", "f.csv")
    assert "2 drawn lines have no finding yet" in run("checks", "receive", folder, part)
    with pytest.raises(OrderError, match="2 of 3 drawn lines have no finding yet"):
        run("decide", folder)
    part = file(tmp_path, "line_id,finding\n" + "".join(f"{one},valid\n" for one in rest), "g.csv")
    told = run("checks", "receive", folder, part, "--json")
    assert json.loads(told)["lacking"] == 0
    assert json.loads(run("decide", folder, "--json"))["acts"][0]["facts"]["compared"] == 3


def test_a_mistake_is_put_right_by_a_later_act(drawn, tmp_path):
    folder, line_ids = drawn
    wrong = "line_id,finding\n" + "".join(f"{line},not_listed\n" for line in line_ids)
    right = "line_id,finding\n" + "".join(f"{line},valid\n" for line in line_ids)
    run("checks", "receive", folder, file(tmp_path, wrong, "f.csv"))
    run("decide", folder)
    with pytest.raises(OrderError, match=r"act 8 .* no more is received") as caught:
        run("checks", "receive", folder, file(tmp_path, right, "f.csv"))
    assert "(of 7) with --corrects" in caught.value.hint
    run(
        "checks",
        "receive",
        folder,
        file(tmp_path, right, "f.csv"),
        "--corrects",
        "7",
        "--reason",
        "one line was missed",
    )
    assert "no longer stands" in run("log", folder)
    facts = json.loads(run("decide", folder, "--json"))["acts"][0]["facts"]
    assert facts["decision"] == "sufficient"
    assert recorded(folder) == 11


def test_too_few_lines_are_refused_at_the_preliminary_count(petition_record, tmp_path):
    late = LINES.replace("2026-02-01", "2025-01-01")
    run("petition", "receive", petition_record, file(tmp_path, late), *ALONE)
    run("decide", petition_record, "--method", "preliminary_count")
    assert recorded(petition_record) == 5


def test_a_recall_ends_at_the_preliminary_count(key, tmp_path):
    """Calgary-North, February 2026: 638 counted, 9,503 required; here 1 of 60."""
    assert key.exists()
    folder = tmp_path / "recall"
    run("new", folder, *opening("petition", "ca-ab/recall-act", "2026-02-01"))
    issue = ["--proposal", "recall", "--base-value", "100", "--first-day", "2026-01-03"]
    run("petition", "issue", folder, *issue)
    run("petition", "receive", folder, file(tmp_path, LINES), *ALONE)
    output = json.loads(run("decide", folder, "--method", "preliminary_count", "--json"))
    assert output["acts"][0]["facts"]["decision"] == "insufficient"
    assert output["acts"][0]["section"] == "Recall Act s. 8(2)"
    assert recorded(folder) == 5


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["match"], "no electors yet"),
        (["draw", "--seed", "10711938826450173395", "--size", "5"], "no gates yet"),
        (["decide"], "no gates yet"),
        (["result"], "the step is of a vote"),
    ],
)
def test_a_step_too_early_names_the_step_before(petition_record, command, words):
    with pytest.raises(ReferendumError, match=words):
        run(command[0], petition_record, *command[1:])


def test_a_step_of_another_kind_of_record_is_refused(petition_record, tmp_path):
    with pytest.raises(ReferendumError, match="record is of a petition"):
        run("returns", "receive", petition_record, file(tmp_path, RETURNS))


def test_lines_of_a_petition_not_issued_are_refused(vote_record, tmp_path):
    with pytest.raises(OrderError, match="the step is of a petition"):
        run("petition", "receive", vote_record, file(tmp_path, LINES))
    assert recorded(vote_record) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--seed", " ", "--size", "5"], "seed is empty"),
        (["--seed", "10711938826450173395", "--size", "0"], "cannot be drawn"),
        (["--seed", "10711938826450173395", "--size", "5", "--at", "soon"], "--at"),
    ],
)
def test_a_senseless_draw_is_refused(petition_record, options, words, tmp_path):
    run("roll", "seal", petition_record, file(tmp_path, ELECTORS, "e.csv"))
    run("petition", "receive", petition_record, file(tmp_path, LINES, "l.csv"), *ALONE)
    run("match", petition_record)
    with pytest.raises(InputError, match=words):
        run("draw", petition_record, *options)


def test_a_second_writer_is_refused_and_a_reader_is_not(petition_record, key):
    record = Record.open(petition_record)
    with LogWriter.hold(petition_record / "log", load_signer(key, record.info.origin)):
        with pytest.raises(BusyError):
            run("petition", "receive", petition_record, petition_record / "record.json")
        assert "Petition issued" in run("log", petition_record)


def test_another_key_is_refused(petition_record, tmp_path):
    write_new_key(tmp_path / "other.pem", ORIGIN)
    with pytest.raises(KeyFault, match="this key is"):
        run("match", petition_record, "--key", tmp_path / "other.pem")


def test_a_record_asks_for_its_own_key_and_for_no_new_one(petition_record, tmp_path, monkeypatch):
    monkeypatch.delenv("REFERENDUM_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    path = file(tmp_path, "elector_id,surname\n1,Lee\n")
    with pytest.raises(KeyFault, match="the signing key is not here") as told:
        run("roll", "seal", petition_record, path)
    assert told.value.hint == "name the file of the record's own key with --key FILE"


def test_a_step_of_a_day_to_come_is_refused(petition_record, tmp_path):
    path = file(tmp_path, "elector_id,surname\n1,Lee\n")
    with pytest.raises(InputError, match="lies in the future"):
        run("roll", "seal", petition_record, path, "--at", "2199-01-01")


def test_a_key_with_a_passphrase_opens_with_it(tmp_path, monkeypatch):
    monkeypatch.setenv("REFERENDUM_PASSPHRASE", "correct horse")
    run("key", "new", "--origin", ORIGIN, "--out", tmp_path / "k.pem", "--passphrase")
    assert ORIGIN in run("key", "show", "--origin", ORIGIN, "--key", tmp_path / "k.pem")
    monkeypatch.delenv("REFERENDUM_PASSPHRASE")
    with pytest.raises(KeyFault, match="passphrase"):
        run("key", "show", "--origin", ORIGIN, "--key", tmp_path / "k.pem")


def test_a_record_is_not_made_over_another(petition_record):
    options = opening("petition", "ca-ab/citizen-initiative-act", "2025-12-22")
    with pytest.raises(OrderError, match="something here"):
        run("new", petition_record, *options)


def test_what_is_no_record_is_refused(tmp_path):
    for command in (["log"], ["replay"], ["match"]):
        with pytest.raises(ReferendumError, match="not a record"):
            run(*command, tmp_path)


def test_verify_fails_with_words_and_a_code_when_one_digit_is_changed(vote_record, tmp_path):
    run("returns", "receive", vote_record, file(tmp_path, RETURNS))
    run("result", vote_record)
    run("publish", vote_record, tmp_path / "site")
    document = next((tmp_path / "site").rglob("result.json"))
    document.write_bytes(document.read_bytes().replace(b'"yes":1', b'"yes":9'))
    result = CliRunner().invoke(cli, ["verify", str(tmp_path / "site" / "vote")])
    assert result.exit_code == 1
    assert "FAILS" in result.output
    assert "act 2" in result.output
    assert "result.json" in result.output
    assert max(map(len, result.output.splitlines())) <= 120


def test_verify_keeps_a_checkpoint_and_insists_on_it(vote_record, tmp_path):
    kept = tmp_path / "kept"
    run("verify", vote_record, "--known", kept)
    run("returns", "receive", vote_record, file(tmp_path, RETURNS))
    assert "contains the one that you kept" in run("verify", vote_record, "--known", kept)
    assert b"\n2\n" in kept.read_bytes()


@pytest.mark.parametrize("source", ["/no/such/folder", "http://127.0.0.1:1/none", "https://"])
def test_verify_of_nothing_fails_in_words(source):
    result = CliRunner().invoke(cli, ["verify", source])
    assert result.exit_code == 2
    assert "othing was checked" in result.output
    assert "Traceback" not in result.output


CIA = "ca-ab/citizen-initiative-act"
CASES = str(Path(__file__).parents[2] / "examples" / "petition-cases" / "cases.json")


def lines_of(output):
    assert max(map(len, output.splitlines())) <= 80
    return output


def test_law_show_prints_what_applied_that_day():
    output = lines_of(run("law", "show", CIA, "--on", "2025-12-22"))
    assert "fee: 25000 CAD" in output
    assert "window: 120 days" in output
    earlier = ["--on", "2025-07-03", "--json"]
    data = json.loads(run("law", "show", CIA, *earlier))
    assert data["collection"]["window"]["value"] == "90 days"


def test_every_version_of_every_act_is_shown_in_80_columns():
    for name, found in json.loads(run("law", "list", "--json")).items():
        for version in found:
            lines_of(run("law", "show", name, "--on", version))


def test_law_threshold_works_out_the_requirement():
    kind = ["--on", "2025-12-22", "--kind", "constitutional", "--base", "1777315"]
    assert "177,732" in lines_of(run("law", "threshold", CIA, *kind))
    data = json.loads(run("law", "threshold", CIA, *kind, "--json"))["constitutional"]
    assert (data["required"], data["product"]) == (177_732, "355463/2")
    assert all(step["cite"] for step in data["steps"])


def test_law_threshold_of_every_kind_says_what_is_not_known():
    output = lines_of(run("law", "threshold", CIA, "--on", "2025-06-30"))
    assert "policy: 293,976 signatures" in output
    assert "constitutional: not known" in output
    assert "--districts" in output


def test_law_diff_shows_what_changed_side_by_side_and_nothing_else():
    output = lines_of(run("law", "diff", CIA, "2025-07-03", "2025-07-04"))
    assert re.search(r"^COLLECTION: WINDOW\n90 days +\| 120 days$", output, re.MULTILINE)
    assert "SHEETS" not in output
    assert run("law", "diff", CIA, "2025-07-04", "2025-07-05") == "nothing changed\n"
    rows = json.loads(run("law", "diff", CIA, "2025-12-10", "2025-12-11", "--json"))
    assert "application: fee" in {row["value"] for row in rows}


def test_law_calendar_gives_every_deadline_and_writes_a_calendar_file(tmp_path):
    ics = tmp_path / "petition.ics"
    dated = ["--from", "2025-12-11", "--event", "issue=2026-01-02"]
    output = lines_of(run("law", "calendar", CIA, *dated, "--ics", ics))
    assert "2026-01-02  2026-05-02  delivery" in output
    assert "2026-05-23  verification" in output
    assert ics.read_bytes().startswith(b"BEGIN:VCALENDAR")
    rows = json.loads(run("law", "calendar", CIA, *dated, "--json"))
    assert {row["code"]: row["latest"] for row in rows}["verification"] == "2026-05-23"


def test_law_calendar_takes_the_days_on_which_the_assembly_sits(tmp_path):
    days = file(tmp_path, "\n".join(f"2026-11-{day:02}" for day in range(2, 20)), "sittings.txt")
    dated = ["--from", "2025-12-11", "--event", "tabling=2026-11-01", "--sittings", days]
    assert "2026-11-11  referral" in run("law", "calendar", CIA, *dated)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--event", "issue"], "no event"),
        (["--event", "issue=soon"], "not a day"),
        (["--event", "coronation=2026-01-01"], "no step or event"),
    ],
)
def test_a_senseless_event_is_refused(options, words):
    with pytest.raises(InputError, match=words):
        run("law", "calendar", CIA, "--from", "2025-12-11", *options)


FACTS = """\
statute = "ca-ab/citizen-initiative-act"
on = 2026-01-03

[application]
first_day = 2026-01-03

[sheet]
issued_by_office = true
original = true
circulator_affidavit = true
canvasser_named = true

[line]
name = true
address = true
phone_or_email = true
date = true
signature = true
statement_of_eligibility = true
identification_shown = true
signed_on = 2026-05-03
"""


def test_law_check_says_rule_by_rule_whether_facts_stand(tmp_path):
    facts = file(tmp_path, FACTS, "facts.toml")
    done = CliRunner().invoke(cli, ["law", "check", str(facts)])
    assert done.exit_code == 1
    assert "Answer: falls" in lines_of(done.output)
    assert re.search(r"^falls +line +signed_on", done.output, re.MULTILINE)
    good = file(tmp_path, FACTS.replace("2026-05-03", "2026-05-02"), "good.toml")
    data = json.loads(run("law", "check", good, "--json"))
    assert data["verdict"] == "not stated"
    assert {test["verdict"] for test in data["tests"] if test["about"] != "application"} == {
        "stands"
    }


@pytest.mark.parametrize("text", ["[[[", "on = 2026-01-03", 'statute = "x/y"\non = "soon"'])
def test_facts_that_cannot_be_read_are_refused(text, tmp_path):
    with pytest.raises(InputError):
        run("law", "check", file(tmp_path, text, "facts.toml"))


NEVADA, DELIVERED = "us-nv/initiative-and-referendum", ["--event", "delivery=2026-06-01"]


@pytest.mark.parametrize(
    ("package", "command"),
    [
        ("holidays", ["law", "calendar", NEVADA, "--from", "2026-05-01", *DELIVERED]),
        ("polars", ["roll", "seal", "r", "e.csv"]),
    ],
)
def test_a_package_that_is_not_installed_is_named(package, command):
    program = (
        f"import sys; sys.modules[{package!r}] = None; sys.argv = ['referendum', *{command!r}];"
        "from referendum.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: this command needs the package {package}\nhint: ")


@pytest.mark.parametrize(
    "command", [["law", "list"], ["law", "show", CIA], ["cases", "run", CASES]]
)
def test_the_law_needs_no_table_library(command):
    program = (
        f"import sys; sys.modules['polars'] = None; sys.argv = ['referendum', *{command!r}];"
        "from referendum.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_errors_are_two_lines_and_never_a_traceback(tmp_path):
    program = Path(sys.executable).parent / "referendum"
    done = subprocess.run(
        [program, "log", tmp_path], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert second.startswith("hint: ")


def test_what_the_system_refuses_is_told_in_words(tmp_path):
    program = Path(sys.executable).parent / "referendum"
    (tmp_path / "taken").write_text("a file")
    done = subprocess.run(
        [program, "simulate", "petition", tmp_path / "taken" / "inside"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_an_error_without_a_hint_is_one_line(capsys):
    say_error(InputError("wrong", where="here"))
    assert capsys.readouterr().err == "error: here: wrong\n"


def test_too_little_memory_is_a_clear_error(tmp_path):
    (tmp_path / "electors.csv").write_text(ELECTORS)
    (tmp_path / "lines.csv").write_text(LINES)
    script = (
        "import referendum.cli.matching as matching\n"
        "def full(*_, **__): raise MemoryError\n"
        "matching.match_files = full\n"
        "from referendum.cli.main import main; main()"
    )
    files = ("--lines", "lines.csv", "--electors", "electors.csv", "--out", "out.csv")
    done = subprocess.run(
        [sys.executable, "-c", script, "match", *files],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert "more memory than there is" in done.stderr
    assert "--engine parts" in done.stderr


def test_no_text_from_outside_steers_the_screen(capsys):
    evil = "\u001b[2J\u202e\u2028"
    say_error(InputError(f"title {evil}", where=evil, hint=evil))
    say(f"act 1  {evil}\n")
    out, err = capsys.readouterr()
    assert "\\u001b[2J\\u202e\\u2028" in err
    assert all(sign.isprintable() or sign == "\n" for sign in out + err)


@pytest.mark.parametrize("command", [("key", "new", "--origin"), ("witness", "key", "--name")])
def test_a_passphrase_in_the_environment_always_protects_a_new_key(tmp_path, monkeypatch, command):
    monkeypatch.setenv("REFERENDUM_PASSPHRASE", "not to be forgotten")
    path = tmp_path / "new.pem"
    told = CliRunner().invoke(cli, [*command, "a.example/b", "--out", str(path)]).output
    assert b"ENCRYPTED" in path.read_bytes()
    assert "under its passphrase" in " ".join(told.split())
    monkeypatch.delenv("REFERENDUM_PASSPHRASE")
    other = tmp_path / "other.pem"
    told = CliRunner().invoke(cli, [*command, "a.example/b", "--out", str(other)]).output
    assert "open, without a passphrase" in " ".join(told.split())
