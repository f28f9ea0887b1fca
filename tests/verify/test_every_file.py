"""Every kind of file that is published: a changed digit is found, or the file is told."""

import re
import shutil

import pytest

from referendum.cli.demo_witnesses import cosign_records
from referendum.publish import publish
from referendum.verify import verify

KINDS = (
    r"record\.json",
    r"log/checkpoint",
    r"log/tile/entries/[0-9]+\.p/[0-9]+",
    r"log/tile/0/[0-9]+\.p/[0-9]+",
    r"bundles/public/[0-9a-f]+/manifest\.json",
    r"bundles/public/[0-9a-f]+/[a-z_]+\.csv",
    r"bundles/public/[0-9a-f]+/[a-z_]+\.json",
    r"bundles/public/[0-9a-f]+/statute\.toml",
    r"index\.html",
    r"data\.json",
    r"style\.css",
    r"policy\.txt",
    r"pages\.json",
    r"pages",
)
"""Files of a published record."""

SHARED = (
    r"site\.json",
    r"site",
    r"index\.html",
    r"style\.css",
    r"law/index\.html",
    r"law/[a-z-]+/[a-z0-9-]+/index\.html",
    r"law/[a-z-]+/[a-z0-9-]+/statute\.toml",
)
"""Files that the records of a site share."""


@pytest.fixture(scope="module")
def published(vote, tmp_path_factory):
    """A site of one vote that two witnesses signed."""
    folder = tmp_path_factory.mktemp("every")
    made = vote.copy(folder / "vote")
    (folder / "keys").mkdir()
    policy = cosign_records(folder, {made.folder: made.signer})
    publish([made.folder], folder / "site", [made.signer], policy)
    return folder / "site"


def changes(data):
    """A file with one digit changed: the first, one in the middle, the last."""
    places = [found.start() for found in re.finditer(rb"[0-9]", data)] or [0, len(data) - 1]
    for place in dict.fromkeys((places[0], places[len(places) // 2], places[-1])):
        yield data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def unnoticed(root, folder, kind):
    """Give the changes of files of a kind of which the check of `root` says nothing."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    of_kind = [path for path in paths if re.fullmatch(kind, path.relative_to(folder).as_posix())]
    assert of_kind, kind
    found = []
    for path in dict.fromkeys((of_kind[0], of_kind[-1])):
        data = path.read_bytes()
        try:
            for changed in changes(data):
                path.write_bytes(changed)
                report = verify(str(root))
                if report.holds or report.nothing:
                    found.append((str(path), changed))
        finally:
            path.write_bytes(data)
    return found


def test_every_file_that_is_published_is_of_a_kind_that_is_tried(published):
    known = [*(f"vote/{kind}" for kind in KINDS), *SHARED]
    paths = [one.relative_to(published).as_posix() for one in published.rglob("*") if one.is_file()]
    assert [one for one in paths if not any(re.fullmatch(kind, one) for kind in known)] == []
    report = verify(str(published))
    assert report.holds, report.failures


@pytest.mark.parametrize("kind", [one for one in KINDS if one != r"record\.json"])
def test_a_digit_changed_in_any_file_of_a_record_is_found(published, kind):
    assert unnoticed(published / "vote", published / "vote", kind) == []


def test_a_record_of_which_the_head_was_changed_does_not_hold(published):
    path = published / "vote" / "record.json"
    data = path.read_bytes()
    try:
        for changed in changes(data):
            path.write_bytes(changed)
            assert not verify(str(published / "vote")).holds
            assert not verify(str(published)).holds
    finally:
        path.write_bytes(data)


@pytest.mark.parametrize("kind", SHARED)
def test_a_digit_changed_in_any_file_that_records_share_is_found(published, kind):
    assert unnoticed(published, published, kind) == []


def test_a_file_that_no_list_names_is_told(published, tmp_path):
    site = shutil.copytree(published, tmp_path / "site")
    for place in (site / "news.html", site / "law" / "ca-ab" / "more.html", site / "vote/x.html"):
        place.write_text("1")
        report = verify(str(site))
        told = [one.words for one in report.findings if "not covered" in one.words]
        assert any(place.name in words for words in told), told
        place.unlink()


def test_a_site_says_whose_keys_vouch_for_what_it_shares(published, petition, tmp_path):
    signer = petition.signer
    for keys, words in (
        ((), "site.json is not signed: whoever"),
        ((signer,), "site.json is signed by tests.example/petition"),
    ):
        publish([petition.folder], tmp_path / "site", keys)
        report = verify(str(tmp_path / "site"))
        assert report.holds, report.failures
        assert any(words in one.words for one in report.findings), words
        beside = verify(str(tmp_path / "site" / "petition"))
        said = "signed by tests.example/petition; it was not" if keys else "no site.json around"
        assert any(said in one.words for one in beside.findings), said
    # The list of another site says nothing of this record.
    shutil.copyfile(published / "site.json", tmp_path / "site" / "site.json")
    beside = verify(str(tmp_path / "site" / "petition"))
    assert any("no site.json around" in one.words for one in beside.findings)
    failures = " ".join(one.words for one in verify(str(tmp_path / "site")).failures)
    assert "there is no record here" in failures


def test_one_key_or_checkpoint_is_not_that_of_a_site(published, vote):
    report = verify(str(published), key=str(vote.signer.verifier))
    assert report.nothing == "--key and --known are of one record; name its folder: vote."


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b"\xff", b'{"code":"","files":[],"format":"referendum-site/2"}']
)
def test_a_list_of_a_site_that_is_none_fails(published, tmp_path, data):
    site = shutil.copytree(published, tmp_path / "site")
    (site / "site.json").write_bytes(data)
    assert not verify(str(site)).holds
