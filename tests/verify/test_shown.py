"""Figures on pages: each stands in an element with its source, and is compared with the record."""

import json
import re
import threading

import pytest
from test_page_layer import Changed

from referendum.core.canonical import canonical_json, sha256_hex
from referendum.publish import publish
from referendum.publish.figures import (
    Figure,
    Words,
    mark,
    mark_as_programs_own,
    place_marks,
    plain,
    trace,
)
from referendum.publish.meanings import MEANINGS
from referendum.publish.server import serve_site
from referendum.verify import page_layer, verifier, verify
from referendum.verify.dialect import Links
from referendum.verify.elements import read_page
from referendum.verify.report import Mismatch, Report
from referendum.verify.value_wordings import is_wording_of

RECORDS = ("petition", "vote", "audited", "counted_by_hand", "foretold", "checked")

REVIEWED = (
    "SHA-256",
    "The ticket of line 17 is the SHA-256 of the text",
    ",17",
    ",17,2",
    "are 3% or more",
    "is 5% or more",
    "50 and 100",
    "1 in 2",
    "4 in 5",
    "19 in 20",
    "In 50 / 80 / 95 %",
    "of 50, 80 and 95 %",
    "intervals of 80 %",
)
"""Numbers of the pages' own prose, read one by one: no figures of a record."""

STATUTE = re.compile(r'<p class="cite">[^<]*</p>')
"""Provisions and sections, as the statute in the record cites them."""

FIGURE = re.compile(
    r'<(?:data|tspan) (?:data-)?value="([^"]*)" data-source="(?!program)[^>]*>([^<]*)</'
)

ROW = re.compile(r'<tr data-row="([^"]*)">(.*)</tr>')
CELL = re.compile(r"<t[hd][^>]*>([^<]*)<")

NAMES = re.compile(r",? ?[0-9A-Za-z]+:")
"""Names of questions before their figures, in a list of facts."""


MEANT = set(MEANINGS["return"].values())
"""What stands beside codes in tables of returns; its digits are prose."""


def links_of(html):
    """What a page leads to, whether it may or not."""
    found = re.findall('href="([^"#]*)"', html)
    return Links(
        frozenset([*found, *(link.rpartition("/")[0] for link in found)]), frozenset({"state"})
    )


