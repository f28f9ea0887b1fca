"""An audit on the record: planned, drawn, examined, its risk stated and recomputed by verify."""

import json
from fractions import Fraction
from math import log

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import opened

from forger import Forger
from referendum.audit import Assertion
from referendum.audit.assorters import MARKS, share_of_valid
from referendum.audit.costing import Errors, Rates
from referendum.audit.martingales import (
    Null,
    alpha_martingale,
    average_martingales,
    fixed_alternative,
    p_value,
    shrink_truncate_alternative,
)
from referendum.audit.risk import ManualRecord, format_risk, polling_risk
from referendum.cli.audit_text import cost_lines
from referendum.cli.main import cli
from referendum.core.errors import InputError, OrderError
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_cards,
    receive_findings,
    receive_full_count,
    state_risk,
)
from referendum.flows.audit.cost import cost_audits
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.derivations import DERIVATIONS
from referendum.record.log import new_signer
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.verify import verify

STATES = ["NSW", "VIC", "QLD", "WA", "SA", "TAS"]
STAMP = Stamp(at="2023-11-01")


def returns(yes=60, no=30, losing=()):
    rows = ["region,district,place,yes,no,informal,total"]
    for place in range(4):
        for state in STATES:
            votes = (no, yes) if state in losing else (yes, no)
            rows.append(f"{state},D,P{place},{votes[0]},{votes[1]},2,{yes + no + 2}")
    return "\n".join(rows) + "\n"


def counted(folder, text, *, common=False):
    made = opened(folder / "record", "vote", new_signer("tests.example/audit"))
    (folder / "returns.csv").write_text(text)
    delivery = ReturnsFiles(
        folder / "returns.csv", None, "referendum", "all votes", False, common_ballot=common
    )
    with made.hold() as record:
        receive_returns(record, delivery, STAMP)
        declare_result(record, STAMP)
    return made


@pytest.fixture
def lost(tmp_path):
    """A proposal not carried: the nation says no."""
    return counted(tmp_path, returns(30, 60))


def examine(record, folder, seen):
    """Write two equal files of findings on what was drawn."""
    method = record.inputs(("audit_plan",)).parameters("audit_plan")["method"]
    pulled = pull_list(record)
    rows = pulled.with_columns(seen(pulled, method))
    for name in ("first.csv", "second.csv"):
        rows.write_csv(folder / name)
    return receive_findings(record, folder / "first.csv", folder / "second.csv", "utf-8", STAMP)


def all_no(_, method):
    if method != "batch_comparison":
        return [pl.lit("no").alias("mark")]
    return [pl.lit(30).alias("yes"), pl.lit(60).alias("no"), pl.lit(2).alias("informal")]


def test_cards_confirm_a_result_in_one_round_and_verify_agrees(lost, tmp_path):
    with lost.hold() as record:
        plan = plan_audit(record, AuditChoice("ballot_polling", "0.05"), STAMP)
        draw_audit(record, "47110815934620571188", {"*": 20}, STAMP)
        examine(record, tmp_path, all_no)
        risk = state_risk(record, STAMP)
    assert plan.facts == {
        "questions": 1, "claims": 1, "to_draw": ["*"], "full_count": False,
    }  # fmt: skip
    assert risk.facts["confirmed"] is True
    report = verify(str(lost.folder))
    assert report.holds, report.failures
    assert [one.differences for one in replay(Record.open(lost.folder), DERIVATIONS)] == [()] * 4


def test_boxes_confirm_a_result_and_verify_agrees(lost, tmp_path):
    with lost.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        draw_audit(record, "47110815934620571188", {"*": 12}, STAMP)
        examine(record, tmp_path, all_no)
        risk = state_risk(record, STAMP)
    assert risk.facts["confirmed"] is True
    assert verify(str(lost.folder)).holds


