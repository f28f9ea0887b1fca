"""Commands that are killed, or whose disk fails, at any of their changes: done again, all is there.

Some do two things: where the first was done, a command for the second alone brings back what lacks.

A working folder is copied before each command. The command is cut off at one of its changes to the
disk; then what there is of the record opens and verifies, and the command done again gives what it
gives where nothing goes wrong.
"""

import io
import json
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from failing_disk import Disk, Killed
from tests.machine.small_records import electors, lines

from officers_made import ADA as ADA_LUND
from officers_made import BO, CY, DI, RETURNS, new_office
from referendum.cli.main import main
from referendum.core.canonical import read_canonical_json
from referendum.core.seeds import SeedCall, make_commitment
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.offices import appoint, dismiss
from referendum.record.log.tile_log import lock_log
from referendum.record.officers import keys as officer_keys
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.verify import verify

ORIGIN = "tests.example/cut-off"
PARTIES = ("Office", "Yes side")
ADA = "--sign ada --passphrase-from env:WORD"
SIGN = "--sign ada --sign bo --passphrase-from env:WORD --passphrase-from env:WORD"
NEW = f"new vote --title t --question q --origin {ORIGIN} --made-up"
OFFICERS = "--officer chief Ada ada.pub --officer returning Bo bo.pub --rule rule.json"
LATER = "region,district,place,yes,no,informal,total\nNSW,North,Hall,30,20,0,50\n"


def commitment(party):
    """What a party publishes, worked out from its secret and the call that lies here."""
    (path,) = Path("vote/bundles/public").glob("*/seed_call.json")
    call = SeedCall.read(read_canonical_json(path.read_bytes(), str(path)))
    return make_commitment(call, party, bytes.fromhex(Path(party).read_text().strip()))


def call_file():
    """The call, copied as a party has it."""
    (path,) = Path("vote/bundles/public").glob("*/seed_call.json")
    return str(path)


def findings(sheet, out, found):
    """Fill in a list of what was drawn, and give the words of two equal files."""
    pl.read_csv(sheet, infer_schema=False).with_columns(**found).write_csv(out)
    return out


VOTE = [
    f"key new --origin {ORIGIN}",
    "office key ada --passphrase-env WORD",
    "office key bo --passphrase-env WORD",
    f"{NEW} --subject vote --statute ch/optional-referendum --on 2020-01-02 {OFFICERS} {ADA}",
    f"office appoint vote --name Di --role auditor --officer-key di.pub {SIGN}",
    f"returns receive vote returns.csv --scope all {ADA}",
    f"returns receive vote later.csv {ADA}",
    f"result vote {SIGN}",
    f"audit plan vote --method ballot_polling {ADA}",
    lambda: (
        f"seed call vote --for audit.draw --party Office --until {in_an_hour()}"
        f" --dice 20 --roller Bo {ADA}"
    ),
    lambda: f"seed secret {call_file()} --party Office --out Office",
    lambda: f"seed commit vote --party Office --commitment {commitment('Office')} {ADA}",
    lambda: f"seed reveal vote --party Office --secret {Path('Office').read_text().strip()} {ADA}",
    f"seed dice vote --digits 73501962408817395526 {ADA}",
    f"seed close vote {ADA}",
    f"audit draw vote --size 6 {ADA}",
    "audit pull-list vote list.csv",
    lambda: (
        f"audit findings vote {findings('list.csv', 'one.csv', YES)}"
        f" {findings('list.csv', 'two.csv', YES)} {ADA}"
    ),
    "audit risk vote --prepare risk.act --by Ada",
    "act sign risk.act --sign ada --passphrase-from env:WORD",
    "act append vote risk.act",
    f"office dismiss vote --name Di --cause left {SIGN}",
    lambda: f"publish vote site --key {key_file()}",
    "verify site/vote --known kept",
    "witness key --name tests.example/w --out w.pem",
]

YES = {"mark": pl.lit("yes")}
VALID = {"finding": pl.lit("valid")}
BOTH = {"first": pl.lit("valid"), "second": pl.lit("valid")}

