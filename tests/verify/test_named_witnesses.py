"""A policy that is published beside the pages names witnesses, and is no more than a claim."""

import re
from contextlib import ExitStack

import pytest

from referendum.core.errors import InputError
from referendum.publish import publish
from referendum.record.log import Log, new_signer
from referendum.record.witness import (
    Witness,
    WitnessState,
    ask_in_process,
    logs_by_origin,
    new_cosigner,
    put_cosignatures,
)
from referendum.verify import verify

ONE, TWO, THREE = [new_cosigner(f"{name}.example/w") for name in ("one", "two", "three")]


def policy_of(signer, *members):
    return "\n".join(
        [
            "# made up, <b>all</b> of them",
            f"log {signer.verifier}",
            *(f"witness w{place} {one.verifier}" for place, one in enumerate(members, 1)),
            f"group most 2 {' '.join(f'w{place + 1}' for place in range(len(members)))}",
            "quorum most\n",
        ]
    ).encode()


@pytest.fixture(scope="module")
def cosigned(vote, tmp_path_factory):
    """A vote that two of three witnesses cosigned, in this program."""
    folder = tmp_path_factory.mktemp("named")
    made = vote.copy(folder / "vote")
    log = Log.open(made.folder / "log", made.signer.verifier)
    with ExitStack() as stack:
        asked = [
            Witness(
                one,
                logs_by_origin([made.signer.verifier]),
                stack.enter_context(WitnessState.open(folder / one.name, one.verifier)),
            )
            for one in (ONE, TWO)
        ]
        put_cosignatures(log, made.signer.verifier, [ask_in_process(log, one) for one in asked])
        assert ask_in_process(log, asked[0]).line
        stranger = Witness(THREE, {}, asked[0].state)
        assert "does not know this log" in ask_in_process(log, stranger).failure
    return made


@pytest.fixture
def site(cosigned, tmp_path):
    """It, published with a policy that asks for two of the three."""
    policy = policy_of(cosigned.signer, ONE, TWO, THREE)
    publish([cosigned.folder], tmp_path / "site", [cosigned.signer], policy)
    return tmp_path / "site" / "vote"


def words_of(report):
    return " ".join(finding.words for finding in report.findings)


def test_the_page_names_witnesses_and_when_each_signed(site, cosigned):
    html = (site / "index.html").read_text()
    section = html.partition('id="witnesses"')[2].partition("</section>")[0]
    shown = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", section))
    assert "made up, &lt;b&gt;all&lt;/b&gt; of them" in shown
    for one in (ONE, TWO, THREE):
        assert one.name in shown
    assert len(re.findall(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", shown)) == 2
    assert shown.count("not this state of the record") == 1
    assert "signatures of 2 of these 3: w1, w2, w3. Enough of them signed this state: yes." in shown
    report = verify(str(site), key=str(cosigned.signer.verifier))
    assert report.holds, report.failures
    assert "is what the publisher says of its witnesses: most asks for 2 of 3" in words_of(report)


def test_a_reader_judges_by_a_policy_of_their_own(site, cosigned):
    same = verify(str(site), policy=(site / "policy.txt").read_bytes())
    assert same.holds
    assert "is the policy that you gave" in words_of(same)
    other = verify(str(site), policy=policy_of(cosigned.signer, THREE, new_cosigner("x.example")))
    assert "quorum of your policy is not met" in words_of(other)
    assert "is another policy than yours" in words_of(other)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("witness w3", "witness w4"),
        ("group most 2", "group most 1"),
        ("# made up", "# real"),
        ("quorum most\n", ""),
        ("quorum most", "quorum w3"),
    ],
)
def test_a_policy_that_was_changed_fails_signed_or_not(site, old, new):
    path = site / "policy.txt"
    path.write_text(path.read_text().replace(old, new))
    assert {one.file for one in verify(str(site)).failures} >= {"policy.txt"}
    for name in ("pages", "pages.json"):
        (site / name).unlink()
    assert not verify(str(site)).holds


def test_a_cosignature_of_another_checkpoint_fails_by_the_published_policy(site):
    path = site / "log" / "checkpoint"
    lines = path.read_bytes().decode().splitlines(keepends=True)
    (place,) = [n for n, line in enumerate(lines) if ONE.name in line]
    sign = lines[place][-12]
    lines[place] = f"{lines[place][:-12]}{'A' if sign != 'A' else 'B'}{lines[place][-11:]}"
    path.write_bytes("".join(lines).encode())
    assert not verify(str(site)).holds


def test_a_policy_that_cannot_be_published_is_refused(cosigned, tmp_path):
    good = policy_of(cosigned.signer, ONE, TWO)
    own = str(cosigned.signer.verifier).encode()
    foreign = good.replace(own, str(new_signer("other.example").verifier).encode())
    for data, words in (
        (foreign, "does not accept the log"),
        (good.replace(b"made up", b"\xff"), "not UTF-8"),
        (good.replace(b"made up", "\u202e".encode()), "cannot be printed"),
        (b"log\n", "not a log line"),
    ):
        with pytest.raises(InputError, match=words):
            publish([cosigned.folder], tmp_path / "site", (), data)
    assert not (tmp_path / "site").exists()


def test_a_page_without_a_policy_says_that_nobody_is_named(vote, tmp_path):
    publish([vote.folder], tmp_path / "site")
    html = (tmp_path / "site" / vote.folder.name / "index.html").read_text()
    assert "names no witness" in html
