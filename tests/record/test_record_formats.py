"""Records of the format before are refused in one sentence, by both programs."""

import pytest

from referendum.core.canonical import canonical_json, read_canonical_json
from referendum.core.errors import RecordError
from referendum.record.reading import Record
from referendum.verify import verify

SENTENCE = "this record is of format 1; this program reads format 2; use referendum 0.x to check it"


def test_format_1_is_refused_with_what_to_do(issued, tmp_path):
    made = issued.copy(tmp_path / "petition")
    head = made.folder / "record.json"
    document = read_canonical_json(head.read_bytes(), "record.json")
    assert document["format"] == "referendum-record/2"
    head.write_bytes(canonical_json({**document, "format": "referendum-record/1"}))
    with pytest.raises(RecordError, match=SENTENCE):
        Record.open(made.folder)
    report = verify(str(made.folder))
    assert [one.words for one in report.failures] == [SENTENCE]


@pytest.mark.parametrize("name", ["referendum-record/3", "referendum-record/02", ""])
def test_another_format_is_refused(issued, tmp_path, name):
    made = issued.copy(tmp_path / "petition")
    head = made.folder / "record.json"
    document = read_canonical_json(head.read_bytes(), "record.json")
    head.write_bytes(canonical_json({**document, "format": name}))
    with pytest.raises(RecordError, match="format"):
        Record.open(made.folder)
    assert not verify(str(made.folder)).holds