def test_every_region_that_is_needed_has_its_own_draw(tmp_path):
    made = counted(tmp_path, returns(60, 30, losing=["TAS"]))
    with made.hold() as record:
        plan = plan_audit(record, AuditChoice("batch_comparison", "1/20"), STAMP)
        with pytest.raises(InputError, match="sizes"):
            draw_audit(record, "16093877301246558914", {"NSW": 5}, STAMP)
        with pytest.raises(InputError, match="the samples are"):
            draw_audit(record, "16093877301246558914", {"*": 5, "TAS": 5}, STAMP)
        sizes = {"*": 20, "NSW": 21}
        draw_audit(record, "16093877301246558914", sizes, STAMP)
        examine(
            record,
            tmp_path,
            lambda *_: [
                pl.when(pl.col("region") == "TAS").then(30).otherwise(60).alias("yes"),
                pl.when(pl.col("region") == "TAS").then(60).otherwise(30).alias("no"),
                pl.lit(2).alias("informal"),
            ],
        )
        risk = state_risk(record, STAMP)
    assert plan.facts["claims"] == 5
    assert risk.facts["confirmed"] is True
    assert verify(str(made.folder)).holds


@pytest.mark.parametrize("method", ["ballot_polling", "batch_comparison", "oneaudit"])
def test_an_audit_that_is_not_done_goes_on_with_a_fresh_seed(lost, tmp_path, method):
    with lost.hold() as record:
        plan_audit(record, AuditChoice(method, "0.001"), STAMP)
        draw_audit(record, "16093877301246558914", {"*": 4}, STAMP)
        with pytest.raises(OrderError, match=r"audit\.draw"):
            draw_audit(record, "88240019573316420775", {"*": 4}, STAMP)
        examine(record, tmp_path, all_no)
        assert state_risk(record, STAMP).facts["confirmed"] is False
        with pytest.raises(InputError, match="known since act"):
            draw_audit(record, "16093877301246558914", {"*": 40}, STAMP)
        assert draw_audit(record, "88240019573316420775", {"*": 60}, STAMP).facts["round"] == 2
        examine(record, tmp_path, all_no)
        assert state_risk(record, STAMP).facts["confirmed"] is True
        with pytest.raises(OrderError, match="has been done"):
            draw_audit(record, "50718264930172283649", {"*": 4}, STAMP)
    report = verify(str(lost.folder))
    assert report.holds, report.failures


def test_findings_that_differ_or_are_of_other_cards_are_refused(lost, tmp_path):
    with lost.hold() as record:
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), STAMP)
        draw_audit(record, "47110815934620571188", {"*": 5}, STAMP)
        rows = pull_list(record).with_columns(mark=pl.lit("no"))
        first, second = tmp_path / "first.csv", tmp_path / "second.csv"
        rows.write_csv(first)

        def refused(frame, match, one=first):
            frame.write_csv(second)
            if one is second:
                frame.write_csv(first)
            with pytest.raises(InputError, match=match):
                receive_findings(record, first, second, "utf-8", STAMP)
            rows.write_csv(first)

        refused(rows.with_columns(mark=pl.lit("yes")), "differ on 5: .*: mark no and yes")
        with pytest.raises(OrderError, match="no audit_findings yet"):
            state_risk(record, STAMP)
        stranger = rows[:1].with_columns(card=pl.lit(92, dtype=pl.Int64), place=pl.lit("P9"))
        refused(pl.concat([rows, stranger]), "are not asked for", second)
        refused(rows.with_columns(mark=pl.lit("maybe")), "not known", second)


def test_a_wrong_box_leaves_a_high_risk(lost, tmp_path):
    with lost.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        draw_audit(record, "47110815934620571188", {"*": 12}, STAMP)
        examine(record, tmp_path, lambda *_: [
            pl.lit(60).alias("yes"), pl.lit(30).alias("no"), pl.lit(2).alias("informal")
        ])  # fmt: skip
        risk = state_risk(record, STAMP)
    assert risk.facts["confirmed"] is False
    assert risk.facts["risk"] == "1.000000000"
    assert verify(str(lost.folder)).holds


def test_equality_is_planned_as_a_full_count(tmp_path):
    made = counted(tmp_path, returns(45, 45))
    with made.hold() as record:
        plan = plan_audit(record, AuditChoice("ballot_polling", "0.05", prove=("majority",)), STAMP)
        assert plan.facts["full_count"] is True
        with pytest.raises(OrderError, match="no sample"):
            draw_audit(record, "16093877301246558914", {"*": 5}, STAMP)
    assert verify(str(made.folder)).holds


