"""The statutes that this version of the program ships, to hold a record's own beside them."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

MOST = 10
"""Differences that are told one by one."""


@cache
def _read_shipped_statutes() -> dict[str, dict[str, Any]]:
    """Read the table that `make docs` writes: by id and version, the digest and every value."""
    data = (files("referendum.verify") / "statutes.json").read_text("utf-8")
    table: dict[str, dict[str, Any]] = json.loads(data)
    return table


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Give every leaf of a statute file, by its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path, str(value)


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
