"""Polls received and forecasts made, on a record or from a bare file."""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, cast

import polars as pl

from referendum.core.canonical import sha256_hex
from referendum.core.days import read_date
from referendum.core.errors import InputError
from referendum.core.tables import ReadingOptions
from referendum.core.written_days import DayOrder
from referendum.law import Statute, VoteRule, require_known
from referendum.polls import (
    POLLS,
    Assumptions,
    Campaign,
    Forecast,
    PastVote,
    ReceivedPolls,
    Side,
    forecast,
    receive_polls,
)
from referendum.polls.document import forecast_document, forecast_tables
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter
from referendum.tables.acceptance import require_few_rows_set_aside
from referendum.tables.given_files import read_given_file
from referendum.tables.reading import read_raw_table
from referendum.tables.requirements import notify_of_unread_columns, require_no_misnamed_columns

STORED = pl.Schema([("poll", pl.Int64), ("sample", pl.Int64), *POLLS.schema.items()])
"""Columns of `polls.csv`."""

RESULTS = "results.csv"


@dataclass(frozen=True)
class PollTable:
    """A file of polls, and the referendum that it is read for.

    Attributes:
        file: CSV or Parquet.
        campaign: the referendum.
        encoding: of a CSV file.
        dates: whether day or month comes first, where the columns do not decide.
    """

    file: Path
    campaign: Campaign
    encoding: str = "utf-8"
    dates: DayOrder | None = None

    def read(self) -> ReceivedPolls:
        """Read and check the file."""
        raw = read_raw_table(self.file, self.encoding)
        received = receive_polls(raw.frame, self.campaign, raw.broken, ReadingOptions(self.dates))
        notify_of_unread_columns(received.unknown_columns, "polls")
        if received.polls.is_empty() and received.set_aside.height:
            counted = ", ".join(f"{code} {count}" for code, count in received.faults.items())
            raise InputError(
                f"none of the {received.set_aside.height} rows can be used: {counted}",
                where=str(self.file),
                hint="the page on polls says what each code means; mend the table",
            )
        return received


def name_of_referendum(file: Path, encoding: str) -> str:
    """Give the name of the one referendum that a table is about: its own, or that of the file.

    Raises:
        InputError: the table is about several, or cannot be read.
    """
    frame = read_raw_table(file, encoding).frame
    if "referendum" not in frame.columns:
        return file.stem
    names = frame["referendum"].cast(pl.String).drop_nulls().unique().sort().to_list()
    if len(names) > 1:
        raise InputError(
            f"the table is about {len(names)} referendums: {', '.join(names[:5])}",
            where=str(file),
            hint="say which: --referendum NAME",
        )
    return names[0] if names else file.stem


def forecast_file(
    file: Path | str,
    referendum: str,
    vote_date: str,
    as_of: str,
    status_quo: Side = "no",
    rule: VoteRule | None = None,
) -> Forecast:
    """Forecast a referendum from a bare file of polls, outside any record.

    Args:
        file: CSV or Parquet with the columns of `referendum.polls.POLLS`.
        referendum: its name in the column of that name.
        vote_date: day of the vote, ISO 8601.
        as_of: last day whose polls are used, ISO 8601.
        status_quo: side that keeps things as they are.
        rule: vote rule of the statute, such as `version_on(act, day).vote`.
    """
    campaign = Campaign(referendum, read_date(vote_date, "day of the vote"), status_quo)
    received = PollTable(Path(file), campaign).read()
    return forecast(received.polls, campaign, read_date(as_of, "as-of day"), rule)


_AGREED_PARAMETERS = ("referendum", "vote_date", "status_quo", "ballot_question")
"""Parameters in which all parts of the polls agree."""


