"""What stands and what was withdrawn, and what a reader has to judge beside the verdict."""

from functools import partial
from typing import Any

from referendum.verify import law
from referendum.verify.act_schemas import is_day
from referendum.verify.bundles import Bundle
from referendum.verify.chain import Chain, is_before
from referendum.verify.deliveries import own_lines
from referendum.verify.headline import (
    counts_against,
    districts_to_recount,
    findings_since,
    is_audited,
    returns_since,
)
from referendum.verify.kinds import KEEPS_SEED, ROUNDS, Act
from referendum.verify.report import Mismatch, Report, guard
from referendum.verify.statutes import differences
from referendum.verify.vote import natural_key, outcome_word

OUTCOME = "What stands"

DRAWS = {
    "draw": "the sample of lines was drawn",
    "risk.draw": "the risk-limiting check was begun",
    "audit.draw": "the audit was begun",
}

FURTHER = {
    "draw": "the lines of stage {} were drawn",
    "risk.draw": "round {} of the risk-limiting check was drawn",
    "audit.draw": "round {} of the audit was drawn",
}


def report_outcome(report: Report, chain: Chain, bundles: dict[str, Bundle]) -> None:
    """Say what stands, what stood before, and what is unusual about it."""
    _report_fallen_acts(report, chain)
    _report_repetitions(report, chain)
    _report_seeds(report, chain)
    _report_deliveries(report, chain)
    statute = bundles.get(chain.latest("statute") or "")
    if statute is not None:
        _report_statute(report, chain, statute)
    withdrawals = [words for act in chain.acts if (words := _withdrawal_words(chain, act))]
    for words in withdrawals:
        report.add("remark", OUTCOME, words)
    standing = _latest_answer(chain)
    if standing is None:
        report.outcome = withdrawals or ["No decision or result stands yet."]
        report.add("remark", OUTCOME, "no decision or result stands yet")
        return
    what = "decision" if standing["kind"] == "decide" else "result"
    words = f"the {what} that stands says: {answer_of(standing)}"
    if standing["kind"] == "result":
        words = _note_paper(chain, bundles, words)
        words = _note_later_returns(chain, standing, words) + _recount_words(chain, bundles)
    shown = words if report.holds else f"not shown, since checks fail: {words}"
    report.outcome = [f"{shown[0].upper()}{shown[1:]} (act {standing['number']}).", *withdrawals]
    report.add("checked" if report.holds else "remark", OUTCOME, words, standing["number"])


def _note_paper(chain: Chain, bundles: dict[str, Bundle], words: str) -> str:
    """Say where what was found on the paper leaves the result open."""
    try:
        against = guard("a count by hand", partial(counts_against, chain, bundles))
    except Mismatch:
        against = [act for act in chain.acts if act["kind"] == "audit.full_count"]
    if against:
        acts = ", ".join(str(one["number"]) for one in against)
        return f"not settled: a count by hand says otherwise (acts {acts}; {words})"
    count = chain.standing_act("audit.full_count") if is_audited(chain) else None
    if count and count["facts"].get("confirmed") is not True:
        same = "a count by hand says the same of what is counted, and ballots are not counted yet"
        return f"not settled: {same} ({words})"
    if since := findings_since(chain):
        acts = ", ".join(str(one["number"]) for one in since)
        words = (
            f"not settled: findings came in (acts {acts}) since the audit confirmed the result, and"
            f" the risk was not stated again ({words})"
        )
    return words


def _note_later_returns(chain: Chain, result: Act, words: str) -> str:
    """Say where returns came in since the result, or the audit is of an earlier one."""
    if since := returns_since(chain, result):
        acts = ", ".join(str(one["number"]) for one in since[:10])
        more = f" and {len(since) - 10} more" if len(since) > 10 else ""
        one = "act" if len(since) == 1 else "acts"
        words = f"not settled: returns came in since ({one} {acts}{more}; {words})"
    plan = chain.standing_act("audit.plan")
    if plan is not None and not is_audited(chain):
        words += (
            f"; the audit planned in act {plan['number']} is of an earlier result, and says nothing"
            " of this one"
        )
    return words


def _recount_words(chain: Chain, bundles: dict[str, Bundle]) -> str:
    """Say that districts are counted again; nothing where none is, or that cannot be read."""
    if "recounted" in (chain.standing_act("result") or {"parameters": {}})["parameters"]:
        return "; close districts were counted again, as the office states"
    try:
        close = guard("a result", partial(districts_to_recount, chain, bundles))
    except Mismatch:
        return ""
    many = "district is" if close == 1 else "districts are"
    return f"; a recount is open: {close} {many} so close that ballots are counted again" * (
        close > 0
    )


