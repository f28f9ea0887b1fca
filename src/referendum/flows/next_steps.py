"""What comes next on a record: which steps wait, which are only possible, and by which command.

Every step is worked out from the acts alone, so that it is the same for whoever reads the record.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from referendum.core.printing import quantity
from referendum.flows.headline import (
    counts_against,
    districts_to_recount,
    findings_since,
    is_of_latest_result,
    reason_unsettled,
    returns_since,
)
from referendum.law import FINAL_ANSWERS, Statute
from referendum.record.acts import Act
from referendum.record.commands import COMMANDS
from referendum.record.kinds import CLOSED_BY
from referendum.record.reading import Record
from referendum.record.seed_calls import AnsweredCall, unused_call


@dataclass(frozen=True)
class NextStep:
    """A step that can be done now.

    Attributes:
        stage: what it belongs to.
        words: what is done, and why.
        command: the command after `referendum`, with words in capitals to be filled in and RECORD
            for the record.
        kinds: of the acts that it appends.
        due: whether the work waits for it; else it is only possible.
    """

    stage: str
    words: str
    command: str
    kinds: tuple[str, ...]
    due: bool = True


Steps = Iterator[NextStep]


def next_steps(record: Record, statute: Statute, now: str) -> list[NextStep]:
    """Give the steps that can be done now, in the order of the work.

    Args:
        record: an office's, or a published one.
        statute: that it runs under.
        now: a time (ISO 8601), by which calls for seeds are open or over.
    """
    finder = _StepFinder(record, statute, now)
    stages = (
        (finder.issue, finder.roll, finder.lines, finder.matching, finder.sample, finder.risk)
        if record.opening.parameters["subject"] == "petition"
        else (finder.returns, finder.polls, finder.audit)
    )
    return [step for stage in stages for step in stage()]


_RETURNS = "returns.receive"
_TYPED_SEED = "--seed DIGITS"
_CALL = "--party NAME --party NAME --until TIME --dice 20 --roller NAME"
_CORRECTION = "--reason 'WHAT WAS WRONG'"


@dataclass(frozen=True)
class _StepFinder:
    """Works out the steps of each stage."""

    record: Record
    statute: Statute
    now: str

    def latest(self, kind: str) -> Act | None:
        return self.record.standings.latest(kind)

    def reason_to_repeat(self, kind: str) -> str:
        """Say why a step that was done must be done again; empty where it was never done."""
        if self.latest(kind):
            return ""
        causes = self.record.causes()
        fallen = [act for act in self.record.acts if act.kind == kind and act.number in causes]
        if not fallen:
            return ""
        cause = self.record.acts[causes[fallen[-1].number]]
        return f"; act {fallen[-1].number} fell, because: {cause.reason} (act {cause.number})"

    def is_current(self, act: Act, *kinds: str) -> bool:
        """Whether an act rests on all that stands now of some kinds of bundles."""
        standings = self.record.standings
        read = standings.read_by(act)
        return all(read.get(kind) == standings.bundles(kind, {}) for kind in kinds)

    def read_by(self, act: Act) -> tuple[str, ...]:
        return tuple(self.record.standings.read_by(act))

    def issue(self) -> Steps:
        if self.latest("petition.issue") is None:
            window = self.statute.collection.window if self.statute.collection else None
            last = "" if window else " --last-day DAY"
            words = "issue the petition: how many signatures, and until when"
            command = f"{COMMANDS['petition.issue']} RECORD --proposal KIND --first-day DAY{last}"
            yield NextStep("petition", words, command, ("petition.issue",))

    def roll(self) -> Steps:
        if self.latest("roll.seal") is None:
            words = f"seal the list of electors{self.reason_to_repeat('roll.seal')}"
            yield NextStep(
                "electors", words, f"{COMMANDS['roll.seal']} RECORD ELECTORS", ("roll.seal",)
            )

    def waiting(self) -> int:
        """Give how many lines wait for their numbers."""
        standings = self.record.standings
        acts = map(standings.writer, standings.bundles("lines_waiting", {}))
        return sum(int(act.facts["lines"]) for act in acts)

    def lines(self) -> Steps:
        closed = any(self.latest(kind) for kind in CLOSED_BY["petition.receive"])
        if self.latest("petition.issue") is None or closed:
            return
        kinds = ("petition.receive", "petition.gates")
        command = f"{COMMANDS['petition.receive']} RECORD LINES --sheets SHEETS"
        stand = self.latest("petition.receive")
        words = "receive a further delivery of lines" if stand else "receive the signature lines"
        again = self.reason_to_repeat("petition.receive")
        yield NextStep("lines", f"{words}{again}", command, kinds, due=stand is None)
        if waiting := self.waiting():
            words = f"if no more lines come: number the {waiting:,} that wait among so few"
            alone = f"{COMMANDS['petition.receive']} RECORD --number-alone 'WHY AMONG SO FEW'"
            yield NextStep("lines", words, alone, kinds)

    def matching(self) -> Steps:
        record = self.record
        if not record.standings.bundles("lines", {}) or self.latest("petition.issue") is None:
            return
        gates, match = self.latest("petition.gates"), self.latest("match")
        if gates is None or not self.is_current(gates, "lines", "requirement"):
            repeat = self.reason_to_repeat("petition.gates")
            words = f"pass all lines through the statute's gates{repeat}"
            yield NextStep(
                "lines", words, f"{COMMANDS['petition.gates']} RECORD", ("petition.gates",)
            )
            return
        few = self.is_too_few(gates)
        if self.latest("roll.seal") and not (match and self.is_current(match, "gates")):
            words = f"match the lines to the list of electors{self.reason_to_repeat('match')}"
            yield NextStep(
                "matching", words, f"{COMMANDS['match']} RECORD", ("match",), due=not few
            )

    def is_too_few(self, gates: Act) -> bool:
        """Whether the lines that stand are too few, and the statute then ends it."""
        issue, rule = self.latest("petition.issue"), self.statute.gates
        counted = rule is not None and rule.preliminary_count is not None
        return counted and bool(issue and gates.facts["standing"] < issue.facts["required"])

    def is_matched(self) -> bool:
        """Whether every line has its number and its outcome, so that lines can be drawn."""
        match, gates = self.latest("match"), self.latest("petition.gates")
        current = match is not None and self.is_current(match, "gates")
        return current and gates is not None and self.is_current(gates, "lines")

    def sample(self) -> Steps:
        decision, gates, draw = self.latest("decide"), self.latest("petition.gates"), None
        if decision and decision.facts["decision"] in FINAL_ANSWERS:
            return
        if gates and self.is_too_few(gates) and not self.waiting() and decision is None:
            words = "decide: even all lines that stand are too few"
            command = f"{COMMANDS['decide']} RECORD --method preliminary_count"
            yield NextStep("sufficiency", words, command, ("decide",))
            return
        if not self.is_matched() or self.waiting():
            return
        draw = self.latest("draw")
        if draw is None:
            yield from self.first_draw()
        elif decision and decision.number > draw.number:
            every = decision.facts["decision"] == "check_every_line"
            words = f"draw {'every line' if every else 'a second sample'}, as act {decision.number}"
            command = f"{COMMANDS['draw']} RECORD{' --all' if every else ''} --worksheet OUT"
            yield NextStep("sufficiency", f"{words} asks", command, ("draw",))
        else:
            yield from self.after_line_draw(draw, "checks")

    def first_draw(self) -> Steps:
        method, sizes = self.statute.verification, self.statute.sampling
        stage = "sufficiency"
        if method is not None and method.method.value == "full":
            words = f"draw every line: the statute checks them all{self.reason_to_repeat('draw')}"
            yield NextStep(
                stage, words, f"{COMMANDS['draw']} RECORD --all --worksheet OUT", ("draw",)
            )
            return
        named = sizes is not None and (sizes.fraction or sizes.minimum)
        size = "" if named else " --size N"
        words = f"draw the sample of lines{self.reason_to_repeat('draw')}"
        yield from self.to_draw("draw", stage, words, f"{size} --worksheet OUT")

    def after_line_draw(self, draw: Act, kind: str) -> Steps:
        """Give what follows a draw of lines: findings on all of them, then a decision."""
        drawn, receives, decides = {
            "checks": ("draw", "checks.receive", "decide"),
            "risk_checks": ("risk_draw", "risk.checks", "risk.decide"),
        }[kind]
        standings = self.record.standings
        parts = standings.bundles(kind, {drawn: draw.writes})
        found = sum(int(standings.writer(one).facts["checked"]) for one in parts)
        left = int(draw.facts["drawn"]) - found
        if left > 0:
            words = f"receive the findings on {left:,} of {draw.facts['drawn']:,} drawn lines"
            receive = f"{COMMANDS[receives]} RECORD FINDINGS"
            words += self.reason_to_repeat(receives)
            yield NextStep("sufficiency", words, receive, (receives,))
            return
        what = "decide by the checked lines" if kind == "checks" else "measure the risk of either"
        words = f"{what}{self.reason_to_repeat(decides)}"
        yield NextStep("sufficiency", words, f"{COMMANDS[decides]} RECORD", (decides,))

    def risk(self) -> Steps:
        plan, draw, decided = map(self.latest, ("risk.plan", "risk.draw", "risk.decide"))
        stage = "risk-limiting check"
        if decided and decided.facts["answer"] != "check_more":
            return
        if not self.is_matched() or self.waiting():
            return
        if plan is None:
            if self.latest("decide") is None and draw is None:
                words = "plan a risk-limiting check beside the statute's own rule"
                command = f"{COMMANDS['risk.plan']} RECORD"
                yield NextStep(stage, words, command, ("risk.plan",), due=False)
        elif draw is None and not self.is_current(plan, "outcomes"):
            words = f"plan the risk-limiting check again: act {plan.number} is of fewer lines"
            command = f"{COMMANDS['risk.plan']} RECORD --corrects {plan.number} {_CORRECTION}"
            yield NextStep(stage, words, command, ("risk.plan",))
        elif draw is None:
            words = f"draw lines for the risk-limiting check{self.reason_to_repeat('risk.draw')}"
            yield from self.to_draw("risk.draw", stage, words, " --size N --worksheet OUT")
        elif decided and decided.number > draw.number:
            words = f"draw more lines than {draw.parameters['size']:,}: the answer is open"
            command = f"{COMMANDS['risk.draw']} RECORD --size N --worksheet OUT"
            yield NextStep(stage, words, command, ("risk.draw",))
        else:
            yield from self.after_line_draw(draw, "risk_checks")

    def to_draw(self, kind: str, stage: str, words: str, options: str) -> Steps:
        """Give what leads to a draw: a call for its seed, or the draw itself."""
        call, command = unused_call(self.record.standings, kind), f"{COMMANDS[kind]} RECORD"
        if call is not None and not self.is_current(call.act, *self.read_by(call.act)):
            words = f"call for the seed again: act {call.act.number} is of what stood before"
            calling = f"{COMMANDS['seed.call']} RECORD --for {kind} {_CALL}"
            corrects = f"--corrects {call.act.number} {_CORRECTION}"
            yield NextStep(stage, words, f"{calling} {corrects}", ("seed.call",))
        elif call is not None and call.close is None:
            yield from _OpenCall(call, kind, self.now).steps()
        elif call is not None:
            words = f"{words}, by the seed of act {call.close.number}" if call.close else words
            yield NextStep(stage, words, f"{command}{options}", (kind,))
        else:
            called = "call parties and dice to make the seed that nobody chooses; then"
            calling = f"{COMMANDS['seed.call']} RECORD --for {kind} {_CALL}"
            yield NextStep(stage, f"{called} {words}", calling, ("seed.call",))
            typed = "with a seed that is typed: it rests on trust in the one who types it"
            yield NextStep(stage, typed, f"{command} {_TYPED_SEED}{options}", (kind,), due=False)

    def returns(self) -> Steps:
        stand, result = self.latest(_RETURNS), self.latest("result")
        command, returns_awaited = (
            f"{COMMANDS['returns.receive']} RECORD FORMS --scope VOTES",
            self.returns_awaited(),
        )
        if stand is None:
            words = f"receive the returns{self.reason_to_repeat(_RETURNS)}"
            yield NextStep("count", words, command, (_RETURNS,))
            return
        awaited = f": {returns_awaited}" if returns_awaited else ""
        words = f"receive a further part of the returns{awaited}"
        yield NextStep("count", words, command, (_RETURNS,), due=bool(returns_awaited))
        if result is None or returns_since(self.record):
            since = "" if result is None else ", of all returns that are in now"
            fell, rule = self.reason_to_repeat("result"), self.statute.vote
            recount = bool(fell and rule and rule.recount_margin)
            again = "; with --recounted, if close districts have been counted again" * recount
            words = f"declare the result{since}{fell}{again}"
            yield NextStep("count", words, f"{COMMANDS['result']} RECORD", ("result",))
        elif not reason_unsettled(self.record) and (few := districts_to_recount(self.record)):
            words = (
                f"count the ballots of {quantity(few, 'close outcome')} of districts again, put the"
                " returns right where they differ, and declare the result again; an audit that is"
                " planned before falls with the result that this puts right"
            )
            command = (
                f"{COMMANDS['result']} RECORD --recounted --corrects {result.number} {_CORRECTION}"
            )
            yield NextStep("count", words, command, ("result",))

    def returns_awaited(self) -> str:
        """Say which returns the result that stands waits for; empty where it waits for none."""
        if self.latest("result") is None:
            return ""
        result = self.record.inputs(("result",)).document("result")
        if all(one["accepted"] is not None for one in result["questions"]):
            return ""
        late = result["missing"] + result["late"]
        said = [f"{quantity(late, 'place')} not in yet"] * bool(late)
        said += [f"{quantity(result['set_aside'], 'row')} set aside"] * bool(result["set_aside"])
        said += ["more is to come"] * bool(result["provisional"])
        return ", ".join(said)

    def is_known(self) -> bool:
        """Whether it is known of any question of the result whether it is carried."""
        result = self.latest("result")
        carried = result.facts["carried"] if result else None
        answers = carried.values() if isinstance(carried, dict) else [carried]
        return any(one is not None for one in answers)

    def polls(self) -> Steps:
        if self.latest("result"):
            return
        command = f"{COMMANDS['polls.receive']} RECORD FILE"
        yield NextStep("polls", "receive polls", command, ("polls.receive",), due=False)
        if self.latest("polls.receive"):
            command = f"{COMMANDS['forecast']} RECORD --as-of DAY"
            words = "forecast the vote from the polls"
            yield NextStep("polls", words, command, ("forecast",), due=False)

    def audit(self) -> Steps:
        plan = self.latest("audit.plan")
        if self.latest("result") is None or returns_since(self.record):
            return
        if counts_against(self.record):
            yield from self.after_full_count()
            return
        command = f"{COMMANDS['audit.plan']} RECORD --method METHOD --risk-limit 0.05"
        if self.returns_awaited():
            command += " --provisional"
        if plan is None and not self.is_known():
            return
        if plan is None:
            fell = self.reason_to_repeat("audit.plan")
            words = f"plan an audit of the result{fell}"
            yield NextStep("audit", words, command, ("audit.plan",), due=bool(fell))
        elif not is_of_latest_result(self.record):
            words = f"plan the audit again: act {plan.number} is of an earlier result"
            corrects = f"--corrects {plan.number} {_CORRECTION}"
            yield NextStep("audit", words, f"{command} {corrects}", ("audit.plan",))
        elif self.latest("audit.full_count") is None:
            yield from self.rounds(plan)

    def after_full_count(self) -> Steps:
        """Give what follows a count of every box by hand that says otherwise."""
        parts = ", ".join(str(act.number) for act in self.record.standings.all_of(_RETURNS))
        words = f"a count by hand says otherwise: put the returns right (of acts {parts})"
        command = (
            f"{COMMANDS['returns.receive']} RECORD FORMS --scope VOTES --corrects ACT {_CORRECTION}"
        )
        yield NextStep("audit", words, command, (_RETURNS,))

    def rounds(self, plan: Act) -> Steps:
        """Give what follows in an audit by samples, round by round."""
        draw, risk = self.latest("audit.draw"), self.latest("audit.risk")
        whole = f"{COMMANDS['audit.full_count']} RECORD FIRST SECOND"
        if risk and risk.facts["confirmed"]:
            if since := findings_since(self.record):
                acts = ", ".join(str(act.number) for act in since)
                words = f"state the risk again: findings came in since (acts {acts})"
                yield NextStep("audit", words, f"{COMMANDS['audit.risk']} RECORD", ("audit.risk",))
            return
        counting = ("audit.full_count",)
        if plan.facts["full_count"] or not plan.facts["to_draw"]:
            words = "count every box by hand: no sample can show this outcome"
            yield NextStep("audit", words, whole, counting)
            return
        if draw is None or (risk and risk.number > draw.number):
            number = 1 if draw is None else int(draw.facts["round"]) + 1
            words = f"draw round {number} of the audit{self.reason_to_repeat('audit.draw')}"
            yield from self.to_draw("audit.draw", "audit", words, " --size N --pull-list OUT")
        else:
            yield from self.in_open_round(draw)
        words = "count every box by hand instead"
        yield NextStep("audit", words, whole, counting, due=False)

    def in_open_round(self, draw: Act) -> Steps:
        """Give what lacks in a round that was drawn."""
        number = draw.facts["round"]
        found = [
            act
            for act in self.record.standings.all_of("audit.findings")
            if act.facts["round"] == number
        ]
        examined = sum(int(act.facts["examined"]) for act in found)
        words = f"receive the findings of round {number}: {draw.facts['drawn']:,} drawn"
        words += f", {examined:,} found so far" if found else ""
        command = f"{COMMANDS['audit.findings']} RECORD FIRST SECOND"
        every = examined >= int(draw.facts["drawn"])
        if not every:
            yield NextStep("audit", words, command, ("audit.findings",), due=not found)
        if found:
            when = "" if every else ", when all its findings are there"
            words = f"state the risk after round {number}{when}"
            yield NextStep("audit", words, f"{COMMANDS['audit.risk']} RECORD", ("audit.risk",))


@dataclass(frozen=True)
class _OpenCall:
    """What lacks in a call for a seed that is open."""

    call: AnsweredCall
    draw: str
    now: str

    def steps(self) -> Steps:
        call, over = self.call, self.call.is_past_deadline(self.now)
        if not over and call.uncommitted and not call.reveals:
            for party in call.uncommitted:
                signature = " --signature FILE" if party in call.call.keys else ""
                words = f"{party} commits to a secret{', and signs that' if signature else ''}"
                yield self.step("commit", words, party, f"--commitment DIGITS{signature}")
        elif not over and call.unrevealed:
            for party in call.unrevealed:
                words = f"{party} reveals its secret"
                yield self.step("reveal", words, party, "--secret DIGITS")
        elif not over and not call.all_revealed:
            yield self.after_the_time()
        elif call.call.dice is not None and call.dice is None:
            yield self.step(
                "dice", f"{call.call.dice.by} rolls the dice in public", "", "--digits DIGITS"
            )
        elif call.call.dice is None and not call.reveals:
            words = "nobody revealed a secret, and there is no seed: call again"
            corrects = f"--corrects {call.act.number} {_CORRECTION}"
            command = f"{COMMANDS['seed.call']} RECORD --for {self.draw} {_CALL} {corrects}"
            yield NextStep("seed", words, command, ("seed.call",))
        else:
            yield self.step("close", "close the call, and make the seed", "", "")

    def after_the_time(self) -> NextStep:
        """Give the dice that wait for the end of the call, since a party can reveal nothing."""
        call, dice = self.call, self.call.call.dice
        late = ", ".join(call.uncommitted)
        words = f"after {call.call.until}, not before: {dice.by if dice else 'nobody'} rolls the"
        words += f" dice in public (the reveals began before {late} had committed)"
        return self.step("dice", words, "", "--digits DIGITS")

    def step(self, verb: str, words: str, party: str, option: str) -> NextStep:
        kind = f"seed.{verb}"
        parts = [f"{COMMANDS[kind]} RECORD --for {self.draw}"]
        parts += [f"--party {shlex.quote(party)}"] * bool(party)
        parts += [option] * bool(option)
        return NextStep("seed", words, " ".join(parts), (kind,))
