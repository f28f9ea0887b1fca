"""The risk-limiting check on the record: planned, drawn, checked, measured, and verified again."""

from itertools import pairwise

import polars as pl
import pytest

from forger import Forger, altered, leaves, put
from referendum.core.canonical import canonical_json
from referendum.core.errors import InputError, OrderError
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.sufficiency import risk, risk_checks
from referendum.record.frames import from_parquet
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.sufficiency import TestLines
from referendum.verify import verify

SEED = "41662533516264134452"
ROUNDS = (6, 60, 140, 300, 500)


def findings(record, files):
    """What checkers without error find: of a signer's lines the one that is kept counts."""
    sheet = risk_checks.worksheet(record)
    truth = pl.read_parquet(files.truth).select("line_id", "finding", "elector_id")
    kept = record.inputs(("outcomes",)).data("outcomes", "outcomes.csv")
    outcomes = pl.read_csv(kept)
    rows = sheet.join(truth, on="line_id").join(outcomes, on="serial")
    valid = pl.col("elector_id").is_not_null() & (pl.col("outcome") != "repeat")
    first = pl.when(valid).then(pl.lit("valid")).otherwise(pl.lit("not_listed"))
    return rows.select("line_id", first=first, second=first, settled=pl.lit(None, pl.String))


def one_round(record, files, folder, size):
    """Draw to a size, check, measure."""
    risk.draw(record, SEED, size, Stamp())
    path = folder / f"{size}.csv"
    findings(record, files).write_csv(path)
    risk_checks.receive_checks(record, path, "utf-8", Stamp())
    return risk.decide(record, Stamp())


@pytest.fixture(scope="module")
def decided(petition, made_up_files, tmp_path_factory):
    """A petition with a risk-limiting check beside the statute's, drawn in rounds until decided."""
    made = petition.copy(tmp_path_factory.mktemp("r") / "petition")
    folder = made.folder.parent
    with made.hold() as record:
        risk.plan(record, risk.RiskPlan(second="1/4"), Stamp())
        for size in ROUNDS:
            act = one_round(record, made_up_files, folder, size)
            if act.facts["answer"] != "check_more":
                break
    return made


@pytest.fixture
def planned(petition, tmp_path):
    """A petition whose check is planned."""
    made = petition.copy(tmp_path / "petition")
    with made.hold() as record:
        risk.plan(record, risk.RiskPlan(), Stamp())
    return made


TESTS = """\
line_id,sheet_id,line_no,finding
T1,S900001,1,not_listed
T2,S900001,2,not_listed
T3,S900002,5,valid
"""


@pytest.fixture
def mixed(planned, tmp_path):
    """A drawn check with three test lines mixed in."""
    (tmp_path / "tests.csv").write_text(TESTS)
    tests = risk_checks.read_test_lines(tmp_path / "tests.csv", "utf-8")
    with planned.hold() as record:
        risk.draw(record, SEED, 40, Stamp())
    return planned, tests


def test_nobody_can_tell_test_lines_from_drawn_ones_by_the_worksheet(mixed):
    made, tests = mixed
    with made.hold() as record:
        sheet = risk_checks.mixed_worksheet(record, tests)
        drawn = risk_checks.worksheet(record)
    assert sheet.columns == ["line_id", "sheet_id", "line_no", "same_signer"]
    assert set(sheet["line_id"]) == {*drawn["line_id"], "T1", "T2", "T3"}
    assert sheet["line_id"].to_list()[-3:] != ["T1", "T2", "T3"]
    assert sheet["line_id"].to_list()[:40] != drawn["line_id"].to_list()


def test_errors_on_test_lines_are_counted_and_the_lines_left_out(mixed, made_up_files, tmp_path):
    made, tests = mixed
    said = pl.DataFrame({"line_id": ["T1", "T2", "T3"], "first": ["valid", "not_listed", "valid"]})
    with made.hold() as record:
        real = findings(record, made_up_files)
        rows = pl.concat([said.with_columns(second="first"), real], how="diagonal")
        rows.write_csv(tmp_path / "checks.csv")
        done = risk_checks.count_checker_errors(tests, tmp_path / "checks.csv", "utf-8")
        act = risk_checks.receive_checks(record, tmp_path / "checks.csv", "utf-8", Stamp(), tests)
    assert (done.invalid, done.valid) == ((2, 1), (1, 0))
    assert "--tests 2 1 1 0" in done.sentence()
    assert act.facts["checked"] == 40


