"""What `verify` says first: the verdict, what stands, what was withdrawn, what the law is."""

import shutil

import pytest
from click.testing import CliRunner

from forger import Forger
from referendum.cli.main import cli
from referendum.core.canonical import canonical_json
from referendum.flows.sufficiency.sample import draw_sample
from referendum.publish import publish
from referendum.publish.figures import plain
from referendum.publish.pages import page
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.verify import render, verify
from referendum.verify.statutes import leaves


def forged(made, folder, change):
    forger = Forger(made.folder)
    change(forger)
    forger.write(folder, made.signer)
    return verify(str(folder))


def test_the_verdict_and_the_answer_come_first(petition):
    report = verify(str(petition.folder))
    lines = render(report).splitlines()
    assert lines[2] == "Everything that can be checked from these files holds."
    assert lines[3].startswith("- The decision that stands says: ")
    assert max(map(len, lines)) <= 80
    assert report.as_json()["verdict"] == lines[2]


def test_several_questions_are_answered_one_by_one(audited):
    report = verify(str(audited.folder))
    assert "A: carried, B: not carried" in report.outcome[0]


def test_a_count_by_hand_that_says_otherwise_is_said(counted_by_hand):
    assert "a count by hand says otherwise" in verify(str(counted_by_hand.folder)).outcome[0]


def test_a_withdrawn_answer_does_not_vanish(petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    with made.hold() as record:
        said = record.standing("decide").facts["decision"]
        earlier = record.standing("draw").number
        reason = "the dice were rolled in private"
        draw_sample(record, "99887766554433221100", 100, Stamp(corrects=earlier, reason=reason))
    report = verify(str(made.folder))
    assert report.holds, report.failures
    told = " ".join(report.outcome)
    assert f"Withdrawn: had said {said}" in told
    assert reason in told
    assert any("drawn 2 times" in words for words in report.outcome_notes)
    shown = page(Record.open(made.folder))
    assert "withdrawn" in shown.answer.word
    told = " ".join(plain(words) for words in shown.withdrawn)
    assert said in told.lower()
    assert reason in told
    assert any("drawn 2 times" in plain(words) for words in shown.again)


def at_a_tenth(forger):
    law = forger.files("statute")
    law["statute.toml"] = law["statute.toml"].replace(b'"1/10"', b'"1/20"')


def test_a_statute_that_is_not_the_one_shipped_is_told(petition, tmp_path):
    report = forged(petition, tmp_path / "forged", at_a_tenth)
    told = " ".join(report.outcome_notes)
    assert "not the one that this program ships" in told
    assert 'It says of thresholds.constitutional.share.value: "1/20"; shipped: "1/10"' in told


def turnout_in_quotes(law):
    """Take the quorum out of the law, and leave its path in one quoted key."""
    line = next(one for one in law.splitlines() if one.startswith(b"share = "))
    return b'"thresholds.constitutional.share" ' + line[6:] + b"\n" + law.replace(line, b"", 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (turnout_in_quotes, 'says "thresholds.constitutional.share", which no statute has'),
        (lambda law: law + b"\n[vote.turn_out]\nvalue = 1\n", "vote.turn_out, which no statute"),
        (lambda law: law.replace(b"value = true", b'value = "True"', 1), "is not true or false"),
        (lambda law: law.replace(b"certainty", b"certain", 1), "has no value, cite, certainty"),
        (lambda law: law.replace(b"[[steps]]", b"[[steps]]\nx = 1", 1), "steps[0].x, which no"),
    ],
)
def test_a_statute_holds_nothing_that_no_statute_has(change, words, petition, tmp_path):
    def alter(forger):
        law = forger.files("statute")
        law["statute.toml"] = change(law["statute.toml"])

    report = forged(petition, tmp_path / "forged", alter)
    assert any(words in one.words for one in report.failures), report.failures


def test_values_of_two_types_differ():
    shown = [dict(leaves({"a": value})) for value in (False, "False", 1, "1", [], {}, [1])]
    assert len({tuple(one.items()) for one in shown}) == len(shown)
    assert dict(leaves({"a.b": 1})) != dict(leaves({"a": {"b": 1}}))


def test_a_statute_that_nobody_ships_is_told(petition, tmp_path):
    def change(forger):
        law = forger.files("statute")
        law["statute.toml"] = law["statute.toml"].replace(
            b'id = "ca-ab/citizen-initiative-act"', b'id = "ca-ab/other"'
        )
        for act in forger.acts:
            act["statute"]["id"] = "ca-ab/other"

    report = forged(petition, tmp_path / "forged", change)
    assert any("ships no statute ca-ab/other" in words for words in report.outcome_notes)


def test_the_values_that_decide_are_told(petition, vote):
    told = " ".join(verify(str(petition.folder)).outcome_notes)
    assert "1/10 of" in told
    assert "120 days" in told
    assert "more than 1/2 of the formal votes" in " ".join(verify(str(vote.folder)).outcome_notes)


def test_another_base_than_the_statutes_own_is_told(petition):
    told = " ".join(verify(str(petition.folder)).outcome_notes)
    assert "The base is 4,000, the statute's own is 1,777,315" in told


@pytest.fixture(scope="module")
def site(petition, tmp_path_factory):
    out = tmp_path_factory.mktemp("outcome") / "site"
    publish([petition.folder], out)
    return out


def test_sealed_and_foreign_files_in_a_published_folder_are_told(site, petition, tmp_path):
    folder = tmp_path / "petition"
    shutil.copytree(site / "petition", folder)
    assert not any("leak" in words for words in verify(str(folder)).outcome_notes)
    shutil.copytree(petition.folder / "bundles" / "sealed", folder / "bundles" / "sealed")
    (folder / "backup").mkdir()
    report = verify(str(folder))
    assert any("leak" in words for words in report.outcome_notes)
    assert any("backup" in finding.words for finding in report.findings)


def run(*arguments):
    return CliRunner().invoke(cli, ["verify", *map(str, arguments)])


@pytest.mark.parametrize("name", ["nothing-here", "http://127.0.0.1:9/lake", "."])
def test_nothing_is_checked_where_there_is_no_record(name, tmp_path):
    result = run(name if ":" in name else tmp_path / name)
    assert result.exit_code == 2
    assert "Nothing was checked" in result.output
    assert "rely" not in result.output


def test_a_key_of_one_record_is_not_one_of_a_site(site):
    result = run(site, "--key", "any")
    assert result.exit_code == 2
    assert "name its folder: petition" in " ".join(result.output.split())


def test_a_key_that_is_none_checks_nothing(site):
    result = run(site / "petition", "--key", "foo")
    assert result.exit_code == 2
    assert "the key is not a verifier key" in result.output


@pytest.mark.parametrize("file", ["index.html", "data.json", "record.json"])
def test_a_page_stands_for_its_folder(file, site):
    assert run(site / "petition" / file).exit_code == 0


def test_a_record_that_is_broken_is_not_nothing(site, tmp_path):
    folder = tmp_path / "petition"
    shutil.copytree(site / "petition", folder)
    (folder / "record.json").write_bytes(canonical_json({"format": "other"}))
    assert run(folder).exit_code == 1
