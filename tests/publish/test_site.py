"""The published site: complete, safe, checkable, readable by everyone."""

import json
import re
import shutil
from fractions import Fraction
from html.parser import HTMLParser

import polars as pl
import pytest
from markupsafe import escape

from referendum.core.errors import InputError, OrderError
from referendum.count import RULES
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_findings,
    state_risk,
)
from referendum.flows.count.result import declare_result
from referendum.flows.sufficiency import risk, risk_checks
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.law import CERTAINTIES, statute_bytes, statute_ids, versions
from referendum.publish import publish
from referendum.publish.charts import bars, share_bar
from referendum.publish.figures import plain as without_sources
from referendum.publish.meanings import MEANINGS, meaning
from referendum.publish.pages import page
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.simulate import VotePlan, perfect_findings, perfect_interpretations, simulate_vote
from referendum.verify import verify

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STAMP = Stamp(at="2026-10-20")
CIA = "law/ca-ab/citizen-initiative-act"
PAGES = [
    "index.html",
    "petition/index.html",
    "vote/index.html",
    "audited/index.html",
    "law/index.html",
    f"{CIA}/index.html",
]


@pytest.fixture(scope="module")
def site(petition, vote, audited, tmp_path_factory):
    """Three records, published."""
    out = tmp_path_factory.mktemp("out") / "site"
    publish([petition.folder, vote.folder, audited.folder], out)
    return out


class Links(HTMLParser):
    """Collects what a page loads and where it leads."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self.found += [value for name, value in attrs if name in {"href", "src"}]


def links(page):
    parser = Links()
    parser.feed(page.read_text())
    return parser.found


@pytest.mark.parametrize("name", ["petition", "vote"])
def test_a_published_record_verifies(site, name, request):
    made = request.getfixturevalue(name)
    report = verify(str(site / name), key=str(made.signer.verifier))
    assert report.holds, report.failures


def test_nothing_sealed_is_published(site, made_up_files):
    people = pl.read_parquet(made_up_files.lines).drop_nulls(["surname", "street"])
    rare = people["surname"].unique().sort().to_list()[:40] + people["street"].to_list()[:40]
    published = b"\n".join(path.read_bytes() for path in site.rglob("*") if path.is_file())
    secrets = [text for text in rare if len(text) > 5 and text not in {"general", "Alberta"}]
    assert [text for text in secrets if text.encode() in published] == []
    assert not list(site.rglob("sealed"))
    assert not list(site.rglob("*.parquet"))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(site, page):
    for link in links(site / page):
        if link.startswith(("#", "data:")):
            continue
        assert "//" not in link
        assert ((site / page).parent / link).exists(), link


def test_hostile_words_are_shown_and_not_obeyed(site):
    html = (site / "vote" / "index.html").read_text()
    assert "What of &lt;b&gt;vote&lt;/b&gt; &amp; co.?" in html
    assert "<b>" not in html


def test_every_number_of_the_decision_stands_on_the_page(site, petition):
    decision = Record.open(petition.folder).inputs(("decision",)).document("decision")
    html = (site / "petition" / "index.html").read_text()
    for name in ("lines", "standing", "required", "compared", "repeats", "universe", "valid"):
        assert f"{decision[name]:,}" in html, name


def test_made_up_people_are_called_so_on_every_page(site):
    assert "Made up." in (site / "petition" / "index.html").read_text()
    assert "Made-up" in (site / "index.html").read_text()


def test_programs_find_the_state_as_json(site):
    data = json.loads((site / "petition" / "data.json").read_text())
    assert data["state"] == "Sufficient"
    assert data["made_up"] is True


def test_the_table_of_jurisdictions_leads_to_a_page_for_every_act(site):
    table = (site / "law" / "index.html").read_text()
    for name in statute_ids():
        assert f'href="{name}/index.html"' in table
        page = (site / "law" / name / "index.html").read_text()
        assert escape(versions(name)[-1].title) in page
        file = (site / "law" / name / "statute.toml").read_bytes()
        assert file == statute_bytes(name, versions(name)[-1].version)


def test_a_page_of_an_act_shows_how_sure_each_value_is_and_what_changed_when(site):
    page = (site / CIA / "index.html").read_text()
    assert all(f'class="mark {mark}"' in page for mark in CERTAINTIES)
    changes = page.partition('id="changes"')[2]
    assert re.findall(r"<h3>([\d-]+)</h3>", changes) == ["2026-04-16", "2025-12-11", "2025-07-04"]
    assert re.search(r"collection: window</th><td>90 days</td><td>120 days", changes)


def test_a_petition_under_way_says_what_was_done_last(issued, tmp_path):
    publish([issued.folder], tmp_path / "site")
    assert "Last step: Petition issued" in (tmp_path / "site" / "index.html").read_text()


def test_publishing_again_replaces_the_site_as_a_whole(issued, vote, tmp_path):
    publish([issued.folder], tmp_path / "site")
    publish([vote.folder], tmp_path / "site")
    assert not (tmp_path / "site" / "petition").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_that_is_no_site_is_left_alone(issued, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OrderError, match="not published"):
        publish([issued.folder], tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_two_records_of_one_name_are_refused(issued, tmp_path):
    with pytest.raises(InputError, match="two records"):
        publish([issued.folder, issued.folder], tmp_path / "site")


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: pages were not opened")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(site, browser, page, scheme):
    """WCAG 2.2 AA, as far as a program can see."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    opened = browser.new_page(color_scheme=scheme, bypass_csp=True)
    opened.goto((site / page).as_uri())
    opened.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(opened).response["violations"]
    opened.close()
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_screen_of_320_pixels(site, browser, page):
    opened = browser.new_page(viewport={"width": 320, "height": 700})
    opened.goto((site / page).as_uri())
    width = opened.evaluate("document.documentElement.scrollWidth")
    opened.close()
    assert width <= 320


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_for_nothing_but_its_own_files(site, browser, page):
    asked, complaints = [], []
    opened = browser.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.goto((site / page).as_uri())
    opened.close()
    assert all(url.startswith((site.as_uri(), "data:")) for url in asked)
    assert complaints == []


