"""The statutes that the package carries: one TOML file per version."""

import re
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise

import msgspec

from referendum.core.errors import LawError
from referendum.core.names import name_key
from referendum.law.model import Statute

_FOLDER = files("referendum.law") / "statutes"

_LONGEST_LINE, _MOST_DOTS = 1_000, 10
_TEXT_OR_REMARK = re.compile(r""""(?:[^"\\]|\\.)*"?|'[^']*'?|#.*""")


def read_statute(data: bytes, where: str = "statute.toml") -> Statute:
    """Read a statute file.

    Raises:
        LawError: it is not TOML, or holds what the model does not know or lacks what it needs.
    """
    try:
        text = data.decode()
        _require_plain(text, where)
        return msgspec.convert(tomllib.loads(text), Statute)
    except (ValueError, RecursionError) as error:  # not TOML, another form, or without end
        raise LawError(f"not a statute file: {str(error)[:200]}", where=where) from error


def _require_plain(text: str, where: str) -> None:
    """Refuse what a record's statute may not have: it could keep a checker busy for hours."""
    several_lines = next((sign for sign in ('"""', "'''") if sign in text), None)
    if several_lines:
        hint = "write it on one line, between single marks"
        raise LawError(f"a text begins with {several_lines}", where=where, hint=hint)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > _LONGEST_LINE or _TEXT_OR_REMARK.sub("", line).count(".") > _MOST_DOTS:
            raise LawError(
                f"line {number} has more than {_LONGEST_LINE:,} characters, or more than"
                f" {_MOST_DOTS} dots outside of texts",
                where=where,
                hint="divide it, or nest its tables less deeply",
            )


@cache
def statute_ids() -> tuple[str, ...]:
    """Name every act that the package carries."""
    jurisdictions = sorted(_folders(_FOLDER), key=lambda folder: folder.name)
    return tuple(
        f"{jurisdiction.name}/{act.name}"
        for jurisdiction in jurisdictions
        for act in sorted(_folders(jurisdiction), key=lambda folder: folder.name)
    )


@cache
def versions(statute_id: str) -> tuple[Statute, ...]:
    """Give every version of an act, oldest first.

    Raises:
        LawError: the act is not known; two versions overlap or leave a gap between them.
    """
    history = tuple(
        read_statute(file.read_bytes(), f"{statute_id}/{file.name}")
        for file in sorted(_act_folder(statute_id).iterdir(), key=lambda file: file.name)
    )
    require_no_gap(history)
    return history


def require_no_gap(history: Sequence[Statute]) -> None:
    """Insist that each version ends on the day before the next one begins.

    Raises:
        LawError: two versions overlap or leave a gap between them.
    """
    for earlier, later in pairwise(history):
        ends = earlier.in_force_to.value if earlier.in_force_to else None
        if ends is None or ends + timedelta(days=1) != later.in_force_from.value:
            raise LawError(
                f"version {earlier.version} ends on {ends}, the next begins on {later.version}",
                where=earlier.id,
            )


def version_on(statute_id: str, day: date) -> Statute:
    """Give the version that applied on a day.

    Raises:
        LawError: the act is not known, or was not in force that day.
    """
    for statute in versions(statute_id):
        ends = statute.in_force_to.value if statute.in_force_to else date.max
        if statute.in_force_from.value <= day <= ends:
            return statute
    first = versions(statute_id)[0].in_force_from.value
    raise LawError(f"no version is known for {day}", where=statute_id, hint=f"first: {first}")


def statute_bytes(statute_id: str, version: str) -> bytes:
    """Give the file of one version, which a record carries with it.

    Raises:
        LawError: the act or the version is not known.
    """
    file = _act_folder(statute_id) / f"{version}.toml"
    if not file.is_file():
        known_versions = ", ".join(statute.version for statute in versions(statute_id))
        raise LawError(f"no version {version}", where=statute_id, hint=f"known: {known_versions}")
    return file.read_bytes()


def _act_folder(statute_id: str) -> Traversable:
    if statute_id not in statute_ids():
        near = suggest_statutes(statute_id)
        suggestion = f"perhaps {', '.join(near)}; " if near else ""
        hint = f"{suggestion}list them with: referendum law list"
        raise LawError(f"no statute {statute_id!r} is known", hint=hint)
    return _FOLDER.joinpath(*statute_id.split("/"))


def suggest_statutes(name: str, most: int = 5) -> list[str]:
    """Suggest acts that a name may stand for: by place, by title, by the letters of the id."""
    key = name_key(name)
    begins = [one for one in statute_ids() if name_key(one).startswith(key)]
    of_place = [one for one in statute_ids() if key and key in name_key(_searchable_names(one))]
    close = get_close_matches(name, statute_ids(), n=most, cutoff=0.6)
    return list(dict.fromkeys([*begins, *of_place, *close]))[:most]


def _searchable_names(statute_id: str) -> str:
    latest = versions(statute_id)[-1]
    return f"{statute_id} {latest.jurisdiction} {latest.title}"


def _folders(folder: Traversable) -> list[Traversable]:
    return [item for item in folder.iterdir() if item.is_dir()]
