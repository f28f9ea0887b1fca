"""The documentation says what the program does, and its examples run."""

import importlib.util
import os
import pkgutil
import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

import referendum
from referendum.core.tables import Table
from referendum.flows.wording import ACT_TITLES, FACT_LABELS
from referendum.law import statute_ids
from referendum.verify.kinds import KINDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)


def test_the_generated_pages_are_up_to_date():
    for page, text in generate.pages().items():
        assert page.read_text() == text, f"{page.name}: run make docs"


@pytest.mark.parametrize(
    ("path", "command"), list(generate.walk()), ids=lambda item: str(item)[:40]
)
def test_every_command_has_a_help_text_and_every_option_a_word(path, command):
    assert command.help, path
    for parameter in command.params:
        if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False):
            assert parameter.help or parameter.default is not None, f"{path} {parameter.name}"


def test_every_command_that_ends_can_answer_in_json():
    silent = [
        path
        for path, command in generate.walk()
        if not isinstance(command, click.Group)
        and "--json" not in {name for one in command.params for name in one.opts}
    ]
    assert silent == ["referendum serve"]


OTHERS = {
    "reconciled returns", "ballot accounts", "warnings", "electors by place",  # written, not read
    "ballot manifest",  # Arlo's
}  # fmt: skip


def test_every_table_that_a_hint_names_is_documented():
    pages = "".join(page.read_text() for page in DOCS.glob("*.md"))
    modules = [importlib.import_module(one.name) for one in pkgutil.walk_packages(
        referendum.__path__, "referendum.") if "__main__" not in one.name]  # fmt: skip
    names = {
        value.name for one in modules for value in vars(one).values() if isinstance(value, Table)
    }
    assert names > OTHERS
    assert {name for name in names - OTHERS if f"**`{name}`**" not in pages} == set()


def test_every_kind_of_act_is_specified_titled_and_checked():
    specification = (DOCS / "record.md").read_text()
    assert set(ACT_TITLES) == set(KINDS)
    assert [kind for kind in KINDS if f"**`{kind}`**" not in specification] == []


def test_every_fact_is_specified():
    specification = (DOCS / "record.md").read_text()
    assert [name for name in FACT_LABELS if f"`{name}`" not in specification] == []


def test_every_page_is_linked_from_the_readme():
    readme = (ROOT / "README.md").read_text()
    pages = [page.relative_to(ROOT).as_posix() for page in DOCS.rglob("*.md")]
    assert [page for page in pages if page not in readme and "/adr/" not in page] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=str)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def blocks(page):
    return re.findall(r"```sh\n(.*?)```", page.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_the_number_of_acts_is_the_number_of_acts(page):
    assert f"{len(statute_ids())} acts" in (ROOT / page).read_text()


def run_blocks(page, folder, words=None):
    """Run every shell block of a page, in order, and give what it printed.

    Words of the page that cannot stand in a test, such as numbers of ports, are replaced.
    """
    script = "set -euo pipefail\n" + "\n".join(blocks(DOCS / page))
    for word, value in (words or {}).items():
        assert word in script
        script = script.replace(word, value)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "EXAMPLES": str(ROOT / "examples")}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_walkthrough_runs_from_beginning_to_end(tmp_path):
    output = run_blocks("walkthrough.md", tmp_path)
    assert "Everything that can be checked from these files holds." in output
    assert "carried: no" in output
    assert "receive the findings on 400 of 400 drawn lines" in output
    assert max(len(line) for line in output.splitlines()) <= 200


def test_the_commands_of_the_page_on_the_law_run(tmp_path):
    output = run_blocks("law.md", tmp_path)
    assert "constitutional: 177,732 signatures" in output
    assert "COLLECTION: WINDOW" in output
    assert (tmp_path / "petition.ics").exists()


def test_the_commands_of_the_page_on_sufficiency_run(tmp_path):
    output = run_blocks("sufficiency.md", tmp_path)
    assert "with matching" in output
    assert "only by assuming that the silent are like the others" in output
    assert (tmp_path / "checks.svg").read_text().startswith("<svg")


def test_the_commands_of_the_page_on_polls_run(tmp_path):
    output = run_blocks("polls.md", tmp_path)
    assert "13 rows of 12 samples; 9 rows set aside" in output
    assert (tmp_path / "forecast" / "trend.svg").exists()


def test_the_commands_of_the_page_on_officers_run(tmp_path):
    output = run_blocks("officers.md", tmp_path)
    words = " ".join(output.split())
    assert "2 signatures due: chief, and deputy" in words
    assert "Officer dismissed: Cy Moe, because: Key stolen on 3 May" in words
    assert "Everything that can be checked from these files holds." in output


def test_the_commands_of_the_page_on_seeds_run(tmp_path):
    output = run_blocks("seeds.md", tmp_path)
    assert "Everything that can be checked from these files holds." in output
    assert "the seed is the SHA-256 of seed.txt: 3 secrets and 20 dice" in " ".join(output.split())
    assert "typed" not in output


def test_the_commands_of_the_page_on_witnesses_run(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as two:
        ports = {"8380": f"{one.getsockname()[1]}", "8381": f"{two.getsockname()[1]}"}
    output = run_blocks("witness.md", tmp_path, ports)
    assert "the policy's quorum is met" in output
    assert "the quorum of your policy is met: witnesses asks for 2 of 2" in " ".join(output.split())


def test_help_answers_at_once_and_loads_no_stage():
    program = (
        "import sys, time; from referendum.cli.main import cli;"
        "cli(['--help'], standalone_mode=False);"
        "heavy = {'polars', 'numpy', 'numba', 'jinja2', 'cryptography'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "verify" in done.stdout
