"""Replay: what the public cannot check, a holder of the sealed bundles can."""

import shutil

import pytest

from forger import Forger
from referendum.core.errors import RecordError
from referendum.flows.derivations import DERIVATIONS
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.verify import verify


@pytest.mark.parametrize("name", ["petition", "vote"])
def test_every_derived_act_comes_out_the_same(name, request):
    made = request.getfixturevalue(name)
    replayed = replay(Record.open(made.folder), DERIVATIONS)
    assert [one.differences for one in replayed] == [()] * len(replayed)
    assert len(replayed) == {"petition": 5, "vote": 1}[name]


@pytest.mark.parametrize("kind", ["lines", "electors"])
def test_an_altered_sealed_file_is_found(petition, tmp_path, kind):
    made = petition.copy(tmp_path / "petition")
    record = Record.open(made.folder)
    digest = next(b.digest for act in record.acts for b in act.writes if b.kind == kind)
    file = record.bundles.path(digest, sealed=True) / f"{kind}.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(RecordError, match=r"its rows are others|cannot be read"):
        replay(record, DERIVATIONS)


def test_without_its_sealed_bundles_a_record_cannot_be_replayed(petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    (made.folder / "bundles" / "sealed").rename(tmp_path / "elsewhere")
    with pytest.raises(RecordError, match="not here") as caught:
        replay(Record.open(made.folder), DERIVATIONS)
    assert "stay with the office" in caught.value.hint


def test_an_outcome_forged_so_that_everything_public_agrees_is_found_by_replay(petition, tmp_path):
    """An insider exchanges the outcomes of two lines that were not drawn."""
    forger = Forger(petition.folder)
    drawn = {line.split(b",")[1] for line in forger.files("draw")["draw.csv"].splitlines()[1:]}
    rows = forger.files("outcomes")["outcomes.csv"].splitlines()
    listed, other = (
        next(
            place
            for place, row in enumerate(rows)
            if row.endswith(b"," + outcome) and row.split(b",")[0] not in drawn
        )
        for outcome in (b"listed", b"unsure")
    )
    rows[listed] = rows[listed].replace(b"listed", b"unsure")
    rows[other] = rows[other].replace(b"unsure", b"listed")
    forger.files("outcomes")["outcomes.csv"] = b"\n".join(rows) + b"\n"
    forger.write(tmp_path / "forged", petition.signer)
    sealed = petition.folder / "bundles" / "sealed"
    shutil.copytree(sealed, tmp_path / "forged" / "bundles" / "sealed")
    assert verify(str(tmp_path / "forged"), key=str(petition.signer.verifier)).holds
    replayed = replay(Record.open(tmp_path / "forged"), DERIVATIONS)
    assert [one.act.kind for one in replayed if one.differences] == ["match"]
