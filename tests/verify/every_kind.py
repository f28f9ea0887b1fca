"""Small records that have, together, every kind of act: what the sweep changes."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import count, product

import polars as pl
from tests.conftest import Made
from tests.machine.small_records import FIRST, LAST, electors, lines, seed, sheets
from tests.seeds import ceremonies

from officers_made import ADA, BO, CY, DI, KEYS, new_office
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_cards,
    receive_findings,
    receive_full_count,
    state_risk,
)
from referendum.flows.audit.boxes import audited_returns
from referendum.flows.audit.plan import Plan
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.matching.match import match
from referendum.flows.offices import appoint, dismiss
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.polls import PollTable, make_forecast, receive_poll_table
from referendum.flows.roll.copies import hand_out_copy, raise_alarm
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency import risk, risk_checks
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.law import Exclusion
from referendum.polls import Assumptions, Campaign
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.stamps import Stamp

WASHINGTON = ("us-wa/initiative-and-referendum", date(2026, 1, 2))
COLUMBIA = ("ca-bc/recall-and-initiative-act", date(2026, 1, 2))
OREGON = ("us-or/initiative-and-referendum", date(2026, 1, 2))
AUSTRALIA = ("au/constitution-s128", date(2023, 10, 14))
SWITZERLAND = ("ch/popular-initiative", date(2020, 1, 2))
ALBERTA = ("ca-ab/citizen-initiative-act", date(2026, 10, 19))


class Writing:
    """A record under work, with a folder for the tables that its acts read."""

    def __init__(self, folder, subject, law, **more):
        self.folder, self.numbers = folder, count(1)
        signer = new_signer("tests.example/sweep")
        opening = Opening("Small", "Yes?", subject, statute_on(*law), made_up=True, **more)
        open_record(folder / "record", signer, opening, Stamp())
        self.made = Made(folder / "record", signer)

    def table(self, rows):
        path = self.folder / f"table-{next(self.numbers)}.csv"
        frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows)
        frame.write_csv(path)
        return path

    def again(self, record, kind):
        """A stamp that puts the latest act of a kind right."""
        number = [act.number for act in record.acts if act.kind == kind][-1]
        return Stamp(corrects=number, reason="a page was misread")


def findings(drawn, odd="not_listed"):
    """Findings of lines: valid, but for one in five, and a second line of one person."""
    codes = ["valid", "valid", odd, "valid", "valid"]
    rows = [(one, codes[n % 5]) for n, one in enumerate(drawn)]
    return pl.DataFrame(rows, schema=["line_id", "finding"], orient="row")


def many_electors():
    """The electors of the lines, and others whose names leave room for decoys."""
    sounds = ["ba", "de", "fi", "go", "lu", "ma", "ne", "po", "ri", "tu"]
    others = [
        {**electors().row(n % 60, named=True), "elector_id": f"f{n}",
         "given_names": f"{one}{other}n".title(), "surname": f"{other}{one}r".title()}
        for n, (one, other) in enumerate(product(sounds, sounds))
    ]  # fmt: skip
    return pl.concat([electors(), pl.DataFrame(others)])


def petition_in_parts(folder):
    """Two copies of the list, lines that wait, checks in parts and put right, two stages."""
    work = Writing(folder, "petition", WASHINGTON)
    first, later = lines().head(20), lines().tail(20)
    with work.made.hold() as record:
        issue = Issue("initiative", FIRST, FIRST, base_value=200, last_day=LAST)
        issue_petition(record, issue, Stamp())
        seal_roll(record, work.table(many_electors()), "utf-8", Stamp())
        for party in ("yes", "no"):
            hand_out_copy(record, party, 8, folder / f"{party}.csv", Stamp(), renumber=True)
        decoys = record.inputs(("decoys",)).table("decoys", "decoys.parquet")
        decoys = decoys.filter(pl.col("copy") == 1).drop("elector_id", "copy").head(1)
        texts = decoys.cast(pl.String).row(0, named=True).items()
        shown = {name: text for name, text in texts if name in later.columns}
        made_up = [{**later.row(0, named=True), "line_id": "l99", **shown}]
        later = pl.DataFrame([*later.to_dicts(), *made_up], schema=later.schema)
        for part, alone in ((first, None), (later, "the last delivery")):
            tables = work.table(part), work.table(_sheets_of(part))
            receive_petition(
                record, *tables, part.height, "utf-8", Stamp(), number_alone=alone, accept=["rows"]
            )
        pass_gates(record, Stamp())
        match(record, Stamp())
        raise_alarm(record, Stamp())
        for size in (None, "all"):
            draw_sample(record, seed(1), size, Stamp())
            drawn = worksheet(record)["line_id"]
            _check_in_parts(work, record, drawn, put_right=size == "all")
            decide(record, "sample", Stamp())
    return work.made


def _sheets_of(part):
    return sheets().filter(pl.col("sheet_id").is_in(part["sheet_id"].unique().implode()))


def _check_in_parts(work, record, drawn, *, put_right=False):
    found = findings(drawn)
    middle = (found.height + 1) // 2
    for part in (found[:middle], found[middle:]):
        if part.height:
            receive_checks(record, work.table(part), "utf-8", Stamp())
    if put_right:
        again = work.again(record, "checks.receive")
        receive_checks(record, work.table(found[middle:]), "utf-8", again)


def _match(work, record):
    """The list, one delivery, gates and matching."""
    seal_roll(record, work.table(electors()), "utf-8", Stamp())
    tables = work.table(lines()), work.table(sheets())
    receive_petition(record, *tables, 40, "utf-8", Stamp(), number_alone="few")
    pass_gates(record, Stamp())
    match(record, Stamp())


def petition_at_risk(folder):
    """A risk-limiting check in two rounds and in parts, by a plan with test lines."""
    work = Writing(folder, "petition", (ALBERTA[0], date(2026, 1, 2)))
    with work.made.hold() as record:
        issue_petition(record, Issue("constitutional", FIRST, FIRST, base_value=120), Stamp())
        _match(work, record)
        tests = risk.TestLines((30, 0), (30, 1), Fraction(1, 100))
        risk.plan(record, risk.RiskPlan("0.05", "0.05", "comparison", tests=tests), Stamp())
        known = {}
        for size in (5, 20):
            risk.draw(record, seed(2), size, Stamp())
            sheet = risk_checks.worksheet(record)
            left = [one for one in sheet["line_id"] if one not in known]
            known |= dict.fromkeys(left)
            rows = findings(left).rename({"finding": "first"}).with_columns(second="first")
            for part in (rows[:2], rows[2:]):
                risk_checks.receive_checks(record, work.table(part), "utf-8", Stamp())
            risk.decide(record, Stamp())
    return work.made


def petition_of_districts(folder):
    """Every line checked, in districts each of which has a number to reach; a called seed."""
    work = Writing(folder, "petition", COLUMBIA)
    places = work.table([{"district": f"District {n}", "base": 40} for n in range(3)])
    with work.made.hold() as record:
        issue = Issue("initiative", FIRST, FIRST, 40, None, places, districts_in_all=3)
        issue_petition(record, issue, Stamp())
        seal_roll(record, work.table(electors()), "utf-8", Stamp())
        _bring_in_parts(work, record)
        pass_gates(record, Stamp())
        match(record, Stamp())
        draw_sample(record, None, None, Stamp(), left_out="torn")
        _check_in_parts(work, record, worksheet(record)["line_id"])
        decide(record, "sample", Stamp())
    return work.made


def _bring_in_parts(work, record):
    """Deliveries that fall with others: one comes again, and one is left out."""
    rows = lines().drop("sheet_id")
    few, torn, again, most = (rows[a:b] for a, b in ((0, 4), (4, 8), (8, 12), (12, 40)))

    def bring(part, stamp=None, **more):
        receive_petition(record, work.table(part), None, None, "utf-8", stamp or Stamp(), **more)

    def keyed_again():
        waiting = [act for act in record.acts if act.parameters.get("waits")]
        return Stamp(corrects=waiting[-1].number, reason="keyed again")

    bring(few)
    bring(torn, number_alone="few")
    bring(few, keyed_again())
    bring(again, number_alone="few", left_out="torn")
    bring(few, keyed_again())
    bring(again, number_alone="few", left_out="torn")
    bring(most, number_alone="few", left_out="torn")


def petition_by_seed(folder):
    """A second sample under a seed that was called for, once dropped, with one secret withheld."""
    work = Writing(folder, "petition", OREGON)
    office, yes, no = ceremonies.PARTIES
    with work.made.hold() as record:
        issue_petition(record, Issue("statute", FIRST, FIRST, base_value=500), Stamp())
        _match(work, record)
        until = ceremonies.later(minutes=5)
        ceremonies.call(record, parties=(office, yes, no), until=until)
        ceremonies.commit_all(record, parties=(office,))
        again = work.again(record, "seed.call")
        ceremonies.call(record, parties=(office, yes, no), until=until, stamp=again)
        ceremonies.commit_all(record, parties=(office, yes))
        ceremonies.reveal_all(record, parties=(office,), without_waiting=True)
        record.clock = lambda: datetime.now(UTC) + timedelta(minutes=6)
        ceremonies.roll_dice(record, "draw", ceremonies.ROLLED, Stamp())
        ceremonies.close_call(record, "draw", Stamp())
        draw_sample(record, None, None, Stamp())
        _check_in_parts(work, record, worksheet(record)["line_id"])
        decide(record, "sample", Stamp())
    return work.made


ACT_SCHEMAS = (
    "kind,region,district,place,yes,no,informal,total,electors,marked,added,voters,received,\
unused,spoiled,explanation\n"
)
BY_HAND = (
    "ordinary,NSW,North,School,60,40,2,102,150,100,2,102,110,7,1,\n",
    "ordinary,NSW,North,Hall,10,20,0,30,60,30,0,30,30,0,0,\n",
    "postal,NSW,North,School,5,6,1,12,,,,,,,,\n",
    "ordinary,VIC,East,Church,70,30,0,100,140,100,,100,100,0,,one more came late\n",
)
LATER = (
    "ordinary,QLD,West,Hall,1,99,0,100,120,,,,,,,\n",
    "ordinary,QLD,West,Barn,0,0,0,0,12,,,,,,,\n",
    "ordinary,WA,West,Hall,20,30,0,51,,,,,,,,\n",
)


def vote_in_parts(folder):
    """Returns in parts with accounts, places and an earlier vote; a part put right; polls."""
    work = Writing(folder, "vote", AUSTRALIA)
    files = {
        "electors": "region,district,electors\nNSW,North,210\nVIC,East,150\nQLD,West,140\n",
        "places": "region,district,place,kind,due\n"
        "NSW,North,School,ordinary,2023-10-14T20:00:00Z\n"
        "NSW,North,Hall,ordinary,2023-10-14T20:00:00Z\nQLD,West,Hall,ordinary,\n"
        "NSW,North,School,postal,\nVIC,East,Church,ordinary,\nQLD,West,Barn,ordinary,\n"
        "WA,West,Hall,ordinary,\nTAS,South,Hall,ordinary,2023-10-14T20:00:00Z\n",
        "previous": "region,district,place,yes,no\nNSW,North,School,30,70\n",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    beside = {name: folder / f"{name}.csv" for name in files}

    def receive(record, rows, stamp, **more):
        path = folder / f"returns-{next(work.numbers)}.csv"
        path.write_text(ACT_SCHEMAS + "".join(rows))
        given = {"electors": None, "scope": None, "accept": ["rows"], **more}
        receive_returns(
            record, ReturnsFiles(path, format="referendum", provisional=True, **given), stamp
        )

    with work.made.hold() as record:
        receive(record, BY_HAND[:2], Stamp(), **beside)
        receive(record, BY_HAND[2:], Stamp())
        declare_result(record, Stamp())
        receive(record, LATER, Stamp())
        receive(record, LATER[:2], work.again(record, "returns.receive"))
        declare_result(record, Stamp())
        _receive_polls(work, record)
    return work.made


POLLS = (
    {"pollster": "A", "field_start": "2023-08-30", "field_end": "2023-09-01", "sample_size": "900",
     "mode": "online", "population": "voters", "yes": "44", "no": "46", "undecided": "10",
     "source": "x", "sponsor": "S", "sponsor_side": "yes", "note": "n"},
    {"pollster": "B", "field_end": "2023-09-20", "sample_size": "700", "mode": "phone",
     "yes": "42", "no": "48", "source": "x"},
    {"pollster": "C", "field_end": "2023-09-22", "yes": "4200", "no": "48", "source": "x"},
    {"pollster": "A", "field_end": "2023-10-02", "yes": "41", "no": "50", "source": "x"},
)  # fmt: skip


def _receive_polls(work, record):
    campaign = Campaign("voice", date(2023, 10, 14), "no")
    names = list(dict.fromkeys(name for row in POLLS for name in row))
    rows = [{name: row.get(name) for name in names} for row in POLLS]
    for day, part in ((25, rows[:3]), (9, rows[3:])):
        at = date(2023, 9, 25) if day == 25 else date(2023, 10, 9)
        file = work.table(pl.DataFrame(part, schema=dict.fromkeys(names, pl.String)))
        receive_poll_table(record, PollTable(file, campaign), Stamp(), ["rows"])
        make_forecast(record, at, Assumptions(leans={"QLD": -4.0}), Stamp())


def vote_of_questions(folder):
    """An initiative, its counter-proposal and the question that decides between them."""
    stated = (Exclusion(("A", "B"), "T", "A"),)
    work = Writing(folder, "vote", SWITZERLAND, exclusions=stated)
    cantons = ["ZH", "BE"]
    rows = [
        {"question": q, "region": r, "district": r, "place": "all", "yes": y, "no": 100 - y,
         "informal": 1, "total": 101}
        for q, y in (("A", 60), ("B", 55), ("T", 40))
        for r in cantons
    ]  # fmt: skip
    delivery = ReturnsFiles(
        work.table(rows), None, "referendum", "all votes", provisional=False, common_ballot=True
    )
    with work.made.hold() as record:
        receive_returns(record, delivery, Stamp())
        declare_result(record, Stamp())
    return work.made


BOXES = {"P": (50, 20, 2), "Q": (30, 12, 0), "R": (22, 9, 1)}


def audit(method):
    """Give what makes a vote that is audited by a method, in two rounds, findings in parts."""

    def make(folder):
        work = Writing(folder, "vote", ALBERTA)
        questions = ("A", "B") if method == "oneaudit" else ("A",)
        kinds = ("ordinary", "postal") if method == "stratified" else ("all",)
        rows = [
            {"question": q, "kind": kind, "region": "AB", "district": "D", "place": p,
             "yes": y, "no": n, "informal": i, "total": y + n + i}
            for q in questions for kind in kinds for p, (y, n, i) in BOXES.items()
        ]  # fmt: skip
        delivery = ReturnsFiles(
            work.table(rows), None, "referendum", "all votes", provisional=False,
            common_ballot=len(questions) > 1,
        )  # fmt: skip
        with work.made.hold() as record:
            receive_returns(record, delivery, Stamp())
            declare_result(record, Stamp())
            _cards(work, record, method)
            stratum = ("postal",) if method == "stratified" else ()
            plan_audit(record, AuditChoice(method, "0.05", stratum=stratum), Stamp())
            for number, size in ((3, 4), (4, 12)):
                _round(work, record, seed(number), size)
        return work.made

    return make


def _cards(work, record, method):
    """Records of cards: of all boxes, of one or of none, and one that could not be read."""
    boxes = {"card_comparison": ("P", "Q", "R"), "oneaudit": ("P",), "stratified": ("P", "Q", "R")}
    for part in boxes.get(method, ())[:2], boxes.get(method, ())[2:]:
        rows = [
            {"question": question, "region": region, "district": district, "place": place,
             "card": number, "imprint": f"{place}{number}",
             "mark": "missing" if number == 2 else mark}
            for question, region, district, place, marks in _marked(record, method)
            if place.split(" (")[0] in part
            for number, mark in enumerate(marks, 1)
        ]  # fmt: skip
        if rows:
            receive_cards(record, [work.table(rows)], "utf-8", Stamp())


def _marked(record, method):
    """The boxes with the marks of their cards; of strata only the first kind has records."""
    for row in audited_returns(record.inputs(("returns",))).iter_rows(named=True):
        if method == "stratified" and "postal" in row["place"]:
            continue
        marks = ["yes"] * row["yes"] + ["no"] * row["no"] + ["blank"] * row["informal"]
        yield row["question"], row["region"], row["district"], row["place"], marks


def _round(work, record, drawn_by, size):
    draw_audit(record, drawn_by, {"*": size}, Stamp())
    form = _found(record, pull_list(record))
    for part in (form[:2], form[2:]):
        if part.height:
            file = work.table(part)
            receive_findings(record, file, file, "utf-8", Stamp(), people=None)
    state_risk(record, Stamp())


def _found(record, form):
    """Fill in a form of findings as returned, but for the blank ones, which are read as no."""
    returns = {
        (row["question"], row["region"], row["district"], row["place"]): row
        for row in audited_returns(record.inputs(("returns",))).iter_rows(named=True)
    }
    rows = []
    for row in form.to_dicts():
        box = returns[row["question"], row["region"], row["district"], row["place"]]
        if row.get("card"):
            row["mark"] = "yes" if row["card"] <= box["yes"] else "no"
        else:
            row |= {name: box[name] for name in ("yes", "no", "informal")}
        rows.append(row)
    return pl.DataFrame(rows, schema_overrides={"card": pl.Int64} if "card" in form.columns else {})


def count_by_hand(folder):
    """An audit by boxes that is given up for a full count, which finds one vote less."""
    made = audit("batch_comparison")(folder)
    work = Writing.__new__(Writing)
    work.folder, work.numbers, work.made = folder, count(100), made
    with made.hold() as record:
        inputs = record.inputs(("returns", "audit_plan"))
        returns = audited_returns(inputs, Plan.read(inputs).questions)
        columns = ["question", "region", "district", "place", "yes", "no", "informal"]
        rows = returns.filter(pl.col("total") > 0).select(columns).to_dicts()
        rows[0]["no"] += 1
        file = work.table(rows)
        receive_full_count(record, file, file, "utf-8", Stamp())
    return made


def office(folder):
    """A vote with officers, one of whom comes and goes; the insiders are all officers together."""
    made = new_office(folder)
    delivery = ReturnsFiles(folder / "returns.csv", None, "referendum", "all", provisional=False)
    with made.hold(CY, ADA, BO) as record:
        appoint(record, "Di Ash", "deputy", DI.key, "2100-01-01", Stamp())
        receive_returns(record, delivery, Stamp())
        declare_result(record, Stamp())
        dismiss(record, "Di Ash", "Left", Stamp())
    return Made(made.folder, made.signer)


RECORDS = {
    "petition in parts": petition_in_parts,
    "petition at risk": petition_at_risk,
    "petition of districts": petition_of_districts,
    "petition by seed": petition_by_seed,
    "vote in parts": vote_in_parts,
    "vote of questions": vote_of_questions,
    "ballot polling": audit("ballot_polling"),
    "card comparison": audit("card_comparison"),
    "oneaudit": audit("oneaudit"),
    "stratified": audit("stratified"),
    "count by hand": count_by_hand,
    "office": office,
}
"""What makes each of the records in a folder of its own."""

OFFICERS = {"office": {**KEYS, "Di Ash": DI}}
"""The keys of the officers of those that have any."""
