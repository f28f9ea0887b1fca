"""Files that are not what they should be: an error that names them, never anything else."""

import copy
import io
import json
import zipfile

import pytest
from exports import card, mark, marked, measure, record, report, session, voted, write_manifests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referendum.core.errors import InputError
from referendum.flows.count.cast_vote_records import cards_to_forms, require_no_foreign_export

CONTESTS = ((1, "MEASURE A", ("YES", "NO"), {}), (2, "MAYOR", ("ANN", "BEN"), {"VoteFor": 2}))
NIST = report(
    [measure("a", name="A"), measure("b", "Nein", "Ja")],
    [
        record(voted("a", 0), voted("b", 1, Rank=1), UniqueId="1", BallotStyleId="s"),
        record(voted("a", 0, 1), BallotAuditId="x", BatchSequenceId=2, CreatingDeviceId="d"),
    ],
    ReportType=["other"],
    OtherReportType="export",
)
DOMINION = {
    "Version": "5.10",
    "Sessions": [
        session(1, card(marked(1, mark(10)), marked(2, mark(20), mark(21)))),
        session("X", card(marked(1)), card(Id=8)) | {"Modified": None},
    ],
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
ANYTHING = st.recursive(
    SCALARS | st.sampled_from(["*** REDACTED ***", "yes", "no", 0, 1, -1, 10**30, ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value):
    """Every list or object of a document, with each of its members."""
    members = (
        value.items() if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    for name, inner in members:
        yield value, name
        yield from places(inner)


@st.composite
def spoilt(draw, good):
    """A document with one to three of its members left out, doubled, or something else."""
    document = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        holder, name = draw(st.sampled_from(list(places(document))))
        change = draw(st.sampled_from(["other", "gone", "twice"]))
        if change == "other":
            holder[name] = draw(ANYTHING)
        elif change == "gone":
            del holder[name]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[name]))
        if not list(places(document)):
            break
    return json.dumps(document)


def read_or_refuse(path, text, manifests):
    path.write_text(text)
    try:
        forms = cards_to_forms([path], manifests, "all")
    except InputError as error:
        told = str(error)
        assert str(path) in told or str(manifests) in told
        assert not any(word in told for word in ("Error(", "Traceback", "NoneType", "object has"))
    else:
        votes = forms["yes"] + forms["no"] + forms["informal"]
        assert (votes == forms["total"]).all()
        assert forms.height > 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_manifests(tmp_path_factory.mktemp("exports"), CONTESTS)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=spoilt(NIST))
def test_a_spoilt_nist_report_is_read_or_refused(folder, text):
    read_or_refuse(folder / "report.json", text, None)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=spoilt(DOMINION))
def test_a_spoilt_dominion_export_is_read_or_refused(folder, text):
    read_or_refuse(folder / "CvrExport_1.json", text, folder)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), name=st.sampled_from(["Contest", "Candidate", "CountingGroup"]))
def test_a_spoilt_manifest_is_read_or_refused(folder, data, name):
    path = folder / f"{name}Manifest.json"
    good = path.read_text()
    try:
        path.write_text(data.draw(spoilt(json.loads(good))))
        read_or_refuse(folder / "CvrExport_1.json", json.dumps(DOMINION), folder)
    finally:
        path.write_text(good)


def xlsx():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return data.getvalue()


FOREIGN = [
    (xlsx(), "XLSX, as ES&S exports"),
    (b"PK\x03\x04 1_a.xml", "ZIP archive, as Hart Verity"),
    (b'"Cast Vote Record","Precinct","Ballot Style"\n', "ES&S in CSV"),
    (b'\xef\xbb\xbf<?xml version="1.0"?><Cvr xmlns="http://tempuri.org/CVRDesign.xsd"/>', "Hart"),
    (b"RowNumber,BoxID,BoxPosition,BallotID\n1,2,3,4\n", "Clear Ballot in CSV"),
    (b"<?xml version='1.0'?><CastVoteRecordReport><Manufacturer>Unisyn", "Unisyn in XML"),
    (b"<?xml version='1.0'?>\n<cdf:CastVoteRecordReport/>", "NIST SP 1500-103 in XML"),
    (b"Election,5.2.16.1\n,,,\n,,\nCvrNumber,TabulatorNum,BatchId\n", "Dominion in CSV"),
    ("CvrNumber,TabulatorNum,BatchId\n".encode("utf-16"), "Dominion in CSV"),
]


@pytest.mark.parametrize(("data", "maker"), FOREIGN)
@pytest.mark.parametrize("with_manifests", [True, False])
def test_an_export_of_another_maker_is_told_by_its_name(
    tmp_path, folder, data, maker, with_manifests
):
    path = tmp_path / "export"
    path.write_bytes(data)
    with pytest.raises(InputError, match=maker) as told:
        cards_to_forms([path], folder if with_manifests else None, "all")
    assert "these are read: Dominion's JSON" in told.value.hint
    with pytest.raises(InputError, match=maker):
        require_no_foreign_export(path)


def test_the_two_formats_are_told_apart(tmp_path, folder):
    nist, dominion = tmp_path / "nist.json", tmp_path / "dominion.json"
    nist.write_text(json.dumps(NIST))
    dominion.write_text(json.dumps(DOMINION))
    with pytest.raises(InputError, match="this is an export of Dominion"):
        cards_to_forms([dominion], None, "all")
    with pytest.raises(InputError, match="this is a cast vote record report of NIST"):
        cards_to_forms([nist], folder, "all")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_comes_in_any_of_its_encodings(tmp_path, encoding):
    path = tmp_path / "nist.json"
    path.write_bytes(json.dumps(NIST).encode(encoding))
    assert cards_to_forms([path], None, "all").height > 0


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "cut off"),
        (b"\xff\xfe{", "cut off"),
        (b'{"CVR": [', "cut off"),
        (b'{"a": ' + b"[" * 200_000, "nested too deeply"),
        (b'{"Election": "\xe4"}', "cut off"),
        (b"contest,yes,no\n", "a text or a table"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path, data, told):
    path = tmp_path / "report.json"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told) as caught:
        cards_to_forms([path], None, "all")
    assert caught.value.where == str(path)
