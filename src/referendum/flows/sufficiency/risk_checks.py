"""The risk-limiting check's worksheet, and the findings of its two checkers."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from referendum.core.draws import ticket
from referendum.core.errors import InputError
from referendum.core.exact import read_fraction
from referendum.core.tables import Column, Table
from referendum.flows.sufficiency.findings_index import OtherFindings, other_findings
from referendum.flows.sufficiency.risk import (
    RISK_CHECKS_SCHEMA,
    RISK_DRAW_SCHEMA,
    SECTION,
    read_findings,
)
from referendum.flows.sufficiency.sample import CODES_HINT, FINDING_CODES, require_drawn_lines
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs, Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
from referendum.sufficiency import needs_second_checker
from referendum.tables.reading import read_whole_table


def _finding_column(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "code", meaning, required=required, codes=FINDING_CODES, yes="valid")


LINE_CHECKS = Table(
    "line_checks",
    (
        Column("line_id", "text", "the office's number of the line", required=True),
        _finding_column("first", "first checker: `valid`, or the code why not", required=True),
        _finding_column("second", "second checker's finding, made without seeing the first"),
        _finding_column("settled", "the finding agreed on where the two differ"),
    ),
    key=("line_id",),
    work_columns=("place", "serial", "sheet_id", "line_no", "same_signer"),
    of_people=True,
)


def worksheet(record: Record, *, corrects: int | None = None) -> pl.DataFrame:
    """Give the office's list of the drawn lines; it leads to people and stays in the office.

    Args:
        record: the record.
        corrects: number of the act that is put right, to see what stood without it.

    Returns:
        `place`, `serial`, `line_id`, `sheet_id`, `line_no`, and `same_signer`: the office's numbers
        of the other lines that matching ascribes to the same signer, of which at most one counts.
    """
    inputs = record.inputs(("risk_draw", "lines", "matches"), corrects=corrects)
    return record.compute_once("risk worksheet", inputs.digests, lambda: _worksheet(inputs))


def _worksheet(inputs: Inputs) -> pl.DataFrame:
    drawn = from_csv(inputs.data("risk_draw", "risk_draw.csv"), RISK_DRAW_SCHEMA)
    lines = inputs.table("lines", "lines.parquet")
    lines = lines.select("serial", "line_id", "sheet_id", "line_no")
    signer = inputs.table("matches", "matches.parquet").select(
        "serial", signer=pl.coalesce("repeat_of", "serial")
    )
    together = lines.join(signer, on="serial").select("line_id", "signer", other="serial")
    others = (
        drawn.select("serial")
        .join(signer, on="serial")
        .join(together, on="signer")
        .filter(pl.col("other") != pl.col("serial"))
        .group_by("serial")
        .agg(same_signer=pl.col("line_id").sort().str.join(" "))
    )
    return (
        drawn.drop("ticket")
        .join(lines, on="serial", how="left")
        .join(others, on="serial", how="left")
        .sort("place")
    )


TEST_LINES = Table(
    "test_lines",
    (
        Column("line_id", "text", "the office's number of the test line", required=True),
        Column("sheet_id", "text", "the sheet that it stands on"),
        Column("line_no", "integer", "its place on the sheet, from 1"),
        _finding_column("finding", "what is known of it: `valid`, or a code", required=True),
    ),
    key=("line_id",),
    of_people=True,
)


def read_test_lines(path: Path, encoding: str) -> pl.DataFrame:
    """Read the test lines, whose finding is known, that are mixed in among the drawn ones.

    Raises:
        InputError: a row cannot be used.
    """
    hint = f"every test line needs its number and what is known of it; {CODES_HINT}"
    return read_whole_table(TEST_LINES, path, encoding, hint)


def mixed_worksheet(record: Record, tests: pl.DataFrame) -> pl.DataFrame:
    """Mix test lines into the worksheet so that nobody who checks can tell them apart.

    Returns:
        `line_id`, `sheet_id`, `line_no`, `same_signer`, in an order that only a holder of the
        sealed lines can know.

    Raises:
        InputError: a test line was drawn itself.
    """
    drawn = worksheet(record)
    if both := sorted(set(drawn["line_id"]) & set(tests["line_id"])):
        raise InputError(f"{both[0]} was drawn, and is a test line", hint="leave it out")
    columns = ["line_id", "sheet_id", "line_no", "same_signer"]
    known = tests.with_columns(same_signer=pl.lit(None, dtype=pl.String))
    mixed = pl.concat([drawn.select(columns), known.select(columns)], how="vertical_relaxed")
    nonce = record.inputs(("lines",)).derived_nonce("test_lines")
    order = pl.Series([ticket(nonce, line) for line in mixed["line_id"]])
    return mixed.sort(order)


@dataclass(frozen=True)
class CheckerErrors:
    """The checkers' errors on test lines: (number of lines, of which judged wrongly).

    Attributes:
        invalid: lines known to be invalid, of which some were found valid.
        valid: lines known to be valid, of which some were found invalid.
    """

    invalid: tuple[int, int]
    valid: tuple[int, int]

    def sentence(self) -> str:
        """Give the errors in a sentence, with the option of a plan that takes them."""
        numbers = " ".join(map(str, (*self.invalid, *self.valid)))
        return (
            f"test lines: of {self.invalid[0]} invalid ones {self.invalid[1]} were found valid, of"
            f" {self.valid[0]} valid ones {self.valid[1]} invalid; a plan takes: --tests {numbers}"
        )


def count_checker_errors(tests: pl.DataFrame, path: Path, encoding: str) -> CheckerErrors:
    """Count how often checkers' findings differ from what is known of test lines.

    Raises:
        InputError: a test line has no finding.
    """
    rows = _read_line_checks(path, encoding)
    found = tests.join(rows, on="line_id", how="left").with_columns(found=_settled_finding())
    if (missing := found.filter(pl.col("found").is_null())).height:
        raise InputError(
            f"the test line {missing['line_id'][0]} has no settled finding", where=str(path)
        )
    known_valid, found_valid = _is_valid("finding"), _is_valid("found")
    return CheckerErrors(
        (found.filter(~known_valid).height, found.filter(~known_valid & found_valid).height),
        (found.filter(known_valid).height, found.filter(known_valid & ~found_valid).height),
    )


def _read_line_checks(path: Path, encoding: str) -> pl.DataFrame:
    hint = f"every drawn line needs exactly one row; {CODES_HINT}"
    return read_whole_table(LINE_CHECKS, path, encoding, hint)


def receive_checks(
    record: RecordWriter,
    path: Path,
    encoding: str,
    stamp: Stamp,
    tests: pl.DataFrame | None = None,
) -> Act:
    """Receive findings on drawn lines; those of earlier rounds may be given again.

    Test lines (`read_test_lines`) among them are left out.

    Raises:
        InputError: a line was not drawn or has a finding in another act that stands, an earlier
            finding is changed, a second check is missing, or two findings differ unsettled.
    """
    record.require_allowed("risk.checks", stamp)
    checks = _read_line_checks(path, encoding)
    if tests is not None:
        checks = checks.join(tests, on="line_id", how="anti")
    inputs = record.find_inputs("risk.checks", {}, stamp)
    drawn = worksheet(record, corrects=stamp.corrects).select("place", "serial", "line_id")
    require_drawn_lines(checks, drawn, path)
    draw = Inputs(record.bundles, {"risk_draw": inputs.bundles["risk_draw"]})
    others = other_findings(record, "risk_checks", draw, stamp)
    rows = _add_earlier_findings(record, inputs, checks, (drawn, others), path)
    found = drawn.join(rows, on="line_id").sort("place")
    _require_second_checks(inputs, found, path)
    found = found.with_columns(finding=_settled_finding()).sort("serial")
    if (unsettled := found.filter(pl.col("finding").is_null())).height:
        raise InputError(
            f"the two findings on the line of serial {unsettled['serial'][0]} differ and are not"
            " settled",
            where=str(path),
            hint="let both checkers look again together, and fill in `settled`",
        )
    made = _make_risk_checks(found.select(RISK_CHECKS_SCHEMA.names()))
    return record.receive("risk.checks", made, {}, stamp, section=SECTION, inputs=inputs)


def _make_risk_checks(table: pl.DataFrame) -> Outputs:
    facts = {
        "checked": table.height,
        "valid": table.filter(pl.col("finding") == "valid").height,
        "looked_at_twice": table["second"].drop_nulls().len(),
        "differing": table.filter(_is_valid("first") != _is_valid("second")).height,
    }
    return Outputs((public_tables("risk_checks", {"risk_checks": table}),), facts)


def _add_earlier_findings(
    record: RecordWriter,
    inputs: Inputs,
    rows: pl.DataFrame,
    known: tuple[pl.DataFrame, OtherFindings],
    path: Path,
) -> pl.DataFrame:
    """Add the findings of earlier rounds that no other part has."""
    drawn, others = known
    if "risk" in inputs.bundles:
        decided = record.standings.writer(inputs.bundles["risk"][0])
        old = record.compute_once(
            "risk checks", decided.number, lambda: read_findings(record.inputs_of(decided))
        ).join(drawn, on="serial")
        has_other_finding = others.cover(old["serial"])
        old = old.select("serial", "line_id", "first", "second", settled="finding")
        repeated = rows.join(old, on="line_id", suffix="_before")
        changed = repeated.filter(_is_valid("settled_before") != (_settled_finding() == "valid"))
        if changed.height:
            raise InputError(
                f"the finding on the line of serial {changed['serial'][0]} is another than in the"
                " round before",
                where=str(path),
                hint="give the finding of the round before; only if that was wrong, put the act"
                " right that received it, with --corrects, --reason and all its lines",
            )
        rows = rows.join(old, on="line_id", how="anti")
        rows = pl.concat([old.filter(~has_other_finding).drop("serial"), rows])
    others.require_new(rows.join(drawn, on="line_id"), path)
    if rows.is_empty():
        raise InputError("every finding here stands already", where=str(path))
    return rows


def _is_valid(column: str) -> pl.Expr:
    return pl.col(column) == "valid"


def _settled_finding() -> pl.Expr:
    """Give the finding that counts: the settled one, or the first if no second one differs."""
    agree = pl.col("second").is_null() | (_is_valid("first") == _is_valid("second"))
    return pl.coalesce("settled", pl.when(agree).then("first"))


def _require_second_checks(inputs: Inputs, found: pl.DataFrame, path: Path) -> None:
    seed = inputs.parameters("risk_draw")["seed"]
    share = read_fraction(inputs.parameters("risk_plan")["second"])
    once = found.filter(pl.col("second").is_null())
    for serial, first in once.select("serial", "first").iter_rows():
        if first != "valid" or needs_second_checker(seed, serial, share):
            raise InputError(
                f"the line of serial {serial} needs a second checker and has none",
                where=str(path),
                hint="every line found invalid, and the share of the plan of those found valid,"
                " is looked at by a second checker who does not know the first finding",
            )
