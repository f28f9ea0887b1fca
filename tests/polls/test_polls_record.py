"""Polls and forecasts on the record: received, forecast, followed, put right, checked, replayed."""

import json
import shutil
from dataclasses import replace
from datetime import date

import pytest
from poll_tables import EXAMPLES, campaign_of

from forger import Forger, altered, check, csv_of, leaves, put, table
from referendum.core.canonical import canonical_json
from referendum.core.errors import InputError
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.polls import PollTable, make_forecast, read_polls, receive_poll_table
from referendum.polls import Assumptions, forecast
from referendum.publish import publish
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

NAME = "australia_voice_2023"
TABLE = PollTable(EXAMPLES / f"{NAME}.csv", campaign_of(NAME))
S128 = statute_on("au/constitution-s128", date(2023, 10, 14))


@pytest.fixture(scope="module")
def signer():
    return new_signer("tests.example/polls")


@pytest.fixture(scope="module")
def record(signer, tmp_path_factory):
    """Polls received, a forecast, later polls, a later forecast."""
    folder = tmp_path_factory.mktemp("polls") / "voice"
    opening = Opening("Voice", "A <b>Voice</b>?", "vote", S128, made_up=False)
    open_record(folder, signer, opening, Stamp())
    rows = TABLE.file.read_text(encoding="utf-8").splitlines(keepends=True)
    late = [row for row in rows[1:] if row.split(",")[5] >= "2023-09-25"]
    parts = {20: [row for row in rows[1:] if row not in late], 12: late}
    with RecordWriter.hold(folder, lambda _: signer) as held:
        for day in (20, 12):
            path = folder.parent / f"{day}.csv"
            path.write_text("".join([rows[0], *parts[day]]), encoding="utf-8")
            receive_poll_table(held, PollTable(path, TABLE.campaign), Stamp(), ["rows"])
            make_forecast(
                held, date(2023, 10, 14 - day // 2), Assumptions(leans={"QLD": -4.0}), Stamp()
            )
    return folder


@pytest.fixture(scope="module")
def site(record, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "site"
    publish([record], out)
    return out


def test_polls_come_in_parts_and_none_comes_twice(record, signer, tmp_path):
    folder = shutil.copytree(record, tmp_path / "voice")
    other = replace(TABLE.campaign, vote_date=date(2023, 10, 21))
    head = TABLE.file.read_text(encoding="utf-8").splitlines()[0]
    new = tmp_path / "new.csv"
    new.write_text(f"{head}\n{NAME},New house,,,2023-10-01,2023-10-02,900,,,,,40,50,10,,\n")
    with RecordWriter.hold(folder, lambda _: signer) as held:
        with pytest.raises(InputError, match="of the 14 polls were received before; the first is"):
            receive_poll_table(held, TABLE, Stamp(), ["rows"])
        with pytest.raises(InputError, match=r"act 1 has 2023-10-14 as vote date"):
            receive_poll_table(held, PollTable(new, other), Stamp(), ["rows"])
    inputs = Record.open(record).inputs(("polls",))
    parts = [part.rows("polls", "polls.csv") for part in inputs.parts("polls")]
    assert len(parts) == 2
    joined = read_polls(inputs)
    assert joined["poll"].to_list() == list(range(1, sum(parts) + 1))
    assert joined["sample"].n_unique() == joined["sample"].max()


def test_a_poll_in_two_parts_and_a_house_in_two_spellings_fail(record, signer):
    forger = Forger(record)
    second = forger.act("polls.receive", 1)["writes"][0]["digest"]
    first = forger.act("polls.receive")["writes"][0]["digest"]
    rows = table(forger.bundles[second][1]["polls.csv"])
    again = table(forger.bundles[first][1]["polls.csv"])[1]
    spelt = forger.copy()
    spelt.bundles[second][1]["polls.csv"] = csv_of(
        [[cell.replace("Essential", "ESSENTIAL") for cell in row] for row in rows]
    )
    found = [one.words for one in check(spelt.build(signer)).failures]
    assert any("'ESSENTIAL' is 'Essential' in act 1" in words for words in found), found
    number = str(len(rows))
    forger.bundles[second][1]["polls.csv"] = csv_of([*rows, [number, number, *again[2:]]])
    found = [one.words for one in check(forger.build(signer)).failures]
    assert any("is in act 1 too" in words for words in found), found


def test_every_poll_and_forecast_stays_and_can_be_checked(record, signer):
    acts = Record.open(record).acts
    assert [act.kind for act in acts[1:]] == ["polls.receive", "forecast"] * 2
    assert Record.open(record).fallen_acts() == set()
    assert acts[2].facts["median"] != acts[4].facts["median"]
    assert 0 < float(acts[4].facts["passes"]) < float(acts[4].facts["most_votes"]) < 0.5
    report = verify(str(record), key=str(signer.verifier))
    assert report.holds, report.failures


def test_a_forecast_comes_out_the_same_again(record):
    assert [one.differences for one in replay(Record.open(record), DERIVATIONS)] == [()] * 2


def test_polls_are_put_right_by_an_act_that_names_the_earlier_one(signer, tmp_path):
    folder = tmp_path / "voice"
    opening = Opening("Voice", "A Voice?", "vote", S128, made_up=False)
    open_record(folder, signer, opening, Stamp())
    with RecordWriter.hold(folder, lambda _: signer) as held:
        receive_poll_table(held, TABLE, Stamp(), ["rows"])
        make_forecast(held, date(2023, 10, 1), Assumptions(), Stamp())
        withdrawn = tmp_path / "fewer.csv"
        rows = TABLE.file.read_text().splitlines()
        withdrawn.write_text("\n".join(row for row in rows if "Focaldata" not in row) + "\n")
        fewer = PollTable(withdrawn, TABLE.campaign)
        receive_poll_table(held, fewer, Stamp(corrects=1, reason="a poll was withdrawn"), ["rows"])
        assert held.fallen_acts() == {1, 2}
        make_forecast(held, date(2023, 10, 1), Assumptions(), Stamp())
    assert verify(str(folder), key=str(signer.verifier)).holds


def test_a_forecast_as_of_the_day_of_the_vote_is_refused():
    with pytest.raises(InputError, match="the vote is on 2023-10-14"):
        forecast(TABLE.read().polls, TABLE.campaign, date(2023, 10, 14))


WORKED_OUT = {
    "referendum", "vote_date", "as_of", "status_quo", "polls", "samples", "wordings", "result",
    "most_votes",
}  # fmt: skip


def test_a_number_of_a_forecast_changed_by_an_insider_is_found_here_or_by_replay(
    site, signer, tmp_path
):
    source = site / "voice"
    key = str(signer.verifier)
    document = json.loads(Forger(source).files("forecast")["forecast.json"])
    unnoticed = set()
    first = {path[0]: path for path, _ in reversed(list(leaves(document)))}
    for path, value in leaves(document):
        if path[0] not in WORKED_OUT and path != first[path[0]]:
            continue  # one of each member that rests on the fit is enough
        forger = Forger(source)
        changed = json.loads(forger.files("forecast")["forecast.json"])
        put(changed, path, altered(value))
        forger.files("forecast")["forecast.json"] = canonical_json(changed)
        forger.write(tmp_path / "forged", signer)
        if verify(str(tmp_path / "forged"), key=key).holds:
            unnoticed.add(path[0])
    assert WORKED_OUT.isdisjoint(unnoticed)
    differences = [one.differences for one in replay(Record.open(tmp_path / "forged"), DERIVATIONS)]
    assert any(differences)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("polls.csv", b",39,44,17,", b",44,39,17,"),
        ("polls.csv", b"2023-10-04", b"2023-10-24"),
        ("polls.csv", b"\n1,1,", b"\n1,2,"),
        ("outcome.csv", b"\n400,", b"\n400,1"),
        ("weights.csv", b"YouGov", b"MyGov"),
    ],
)
def test_a_cell_changed_by_an_insider_is_found(site, signer, tmp_path, file, old, new):
    forger = Forger(site / "voice")
    files = next(
        files for _, files in forger.bundles.values() if file in files and old in files[file]
    )
    files[file] = files[file].replace(old, new, 1)
    forger.write(tmp_path / "forged", signer)
    assert not verify(str(tmp_path / "forged"), key=str(signer.verifier)).holds


