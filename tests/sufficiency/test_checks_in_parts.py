"""Checks in parts: side by side, none twice, all there before anything is decided."""

import polars as pl
import pytest

from forger import Forger, check, csv_of, table
from referendum.core.errors import InputError, OrderError
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.sufficiency import risk, risk_checks
from referendum.flows.sufficiency.sample import (
    count_lines_without_finding,
    decide,
    draw_sample,
    receive_checks,
    worksheet,
)
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.simulate import perfect_findings
from referendum.verify import verify

SEED, RISK_SEED = "73501962408817395526", "41662533516264134452"


@pytest.fixture(scope="module")
def matched(petition, tmp_path_factory):
    """A petition whose draw is put right, so that nothing is checked: 100 lines are drawn."""
    made = petition.copy(tmp_path_factory.mktemp("parts") / "petition")
    with made.hold() as record:
        drawn = record.standing("draw").number
        stamp = Stamp(corrects=drawn, reason="another size was meant")
        draw_sample(record, "16093877301246558914", 100, stamp)
    return made


def send(record, files, folder, lines, stamp=None):
    """Receive what checkers without error find on some of the drawn lines."""
    rows = perfect_findings(files.truth, lines)
    rows.write_csv(folder / "found.csv")
    return receive_checks(record, folder / "found.csv", "utf-8", stamp or Stamp())


@pytest.fixture(scope="module")
def parted(matched, made_up_files, tmp_path_factory):
    """The same, checked in three parts and decided."""
    made = matched.copy(tmp_path_factory.mktemp("parted") / "petition")
    with made.hold() as record:
        drawn = worksheet(record)["line_id"]
        for part in (drawn[:30], drawn[30:31], drawn[31:]):
            send(record, made_up_files, made.folder.parent, part)
        decide(record, "sample", Stamp())
    return made


def test_three_parts_decide_like_one(matched, parted, made_up_files, tmp_path):
    whole = matched.copy(tmp_path / "whole")
    with whole.hold() as record:
        send(record, made_up_files, tmp_path, worksheet(record)["line_id"])
        once = decide(record, "sample", Stamp())
    record = Record.open(parted.folder)
    parts = record.standings.all_of("checks.receive")
    assert [act.facts["checked"] for act in parts] == [30, 1, 69]
    assert record.standing("decide").facts == once.facts
    assert verify(str(parted.folder)).holds
    assert not any(one.differences for one in replay(record, DERIVATIONS))


def test_nothing_is_decided_while_a_line_lacks_its_finding(matched, made_up_files, tmp_path):
    made = matched.copy(tmp_path / "petition")
    with made.hold() as record:
        drawn = worksheet(record)
        send(record, made_up_files, tmp_path, drawn["line_id"][2:])
        assert count_lines_without_finding(record, "draw", "checks") == 2
        with pytest.raises(OrderError, match="2 of 100 drawn lines have no finding yet") as error:
            decide(record, "sample", Stamp())
        assert str(drawn["serial"][0]) in error.value.message
        assert "checks receive" in error.value.hint
        send(record, made_up_files, tmp_path, drawn["line_id"][:2])
        assert count_lines_without_finding(record, "draw", "checks") == 0
        decide(record, "sample", Stamp())
    assert verify(str(made.folder)).holds


def test_no_line_is_found_twice_and_one_part_is_put_right(matched, made_up_files, tmp_path):
    made = matched.copy(tmp_path / "petition")
    with made.hold() as record:
        drawn = worksheet(record)["line_id"]
        first = send(record, made_up_files, tmp_path, drawn[:60])
        for again in (drawn[:60], drawn[59:]):
            with pytest.raises(InputError, match=rf"found already: .* \(act {first.number}\)"):
                send(record, made_up_files, tmp_path, again)
        second = send(record, made_up_files, tmp_path, drawn[60:])
        decided = decide(record, "sample", Stamp())
        with pytest.raises(OrderError, match="no more is received"):
            send(record, made_up_files, tmp_path, drawn[:1])
        right = Stamp(corrects=first.number, reason="a page was misread")
        send(record, made_up_files, tmp_path, drawn[:60], right)
        assert {first.number, decided.number} <= record.fallen_acts()
        assert second.number not in record.fallen_acts()
        decide(record, "sample", Stamp())
    assert verify(str(made.folder)).holds