def test_a_test_line_that_was_drawn_or_not_judged_is_refused(mixed, made_up_files, tmp_path):
    made, tests = mixed
    with made.hold() as record:
        drawn = risk_checks.worksheet(record)["line_id"][0]
        with pytest.raises(InputError, match="is a test line"):
            risk_checks.mixed_worksheet(record, tests.with_columns(line_id=pl.lit(drawn)))
        findings(record, made_up_files).write_csv(tmp_path / "checks.csv")
    with pytest.raises(InputError, match="T1 has no settled finding"):
        risk_checks.count_checker_errors(tests, tmp_path / "checks.csv", "utf-8")


def test_a_check_in_rounds_comes_to_an_answer_that_verify_works_out_again(decided):
    report = verify(str(decided.folder), key=str(decided.signer.verifier))
    assert report.holds, report.failures
    acts = [act for act in Record.open(decided.folder).acts if act.kind == "risk.decide"]
    assert len(acts) > 1
    assert acts[-1].facts["answer"] == "sufficient"
    assert float(acts[-1].facts["risk_sufficient"]) <= 0.05
    assert [act.facts["answer"] for act in acts[:-1]] == ["check_more"] * (len(acts) - 1)


def test_a_check_replays_to_the_same_digests(decided):
    assert all(not one.differences for one in replay(Record.open(decided.folder), DERIVATIONS))


def test_the_answer_is_the_truth(decided, made_up_files):
    record = Record.open(decided.folder)
    outcomes = pl.read_csv(record.inputs(("outcomes",)).data("outcomes", "outcomes.csv"))
    lines = from_parquet(record.inputs(("lines",)).data("lines", "lines.parquet"))
    truth = pl.read_parquet(made_up_files.truth).select("line_id", "elector_id")
    counted = (
        lines.join(outcomes, on="serial")
        .join(truth, on="line_id")
        .filter(pl.col("elector_id").is_not_null() & (pl.col("outcome") != "repeat"))
    )
    plan = record.inputs(("risk_plan",)).document("risk_plan")
    assert counted.height >= plan["required"]


def test_a_further_draw_contains_the_earlier_one(decided):
    record = Record.open(decided.folder)
    draws = [act for act in record.acts if act.kind == "risk.draw"]
    tables = [
        pl.read_csv(record.bundles.read(act.writes[0].digest, "risk_draw.csv", sealed=False))
        for act in draws
    ]
    for less, more in pairwise(tables):
        assert more.head(less.height).equals(less)


@pytest.mark.parametrize("kind", ["risk_plan", "risk"])
def test_no_number_of_a_document_can_be_altered(decided, tmp_path, kind):
    record = Record.open(decided.folder)
    document = record.inputs((kind,)).document(kind)
    for path, leaf in leaves(document):
        forger = Forger(decided.folder)
        changed = record.inputs((kind,)).document(kind)
        put(changed, path, altered(leaf))
        newest = record.inputs((kind,)).data(kind, f"{kind}.json")
        for candidate in (
            files for manifest, files in forger.bundles.values() if manifest["kind"] == kind
        ):
            if candidate[f"{kind}.json"] == newest:
                candidate[f"{kind}.json"] = canonical_json(changed)
        forger.write(tmp_path / "forged", decided.signer)
        assert not verify(str(tmp_path / "forged")).holds, path


def test_a_changed_finding_and_a_changed_draw_are_found(decided, tmp_path):
    for kind, name, old, new in (
        ("risk_checks", "risk_checks.csv", b"not_listed\n", b"valid\n"),
        ("risk_draw", "risk_draw.csv", b"\n1,", b"\n2,"),
    ):
        forger = Forger(decided.folder)
        for manifest, files in forger.bundles.values():
            if manifest["kind"] == kind:
                files[name] = files[name].replace(old, new, 1)
        forger.write(tmp_path / "forged", decided.signer)
        assert not verify(str(tmp_path / "forged")).holds, kind


def test_a_seed_that_was_known_before_the_plan_is_refused(planned):
    with planned.hold() as record, pytest.raises(InputError, match="known since act"):
        risk.draw(record, "73501962408817395526", 20, Stamp())


def test_a_plan_after_the_seed_is_refused(planned):
    with planned.hold() as record:
        risk.draw(record, SEED, 20, Stamp())
        with pytest.raises(OrderError):
            risk.plan(record, risk.RiskPlan(), Stamp())


