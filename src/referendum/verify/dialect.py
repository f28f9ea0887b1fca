"""The closed dialect of pages (section 15): what stands on a page is what a browser shows of it."""

import posixpath
import re
from html import unescape
from typing import NamedTuple
from urllib.parse import quote, unquote

from referendum.verify.report import Mismatch

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; \
img-src 'self' data:; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
"""
TITLE = re.compile(r'<title(?: data-value="[^"<>]*" data-source="[^"<>]*")?>[^<>]*</title>\n')
BODY = """<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}style.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
"""
FOOT = """<footer><div class="wide"><p>Static files, made from a signed record. \
Nothing here is loaded from elsewhere.</p></div></footer>
</body>
</html>"""

DEEPEST, LONGEST_TAG = 40, 100_000

PHRASES = "a code data span strong time"
CHILDREN: dict[str, str] = {
    "": "header main",
    "header": "div", "main": "blockquote div dl h1 h2 nav p section ul",
    "section": "details div dl h2 h3 ol p pre svg ul",
    "nav": "ul", "ul": "li", "ol": "li", "li": f"{PHRASES} div dl h2 h3 p table",
    "blockquote": "p", "pre": "code", "dl": "div", "details": "summary div",
    "div": "a dd dt p span table", "dt": PHRASES, "dd": PHRASES,
    "p": PHRASES, "h1": "data", "h2": "a data", "h3": "data span", "summary": "data",
    "a": "data", "code": "data", "span": "data", "strong": "data", "time": "data", "data": "",
    "table": "caption thead tbody", "caption": "data", "thead": "tr", "tbody": "tr",
    "tr": "td th", "td": f"{PHRASES} p", "th": f"{PHRASES} br", "br": "",
    "svg": "circle line polygon polyline rect text",
    "text": "tspan", "circle": "title", "polygon": "title", "polyline": "", "line": "",
    "rect": "", "tspan": "", "title": "",
}  # fmt: skip
"""By element, the elements that may stand in it; the empty name is the page below its head."""

WITHOUT_TEXT = {
    "", "header", "main", "section", "nav", "ul", "ol", "blockquote", "pre", "dl", "div", "details",
    "table", "thead", "tbody", "tr", "br", "svg", "circle", "polygon", "polyline", "line", "rect",
}  # fmt: skip
"""Elements with nothing but blanks between the elements that stand in them."""

SHAPES = {"circle", "line", "polygon", "polyline", "rect"}
"""Elements that may be closed in their own tag."""

NUMBER = r"-?[0-9]{1,6}(?:\.[0-9]{1,20})?"
ANY = r"[^\n\t]*"
WORD = r"[a-z0-9-]+"
SOURCE = {"data-value": ".*", "data-source": ANY}
LOOK = {
    "fill": "none|currentColor", "fill-opacity": r"\.13|\.72", "stroke": "currentColor",
    "stroke-width": r"2|1\.4", "stroke-opacity": r"\.3", "stroke-dasharray": "5 4",
}  # fmt: skip

ATTRIBUTES: dict[str, dict[str, str]] = {
    "header": {"class": "bar-top"},
    "main": {"id": "main", "class": "wide"},
    "div": {"class": "wide|scroll", "role": "region", "aria-label": ANY, "tabindex": "0"},
    "section": {"id": WORD, "class": "answer (?:good|plain)|notice|repeats", "aria-label": ANY},
    "nav": {"class": "contents", "aria-label": ANY},
    "ul": {"class": "cards"}, "ol": {"class": "acts|steps", "start": "0"},
    "li": {"class": "fallen"}, "blockquote": {"class": "question"},
    "p": {
        "class": r"answer-detail|answer-word(?: good| plain)?|bundle|cite|lead|notice|quiet|signer"
        "|sum|tag",
        "role": "note",
    },
    "pre": {"tabindex": "0"}, "dl": {"class": "facts"},
    "a": {"class": "brand", "href": ".*"}, "code": {"class": "digest"},
    "span": {"class": "brand|note|mark (?:derived|general|read|reading)|tag (?:public|sealed)"},
    "h3 span": {"class": "act-number"}, "time": {"datetime": "[0-9]{4}-[0-9]{2}-[0-9]{2}"},
    "data": {"value": ".*", "data-source": ANY},
    "table": {"class": "law|places", "data-columns": ANY}, "tr": {"data-row": ANY},
    "td": {"class": "code|n|word"}, "th": {"class": "meaning|n", "scope": "col|row"},
    "svg": {
        "xmlns": re.escape("http://www.w3.org/2000/svg"), "class": "chart|poll-chart",
        "viewBox": f"0 0 {NUMBER} {NUMBER}", "width": NUMBER, "role": "img", "aria-label": ANY,
        "font-family": "system-ui, sans-serif", "font-size": "13",
    },
    "rect": {
        "class": "bar(?: short)?", "x": NUMBER, "y": NUMBER, "width": NUMBER, "height": "20",
        **SOURCE,
    },
    "line": {"class": "mark", "x1": NUMBER, "x2": NUMBER, "y1": NUMBER, "y2": NUMBER, **LOOK},
    "text": {
        "class": "label|mark-text|value", "x": NUMBER, "y": NUMBER, "fill": "currentColor",
        "text-anchor": "start|middle|end",
    },
    "circle": {"cx": NUMBER, "cy": NUMBER, "r": NUMBER, **LOOK},
    "polygon": {"points": r"[0-9., -]*", **LOOK}, "polyline": {"points": r"[0-9., -]*", **LOOK},
    "tspan": SOURCE, "title": SOURCE,
}  # fmt: skip
"""By element (or an element in another), its attributes, and the form of each one's value."""

