"""Records and pages made to keep a checker busy: each is answered in words, within a second or so."""

import time
from contextlib import contextmanager

import pytest

from referendum.core.errors import LawError
from referendum.law import read_statute, statute_bytes
from referendum.verify.deliveries import require_received
from referendum.verify.elements import read_page
from referendum.verify.report import Mismatch, Report
from referendum.verify.seeds import is_patterned
from referendum.verify.site import check_site
from referendum.verify.toml_documents import read_toml
from referendum.verify.typed_seeds import TypedSeeds


@contextmanager
def within(seconds):
    """Let a piece of work take so many seconds of the processor at most."""
    begin = time.process_time()
    yield
    assert time.process_time() - begin < seconds


def delivery(first, lines):
    """An act that states that it numbers so many lines."""
    return {"facts": {"first": first, "lines": lines}}


def test_lines_that_an_act_counts_are_not_listed():
    require_received([1, 2, 3, 4], [delivery(3, 2), delivery(1, 2)])
    require_received([], [delivery(None, 10**12)])
    with within(1), pytest.raises(Mismatch, match=r"2 lines here are not the 1,000,000,000,000"):
        require_received([1, 2], [delivery(1, 10**12)])
    with pytest.raises(Mismatch, match="2 lines here are not the 2"):
        require_received([1, 3], [delivery(1, 2)])


PAGES = ["<!--", "<![", "<a ", "</", "<?", "<a b='", "<!a", "<a x=", "</a ", '<a b="', "<title>"]


@pytest.mark.parametrize("part", PAGES)
def test_a_page_of_tags_that_are_none_is_refused_at_once(part):
    with within(1), pytest.raises(Mismatch, match="line 1: "):
        read_page((part * 100_000).encode(), "index.html")


@pytest.mark.parametrize("part", ["&", "<p>&#", "<p a>", '<p a="b" c />', "</p>"])
def test_a_long_page_is_read_in_time(part):
    with within(3):
        assert not read_page((part * 40_000).encode(), "index.html").elements


def test_a_tag_has_an_end():
    page = '<!DOCTYPE html>\n<title>One</title><data value="1" data-source="log/size">1</data>'
    assert read_page(page.encode(), "index.html").elements[0].source == "log/size"
    for name in ("b" * 100_001, "b c='>'", "b c=d", "1", 'b c=">"'):
        with pytest.raises(Mismatch, match="line 2: this is no tag"):
            read_page(f"<!doctype html>\n<{name}>".encode(), "index.html")


NESTED = [
    ".".join("a" * 5_000) + " = 1\n",
    "".join(f"[{'.'.join('a' * 20)}.b{n}]\n" for n in range(5_000)),
    f"x = {{ y = '{'z' * 1_000}' }}\n",
    'x = """\n"""\n',
]


@pytest.mark.parametrize("text", NESTED)
def test_a_statute_that_nests_deeply_is_refused_at_once(text):
    with within(1), pytest.raises(Mismatch, match="line 1 |several lines"):
        read_toml(text.encode(), "statute.toml")
    with within(1), pytest.raises(LawError, match="line 1 |a text begins"):
        read_statute(text.encode())


def test_dots_in_texts_and_remarks_are_not_counted():
    text = f"[a.b]\nc = \"{'.' * 20}\" # {'.' * 20}\nd = '{'.' * 20}'\n"
    assert set(read_toml(text.encode(), "statute.toml")["a"]["b"]) == {"c", "d"}
    law = statute_bytes("ca-ab/citizen-initiative-act", "2025-12-11")
    assert read_toml(law, "statute.toml")["id"] == "ca-ab/citizen-initiative-act"


def test_a_long_seed_is_no_roll():
    with within(1):
        assert is_patterned("a" * 100_000 + "b")
    assert not is_patterned("73501962408817395526")


SEED = "73501962408817395526"


def known(seeds, texts):
    """The acts whose seeds stand in earlier ones, and in which."""
    typed = TypedSeeds()
    for number, seed in seeds:
        typed.add(number, seed)
    found = typed.known([{"reason": text} for text in texts])
    return [(number, mismatch.words) for number, mismatch in found]


@pytest.mark.parametrize("before", range(12))
def test_a_piece_of_a_seed_is_found_wherever_it_stands(before):
    words = "its seed has been known since act 1"
    texts = ["", "x" * before + SEED[5:17], SEED, SEED]
    assert known([(2, SEED)], texts) == [(2, words)]
    assert known([(2, SEED), (3, SEED)], texts) == [(2, words), (3, words)]
    assert known([(2, SEED)], ["", SEED[:11] + "x" + SEED[12:], SEED, SEED]) == []


def test_many_typed_seeds_are_looked_for_at_once():
    seeds = [(number, f"{number:05}{SEED}") for number in range(2_000)]
    with within(5):
        found = known(seeds, [seed for _, seed in seeds])
    assert found == [(n, "its seed has been known since act 0") for n in range(1, 2_000)]


def test_a_site_without_records_is_nothing_to_check():
    report = Report("site")
    listed = b'{"code":"x","files":[%s],"format":"referendum-site/2","records":[]}'
    entry = b'{"bytes":0,"name":"%s","sha256":""}'
    files = b",".join(entry % name for name in (b"index.html", b"style.css"))
    check_site(None, listed % files, report, None)
    assert report.nothing == "site.json lists no records."
    assert not report.holds
