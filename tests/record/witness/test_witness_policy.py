"""Trust policies: C2SP tlog-policy, by the writer's reader and by the checker's."""

import itertools

import pytest

from referendum.core.errors import InputError
from referendum.record.log import new_signer
from referendum.record.witness import new_cosigner, read_policy
from referendum.verify import policy as checker
from referendum.verify.report import Mismatch

LOG = str(new_signer("elections.example/log").verifier)
KEYS = {name: new_cosigner(f"{name.lower()}.example/w").verifier for name in
        ("X1", "X2", "X3", "Y1", "Y2", "Y3")}  # fmt: skip

EXAMPLE = f"""\
# The example of the specification, with its keys filled in.
log {LOG}

witness X1 {KEYS["X1"]}
witness X2 {KEYS["X2"]} https://x2.example/
  witness\tX3   {KEYS["X3"]}\t
group X-witnesses 2 X1 X2 X3

witness Y1 {KEYS["Y1"]}
witness Y2 {KEYS["Y2"]}
witness Y3 {KEYS["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def subsets(names):
    return itertools.chain.from_iterable(
        itertools.combinations(names, count) for count in range(len(names) + 1)
    )


def test_the_specifications_example_asks_for_two_of_x_and_one_of_y():
    read, checked = read_policy(EXAMPLE.encode(), "p"), checker.read_policy(EXAMPLE.encode())
    for signed in subsets(list(KEYS)):
        expected = sum(name[0] == "X" for name in signed) >= 2 and any(
            name[0] == "Y" for name in signed
        )
        assert read.is_met({KEYS[name] for name in signed}) == expected
        assert ("X-and-Y" in checked.met(signed)) == expected


def test_what_the_lines_say_is_kept():
    policy = read_policy(EXAMPLE.encode(), "p")
    assert [str(log.key) for log in policy.logs] == [LOG]
    assert policy.witnesses["X2"].url == "https://x2.example/"
    assert policy.witnesses["X1"].url == ""
    assert policy.groups["X-witnesses"].threshold == 2
    assert policy.quorum == "X-and-Y"


@pytest.mark.parametrize("signed", [(), ("X1",)])
def test_a_single_witness_can_be_the_quorum_and_none_asks_for_none(signed):
    keys = {KEYS[name] for name in signed}
    one = f"witness X1 {KEYS['X1']}\nquorum X1\n".encode()
    assert read_policy(one, "p").is_met(keys) == bool(signed)
    assert read_policy(b"quorum none\n", "p").is_met(keys)
    assert checker.read_policy(b"quorum none\n").quorum == "none"


def test_names_are_bytes_and_a_kelvin_sign_is_no_k():
    text = f"witness K {KEYS['X1']}\nwitness \u212a {KEYS['X2']}\ngroup g all K \u212a\nquorum g\n"
    for data in (text.encode(), text.encode().replace("\u212a".encode(), b"\xff\xfe")):
        assert not read_policy(data, "p").is_met({KEYS["X1"]})
        assert read_policy(data, "p").is_met({KEYS["X1"], KEYS["X2"]})
        assert len(checker.read_policy(data).witnesses) == 2


def test_the_last_line_may_lack_its_end():
    assert read_policy(b"quorum none", "p").quorum == "none"


def many(count):
    keys = [new_cosigner(f"w{number}.example").verifier for number in range(count)]
    lines = [f"log {new_signer(f'log{number}.example').verifier}" for number in range(count)]
    lines += [f"witness w{number} {key}" for number, key in enumerate(keys)]
    lines.append("group g0 all w0")
    lines += [f"group g{n} all w{n} g{n - 1}" for n in range(1, count)]
    return "\n".join([*lines, f"quorum g{count - 1}", ""]).encode(), keys


@pytest.mark.parametrize("count", [32, 300])
def test_at_least_32_logs_witnesses_and_nested_groups_are_taken(count):
    data, keys = many(count)
    policy = read_policy(data, "p")
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (count, count, count)
    assert policy.is_met(keys)
    assert not policy.is_met(keys[1:])
    checked = checker.read_policy(data)
    assert checked.quorum in checked.met(checked.witnesses)
    assert checked.quorum not in checked.met(list(checked.witnesses)[1:])


W1, W2 = f"witness a {KEYS['X1']}\n", f"witness b {KEYS['X2']}\n"

FAULTS = {
    "no quorum": (W1, 0),
    "two quorums": (W1 + "quorum a\nquorum a\n", 3),
    "quorum of nobody": ("quorum a\n", 1),
    "quorum before its group": (W1 + "quorum g\ngroup g any a\n", 2),
    "quorum of two names": (W1 + W2 + "quorum a b\n", 3),
    "unknown word": ("witnesses a\n", 1),
    "word in capitals": ("Quorum none\n", 1),
    "log without a key": ("log\nquorum none\n", 1),
    "log with a witness's key": (f"log {KEYS['X1']}\nquorum none\n", 1),
    "log twice": (f"log {LOG}\nlog {LOG} https://a\nquorum none\n", 2),
    "witness with a log's key": (f"witness a {LOG}\nquorum none\n", 1),
    "witness without a name": (f"witness {KEYS['X1']}\nquorum none\n", 1),
    "witness with too much": (f"witness a {KEYS['X1']} u v\nquorum none\n", 1),
    "name taken": (W1 + f"witness a {KEYS['X2']}\nquorum a\n", 2),
    "name taken by a group": (W1 + "group a any a\nquorum a\n", 2),
    "name none": (f"witness none {KEYS['X1']}\nquorum none\n", 1),
    "key twice": (W1 + f"witness b {KEYS['X1']}\nquorum a\n", 2),
    "member undefined": (W1 + "group g any a b\nquorum g\n", 2),
    "member of itself": ("group g any g\nquorum g\n", 1),
    "member none": (W1 + "group g any a none\nquorum g\n", 2),
    "member twice": (W1 + "group g 2 a a\nquorum g\n", 2),
    "member of two groups": (W1 + "group g any a\ngroup h any a\nquorum h\n", 3),
    "group of nobody": (W1 + "group g any\nquorum g\n", 2),
    "0 of 1": (W1 + "group g 0 a\nquorum g\n", 2),
    "2 of 1": (W1 + "group g 2 a\nquorum g\n", 2),
    "01 of 1": (W1 + "group g 01 a\nquorum g\n", 2),
    "-1 of 1": (W1 + "group g -1 a\nquorum g\n", 2),
    "most of 1": (W1 + "group g most a\nquorum g\n", 2),
    "digit of another script": (W1 + "group g \u0661 a\nquorum g\n", 2),
    "line ends of another system": ("quorum none\r\n", 1),
    "control character": (W1 + "quorum\x0ba\n", 2),
    "blank that is none": (W1 + "quorum\u00a0a\n", 2),
    "key with other digits": (W1.replace("+", "+0", 1) + "quorum a\n", 1),
    "key type 0x06": (f"witness a a.example+00000000+{'Bg' + 'A' * 42}\nquorum none\n", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_breaks_a_rule_is_refused_with_its_line(fault):
    text, line = FAULTS[fault]
    with pytest.raises(InputError) as caught:
        read_policy(text.encode(), "my.policy")
    assert caught.value.where == (f"my.policy, line {line}" if line else "my.policy")
    with pytest.raises(Mismatch, match=f"line {line} of the policy" if line else "no quorum line"):
        checker.read_policy(text.encode())


def test_a_huge_policy_is_refused():
    with pytest.raises(InputError, match="at most"):
        read_policy(b"#" * 1_000_001, "p")
    with pytest.raises(Mismatch, match="at most"):
        checker.read_policy(b"#" * 1_000_001)