def test_the_style_sheet_asks_for_nothing(site):
    assert not re.search(r"url\(|@import", (site / "style.css").read_text())


def test_the_site_is_small(site):
    sizes = [path.stat().st_size for path in site.rglob("*.html")]
    assert max(sizes) < 200_000


def test_a_page_sets_the_risk_limiting_answer_beside_the_statutes(
    petition, made_up_files, tmp_path
):
    made = petition.copy(tmp_path / "petition")
    with made.hold() as record:
        risk.plan(record, risk.RiskPlan(), Stamp())
        for size in (4, 200):
            risk.draw(record, "41662533516264134452", size, Stamp())
            sheet = risk_checks.worksheet(record)
            found = perfect_findings(made_up_files.truth, sheet.get_column("line_id"))
            found = found.rename({"finding": "first"}).with_columns(second="first")
            found.write_csv(tmp_path / "found.csv")
            risk_checks.receive_checks(record, tmp_path / "found.csv", "utf-8", Stamp())
            risk.decide(record, Stamp())
    shown = page(Record.open(made.folder))
    assert shown.risk["answer"] == "sufficient"
    assert [one["checked"] for one in shown.risk["rounds"]] == [4, 200]
    publish([made.folder], tmp_path / "site")
    html = (tmp_path / "site" / "petition" / "index.html").read_text()
    assert "The risk after each round of checks" in html
    assert "The checkers are taken to make no errors" in html


@pytest.mark.parametrize("size", [12, 16, 30])
def test_a_page_says_where_the_statute_decides_on_weak_evidence(
    petition, made_up_files, tmp_path, size
):
    made = petition.copy(tmp_path / "petition")
    with made.hold() as record:
        draws = record.standing("draw").number
        draw_sample(
            record,
            "99340516270188364725",
            size,
            Stamp(corrects=draws, reason="the seed was misread"),
        )
        drawn = worksheet(record).get_column("line_id")
        perfect_findings(made_up_files.truth, drawn).write_csv(tmp_path / "found.csv")
        receive_checks(record, tmp_path / "found.csv", "utf-8", Stamp())
        act = decide(record, "sample", Stamp())
    own = page(Record.open(made.folder)).sample_risk
    assert own["answer"] == act.facts["decision"]
    publish([made.folder], tmp_path / "site")
    html = (tmp_path / "site" / "petition" / "index.html").read_text()
    assert ("weaker than it looks" in html) == own["weak"]
    if act.facts["decision"] == "insufficient":
        # The lower bound of a small sample refuses a petition that is long enough.
        assert own["weak"]


def audit_text(made):
    shown = page(Record.open(made.folder))
    return shown.audit, shown.answer.detail


