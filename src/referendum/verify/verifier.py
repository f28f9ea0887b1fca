"""The whole check, in the order of the specification's section 11."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from referendum.verify import (
    audit_cards,
    audit_draw,
    audit_findings,
    audit_full_count,
    audit_plan,
    audit_risk,
    calls,
    petition,
    polls,
    requirement,
    returns,
    risk,
    tree,
    vote,
)
from referendum.verify.acts import read_act
from referendum.verify.bundles import MOST_BYTES, Bundle, join_bundles, read_bundle
from referendum.verify.chain import Chain
from referendum.verify.checkpoint import (
    CHECKPOINT,
    LARGEST_NOTE,
    LARGEST_RECORD_JSON,
    Checkpoint,
    Key,
    read_checkpoint,
    read_key,
    read_record_json,
)
from referendum.verify.combined_returns import combine_returns
from referendum.verify.cosignatures import check_cosignatures
from referendum.verify.deliveries import deliveries_of, require_in_one_part
from referendum.verify.foreign_files import BUNDLES, report_foreign_files
from referendum.verify.kinds import Act
from referendum.verify.outcome import report_outcome
from referendum.verify.page_layer import LARGEST_LIST, SITE, Trust, VerifiedRecord, check_page_layer
from referendum.verify.policy import Policy, read_policy
from referendum.verify.privacy import check_acceptance
from referendum.verify.record_source import Source, open_source, records_below
from referendum.verify.report import Mismatch, Missing, Report, guard
from referendum.verify.roster import Officers
from referendum.verify.site import check_site
from referendum.verify.standing_parts import StandingParts
from referendum.verify.statutes import check_opening

HEAD = "The log's head"
TREE = "The log's tree"
ACTS = "The acts"
NUMBERS = "The numbers, worked out again"

MOST_FAILING = 1_000
"""Acts that fail before the others are no longer looked at."""

Arithmetic = Callable[[Act, dict[str, Bundle], dict[str, Bundle]], str]

ARITHMETIC: dict[str, Arithmetic] = {
    "privacy.accept": check_acceptance,
    "petition.issue": requirement.check_issue,
    "roll.copy": petition.check_copy,
    "match": petition.check_match,
    "roll.alarm": petition.check_alarm,
    "draw": petition.check_draw,
    "checks.receive": petition.check_checks,
    "decide": petition.check_decision,
    "risk.plan": risk.check_plan,
    "risk.draw": risk.check_draw,
    "risk.checks": risk.check_checks,
    "risk.decide": risk.check_decide,
    "returns.receive": returns.check_returns,
    "result": vote.check_result,
    "polls.receive": polls.check_polls,
    "forecast": polls.check_forecast,
    "audit.cards": audit_cards.check_cards,
    "audit.plan": audit_plan.check_plan,
    "audit.draw": audit_draw.check_draw,
    "audit.findings": audit_findings.check_findings,
    "audit.risk": audit_risk.check_risk,
    "audit.full_count": audit_full_count.check_full_count,
    **calls.ARITHMETIC,
}

WHAT_IS_SEALED = {
    "roll.seal": "the list of electors is sealed; its counts rest on who received it",
    "petition.receive": "the lines are sealed; their counts rest on who received them",
    "petition.gates": "counted here; which line failed which gate rests on the sealed lines",
    "roll.copy": "the copy and its decoys are sealed; that they are as told rests on who gave it",
    "roll.alarm": "counted here; which elector was a decoy rests on the sealed decoys",
    "match": "counted here; who matches whom rests on the sealed list and lines",
}


def verify(
    source: str,
    *,
    key: str | None = None,
    known: bytes | None = None,
    policy: bytes | None = None,
) -> Report:
    """Check a published record, or a site of several, from the files alone.

    Args:
        source: a folder, or an http(s) address.
        key: the log's verifier key, from somewhere you trust; else the record's own is taken.
        known: a checkpoint of this log that you kept; the log must contain it.
        policy: which witnesses must have signed, and which logs are accepted (C2SP tlog-policy).

    Returns:
        Everything that was checked, what could only be checked by digest, and what fails.
    """
    report = Report(source)
    try:
        guard("the record", lambda: _verify_any(open_source(source), report, key, known, policy))
    except Mismatch as mismatch:
        report.fail(report.findings[-1].topic if report.findings else HEAD, mismatch)
    return report


def _verify_any(
    source: Source, report: Report, key: str | None, known: bytes | None, rules: bytes | None
) -> None:
    """Verify a record, or all records of a site and what they share."""
    site = _site_list(source)
    if site is None:
        _verify(source, report, key, known, rules)
        if report.nothing and (below := records_below(source)):
            words = f"nor a list of a site (site.json); verify each of: {', '.join(below[:20])}"
            report.nothing = f"{report.nothing.removesuffix('.')}, {words}."
    elif key is not None or known is not None:
        report.nothing = (
            f"--key and --known are of one record; name its folder: {_record_names(site)}."
        )
    else:
        verify_one = partial(_verify, key=None, known=None, rules=rules, in_site=True)
        check_site(source, site, report, verify_one)


def _site_list(source: Source) -> bytes | None:
    """Read the list of a site; None where this is none, but a record."""
    try:
        source.read("record.json", LARGEST_RECORD_JSON)
    except Mismatch:
        try:
            return source.read(SITE, LARGEST_LIST)
        except Mismatch:
            return None
    return None


def _record_names(site: bytes) -> str:
    try:
        records = guard(SITE, lambda: json.loads(site)["records"])
        return guard(SITE, lambda: ", ".join(str(one["name"]) for one in records))
    except Mismatch:
        return "one of the folders below"


def _verify(
    source: Source,
    report: Report,
    key: str | None,
    known: bytes | None,
    rules: bytes | None = None,
    *,
    in_site: bool = False,
) -> VerifiedRecord | None:
    try:
        data = source.read("record.json", LARGEST_RECORD_JSON)
        trusted = read_key(key) if key else None
        policy = read_policy(rules) if rules is not None else None
    except Mismatch as mismatch:
        report.nothing = _why_nothing_was_checked(mismatch)
        return None
    origin, stated = read_record_json(data)
    trusted = trusted or read_key(stated)
    _report_key(report, origin, (stated, key), trusted, policy)
    note = source.read(CHECKPOINT, LARGEST_NOTE)
    checkpoint = read_checkpoint(note, trusted)
    report.checkpoint = note
    report.add("checked", HEAD, f"checkpoint signed by {trusted.name}: {checkpoint.size:,} acts")
    if checkpoint.other_signatures and policy is None:
        names = ", ".join(name for name, _ in checkpoint.other_signatures)
        words = f"signatures not looked at, by keys not known here: {names[:200]}"
        report.add("remark", HEAD, f"{words}; give --policy to check them")
    if known is None:
        words = "no earlier checkpoint was given: a log cut back to an earlier state would not show"
        report.add("remark", HEAD, words)
    entries = _check_tree(source, report, checkpoint)
    if known is not None:
        _check_kept_checkpoint(report, known, trusted, entries)
    chain = _check_acts(report, entries, origin, stated)
    if policy is not None:
        recorded = guard("the last act", lambda: datetime.fromisoformat(chain.acts[-1]["recorded"]))
        check_cosignatures(report, checkpoint, policy, recorded, datetime.now(UTC))
    bundles = _check_bundles(source, report, chain)
    _check_numbers(report, chain, bundles)
    report_foreign_files(source, report, chain)
    guard("what stands", partial(report_outcome, report, chain, bundles))
    trust = Trust(trusted, checkpoint, rules, in_site)
    return check_page_layer(source, report, chain, bundles, trust)


def _why_nothing_was_checked(mismatch: Mismatch) -> str:
    """Say why there is no record here."""
    if mismatch.file != "record.json" or not isinstance(mismatch, Missing):
        return f"{mismatch.words}."
    return f"there is no record here ({mismatch.words})."


def _report_key(
    report: Report, origin: str, keys: tuple[str, str | None], trusted: Key, policy: Policy | None
) -> None:
    stated, given = keys
    if trusted.name != origin:
        raise Mismatch(f"the record is {origin}, the key is that of {trusted.name}", "record.json")
    if given is not None and given != stated:
        raise Mismatch("the record states another key than the one you gave", "record.json")
    if given is not None:
        report.add("checked", HEAD, f"the key is the one you gave, for {origin}")
    if policy is not None and policy.logs:
        if trusted not in policy.logs:
            raise Mismatch("the record's key is not that of a log in your policy", "record.json")
        report.add("checked", HEAD, f"the key is one that your policy names, for {origin}")
    elif given is None:
        words = "the key was taken from the record itself; give --key to check who signed"
        report.add("remark", HEAD, words)


def _check_tree(source: Source, report: Report, checkpoint: Checkpoint) -> list[bytes]:
    entries = tree.read_entries(source, checkpoint.size)
    leaves = [tree.leaf_hash(entry) for entry in entries]
    if tree.tree_root(leaves) != checkpoint.root:
        raise Mismatch(
            "the acts do not give the signed root: an act was changed", "log/tile/entries"
        )
    try:
        tiles = tree.check_tiles(source, leaves)
        earlier, beyond = tree.check_partial_tiles(source, entries, leaves)
    except Mismatch as mismatch:
        report.fail(TREE, mismatch)
        return entries
    words = f"{checkpoint.size:,} acts and their {max(tiles, earlier):,} tiles give the signed root"
    report.add("checked", TREE, words)
    if beyond:
        words = (
            f"{beyond} tiles lie beyond the checkpoint: left by a cut-off writer, or by a rollback"
        )
        report.add("remark", TREE, words)
    return entries


def _check_kept_checkpoint(report: Report, known: bytes, key: Key, entries: list[bytes]) -> None:
    try:
        size = _require_kept_checkpoint(
            read_checkpoint(known, key, "the checkpoint that you kept"), entries
        )
        report.add("checked", TREE, f"the log contains the one that you kept, of {size:,} acts")
    except Mismatch as mismatch:
        report.fail(TREE, mismatch)


def _require_kept_checkpoint(old: Checkpoint, entries: list[bytes]) -> int:
    """Work out the root at the size that was known; no proof is needed with all entries here."""
    if old.size > len(entries):
        words = f"you have seen {old.size:,} acts, here are {len(entries):,}: the log was cut back"
        raise Mismatch(words, CHECKPOINT)
    if tree.tree_root([tree.leaf_hash(entry) for entry in entries[: old.size]]) != old.root:
        words = f"the first {old.size:,} acts are not those that you have seen"
        raise Mismatch(words, CHECKPOINT)
    return old.size


def _check_acts(report: Report, entries: list[bytes], origin: str, key: str) -> Chain:
    chain, officers, failing = Chain(origin, key), Officers(read_key(key).public), 0
    for number, entry in enumerate(entries):
        try:
            act = guard("it", partial(read_act, entry, number))
        except Mismatch as mismatch:
            report.fail(ACTS, mismatch, number)
            raise Mismatch("the acts after that cannot be followed") from mismatch
        mismatches = [_mismatch(partial(check, act)) for check in (chain.add, officers.check)]
        for found in list(filter(None, mismatches))[:1]:
            report.fail(ACTS, found, number)
            failing += 1
        if failing == MOST_FAILING:
            raise Mismatch(f"{failing:,} acts fail; the acts after that were not looked at")
    if not entries:
        raise Mismatch("the log is empty")
    for number, known in chain.typed_seeds.known(chain.acts):
        report.fail(ACTS, known, number)
    if not any(finding.topic == ACTS for finding in report.failures):
        words = f"{len(entries):,} acts in order, each reading only what was written before"
        report.add("checked", ACTS, words)
    officers.report_officers(report)
    return chain


def _mismatch(check: Callable[[], None]) -> Mismatch | None:
    """Give what a check of an act finds wrong."""
    try:
        guard("it", check)
    except Mismatch as mismatch:
        return mismatch
    return None


def _check_bundles(source: Source, report: Report, chain: Chain) -> dict[str, Bundle]:
    made_up = chain.acts[0]["parameters"].get("made_up")
    bundles: dict[str, Bundle] = {}
    sealed, left = 0, MOST_BYTES
    for written in chain.written.values():
        if written.sealed:
            sealed += 1
            continue
        try:
            act = chain.acts[written.act]
            read = partial(read_bundle, source, written, act, made_up=made_up, most=left)
            bundles[written.digest] = guard("the bundle", read)
            left -= sum(map(len, bundles[written.digest].files.values()))
        except Mismatch as mismatch:
            report.fail(BUNDLES, mismatch, written.act)
    files = sum(len(bundle.files) for bundle in bundles.values())
    words = f"{len(bundles)} public bundles with {files} files are what their names stand for"
    report.add("checked", BUNDLES, words)
    if sealed:
        words = (
            f"{sealed} sealed bundles are named by digest only; `replay` checks them at the office"
        )
        report.add("sealed", BUNDLES, words)
    return bundles


def _check_numbers(report: Report, chain: Chain, bundles: dict[str, Bundle]) -> None:
    """Work out every act, but those that fail already and those that rest on one that fails."""
    fails = {finding.act: finding.act for finding in report.failures if finding.act is not None}
    parts, public = StandingParts(chain), PublicBundles(bundles)
    for act in chain.acts:
        number = act["number"]
        parts.drop_fallen(act)
        read = (one for parts in chain.read_by(number).values() for one in parts)
        named = [*read, *(one["digest"] for one in act["writes"])] if fails else []
        writers = [chain.written[digest].act for digest in named if digest in chain.written]
        rests = [fails[writer] for writer in writers if writer in fails]
        if number in fails:
            continue
        if rests:
            fails[number] = min(rests)
            words = f"{act['kind']} is not checked: it rests on act {min(rests)}"
            report.add("remark", NUMBERS, words, number)
        elif not _check_act(report, chain, act, public, parts):
            fails[number] = number


COMBINERS = {"returns": combine_returns, "polls": polls.combine_polls}
"""How bundles that are read together read as one, where more than their rows follow."""


class PublicBundles:
    """The public bundles, and those that several acts read together as one."""

    def __init__(self, bundles: dict[str, Bundle]) -> None:
        self.bundles = bundles
        self._combined: dict[str, tuple[list[str], Bundle | None]] = {}

    def read(self, kind: str, digests: list[str]) -> Bundle | None:
        """Give the bundles of a kind that are read together, None where one is not public.

        The last ones are kept at hand.
        """
        known, combined = self._combined.get(kind, ([], None))
        if known is not digests and known != digests:
            there = all(digest in self.bundles for digest in digests)
            parts = [self.bundles[digest] for digest in digests] if there else []
            combined = COMBINERS.get(kind, join_bundles)(parts) if there else None
            self._combined[kind] = (digests, combined)
        return combined


def _check_act(
    report: Report, chain: Chain, act: Act, public: PublicBundles, parts: StandingParts
) -> bool:
    """Work out an act from the public bundles that it reads and writes; whether it holds."""
    number, kind, bundles = act["number"], act["kind"], public.bundles
    read = {name: public.read(name, parts) for name, parts in chain.read_by(number).items()}
    inputs = {name: bundle for name, bundle in read.items() if bundle is not None}
    wrote = [bundle for bundle in act["writes"] if bundle["digest"] in bundles]
    outputs = {one["kind"]: bundles[one["digest"]] for one in wrote}
    try:
        guard(kind, partial(parts.check, act, outputs))
        words = guard(kind, partial(_recalculate, chain, act, public, (inputs, outputs)))
    except Mismatch as mismatch:
        report.fail(NUMBERS, mismatch, number)
        return False
    parts.add(act, outputs)
    sealed = WHAT_IS_SEALED.get(kind, "")
    sentence = "; ".join(part for part in (words, sealed) if part)
    report.add("sealed" if sealed else "checked", NUMBERS, f"{kind}: {sentence}", number)
    return True


def _recalculate(
    chain: Chain,
    act: Act,
    public: PublicBundles,
    of: tuple[dict[str, Bundle], dict[str, Bundle]],
) -> str:
    kind, bundles, (inputs, outputs) = act["kind"], public.bundles, of
    waited = chain.read_by(act["number"]).get("lines_waiting", [])
    petition.require_accepted(act, [chain.acts[chain.written[one].act] for one in waited])
    if kind == "match":
        opening = chain.acts[0]["writes"][0]["digest"]
        inputs = {**inputs, "statute": bundles[opening]}
    if kind == "checks.receive":
        inputs = {**inputs, **_checks_of_round_before(chain, act, public)}
    if kind in LINES_IN_ONE_PART:
        _require_in_one_part(chain, act, outputs)
    if kind == "petition.gates":
        received = deliveries_of(chain, chain.read_by(act["number"])["lines"])
        return petition.check_gates(act, inputs, outputs, received)
    if kind == "record.open":
        return check_opening(act, outputs["statute"])
    return ARITHMETIC[kind](act, inputs, outputs) if kind in ARITHMETIC else ""


LINES_IN_ONE_PART = {
    "checks.receive": ("checks", "draw"),
    "risk.checks": ("risk_checks", "risk_draw"),
}
"""Kinds in parts of which no line stands in two: the bundle, and what it answers to."""


def _require_in_one_part(chain: Chain, act: Act, outputs: dict[str, Bundle]) -> None:
    kind, asked = LINES_IN_ONE_PART[act["kind"]]
    rows = outputs[kind].records(f"{kind}.csv")
    (answered,) = chain.read_by(act["number"])[asked]
    holders = chain.holders.setdefault(answered, {})
    require_in_one_part(chain, holders, act["number"], (f"line {row['serial']}" for row in rows))


def _checks_of_round_before(chain: Chain, act: Act, public: PublicBundles) -> dict[str, Bundle]:
    """Give the checks of the round before: those of the decision that the draw went on from."""
    (draw,) = chain.read_by(act["number"])["draw"]
    for digest in chain.read_by(chain.written[draw].act).get("decision", []):
        read = chain.read_by(chain.written[digest].act).get("checks", [])
        before = public.read("checks", read) if read else None
        return {"checks": before} if before else {}
    return {}
