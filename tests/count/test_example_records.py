"""The golden folders of cast vote records: what is written of each shape that is read."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from exports import measure, record, report, voted, write

from referendum.cli.main import cli
from referendum.core.errors import InputError
from referendum.count import records_of_cards
from referendum.flows.count.cast_vote_records import read_cards

EXAMPLES = Path(__file__).parents[2] / "examples" / "cast-vote-records"
SHAPES = sorted(path.name for path in EXAMPLES.iterdir() if (path / "expected-cards.csv").exists())


def exports(folder):
    files = sorted(path for path in folder.glob("*.json") if "Manifest" not in path.name)
    has_manifests = (folder / "ContestManifest.json").exists()
    return files, folder if has_manifests else None


def written(path):
    return pl.read_csv(path, infer_schema=False)


@pytest.mark.parametrize("shape", SHAPES)
def test_forms_and_cards_of_an_example_are_as_expected(shape, tmp_path):
    files, manifests = exports(EXAMPLES / shape)
    out = tmp_path / "forms.csv"
    options = ["--manifests", str(manifests)] if manifests else []
    arguments = ["returns", "from-cards", *map(str, files), *options, "--region", "Town"]
    told = CliRunner().invoke(cli, [*arguments, "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert written(out).equals(written(EXAMPLES / shape / "expected-forms.csv"))
    cards = records_of_cards(read_cards(files, manifests).cards, "Town")
    assert cards.write_csv() == (EXAMPLES / shape / "expected-cards.csv").read_text()


def test_the_shapes_are_those_of_the_folder():
    assert SHAPES == ["dominion-5.10", "dominion-5.17-redacted", "dominion-5.2", "nist-1500-103"]


def test_batches_of_an_example_are_as_expected(tmp_path):
    folder, out = EXAMPLES / "arlo-batches", tmp_path / "forms.csv"
    files = [str(folder / "manifest.csv"), str(folder / "totals.csv")]
    options = ["--yes", "Yes", "--no", "No", "--informal", "Write-in", "--jurisdiction", "Town"]
    arguments = ["returns", "from-batches", *files, *options, "--out", str(out)]
    told = CliRunner().invoke(cli, arguments)
    assert told.exit_code == 0, told.output
    assert "note: votes that count for neither, of Write-in: 10" in told.output
    assert written(out).equals(written(folder / "expected-forms.csv"))


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def test_the_command_names_what_it_does_not_take_and_fails(tmp_path):
    contests = [measure("a", name="Measure A"), measure("b", "Bell", "Whistle", name="Measure B")]
    records = [record(voted("a", 0), voted("b", 1))]
    path, out = write(tmp_path, "report.json", report(contests, records)), tmp_path / "forms.csv"
    command = ("returns", "from-cards", path, "--out", out)
    told = run(*command)
    assert told.exit_code != 0
    assert isinstance(told.exception, InputError)
    assert "Measure B (options: 'Bell', 'Whistle')" in told.exception.message
    assert "--yes" in told.exception.hint
    assert "--leave" in told.exception.hint
    assert not out.exists()
    left = run(*command, "--leave", "Measure B", "--json")
    assert json.loads(left.output) == {
        "file": str(out), "forms": 1, "notes": ["left out as you say: Measure B"],
    }  # fmt: skip
    chosen = run(*command, "--yes", "Measure B=Whistle")
    assert chosen.output == f"2 forms written to {out}\n"
    assert run(*command, "--leave", "Measure A", "--leave", "Measure B").exit_code != 0


def test_no_form_is_no_success(tmp_path):
    (tmp_path / "manifest.csv").write_text("Batch Name,Number of Ballots\n")
    (tmp_path / "totals.csv").write_text("Batch Name,Yes,No\n")
    files = (tmp_path / "manifest.csv", tmp_path / "totals.csv")
    told = run("returns", "from-batches", *files, "--yes", "Yes", "--no", "No", "--out", files[0])
    assert told.exit_code != 0
    assert "no form came" in told.exception.message