_CHILDREN = {name: frozenset(names.split()) for name, names in CHILDREN.items()}
_FORMS = {
    name: {one: re.compile(form, re.ASCII | re.DOTALL) for one, form in forms.items()}
    for name, forms in ATTRIBUTES.items()
}
_TOKEN = re.compile(
    r'([^<]*)(?:<(/?)([a-z][a-z0-9]*)((?: [A-Za-z][A-Za-z0-9-]*="[^"<>]*")*)(/?)>)?', re.ASCII
)
_ATTRIBUTE = re.compile(r' ([A-Za-z0-9-]+)="([^"]*)"', re.ASCII)
_NO_TEXT = re.compile(r">|&(?!(?:amp|lt|gt|quot|minus|ndash|rsquo|#34|#39);)")
_NO_VALUE = re.compile(r"&(?!(?:amp|lt|gt|quot|minus|ndash|rsquo|#[1-9][0-9]{0,6});)", re.ASCII)
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_HEADLINE = re.compile(
    r'<data value="[^"<>]*" data-source="(?:state|in\([^(),/"<>]+,state\))">[^<>]*</data></p>'
)
_ANCHOR = re.compile(r"#[a-z0-9-]+", re.ASCII)
_BUNDLE_FILE = re.compile(r"(bundles/public/[0-9a-f]{64})/[^/]+", re.ASCII)


class Links(NamedTuple):
    """What the pages of a folder may lead to, and must show.

    Attributes:
        targets: paths below the folder of files, and of bundles.
        headlines: sources of those that `index.html` shows, decoded.
    """

    targets: frozenset[str]
    headlines: frozenset[str]


def spelled(text: str) -> str:
    r"""Write what would steer a browser (controls, marks of direction) as `\u202e`."""
    return _STEERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def require_dialect(text: str, file: str, links: Links) -> None:
    """Insist that a page has only what the dialect has.

    Args:
        text: the page.
        file: its path below the folder.
        links: what it may lead to.
    """
    walk = _Walk(text, file, links)
    if found := _STEERS.search(text):
        raise walk.fault(f"U+{ord(found[0]):04X} could show something else", found.start())
    if file.endswith(".svg"):
        walk.go(0, len(text), "svg")
        return
    start, end = _body(walk, text, file)
    walk.go(start, end, "header main")
    if file == "index.html" and walk.headlines != len(links.headlines):
        words = f"the page shows {walk.headlines} headlines; it should show {len(links.headlines)}"
        raise Mismatch(words, file)


def _body(walk: "_Walk", text: str, file: str) -> tuple[int, int]:
    """Give where what is within the frame of all pages begins and ends."""
    title = TITLE.match(text, len(HEAD)) if text.startswith(HEAD) else None
    walk.go(len(HEAD), title.end() if title else len(HEAD), "title")
    body = BODY.format(root="../" * file.count("/"))
    if title is None or not text.startswith(body, title.end()):
        raise walk.fault("the head could show something else than a page has", 0)
    if not text.endswith(FOOT):
        raise walk.fault("the foot could show something else than a page has", len(text))
    return title.end() + len(body), len(text) - len(FOOT)


