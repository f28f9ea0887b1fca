"""What a figure on a page comes from: the sources of section 15, looked up on the record."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from referendum.verify.bundles import Bundle
from referendum.verify.canonical import exact
from referendum.verify.chain import Chain
from referendum.verify.checkpoint import Checkpoint
from referendum.verify.counted_rows import RowCounts, Table, Values
from referendum.verify.derived_figures import DerivedFigures
from referendum.verify.officer_keys import read_officer_key
from referendum.verify.report import Mismatch

LONGEST = 20_000
"""Characters of a source."""

_CALL = re.compile(r"([a-z]+)\((.*)\)", re.DOTALL)
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_TERM = re.compile(r"([a-z_]+)(!?=)(.*)", re.DOTALL)

_FUNCTIONS: dict[tuple[str, int], Callable[..., Fraction]] = {
    ("negative", 1): lambda number: -number,
    ("margin", 1): lambda mean: 2 * mean - 1,
    ("share", 2): lambda part, whole: part / (whole or 1),
}
"""By name and how many numbers they are of; beside these there is `sum`, of any."""


class FigureSources:
    """Looks up what sources stand for."""

    def __init__(
        self, chain: Chain, bundles: dict[str, Bundle], checkpoint: Checkpoint, key: str
    ) -> None:
        self._chain, self._bundles = chain, bundles
        self._derived_figures = DerivedFigures(chain, bundles)
        self._log = {
            "size": checkpoint.size,
            "root": base64.b64encode(checkpoint.root).decode(),
            "key": key,
            "origin": checkpoint.origin,
        }
        self._files: dict[tuple[str, str], Any] = {}
        self._counts = RowCounts()
        self._values: dict[str, Any] = {}
        self.words: dict[str, str] = {}
        self.policy: dict[str, Any] = {}

    def value(self, source: str) -> Any:  # noqa: ANN401
        """Give what a source stands for: a number, a text, true, false or null."""
        if len(source) > LONGEST:
            raise Mismatch("the source is longer than any")
        if source in self.words:
            return self.words[source]
        call = _CALL.fullmatch(source)
        if call and source not in self._values:
            self._values[source] = self._call_function(call[1], call[2])
        value = self._values[source] if call else self._follow_path(source)
        if isinstance(value, dict | list | float | Table):
            raise Mismatch(f"{source[:60]} is no single value")
        return value

    def _call_function(self, name: str, inside: str) -> Any:  # noqa: ANN401
        terms = _split_terms(inside)
        if name == "count":
            return self._count(terms)
        if work := self._derived_figures.find(name):
            return work(*terms)
        if name == "poll":
            return _poll(self._follow_path(inside))
        if name == "fingerprint":
            return read_officer_key(str(self.value(inside))).id
        numbers = [self._number(term) for term in terms]
        if name == "sum":
            return _number_text(sum(numbers, Fraction(0)))
        if (name, len(numbers)) not in _FUNCTIONS:
            raise Mismatch(f"no such function: {name[:40]} of {len(terms)}")
        return _number_text(_FUNCTIONS[name, len(numbers)](*numbers))

    def _count(self, terms: list[str]) -> int:
        """Count rows that have these members; or several sources."""
        rows = self._follow_path(terms[0])
        if not isinstance(rows, list | Table):
            for term in terms:
                self.value(term)
            return len(terms)
        asked = [_TERM.fullmatch(term) for term in terms[1:]]
        if None in asked:
            raise Mismatch("what is counted is malformed")
        wanted = [(one[1], one[2] == "=", unquote(one[3])) for one in asked if one]
        columns = list(dict.fromkeys(name for name, _, _ in wanted))
        tests = [(columns.index(name), equal, value) for name, equal, value in wanted]

        def has(values: Values) -> bool:
            return all((values[place] == value) == equal for place, equal, value in tests)

        cells = rows.cells(columns) if isinstance(rows, Table) else _cells(rows, columns)
        return self._counts.count(terms[0], columns, cells, has)

    def _number(self, source: str) -> Fraction:
        value = self.value(source)
        if isinstance(value, bool):
            raise Mismatch(f"{source[:60]} is no number")
        return exact(value)

    def _follow_path(self, path: str) -> Any:  # noqa: ANN401
        """Follow a path: into the log, an act, or a file of a bundle."""
        first, *rest = (unquote(part) for part in path.split("/"))
        if first == "log" and len(rest) == 1:
            return self._log[rest[0]]
        if first == "policy":
            return _member_at(self.policy, rest)
        act = self._chain.acts[int(first)] if _INDEX.fullmatch(first) else None
        if act is None or not rest:
            raise Mismatch(f"no such source: {path[:60]}")
        name = rest[1] if len(rest) > 1 else ""
        digests = {one["kind"]: one["digest"] for one in act["writes"]}
        if rest[0] not in digests or not (name == "digest" or "." in name):
            return _member_at(act, rest)
        digest = digests[rest[0]]
        return digest if name == "digest" else self._in_bundle(digest, name, rest[2:])

    def _in_bundle(self, digest: str, name: str, rest: list[str]) -> Any:  # noqa: ANN401
        bundle = self._bundles[digest]
        if name == "manifest.json":
            return _member_at(bundle.manifest, rest)
        if name.endswith(".csv"):
            return _row(self._file(digest, name, Table), rest)
        return _member_at(self._file(digest, name, Bundle.document), rest)

    def _file(self, digest: str, name: str, read: Callable[[Bundle, str], Any]) -> Any:  # noqa: ANN401
        """Give a file of a bundle, read once."""
        if (digest, name) not in self._files:
            self._files[digest, name] = read(self._bundles[digest], name)
        return self._files[digest, name]


def _poll(row: dict[str, str]) -> str:
    share = float(100 * Fraction(row["share"]))
    return f"{row['pollster']}, {row['field_end']}: {share:.1f} %"


def _cells(rows: list[dict[str, Any]], columns: list[str]) -> Iterator[Values]:
    return (tuple(value_text(row[name]) for name in columns) for row in rows)


def _row(table: Table, rest: list[str]) -> Any:  # noqa: ANN401
    if not rest:
        return table
    if not _INDEX.fullmatch(rest[0]):
        raise Mismatch(f"there is no row {rest[0][:20]}")
    return _member_at(table.row(int(rest[0])), rest[1:])


def _member_at(value: Any, path: Iterable[str]) -> Any:  # noqa: ANN401
    for name in path:
        if isinstance(value, list):
            if not _INDEX.fullmatch(name) or int(name) >= len(value):
                raise Mismatch(f"there is no member {name[:20]}")
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            raise Mismatch(f"there is no {name[:60]}")
    return value


def _split_terms(inside: str) -> list[str]:
    """Divide the terms of a function at its own commas."""
    terms, depth, begin = [], 0, 0
    for place, sign in enumerate(inside):
        depth += (sign == "(") - (sign == ")")
        if depth > 3:
            raise Mismatch("functions lie too deep in each other")
        if sign == "," and depth == 0:
            terms.append(inside[begin:place])
            begin = place + 1
    return [*terms, inside[begin:]]


def _number_text(number: Fraction) -> int | str:
    return int(number) if number.denominator == 1 else str(number)


def value_text(value: object) -> str:
    """Write a value as the attribute of an element has it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