def _latest_answer(chain: Chain) -> Act | None:
    found = [act for kind in ("decide", "result") if (act := chain.standing_act(kind))]
    return max(found, key=lambda act: int(act["number"]), default=None)


def answer_of(act: Act) -> str:
    """Give the answer of a decision or a result, question by question where there are several."""
    facts = act["facts"]
    if act["kind"] == "decide":
        return str(facts.get("decision")).replace("_", " ")
    carried = facts.get("carried")
    if isinstance(carried, dict):
        in_order = sorted(carried.items(), key=lambda one: natural_key(one[0]))
        words = (f"{name}: {outcome_word(value)}" for name, value in in_order)
        return ", ".join(words)
    return outcome_word(carried)


def _withdrawal_words(chain: Chain, act: Act) -> str:
    """Say that an answer was withdrawn, and why; empty where it was not, or was none."""
    if act["number"] not in chain.fallen_acts():
        return ""
    if act["kind"] == "audit.full_count" and act["facts"].get("confirmed") is not True:
        said = f"Withdrawn: a count by hand that did not confirm the result (act {act['number']})"
        return f"{said}, because: {_reason(chain, act['number'])}"
    if act["kind"] not in ("decide", "result"):
        return ""
    said = f"Withdrawn: had said {answer_of(act)} (act {act['number']})"
    return f"{said}, because: {_reason(chain, act['number'])}"


def _reason(chain: Chain, number: int) -> str:
    cause = chain.acts[chain.cause_of(number)]
    return f"{cause['reason']} (act {cause['number']})"


def _report_fallen_acts(report: Report, chain: Chain) -> None:
    for number in sorted(chain.fallen_acts()):
        words = f"no longer stands; put right: {_reason(chain, number)}"
        report.add("remark", OUTCOME, words, number)


def _report_repetitions(report: Report, chain: Chain) -> None:
    """Say what was drawn, or received, more than once: chance may be tried until it pleases."""
    for kind, words in DRAWS.items():
        by_round: dict[Any, list[int]] = {}
        for act in chain.acts:
            if act["kind"] == kind:
                by_round.setdefault(act["parameters"].get(ROUNDS[kind]), []).append(act["number"])
        for number, acts in by_round.items():
            again = words if number == 1 else FURTHER[kind].format(number)
            _report_times(report, chain, again, acts)
    for kind, words in (
        ("audit.plan", "the audit was planned"),
        ("risk.plan", "the risk-limiting check was planned"),
    ):
        numbers = [act["number"] for act in chain.acts if act["kind"] == kind]
        _report_times(report, chain, words, numbers)


def _report_deliveries(report: Report, chain: Chain) -> None:
    """Say in how many deliveries the lines came, what they come to, and which were put right."""
    acts = [act for act in chain.acts if act["kind"] == "petition.receive"]
    stand = [act for act in acts if act["number"] not in chain.fallen_acts()]
    brought = [act for act in stand if own_lines(chain, act) > 0]
    numbered = [act for act in stand if act["facts"]["first"] is not None]
    lines = sum(act["facts"]["lines"] for act in numbered)
    if len(brought) > 1:
        named = ", ".join(str(act["number"]) for act in brought)
        words = (
            f"the lines came in {len(brought)} deliveries (acts {named}): {lines:,} are numbered"
        )
        report.add("remark", OUTCOME, words)
    waiting = chain.deliveries_waiting()
    if waiting:
        count = sum(act["facts"]["lines"] for act in waiting)
        words = f"{count:,} lines wait to be numbered with a next delivery, and are not counted yet"
        report.add("remark", OUTCOME, words)
        report.outcome_notes.append(f"{words[0].upper()}{words[1:]}.")
    for act in numbered:
        if "numbered_alone" in act["parameters"]:
            why = act["parameters"]["numbered_alone"]
            words = f"{act['facts']['lines']:,} lines were numbered alone, because: {why}"
            report.add("remark", OUTCOME, words, act["number"])
    missing = chain.missing_deliveries()
    fallen = [act["number"] for act in acts if act["number"] in chain.fallen_acts()]
    fallen = [number for number in fallen if number not in missing]
    if fallen:
        why = "; ".join(dict.fromkeys(_reason(chain, number) for number in fallen))
        named = ", ".join(map(str, fallen))
        sentence = f"lines were received again (deliveries that fell: acts {named}), because: {why}"
        report.add("remark", OUTCOME, sentence)
        report.outcome_notes.append(f"{sentence[0].upper()}{sentence[1:]}.")
    _say_missing(report, chain, missing)


