"""Lines in deliveries: side by side, each with numbers of its own, the small ones together."""

import json

import polars as pl
import pytest
from tests.conftest import Made

from forger import Forger, check, csv_of, table
from referendum.core.errors import InputError, OrderError
from referendum.core.progress import listen_to_notices
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.matching.match import match
from referendum.flows.matching.review import queue_record
from referendum.flows.petition.fallen import missing_deliveries
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.petition.totals import standing_deliveries
from referendum.flows.roll.seal import seal_roll
from referendum.flows.status import status_of
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.publish.figures import plain
from referendum.publish.pages import page
from referendum.record.frames import from_parquet
from referendum.record.reading import Inputs, Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.record.table_faults import faults_of
from referendum.simulate import perfect_findings
from referendum.verify import verify

SEED = "73501962408817395526"


@pytest.fixture(scope="module")
def parts(made_up_files, tmp_path_factory):
    """Gives the files of some of the made-up lines, from one to another, by whole sheets."""
    lines = pl.read_parquet(made_up_files.lines).sort("sheet_id", "line_no")
    sheets = pl.read_parquet(made_up_files.sheets)
    folder = tmp_path_factory.mktemp("deliveries")
    starts = lines.with_row_index().group_by("sheet_id").agg(pl.col("index").min())

    def make(start, end):
        of = starts.filter(pl.col("index").is_between(start, end - 1))["sheet_id"].implode()
        paths = folder / f"lines-{start}-{end}.parquet", folder / f"sheets-{start}-{end}.parquet"
        for frame, path in zip((lines, sheets), paths, strict=True):
            frame.filter(pl.col("sheet_id").is_in(of)).write_parquet(path)
        return paths

    return make


def bring(record, paths, claimed=None, stamp=None, **more):
    """Receive a delivery."""
    return receive_petition(record, *paths, claimed, "utf-8", stamp or Stamp(), **more)


@pytest.fixture(scope="module")
def sealed(issued, made_up_files, tmp_path_factory):
    """A petition whose list of electors is sealed."""
    made = issued.copy(tmp_path_factory.mktemp("sealed") / "petition")
    with made.hold() as record:
        seal_roll(record, made_up_files.electors, "utf-8", Stamp())
    return made


@pytest.fixture(scope="module")
def delivered(sealed, made_up_files, parts, tmp_path_factory):
    """Lines in two numbered deliveries and a small one between them; matched twice, and decided."""
    made = sealed.copy(tmp_path_factory.mktemp("delivered") / "petition")
    findings = made.folder.parent / "findings.csv"
    with made.hold() as record:
        bring(record, parts(0, 250), 260)
        pass_gates(record, Stamp())
        match(record, Stamp())
        bring(record, parts(250, 290), 40)
        bring(record, parts(290, 600))
        pass_gates(record, Stamp())
        match(record, Stamp())
        draw_sample(record, SEED, 120, Stamp())
        drawn = worksheet(record)["line_id"]
        perfect_findings(made_up_files.truth, drawn).write_csv(findings)
        receive_checks(record, findings, "utf-8", Stamp())
        decide(record, "sample", Stamp())
    return made


def of_kind(record, kind):
    return [act for act in record.acts if act.kind == kind]


def test_lines_of_all_deliveries_are_counted_matched_and_drawn(delivered, tmp_path):
    record = Record.open(delivered.folder)
    first, small, last = of_kind(record, "petition.receive")
    assert (first.facts["first"], small.facts["first"]) == (1, None)
    assert small.writes[0].kind == "lines_waiting"
    assert small.facts["set_aside"] is small.facts["faults"] is None
    assert last.facts["first"] == first.facts["lines"] + 1
    assert first.facts["lines"] + last.facts["lines"] == 600
    assert [act.facts["lines"] for act in of_kind(record, "petition.gates")][1] == 600
    inputs = record.inputs(("lines",))
    lines = inputs.table("lines", "lines.parquet")
    assert sorted(lines["serial"]) == list(range(1, 601))
    came = standing_deliveries(record)
    assert (came.lines, came.waiting, came.claimed) == (600, 0, 300)
    assert queue_record(delivered.folder, tmp_path / "queue.csv") >= 0
    report = verify(str(delivered.folder))
    assert report.holds, report.failures
    assert not any(one.differences for one in replay(record, DERIVATIONS))
    shown = page(record)
    assert next(act.overtaken for act in shown.acts if act.title.startswith("Lines matched"))
    assert shown.again == ()
    assert "3 deliveries" in plain(shown.deliveries)


