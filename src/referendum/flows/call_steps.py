"""A step that comes next on a record, and those by which a call for a seed is answered."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from referendum.record.commands import COMMANDS
from referendum.record.seed_calls import AnsweredCall

SEED_CALL = "--party NAME --party NAME --until TIME --dice 20 --roller NAME"
CORRECTION = "--reason 'WHAT WAS WRONG'"


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


@dataclass(frozen=True)
class OpenCall:
    """What lacks in a call for a seed that is open."""

    call: AnsweredCall
    draw: str
    now: str

    def steps(self) -> Steps:
        """Give the steps that can be done now, by each party in turn."""
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
            corrects = f"--corrects {call.act.number} {CORRECTION}"
            command = f"{COMMANDS['seed.call']} RECORD --for {self.draw} {SEED_CALL} {corrects}"
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
        """Give a step that answers the call, by a party where one is named."""
        kind = f"seed.{verb}"
        parts = [f"{COMMANDS[kind]} RECORD --for {self.draw}"]
        parts += [f"--party {shlex.quote(party)}"] * bool(party)
        parts += [option] * bool(option)
        return NextStep("seed", words, " ".join(parts), (kind,))
