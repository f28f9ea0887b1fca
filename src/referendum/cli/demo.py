"""`referendum demo`: three records from beginning to end, verified and published."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import click

from referendum.cli.demo_seeds import make_seed
from referendum.cli.demo_witnesses import WITNESSES, cosign_records
from referendum.cli.screen import say
from referendum.cli.shared import json_option, showing_progress
from referendum.core.errors import InputError, OrderError, RecordError
from referendum.core.exact import read_fraction, round_half_up
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_cards,
    receive_findings,
    state_risk,
)
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.privacy import accept_findings, find_disclosures
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency import risk, risk_checks
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.flows.wording import act_title, outcome_lines
from referendum.publish import publish
from referendum.record.acts import Act
from referendum.record.log import Signer, write_new_key
from referendum.record.officers import OfficerSigner, write_new_officer_key
from referendum.record.opening import Officer, Opening, open_record, statute_on
from referendum.record.signing_plan import SigningPlan
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.simulate import (
    PetitionFiles,
    PetitionPlan,
    VoteFiles,
    VotePlan,
    perfect_findings,
    perfect_interpretations,
    simulate_petition,
    simulate_vote,
)
from referendum.verify import verify

OFFICERS = (
    ("chief", "Chief officer (demonstration)"),
    ("deputy", "Deputy officer (demonstration)"),
)
"""Role and name of the officers who sign all three records."""

PASSPHRASE = "demonstration"  # noqa: S105 - of keys that sign nothing but made-up acts

MARK = "THIS-IS-A-DEMO.txt"
ALBERTA = "alberta-2026"
AUSTRALIA = "au-voice-2023"
AUDITED = "audited-vote"

# Elections Alberta: electors of May 2025; claimed signatures of 4 May 2026. Votes cast in 2023: the
# figure that gives the published requirement of 177,732 (10 per cent, rounded to nearest).
ELECTORS = 2_966_192
CLAIMED = 301_062
VOTES_CAST = 1_777_315
SAMPLE = 2_000
DICE_ROLLED = "73501962408817395526"
RISK_DICE_ROLLED = "41662533516264134452"
"""What the dice show, beside the secrets of three parties."""

ROUNDS = (
    *(("2026-05-25", 10), ("2026-05-26", 20), ("2026-05-27", 40)),
    *(("2026-05-28", 80), ("2026-05-29", 200), ("2026-06-01", 600)),
)
"""Days of the risk-limiting check, and lines drawn in all, until it is decided."""

AUDIT_ROUNDS = (
    ("2026-04-27", "16093877301246558914", {"1": 120, "2": 150}),
    ("2026-04-28", "88240019573316420775", {"1": 200, "2": 300}),
    ("2026-04-29", "50718264930172283649", {"1": 800, "2": 1200}),
    ("2026-04-30", "28460917358204961735", {"1": 3200, "2": 4800}),
)
"""Day, digits of the dice and cards of each round of the audit, until the outcome is confirmed."""


@dataclass
class Demo:
    """Where the demonstration writes, and what it has to say."""

    folder: Path
    quiet: bool
    started: float = field(default_factory=time.monotonic)
    officers: list[OfficerSigner] = field(default_factory=list)

    def record(self, name: str) -> Path:
        """Folder of a record."""
        return self.folder / "records" / name

    def say(self, text: str) -> None:
        """Print a line with the time since the start."""
        if not self.quiet:
            say(f"{time.monotonic() - self.started:5.1f} s  {text}")

    def tell(self, act: Act) -> None:
        """Print an act's headline and facts."""
        title = f"act {act.number}  {act_title(act)}"
        self.say("\n        ".join([title, *outcome_lines(act, width=70)]))

    @contextmanager
    def hold(self, name: str, signer: Signer) -> Iterator[RecordWriter]:
        """Hold a record of the demonstration for writing."""
        with RecordWriter.hold(self.record(name), lambda _: signer, self.officers) as record:
            yield record


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--scale", default="1/20", show_default=True, help="Share of Alberta's real size.")
@click.option("--examples", type=click.Path(path_type=Path), default=Path("examples"), hidden=True)
@json_option
def demo(folder: Path, scale: str, examples: Path, as_json: bool) -> None:
    """Build three records in FOLDER, verify them and publish one site.

    alberta-2026: the petition of 2026 with made-up people, by the real rules and at a share of its
    real size. au-voice-2023: the real returns of Australia's referendum of 2023. audited-vote: a
    made-up vote on two questions, and its audit. An earlier demonstration in FOLDER is replaced;
    anything else there is left alone and refused.
    """
    _require_examples(examples)
    _clear(folder)
    run = Demo(folder, quiet=as_json)
    run.officers += _officers(folder / "keys")
    with showing_progress():
        signers = {
            ALBERTA: run_petition(run, read_fraction(scale)),
            AUSTRALIA: run_vote(run, examples / AUSTRALIA),
            AUDITED: run_audit(run),
        }
    records = {run.record(name): signer for name, signer in signers.items()}
    policy = cosign_records(folder, records)
    run.say(f"each record cosigned by two witnesses (made up): {' and '.join(WITNESSES)}")
    publish(list(records), folder / "site", signers.values(), policy)
    run.say("site published")
    _verify(run, policy)
    _say_where_to_look(run, folder / "site")