def digits(text, spans, most):
    """Some of the places of digits within spans of a text."""
    places = [at for start, end in spans for at in range(start, end) if text[at] in "0123456789"]
    return places[:: max(1, len(places) // most)]


def figure(source, text):
    """An element that says it is 1, before the page."""
    return f'<p><data value="1" data-source="{source}">{text}</data></p><h1'


@pytest.fixture(scope="module")
def site(petition, vote, audited, counted_by_hand, foretold, checked, tmp_path_factory):
    """The records as the public has them."""
    out = tmp_path_factory.mktemp("shown") / "site"
    makers = (petition, vote, audited, counted_by_hand, foretold, checked)
    publish([made.folder for made in makers], out)
    return out


@pytest.fixture
def folder(site, request):
    """The published folder of the record that a test names."""
    return site / request.getfixturevalue(request.param).folder.name


@pytest.fixture(scope="module")
def checks():
    """Gives what checks the page layer of a folder alone, its list made anew for changed files."""
    known = {}

    def check(folder, files):
        if folder not in known:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(
                    verifier, "check_page_layer", lambda *found: known.setdefault(folder, found[2:])
                )
                assert verify(str(folder)).holds
        listed = json.loads((folder / "pages.json").read_bytes())
        for entry in listed["files"]:
            data = files.get(entry["name"], (folder / entry["name"]).read_bytes())
            entry |= {"sha256": sha256_hex(data), "bytes": len(data)}
        report = Report(str(folder))
        changed = Changed(folder, {**files, "pages.json": canonical_json(listed)})
        page_layer.check_page_layer(changed, report, *known[folder])
        return report

    return check


@pytest.mark.parametrize("folder", RECORDS, indirect=True)
def test_every_number_on_a_page_stands_in_an_element_or_is_prose_that_was_reviewed(folder):
    html = STATUTE.sub("", (folder / "index.html").read_text())
    loose = read_page(html.encode(), "index.html", links_of(html)).uncovered_texts
    unsaid = {
        text
        for text in loose
        if not NAMES.fullmatch(text)
        and re.search(
            r"\d", re.sub("|".join(map(re.escape, sorted(REVIEWED, key=len)[::-1])), "", text)
        )
    }
    assert unsaid == set()
    assert not re.search("[\x00-\x08\x0b-\x1f]", html)


@pytest.mark.parametrize("folder", RECORDS, indirect=True)
def test_a_digit_changed_in_a_figure_is_found_though_the_list_was_made_anew(folder, checks):
    html = (folder / "index.html").read_text()
    spans = [found.span(part) for found in FIGURE.finditer(html) for part in (1, 2)]
    in_cells = [
        (row.start(2) + found.start(1), row.start(2) + found.end(1))
        for row in ROW.finditer(html)
        for found in CELL.finditer(row[2])
        if found[1] not in MEANT
    ]
    rows = [row.span(1) for row in ROW.finditer(html)]
    unnoticed = []
    for place in [*digits(html, spans, 60), *digits(html, in_cells, 30), *digits(html, rows, 10)]:
        digit = str((int(html[place]) + 1) % 10)
        changed = html[:place] + digit + html[place + 1 :]
        report = checks(folder, {"index.html": changed.encode()})
        if {one.file for one in report.failures} != {"index.html"}:
            unnoticed.append(html[place - 80 : place + 20])
    assert unnoticed == []


@pytest.mark.parametrize("folder", ["vote"], indirect=True)
def test_what_stands_there_and_what_should_is_named(folder, checks):
    html = (folder / "index.html").read_text()
    found = re.search(r'<data value="(\d+)" data-source="([^"]*/yes)">(\d)', html)
    changed = html[: found.start(3)] + "7" + html[found.end(3) :]
    (failure,) = checks(folder, {"index.html": changed.encode()}).failures
    line = html[: found.start()].count("\n") + 1
    assert failure.words.startswith(f"line {line}, <data> of {found[2]}: 7")
    assert failure.words.endswith(f"by the record {found[1]}")


@pytest.mark.parametrize("folder", ["vote"], indirect=True)
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<main", "<script>1</script><main", "could show something else"),
        ("<main", '<main style="display:none"', "could show something else"),
        ('href="style.css"', 'href="other.css"', "could show something else"),
        ("<h1", '<p><data value="1">1</data></p><h1', "says no source"),
        ("<h1", '<p><data value="1" data-source="state"><b>1</b></data></p><h1', "<b> in <data>"),
        ("<h1", '<p><data value="1" data-source="log/size"></p><h1', "does not close what is open"),
        ("</main>", "", "<main> is not closed"),
        ("<h1", figure("sum(" * 9 + "log/size" + ")" * 9, "1"), "deep"),
        ("<h1", figure("power(log/size)", "1"), "no such function"),
        ("<h1", figure("1/returns/returns.csv/0/yes", "1"), "no row"),
        ("<h1", figure("program", "2"), "2 stands there for 1"),
        ("<h1", '<p><data value="9" data-source="log/size">4</data></p><h1', "value is 9"),
        ("<h1", figure("no/where", "1"), "no such source"),
        ("<h1", figure("1/facts", "1"), "no single value"),
    ],
)
def test_what_could_mislead_is_refused(folder, checks, old, new, words):
    html = (folder / "index.html").read_text().replace(old, new, 1)
    report = checks(folder, {"index.html": html.encode()})
    assert any(words in finding.words for finding in report.failures), report.failures


@pytest.mark.parametrize("folder", ["vote"], indirect=True)
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("</td></tr>", "</td><td>7</td></tr>", "other cells"),
        (r"<td[^>]*>[^<]*</td></tr>", "</tr>", "other cells"),
        (" yes no ", " no yes ", "stands there, by the record"),
        ("</td></tr>", "</td>", "<tr> in <tr>"),
        ("<td", '<td colspan="2"', "colspan"),
        ("</td>", "", "<th> in <td>"),
    ],
)
def test_a_row_shows_its_row_of_the_record_and_no_other(folder, checks, old, new, words):
    html = (folder / "index.html").read_text()
    start = html.rindex("<table", 0, html.index("Votes by district"))
    start = start if old.startswith(" yes") else html.index("<tr data-row", start)
    changed = html[:start] + re.sub(old, new, html[start:], count=1)
    report = checks(folder, {"index.html": changed.encode()})
    assert any(words in finding.words for finding in report.failures), report.failures