def test_the_risk_check_comes_in_parts_and_keeps_earlier_rounds(petition, made_up_files, tmp_path):
    made = petition.copy(tmp_path / "petition")

    def find(record, lines):
        truth = pl.read_parquet(made_up_files.truth)
        listed = truth.filter(pl.col("elector_id").is_not_null())["line_id"]
        code = pl.when(pl.col("first").is_in(listed.implode())).then(pl.lit("valid"))
        rows = pl.DataFrame({"line_id": lines, "first": lines}).with_columns(
            first=code.otherwise(pl.lit("not_listed"))
        )
        rows.with_columns(second="first").write_csv(tmp_path / "found.csv")
        return risk_checks.receive_checks(record, tmp_path / "found.csv", "utf-8", Stamp())

    with made.hold() as record:
        risk.plan(record, risk.RiskPlan(), Stamp())
        risk.draw(record, RISK_SEED, 8, Stamp())
        drawn = risk_checks.worksheet(record)["line_id"]
        find(record, drawn[:5])
        with pytest.raises(OrderError, match="3 of 8 drawn lines"):
            risk.decide(record, Stamp())
        find(record, drawn[5:])
        assert risk.decide(record, Stamp()).facts["checked"] == 8
        risk.draw(record, RISK_SEED, 20, Stamp())
        drawn = risk_checks.worksheet(record)["line_id"]
        assert find(record, drawn[8:12]).facts["checked"] == 12
        with pytest.raises(InputError, match="stands already"):
            find(record, drawn[:3])
        assert find(record, drawn[12:]).facts["checked"] == 8
        assert risk.decide(record, Stamp()).facts["checked"] == 20
    report = verify(str(made.folder))
    assert report.holds, report.failures


def forged(parted, change):
    """What a check of the record says that an insider changed."""
    forger = Forger(parted.folder)
    parts = [act for act in forger.acts if act["kind"] == "checks.receive"][1:]
    bundles = [forger.bundles[act["writes"][0]["digest"]][1] for act in parts]
    rows = [table(files["checks.csv"]) for files in bundles]
    change(forger, parts, rows)
    for act, files, new in zip(parts, bundles, rows, strict=True):
        files["checks.csv"] = csv_of(new)
        codes = [row[1] for row in new[1:]]
        invalid = {code: codes.count(code) for code in sorted(set(codes) - {"valid"})}
        act["facts"] = {
            "checked": len(codes), "valid": codes.count("valid"), "invalid": invalid,
        }  # fmt: skip
    report = check(forger.build(parted.signer))
    return " ".join(f"{one.act}: {one.words}" for one in report.failures)


def test_a_line_in_two_parts_fails(parted):
    def change(_, __, rows):
        rows[1].append(rows[0][1])
        rows[1][1:] = sorted(rows[1][1:], key=lambda row: int(row[0]))

    assert "stands in act" in forged(parted, change)


def test_a_line_left_out_of_all_parts_fails(parted):
    assert "1 drawn lines have no finding" in forged(parted, lambda *_: _[2][2].pop())


def test_a_line_that_was_not_drawn_fails(parted):
    def change(_, __, rows):
        drawn = {row[0] for part in rows for row in part}
        strange = next(str(n) for n in range(1, 400) if str(n) not in drawn)
        rows[2][1:] = sorted([*rows[2][1:], [strange, "valid"]], key=lambda row: int(row[0]))

    assert "was not drawn" in forged(parted, change)


def test_a_decision_that_reads_one_part_alone_fails(parted):
    def change(forger, parts, _):
        decided = forger.act("decide", -1)
        (whole,) = [name for name in decided["reads"] if name in forger.together]
        decided["reads"][decided["reads"].index(whole)] = parts[1]["writes"][0]["digest"]

    assert "it reads the" in forged(parted, change)


def test_a_part_after_the_decision_fails(parted):
    def change(forger, _, __):
        decided = forger.act("decide", -1)
        forger.acts.remove(decided)
        forger.acts.insert(-1, decided)

    words = forged(parted, change)
    assert "parts that are not all that stand" in words or "decided by the draw" in words
