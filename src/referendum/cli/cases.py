"""`referendum cases`: real cases worked out by their rules."""

import csv
import gzip
import json
import zlib
from pathlib import Path

import click
import msgspec

from referendum.cli.law_text import working_lines, wrapped
from referendum.cli.screen import say
from referendum.cli.shared import json_option
from referendum.core.errors import InputError, LawError
from referendum.law.cases import CaseResult, reproduce_case, reproduce_thresholds
from referendum.tables.given_files import read_given_file


@click.group()
def cases() -> None:
    """Work out real cases by their rules, beside what was published."""


@cases.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def run(file: Path, as_json: bool) -> None:
    """Work out every case of FILE (JSON, as in examples/petition-cases or examples/audit-cases).

    Exit code 0 only if every case that the file marks exact comes out to the digit.
    """
    content = _read(file)
    judged = [_judge(case, file.parent) for case in content["cases"]]
    judged += [reproduce_thresholds(table) for table in content.get("thresholds", [])]
    if as_json:
        say(json.dumps([_result_document(one) for one in judged], indent=2, ensure_ascii=False))
    else:
        for one in judged:
            say("\n".join(_result_lines(one)) + "\n")
    wrong = [one.id for one in judged if not one.holds]
    if wrong:
        raise LawError(f"{len(wrong)} exact cases come out otherwise: {', '.join(wrong)}")
    exact = sum(one.exact for one in judged)
    if not as_json:
        say(f"{len(judged)} cases; all {exact} that are marked exact come out")


def _read(file: Path) -> dict[str, list[dict[str, object]]]:
    try:
        content = json.loads(read_given_file(file))
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", where=str(file)) from error
    if not isinstance(content, dict) or not isinstance(content.get("cases"), list):
        raise InputError("not a file of cases: it has no list `cases`", where=str(file))
    parts = [content["cases"], content.get("thresholds", [])]
    if not all(isinstance(part, list) and all(isinstance(x, dict) for x in part) for part in parts):
        raise InputError("a case, or a table of thresholds, is not an object", where=str(file))
    return content


def _judge(case: dict[str, object], folder: Path) -> CaseResult:
    """Work out a case of a petition, or of an audit: those say what is `expected`."""
    if "expected" not in case:
        return reproduce_case(case)
    from referendum.audit.cases import judge_audit  # noqa: PLC0415 - petitions need no numpy

    return judge_audit(case, lambda name: _rows(folder / f"{name}.gz"))


def _rows(file: Path) -> list[dict[str, str]]:
    """Read a compressed table; a report of several parts has its cells under 0, 1, 2, …."""
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
            rows = list(csv.reader(text))
        if rows and rows[0][:1] and rows[0][0].startswith("#"):
            return [{str(i): cell for i, cell in enumerate(row)} for row in rows]
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    except FileNotFoundError as error:
        raise InputError("a case needs this table", where=str(file)) from error
    except (gzip.BadGzipFile, EOFError, zlib.error, csv.Error, ValueError) as error:
        raise InputError(f"not a compressed table: {error}", where=str(file)) from error


def _result_lines(one: CaseResult) -> list[str]:
    mark = "ok" if one.holds and one.exact else "-" if one.holds else "DIFFERS"
    lines = wrapped(f"{mark:<7} {one.id}: {one.measure}", 0)
    lines += wrapped(one.status, 8) + working_lines(one.steps, 8)
    for value in one.comparisons:
        computed = "not worked out" if value.computed is None else value.computed
        lines += wrapped(f"{value.name}: published {value.published}, computed {computed}", 8)
    return lines + ([] if one.exact else wrapped(one.reason, 8))


def _result_document(one: CaseResult) -> dict[str, object]:
    compared = [
        {"name": value.name, "published": value.published, "computed": value.computed}
        for value in one.comparisons
    ]
    return {
        "id": one.id,
        "status": one.status,
        "holds": one.holds,
        "compared": compared,
        "steps": msgspec.to_builtins(one.steps),
    }