@pytest.mark.parametrize("folder", ["vote"], indirect=True)
def test_a_bar_that_is_not_as_long_as_its_value_is_found(folder, checks):
    html = (folder / "index.html").read_text()
    bars = list(re.finditer(r'<rect[^>]* width="([0-9.]+)"', html))
    widest = max(bars, key=lambda found: float(found[1]))
    other = next(found for found in bars if found is not widest and float(found[1]) > 9)
    changed = html[: other.start(1)] + f"{float(other[1]) - 5:.1f}" + html[other.end(1) :]
    report = checks(folder, {"index.html": changed.encode()})
    assert any("not as long" in finding.words for finding in report.failures)


def test_a_change_is_found_over_the_web_too(site, vote):
    server = serve_site(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    name = vote.folder.name
    address = f"http://127.0.0.1:{server.server_port}/{name}/index.html"
    page = site / name / "index.html"
    whole = page.read_bytes()
    try:
        report = verify(address)
        assert report.holds, report.failures
        assert any("figures of index.html" in finding.words for finding in report.findings)
        page.write_bytes(re.sub(rb"Yes <data([^>]*)>[0-9]", rb"Yes <data\1>9", whole, count=1))
        assert not verify(address).holds
    finally:
        page.write_bytes(whole)
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("value", "good", "bad"),
    [
        (1234, ["1234", "1,234"], ["1,235", "12,34", "1234.0", ""]),
        (
            "31/60",
            ["51.67%", "51.7 %", "52%", "31/60", "52 in 100"],
            ["51.66%", "51%", "53 in 100"],
        ),
        ("0.000004", ["less than 0.001%", "0.00%", "under 1 in 200"], ["less than 5%", "1%"]),
        (-5, ["-5"], ["5", "5%"]),
        (None, ["not known yet"], ["no", "", "0"]),
        (True, ["yes", "reached"], ["no", "1"]),
        ("not_in_yet", ["not in yet"], ["in"]),
        ("2026-05-02T23:00:00+00:00", ["2026-05-02"], ["2026-05-03", "2026-05"]),
        ("a" * 40, ["a" * 25 + "…"], ["aaa…", "a" * 20 + "b…"]),
    ],
)
def test_a_value_has_few_forms(value, good, bad):
    assert [text for text in good if not is_wording_of(value, text)] == []
    assert [text for text in bad if is_wording_of(value, text)] == []


def test_a_figure_carries_its_source_into_sentences_and_a_text_cannot_pretend_to():
    yes, no = Figure(1234, "1/facts/yes"), Figure(5, "1/facts/no")
    assert place_marks(f"{yes:,} of {yes + no:,}") == (
        '<data value="1234" data-source="1/facts/yes">1,234</data> of '
        '<data value="1239" data-source="sum(1/facts/yes,1/facts/no)">1,239</data>'
    )
    assert plain(f"{-no}") == "-5"
    assert place_marks(f"<svg><text>{no}</text></svg>").startswith("<svg><text><tspan data-value=")
    assert place_marks(f'<p title="{no}">') == '<p title="5">'
    hostile = trace({"a": "\x02000:x\x1f9\x1f9\x03"}, "0/parameters")["a"]
    assert place_marks(f"{hostile}").count("data-source") == 1
    assert isinstance(hostile, Words)
    assert place_marks(mark_as_programs_own("1,234 is 5%")).count('data-source="program"') == 2
    assert (
        place_marks(mark_as_programs_own(mark("log/size", 4, "4")))
        == '<data value="4" data-source="log/size">4</data>'
    )


@pytest.mark.parametrize("page", [b"\xff", b"<data value='1' data-source='x'>" + b"1" * 30_000])
def test_a_page_that_is_none_is_refused(page):
    with pytest.raises(Mismatch):
        read_page(page, "index.html", Links(frozenset(), frozenset()))