PETITION = [
    f"{NEW} --subject petition --statute ca-ab/citizen-initiative-act --on 2026-01-02",
    "petition issue vote --proposal constitutional --base-value 120 --first-day 2026-01-03",
    "roll seal vote electors.csv",
    "petition receive vote first.csv --sheets first-sheets.csv",
    (
        "petition receive vote later.csv --sheets later-sheets.csv --number-alone last",
        "petition gates vote",
    ),
    "match vote",
    (
        "draw vote --seed 73501962408817395526 --size 6 --worksheet drawn.csv",
        "checks worksheet vote drawn.csv",
    ),
    lambda: f"checks receive vote {findings('drawn.csv', 'found.csv', VALID)}",
    "decide vote",
    "sufficiency plan vote",
    "sufficiency draw vote --seed 41662533516264134452 --size 6",
    "sufficiency worksheet vote few.csv",
    lambda: f"sufficiency checks vote {findings('few.csv', 'few-found.csv', BOTH)}",
    "sufficiency decide vote",
    "faults vote lines --out faults.csv",
]


RULE = {
    "*": [["chief"]],
    "result": [["chief"], ["returning"]],
    "office.appoint": [["chief"], ["returning"]],
    "office.dismiss": [["chief"], ["returning"]],
}


def key_file():
    """The file of the log's key, in the home of whoever gives the commands."""
    (path,) = Path.cwd().rglob("*cut-off*.pem")
    return path


def in_an_hour():
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")


def do(command):
    """Do a command as its user does; give its exit code and what it says of an error."""
    words = command() if callable(command) else command
    said = io.StringIO()
    argv, sys.argv = sys.argv, ["referendum", *words.split()]
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(said):
            main()
    except SystemExit as end:
        return end.code or 0, said.getvalue()
    finally:
        sys.argv = argv
    return 0, said.getvalue()


@pytest.fixture
def ground(tmp_path, monkeypatch):
    """A working folder, with the files that the commands read."""
    folder = tmp_path / "0"
    folder.mkdir()
    monkeypatch.setenv("WORD", "a passphrase")
    monkeypatch.setattr(officer_keys, "_ROUNDS", 1)
    return folder


def state(folder):
    """What a folder holds that is not passing: names of files, and what the acts say."""
    names = {
        path.name for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()
    }
    if not (folder / "vote").exists():
        return names, []
    acts = Record.open(folder / "vote").acts
    return names, [(act.kind, sorted(act.facts), act.by) for act in acts]


def holds(folder):
    """Whether what there is of a record opens and verifies."""
    if (folder / "vote").exists():
        report = verify(str(folder / "vote"))
        assert report.holds, report.failures


