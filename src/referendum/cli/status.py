"""`referendum status`: where a record is, and what comes next."""

import json
from pathlib import Path

import click

from referendum.cli.foreign import reading_foreign_records
from referendum.cli.screen import say
from referendum.cli.shared import json_option, record_argument
from referendum.core.days import utc_text
from referendum.core.printing import quantity
from referendum.flows.status import StandingEntry, Status, Task, Withdrawal, status_of
from referendum.flows.wording import number_ranges, wrap_lines
from referendum.record.reading import Record
from referendum.record.stamps import now

MOST_NAMED = 4


@click.command()
@record_argument
@json_option
@reading_foreign_records
def status(folder: Path, as_json: bool) -> None:
    """Tell where RECORD is: what stands, what comes next, who does it, what is due when.

    RECORD is an office's record or a published one. Words in capitals in a command are to be filled
    in. Nothing is written, and what signatures and files are worth is not checked: verify does.
    """
    record, time = Record.open(folder), utc_text(now())
    found = status_of(record, time)
    opening = record.opening.parameters
    if as_json:
        names = ("title", "question", "subject", "made_up")
        said = {name: opening[name] for name in names}
        say(json.dumps({**said, **found.as_document()}, indent=2, ensure_ascii=False))
        return
    made_up = " (made up)" if record.made_up else ""
    lines = [
        *wrap_lines([f"{opening['title']}{made_up}"], 80, indent=0),
        *wrap_lines([f"{found.headline}. {quantity(len(record.acts), 'act')}."], 80, indent=0),
        *_section("What stands", [line for one in found.standing for line in _standing_lines(one)]),
        *_section(
            "What was put right",
            [line for one in found.withdrawn for line in _withdrawal_lines(one)],
        ),
        *_section("What comes next", _task_lines_by_urgency(found, due=True)),
        *_section("What is also possible", _task_lines_by_urgency(found, due=False)),
        *_section("What is due when", _due_day_lines(found, time)),
        *_section("Officers", _officers(found)),
    ]
    say("\n".join(lines))


def _section(heading: str, lines: list[str]) -> list[str]:
    return ["", heading, *lines] if lines else []


def _row(first: str, texts: list[str]) -> list[str]:
    """Write a row: a narrow column, and beside it texts of any length."""
    head, *rest = wrap_lines(texts, 80, indent=14)
    return [f"  {first:<10}  {head.strip()}", *rest]


def _standing_lines(one: StandingEntry) -> list[str]:
    numbers = number_ranges(one.acts)
    acts = f"act {numbers}" if len(one.acts) == 1 else f"acts {numbers}"
    names = ", ".join(one.by[:MOST_NAMED])
    more = f" and {len(one.by) - MOST_NAMED} more" if len(one.by) > MOST_NAMED else ""
    by = f"; signed by {names}{more}" if names else ""
    later = f"; recorded on {one.recorded}" if one.recorded != one.day else ""
    return _row(one.day, [one.words, f"{acts}{by}{later}"])


def _withdrawal_lines(one: Withdrawal) -> list[str]:
    fallen = f"act{'s' * (len(one.fallen) > 1)} {number_ranges(one.fallen)}"
    words = f"{fallen} no longer stand{'s' * (len(one.fallen) == 1)}, because: {one.reason}"
    return _row(f"act {one.act}", [words, *one.answers])


def _task_lines_by_urgency(found: Status, *, due: bool) -> list[str]:
    lines = [line for one in found.tasks if one.step.due is due for line in _task(one)]
    if not due:
        return lines
    if not lines:
        return ["  Nothing waits on this record."]
    if found.published:
        note = "This is a published copy: what comes next is done on the office's own record."
        lines += wrap_lines([note], 80)
    return lines


def _task(one: Task) -> list[str]:
    words = f"{one.step.stage}: {one.step.words}"
    return [*wrap_lines([words, _signers(one)], 80), *_command(one.command)]


def _signers(one: Task) -> str:
    """Say how many signatures are due, and whose."""
    if not one.signatures:
        return "by whoever holds the record's key: no signature is due"
    slots = [" or ".join(roles) for roles in one.signatures]
    due = f"{quantity(len(slots), 'signature')} due: {', and '.join(slots)}"
    return due if one.signable else f"nobody can sign this: {due}, and those in office are not"


def _command(command: str) -> list[str]:
    """Write a command in lines that a shell reads as one."""
    lines = [""]
    for word in _words(command):
        if len(lines[-1]) + len(word) > 70 and lines[-1]:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    margins = ["    ", *["      "] * (len(lines) - 1)]
    ends = [*[" \\"] * (len(lines) - 1), ""]
    return [f"{a}{line}{b}" for a, line, b in zip(margins, lines, ends, strict=True)]


def _words(command: str) -> list[str]:
    """Divide a command at blanks, but neither within quotation marks nor after an option."""
    words: list[str] = []
    for part in command.split(" "):
        begun = words and (words[-1].count("'") % 2 or words[-1].startswith("--"))
        if begun and not (" " in words[-1] and words[-1].count("'") % 2 == 0):
            words[-1] += f" {part}"
        else:
            words.append(part)
    return words


def _due_day_lines(found: Status, time: str) -> list[str]:
    note = "Days follow from the law and the acts so far; what is not done yet is assumed."
    lines = wrap_lines([note], 80) if found.due else []
    for one in found.due:
        past = "this day is past: " if one.is_past(time) else ""
        unseen = "" if one.on_record else "; no act of this record shows whether it was done"
        texts = [f"{past}{f'{one.who}: ' if one.who else ''}{one.what}", f"{one.why}{unseen}"]
        if one.silence:
            texts.append(f"if not: {one.silence}")
        lines += _row(one.day[:10], texts)
    return lines


def _officers(found: Status) -> list[str]:
    if not found.officers:
        return ["  none: whoever holds the record's key can write every act"]
    return wrap_lines([", ".join(found.officers)], 80)
