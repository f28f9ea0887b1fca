"""The page layer of a published record: changes are found, or told as not covered."""

import hashlib
import json
import re
import shutil

import pytest

from referendum.core.canonical import canonical_json
from referendum.publish import publish
from referendum.record.log import new_signer
from referendum.verify import page_layer, verifier, verify
from referendum.verify.record_source import Folder
from referendum.verify.report import Report

RECORDS = ("petition", "vote", "audited", "counted_by_hand")


@pytest.fixture(scope="module")
def published(petition, vote, audited, counted_by_hand, tmp_path_factory):
    """The records as the public has them, with signed lists of pages, and their makers."""
    out = tmp_path_factory.mktemp("pages") / "site"
    makers = (petition, vote, audited, counted_by_hand)
    publish([made.folder for made in makers], out, [made.signer for made in makers])
    return {
        name: (out / made.folder.name, made) for name, made in zip(RECORDS, makers, strict=True)
    }


class Changed(Folder):
    """A published record of which some files are given otherwise; None leaves a file out."""

    def __init__(self, root, files):
        super().__init__(root)
        self.files = files

    def read(self, path, most):
        if path in self.files and self.files[path] is None:
            return super().read("there-is-none", most)
        return self.files[path] if path in self.files else super().read(path, most)

    def names(self, path):
        found = set(super().names(path))
        if not path:
            found |= {name for name, data in self.files.items() if data is not None}
        return sorted(found - {name for name, data in self.files.items() if data is None})


@pytest.fixture(scope="module")
def checks(published):
    """Gives, by record, what checks its page layer alone when some files are other ones."""
    made = {}
    for name, (folder, maker) in published.items():
        taken = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                verifier, "check_page_layer", lambda *found, taken=taken: taken.append(found)
            )
            assert verify(str(folder), key=str(maker.signer.verifier)).holds
        ((_, _, chain, bundles, trust),) = taken

        def check(files, folder=folder, rest=(chain, bundles, trust)):
            report = Report(str(folder))
            page_layer.check_page_layer(Changed(folder, files), report, *rest)
            return report

        made[name] = check
    return made


def pages(folder):
    found = sorted(path for path in folder.iterdir() if path.is_file())
    return [path for path in found if path.name != "record.json"]


def listed(folder, files):
    """Give the list of pages made anew for changed files, as somebody without the key can."""
    old = json.loads((folder / "pages.json").read_bytes())
    for entry in old["files"]:
        data = files.get(entry["name"], (folder / entry["name"]).read_bytes())
        entry |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    return canonical_json(old)


@pytest.mark.parametrize("name", RECORDS)
def test_what_publish_writes_is_all_listed_and_signed(published, checks, name):
    folder, _ = published[name]
    report = checks[name]({})
    assert report.holds, report.failures
    words = " ".join(finding.words for finding in report.findings)
    assert "3 files are those of pages.json: data.json, index.html, style.css" in words
    assert "pages.json is signed by" in words
    assert [path.name for path in pages(folder)] == sorted(
        ["data.json", "index.html", "pages", "pages.json", "style.css"]
    )


@pytest.mark.parametrize("name", RECORDS)
def test_a_change_of_any_digit_of_any_file_of_the_page_layer_is_found(published, checks, name):
    folder, _ = published[name]
    unnoticed = []
    for path in pages(folder):
        data = path.read_bytes()
        places = [found.start() for found in re.finditer(rb"[0-9]", data)]
        for place in places[:: max(1, len(places) // 80)]:
            digit = b"%d" % ((data[place] - 47) % 10)
            report = checks[name]({path.name: data[:place] + digit + data[place + 1 :]})
            if not any(finding.file for finding in report.failures):
                unnoticed.append((path.name, place))
    assert unnoticed == []


@pytest.mark.parametrize("name", RECORDS)
def test_data_that_the_record_does_not_give_is_found_though_the_list_was_made_anew(
    published, checks, name
):
    folder, _ = published[name]
    data = json.loads((folder / "data.json").read_bytes())
    changes = [
        {**data, "state": "Insufficient"},
        {**data, "made_up": False},
        {**data, "acts": data["acts"][:-1]},
        {**data, "acts": [{**one, "stands": True, "facts": {}} for one in data["acts"]]},
        {name: value for name, value in data.items() if name != "title"},
    ]
    for changed in changes:
        files = {"data.json": canonical_json(changed)}
        report = checks[name]({**files, "pages.json": listed(folder, files), "pages": None})
        assert [finding.file for finding in report.failures] == ["data.json"]


def test_a_list_that_others_made_or_signed_is_refused_or_told(published, checks):
    folder, made = published["vote"]
    files = {"style.css": b"body { display: none; }"}
    made_anew = {**files, "pages.json": listed(folder, files)}
    assert not checks["vote"](made_anew).holds
    unsigned = checks["vote"]({**made_anew, "pages": None})
    assert unsigned.holds
    assert any("not signed" in finding.words for finding in unsigned.findings)
    first = " ".join(unsigned.outcome_notes)
    assert "pages.json is not signed" in first
    assert "style.css is not the style sheet that this program ships" in first
    digest = hashlib.sha256(made_anew["pages.json"]).hexdigest()
    text = f"referendum-pages/1 {made.signer.name}\n{digest}\n"
    other = new_signer(made.signer.name).sign_text(text)
    assert not checks["vote"]({**made_anew, "pages": other}).holds
    assert checks["vote"]({**made_anew, "pages": made.signer.sign_text(text)}).holds


def test_pages_without_a_list_and_files_beside_it_are_told(checks):
    def words(files):
        report = checks["vote"](files)
        return " ".join(finding.words for finding in report.findings), report.holds

    told, holds = words({"pages.json": None, "pages": None})
    assert holds
    assert "not covered: data.json, index.html, style.css, which no pages.json lists" in told
    assert words({"pages.json": None})[1] is False
    told, holds = words({"result.html": b"Carried"})
    assert holds
    assert "not covered: result.html" in told
    gone = dict.fromkeys(["pages.json", "pages", "index.html", "data.json", "style.css"])
    assert "there are no pages here" in words(gone)[0]


@pytest.mark.parametrize(
    "change",
    [
        {"size": 1},
        {"origin": "tests.example/other"},
        {"format": "referendum-pages/2"},
        {"files": []},
        {"files": [{"name": "../x.html", "sha256": "0", "bytes": 1}]},
        {"more": 1},
    ],
)
def test_a_list_of_another_form_is_refused(published, checks, change):
    folder, _ = published["vote"]
    data = json.loads((folder / "pages.json").read_bytes())
    report = checks["vote"]({"pages.json": canonical_json({**data, **change}), "pages": None})
    assert [finding.file for finding in report.failures] == ["pages.json"]


def test_the_whole_check_looks_at_the_pages(published, tmp_path):
    source, made = published["vote"]
    folder = shutil.copytree(source, tmp_path / "copy")
    page = (folder / "index.html").read_text()
    (folder / "index.html").write_text(re.sub("(Yes <data[^>]*>)[0-9]", r"\g<1>9", page))
    report = verify(str(folder), key=str(made.signer.verifier))
    assert {finding.file for finding in report.failures} == {"index.html"}
    assert any("stands there, by the record" in finding.words for finding in report.failures)
