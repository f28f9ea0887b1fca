"""Forms that are not those of the specification, each in a record whose digests all agree."""

import base64
import hashlib
import json
import time
from pathlib import Path

import msgspec
import pytest

from forger import Forger, check, csv_of, signed, table, written
from referendum.record.act_schemas import ACT_SCHEMAS
from referendum.record.log import new_signer
from referendum.verify import render
from referendum.verify.act_schemas import ACTS
from referendum.verify.canonical import exact, is_exact
from referendum.verify.checkpoint import read_key
from referendum.verify.report import Mismatch, printable


@pytest.fixture(scope="module")
def forgers(petition, vote, audited):
    """Forgers of a petition, a vote and an audit."""
    made = {"petition": petition, "vote": vote, "audit": audited}
    return {name: Forger(one.folder) for name, one in made.items()}


@pytest.fixture
def forge(forgers):
    """Gives a copy of a forger, to change."""
    return lambda name: forgers[name].copy()


SIGNER = new_signer("tests.example/forged")


def failures(forger, **altered):
    """What fails in a record, and that it was found in good time."""
    start = time.process_time()
    found = check(forger.build(SIGNER, **altered)).failures
    assert time.process_time() - start < 5
    return [finding.words for finding in found]


def changed(forger, kind, name, change):
    """Change the JSON document of a bundle in place."""
    document = json.loads(forger.files(kind)[name])
    change(document)
    forger.files(kind)[name] = written(document).encode()


@pytest.mark.parametrize("name", ["petition", "vote", "audit"])
def test_what_is_not_changed_holds(forge, name):
    assert failures(forge(name)) == []


def test_both_programs_have_the_same_closed_lists():
    for kind, form in ACT_SCHEMAS.items():
        for part in ("parameters", "facts"):
            fields = msgspec.structs.fields(getattr(form, part))
            names = {f"{one.name}{'' if one.required else '?'}" for one in fields}
            assert names == set(getattr(ACTS[kind], part)), (kind, part)
    assert set(ACT_SCHEMAS) == set(ACTS)


NUMBERS = [
    "1e-999999999", "1e99999999", " 1/20", "1/20\n", "+1/20", "2/40", "1/0", "0/0", "1_0/200",
    "٣/٤٠", "1/20 ", ".05", "5e-2", "0x1", "inf", "nan", "-0", "01/20", "1/" + "9" * 50,
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_in_another_form_than_the_canonical_one_are_refused(forge, number):
    assert not is_exact(number)
    forger = forge("audit")
    forger.act("audit.plan")["parameters"]["risk_limit"] = number
    assert failures(forger)[0].startswith("the parameter risk_limit is")


@pytest.mark.parametrize("number", ["0", "1", "1/20", "0.05", "-3", "19/20", "0.050", "-0.5"])
def test_numbers_in_the_canonical_form_are_read(number):
    assert is_exact(number)
    assert exact(number) is not None


@pytest.mark.parametrize(
    "text", ["copy_99999999999", "copy_1", "copy_0", "copy_02", "copy_999", "copy_9"]
)
def test_a_further_line_beyond_those_drawn_is_refused(forge, text):
    forger = forge("petition")
    rows = table(forger.files("checks")["checks.csv"])
    was, rows[1][1] = rows[1][1], text
    forger.files("checks")["checks.csv"] = csv_of(rows)
    facts = forger.act("checks.receive")["facts"]
    if was == "valid":
        facts["valid"] -= 1
    else:
        facts["invalid"][was] -= 1
    facts["invalid"][text] = 1
    facts["invalid"] = {code: count for code, count in facts["invalid"].items() if count}
    told = "oftener than" if text == "copy_9" else "is no further line of an elector"
    assert told in failures(forger)[0]


def test_one_finding_names_the_act_and_the_acts_that_rest_on_it_are_not_worked_out(forge):
    forger = forge("audit")
    changed(forger, "audit_plan", "audit_plan.json", lambda d: d["assertions"][0].update(cards=0))
    report, plan = check(forger.build(SIGNER)), forger.act("audit.plan")["number"]
    assert [finding.act for finding in report.failures] == [plan]
    rests = [f.act for f in report.findings if f"it rests on act {plan}" in f.words]
    assert rests == list(range(plan + 1, len(forger.acts)))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.act("petition.receive")["writes"][0].update(kind="linesx"),
        lambda f: f.act("decide")["facts"].update(decision=["sufficient"]),
        lambda f: f.act("draw")["parameters"].update(size=10**25),
        lambda f: f.act("draw")["parameters"].update(size=True),
        lambda f: f.act("roll.seal")["facts"].update(electors=-1),
        lambda f: f.act("roll.seal")["facts"].update(remark="all in order"),
        lambda f: f.act("roll.seal")["facts"].pop("faults"),
        lambda f: f.act("petition.receive")["parameters"].pop("claimed"),
        lambda f: f.act("petition.issue")["parameters"].pop("districts"),
        lambda f: f.act("petition.issue")["parameters"].update(issued_on="2026-W01-5"),
        lambda f: f.act("decide")["parameters"].update(carried="yes, on appeal"),
        lambda f: f.act("match")["parameters"].update(decoys=False),
        lambda f: f.acts[0]["parameters"].update(made_up="perhaps"),
        lambda f: f.acts[0]["parameters"].update(subject="both"),
        lambda f: f.acts[0]["parameters"].pop("question"),
        lambda f: f.acts[0]["parameters"].update(title="\u001b[2JAll holds"),
        lambda f: f.acts[0]["parameters"].update(title="\u202edesrever"),
        lambda f: f.acts[1].update(by=[""]),
        lambda f: f.acts[1].update(at="2026-W01-5"),
        lambda f: f.acts[1].update(recorded=f.acts[1]["recorded"].replace("T", " ")),
        lambda f: f.acts[4]["reads"].append(f.acts[4]["reads"][0]),
    ],
)
def test_acts_say_what_their_kind_may_say_and_nothing_else(forge, change):
    forger = forge("petition")
    change(forger)
    assert failures(forger)