@pytest.mark.parametrize("part", ["parameters", "facts"])
def test_a_number_changed_in_an_act_by_an_insider_is_found(site, signer, tmp_path, part):
    unnoticed = set()
    for number, act in enumerate(Forger(site / "voice").acts[1:], start=1):
        for path, value in leaves(act[part]):
            forger = Forger(site / "voice")
            put(forger.acts[number][part], path, altered(value))
            forger.write(tmp_path / "forged", signer)
            if verify(str(tmp_path / "forged"), key=str(signer.verifier)).holds:
                unnoticed.add((act["kind"], path[0]))
    # What a forecast assumed is worked out by replay only; a question's text rests on who gives it.
    assert unnoticed <= {
        ("polls.receive", "ballot_question"),
        *(("forecast", name) for name in ("turnout", "turnout_sd", "blank", "leans", "region_sd")),
    }


@pytest.mark.browser
def test_axe_finds_nothing_on_the_page_and_it_fits_a_small_screen(site):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed: the page was not opened")
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        small = {"width": 320, "height": 700}
        opened = browser.new_page(color_scheme="dark", viewport=small, bypass_csp=True)
        opened.goto((site / "voice" / "index.html").as_uri())
        opened.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        width = opened.evaluate("document.documentElement.scrollWidth")
        found = Axe().run(opened).response["violations"]
        browser.close()
    assert width <= 320
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []


