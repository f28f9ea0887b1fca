"""Write the generated parts of the documentation: commands, tables, gates, formats."""

import hashlib
import json
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import click

from referendum import __version__
from referendum.cli.main import cli
from referendum.core.schemas import ELECTORS, LINES, SHEETS
from referendum.core.tables import Table
from referendum.count import (
    ELECTORS_BY_DISTRICT,
    FORMATS,
    FORMS,
    OTHER_CODES,
    PLACES,
    PREVIOUS,
    RULES,
)
from referendum.flows.audit import BOX_FINDINGS, CARD_FINDINGS, CARD_RECORDS
from referendum.flows.matching.review import MATCH_CHECKS
from referendum.flows.petition.issue import DISTRICT_BASES
from referendum.flows.sufficiency.risk_checks import LINE_CHECKS, TEST_LINES
from referendum.flows.sufficiency.sample import FINDINGS
from referendum.law import statute_bytes, statute_ids, versions
from referendum.petition import GATES
from referendum.polls import FAULTS, POLLS
from referendum.simulate import BIRTH_RATES, MODELS
from referendum.verify.statutes import leaves

DOCS = Path(__file__).parent
VERIFY = DOCS.parent / "src" / "referendum" / "verify"
STYLE_SHEETS = VERIFY / "style_sheets.json"


INCOMING = (
    ELECTORS,
    LINES,
    SHEETS,
    DISTRICT_BASES,
    FINDINGS,
    LINE_CHECKS,
    TEST_LINES,
    MATCH_CHECKS,
)
"""Tables of a petition that come in from outside."""


def commands() -> str:
    """Write the page of commands."""
    parts = [
        "# Commands\n",
        "Written by `make docs` from the commands' own help texts.\n",
        "Every command that appends an act takes `--json`, and prints the act as the log has it.\n",
    ]
    parts += [_section(path, command) for path, command in walk()]
    return "\n".join(parts)


def walk(
    group: click.Command = cli, path: str = "referendum"
) -> Iterator[tuple[str, click.Command]]:
    """Give every command with its path, groups before their commands."""
    context = click.Context(group, info_name=path)
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None:
                yield f"{path} {name}", command
                yield from walk(command, f"{path} {name}")


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path, terminal_width=80, **cli.context_settings)
    return f"## {path}\n\n```text\n{command.get_help(context)}\n```\n"


def table(declared: Table) -> str:
    """Write the columns of a table."""
    rows = [f"**`{declared.name}`**\n", "| column | type | meaning |", "| --- | --- | --- |"]
    for column in declared.columns:
        need = " (required)" if column.required else " (column required)" if column.expected else ""
        listed = [f"`{code}`" for code in column.codes if not code.startswith("copy_")]
        codes = ": " + ", ".join(listed) if listed else ""
        rows.append(f"| `{column.name}` | {column.type} | {column.meaning}{need}{codes} |")
    return "\n".join(rows) + "\n"


def petition_page() -> dict[str, str]:
    """Give the generated parts of the page on petitions."""
    gates = ["| code | about | fails when |", "| --- | --- | --- |"]
    gates += [f"| `{code}` | {gate.level} | {gate.meaning} |" for code, gate in GATES.items()]
    tables = "\n".join(table(one) for one in INCOMING)
    return {"tables": tables, "gates": "\n".join(gates) + "\n"}


def vote_page() -> dict[str, str]:
    """Give the generated parts of the page on votes."""
    formats = ["Formats (`--format`):\n"]
    formats += [f"- `{name}`: {one.publisher}" for name, one in FORMATS.items()]
    tables = [table(one) for one in (FORMS, ELECTORS_BY_DISTRICT, PLACES, PREVIOUS)]
    rules = ["| code | level | what it says | like |", "| --- | --- | --- | --- |"]
    rules += [
        f"| `{one.code}` | {one.level} | {one.meaning} | {one.counterparts} |" for one in RULES
    ]
    codes = ["| code | meaning |", "| --- | --- |"]
    codes += [f"| `{code}` | {meaning} |" for code, meaning in OTHER_CODES.items()]
    return {
        "returns": "\n".join([*tables, *formats]) + "\n",
        "rules": "\n".join([*rules, "", *codes]) + "\n",
    }


def audit_page() -> dict[str, str]:
    """Give the generated parts of the page on audits."""
    return {
        "findings": "\n".join(table(one) for one in (CARD_RECORDS, CARD_FINDINGS, BOX_FINDINGS))
    }


def polls_page() -> dict[str, str]:
    """Give the generated parts of the page on polls."""
    faults = ["| code | meaning, and what becomes of it |", "| --- | --- |"]
    faults += [f"| `{code}` | {meaning} |" for code, meaning in FAULTS.items()]
    return {"polls": table(POLLS), "faults": "\n".join(faults) + "\n"}


def simulate_page() -> dict[str, str]:
    """Give the generated parts of the page on made-up petitions."""
    rows = ["| model | slip | chance | by sheet |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {model} | `{name}` | {slip.rate:g} | {'yes' if slip.by_quality else ''} |"
        for model, slips in MODELS.items()
        for name, slip in slips.items()
    ]
    rows += [f"| either | `{name}` | {rate:g} | yes |" for name, rate in BIRTH_RATES.items()]
    return {"slips": "\n".join(rows) + "\n"}


def filled(text: str, parts: dict[str, str]) -> str:
    """Put generated parts between their marks."""
    for name, part in parts.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{part}{end}{after}"
    return text


def statutes() -> str:
    """Write the table of statutes that `verify` holds a record's own beside, one a line."""
    lines = []
    for one in statute_ids():
        for version in versions(one):
            data = statute_bytes(version.id, version.version)
            values = dict(leaves(tomllib.loads(data.decode())))
            entry = {"sha256": hashlib.sha256(data).hexdigest(), "values": values}
            name = json.dumps(f"{version.id} {version.version}")
            told = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
            lines.append(f"{name}: {told}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def style_sheets() -> str:
    """Write the table of style sheets by which `verify` knows them; those of before stay."""
    known: dict[str, list[str]] = json.loads(STYLE_SHEETS.read_text())
    style = files("referendum.publish") / "templates" / "style.css"
    digest = hashlib.sha256(style.read_bytes()).hexdigest()
    sheets = known.setdefault(f"referendum {__version__}", [])
    if digest not in sheets:
        sheets.append(digest)
    return json.dumps(known, indent=1) + "\n"


def pages() -> dict[Path, str]:
    """Give every page that has generated parts, as it should be, and the tables of `verify`."""
    return {
        VERIFY / "statutes.json": statutes(),
        STYLE_SHEETS: style_sheets(),
        DOCS / "commands.md": commands(),
        DOCS / "petition.md": filled((DOCS / "petition.md").read_text(), petition_page()),
        DOCS / "audit.md": filled((DOCS / "audit.md").read_text(), audit_page()),
        DOCS / "vote.md": filled((DOCS / "vote.md").read_text(), vote_page()),
        DOCS / "polls.md": filled((DOCS / "polls.md").read_text(), polls_page()),
        DOCS / "simulate.md": filled((DOCS / "simulate.md").read_text(), simulate_page()),
    }


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text)
        sys.stdout.write(f"{page.name}\n")