@pytest.mark.parametrize("size", [0, 100_000])
def test_a_draw_of_no_line_or_of_more_than_there_are_is_refused(planned, size):
    with planned.hold() as record, pytest.raises(InputError, match="cannot be"):
        risk.draw(record, SEED, size, Stamp())


@pytest.mark.parametrize(
    "planned_as",
    [
        risk.RiskPlan(alpha="0"),
        risk.RiskPlan(beta="0.5"),
        risk.RiskPlan(reports={"listed": "1.2"}),
        risk.RiskPlan(reports={"strange": "0.5"}),
    ],
)
def test_a_plan_that_cannot_be_is_refused(petition, tmp_path, planned_as):
    made = petition.copy(tmp_path / "petition")
    with made.hold() as record, pytest.raises(InputError):
        risk.plan(record, planned_as, Stamp())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.head(0), "no finding"),
        (lambda rows: pl.concat([rows, rows.head(1)]), "repeated"),
        (
            lambda rows: pl.concat([rows, rows.head(1).with_columns(line_id=pl.lit("X"))]),
            "not drawn",
        ),
        (lambda rows: rows.with_columns(second=pl.lit(None, pl.String)), "second checker"),
        (lambda rows: rows.with_columns(second=pl.lit("other")), "differ and are not settled"),
        (lambda rows: rows.with_columns(first=pl.lit("No!")), "not_a_code"),
    ],
)
def test_findings_that_do_not_fit_are_refused(planned, made_up_files, tmp_path, change, words):
    with planned.hold() as record:
        risk.draw(record, SEED, 20, Stamp())
        change(findings(record, made_up_files)).write_csv(tmp_path / "f.csv")
        with pytest.raises(InputError, match=words):
            risk_checks.receive_checks(record, tmp_path / "f.csv", "utf-8", Stamp())


def test_an_earlier_finding_cannot_be_changed_in_a_later_round(planned, made_up_files, tmp_path):
    with planned.hold() as record:
        assert one_round(record, made_up_files, tmp_path, 4).facts["answer"] == "check_more"
        risk.draw(record, SEED, 8, Stamp())
        rows = findings(record, made_up_files)
        old = pl.read_csv(tmp_path / "4.csv").head(1)
        other = "name_differs" if old["first"][0] == "valid" else "valid"
        changed = pl.when(pl.col("line_id") == old["line_id"][0]).then(pl.lit(other))
        rows.with_columns(
            first=changed.otherwise("first"), second=changed.otherwise("second")
        ).write_csv(tmp_path / "8.csv")
        with pytest.raises(InputError, match="another than in the round before"):
            risk_checks.receive_checks(record, tmp_path / "8.csv", "utf-8", Stamp())


def test_a_correction_of_a_round_reads_what_stood_before_it(planned, made_up_files, tmp_path):
    with planned.hold() as record:
        one_round(record, made_up_files, tmp_path, 4)
        second = one_round(record, made_up_files, tmp_path, 8)
        checks = record.standing("risk.checks").number
        path = tmp_path / "8.csv"
        risk_checks.receive_checks(
            record, path, "utf-8", Stamp(corrects=checks, reason="one card was misread")
        )
        again = risk.decide(record, Stamp())
        assert again.facts == second.facts
    report = verify(str(planned.folder))
    assert report.holds, report.failures


def test_declared_errors_of_checkers_raise_the_bar_and_spend_of_the_risk(petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    tests = TestLines((2_000, 1), (2_000, 3), risk.Fraction(1, 100))
    with made.hold() as record:
        risk.plan(record, risk.RiskPlan(tests=tests), Stamp())
        plan = record.inputs(("risk_plan",)).document("risk_plan")
    assert plan["accepted_at"] >= plan["required"] > plan["refused_below"]
    assert plan["alpha"] == "1/25"
    report = verify(str(made.folder))
    assert report.holds, report.failures


def test_line_polling_runs_on_the_record_too(petition, made_up_files, tmp_path):
    made = petition.copy(tmp_path / "petition")
    with made.hold() as record:
        risk.plan(record, risk.RiskPlan(method="polling"), Stamp())
        one_round(record, made_up_files, tmp_path, 100)
    report = verify(str(made.folder))
    assert report.holds, report.failures