def test_the_page_shows_the_forecast_its_charts_and_the_scores_beside_it(site):
    page = (site / "voice" / "index.html").read_text()
    assert "What the polls say" in page
    assert page.count('class="poll-chart"') >= 4
    assert "What the polls cannot tell" in page
    assert "Latest of each house, historical errors" in page
    assert "<b>Voice</b>" not in page


def test_a_forecast_says_what_follows_from_its_numbers_and_nothing_else(record):
    """Each of these an insider could change with every digest made to agree."""
    start, key = Forger(record), new_signer("tests.example/polls")

    def failing(change, also=lambda _: None):
        forger = start.copy()
        files = forger.files("forecast")
        document = json.loads(files["forecast.json"])
        change(document)
        files["forecast.json"] = canonical_json(document)
        also(forger)
        return [finding.words for finding in check(forger.build(key)).failures]

    def parameters(**others):
        return lambda forger: forger.act("forecast")["parameters"].update(others)

    def chance(document):
        document["passes"]["chance"] = document["scenarios"][0]["passes"] = "0.000001"

    assert failing(lambda _: None) == []
    changes = [
        lambda d: d["scenarios"][0].update(interval_80=["0.900", "0.999"]),
        lambda d: d["scenarios"][0].update(passes="0.9900"),
        lambda d: d["scenarios"][1].update(name="everybody says yes"),
        lambda d: d["scenarios"].append(d["scenarios"][1]),
        lambda d: d["scenarios"][1].update(median="1e3"),
        lambda d: d.update(days_ahead="99.0"),
        lambda d: d["now"].update(median="0.990"),
        lambda d: d["now"]["intervals"].update({"95": ["0.100", "0.990"]}),
        lambda d: d["passes"].update(rule="a simple majority of those present"),
        lambda d: d["passes"].update(assumption="nothing"),
        chance,
        lambda d: d["remarks"].append("Yes is sure to win."),
        lambda d: d["remarks"].pop(),
        lambda d: d["reading"].append("Yes is sure to win."),
        lambda d: d["reading"].__setitem__(2, "Yes has most votes with a chance of 99 in 100."),
        lambda d: d["constants"].update(walk="x"),
        lambda d: d["priors"].pop("walk"),
        lambda d: d["scales"].update(more="1"),
        lambda d: d.update(zzz="1"),
        lambda d: d["averages"].clear(),
    ]
    assert all(failing(change) for change in changes)
    assert failing(lambda _: None, parameters(leans={"QLD": "40"}))
    assert failing(lambda _: None, parameters(region_sd="1e3"))
    assert failing(chance, lambda f: f.act("forecast")["facts"].update(passes="0.000001"))
    for name in ("trend.csv", "effects.csv"):
        assert failing(lambda _: None, lambda f, name=name: f.drop_file("forecast", name))
        tables = [
            lambda rows: rows.pop(),
            lambda rows: rows[-1].__setitem__(0, "2030-01-01"),
            lambda rows: rows[-1].__setitem__(2, "0.9999"),
            lambda rows: rows.append(rows[-1]),
            lambda rows: [row.append("z") for row in rows],
        ]
        for change in tables:

            def alter(forger, name=name, change=change):
                rows = table(forger.files("forecast")[name])
                change(rows)
                forger.files("forecast")[name] = csv_of(rows)

            assert failing(lambda _: None, alter), (name, tables.index(change))
