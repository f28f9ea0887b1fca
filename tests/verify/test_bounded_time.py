"""Records and pages made to keep a checker busy: each is answered in words, and soon."""

import time
from contextlib import contextmanager
from fractions import Fraction
from itertools import accumulate
from math import ceil
from operator import mul
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import LawError
from referendum.law import read_statute, statute_bytes
from referendum.law.bounds import lower_bound as sum_whole
from referendum.verify import counted_rows
from referendum.verify.deliveries import require_received
from referendum.verify.dialect import BODY, FOOT, HEAD, Links
from referendum.verify.elements import read_page
from referendum.verify.figure_sources import FigureSources
from referendum.verify.hypergeometric import lower_bound
from referendum.verify.least_product import least_product
from referendum.verify.report import Mismatch, Report
from referendum.verify.seeds import is_patterned
from referendum.verify.site import check_site
from referendum.verify.toml_documents import read_toml
from referendum.verify.typed_seeds import TypedSeeds

NO_LINKS = Links(frozenset(), frozenset())


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


PAGES = [
    "<!--", "<![", "<a ", "</", "<?", "<a b='", "<!a", "<a x=", "</a ", '<a b="', "<title>", "&",
    "<p>&#", '<a class="brand"', "<main>", ">", "x",
]  # fmt: skip


def framed(part):
    """A page that has a part within the frame of all pages."""
    return f"{HEAD}<title>One</title>\n{BODY.format(root='')}{part}{FOOT}".encode()


@pytest.mark.parametrize("part", PAGES)
def test_a_page_of_tags_that_are_none_is_refused_at_once(part):
    for page in ((part * 100_000).encode(), framed(part * 100_000)):
        with within(1), pytest.raises(Mismatch, match=r"line \d+: "):
            read_page(page, "index.html", NO_LINKS)


@pytest.mark.parametrize("part", ["<p>&amp;</p>", "<p>" + "&amp;" * 20 + "</p>", "<h1></h1>"])
def test_a_long_page_is_read_in_time(part):
    with within(3):
        page = framed(f"<main>{part * 40_000}</main>")
        assert not read_page(page, "index.html", NO_LINKS).elements


def test_a_tag_has_an_end():
    page = framed('<main><p><data value="1" data-source="log/size">1</data></p></main>')
    assert read_page(page, "index.html", NO_LINKS).elements[0].source == "log/size"
    for name in ("b" * 100_001, "p class='>'", "p class=d", "1", 'p class=">"', "p\n", "p  "):
        with pytest.raises(Mismatch, match=r"line \d+: "):
            read_page(framed(f"<main><{name}></p></main>"), "index.html", NO_LINKS)
    with pytest.raises(Mismatch, match="longer than any tag"):
        read_page(framed(f'<main aria-label="{"b" * 100_001}"></main>'), "index.html", NO_LINKS)


NESTED = [
    ".".join("a" * 5_000) + " = 1\n",
    "".join(f"[{'.'.join('a' * 20)}.b{n}]\n" for n in range(5_000)),
    f"x = {{ y = '{'z' * 1_000}' }}\n",
    'x = """\n"""\n',
]


@pytest.mark.parametrize("text", NESTED)
def test_a_statute_that_nests_deeply_is_refused_at_once(text):
    with within(1), pytest.raises(Mismatch, match=r"line 1 |several lines"):
        read_toml(text.encode(), "statute.toml")
    with within(1), pytest.raises(LawError, match=r"line 1 |a text begins"):
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
KNOWN = "its seed, or 12 characters in a row of it, has been known since act"


def known(seeds, texts):
    """The acts whose seeds stand in earlier ones, and in which."""
    typed = TypedSeeds()
    for number, seed in seeds:
        typed.add(number, seed)
    found = typed.known([{"reason": text} for text in texts])
    return [(number, mismatch.words) for number, mismatch in found]


