"""Every kind of tampering, one after the other: each must be found, and named.

An outsider can change files. An insider also has the key, and makes every digest, the tree and the
signature agree again; what is worked out from public inputs still gives the insider away. What an
insider can change unseen is listed in `RESTS_ON_THE_OFFICE`: facts from outside. What was worked
out from sealed bundles `referendum replay` finds.
"""

import copy
import json
import shutil
from itertools import pairwise

import pytest

from forger import Forger, altered, leaves, put
from referendum.core.canonical import canonical_json
from referendum.publish import publish
from referendum.record.log import new_signer
from referendum.record.reading import Record
from referendum.verify import verify
from referendum.verify.chain import name_together

RECORDS = ["petition", "vote", "audited", "by_hand"]

RESTS_ON_THE_OFFICE = {
    ("record.open", "title"),
    ("record.open", "question"),
    ("record.open", "subject"),
    ("record.open", "made_up"),
    ("record.open", "office"),
    ("roll.seal", "electors"),
    ("roll.seal", "set_aside"),
    ("petition.receive", "claimed"),
    ("petition.receive", "sheets"),
    ("petition.receive", "set_aside"),
    ("returns.receive", "format"),
    ("returns.receive", "entries"),
    ("returns.receive", "common_ballot"),
    ("returns.receive", "accepted"),
}
"""Parameters and facts of received acts that no public file can contradict."""


@pytest.fixture(scope="module")
def published(petition, vote, audited, counted_by_hand, tmp_path_factory):
    """The records as the public has them, and their makers."""
    out = tmp_path_factory.mktemp("tampering") / "site"
    makers = (petition, vote, audited, counted_by_hand)
    publish([made.folder for made in makers], out)
    return {
        name: (out / made.folder.name, made) for name, made in zip(RECORDS, makers, strict=True)
    }


def record_files(folder):
    pages = {"index.html", "data.json", "style.css", "pages.json", "pages"}
    return sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and path.name not in pages
    )


def found_and_named(folder, key, known=None):
    """Whether verification fails and says where."""
    report = verify(str(folder), key=key, known=known)
    named = any(finding.act is not None or finding.file for finding in report.failures)
    return bool(report.failures) and named


def flipped(data, place):
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