def test_the_page_of_an_audit_says_how_it_stands(audited):
    shown, detail = audit_text(audited)
    assert shown["state"] == "confirmed"
    assert "confirmed by an audit at a risk limit of 5.0%" in detail
    assert [one["risk_shown"] for one in shown["rounds"]][-1] == shown["risk"]
    assert shown["rounds"][0]["confirmed"] is False
    assert [one["name"] for one in shown["samples"]] == ["A", "B"]
    for one in shown["samples"]:
        assert sum(one["marks"].values()) == one["drawn"] == 310
    # One record in 2,000 is misread, and one of those was drawn.
    assert sum(one["differ"] for one in shown["samples"]) in {1, 2}


def test_the_page_follows_an_audit_step_by_step(counted_vote, tmp_path):
    files = simulate_vote(VotePlan(places=9, ballots=900, swapped=4), tmp_path / "files")
    made = counted_vote(tmp_path / "audited", files.returns)
    assert audit_text(made)[0] is None
    states = []
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.01"), STAMP)
        states.append(audit_text(made)[0]["state"])
        draw_audit(record, "16093877301246558914", {"*": 12}, STAMP)
        states.append(audit_text(made)[0]["state"])
        perfect_interpretations(files.truth, pull_list(record)).write_csv(tmp_path / "found.csv")
        found = tmp_path / "found.csv"
        receive_findings(record, found, found, "utf-8", STAMP)
        state_risk(record, STAMP)
        states.append(audit_text(made)[0]["state"])
    assert states == ["planned", "drawn", "open"]
    publish([made.folder], tmp_path / "site")
    assert "Not confirmed yet" in (tmp_path / "site" / "audited" / "index.html").read_text()


def test_every_code_on_a_page_has_its_meaning_beside_it(site, petition):
    page = plain(site / "petition" / "index.html")
    for code in petition_codes(petition):
        assert meaning(code, "finding") in page
    aside = plain(site / "vote" / "index.html")
    assert "does_not_add_up broken: in the box = yes + no + informal" in aside
    codes = {code for kind in MEANINGS.values() for code in kind}
    assert all(words and "_" not in words for kind in MEANINGS.values() for words in kind.values())
    assert {rule.code for rule in RULES} <= codes
    assert meaning("copy_2", "finding") == "line 2 of an elector among the drawn lines: one counts"
    assert meaning("an_own_code", "finding") == "an own code"


def plain(file):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", file.read_text()))


def petition_codes(petition):
    checks = Record.open(petition.folder).standing("checks.receive")
    assert checks.facts["invalid"]
    return checks.facts["invalid"]


def test_an_answer_that_was_withdrawn_is_told(petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    findings = made.folder.parent / "findings.csv"
    with made.hold() as record:
        drawn = worksheet(record).select("line_id", finding=pl.lit("valid"))
        drawn.write_csv(findings)
        before = record.standing("checks.receive")
        stamp = Stamp(corrects=before.number, reason="keyed wrongly")
        receive_checks(record, findings, "utf-8", stamp)
    publish([made.folder], tmp_path / "site")
    shown = page(Record.open(made.folder))
    assert shown.answer.word == "Not decided: an answer was withdrawn"
    assert "had said “decision: sufficient”" in without_sources(shown.withdrawn[0])
    assert "keyed wrongly" in shown.withdrawn[0]
    with made.hold() as record:
        decide(record, "sample", Stamp())
    shown = page(Record.open(made.folder))
    assert shown.answer.word == "Sufficient"
    assert "had said “decision: sufficient”" in without_sources(shown.withdrawn[0])


def test_a_result_that_was_withdrawn_stays_beside_the_one_that_stands(vote, tmp_path):
    made = vote.copy(tmp_path / "vote")
    with made.hold() as record:
        before = record.standing("result")
        declare_result(record, Stamp(corrects=before.number, reason="the wrong form"))
    shown = page(Record.open(made.folder))
    assert "had said “carried: " in without_sources(shown.withdrawn[0])
    assert "because: the wrong form" in without_sources(shown.withdrawn[0])
    publish([made.folder], tmp_path / "site")
    report = verify(str(tmp_path / "site" / "vote"))
    assert report.holds, report.failures


def test_an_act_recorded_on_another_day_says_both(site, audited):
    day = Record.open(audited.folder).acts[1].recorded[:10]
    assert f"2026-04-20 , recorded on {day} " in plain(site / "audited" / "index.html")


def test_a_long_name_leaves_room_for_the_bars():
    chart = bars(
        "A chart", [share_bar("N" * 500, Fraction(1, 3), reached=False)], Fraction(1, 2), ""
    )
    assert "N" * 25 + "…" in chart
    assert "N" * 27 not in chart
