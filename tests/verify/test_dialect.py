"""The closed dialect of pages: what a browser would show otherwise is refused, by its line."""

import re

import pytest

from referendum.publish import publish
from referendum.publish.figures import Words, place_marks
from referendum.verify.dialect import Links, require_dialect, spelled
from referendum.verify.elements import read_page
from referendum.verify.report import Mismatch
from referendum.verify.style_sheets import other_style
from referendum.verify.value_wordings import is_wording_of


@pytest.fixture(scope="module")
def site(vote, tmp_path_factory):
    """A vote, published."""
    out = tmp_path_factory.mktemp("dialect") / "site"
    publish([vote.folder], out)
    return out


@pytest.fixture(scope="module")
def html(site, vote):
    """The page of the vote."""
    return (site / vote.folder.name / "index.html").read_text()


@pytest.fixture(scope="module")
def links(html):
    """What the page of the vote leads to."""
    found = re.findall('href="([^"#]*)"', html)
    return Links(
        frozenset([*found, *(link.rpartition("/")[0] for link in found)]), frozenset({"state"})
    )


STATE = re.compile(r'<data value="[^"]*" data-source="state">([^<]*)</data>')

AROUND_THE_HEADLINE = {
    "words beside it": "{} Carried",
    "hidden": "<span hidden>{}</span>Carried",
    "comment": "<!-- {} -->Carried",
    "comment that ends at once": "<!-->Carried<!-- {} -->",
    "comment of a dash": "<!--->Carried<p><!-- -->{}",
    "bogus comment": "</{} >Carried",
    "question mark": "<?x {} ?>Carried",
    "textarea": "Carried<textarea hidden>{}</textarea>",
    "title": "Carried<title>{}</title>",
    "xmp": "Carried<xmp hidden>{}</xmp>",
    "noembed": "Carried<noembed>{}</noembed>",
    "noframes": "Carried<noframes>{}</noframes>",
    "select": "Carried<select hidden>{}</select>",
    "details": "Carried<details>{}</details>",
    "dialog": "Carried<dialog>{}</dialog>",
    "bdo": '<bdo dir="rtl">{}</bdo>',
    "turned": "\u202e{}",
    "turned by a reference": "&#8238;{}",
    "math": "<math><mtext>{}</mtext></math>",
    "drawing over it": '{}<svg width="900"><rect width="900"/><text x="0">Carried</text></svg>',
    "animation": "{}<svg><animate/><set/></svg>",
    "script in a link": '<a href="javascript:alert(1)">{}</a>',
    "foreign link": '<a href="https://other.example">{}</a>',
    "link of a drawing": '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>{}',
    "map": '<map name="a"><area href="https://other.example"></map>{}',
    "ping": '<a ping="https://other.example" href="#acts">{}</a>',
    "marked section": "<![CDATA[ {} ]]>Carried",
    "marked section of a drawing": "<svg><![CDATA[ > ]]></svg>{}",
    "shadow": '<div><template shadowrootmode="open">Carried</template>{}</div>',
    "form feed": "Carried<p\x0chidden>{}</p>",
    "button": "<button hidden>{}</button>Carried",
    "marquee": "<marquee hidden>{}</marquee>Carried",
    "popover": "<div popover>{}</div>Carried",
    "in a closed part": "</p><details><summary>Carried</summary><p>{}</p></details><p>",
}

IN_ITS_ELEMENT = {
    "hidden": ("<data ", "<data hidden "),
    "class": ("<data ", '<data class="x" '),
    "comment": ("\">", "\"><!-- --!>Carried<!-- -->"),
    "said twice": ("<data ", '<data value="Carried" '),
    "nul": ("<data", "<data\x00"),
    "other quotes": ('data-source="state"', "data-source='state'"),
    "no source": (' data-source="state"', ""),
    "large letters": ("<data ", "<DATA "),
}  # fmt: skip