DAMAGES = {
    "first byte": lambda data: flipped(data, 0),
    "middle byte": lambda data: flipped(data, len(data) // 2),
    "last byte": lambda data: flipped(data, -1),
    "cut off": lambda data: data[:-1],
    "empty": lambda _: b"",
    "longer": lambda data: data + b"\n",
}


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_any_file_is_found(published, name, damage, tmp_path):
    source, made = published[name]
    folder = shutil.copytree(source, tmp_path / "copy")
    unnoticed = []
    for path in record_files(folder):
        whole = (folder / path).read_bytes()
        (folder / path).write_bytes(DAMAGES[damage](whole))
        if not found_and_named(folder, str(made.signer.verifier)):
            unnoticed.append(path)
        (folder / path).write_bytes(whole)
    assert unnoticed == []


@pytest.mark.parametrize("name", RECORDS)
def test_a_missing_file_is_found(published, name, tmp_path):
    source, made = published[name]
    folder = shutil.copytree(source, tmp_path / "copy")
    size = Record.open(made.folder).log.size
    for path in record_files(folder):
        whole = (folder / path).read_bytes()
        (folder / path).unlink()
        earlier_tile = ".p/" in str(path) and not str(path).endswith(f".p/{size}")
        # Nobody needs the tiles of earlier sizes once the log has grown.
        expected = not earlier_tile
        if path.name == "record.json":  # then nothing says which log this is
            assert verify(str(folder), key=str(made.signer.verifier)).nothing
        else:
            assert found_and_named(folder, str(made.signer.verifier)) is expected, path
        (folder / path).write_bytes(whole)


@pytest.mark.parametrize("name", RECORDS)
def test_a_file_slipped_into_a_bundle_is_found(published, name, tmp_path):
    source, made = published[name]
    folder = shutil.copytree(source, tmp_path / "copy")
    bundle = next((folder / "bundles" / "public").iterdir())
    (bundle / "extra.csv").write_text("a\n1\n")
    assert found_and_named(folder, str(made.signer.verifier))


def forgeries_of_acts(forger):
    """Drop, repeat, swap and reverse acts."""
    acts = forger.acts
    last = len(acts) - 1
    for number in range(last):
        yield f"drop {number}", acts[:number] + acts[number + 1 :]
    for number in range(last + 1):
        yield f"repeat {number}", [*acts, copy.deepcopy(acts[number])]
        yield f"double {number}", [*acts[: number + 1], *copy.deepcopy(acts[number:])]
    for number in range(last):
        swapped = list(acts)
        swapped[number], swapped[number + 1] = swapped[number + 1], swapped[number]
        yield f"swap {number}", swapped
    yield "reverse", acts[::-1]


@pytest.mark.parametrize("name", RECORDS)
def test_acts_dropped_repeated_or_moved_by_an_insider_are_found(published, name, tmp_path):
    source, made = published[name]
    unnoticed = []
    for what, acts in forgeries_of_acts(Forger(source)):
        forger = Forger(source)
        forger.acts = copy.deepcopy(acts)
        if forger.acts[0]["kind"] != "record.open":
            forger.acts[0]["parameters"] = {"made_up": True, **forger.acts[0]["parameters"]}
        forger.write(tmp_path / "forged", made.signer)
        if not found_and_named(tmp_path / "forged", str(made.signer.verifier)):
            unnoticed.append(what)
    assert unnoticed == list(exchangeable(Forger(source).acts))


def exchangeable(acts):
    """Neighbours of the same second that do not rest on each other.

    They have no order but the log's: only a checkpoint that somebody kept shows the exchange.
    """
    written = {}
    for number, (one, other) in enumerate(pairwise(acts)):
        wrote = {bundle["digest"] for bundle in one["writes"]}
        for bundle in one["writes"]:
            parts = written.setdefault(bundle["kind"], [])
            parts.append(bundle["digest"])
            wrote.add(name_together(parts))
        if number and one["recorded"] == other["recorded"] and wrote.isdisjoint(other["reads"]):
            yield f"swap {number}"


@pytest.mark.parametrize("name", RECORDS)
def test_a_log_cut_back_to_any_earlier_state_is_found_by_who_kept_a_checkpoint(
    published, name, tmp_path
):
    source, made = published[name]
    known = (source / "log" / "checkpoint").read_bytes()
    for size in range(1, len(Forger(source).acts)):
        forger = Forger(source)
        forger.acts = forger.acts[:size]
        forger.write(tmp_path / "forged", made.signer)
        key = str(made.signer.verifier)
        assert verify(str(tmp_path / "forged"), key=key).holds, "an earlier state is a good record"
        assert found_and_named(tmp_path / "forged", key, known)


@pytest.mark.parametrize("name", RECORDS)
def test_a_history_written_anew_is_found_by_who_kept_a_checkpoint(published, name, tmp_path):
    source, made = published[name]
    forger = Forger(source)
    forger.acts[0]["parameters"]["office"] = "Somebody else"
    forger.write(tmp_path / "forged", made.signer)
    known = (source / "log" / "checkpoint").read_bytes()
    assert found_and_named(tmp_path / "forged", str(made.signer.verifier), known)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_signed_by_another_key_is_found_by_who_has_the_key(published, name, tmp_path):
    source, made = published[name]
    key = str(made.signer.verifier)
    Forger(source).write(tmp_path / "forged", new_signer(made.signer.name))
    assert found_and_named(tmp_path / "forged", key)
    known = (source / "log" / "checkpoint").read_bytes()
    assert found_and_named(tmp_path / "forged", None, known)


@pytest.mark.parametrize("name", RECORDS)
def test_a_good_record_rewritten_unchanged_still_holds(published, name, tmp_path):
    """Otherwise the forgeries below would be found for the wrong reason."""
    source, made = published[name]
    Forger(source).write(tmp_path / "same", made.signer)
    report = verify(str(tmp_path / "same"), key=str(made.signer.verifier))
    assert report.holds, report.failures


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("part", ["parameters", "facts"])
def test_a_number_changed_in_an_act_by_an_insider_is_found(published, name, part, tmp_path):
    source, made = published[name]
    unnoticed = set()
    for number, act in enumerate(Forger(source).acts):
        for path, value in leaves(act[part]):
            forger = Forger(source)
            put(forger.acts[number][part], path, altered(value))
            forger.write(tmp_path / "forged", made.signer)
            if not found_and_named(tmp_path / "forged", str(made.signer.verifier)):
                unnoticed.add((act["kind"], path[0]))
    signed_anyway = {("record.open", "origin"), ("record.open", "key")}  # the forger puts them back
    assert unnoticed - signed_anyway <= RESTS_ON_THE_OFFICE


DOCUMENTS = {
    "petition": ["requirement", "decision"],
    "vote": ["result"],
    "audited": ["audit_plan", "audit_draw", "audit_risk"],
    "by_hand": ["audit_full_count"],
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_number_changed_in_a_published_document_by_an_insider_is_found(published, name, tmp_path):
    source, made = published[name]
    for kind in DOCUMENTS[name]:
        file = f"{kind}.json"
        for path, value in leaves(json.loads(Forger(source).files(kind)[file])):
            forger = Forger(source)
            document = json.loads(forger.files(kind)[file])
            put(document, path, altered(value))
            forger.files(kind)[file] = canonical_json(document)
            forger.write(tmp_path / "forged", made.signer)
            assert found_and_named(tmp_path / "forged", str(made.signer.verifier)), (kind, path)


TABLES = {
    "petition": {"gates": "gates", "outcomes": "outcomes", "draw": "draw", "checks": "checks"},
    "vote": {"returns": "returns", "result": "regions"},
    "audited": {"audit_cards": "cards", "audit_draw": "draws", "audit_findings": "findings"},
    "by_hand": {"audit_full_count": "findings"},
}
"""Tables of bundles, by the kind of the bundle."""

NAMES = {"question", "kind", "region", "district", "place", "row", "column", "code", "value"}
FAULT_FILES = {**dict.fromkeys(("returns",), NAMES), "audit_cards": {"imprint"}}
"""Cells of received tables on which no number depends."""


@pytest.mark.parametrize("name", RECORDS)
def test_a_cell_changed_in_a_published_table_by_an_insider_is_found(published, name, tmp_path):
    source, made = published[name]
    for kind, table in TABLES[name].items():
        file = f"{table}.csv"
        lines = Forger(source).files(kind)[file].decode().splitlines()
        header = lines[0].split(",")
        for row in {1, len(lines) // 2, len(lines) - 1}:
            for column in range(len(header)):
                if header[column] in FAULT_FILES.get(kind, ()):
                    continue
                cells = lines[row].split(",")
                cells[column] = str(int(cells[column]) + 1) if cells[column].isdigit() else "other"
                changed = [*lines[:row], ",".join(cells), *lines[row + 1 :]]
                forger = Forger(source)
                forger.files(kind)[file] = ("\n".join(changed) + "\n").encode()
                forger.write(tmp_path / "forged", made.signer)
                key = str(made.signer.verifier)
                assert found_and_named(tmp_path / "forged", key), (kind, row, header[column])


def test_votes_moved_within_a_return_by_an_insider_are_found(published, tmp_path):
    """Yes and no change so that the return still adds up; the result gives it away."""
    source, made = published["vote"]
    forger = Forger(source)
    returns = forger.files("returns")["returns.csv"]
    assert b"School,60,40,2,102" in returns
    forger.files("returns")["returns.csv"] = returns.replace(
        b"School,60,40,2,102", b"School,61,39,2,102"
    )
    forger.write(tmp_path / "forged", made.signer)
    assert found_and_named(tmp_path / "forged", str(made.signer.verifier))


def test_a_statute_exchanged_by_an_insider_changes_what_is_required(published, tmp_path):
    source, made = published["petition"]
    forger = Forger(source)
    statute = forger.files("statute")["statute.toml"]
    forger.files("statute")["statute.toml"] = statute.replace(b'value = "1/10"', b'value = "1/20"')
    forger.write(tmp_path / "forged", made.signer)
    assert found_and_named(tmp_path / "forged", str(made.signer.verifier))
