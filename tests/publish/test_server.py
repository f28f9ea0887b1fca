"""A site shown on this machine gives its plain files, and nothing else of the machine."""

import http.client
import socket
import threading

import pytest

from referendum.publish import server as site_server
from referendum.publish.server import serve_site


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A small site with things in it that nobody should see, and its port."""
    site = tmp_path_factory.mktemp("served") / "site"
    (site / "vote" / ".git").mkdir(parents=True)
    (site.parent / "office.pem").write_text("PRIVATE")
    (site / "index.html").write_text("<p>site")
    (site / "vote" / "index.html").write_text("<p>vote")
    (site / "vote" / "a.csv").write_text("a\n1\n")
    (site / "bundles").mkdir()
    (site / "bundles" / "x.json").write_text("{}")
    (site / "vote" / ".git" / "config").write_text("mine")
    (site / "key").symlink_to(site.parent / "office.pem")
    (site / "around").symlink_to(site.parent)
    server = serve_site(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def ask(port, path, host="127.0.0.1", method="GET"):
    """Ask for a path, and give state, head and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", f"{host}:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def test_pages_and_files_are_given_with_what_guards_them(served):
    status, head, body = ask(served, "/vote/")
    assert (status, body) == (200, b"<p>vote")
    assert head["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in head["Content-Security-Policy"]
    assert ask(served, "/vote/a.csv")[1]["Content-Type"] == "text/plain; charset=utf-8"
    assert ask(served, "/vote")[1]["Location"] == "/vote/"
    assert ask(served, "/index.html", method="HEAD")[::2] == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/bundles/", "/key", "/around/office.pem", "/vote/.git/config", "/vote/.git/", "/nothing",
        "/../office.pem", "/%2e%2e/office.pem", "/..%2foffice.pem", "//etc/hostname", "/%00",
        "/vote/index.html/", "/\\..\\office.pem",
    ],
)  # fmt: skip
def test_nothing_else_is_given(served, path):
    status, _, body = ask(served, path)
    assert status == 404
    assert b"PRIVATE" not in body


def test_no_address_leads_off_the_host(served):
    assert ask(served, "//vote")[1]["Location"] == "/vote/"


def test_a_page_elsewhere_cannot_read_it_by_a_name_of_its_own(served):
    assert ask(served, "/", host="elsewhere.example")[0] == 421


def test_half_a_request_is_given_up(served, monkeypatch):
    monkeypatch.setattr(site_server.SiteHandler, "timeout", 0.2)
    with socket.create_connection(("127.0.0.1", served), timeout=10) as half:
        half.sendall(b"GET / HT")
        assert half.recv(100) == b""
