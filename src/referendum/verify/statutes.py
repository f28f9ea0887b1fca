"""The statutes that this version of the program ships, to hold a record's own beside them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, time
from functools import cache
from importlib.resources import files
from typing import Any

from referendum.verify.bundles import Bundle
from referendum.verify.exclusion import check_exclusions
from referendum.verify.kinds import Act
from referendum.verify.report import Mismatch
from referendum.verify.statute_schema import path_of, require_statute

MOST = 10
"""Differences that are told one by one."""


@cache
def _read_shipped_statutes() -> dict[str, dict[str, Any]]:
    """Read the table that `make docs` writes: by id and version, the digest and every value."""
    data = (files("referendum.verify") / "statutes.json").read_text("utf-8")
    table: dict[str, dict[str, Any]] = json.loads(data)
    return table


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, str]]:
    """Give every leaf of a statute file by its path, each written so that its type shows."""
    inner: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for name, part in inner:
        yield from leaves(part, (*path, name))
    if not inner:
        yield path_of(path), _written(value)


def _written(value: object) -> str:
    """Write a leaf: texts in quotes, days and all else without."""
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def differences(document: dict[str, Any], data: bytes) -> list[str]:
    """Say how a record's statute differs from the one shipped under its id and version."""
    name = f"{document.get('id')} {document.get('version')}"
    known = _read_shipped_statutes().get(name)
    if known is None:
        return [f"this program ships no statute {name[:80]}: the record's own was not compared"]
    if hashlib.sha256(data).hexdigest() == known["sha256"]:
        return []
    on_record, shipped = dict(leaves(document)), known["values"]
    paths = [
        path
        for path in sorted(on_record.keys() | shipped)
        if on_record.get(path) != shipped.get(path)
    ]
    words = [
        f"it says of {path}: {on_record.get(path, 'nothing')[:60]}; shipped:"
        f" {shipped.get(path, 'nothing')[:60]}"
        for path in paths[:MOST]
    ]
    if len(paths) > MOST:
        words.append(f"and {len(paths) - MOST} more differences from the statute that is shipped")
    checkpoint = f"the statute on the record is not the one that this program ships as {name}"
    return [checkpoint if paths else f"{checkpoint}, though its values are the same", *words]


def check_opening(act: Act, statute: Bundle) -> str:
    """See that the statute is the one that the act names, and has what a statute may have."""
    law = statute.toml("statute.toml")
    if {"id": law.get("id"), "version": law.get("version")} != act["statute"]:
        raise Mismatch(
            "the statute is not the one that the act names", f"{statute.path}/statute.toml"
        )
    require_statute(law, f"{statute.path}/statute.toml")
    check_exclusions(act["parameters"])
    return f"runs under {law.get('id')}, version {law.get('version')}, carried in the record"