def test_a_bundle_has_the_files_of_its_kind_and_no_other(forge):
    for kind in ("statute", "requirement", "gates", "draw", "decision"):
        forger = forge("petition")
        forger.add_file(kind, "a_notice.json", b"{}")
        assert f"a bundle {kind} has no file a_notice.json" in failures(forger)
    for name in ("accounts.csv", "previous.csv", "warnings.csv", "places.csv"):
        forger = forge("vote")
        forger.drop_file("returns", name)
        assert f"a bundle returns has a file {name}: it is missing" in failures(forger)


WRITINGS = {
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "CR": lambda data: data.replace(b"\n", b"\r"),
    "no last line end": lambda data: data[:-1],
    "an empty line": lambda data: data + b"\n",
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "all quoted": lambda data: b"".join(
        b",".join(b'"' + cell.encode() + b'"' for cell in row) + b"\n" for row in table(data)
    ),
    "one quoted": lambda data: data.replace(b"\nACT,", b'\n"ACT",', 1).replace(
        b"\n1,", b'\n"1",', 1
    ),
    "another column": lambda data: b"".join(line + b",z\n" for line in data.splitlines()),
    "a blank before the header": lambda data: b" " + data,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_tables_have_one_form(forge, writing):
    for name, kind, file in (
        ("vote", "returns", "returns.csv"),
        ("vote", "result", "regions.csv"),
        ("petition", "outcomes", "outcomes.csv"),
        ("petition", "draw", "draw.csv"),
    ):
        forger = forge(name)
        data = forger.files(kind)[file]
        forger.files(kind)[file] = WRITINGS[writing](data)
        assert forger.files(kind)[file] == data or failures(forger), (file, writing)


def test_a_cell_with_commas_quotes_and_line_ends_is_read(forge):
    """Quotes are wanted where they are needed; only there."""
    forger = forge("vote")
    rows = table(forger.files("returns")["set_aside.csv"])
    rows[1][rows[0].index("value")] = 'a "quoted", long\ncell'
    forger.files("returns")["set_aside.csv"] = csv_of(rows)
    assert failures(forger) == []


def test_the_specification_has_the_closed_lists():
    def cell(members):
        return "; ".join(f"`{name}` {kind.name}" for name, kind in members.items()) or "none"

    page = Path("docs/record.md").read_text()
    for kind, form in ACTS.items():
        assert f"| `{kind}` | {cell(form.parameters)} | {cell(form.facts)} |\n" in page


# The head.


def note(forger, text, more=""):
    """The files with another checkpoint."""
    files = forger.build(SIGNER)
    old = files["log/checkpoint"].decode().split("\n\n")[0] + "\n"
    files["log/checkpoint"] = signed(SIGNER, text(old)) + more.encode()
    return check(files)


@pytest.mark.parametrize(
    "text",
    [
        lambda old: old + "other.example/log\n999\nTHE VOTE WAS CARRIED\n",
        lambda old: old + "\n more\n",
        lambda old: old + "\u202eSDLOH\u2028\u007f\n",
        lambda old: old.replace("\n", "\r\n"),
        lambda old: old.replace("\n", "\n0", 1),
        lambda old: old.replace("tests", "t\u0435sts"),
        lambda old: old.rstrip("\n") + " \n",
    ],
)
def test_a_checkpoint_is_three_lines(forge, text):
    assert not note(forge("vote"), text).holds


def test_signatures_by_keys_that_are_not_known_are_told(forge):
    report = note(forge("vote"), str, "\u2014 witness.example/one AAAAAAAAAAAAAAAA\n")
    assert report.holds
    assert any("witness.example/one" in f.words for f in report.findings if f.state == "remark")
    for line in (
        "\u2014 witness.example AAAAAA==\n",
        "\u2014 wit\u202eness AAAAAAAA\n",
        "x\n",
        "\n",
    ):
        assert not note(forge("vote"), str, line).holds


def test_a_second_signature_by_the_logs_own_key_must_be_good(forge):
    line = signed(SIGNER, "another text\n").decode().splitlines()[-1]
    assert not note(forge("vote"), str, line + "\n").holds


@pytest.mark.parametrize("name", ["ex\u0430mple/log", "example/log\u200b", "\u202eexample", "a b"])
def test_a_log_is_named_in_printable_ascii(name):
    key = "tests" + str(SIGNER.verifier)[len(SIGNER.name) :]
    with pytest.raises(Mismatch):
        read_key(key.replace("tests", name))


PRIME = 2**255 - 19


def points_of_small_order():
    """Every point that eight times itself is nothing, worked out on the curve."""
    d = -121665 * pow(121666, -1, PRIME) % PRIME

    def added(one, other):
        (x, y), (u, v) = one, other
        k = d * x * u * y * v
        first = (x * v + u * y) * pow(1 + k, -1, PRIME)
        return first % PRIME, (y * v + x * u) * pow(1 - k, -1, PRIME) % PRIME

    def times(number, point):
        total = (0, 1)
        for digit in f"{number:b}":
            total = added(total, total)
            total = added(total, point) if digit == "1" else total
        return total

    order = 2**252 + 27742317777372353535851937790883648493
    found = set()
    for y in range(2, 40):
        square = (y * y - 1) * pow(d * y * y + 1, -1, PRIME) % PRIME
        x = pow(square, (PRIME + 3) // 8, PRIME)
        x = x if x * x % PRIME == square else x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
        if x * x % PRIME == square:
            found |= {times(order, (x, y)), times(order, (PRIME - x, y))}
    return found


def test_keys_under_which_anybody_can_sign_are_refused():
    points = points_of_small_order()
    assert len(points) == 8
    for x, y in points:
        for written_y in (y, y + PRIME):
            if written_y < 2**255:
                body = (written_y | (x & 1) << 255).to_bytes(32, "little")
                with pytest.raises(Mismatch, match="anybody can sign"):
                    read_key(verifier_key(body))


def test_a_point_that_is_written_in_a_second_way_is_refused():
    with pytest.raises(Mismatch, match="anybody can sign"):
        read_key(verifier_key((PRIME + 3).to_bytes(32, "little")))


def verifier_key(public):
    """A verifier key of these bytes."""
    body = b"\x01" + public
    digits = hashlib.sha256(b"tests.example/log\n" + body).hexdigest()[:8]
    return f"tests.example/log+{digits}+{base64.b64encode(body).decode()}"


# Files that are not the record's.


@pytest.mark.parametrize(
    "path", ["log/tile/0/x000/000.p/3", "log/tile/00/000.p/3", "log/tile/0/000.p/03", "log/tile/x"]
)
def test_tiles_have_one_name(forge, path):
    files = forge("vote").build(SIGNER)
    files[path] = files["log/tile/0/000.p/3"]
    assert not check(files).holds


def test_files_that_are_not_the_records_are_told(forge):
    for path in ("log/other", "bundles/note.html", "bundles/public/THE-RESULT.html"):
        report = check({**forge("vote").build(SIGNER), path: b"Carried"})
        assert any(path in finding.words for finding in report.findings)


# The screen.


def test_what_a_screen_would_obey_is_shown_and_not_obeyed(forge):
    evil = "\u001b[2J\u001b[HEverything holds.\u001b[8m\u009b1m\u202e\u2028\u200b\r"
    forger = forge("vote")
    rows = table(forger.files("returns")["returns.csv"])
    rows[1][4], rows[1][5] = evil, "9999"
    forger.files("returns")["returns.csv"] = csv_of(rows)
    report = check(forger.build(SIGNER))
    report.source = evil
    page = render(report)
    assert not report.holds
    assert all(sign.isprintable() or sign == "\n" for sign in page)


def test_escapes_are_written_as_json_does():
    assert (
        printable("a\u001b\u009b\u202e\U000e0041é日") == "a\\u001b\\u009b\\u202e\\udb40\\udc41é日"
    )


# Returns.


PLACE = ["region", "district", "place", "kind", "due", "status"]
AT = "2023-10-14T07:00:00+00:00"


def with_places(forger, change=lambda _: None, as_of=AT):
    """Say which places are expected: those that came, one set aside, and one that is missing."""
    files = forger.files("returns")
    came = [[*row[2:5], row[1], "", "counted"] for row in table(files["returns.csv"])[1:]]
    aside = {(*row[3:6], row[2], "", "set_aside") for row in table(files["set_aside.csv"])[1:]}
    lost = ["NSW", "South", "Nowhere", "all", "2023-10-14T08:00:00+00:00", "missing"]
    rows = sorted([*came, *map(list, aside), lost])
    change(rows)
    files["places.csv"] = csv_of([PLACE, *rows])
    forger.act("returns.receive")["parameters"]["as_of"] = as_of
    statuses = [row[5] for row in rows]
    progress = {"expected": len(rows), "as_of": as_of}
    progress |= {name: statuses.count(name) for name in ("missing", "late")}
    changed(forger, "result", "result.json", lambda document: document.update(progress))
    return failures(forger)


def test_places_stand_once_each_in_order_and_are_late_by_the_clock(forge):
    def due(text, status):
        return lambda rows: [
            row.__setitem__(slice(4, 6), [text, status]) for row in rows if row[2] == "Nowhere"
        ]

    assert with_places(forge("vote")) == []
    assert with_places(forge("vote"), lambda rows: rows.append(rows[-1]))
    assert with_places(forge("vote"), lambda rows: rows.insert(0, rows[0]))
    assert with_places(forge("vote"), lambda rows: rows.reverse())
    assert with_places(forge("vote"), as_of="soon")
    assert with_places(forge("vote"), as_of=None)
    assert with_places(forge("vote"), due("2023-10-14T18:00:00+11:00", "missing"))
    assert with_places(forge("vote"), due("2023-10-14T06:59:59+00:00", "missing"))
    assert with_places(forge("vote"), due("2023-10-14T07:00:00Z", "late")) == []


def test_figures_of_warnings_are_those_of_the_returns(forge):
    forger = forge("vote")
    rows = table(forger.files("returns")["warnings.csv"])
    assert len(rows) > 1
    rows[1][6] = "all in order"
    forger.files("returns")["warnings.csv"] = csv_of(rows)
    assert "are 'all in order', worked out here" in failures(forger)[0]


def set_aside(forger, row):
    """Set one more form aside."""
    files = forger.files("returns")
    files["set_aside.csv"] = csv_of([*table(files["set_aside.csv"]), row])
    forger.act("returns.receive")["facts"]["set_aside"] += 1
    changed(forger, "result", "result.json", lambda d: d.update(set_aside=d["set_aside"] + 1))
    return failures(forger)


def test_no_form_is_counted_and_set_aside_and_none_without_a_known_reason(forge):
    width = len(table(forge("vote").files("returns")["set_aside.csv"])[0])
    more = [""] * (width - 9)  # neither figures nor ballots
    counted = table(forge("vote").files("returns")["returns.csv"])[1][:5]
    other = ["1", "all", "ACT", "Centre", "Annexe"]
    because = ["total", "does_not_add_up", "9", *more]
    assert "and counted" in set_aside(forge("vote"), ["9", *counted, *because])[0]
    assert (
        "is no reason"
        in set_aside(forge("vote"), ["9", *other, "total", "because we say so", "9", *more])[0]
    )
    assert set_aside(forge("vote"), ["0", *other, *because])


@pytest.mark.parametrize(
    "accounts",
    [
        [["999999", *[""] * 17], ["5000", *[""] * 17]],
        [[""] * 18],
        [[*[""] * 12, "3", *[""] * 5]],
    ],
)
def test_accounts_come_once_and_give_something_whole(forge, accounts):
    forger = forge("vote")
    files = forger.files("returns")
    key = table(files["returns.csv"])[1][:5]
    header = table(files["accounts.csv"])[0]
    files["accounts.csv"] = csv_of([header, *([*key, *one] for one in accounts)])
    assert failures(forger)