@pytest.mark.parametrize(
    ("kind", "name", "before", "after"),
    [
        ("audit_plan", "audit_plan.json", b'"mean":"', b'"mean":"1'),
        ("audit_draw", "draws.csv", b"P1", b"P2"),
        ("audit_findings", "findings.csv", b",no\n", b",yes\n"),
        ("audit_risk", "audit_risk.json", b'"risk":"0.', b'"risk":"0.1'),
    ],
)
def test_a_forged_audit_is_found(lost, tmp_path, kind, name, before, after):
    with lost.hold() as record:
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), STAMP)
        draw_audit(record, "47110815934620571188", {"*": 20}, STAMP)
        examine(record, tmp_path, all_no)
        state_risk(record, STAMP)
    forger = Forger(lost.folder)
    files = forger.files(kind)
    assert before in files[name]
    files[name] = files[name].replace(before, after, 1)
    forger.write(tmp_path / "forged", lost.signer)
    assert not verify(str(tmp_path / "forged")).holds


@given(st.lists(st.sampled_from(MARKS), min_size=1, max_size=60), st.fractions("0.505", "0.9"))
def test_the_risk_on_the_record_is_that_of_the_martingales(marks, mean):
    assorter = share_of_valid(Fraction(1, 2), reached=True)
    claim = Assertion("majority", "*", reached=True, assorter=assorter, cards=200, mean=mean)
    x = pl.Series([float(claim.assorter.value(mark)) for mark in marks]).to_numpy()
    null, eta = Null(200), float(mean)
    plain = average_martingales(
        [
            (0.5, alpha_martingale(x, null, fixed_alternative(x, null, eta))),
            (
                0.5,
                alpha_martingale(
                    x, null, shrink_truncate_alternative(x, null, eta, 100, (eta - 0.5) / 2)
                ),
            ),
        ]
    )
    assert polling_risk(claim, [ManualRecord(mark) for mark in marks]) == pytest.approx(
        p_value(plain), rel=1e-9
    )


def test_a_risk_is_printed_rounded_up():
    assert [format_risk(p) for p in (0.0, 1.0, 1e-12)] == [
        "0.000000000",
        "1.000000000",
        "0.000000001",
    ]
    assert format_risk(Fraction(1, 3)) == "0.333333334"


def test_the_pull_list_has_every_card_once(lost):
    with lost.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        draw_audit(record, "47110815934620571188", {"*": 50}, STAMP)
        pulled = pull_list(record)
    assert pulled.height == pulled.unique().height <= 24


def test_the_cost_of_each_method_is_told_in_lines_that_fit(lost):
    costs = cost_audits(lost.folder, "0.05", (), runs=200)
    found = {one.method: one for one in costs.whole}
    assert list(found) == [
        "ballot polling", "batch comparison", "card comparison", "ONEAudit", "full count",
    ]  # fmt: skip
    cards = {name: one.right.cards.mean for name, one in found.items()}
    assert cards["card comparison"] < cards["ballot polling"] < cards["full count"] == 24 * 92
    for one in costs.whole:
        assert one.right.cards.mean <= one.right.cards.high
        assert one.right.hours.mean >= 0
    lines = cost_lines(costs)
    assert max(map(len, lines)) <= 80
    assert f"Recommended: {costs.recommendation.method}." in lines


def test_slower_work_takes_more_hours_and_the_same_cards(lost):
    usual = cost_audits(lost.folder, "0.05", (), runs=50)
    slow = cost_audits(lost.folder, "0.05", (), Rates(20, 4, 0.2, 4), runs=50)
    for one, other in zip(usual.whole, slow.whole, strict=True):
        assert one.right.cards == other.right.cards
        assert other.small_errors.hours.mean >= 3 * one.small_errors.hours.mean


def test_more_errors_take_more_cards(lost):
    few, many = (
        cost_audits(lost.folder, "0.05", (), errors=Errors(0.0, share), runs=200).whole
        for share in (0.0, 0.1)
    )
    for one, other in zip(few, many, strict=True):
        assert other.small_errors.cards.mean >= one.small_errors.cards.mean


