"""A statute with a second sample: an insider who draws it anew, or smaller, or for nothing."""

import copy
import json
from datetime import date

import pytest
from tests.conftest import opened

from forger import Forger, check, csv_of, table
from referendum.core.canonical import canonical_json
from referendum.core.errors import LawError, OrderError
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.law import sample_sizes, statute_bytes, versions
from referendum.record.log import new_signer
from referendum.record.stamps import Stamp
from referendum.simulate import PetitionPlan, perfect_findings, simulate_petition
from referendum.verify import verify
from referendum.verify.bundles import Bundle
from referendum.verify.petition import _sample_size
from referendum.verify.report import Mismatch

SEED, OTHER = "40711938826450173395", "99887766554433221100"
FIRST = date(2026, 1, 3)
OREGON = ("us-or/initiative-and-referendum", date(2026, 1, 2))
SIGNER = new_signer("tests.example/oregon")
OPEN, SURE = 48_000, 10_000
"""Bases under which the first sample decides nothing, and under which it accepts."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    plan = PetitionPlan(8_000, 3_000, "second", FIRST, date(2026, 5, 2))
    return simulate_petition(plan, tmp_path_factory.mktemp("oregon"))


def issued(folder, base):
    made = opened(folder, "petition", SIGNER, OREGON)
    with made.hold() as record:
        issue_petition(record, Issue("statute", FIRST, FIRST, base_value=base), Stamp())
    return made


@pytest.fixture(scope="module")
def matched(files, tmp_path_factory):
    """A petition in Oregon up to matching."""
    made = issued(tmp_path_factory.mktemp("matched") / "petition", OPEN)
    with made.hold() as record:
        seal_roll(record, files.electors, "utf-8", Stamp())
        receive_petition(record, files.lines, files.sheets, None, "utf-8", Stamp())
        pass_gates(record, Stamp())
        match(record, Stamp())
    return made


def sample(made, files, size):
    """Draw, check without error, decide; give the facts of the draw and of the decision."""
    found = made.folder.parent / "found.csv"
    with made.hold() as record:
        drawn = draw_sample(record, SEED, size, Stamp()).facts
        lines = worksheet(record)["line_id"]
        perfect_findings(files.truth, lines, copies=True).write_csv(found)
        receive_checks(record, found, "utf-8", Stamp())
        return drawn | decide(record, "sample", Stamp()).facts


@pytest.fixture(scope="module")
def sampled(matched, files, tmp_path_factory):
    """The same, rejected after two samples."""
    made = matched.copy(tmp_path_factory.mktemp("sampled") / "petition")
    assert sample(made, files, None)["decision"] == "draw_second_sample"
    assert sample(made, files, 1_500)["decision"] == "insufficient"
    assert verify(str(made.folder)).holds
    return made


@pytest.fixture
def forger(sampled):
    return Forger(sampled.folder)


def failures(forger):
    """What fails, by act."""
    found = {}
    for one in check(forger.build(SIGNER)).failures:
        found[one.act] = f"{found.get(one.act, '')} {one.words}"
    return found


def numbers(forger, kind):
    return [number for number, act in enumerate(forger.acts) if act["kind"] == kind]


def bundle(forger, kind, which):
    """Files of the first or second bundle of a kind."""
    acts = [act for act in forger.acts if any(one["kind"] == kind for one in act["writes"])]
    return forger.bundles[acts[which]["writes"][0]["digest"]][1]


def test_what_is_not_changed_holds(forger):
    assert failures(forger) == {}


@pytest.mark.parametrize("seed", [SEED, OTHER])
def test_a_second_sample_that_begins_again_fails(forger, seed):
    second = forger.act("draw", 1)
    second["reads"] = second["reads"][:3]
    second["parameters"] |= {"stage": 1, "seed": seed}
    assert "it reads" in failures(forger)[numbers(forger, "draw")[1]]


def test_a_second_sample_under_another_seed_fails(forger):
    forger.act("draw", 1)["parameters"]["seed"] = OTHER
    found = failures(forger)[numbers(forger, "draw")[1]]
    assert "another than that of the round before" in found


def test_a_second_sample_of_other_lines_alone_fails(forger):
    """The first thousand left out: the lines that come next, or those that remain."""
    drawn = table(bundle(forger, "draw", 1)["draw.csv"])
    for rows in (drawn[1001:], drawn[501:1501]):
        forged = forger.copy()
        numbered = [[str(place), *row[1:]] for place, row in enumerate(rows, 1)]
        bundle(forged, "draw", 1)["draw.csv"] = csv_of([drawn[0], *numbered])
        forged.act("draw", 1)["facts"]["drawn"] = len(rows)
        forged.act("draw", 1)["parameters"]["size"] = len(rows)
        assert numbers(forged, "draw")[1] in failures(forged)


def test_findings_on_the_second_sample_alone_fail(forger):
    """The checks leave the first sample's lines out."""
    first = {row[0] for row in table(bundle(forger, "checks", 0)["checks.csv"])[1:]}
    checks = table(bundle(forger, "checks", 1)["checks.csv"])
    left = [row for row in checks if row[0] not in first]
    bundle(forger, "checks", 1)["checks.csv"] = csv_of(left)
    codes = [row[1] for row in left[1:]]
    invalid = {code: codes.count(code) for code in sorted(set(codes) - {"valid"})}
    facts = {"checked": len(codes), "valid": codes.count("valid"), "invalid": invalid}
    forger.act("checks.receive", 1)["facts"] = facts
    last = numbers(forger, "decide")[1]
    assert f"{len(first):,} drawn lines have no finding" in failures(forger)[last]