@pytest.mark.parametrize("before", range(12))
def test_a_piece_of_a_seed_is_found_wherever_it_stands(before):
    words = f"{KNOWN} 1"
    texts = ["", "x" * before + SEED[5:17], SEED, SEED]
    assert known([(2, SEED)], texts) == [(2, words)]
    assert known([(2, SEED), (3, SEED)], texts) == [(2, words), (3, words)]
    assert known([(2, SEED)], ["", SEED[:11] + "x" + SEED[12:], SEED, SEED]) == []


def test_many_typed_seeds_are_looked_for_at_once():
    seeds = [(number, f"{number:05}{SEED}") for number in range(2_000)]
    with within(5):
        found = known(seeds, [seed for _, seed in seeds])
    assert found == [(n, f"{KNOWN} 0") for n in range(1, 2_000)]


def test_a_site_without_records_is_nothing_to_check():
    report = Report("site")
    listed = b'{"code":"x","files":[%s],"format":"referendum-site/2","records":[]}'
    entry = b'{"bytes":0,"name":"%s","sha256":""}'
    files = b",".join(entry % name for name in (b"index.html", b"style.css"))
    check_site(None, listed % files, report, None)
    assert report.nothing == "site.json lists no records."
    assert not report.holds


@given(st.data())
def test_the_exact_bound_is_that_of_whole_sums(data):
    universe = data.draw(st.integers(1, 300))
    drawn = data.draw(st.integers(1, universe))
    valid = data.draw(st.integers(0, drawn))
    level = Fraction(data.draw(st.integers(1, 99)), 100)
    expected = sum_whole(universe, drawn, valid, level)
    assert lower_bound(universe, drawn, valid, level) == expected


def test_the_exact_bound_of_a_large_petition_is_found_in_time():
    with within(3):
        found = lower_bound(5_000_000, 250_000, 187_500, Fraction("0.95"))
    assert 3_740_000 < found < 3_750_000


FACTORS = st.lists(st.fractions(min_value=0, max_value=3, max_denominator=9), max_size=30)


@given(FACTORS)
def test_the_least_product_is_right_to_nine_places(factors):
    products = [Fraction(1), *accumulate(factors, mul)]
    assert nine_places(least_product(factors)) == nine_places(min(products))


def nine_places(number):
    """Give a fraction in billionths, rounded up."""
    return ceil(number * 10**9)


def test_a_long_row_of_factors_is_multiplied_in_time():
    factors = [Fraction(1_000 + n % 7, 1_003) for n in range(100_000)]
    with within(3):
        assert 0 < least_product(factors) < 1


def figures(rows, monkeypatch):
    """Sources whose only table has so many rows, with how often it was read."""
    read = []

    def read_rows(name, columns):
        assert columns == ("serial", "gate")
        read.append(name)
        return ([str(number), ""] for number in range(rows))

    columns = {"gates.csv": ("serial", "gate")}
    table = SimpleNamespace(columns=columns.get, rows=read_rows)
    act = {"number": 0, "writes": [{"kind": "gates", "digest": "d"}]}
    sources = FigureSources(
        SimpleNamespace(acts=[act]), {"d": table}, SimpleNamespace(size=1, root=b"", origin="o"), ""
    )
    monkeypatch.setattr(counted_rows, "MOST_ROWS", 1_000)
    sources._counts = counted_rows.RowCounts()
    return sources, read


def test_a_table_is_read_once_for_all_figures_that_count_its_rows(monkeypatch):
    sources, read = figures(100, monkeypatch)
    one = "count(0/gates/gates.csv,gate={})"
    assert [sources.value(one.format(value)) for value in ["", "x", "", "y"]] == [100, 0, 100, 0]
    assert sources.value(f"sum({','.join([one.format('')] * 400)})") == 40_000
    assert read == ["gates.csv"]
    assert sources.value("0/gates/gates.csv/3/serial") == "2"


def test_pages_count_no_more_rows_than_there_is_time_for(monkeypatch):
    sources, _ = figures(600, monkeypatch)
    assert sources.value("count(0/gates/gates.csv,gate=)") == 600
    with pytest.raises(Mismatch, match="count more than"):
        sources.value("count(0/gates/gates.csv,serial=1)")
