"""Small records to begin from, the tables that their acts read, and what must hold after each."""

import shutil
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from referendum.core.errors import ReferendumError
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.wording import act_lines
from referendum.publish import publish, site
from referendum.record import replay
from referendum.record.log import Signer, new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

AGAIN = st.sampled_from(["no", "no", "no", "standing", "standing", "without reason", "earlier"])
"""Whether an act is a first one, or puts right the standing one, with a reason or not, or any."""

FIRST, LAST = date(2026, 1, 3), date(2026, 5, 2)

STATUTES = {
    # statute, day, proposal, the number that the requirement is a share of, last day of signing
    "alberta": ("ca-ab/citizen-initiative-act", date(2026, 1, 2), "constitutional", 120, None),
    "washington": ("us-wa/initiative-and-referendum", date(2026, 1, 2), "initiative", 200, LAST),
    "oregon": ("us-or/initiative-and-referendum", date(2026, 1, 2), "statute", 240, None),
    "california": ("us-ca/initiative-and-referendum", date(2026, 1, 2), "statute", 300, None),
    "columbia": ("ca-bc/recall-and-initiative-act", date(2026, 1, 2), "initiative", 40, None),
    "zealand": ("nz/citizens-initiated-referenda-act", date(2026, 1, 2), "referendum", 200, None),
}

VOTES = {
    # statute, day, regions
    "alberta": ("ca-ab/citizen-initiative-act", date(2026, 10, 19), ("North", "South")),
    "australia": (
        "au/constitution-s128",
        date(2023, 10, 14),
        ("NSW", "VIC", "QLD", "WA", "SA", "TAS"),
    ),
    "italy": ("it/abrogative-referendum", date(2026, 6, 8), ("Lazio", "Molise")),
    "taiwan": ("tw/referendum-act", date(2026, 8, 1), ("Taipei", "Tainan")),
}


@dataclass
class Small:
    """A small record, its key, and a folder for the tables that its acts read."""

    folder: Path
    signer: Signer
    tables: Path
    written: int = 0
    checked: set[int] = field(default_factory=set)

    @classmethod
    def opened(cls, folder: Path, subject: str, statute: str, day: date, question: str) -> "Small":
        """Open a record and nothing more."""
        signer = new_signer("machine.example/record")
        opening = Opening(
            "A <b>small</b> record", question, subject, statute_on(statute, day), True
        )
        open_record(folder / "record", signer, opening, Stamp())
        return cls(folder / "record", signer, folder)

    def copy(self, folder: Path) -> "Small":
        """Copy it, to go on from there."""
        shutil.copytree(self.folder, folder / "record")
        return replace(self, folder=folder / "record", tables=folder, checked=set(self.checked))

    def hold(self):
        """Hold it for writing."""
        return RecordWriter.hold(self.folder, lambda _: self.signer)

    def open(self) -> Record:
        """Open it for reading."""
        return Record.open(self.folder)

    def write(self, rows: pl.DataFrame | list[dict]) -> Path:
        """Write a table that an act reads."""
        self.written += 1
        path = self.tables / f"table-{self.written}.csv"
        pl.DataFrame(rows).write_csv(path)
        return path

    def act(self, step) -> bool:
        """Do a step, and say whether it was done; if it was, everything must hold after it."""
        before = len(self.open().acts)
        with self.hold() as record:
            done = not refusal(lambda: step(record))
        if done:
            self.check()
        else:
            assert len(self.open().acts) == before, "a refused step left an act behind"
        return done

    def check(self) -> None:
        """Publish, verify, replay and tell: what every honest record must bear at any time."""
        record = self.open()
        out = self.tables / "site"
        publish([self.folder], out)
        report = verify(str(out / "record"), key=str(self.signer.verifier))
        assert report.holds, report.failures
        for act in record.acts:
            assert all(len(line) <= 80 for line in act_lines(act))
            if act.nature == "derived" and act.number not in self.checked:
                assert replay._differences(record, act, DERIVATIONS[act.kind]) == ()
                self.checked.add(act.number)


def refusal(step) -> str:
    """Give what a step is refused with, in words; nothing if it is done."""
    try:
        step()
    except ReferendumError as error:
        return error.message
    return ""


def without_law_pages(monkeypatch) -> None:
    """Leave out the pages of the law, which are the same for every record."""
    monkeypatch.setattr(site, "_law_files", lambda *_: {})


def seed(number: int) -> str:
    """Give a public seed of twenty digits."""
    return str(10**19 + number * 6_364_136_223_846_793_005 % 10**19)


def electors() -> pl.DataFrame:
    """Electors of three districts, some of one name, some of one door."""
    given = ["Ann", "Bo", "Cy", "Dee", "Ed", "Flo"]
    return pl.DataFrame(
        [
            {
                "elector_id": f"e{number}",
                "given_names": given[number % 6],
                "surname": ["Stone", "Wood", "Rivers", "Hill", "Marsh"][number % 5],
                "birth_date": f"19{50 + number % 40}-0{1 + number % 9}-1{number % 10}",
                "street_number": str(number // 2),
                "street": "Main St",
                "locality": "Springfield",
                "district": f"District {number % 3}",
            }
            for number in range(60)
        ]
    )


def lines(count: int = 40) -> pl.DataFrame:
    """Lines of electors, strangers and repeats, some of them late."""
    listed = electors().drop("elector_id")
    rows = listed.head(count - 6).to_dicts()
    rows += listed.head(3).to_dicts()
    rows += [{**row, "surname": "Nobody", "street": "Elsewhere Rd"} for row in rows[:3]]
    return pl.DataFrame(
        [
            {
                "line_id": f"l{number}",
                "sheet_id": f"s{number // 10}",
                "line_no": 1 + number % 10,
                "signed_on": str(date(2026, 6, 1) if number % 13 == 12 else date(2026, 2, 1)),
                **row,
            }
            for number, row in enumerate(rows)
        ]
    )


def sheets() -> pl.DataFrame:
    """The sheets of the lines."""
    return pl.DataFrame(
        [
            {
                "sheet_id": f"s{number}",
                "canvasser_id": "c1",
                "issued": True,
                "affidavit_on": "2026-03-01",
            }
            for number in range(5)
        ]
    )


def stamp(record: Record, kind: str, again: str) -> Stamp:
    """Give the stamp of a first act, of one that puts right the standing one, or any earlier."""
    standing = record.standing(kind)
    if again == "no" or (standing is None and again != "earlier"):
        return Stamp()
    if again == "without reason":
        return Stamp(corrects=standing.number)
    number = standing.number if again == "standing" else len(record.acts) // 2
    return Stamp(corrects=number, reason="a slip of the pen")