def _say_missing(report: Report, chain: Chain, missing: set[int]) -> None:
    """Say which deliveries fell with another one and did not come again, and why."""
    for number in sorted(missing):
        lines = own_lines(chain, chain.acts[number])
        sentence = (
            f"act {number} fell and was not received again: its lines are missing ({lines:,}); it"
            f" fell because: {_reason(chain, number)}"
        )
        report.add("remark", OUTCOME, sentence, number)
        report.outcome_notes.append(f"{sentence[0].upper()}{sentence[1:]}.")
    for act in chain.acts:
        why = act["parameters"].get("lines_left_out")
        if why is not None and act["number"] not in chain.fallen_acts():
            sentence = (
                f"lines of deliveries that fell are left out of act {act['number']}, because: {why}"
            )
            report.add("remark", OUTCOME, sentence, act["number"])
            report.outcome_notes.append(f"{sentence[0].upper()}{sentence[1:]}.")


def _report_times(report: Report, chain: Chain, words: str, numbers: list[int]) -> None:
    fallen = [number for number in numbers if number in chain.fallen_acts()]
    if len(numbers) < 2 or not fallen:
        return
    why = "; ".join(dict.fromkeys(_reason(chain, number) for number in fallen))
    acts = ", ".join(map(str, numbers))
    sentence = f"{words} {len(numbers)} times (acts {acts}), because: {why}"
    report.add("remark", OUTCOME, sentence)
    report.outcome_notes.append(f"{sentence[0].upper()}{sentence[1:]}.")


def _report_seeds(report: Report, chain: Chain) -> None:
    """Say who made each seed: who typed one, who did not reveal a secret, what was called twice."""
    fallen = chain.fallen_acts()
    typed = [
        act["number"]
        for act in chain.acts
        if act["kind"] in ROUNDS
        and act["number"] not in fallen
        and act["parameters"].get("seed") is not None
        and act["parameters"].get("called") is not True
        and not (act["kind"] in KEEPS_SEED and act["parameters"].get(ROUNDS[act["kind"]]) != 1)
    ]
    sentences = []
    if typed:
        acts = f"act {typed[0]}" if len(typed) == 1 else f"acts {', '.join(map(str, typed))}"
        sentences.append(f"the seed of {acts} was typed: it rests on trust in the one who typed it")
    for number in chain.calls.numbers():
        sentences += _call_notes(chain, number)
    for words in sentences:
        report.add("remark", OUTCOME, words)
        report.outcome_notes.append(f"{words[0].upper()}{words[1:]}.")


def _call_notes(chain: Chain, number: int) -> list[str]:
    """Say what is unusual about a call for a seed."""
    cause = chain.cause_of(number) if number in chain.fallen_acts() else None
    call = chain.calls.answered_call(number)
    words = f"the call for a seed in act {number}"
    if cause is not None:
        known = ", and no secret was revealed"
        if call.close:
            known = f"; its seed had been known since act {call.close['number']}"
        elif call.reveals or call.dice:
            known = "; secrets or dice of it were known already"
        return [f"{words} was dropped{known}. Why: {_reason(chain, number)}"]
    if call.close is None:
        return [f"{words} is open"]
    facts, sentences = call.close["facts"], []
    if facts["withheld"]:
        sentences.append(
            f"{words}: {', '.join(facts['withheld'])} committed and revealed no secret"
        )
        if call.dice is None:
            sentences[-1] += (
                ", and no dice were rolled after that: it could choose between two seeds"
            )
    if facts["absent"]:
        late = ", ".join(facts["absent"])
        sentences.append(
            f"{words}: the reveals began before {late} had committed; it was left out"
            if facts["revealed"]
            else f"{words}: {late} did not commit to a secret"
        )
    draw = chain.calls.draw_using(number)
    if draw is not None and draw in chain.fallen_acts():
        sentences.append(
            f"{words} gave the seed of act {draw}, which was put right: {_reason(chain, draw)}"
        )
    if draw is None:
        sentences.append(f"{words}: its seed is known, and no draw has taken it")
    return sentences