def test_questions_on_one_ballot_cost_less_together_than_apart(tmp_path):
    costs = {}
    for common in (True, False):
        (tmp_path / str(common)).mkdir()
        made = counted(tmp_path / str(common), two_questions(), common=common)
        costs[common] = cost_audits(made.folder, "0.05", runs=100)
        claims = [one.claim for one in costs[common].claims]
        assert claims[:3] == [
            "A: majority",
            "B: majority",
            "B, NSW: regional majority",
        ]
    alone = [cost_audits(made.folder, "0.05", runs=100, questions=[q]).whole for q in "AB"]
    for one, other, a, b in zip(costs[True].whole, costs[False].whole, *alone, strict=True):
        assert other.right.cards.mean == pytest.approx(
            a.right.cards.mean + b.right.cards.mean, abs=2
        )
        assert one.right.cards.mean < other.right.cards.mean
        assert one.right.cards.mean >= max(a.right.cards.mean, b.right.cards.mean)


def test_rates_and_errors_that_are_none_are_refused():
    for bad in ((-1, 2, 0.1, 2), (10, 2, 0.1, 0), (float("nan"), 2, 0.1, 2)):
        with pytest.raises(InputError):
            Rates(*bad)
    with pytest.raises(InputError, match="shares of the cards"):
        Errors(0.7, 0.4)


def test_a_full_count_is_told_and_not_drawn(tmp_path):
    costs = cost_audits(counted(tmp_path, returns(45, 45)).folder, "0.05")
    assert costs.recommendation is None
    assert "Only a full count" in cost_lines(costs)[0]


def test_the_command_draws_the_costs(lost, tmp_path):
    plot = tmp_path / "plot.svg"
    options = ["audit", "cost", str(lost.folder), "--runs", "20", "--plot", str(plot)]
    assert "Recommended" in CliRunner().invoke(cli, options).output
    assert plot.read_text().count("People-hours") == 1
    told = json.loads(CliRunner().invoke(cli, [*options, "--json"]).output)
    assert {one["method"] for one in told["whole"]} >= {"ONEAudit", "full count"}


def test_the_commands_run_an_audit_and_refuse_a_size_that_is_no_number(lost, tmp_path):
    key = tmp_path / "key.pem"
    folder = str(lost.folder)
    costs = CliRunner().invoke(cli, ["audit", "cost", folder, "--json"])
    assert len(json.loads(costs.output)["whole"]) == 5
    refused = CliRunner().invoke(
        cli, ["audit", "draw", folder, "--seed", "1", "--size", "many", "--key", str(key)]
    )
    assert refused.exception is not None


def test_an_audit_is_not_planned_while_a_region_that_counts_has_no_returns(tmp_path):
    """A region that has sent nothing would else count as shown against the proposal."""
    kept = "\n".join(row for row in returns().splitlines() if not row.startswith("TAS"))
    made = counted(tmp_path, kept + "\n")
    with made.hold() as record, pytest.raises(OrderError, match="no returns of TAS"):
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), STAMP)