class _Walk:
    """Goes through the elements of a page, and knows in which it is."""

    def __init__(self, text: str, file: str, links: Links) -> None:
        self.headlines = 0
        self._text, self._file, self._links = text, file, links
        self._within: list[str] = []

    def go(self, start: int, end: int, outermost: str) -> None:
        """Look at everything from a place of the page to another."""
        while start < end:
            found = _TOKEN.match(self._text, start, end)
            if found is None or (found[3] is None and found.end() < end):
                raise self.fault(self._told_of(self._text.find("<", start)), start)
            self._require_text(found[1], start)
            if found[3] is not None:
                self._take(found, outermost)
            start = found.end()
        if self._within:
            raise self.fault(f"<{self._within[-1]}> is not closed", end)

    def fault(self, words: str, place: int) -> Mismatch:
        """Say what is wrong, with the line."""
        return Mismatch(f"line {self._text.count(chr(10), 0, place) + 1}: {words}", self._file)

    def _told_of(self, place: int) -> str:
        found = " ".join(self._text[place : place + 30].split())
        return f"{found} could show something else than what stands on the page"

    def _require_text(self, text: str, place: int) -> None:
        inside = self._within[-1] if self._within else ""
        if inside in WITHOUT_TEXT and text.strip(" \t\n"):
            raise self.fault(f"text stands outside of elements that hold text: {text[:40]}", place)
        if found := _NO_TEXT.search(text):
            raise self.fault(f"{found[0]} stands in text, where it is written otherwise", place)

    def _take(self, found: re.Match[str], outermost: str) -> None:
        """Go into an element, or out of it."""
        tag, place = found[3], found.start(3)
        if len(found[4]) > LONGEST_TAG:
            raise self.fault(f"<{tag}> is longer than any tag of a page", place)
        if found[2]:
            if found[4] or found[5] or not self._within or self._within.pop() != tag:
                raise self.fault(f"</{tag}> does not close what is open", place)
            return
        inside = self._within[-1] if self._within else ""
        if tag not in (_CHILDREN[inside] if inside else outermost.split()):
            words = f"<{tag}> in {f'<{inside}>' if inside else 'the page'}"
            raise self.fault(f"{words} could show something else than what stands there", place)
        self._require_attributes(tag, inside, found[4], place)
        if found[5] and tag not in SHAPES:
            raise self.fault(f"<{tag}/> is not closed so", place)
        if tag == "p" and 'class="answer-word' in found[4]:
            self._require_headline(inside, found.end(), place)
        if tag != "br" and not found[5]:
            self._within.append(tag)
            if len(self._within) > DEEPEST:
                raise self.fault("elements lie deeper in each other than on any page", place)

    def _require_attributes(self, tag: str, inside: str, written: str, place: int) -> None:
        forms = _FORMS.get(f"{inside} {tag}", _FORMS.get(tag, {}))
        pairs = _ATTRIBUTE.findall(written)
        if len(dict(pairs)) != len(pairs):
            raise self.fault(f"<{tag}> says the same twice", place)
        for name, value in pairs:
            form = forms.get(name)
            told = f'{name}="{value[:40]}" of <{tag}>'
            if form is None or _NO_VALUE.search(value) or not form.fullmatch(unescape(value)):
                raise self.fault(f"{told} could show something else than stands there", place)
            if name == "href" and not self._leads_to_a_file(value):
                raise self.fault(f"{told} leads to what is not on the list of pages", place)
            if name == "aria-label" and _STEERS.search(unescape(value)):
                raise self.fault(f"{told} could be read as something else", place)

    def _leads_to_a_file(self, link: str) -> bool:
        """Whether a link leads to a place of this page, a page, or a file of the record."""
        if link.startswith("#"):
            return _ANCHOR.fullmatch(link) is not None
        path = unquote(link)
        if quote(path, safe="/") != link or path.startswith("/") or "\\" in path:
            return False
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._file), path))
        bundle = _BUNDLE_FILE.fullmatch(path)
        return (bundle[1] if bundle else path) in self._links.targets

    def _require_headline(self, inside: str, end: int, place: int) -> None:
        self.headlines += 1
        if inside not in ("section", "li") or not _HEADLINE.match(self._text, end):
            raise self.fault("the headline is not the figure of the state alone", place)