def _report_statute(report: Report, chain: Chain, statute: Bundle) -> None:
    """Tell the values that decide, and what is not as this program's library has it."""
    document = statute.toml("statute.toml")
    sentences = differences(document, statute.data("statute.toml"))
    for words in sentences:
        report.add("remark", OUTCOME, words, file=f"{statute.path}/statute.toml")
    report.outcome_notes += [f"{words[0].upper()}{words[1:]}." for words in sentences]
    _report_acts_before_law(report, chain, statute)
    values = core_values(chain, statute)
    report.add("checked", OUTCOME, f"by the statute on the record: {values}")
    report.outcome_notes.append(f"By the statute on the record: {values}.")
    if law.has(statute, "vote", "conflict"):
        _report_exclusions(report, chain)
    issue = chain.standing_act("petition.issue")
    if issue is None:
        return
    path = ("thresholds", str(issue["parameters"].get("proposal")), "base_value")
    own, choices = law.optional(statute, *path), issue["parameters"].get("base_value")
    bases = issue["parameters"].get("districts")
    if bases and not law.has(statute, *path[:2], "distribution", "units"):
        words = f"there are {len(bases)} districts as the office states; the statute does not say"
        report.add("remark", OUTCOME, words, issue["number"])
        report.outcome_notes.append(f"{words} (act {issue['number']}).")
    if own is not None and choices not in (None, own):
        words = f"the base is {choices:,}, the statute's own is {own:,}"
        report.add("remark", OUTCOME, words, issue["number"])
        report.outcome_notes.append(f"The {words[4:]} (act {issue['number']}).")


def _report_acts_before_law(report: Report, chain: Chain, statute: Bundle) -> None:
    """Tell which acts, or petitions issued, are before their law was in force."""
    begins = str(law.optional(statute, "in_force_from"))
    if not is_day(begins):
        raise Mismatch(
            "from when the statute is in force is no day", f"{statute.path}/statute.toml"
        )
    early = [act["number"] for act in chain.acts if is_before(act["at"], begins)]
    issued = [act for act in chain.acts if act["kind"] == "petition.issue"]
    early_acts = [f"act {number}" for number in early] + [
        f"the day of issue in act {act['number']}"
        for act in issued
        if is_before(str(act["parameters"].get("issued_on")), begins)
    ]
    if early_acts:
        words = f"before {begins}, from which the statute is in force: {', '.join(early_acts)}"
        report.add("remark", OUTCOME, words)
        report.outcome_notes.append(f"{words[0].upper()}{words[1:]}.")


def _report_exclusions(report: Report, chain: Chain) -> None:
    """Tell which questions exclude each other, as the opening act states it."""
    result = chain.standing_act("result")
    if result is None or not isinstance(result["facts"].get("carried"), dict):
        return
    groups = chain.acts[0]["parameters"].get("exclusive")
    parts = []
    for group in groups or []:
        part = " and ".join(group["questions"])
        if group["tie_break"] is not None:
            part += f" (tie-break {group['tie_break']}, a yes to it for {group['yes']})"
        parts.append(part)
    words = f"by the opening these questions exclude each other: {'; '.join(parts) or 'none'}"
    if groups is None:
        words = "it was not said which questions exclude each other: none is declared carried"
    report.add("remark" if groups is None else "checked", OUTCOME, words, 0)
    report.outcome_notes.append(f"{words[0].upper()}{words[1:]} (act 0).")


def core_values(chain: Chain, statute: Bundle) -> str:
    """Give the values of law on which the outcome turns, in words."""
    document = statute.toml("statute.toml")
    parts = [f"{document.get('id')}, version {document.get('version')}"]
    issue = chain.standing_act("petition.issue")
    if issue is not None:
        rule = ("thresholds", str(issue["parameters"].get("proposal")))
        if law.has(statute, *rule, "number"):
            parts.append(f"{law.value(statute, *rule, 'number'):,} signatures")
        elif law.has(statute, *rule, "share"):
            base = str(law.optional(statute, *rule, "base") or "a base").replace("_", " ")
            parts.append(f"{law.value(statute, *rule, 'share')} of {base}")
        window = law.optional(statute, "collection", "window")
        parts.append(f"signed within {window}" if window else "no window of its own")
    if chain.standing_act("returns.receive") is not None:
        parts += _vote_rule(statute)
    return "; ".join(parts)


def _vote_rule(statute: Bundle) -> list[str]:
    parts = []
    for name, words in (("majority", "{} of the {} votes"), ("turnout", "turnout {}"),
                        ("approval", "yes {} of the electors")):  # fmt: skip
        value: Any = law.optional(statute, "vote", name)
        if value is not None:
            parts.append(words.format(value, law.optional(statute, "vote", "majority_of")))
    regions = law.optional(statute, "vote", "regional_majority")
    return [*parts, f"a majority in {regions} of the regions"] if regions is not None else parts