def done_rightly(command, folder, monkeypatch, disk=None):
    """Do a command in a folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    if disk is None:
        return do(command)
    with disk.used():
        return do(command)


def cut_off_and_again(command, before, after, fault, place, monkeypatch):
    """Cut a command off at one of its changes, and do it again, or what brings back what lacks."""
    command, mend = command if isinstance(command, tuple) else (command, command)
    folder = before.with_name(f"{before.name}-{fault}-{place}")
    shutil.copytree(before, folder)
    try:
        code, said = done_rightly(command, folder, monkeypatch, Disk(fault, place))
    except Killed:
        code, said = 1, "error: killed"
    assert code == 0 or "error: " in said, said
    assert "Traceback" not in said
    holds(folder)
    for again in (command, mend):
        if state(folder) != state(after):
            code, said = done_rightly(again, folder, monkeypatch)
            assert code == 0 or again != mend, (command, fault, place, said)
    assert state(folder) == state(after), (command, fault, place)
    holds(folder)
    shutil.rmtree(folder)


def count_changes(command, before, after, monkeypatch):
    """Do a command where nothing goes wrong, and count its changes."""
    command = command[0] if isinstance(command, tuple) else command
    shutil.copytree(before, after)
    disk = Disk("killed", None)
    code, said = done_rightly(command, after, monkeypatch, disk)
    assert code == 0, (command, said)
    return disk.changes


def try_all(commands, folder, monkeypatch, choose):
    """Cut each command off at the places that are chosen, and go on where nothing went wrong."""
    tried = 0
    for number, command in enumerate(commands, 1):
        after = folder.with_name(str(number))
        many = count_changes(command, folder, after, monkeypatch)
        for fault, place in choose(number, many):
            cut_off_and_again(command, folder, after, fault, place, monkeypatch)
            tried += 1
        folder = after
    return tried


def some(number, many):
    """A place or two of a command, others of each."""
    yield "killed", 1 + number * 7 % many
    if number % 3 == 0:
        yield "full", 1 + number * 5 % many
    if number % 3 == 1:
        yield "read-only", 1


def every(_, many):
    """Every place, and every fault."""
    for fault in ("killed", "full", "read-only"):
        yield from ((fault, place) for place in range(1, many + 1))


def lay_vote(folder):
    (folder / "returns.csv").write_text(RETURNS)
    (folder / "later.csv").write_text(LATER)
    (folder / "rule.json").write_text(json.dumps(RULE))
    officer_keys.write_new_officer_key(folder / "di", "a passphrase")


def lay_petition(folder, monkeypatch):
    electors().write_csv(folder / "electors.csv")
    for name, part in (("first", lines().head(20)), ("later", lines().tail(20))):
        part.write_csv(folder / f"{name}.csv")
        sheets = {"sheet_id": part["sheet_id"].unique(), "canvasser_id": "c1", "issued": True}
        pl.DataFrame(sheets).with_columns(affidavit_on=pl.lit("2026-03-01")).write_csv(
            folder / f"{name}-sheets.csv"
        )
    assert done_rightly(VOTE[0], folder, monkeypatch)[0] == 0


def test_commands_of_a_vote_that_are_cut_off_are_done_again(ground, monkeypatch):
    lay_vote(ground)
    assert try_all(VOTE, ground, monkeypatch, some) > len(VOTE)


def test_commands_of_a_petition_that_are_cut_off_are_done_again(ground, monkeypatch):
    lay_petition(ground, monkeypatch)
    assert try_all(PETITION, ground, monkeypatch, some) > len(PETITION)


@pytest.mark.soak
def test_commands_of_a_vote_are_cut_off_at_every_change(ground, monkeypatch):
    lay_vote(ground)
    assert try_all(VOTE, ground, monkeypatch, every)


@pytest.mark.soak
def test_commands_of_a_petition_are_cut_off_at_every_change(ground, monkeypatch):
    lay_petition(ground, monkeypatch)
    assert try_all(PETITION, ground, monkeypatch, every)


def test_a_second_writer_is_refused_and_changes_nothing(ground, monkeypatch):
    lay_petition(ground, monkeypatch)
    for command in PETITION[:3]:
        assert done_rightly(command, ground, monkeypatch)[0] == 0
    before = state(ground)
    with lock_log(ground / "vote" / "log"):
        for command in (*PETITION[1:4], "match vote"):
            code, said = done_rightly(command, ground, monkeypatch)
            assert code != 0
            assert "another process is writing to this log" in said
    assert state(ground) == before
    assert done_rightly(PETITION[3], ground, monkeypatch)[0] == 0
    holds(ground)


def test_a_clock_that_was_set_back_leaves_the_times_in_order(tmp_path):
    made = new_office(tmp_path)
    files = ReturnsFiles(tmp_path / "returns.csv", None, "referendum", "all", provisional=False)
    with made.hold(ADA_LUND, BO, CY) as record:
        record.clock = lambda: datetime.now(UTC) - timedelta(days=400)
        appoint(record, "Di Ash", "deputy", DI.key, "2100-01-01", Stamp())
        receive_returns(record, files, Stamp())
        declare_result(record, Stamp())
        dismiss(record, "Di Ash", "Left", Stamp())
        recorded = [act.recorded for act in record.acts]
    assert recorded == sorted(recorded)
    report = verify(str(made.folder))
    assert report.holds, report.failures