def test_numbers_follow_no_delivery_file_and_no_small_delivery_stands_alone(delivered, parts):
    """Of the small delivery's lines nobody can tell which numbers are theirs."""
    record = Record.open(delivered.folder)
    last = of_kind(record, "petition.receive")[2]
    numbered = from_parquet(
        Inputs(record.bundles, {"lines": last.writes}).data("lines", "lines.parquet")
    )
    small = pl.read_parquet(parts(250, 290)[0])["line_id"]
    theirs = numbered.filter(pl.col("line_id").is_in(small.implode()))["serial"].sort()
    assert len(theirs) == len(small)
    assert theirs.diff().max() > 1
    assert numbered["line_id"].to_list() != sorted(numbered["line_id"])


def test_a_small_delivery_waits_and_nothing_is_drawn_meanwhile(sealed, parts, tmp_path):
    made = sealed.copy(tmp_path / "petition")
    with made.hold() as record:
        bring(record, parts(0, 60))
        with pytest.raises(OrderError, match="wait to be numbered") as error:
            pass_gates(record, Stamp())
        assert "--number-alone" in error.value.hint
        bring(record, parts(60, 300))
        pass_gates(record, Stamp())
        match(record, Stamp())
        bring(record, parts(300, 320))
        with pytest.raises(OrderError, match="has been done"):
            pass_gates(record, Stamp())
        for step in (
            lambda: draw_sample(record, SEED, 60, Stamp()),
            lambda: decide(record, "preliminary_count", Stamp()),
        ):
            with pytest.raises(OrderError, match=r"would leave out \d+ lines"):
                step()
        assert any(
            "wait to be numbered" in words for words in verify(str(made.folder)).outcome_notes
        )
        with pytest.raises(InputError, match="no reason"):
            receive_petition(record, None, None, None, "utf-8", Stamp())
        alone = receive_petition(
            record, None, None, None, "utf-8", Stamp(), number_alone="the last sheets"
        )
        assert alone.facts["lines"] == standing_deliveries(record).lines - alone.facts["first"] + 1
        with pytest.raises(InputError, match="none wait"):
            receive_petition(record, None, None, None, "utf-8", Stamp(), number_alone="more")
        pass_gates(record, Stamp())
        match(record, Stamp())
        draw_sample(record, SEED, 60, Stamp())
    report = verify(str(made.folder))
    assert report.holds, report.failures
    assert any("numbered alone, because: the last sheets" in f.words for f in report.findings)


def test_what_came_before_does_not_come_again(sealed, parts, tmp_path):
    made = sealed.copy(tmp_path / "petition")
    lines, sheets = parts(0, 250)
    with made.hold() as record:
        first = bring(record, (lines, sheets))
        small = bring(record, parts(250, 270))
        for again, act in (
            ((lines, sheets), first),
            ((parts(240, 300)[0], None), first),
            (parts(250, 270), small),
        ):
            with pytest.raises(InputError, match=rf"came in act {act.number} already"):
                bring(record, again)
        renamed = tmp_path / "renamed.parquet"
        pl.read_parquet(lines).with_columns(
            pl.format("x{}", "line_id").alias("line_id")
        ).write_parquet(renamed)
        with pytest.raises(InputError, match=r"sheets? of those here came in act .* already"):
            bring(record, (renamed, None))
        with pytest.raises(InputError, match="has a table of sheets, and this one has none"):
            bring(record, (parts(300, 600)[0], None))


def test_no_number_is_ever_used_twice(sealed, parts, tmp_path):
    """A delivery that is put right has new numbers, and the others keep theirs."""
    made = sealed.copy(tmp_path / "petition")
    with made.hold() as record:
        first = bring(record, parts(0, 250))
        second = bring(record, parts(250, 600))
        pass_gates(record, Stamp())
        stamp = Stamp(corrects=first.number, reason="a sheet was left out")
        right = bring(record, parts(0, 240), None, stamp)
        assert right.facts["first"] == 601
        assert second.number not in record.fallen_acts()
        with pytest.raises(OrderError, match="no gates yet"):
            match(record, Stamp())
        gated = pass_gates(record, Stamp())
        assert gated.facts["lines"] == second.facts["lines"] + right.facts["lines"]
        match(record, Stamp())
        draw_sample(record, SEED, 60, Stamp())
    report = verify(str(made.folder))
    assert report.holds, report.failures
    told = [*report.outcome_notes, *page(Record.open(made.folder)).again]
    assert sum("a sheet was left out" in words for words in told) == 2


def test_putting_a_waiting_delivery_right_lets_the_one_fall_that_numbered_it(
    sealed, parts, tmp_path
):
    made = sealed.copy(tmp_path / "petition")
    with made.hold() as record:
        small = bring(record, parts(0, 60))
        numbered = bring(record, parts(60, 300))
        stamp = Stamp(corrects=small.number, reason="keyed again")
        bring(record, parts(0, 60), None, stamp)
        assert numbered.number in record.fallen_acts()
        again = bring(record, parts(60, 300))
        assert again.facts["first"] == numbered.facts["lines"] + 1
        assert again.facts["lines"] == numbered.facts["lines"]
        pass_gates(record, Stamp())
    assert verify(str(made.folder)).holds


