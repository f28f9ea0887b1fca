"""The checker by itself: its arithmetic, its sources, and hostile input."""

import json
import threading
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.law.bounds import lower_bound as writers_lower_bound
from referendum.publish import publish
from referendum.publish.server import serve_site
from referendum.verify import render, verify
from referendum.verify.canonical import encode, read_json
from referendum.verify.projection import lower_bound
from referendum.verify.report import Mismatch
from referendum.verify.tree import tile_path, tree_root

LEVEL = Fraction(95, 100)


@st.composite
def samples(draw):
    universe = draw(st.integers(1, 60))
    drawn = draw(st.integers(1, universe))
    return universe, drawn, draw(st.integers(0, drawn))


@given(samples(), st.sampled_from([Fraction(1, 2), LEVEL, Fraction(999, 1000)]))
def test_the_lower_bound_is_the_definition_and_the_writers(sample, level):
    universe, drawn, valid = sample

    def chance(marked):
        hits = range(valid, drawn + 1)
        ways = sum(comb(marked, h) * comb(universe - marked, drawn - h) for h in hits)
        return Fraction(ways, comb(universe, drawn))

    possible = range(valid, universe - (drawn - valid) + 1)
    expected = next(marked for marked in possible if chance(marked) > 1 - level)
    assert lower_bound(universe, drawn, valid, level) == expected
    assert writers_lower_bound(universe, drawn, valid, level) == expected


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=80))
def test_the_root_is_the_recursive_one(leaves):
    def naive(part):
        if len(part) <= 1:
            return tree_root(part)
        split = 1 << ((len(part) - 1).bit_length() - 1)
        return tree_root([naive(part[:split]), naive(part[split:])])

    assert tree_root(leaves) == naive(leaves)


@pytest.mark.parametrize(
    ("index", "count", "path"),
    [
        (0, 256, "log/tile/0/000"),
        (273, 112, "log/tile/0/273.p/112"),
        (1_234_067, 256, "log/tile/0/x001/x234/067"),
    ],
)
def test_tiles_lie_where_the_specification_says(index, count, path):
    assert tile_path("0", index, count) == path


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[1.0]",
        b"[1e3]",
        b"[NaN]",
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b"[" * 100_000,
        b"1" * 5_000,
        b'"\\ud800"',
        b'{"a":1}\n',
    ],
)
def test_hostile_json_is_a_finding_and_no_crash(data):
    with pytest.raises(Mismatch):
        read_json(data, "here")


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists))
def test_canonical_json_reads_back(value):
    assert read_json(encode(value), "here") == value


def test_a_served_site_verifies_by_its_address(petition, tmp_path):
    publish([petition.folder], tmp_path / "site")
    with serve_site(tmp_path / "site", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/petition"
        report = verify(address, key=str(petition.signer.verifier))
        server.shutdown()
    assert report.holds, report.failures
    assert any("the web lists none" in finding.words for finding in report.findings)


def test_what_could_not_be_seen_is_said(petition):
    report = verify(str(petition.folder))
    words = " ".join(finding.words for finding in report.findings)
    assert "the key was taken from the record itself" in words
    assert "no earlier checkpoint was given" in words
    assert "sealed" in {finding.state for finding in report.findings}


def test_the_report_is_readable_at_80_columns_and_by_programs(petition):
    report = verify(str(petition.folder))
    assert max(map(len, render(report).splitlines()[1:])) <= 80
    assert json.loads(json.dumps(report.as_json()))["holds"] is True


def test_left_overs_of_a_cut_off_writer_are_remarked_and_do_no_harm(petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    (made.folder / "bundles" / "public" / ("0" * 64)).mkdir()
    (made.folder / "log" / "tile" / "0" / "000.p" / "77").write_bytes(bytes(32 * 77))
    report = verify(str(made.folder))
    assert report.holds
    remarks = " ".join(one.words for one in report.findings if one.state == "remark")
    assert "belong to no act" in remarks
    assert "beyond the checkpoint" in remarks


@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b'{"format":"x"}', b'{"format":1,"key":2,"origin":3}', b"\x00"]
)
def test_a_senseless_head_fails_in_words(tmp_path, content):
    (tmp_path / "record.json").write_bytes(content)
    report = verify(str(tmp_path))
    assert not report.holds
    assert report.failures[0].file == "record.json"
