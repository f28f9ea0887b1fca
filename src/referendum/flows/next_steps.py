"""What comes next on a record: which steps wait, which are only possible, and by which command.

Every step is worked out from the acts alone, so that it is the same for whoever reads the record.
"""

from dataclasses import dataclass, replace

from referendum.core.printing import quantity
from referendum.flows.call_steps import (
    CORRECTION,
    SEED_CALL,
    NextStep,
    OpenCall,
    Steps,
)
from referendum.flows.headline import (
    counts_against,
    districts_to_recount,
    findings_since,
    is_of_latest_result,
    reason_unsettled,
    returns_since,
)
from referendum.flows.petition.fallen import missing_deliveries
from referendum.law import FINAL_ANSWERS, Statute
from referendum.record.acts import Act
from referendum.record.commands import COMMANDS
from referendum.record.kinds import AFTER_NUMBERING, CLOSED_BY
from referendum.record.reading import Record
from referendum.record.seed_calls import DRAWS, unused_call


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
    steps = [step for stage in stages for step in stage()]
    return list(map(_held_up, steps)) if missing_deliveries(record.standings) else steps


def _held_up(step: NextStep) -> NextStep:
    """Put off a step that would leave out lines which are missing; a reason can be given for it."""
    if not AFTER_NUMBERING & set(step.kinds) and "seed.call" not in step.kinds:
        return step
    leaves_out = "seed.call" not in step.kinds and step.command != f"{COMMANDS['decide']} RECORD"
    return replace(step, due=False, command=step.command + _LEFT_OUT * leaves_out)


def stale_calls(record: Record) -> list[Act]:
    """Give the calls for seeds that wait to be used, and are of what stood before."""
    calls = (unused_call(record.standings, draw) for draw in DRAWS)
    return [one.act for one in calls if one and not is_of_what_stands(record, one.act)]


def is_of_what_stands(record: Record, act: Act, *kinds: str) -> bool:
    """Whether an act rests on all that stands now of some kinds of bundles; of all that it reads.

    Args:
        record: of the act.
        act: that stands.
        kinds: of bundles; all that the act reads, if none is named.
    """
    read = record.standings.read_by(act)
    return all(
        read.get(kind) == record.standings.bundles(kind, {}) for kind in kinds or tuple(read)
    )


_RETURNS = "returns.receive"
_TYPED_SEED = "--seed DIGITS"
_LEFT_OUT = " --left-out 'WHY LINES ARE LEFT OUT'"


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
        return is_of_what_stands(self.record, act, *kinds)

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
        if missing := self.missing():
            for number, lines in missing.items():
                yield NextStep("lines", self.missing_words(number, lines), command, kinds)
        elif stand is None or not self.is_called("draw", "risk.draw"):
            yield NextStep("lines", f"{words}{again}", command, kinds, due=stand is None)
        if waiting := self.waiting():
            words = f"if no more lines come: number the {waiting:,} that wait among so few"
            alone = f"{COMMANDS['petition.receive']} RECORD --number-alone 'WHY AMONG SO FEW'"
            alone += _LEFT_OUT * bool(missing)
            yield NextStep("lines", words, alone, kinds, due=not missing)

    def missing(self) -> dict[int, int]:
        """Give the deliveries whose lines fell and have not come again."""
        return missing_deliveries(self.record.standings)

    def missing_words(self, number: int, lines: int) -> str:
        """Say that a delivery must be received again, and why."""
        cause = self.record.acts[self.record.causes()[number]]
        return (
            f"receive the file of act {number} again: its {quantity(lines, 'line')} fell when act"
            f" {cause.corrects} was put right, because: {cause.reason} (act {cause.number})"
        )

    def is_called(self, *draws: str) -> bool:
        """Whether a call for the seed of one of these kinds of draws waits to be used."""
        return any(unused_call(self.record.standings, draw) for draw in draws)

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
        yield from self.draw_again("draw", "sufficiency")
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
        yield from self.draw_again("risk.draw", stage)
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
            command = f"{COMMANDS['risk.plan']} RECORD --corrects {plan.number} {CORRECTION}"
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

    def draw_again(self, kind: str, stage: str) -> Steps:
        """Give what leads to a draw in place of one that stands, where its seed is called for."""
        draw = self.latest(kind)
        if draw is not None and self.is_called(kind):
            words = f"draw again, in place of act {draw.number}: what rests on that then falls"
            options = f" --corrects {draw.number} {CORRECTION}"
            if kind != "draw":
                options = f" --size N{options}"
            elif (size := draw.parameters["size"]) is not None:
                options = f"{' --all' if size == 'all' else f' --size {size}'}{options}"
            yield from self.to_draw(kind, stage, words, options)

    def to_draw(self, kind: str, stage: str, words: str, options: str) -> Steps:
        """Give what leads to a draw: a call for its seed, or the draw itself."""
        call, command = unused_call(self.record.standings, kind), f"{COMMANDS[kind]} RECORD"
        if call is not None and not self.is_current(call.act):
            words = f"call for the seed again: act {call.act.number} is of what stood before"
            calling = f"{COMMANDS['seed.call']} RECORD --for {kind} {SEED_CALL}"
            corrects = f"--corrects {call.act.number} {CORRECTION}"
            yield NextStep(stage, words, f"{calling} {corrects}", ("seed.call",))
        elif call is not None and call.close is None:
            yield from OpenCall(call, kind, self.now).steps()
        elif call is not None:
            words = f"{words}, by the seed of act {call.close.number}" if call.close else words
            yield NextStep(stage, words, f"{command}{options}", (kind,))
        else:
            called = "call parties and dice to make the seed that nobody chooses; then"
            calling = f"{COMMANDS['seed.call']} RECORD --for {kind} {SEED_CALL}"
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
                f"{COMMANDS['result']} RECORD --recounted --corrects {result.number} {CORRECTION}"
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
            corrects = f"--corrects {plan.number} {CORRECTION}"
            yield NextStep("audit", words, f"{command} {corrects}", ("audit.plan",))
        elif self.latest("audit.full_count") is None:
            yield from self.rounds(plan)

    def after_full_count(self) -> Steps:
        """Give what follows a count of every box by hand that says otherwise."""
        parts = ", ".join(str(act.number) for act in self.record.standings.all_of(_RETURNS))
        words = f"a count by hand says otherwise: put the returns right (of acts {parts})"
        command = (
            f"{COMMANDS['returns.receive']} RECORD FORMS --scope VOTES --corrects ACT {CORRECTION}"
        )
        yield NextStep("audit", words, command, (_RETURNS,))

    def rounds(self, plan: Act) -> Steps:
        """Give what follows in an audit by samples, round by round."""
        draw, risk = self.latest("audit.draw"), self.latest("audit.risk")
        whole = f"{COMMANDS['audit.full_count']} RECORD FIRST SECOND"
        if not (draw and risk and risk.number > draw.number and not risk.facts["confirmed"]):
            yield from self.draw_again("audit.draw", "audit")
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