def test_a_delivery_too_late_is_refused_with_what_to_do(delivered, parts, tmp_path):
    made = delivered.copy(tmp_path / "petition")
    extra = pl.read_parquet(parts(0, 250)[0]).with_columns(
        pl.format("late-{}", "line_id").alias("line_id"), sheet_id=pl.lit("late")
    )
    extra.write_parquet(tmp_path / "late.parquet")
    with made.hold() as record:
        with pytest.raises(OrderError, match="too late for it") as error:
            bring(record, (tmp_path / "late.parquet", None))
        numbers = [act.number for act in record.standings.all_of("petition.receive")]
        assert "--corrects" in error.value.hint
        assert ", ".join(map(str, numbers)) in error.value.hint


def test_faults_are_told_by_delivery(sealed, parts, tmp_path):
    made = sealed.copy(tmp_path / "petition")
    lines, sheets = parts(250, 600)
    odd = pl.read_parquet(lines).with_columns(shoe=pl.lit("44"))
    odd.write_parquet(tmp_path / "odd.parquet")
    with made.hold() as record:
        bring(record, parts(0, 60))
        act = bring(record, (tmp_path / "odd.parquet", sheets))
        faults = faults_of(record, "lines")
    assert faults.filter(pl.col("code") == "unknown_column")["act"].to_list() == [act.number]
    assert act.facts["faults"]["unknown_column"] == 1


# What an insider could bend, made to agree again.

FORGED = {
    "a number used before": lambda acts: acts[2]["facts"].update(first=1),
    "numbers left out": lambda acts: acts[2]["facts"].update(first=acts[2]["facts"]["first"] + 1),
    "more lines than came": lambda acts: acts[2]["facts"].update(
        lines=acts[2]["facts"]["lines"] + 1
    ),
    "a small one that does not wait": lambda acts: acts[1]["parameters"].pop("waits"),
    "a large one that waits": lambda acts: acts[2]["parameters"].update(waits=True),
    "numbered alone, and so many": lambda acts: acts[2]["parameters"].update(numbered_alone="x"),
    "a small one that says what was set aside": lambda acts: acts[1]["facts"].update(set_aside=0),
    "what waited is not read": lambda acts: acts[2].update(reads=[]),
    "what waited is a part of nothing": lambda acts: acts[0]["facts"].update(sheets=0),
}


@pytest.mark.parametrize("fault", FORGED)
def test_deliveries_bent_by_an_insider_fail(delivered, fault):
    forger = Forger(delivered.folder)
    acts = [act for act in forger.acts if act["kind"] == "petition.receive"]
    FORGED[fault](acts)
    assert not check(forger.build(delivered.signer)).holds


def test_gates_that_leave_out_a_delivery_fail(delivered):
    forger = Forger(delivered.folder)
    gates = forger.act("petition.gates", 1)
    (lines,) = [name for name in gates["reads"] if name in forger.together]
    gates["reads"][gates["reads"].index(lines)] = forger.together[lines][0]
    found = check(forger.build(delivered.signer))
    assert any("it reads" in one.words for one in found.failures)


def test_a_line_under_another_number_fails(delivered):
    forger = Forger(delivered.folder)
    gates = forger.act("petition.gates", 1)
    files = forger.bundles[gates["writes"][0]["digest"]][1]
    rows = table(files["gates.csv"])
    rows[-1][0] = str(int(rows[-1][0]) + 1)
    files["gates.csv"] = csv_of(rows)
    found = check(forger.build(delivered.signer))
    assert any("are not the 600 that were received" in one.words for one in found.failures)


def test_a_delivery_after_the_draw_fails(delivered):
    forger = Forger(delivered.folder)
    late = json.loads(json.dumps(forger.act("petition.receive", 1)))
    late["writes"][0]["digest"] = "ab" * 32
    late["at"] = late["recorded"] = forger.acts[-1]["recorded"]
    forger.acts.append(late)
    found = check(forger.build(delivered.signer))
    assert any("it came after draw" in one.words for one in found.failures)


def test_a_draw_that_leaves_waiting_lines_out_fails(sealed, parts, tmp_path):
    made: Made = sealed.copy(tmp_path / "petition")
    with made.hold() as record:
        bring(record, parts(0, 300))
        pass_gates(record, Stamp())
        match(record, Stamp())
        draw_sample(record, SEED, 60, Stamp())
    forger = Forger(made.folder)
    small = json.loads(json.dumps(forger.act("petition.receive")))
    small["parameters"] |= {"waits": True}
    small["facts"] = {"first": None, "lines": 5, "sheets": 1, "set_aside": None, "faults": None}
    small["writes"] = [{"kind": "lines_waiting", "digest": "cd" * 32, "sealed": True}]
    draw = forger.acts.pop()
    small["at"] = small["recorded"] = draw["recorded"]
    forger.acts += [small, draw]
    found = check(forger.build(made.signer))
    assert any("wait to be numbered, and are left out" in one.words for one in found.failures)