@pytest.mark.parametrize("kind", ["draw", "checks"])
def test_a_decision_that_passes_a_sample_over_fails(forger, kind):
    """The second draw with the first checks, or the first draw with the second checks."""
    first, last = (
        next(one["digest"] for act in forger.acts[:end] for one in act["writes"][::-1]
             if one["kind"] == kind and act["number"] >= start)
        for start, end in ((0, None), (numbers(forger, "decide")[0], None))
    )  # fmt: skip
    decision = forger.act("decide", 1)
    decision["reads"] = [first if digest == last else digest for digest in decision["reads"]]
    found = failures(forger)[numbers(forger, "decide")[1]]
    assert f"it reads the {kind} of act" in found


def at_another_base(forger, folder):
    """Let the first sample accept: every number of the first decision is made to agree."""
    other = Forger(issued(folder, SURE).folder)
    issue = other.act("petition.issue")
    forger.act("petition.issue")["parameters"] = issue["parameters"]
    forger.act("petition.issue")["facts"] = issue["facts"]
    forger.files("requirement")["requirement.json"] = other.files("requirement")["requirement.json"]
    needed = issue["facts"]["required"]
    for which in range(len(numbers(forger, "decide"))):
        decision = bundle(forger, "decision", which)
        told = {"required": needed, "decision": "sufficient"}
        document = json.loads(decision["decision.json"]) | told
        decision["decision.json"] = canonical_json(document)
        forger.act("decide", which)["facts"] |= told


def test_no_second_sample_is_drawn_where_the_first_decided(forger, tmp_path):
    at_another_base(forger, tmp_path / "other")
    second = numbers(forger, "draw")[1]
    decided = forger.copy()
    del decided.acts[second:]
    assert failures(decided) == {}
    assert "standing of its kind" in failures(forger)[second]


@pytest.mark.parametrize("size", [1_600, "all", None])
def test_no_third_sample_is_drawn(forger, size, sampled, tmp_path):
    second = forger.acts[numbers(forger, "draw")[1] :]
    third = copy.deepcopy(second[0]) | {"recorded": forger.acts[-1]["recorded"]}
    third["writes"][0]["digest"] = "ab" * 32
    third["parameters"]["size"] = size
    third["reads"][-1] = second[-1]["writes"][0]["digest"]
    forger.acts.append(third)
    assert "standing of its kind" in failures(forger)[len(forger.acts) - 1]
    made = sampled.copy(tmp_path / "third")
    with made.hold() as record, pytest.raises(OrderError):
        draw_sample(record, SEED, size, Stamp())


@pytest.mark.parametrize("size", [999, 1_499])
def test_a_second_sample_smaller_than_the_first_fails(forger, size, matched, files, tmp_path):
    """It would leave out lines of the first that were found wanting."""
    made = matched.copy(tmp_path / "petition")
    assert sample(made, files, 1_500)["decision"] == "draw_second_sample"
    with made.hold() as record, pytest.raises(LawError, match="leaves out lines of the first"):
        draw_sample(record, SEED, size, Stamp())
    again = sample(made, files, None)
    assert (again["drawn"], again["decision"]) == (1_500, "insufficient")
    assert verify(str(made.folder)).holds
    forger = Forger(made.folder)
    drawn = table(bundle(forger, "draw", 1)["draw.csv"])[: size + 1]
    bundle(forger, "draw", 1)["draw.csv"] = csv_of(drawn)
    for chosen in (size, None):
        forger.act("draw", 1)["parameters"]["size"] = chosen
        forger.act("draw", 1)["facts"]["drawn"] = size
        assert numbers(forger, "draw")[1] in failures(forger)


def test_a_first_sample_smaller_than_the_statutes_fails(forger):
    first = numbers(forger, "draw")[0]
    files = bundle(forger, "draw", 0)
    files["draw.csv"] = csv_of(table(files["draw.csv"])[:901])
    forger.act("draw")["parameters"]["size"] = forger.act("draw")["facts"]["drawn"] = 900
    assert "the statute asks for 1000" in failures(forger)[first]


def test_where_fewer_lines_stand_than_the_statute_asks_for_all_are_drawn(made_up_files, tmp_path):
    made = issued(tmp_path / "petition", SURE)
    with made.hold() as record:
        seal_roll(record, made_up_files.electors, "utf-8", Stamp())
        receive_petition(record, made_up_files.lines, made_up_files.sheets, None, "utf-8", Stamp())
        pass_gates(record, Stamp())
        standing = match(record, Stamp()).facts["standing"]
        assert draw_sample(record, SEED, standing, Stamp()).facts["drawn"] == standing < 1_000
    assert verify(str(made.folder)).holds


@pytest.mark.parametrize(
    ("act", "size"),
    [
        ("us-ca/initiative-and-referendum", 600),
        ("ch/popular-initiative", 600),
        ("ch/popular-initiative", 10_000),
    ],
)
def test_no_size_is_chosen_by_district_or_where_every_line_is_checked(act, size):
    version = versions(act)[-1]
    data = statute_bytes(version.id, version.version)
    statute = Bundle("statute", {}, {"statute.toml": data})
    with pytest.raises(Mismatch, match="a size was chosen"):
        _sample_size(statute, 10_000, size, 1, 0)
    assert 500 <= _sample_size(statute, 10_000, None, 1, 0) <= 10_000
    with pytest.raises(LawError):
        sample_sizes(version, {"North": 10_000}, size)


def test_an_answer_after_one_sample_is_not_that_of_two(forger):
    """Rejected after the first: the second is never drawn."""
    del forger.acts[numbers(forger, "draw")[1] :]
    decision = forger.files("decision")
    document = json.loads(decision["decision.json"]) | {"decision": "insufficient"}
    decision["decision.json"] = canonical_json(document)
    forger.act("decide")["facts"]["decision"] = "insufficient"
    assert "decision is insufficient" in failures(forger)[numbers(forger, "decide")[0]]