class PollParts:
    """The parts of the polls that stand, kept up act by act."""

    def __init__(self) -> None:
        self._rows: dict[RowKey, int] = {}
        self._houses: dict[str, dict[str, set[int]]] = {}
        self._own: dict[int, tuple[list[RowKey], set[str]]] = {}
        self._parameters: dict[int, dict[str, Any]] = {}

    def add(self, number: int, inputs: Inputs) -> None:
        """Take note of a part."""
        polls = from_csv(inputs.data("polls", "polls.csv"), STORED)
        rows, houses = _row_keys(polls), set(polls["pollster"])
        self._own[number] = rows, houses
        self._parameters[number] = {
            name: inputs.parameters("polls")[name] for name in _AGREED_PARAMETERS
        }
        self._rows.update((row, number) for row in rows)
        for house in houses:
            spelled = self._houses.setdefault(_house_key(house), {})
            spelled.setdefault(house, set()).add(number)

    def drop(self, number: int) -> None:
        """Take note that a part no longer stands."""
        rows, houses = self._own.pop(number)
        del self._parameters[number]
        for row in rows:
            if self._rows.get(row) == number:
                del self._rows[row]
        for house in houses:
            self._houses[_house_key(house)][house].discard(number)

    def spell(self, polls: pl.DataFrame, without: int | None) -> pl.DataFrame:
        """Write each house as the other parts do."""
        names = {}
        for house in set(polls["pollster"]):
            for known_name, parts in self._houses.get(_house_key(house), {}).items():
                if len(parts) > (without in parts):
                    names[house] = known_name
        return polls.with_columns(pl.col("pollster").replace(names)) if names else polls

    def require_new(self, polls: pl.DataFrame, without: int | None, file: Path) -> None:
        """See that no poll came with another part.

        Raises:
            InputError: one did.
        """
        repeated = [row for row in _row_keys(polls) if self._rows.get(row, without) != without]
        if repeated:
            house, _, end, _, yes, no, _ = repeated[0]
            act = self._rows[repeated[0]]
            raise InputError(
                f"{len(repeated):,} of the {polls.height:,} polls were received before; the first"
                f" is in act {act}: {house}, {end}, yes {yes}, no {no}",
                where=str(file),
                hint=f"give the polls that are new; if act {act} was wrong, put it right with"
                f" --corrects {act} --reason 'what was wrong', with all its polls",
            )

    def require_same(self, parameters: Mapping[str, Any], without: int | None) -> None:
        """See that all parts are about one vote.

        Raises:
            InputError: another part says otherwise what it is about.
        """
        others = (number for number in self._parameters if number != without)
        for number in islice(others, 1):
            for name, value in self._parameters[number].items():
                if parameters[name] != value:
                    raise InputError(
                        f"act {number} has {value} as {name.replace('_', ' ')}, and this"
                        f" {parameters[name]}",
                        hint="all polls of a record are about its one vote",
                    )


def receive_poll_table(
    record: RecordWriter, table: PollTable, stamp: Stamp, accept: Sequence[str] = ()
) -> Act:
    """Receive polls, a part beside those that stand; rows that cannot be used are set aside.

    Raises:
        InputError: more than a hundredth of the rows are set aside, and `rows` is not accepted; or
            a poll was received before, by another act that stands.
    """
    record.require_subject("vote")
    record.require_allowed("polls.receive", stamp)
    received = table.read()
    campaign, others = table.campaign, record.follow("polls", PollParts)
    polls = others.spell(received.polls, stamp.corrects)
    accepted = require_no_misnamed_columns(
        received.unknown_columns, received.empty, accept, table.file
    )
    accepted += require_few_rows_set_aside(received.set_aside, polls.height, accept, table.file)
    others.require_new(polls, stamp.corrects, table.file)
    parameters = {
        **({"accepted": sorted(set(accepted))} if accepted else {}),
        "referendum": campaign.referendum,
        "vote_date": campaign.vote_date.isoformat(),
        "status_quo": campaign.status_quo,
        "ballot_question": campaign.ballot_question,
    }
    others.require_same(parameters, stamp.corrects)
    facts = {
        "polls": polls.height,
        "samples": received.samples,
        "set_aside": received.set_aside.height,
        "faults": received.faults,
    }
    bundle = public_tables("polls", {"polls": polls, "set_aside": received.set_aside})
    return record.receive("polls.receive", Outputs((bundle,), facts), parameters, stamp)


RowKey = tuple[Any, ...]

_KEY_COLUMNS = ("pollster", "field_start", "field_end", "sample_size", "yes", "no", "undecided")
"""What tells a row of polls from others."""


def _house_key(house: str) -> str:
    """Give the letters and digits of a name: how it is spelt may follow from the other rows."""
    plain = unicodedata.normalize("NFKD", house.lower())
    return "".join(sign for sign in plain.lower() if sign.isalnum())


def _row_keys(polls: pl.DataFrame) -> list[RowKey]:
    """Give what tells each row of polls from others."""
    return [(_house_key(house), *cells) for house, *cells in polls.select(_KEY_COLUMNS).iter_rows()]


