"""The acts: complete, in order, each reading only what was written before."""

import re
from dataclasses import dataclass

from referendum.verify.act_schemas import is_day, is_plain, is_time
from referendum.verify.canonical import read_object
from referendum.verify.kinds import Act
from referendum.verify.names import is_blank
from referendum.verify.report import Mismatch

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

MEMBERS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("kind", "nature", "at", "recorded", "section", "code"), str),
    **dict.fromkeys(("statute", "parameters", "facts"), dict),
    **dict.fromkeys(("reads", "writes", "by", "signatures"), list),
    "number": int,
    "corrects": (int, type(None)),
    "reason": (str, type(None)),
}


@dataclass(frozen=True)
class WrittenBundle:
    """A bundle that an act wrote."""

    kind: str
    digest: str
    sealed: bool
    act: int


def is_digest(text: str) -> bool:
    """Whether a text can be the digest of a bundle."""
    return _DIGEST.fullmatch(text) is not None


def read_act(entry: bytes, number: int) -> Act:
    """Read an entry as an act and check its form."""
    act = read_object(entry, f"entry {number}", set(MEMBERS))
    for name, types in MEMBERS.items():
        if not isinstance(act[name], types) or isinstance(act[name], bool):
            raise Mismatch(f"{name} has a wrong type")
    if act["number"] != number:
        raise Mismatch(f"it calls itself act {act['number']}")
    if (act["kind"] == "record.open") != (number == 0):
        raise Mismatch("act 0, and no other, opens the record")
    _check_times(act)
    _check_reason(act)
    _check_bundles_named(act)
    return act


def _check_times(act: Act) -> None:
    if not is_time(act["recorded"]):
        raise Mismatch(f"{act['recorded'][:40]!r} is not a time in UTC with its offset")
    if not is_day(act["at"]) and not is_time(act["at"]):
        raise Mismatch(f"{act['at'][:40]!r} is neither a day nor a time in UTC with its offset")


def _check_reason(act: Act) -> None:
    """See that an act says what was wrong with the one that it corrects, and only then."""
    reason = act["reason"]
    if (reason is None) != (act["corrects"] is None):
        raise Mismatch("a reason is given exactly where an act is corrected")
    if reason is None:
        return
    if not isinstance(reason, str) or is_blank(reason) or len(reason) > 500 or not is_plain(reason):
        raise Mismatch("its reason is empty, too long, or has control characters")


def _check_bundles_named(act: Act) -> None:
    names = [act["statute"].get("id"), act["statute"].get("version")]
    if set(act["statute"]) != {"id", "version"} or not all(map(is_plain, names)):
        raise Mismatch("the statute is malformed")
    digests = [str(digest) for digest in act["reads"]]
    if act["reads"] != digests or not all(map(_DIGEST.fullmatch, digests)):
        raise Mismatch("reads are malformed")
    if len(set(digests)) != len(digests):
        raise Mismatch("it reads a bundle twice")
    for bundle in act["writes"]:
        if not isinstance(bundle, dict) or set(bundle) != {"kind", "digest", "sealed"}:
            raise Mismatch("writes are malformed")
        good = isinstance(bundle["kind"], str) and isinstance(bundle["sealed"], bool)
        if not good or not _DIGEST.fullmatch(str(bundle["digest"])):
            raise Mismatch("writes are malformed")