def two_questions():
    head, *rows = returns(30, 60).splitlines()
    others = [row.replace(",30,60,", ",80,10,") for row in rows]
    lines = [f"question,{head}", *(f"A,{row}" for row in rows), *(f"B,{row}" for row in others)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("method", ["ballot_polling", "batch_comparison", "oneaudit"])
def test_one_question_of_several_is_audited_by_itself(tmp_path, method):
    made = counted(tmp_path, two_questions())
    with made.hold() as record:
        with pytest.raises(InputError, match="no returns of the question 'C'"):
            plan_audit(record, AuditChoice(method, "0.05", ("C",)), STAMP)
        plan = plan_audit(record, AuditChoice(method, "0.05", ("A",)), STAMP)
        assert plan.facts["questions"] == 1
        draw_audit(record, "47110815934620571188", {"*": 60}, STAMP)
        examine(record, tmp_path, all_no)
        assert state_risk(record, STAMP).facts["confirmed"] is True
    holds(made)


def holds(made):
    report = verify(str(made.folder))
    assert report.holds, report.failures
    assert not [one for one in replay(Record.open(made.folder), DERIVATIONS) if one.differences]


def as_returned(_, method):
    """Question A says no, question B yes."""
    yes = pl.col("question") == "B"
    if method != "batch_comparison":
        return [pl.when(yes).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("mark")]
    return [
        pl.when(yes).then(80).otherwise(30).alias("yes"),
        pl.when(yes).then(10).otherwise(60).alias("no"),
        pl.lit(2).alias("informal"),
    ]


@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize("method", ["ballot_polling", "batch_comparison", "oneaudit"])
def test_several_questions_are_audited_together(tmp_path, method, common):
    made = counted(tmp_path, two_questions(), common=common)
    sizes = {"*": 10} if method == "batch_comparison" else {"A": 60, "*": 20}
    with made.hold() as record:
        plan = plan_audit(record, AuditChoice(method, "0.000001"), STAMP)
        assert plan.facts["questions"] == 2
        document = record.inputs(("audit_plan",)).document("audit_plan")
        names = [one["name"] for one in document["samples"]]
        draw_audit(record, "47110815934620571188", sizes, STAMP)
        pulled = pull_list(record)
        examine(record, tmp_path, as_returned)
        assert state_risk(record, STAMP).facts["confirmed"] is False
        draw_audit(record, "47126634190275583301", {"*": 300}, STAMP)
        examine(record, tmp_path, as_returned)
        assert state_risk(record, STAMP).facts["confirmed"] is True
    if method == "batch_comparison":
        assert ("*" in names) == common
        assert pulled.select("region", "place").unique().height < pulled.height
    elif common:  # every card of the smaller sample is one of the larger
        cards = pulled.select("region", "district", "place", "card").unique().height
        shared = cards - pulled.filter(pl.col("question") == "A").height
        assert pulled.height > cards
        assert shared < pulled.filter(pl.col("question") == "B").height
    holds(made)


def test_a_condition_is_named_with_its_question(tmp_path):
    made = counted(tmp_path, two_questions(), common=True)
    with made.hold() as record:
        with pytest.raises(InputError, match="of which question"):
            plan_audit(record, AuditChoice("oneaudit", "0.05", prove=("majority",)), STAMP)
        plan_audit(record, AuditChoice("oneaudit", "0.05", prove=("A=majority",)), STAMP)
    holds(made)


def by_kind(ordinary=(40, 50), postal=(10, 70)):
    rows = ["kind,region,district,place,yes,no,informal,total"]
    for kind, (yes, no) in (("ordinary", ordinary), ("postal", postal)):
        for place in range(3):
            votes = f"D,P{place},{yes},{no},2,{yes + no + 2}"
            rows += [f"{kind},{state},{votes}" for state in STATES]
    return "\n".join(rows) + "\n"


def kind_records(folder, kinds=("postal",), numbers=((10, 70),)):
    rows = ["region,district,place,card,mark"]
    for kind, (yes, no) in zip(kinds, numbers, strict=True):
        for place in range(3):
            for state in STATES:
                marks = ["yes"] * yes + ["no"] * no + ["blank"] * 2
                where = f"{state},D,P{place} ({kind})"
                rows += [f"{where},{card},{mark}" for card, mark in enumerate(marks, 1)]
    path = folder / "cards.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_an_empty_box_needs_no_records(tmp_path):
    text = by_kind() + "ordinary,NSW,D,Empty,0,0,0,0\n"
    made = counted(tmp_path, text)
    both = kind_records(tmp_path, ("ordinary", "postal"), ((40, 50), (10, 70)))
    with made.hold() as record:
        receive_cards(record, [both], "utf-8", STAMP)
        plan_audit(record, AuditChoice("card_comparison", "0.05"), STAMP)
        draw_audit(record, "16093877301246558914", {"*": 20}, STAMP)
        examine(record, tmp_path, as_counted)
        risk = state_risk(record, STAMP).facts["risk"]
        claim = record.inputs(("audit_plan",)).document("audit_plan")["assertions"][0]
    holds(made)
    # Nothing is kept back for boxes without records: every right card is worth the same.
    mean, cards, wealth, seen = float(Fraction(claim["mean"])), claim["cards"], 1.0, 0.0
    b, rates = 1 / (3 - 2 * mean), ((0.9989, 1.0), (0.001, 0.5), (0.0001, 0.0))
    bet = max(
        (k / 1000 for k in range(1969)),
        key=lambda k: sum(n * log(1 + k * (b * value - 0.5)) for n, value in rates),
    )
    for j in range(20):
        m = (cards / 2 - seen) / (cards - j)
        wealth *= 1 + bet * (b - m)
        seen += b
    assert float(risk) == pytest.approx(1 / wealth, rel=1e-2)


def as_counted(pulled, _):
    """Draw what each card shows: the records of postal cards, and made-up ordinary ones."""
    ordinary = ["yes"] * 40 + ["no"] * 50 + ["blank"] * 2
    postal = ["yes"] * 10 + ["no"] * 70 + ["blank"] * 2
    marks = [
        (postal if "postal" in place else ordinary)[card - 1]
        for place, card in pulled.select("place", "card").iter_rows()
    ]
    return [pl.Series("mark", marks)]


def test_boxes_with_records_and_boxes_without_are_audited_together(tmp_path):
    made = counted(tmp_path, by_kind())
    with made.hold() as record:
        receive_cards(record, [kind_records(tmp_path)], "utf-8", STAMP)
        with pytest.raises(InputError, match="18 of 36 boxes have no records"):
            plan_audit(record, AuditChoice("card_comparison", "0.05"), STAMP)
        plan_audit(record, AuditChoice("oneaudit", "0.05"), STAMP)
        draw_audit(record, "16093877301246558914", {"*": 60}, STAMP)
        assert pull_list(record)["place"].str.contains("postal").any()
        examine(record, tmp_path, as_counted)
        assert state_risk(record, STAMP).facts["confirmed"] is True
    holds(made)


@pytest.mark.parametrize("with_records", [True, False])
def test_strata_are_drawn_apart_and_put_together(tmp_path, with_records):
    made = counted(tmp_path, by_kind())
    with made.hold() as record:
        if with_records:
            receive_cards(record, [kind_records(tmp_path)], "utf-8", STAMP)
        with pytest.raises(InputError, match="cannot be drawn apart"):
            plan_audit(record, AuditChoice("stratified", "0.05", stratum=("special",)), STAMP)
        with pytest.raises(InputError, match="names the kinds"):
            plan_audit(record, AuditChoice("stratified", "0.05"), STAMP)
        plan_audit(record, AuditChoice("stratified", "0.05", stratum=("postal",)), STAMP)
        draw_audit(record, "16093877301246558914", {"ordinary": 8, "postal": 6}, STAMP)
        examine(record, tmp_path, as_counted)
        first = state_risk(record, STAMP).facts
        assert first["confirmed"] is False
        draw_audit(record, "88240019573316420775", {"ordinary": 80, "postal": 60}, STAMP)
        examine(record, tmp_path, as_counted)
        assert state_risk(record, STAMP).facts["confirmed"] is True
    holds(made)


def records(lost, change=lambda rows: rows):
    rows = ["region,district,place,card,mark"]
    for place in range(4):
        for state in STATES:
            marks = ["yes"] * 30 + ["no"] * 60 + ["blank"] * 2
            rows += [f"{state},D,P{place},{card},{mark}" for card, mark in enumerate(marks, 1)]
    path = lost.folder.parent / "cards.csv"
    path.write_text("\n".join(change(rows)) + "\n")
    return path


def test_cards_are_compared_with_their_records_and_verify_agrees(lost, tmp_path):
    with lost.hold() as record:
        receive_cards(record, [records(lost)], "utf-8", STAMP)
        plan_audit(record, AuditChoice("card_comparison", "0.05"), STAMP)
        draw_audit(record, "47110815934620571188", {"*": 30}, STAMP)
        read = pl.read_csv(tmp_path / "cards.csv")
        pulled = pull_list(record).join(
            read, on=["region", "district", "place", "card"], how="left"
        )
        for name in ("first.csv", "second.csv"):
            pulled.write_csv(tmp_path / name)
        files = tmp_path / "first.csv", tmp_path / "second.csv"
        receive_findings(record, *files, "utf-8", STAMP)
        assert state_risk(record, STAMP).facts["confirmed"] is True
    report = verify(str(lost.folder))
    assert report.holds, report.failures
    assert not [one for one in replay(Record.open(lost.folder), DERIVATIONS) if one.differences]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[:-1], "total 91 against 92"),
        (lambda rows: [*rows[:-1], rows[-1].replace("blank", "no")], "no 61 against 60"),
        (lambda rows: rows[: len(rows) // 2 + 7], "total 6 against 92"),
        (lambda rows: [*rows, "NSW,D,P9,1,yes"], "P9"),
    ],
)
def test_records_that_do_not_add_up_to_the_returns_are_refused(lost, change, words):
    with lost.hold() as record, pytest.raises(InputError, match=words):
        receive_cards(record, [records(lost, change)], "utf-8", STAMP)


