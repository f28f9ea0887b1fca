"""The measures of matching: what right, wrong and open answers count."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from benchmarks.matching import cases
from benchmarks.matching.measures import ANSWERS, measure
from benchmarks.matching.petitions import Case
from benchmarks.matching.public_sets import pairwise
from benchmarks.matching.report import (
    RESULTS,
    Results,
    Row,
    charts,
    markdown,
    read,
    with_peers_of,
    write,
)
from benchmarks.matching.tools import Cost, measured

TRUTH = pl.DataFrame(
    [
        ("a", "E1", "valid", "general"),
        ("b", "E1", "repeat", "general"),
        ("c", "E2", "moved", "chinese"),
        ("d", None, "relative", "chinese"),
    ],
    schema=["line_id", "elector_id", "kind", "name_origin"],
    orient="row",
)


def answers(*rows):
    return pl.DataFrame(list(rows), schema=ANSWERS, orient="row")


RIGHT = answers(
    ("a", "E1", 1.0, 1.0, None),
    ("b", "E1", 1.0, 1.0, "a"),
    ("c", "E2", 1.0, 1.0, None),
    ("d", None, 0.0, 0.0, None),
)


def test_a_tool_that_knows_everything_scores_one():
    found = measure(RIGHT, TRUTH)
    assert (found.precision, found.recall, found.f1) == (1, 1, 1)
    assert (found.brier, found.brier_listed, found.queue, found.false_links) == (0, 0, 0, 0)
    assert (found.repeats_precision, found.repeats_recall) == (1, 1)
    assert found.expected == found.truly_listed == 3


def test_a_tool_that_says_nothing_finds_nothing():
    found = measure(answers(), TRUTH)
    assert (found.recall, found.f1, found.expected, found.repeats_recall) == (0, 0, 0, 0)


def test_a_relative_linked_is_a_false_link():
    said = RIGHT.with_columns(
        elector_id=pl.col("elector_id").fill_null("E9"), probability=pl.lit(0.9)
    )
    found = measure(said, TRUTH)
    assert found.false_links == 0.25
    assert found.relatives_linked == 1
    assert found.brier == pytest.approx((3 * 0.01 + 0.81) / 4)
    assert found.f1_by_origin["general"] == 1 > found.f1_by_origin["chinese"]


def test_lines_between_the_limits_are_in_the_queue_and_no_links_below_a_half():
    said = RIGHT.with_columns(probability=pl.lit(0.49))
    found = measure(said, TRUTH)
    assert found.queue == 4
    assert found.recall == 0


def test_repeats_claimed_of_different_signers_count_against_precision():
    said = RIGHT.with_columns(repeat_of=pl.Series([None, "a", "a", None]))
    found = measure(said, TRUTH)
    assert found.repeats_precision == pytest.approx(1 / 3)
    assert found.repeats_recall == 1


def test_better_chances_ask_for_fewer_checks():
    doubtful = RIGHT.with_columns(listed=pl.Series([0.6, 0.9, 0.7, 0.3]))
    sure, unsure = measure(RIGHT, TRUTH), measure(doubtful, TRUTH)
    assert sure.checks == 0 < unsure.checks


def test_of_the_lines_of_one_signer_the_one_kept_counts():
    other = RIGHT.with_columns(repeat_of=pl.Series(["b", None, None, None]))
    assert measure(other, TRUTH).checks == 0


def test_pairs_of_records_are_counted_not_groups():
    groups = pl.DataFrame({"said": [1, 1, 1, 2], "true": ["x", "x", "y", "y"]})
    assert pairwise(groups) == (pytest.approx(1 / 3), pytest.approx(1 / 2))


def test_other_settings_are_run_one_at_a_time_at_the_first_size():
    found = cases(("50k", "228k"), ("none", "date"), ("normal", "heavy"), ("handwriting",))
    assert found == [
        Case("50k"),
        Case("228k"),
        Case("50k", errors="heavy"),
        Case("50k", birth="date"),
    ]


def test_a_command_is_measured_and_its_failure_is_an_error():
    held = measured([sys.executable, "-c", "x = bytes(100_000_000)"])
    assert held.peak > 0.09
    assert 0 < held.cpu < held.wall + 1
    with pytest.raises(subprocess.CalledProcessError):
        measured([sys.executable, "-c", "raise SystemExit(3)"])


def test_results_are_read_as_they_were_written_and_told(tmp_path):
    rows = [
        Row(Case(size), tool, Cost(1.0, cpu, 0.5), measure(RIGHT, TRUTH))
        for size, cpu in (("50k", 2.0), ("228k", 9.0))
        for tool in ("one", "other")
    ]
    results = Results("python", datetime.now(UTC).date().isoformat(), "a machine", rows)
    write(results, tmp_path / "results.json")
    assert read(tmp_path / "results.json") == results
    assert "| one | " in markdown(results)
    assert all(chart.startswith("<svg") for chart in charts(rows).values())


def test_this_project_measured_again_stands_beside_the_peers_of_before():
    def row(tool, cpu):
        return Row(Case("50k"), tool, Cost(1.0, cpu, 0.5), measure(RIGHT, TRUTH))

    before = Results("python", "2026-01-01", "a machine", [row("one", 2.0), row("other", 3.0)])
    again = Results("python", "2026-01-02", "a machine", [row("one", 1.0)])
    both = with_peers_of(again, before)
    assert both.rows == [row("one", 1.0), row("other", 3.0)]
    assert "This project again on 2026-01-02." in markdown(both)


def test_an_elector_who_is_best_and_not_named_counts_for_the_chance():
    said = answers(("a", None, 0.6, 0.6, None)).with_columns(best=pl.lit("E1"))
    assert measure(said, TRUTH[:1]).brier == pytest.approx(0.16)
    assert measure(said, TRUTH[:1]).recall == 0


def test_the_page_on_matching_shows_the_results_that_are_kept():
    page = (Path(__file__).parents[2] / "docs" / "matching.md").read_text()
    assert markdown(read(RESULTS)) in page
