"""Hints: their commands and options exist, and none leads to overwriting an act or a second key."""

import ast
import re
from pathlib import Path

import click
import pytest

import referendum
from referendum.cli.main import cli

SOURCE = Path(referendum.__file__).parent


def text_of(node):
    """Give the text of a string as it stands in the source, with … for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "…" for part in node.values)
    if isinstance(node, ast.IfExp):
        return f"{text_of(node.body)} {text_of(node.orelse)}"
    return ""


def hints():
    """Every hint of the source: as an argument, or under a name that says so."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            named = isinstance(node, ast.Assign | ast.AugAssign) and re.search(
                "hint|_FIND|_MAKE", ast.unparse(getattr(node, "target", None) or node.targets[0])
            )
            if (isinstance(node, ast.keyword) and node.arg == "hint") or named:
                text = text_of(node.value)
                if text:
                    yield f"{path.relative_to(SOURCE)}:{node.value.lineno}", text


HINTS = dict(hints())


def options(command, found):
    """Gather the options of all commands."""
    found.update(name for one in command.params for name in one.opts)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.commands or command.list_commands(context):
            options(command.get_command(context, name), found)
    return found


def test_there_are_hints():
    assert len(HINTS) > 200


def test_every_command_and_option_of_a_hint_exists():
    known = options(cli, {"--verbose", "--help"}) | {"--without"}
    for place, text in HINTS.items():
        for words in re.findall(r"\breferendum ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)", text):
            first, _, second = words.partition(" ")
            command = cli.get_command(click.Context(cli), first)
            assert command is not None, f"{place}: {text}"
            if isinstance(command, click.Group) and second:
                assert command.get_command(click.Context(command), second), f"{place}: {text}"
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
            assert option in known, f"{place}: {option} in {text}"


def test_a_hint_to_put_an_act_right_says_when_and_asks_why():
    for place, text in HINTS.items():
        if re.search("--corrects", text) and not re.search(
            "without --corrects|^name the act", text
        ):
            assert "--reason" in text or "name it with --corrects" in text, f"{place}: {text}"
            assert re.search(
                r"\bif\b|\bonly\b|falls\b|put the part right|call again|is put right|lacked it"
                r"|name it with", text
            ), f"{place}: {text}"  # fmt: skip


@pytest.mark.parametrize(
    "maker", ["key new", "office key", "witness key", "seed secret", "ssh-keygen -t", "new --"]
)
def test_no_hint_leads_to_a_second_key_or_record(maker):
    """Where a key is made, the hint says that an own one is gone on with, or why it cannot be."""
    allowed = {
        "an officer's key is the officer's alone; make one: referendum office key",
        "make one with: ssh-keygen -t ed25519, or -t ed25519-sk for a token",
        "with the opening: referendum new RECORD --excludes A,B --tie-break C",
    }
    for place, text in HINTS.items():
        if f"{maker}" in text and text not in allowed:
            assert re.search(r"\bonly\b|if it is lost|another one fits no", text), (
                f"{place}: {text}"
            )