def test_forged_records_are_found(lost, tmp_path):
    with lost.hold() as record:
        receive_cards(record, [records(lost)], "utf-8", STAMP)
    forger = Forger(lost.folder)
    files = forger.files("audit_cards")
    files["cards.csv"] = files["cards.csv"].replace(b",1,yes", b",1,no", 1)
    forger.write(tmp_path / "forged", lost.signer)
    report = verify(str(tmp_path / "forged"))
    assert any("add up" in failure.words for failure in report.failures)


def test_card_comparison_needs_records_and_rates_that_are_some(lost):
    with lost.hold() as record:
        with pytest.raises(InputError, match="24 of 24 boxes have no records"):
            plan_audit(record, AuditChoice("card_comparison", "0.05"), STAMP)
        receive_cards(record, [records(lost)], "utf-8", STAMP)
        with pytest.raises(InputError, match="are none"):
            plan_audit(
                record, AuditChoice("card_comparison", "0.05", error_rates=("0.9", "0.2")), STAMP
            )


def hand_count(folder, text):
    """Write what two people counted, from a text of returns."""
    frame = pl.read_csv(text.encode(), infer_schema_length=0)
    for name in ("first.csv", "second.csv"):
        frame.drop("total").write_csv(folder / name)
    return folder / "first.csv", folder / "second.csv"