ANYWHERE = {
    "refresh": ("<head>", '<head><meta http-equiv="refresh" content="0;url=other.html">'),
    "base": ("<head>", '<head><base href="https://other.example/">'),
    "other style sheet": ('href="style.css"', 'href="style.css" media="none"'),
    "prerender": ("<head>", '<head><link rel="prerender" href="https://other.example">'),
    "plain text": ("<body>", "<body>Carried<plaintext hidden>"),
    "frames": ("<body>", "<frameset>"),
    "after the end": ("</html>", "</html>\u202e<p>x</p>"),
    "turned": ("</main>", "\u2067</main>"),
    "in a title": ("<title", "<title>&#8238;</title><title"),
    "direction": ("<main ", '<main dir="rtl" '),
    "event": ("<main ", '<main onclick="alert(1)" '),
    "skip": ("<h1>", '<a class="skip" href="#main">1</a><h1>'),
    "file that no list names": ('href="data.json"', 'href="other.json"'),
    "folder that no list names": ('href="data.json"', 'href="../../x"'),
    "link of two slashes": ('href="data.json"', 'href="//data.json"'),
    "text between rows": ("<tbody>", "<tbody>Carried"),
    "comment": ("<h1>", "<!-- --><h1>"),
}


@pytest.mark.parametrize("trick", AROUND_THE_HEADLINE)
def test_nothing_stands_around_the_headline(html, links, trick):
    found = STATE.search(html)
    shown = AROUND_THE_HEADLINE[trick].format(found[0])
    changed = f"{html[: found.start()]}{shown}{html[found.end() :]}"
    with pytest.raises(Mismatch, match=r"line \d+: "):
        require_dialect(changed, "index.html", links)


@pytest.mark.parametrize("trick", IN_ITS_ELEMENT)
def test_the_element_of_the_headline_has_nothing_more(html, links, trick):
    found = STATE.search(html)
    shown = found[0].replace(*IN_ITS_ELEMENT[trick])
    changed = f"{html[: found.start()]}{shown}{html[found.end() :]}"
    assert changed != html
    with pytest.raises(Mismatch, match=r"line \d+: "):
        require_dialect(changed, "index.html", links)


@pytest.mark.parametrize("trick", ANYWHERE)
def test_nothing_else_than_the_dialect_stands_anywhere(html, links, trick):
    changed = html.replace(*ANYWHERE[trick])
    assert changed != html
    with pytest.raises(Mismatch, match=r"line \d+: "):
        require_dialect(changed, "index.html", links)


def test_a_page_without_its_frame_or_its_headline_is_refused(html, links):
    headline = re.compile(r'<p class="answer-word">.*?</p>')
    for changed in (
        "",
        "<!doctype html><p>Carried",
        re.sub("</?data[^>]*>", "", html),
        headline.sub("", html),
    ):
        with pytest.raises(Mismatch):
            read_page(changed.encode(), "index.html", links)


def test_every_page_that_is_written_keeps_within_the_dialect(site, vote):
    paths = [str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()]
    links = Links(frozenset(paths), frozenset({f"in({vote.folder.name},state)"}))
    for name in paths:
        if name.endswith(".html") and name.startswith(("law/", "index.")):
            read_page((site / name).read_bytes(), name, links)


def test_what_would_turn_a_text_is_spelled_out():
    word = Words("Lake\u202e\r\n", "0/parameters/title")
    shown = place_marks(f"<p>{word}</p>")
    assert shown == (
        '<p><data value="Lake&#8238;&#13;\n" data-source="0/parameters/title">Lake\\u202e\\u000d\n'
        "</data></p>"
    )
    assert spelled("Lake\u202e") == "Lake\\u202e"
    assert is_wording_of("Lake\u202e", "Lake\\u202e")


def test_a_style_sheet_that_is_not_shipped_is_told(site, vote):
    style = (site / vote.folder.name / "style.css").read_bytes()
    assert other_style(style, "referendum 0.1.0") == ""
    assert "can hide what stands there" in other_style(style + b"data{font-size:0}", "referendum 1")