def read_polls(inputs: Inputs) -> pl.DataFrame:
    """Read the polls of all parts: columns of `STORED`, polls and samples numbered through."""
    parts = [from_csv(part.data("polls", "polls.csv"), STORED) for part in inputs.parts("polls")]
    if len(parts) == 1:
        return parts[0]
    polls = pl.concat(parts)
    start = pl.coalesce("field_start", "field_end")
    sample = pl.struct("pollster", start, "field_end", pl.col("mode").fill_null(""))
    numbered = polls.with_columns(poll=pl.int_range(1, pl.len() + 1))
    first = pl.col("poll").min().over(sample)
    return numbered.with_columns(sample=first.rank("dense").cast(pl.Int64))


def _campaign(parameters: Mapping[str, Any]) -> Campaign:
    return Campaign(
        parameters["referendum"],
        read_date(parameters["vote_date"], "day of the vote"),
        cast("Side", parameters["status_quo"]),
        parameters["ballot_question"],
    )


def _read_assumptions(parameters: Mapping[str, Any]) -> Assumptions:
    turnout = parameters["turnout"]
    return Assumptions(
        turnout=None if turnout is None else float(turnout),
        turnout_sd=float(parameters["turnout_sd"]),
        blank=float(parameters["blank"]),
        leans={name: float(lean) for name, lean in parameters["leans"].items()},
        region_sd=float(parameters["region_sd"]),
    )


def _make_forecast(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    polls = read_polls(inputs)
    campaign = _campaign(inputs.parts("polls")[0].parameters("polls"))
    as_of = read_date(parameters["as_of"], "as-of day")
    rule = inputs.statute().vote
    forecast_made = forecast(polls, campaign, as_of, rule, _read_assumptions(parameters))
    document_ = forecast_document(forecast_made)
    passes = document_["passes"]
    facts = {
        "polls": document_["polls"],
        "samples": document_["samples"],
        "median": document_["result"]["median"],
        "most_votes": document_["most_votes"],
        "passes": passes["chance"] if passes else None,
    }
    return Outputs((public_tables("forecast", forecast_tables(forecast_made), document_),), facts)


def _section(statute: Statute, parameters: Mapping[str, Any]) -> str:  # noqa: ARG001
    return require_known(statute.vote, "how a vote is decided").cite


FORECASTING = Derivation(
    kind="forecast",
    section=_section,
    make=_make_forecast,
)


def make_forecast(record: RecordWriter, as_of: date, assumptions: Assumptions, stamp: Stamp) -> Act:
    """Forecast the vote from the polls on the record, up to a day."""
    turnout = assumptions.turnout
    parameters = {
        "as_of": as_of.isoformat(),
        "turnout": None if turnout is None else _number_text(turnout),
        "turnout_sd": _number_text(assumptions.turnout_sd),
        "blank": _number_text(assumptions.blank),
        "leans": {name: _number_text(lean) for name, lean in sorted(assumptions.leans.items())},
        "region_sd": _number_text(assumptions.region_sd),
    }
    return record.derive(FORECASTING, parameters, stamp)


def _number_text(number: float) -> str:
    """Write an assumption as acts write numbers: without an exponent, 0 without a sign."""
    if not isfinite(number):
        raise InputError(f"an assumption is {number}, which is no number", hint="such as 0.6")
    return f"{number:z.9f}".rstrip("0").rstrip(".")


def read_past_votes(folder: Path) -> tuple[list[PastVote], str]:
    """Read the referendums of a folder whose results are known.

    The folder has `results.csv` (`referendum,vote_date,status_quo_side,yes,no`, per cent) and a
    table of polls `REFERENDUM.csv` for each.

    Returns:
        The votes in the order of `results.csv`, and a digest of all files read.
    """
    data = _read(folder / RESULTS)
    votes, read = [], [sha256_hex(data)]
    for row in csv.DictReader(data.decode().splitlines()):
        if not row["yes"]:
            continue
        day = read_date(row["vote_date"], "day of the vote")
        campaign = Campaign(row["referendum"], day, cast("Side", row["status_quo_side"]))
        file = folder / f"{campaign.referendum}.csv"
        received = PollTable(file, campaign).read()
        yes, no = float(row["yes"]), float(row["no"])
        votes.append(PastVote(campaign, received.polls, yes / (yes + no)))
        read.append(sha256_hex(_read(file)))
    return votes, sha256_hex(",".join(read).encode())


def _read(file: Path) -> bytes:
    try:
        return read_given_file(file)
    except InputError as error:
        hint = "a folder of past referendums has results.csv and a table of polls for each"
        raise InputError(error.message, where=str(file), hint=hint) from error