def test_a_full_count_confirms_a_result_that_no_sample_can(tmp_path):
    made = counted(tmp_path, returns(45, 45))
    files = hand_count(tmp_path, returns(45, 45))
    with made.hold() as record:
        with pytest.raises(OrderError, match="audit_plan"):
            receive_full_count(record, *files, "utf-8", STAMP)
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), STAMP)
        act = receive_full_count(record, *files, "utf-8", STAMP)
    assert act.facts == {"counted": 24, "differ": 0, "confirmed": True}
    holds(made)


def test_a_full_count_finds_that_the_outcome_is_another_one(lost, tmp_path):
    files = hand_count(tmp_path, returns(60, 30))
    with lost.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        act = receive_full_count(record, *files, "utf-8", STAMP)
        found = record.inputs(("audit_full_count",)).document("audit_full_count")
    assert act.facts == {"counted": 24, "differ": 24, "confirmed": False}
    assert found["questions"]["1"] == {
        "yes": 1440, "no": 720, "informal": 48, "total": 2208, "carried": True, "reported": False,
    }  # fmt: skip
    holds(lost)
    forger = Forger(lost.folder)
    kept = forger.files("audit_full_count")
    kept["findings.csv"] = kept["findings.csv"].replace(b",60,30,2", b",59,31,2", 1)
    forger.write(tmp_path / "forged", lost.signer)
    assert not verify(str(tmp_path / "forged")).holds


def test_a_full_count_is_of_every_box_and_of_no_other(lost, tmp_path):
    with lost.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        text = returns(30, 60)
        files = hand_count(tmp_path, "\n".join(text.splitlines()[:-1]) + "\n")
        with pytest.raises(InputError, match="have no finding"):
            receive_full_count(record, *files, "utf-8", STAMP)
        files = hand_count(tmp_path, text + "NSW,D,P9,1,1,0,2\n")
        with pytest.raises(InputError, match="are not asked for"):
            receive_full_count(record, *files, "utf-8", STAMP)