# A delivery that fell with another one.


@pytest.fixture(scope="module")
def fallen(sealed, parts, tmp_path_factory):
    """Lines of which a small delivery is put right, with which the next one falls."""
    made = sealed.copy(tmp_path_factory.mktemp("fallen") / "petition")
    with made.hold() as record:
        bring(record, parts(0, 250))
        small = bring(record, parts(250, 290))
        bring(record, parts(290, 540))
        pass_gates(record, Stamp())
        bring(record, parts(250, 290), stamp=Stamp(corrects=small.number, reason="keyed again"))
    return made


def test_lines_that_fell_with_another_delivery_are_missed_until_they_come_again(
    fallen, parts, made_up_files, tmp_path
):
    made = fallen.copy(tmp_path / "petition")
    with made.hold() as record:
        gone = of_kind(record, "petition.receive")[2]
        (count,) = missing_deliveries(record.standings).values()
        assert count == pl.read_parquet(parts(290, 540)[0]).height
        steps = status_of(record, "2026-06-01T00:00:00+00:00").tasks
        due = [one for one in steps if one.step.due]
        assert (
            f"receive the file of act {gone.number} again: its {count} lines" in due[0].step.words
        )
        assert not any("--number-alone" in one.command for one in due)
        with pytest.raises(OrderError, match=rf"{count} lines of act {gone.number} are missing"):
            receive_petition(record, None, None, None, "utf-8", Stamp(), number_alone="no more")
        told = verify(str(made.folder)).outcome_notes
        words = f"ct {gone.number} fell and was not received again: its lines are missing"
        assert any(words in one for one in told)
        assert any(words in plain(one) for one in page(record).again)
        again = bring(record, parts(290, 540))
        assert again.parameters["lines_of"] == [gone.number]
        assert missing_deliveries(record.standings) == {}
        pass_gates(record, Stamp())
        match(record, Stamp())
        draw_sample(record, SEED, 60, Stamp())
        came = standing_deliveries(record)
        lines = pl.read_parquet(made_up_files.lines).height
        assert (came.waiting, came.count) == (0, 3)
        assert count < came.lines < lines
    report = verify(str(made.folder))
    assert report.holds, report.failures
    assert not any("was not received again" in one for one in report.outcome_notes)
    assert any("received again" in one for one in report.outcome_notes)


def test_lines_that_fell_come_again_in_parts(fallen, parts, tmp_path):
    made = fallen.copy(tmp_path / "petition")
    heard = []
    with made.hold() as record, listen_to_notices(heard.append):
        first = bring(record, parts(290, 500))
        assert "lines_of" not in first.parameters
        assert "are neither in this file nor" in heard[0]
        last = bring(record, parts(500, 540), number_alone="the last")
        assert len(last.parameters["lines_of"]) == 1


def test_lines_that_fell_are_left_out_for_a_reason_only(fallen, tmp_path):
    made = fallen.copy(tmp_path / "petition")
    with made.hold() as record:
        alone = receive_petition(
            record, None, None, None, "utf-8", Stamp(), number_alone="no more", left_out="torn"
        )
        assert alone.parameters["lines_left_out"] == "torn"
        pass_gates(record, Stamp())
        match(record, Stamp())
        with pytest.raises(OrderError, match="are missing") as error:
            draw_sample(record, SEED, 60, Stamp())
        assert "--left-out" in error.value.hint
        with pytest.raises(OrderError, match="are missing"):
            decide(record, "preliminary_count", Stamp())
        draw_sample(record, SEED, 60, Stamp(), left_out="torn")
    report = verify(str(made.folder))
    assert report.holds, report.failures
    assert any("because: torn" in one for one in report.outcome_notes)
    assert any("because: torn" in plain(one) for one in page(Record.open(made.folder)).again)
    forger = Forger(made.folder)
    del forger.act("draw")["parameters"]["lines_left_out"]
    found = check(forger.build(made.signer))
    assert any("does not say why" in one.words for one in found.failures)


def test_a_reason_where_nothing_is_missing_is_refused(delivered):
    forger = Forger(delivered.folder)
    forger.act("draw")["parameters"]["lines_left_out"] = "x"
    found = check(forger.build(delivered.signer))
    assert any("none are missing" in one.words for one in found.failures)
    forger = Forger(delivered.folder)
    forger.act("petition.receive", 2)["parameters"]["lines_of"] = [2]
    found = check(forger.build(delivered.signer))
    assert any("which is not missing" in one.words for one in found.failures)
