"""Records with everything that a page can show beside those of the whole suite."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from referendum.flows.polls import PollTable, make_forecast, receive_poll_table
from referendum.flows.sufficiency import risk, risk_checks
from referendum.polls import Assumptions, Campaign
from referendum.record.stamps import Stamp
from referendum.simulate import perfect_findings

NAME = "australia_voice_2023"
POLLS = Path(__file__).parents[2] / "examples" / "polls" / f"{NAME}.csv"


@pytest.fixture(scope="session")
def foretold(vote, tmp_path_factory):
    """A vote with polls in two parts, and a forecast."""
    made = vote.copy(tmp_path_factory.mktemp("foretold") / "foretold")
    head, *rows = POLLS.read_text(encoding="utf-8").splitlines(keepends=True)
    table = made.folder.parent / "polls.csv"
    campaign = Campaign(NAME, date(2023, 10, 14), "no")
    with made.hold() as record:
        for part in (rows[::2], rows[1::2]):
            table.write_text(f"{head}{''.join(part)}", encoding="utf-8")
            receive_poll_table(record, PollTable(table, campaign), Stamp(), ["rows"])
        make_forecast(record, date(2023, 10, 9), Assumptions(leans={"QLD": -4.0}), Stamp())
    return type(vote)(made.folder, made.signer)


@pytest.fixture(scope="session")
def checked(petition, made_up_files, tmp_path_factory):
    """A petition with a risk-limiting check beside the statute's, in two rounds."""
    made = petition.copy(tmp_path_factory.mktemp("checked") / "checked")
    found = made.folder.parent / "found.csv"
    with made.hold() as record:
        risk.plan(record, risk.RiskPlan(second="1/4"), Stamp())
        for size in (4, 200):
            risk.draw(record, "41662533516264134452", size, Stamp())
            sheet = risk_checks.worksheet(record)
            findings = perfect_findings(made_up_files.truth, sheet.get_column("line_id"))
            findings = findings.rename({"finding": "first"}).with_columns(second=pl.col("first"))
            findings.write_csv(found)
            risk_checks.receive_checks(record, found, "utf-8", Stamp())
            risk.decide(record, Stamp())
    return type(petition)(made.folder, made.signer)