def _require_examples(examples: Path) -> None:
    """See that the returns of the demonstration are there, before anything is made.

    Raises:
        InputError: they are not.
    """
    if not (examples / AUSTRALIA).is_dir():
        raise InputError(
            "the returns of Australia's referendum are not here",
            where=str(examples / AUSTRALIA),
            hint="run it in the project's own folder, where `examples` lies: cd PROJECT, then"
            " referendum demo FOLDER",
        )


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise OrderError(
                "this folder holds something that is no demonstration",
                where=str(folder),
                hint="name another folder: referendum demo OTHER",
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("Made by `referendum demo`, which replaces this folder.\n")


def run_petition(run: Demo, scale: Fraction) -> Signer:
    """Run the petition of 2026 with made-up people."""
    made_up = run.folder / "made-up"
    plan = PetitionPlan(
        electors=round_half_up(ELECTORS * scale),
        lines=round_half_up(CLAIMED * scale),
        seed="alberta-2026",
        first_day=date(2026, 1, 3),
        last_day=date(2026, 5, 2),
    )
    run.say(f"making up {plan.electors:,} electors and {plan.lines:,} lines")
    files = simulate_petition(plan, made_up)
    signer = _open(
        run,
        ALBERTA,
        Opening(
            title="Alberta independence petition, 2026, with made-up signatures",
            question="Should Alberta leave Canada and become an independent state?",
            subject="petition",
            statute=statute_on("ca-ab/citizen-initiative-act", date(2025, 12, 22)),
            made_up=True,
            office="Chief Electoral Officer (demonstration)",
        ),
        Stamp(at="2025-12-22"),
    )
    with run.hold(ALBERTA, signer) as record:
        first, issued = date(2026, 1, 3), date(2026, 1, 2)
        base = round_half_up(VOTES_CAST * scale)
        run.tell(
            issue_petition(
                record,
                Issue("constitutional", issued, first, base_value=base),
                Stamp(at="2026-01-02"),
            )
        )
        run.tell(seal_roll(record, files.electors, "utf-8", Stamp(at="2026-01-02")))
        delivered = Stamp(at="2026-05-04")
        run.tell(
            receive_petition(record, files.lines, files.sheets, plan.lines, "utf-8", delivered)
        )
        run.tell(pass_gates(record, Stamp(at="2026-05-06")))
        run.tell(match(record, Stamp(at="2026-05-11")))
        run.tell(risk.plan(record, risk.RiskPlan(), Stamp(at="2026-05-11")))
        run.tell(make_seed(record, "draw", DICE_ROLLED, "2026-05-12"))
        run.tell(draw_sample(record, None, SAMPLE, Stamp(at="2026-05-12")))
        findings = made_up / "made-up-findings.csv"
        perfect_findings(files.truth, worksheet(record).get_column("line_id")).write_csv(findings)
        run.tell(receive_checks(record, findings, "utf-8", Stamp(at="2026-05-20")))
        run.tell(decide(record, "sample", Stamp(at="2026-05-22")))
        _check_risk(run, record, files)
    return signer


def _check_risk(run: Demo, record: RecordWriter, files: PetitionFiles) -> None:
    """Draw and check lines until the risk of one answer is within its limit."""
    findings = files.truth.parent / "made-up-line-checks.csv"
    run.tell(make_seed(record, "risk.draw", RISK_DICE_ROLLED, ROUNDS[0][0]))
    for day, size in ROUNDS:
        run.tell(risk.draw(record, None, size, Stamp(at=day)))
        found = perfect_findings(files.truth, risk_checks.worksheet(record).get_column("line_id"))
        found.rename({"finding": "first"}).with_columns(second="first").write_csv(findings)
        checkers = Stamp(at=day)
        run.tell(risk_checks.receive_checks(record, findings, "utf-8", checkers))
        measured = risk.decide(record, Stamp(at=day))
        run.tell(measured)
        if measured.facts["answer"] != "check_more":
            return


def run_vote(run: Demo, example: Path) -> Signer:
    """Run Australia's referendum of 2023 on its real returns."""
    signer = _open(
        run,
        AUSTRALIA,
        Opening(
            title="Aboriginal and Torres Strait Islander Voice, 2023",
            question=(
                "A Proposed Law: to alter the Constitution to recognise the First Peoples of"
                " Australia by establishing an Aboriginal and Torres Strait Islander Voice. Do you"
                " approve this proposed alteration?"
            ),
            subject="vote",
            statute=statute_on("au/constitution-s128", date(2023, 10, 14)),
            made_up=False,
            office="Returns of the Australian Electoral Commission (demonstration)",
        ),
        Stamp(at="2023-10-14"),
    )
    with run.hold(AUSTRALIA, signer) as record:
        delivery = ReturnsFiles(
            returns=example / "polling_places.csv.gz",
            electors=example / "enrolment_by_division.csv.gz",
            format="aec-referendum",
            scope="ordinary votes as of 23 October 2023; declaration votes not included",
            provisional=True,
        )
        run.tell(receive_returns(record, delivery, Stamp(at="2023-10-23")))
        run.tell(declare_result(record, Stamp(at="2023-10-23")))
        small = [one.name for one in find_disclosures(record)]
        cause = "the Commission itself publishes its returns place by place"
        run.tell(accept_findings(record, small, cause, Stamp(at="2023-10-23")))
    return signer


def run_audit(run: Demo) -> Signer:
    """Run a made-up vote, and audit it until the paper confirms the outcome."""
    made_up = run.folder / "made-up-vote"
    run.say("making up 30,000 ballots with two questions")
    files = simulate_vote(VotePlan(seed=AUDITED), made_up)
    signer = _open(
        run,
        AUDITED,
        Opening(
            title="Two questions on one ballot, made up and audited",
            question="1: Shall the clocks stay as they are? 2: Shall the fair move to June?",
            subject="vote",
            statute=statute_on("ca-ab/citizen-initiative-act", date(2026, 4, 20)),
            made_up=True,
            office="Chief Electoral Officer (demonstration)",
        ),
        Stamp(at="2026-04-20"),
    )
    with run.hold(AUDITED, signer) as record:
        counted, returned = Stamp(at="2026-04-22"), "all votes, made up"
        delivery = ReturnsFiles(
            files.returns, None, "referendum", returned, provisional=False, common_ballot=True
        )
        run.tell(receive_returns(record, delivery, counted))
        run.tell(declare_result(record, counted, recounted=True))
        run.tell(receive_cards(record, [files.records], "utf-8", Stamp(at="2026-04-23")))
        run.tell(plan_audit(record, AuditChoice("oneaudit", "0.05"), Stamp(at="2026-04-24")))
        for day, rolled, sizes in AUDIT_ROUNDS:
            run.tell(make_seed(record, "audit.draw", rolled, day))
            run.tell(draw_audit(record, None, sizes, Stamp(at=day)))
            if _look(run, record, files, day):
                break
    return signer


def _look(run: Demo, record: RecordWriter, files: VoteFiles, day: str) -> bool:
    """Look at the cards that were drawn, and say whether the risk is within the limit."""
    findings = files.truth.parent / "made-up-findings.csv"
    perfect_interpretations(files.truth, pull_list(record)).write_csv(findings)
    looked = Stamp(at=day)
    run.tell(receive_findings(record, findings, findings, "utf-8", looked))
    stated = state_risk(record, Stamp(at=day))
    run.tell(stated)
    return bool(stated.facts["confirmed"])


def _officers(keys: Path) -> list[OfficerSigner]:
    """Make the keys of the two officers, each with a passphrase that everybody may know."""
    keys.mkdir(mode=0o700)
    return [
        write_new_officer_key(keys / role, PASSPHRASE, f"{role} of a demonstration")
        for role, _ in OFFICERS
    ]


def _open(run: Demo, name: str, opening: Opening, stamp: Stamp) -> Signer:
    signer = write_new_key(run.folder / "keys" / f"{name}.pem", f"referendum.example/{name}")
    officers = tuple(
        Officer(named, role, one.key)
        for (role, named), one in zip(OFFICERS, run.officers, strict=True)
    )
    opening = replace(opening, officers=officers)
    signing = SigningPlan(tuple(run.officers))
    run.tell(open_record(run.record(name), signer, opening, stamp, signing))
    return signer


def _verify(run: Demo, policy: bytes) -> None:
    report = verify(str(run.folder / "site"), policy=policy)
    if not report.holds:
        raise RecordError("the published records do not verify", where=str(run.folder / "site"))
    for name in (ALBERTA, AUSTRALIA, AUDITED):
        run.say(f"{name}: every signature, cosignature, digest and decision verified")


def _say_where_to_look(run: Demo, site: Path) -> None:
    if run.quiet:
        records = [str(run.record(name)) for name in (ALBERTA, AUSTRALIA, AUDITED)]
        say(json.dumps({"site": str(site), "records": records, "verified": True}, indent=2))
        return
    program = sys.argv[0]
    say(
        f"""
Three records, each a folder that anyone can check:

  {ALBERTA}   the petition of 2026: real rules, made-up people
  {AUSTRALIA}  Australia's referendum of 2023: real returns
  {AUDITED}   two made-up questions on one ballot, and the audit of their result

Each act is signed by one or two of two officers, whose keys act 0 names.
Every sample was drawn by a seed that three parties and dice (made up here) made together.
Two witnesses (made up here) signed that each record is the only history that they saw of it.

Look:   {site / "index.html"}
Serve:  {program} serve {site}
Check:  {program} verify {site / AUSTRALIA} --policy {run.folder / "policy.txt"}
Read:   {program} log {run.record(ALBERTA)}
Next:   {program} status {run.record(AUSTRALIA)}

Change one digit in a published file and check again."""
    )
