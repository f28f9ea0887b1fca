"""Public tables of a record, read as text."""

from io import BytesIO

import polars as pl

from referendum.record.acts import Act
from referendum.record.reading import Record

PUBLIC_ROWS = {
    "gates": ("gates", "gate"),
    "outcomes": ("outcomes", "outcome"),
    "checks": ("checks", "finding"),
    "risk_checks": ("risk_checks", "finding"),
}
"""Kinds of bundles that say something of each line: their table, and its column."""


def public_table(record: Record, act: Act, kind: str, name: str) -> pl.DataFrame | None:
    """Read a public table that an act wrote; empty cells are empty texts.

    Returns:
        The table, all columns String; None where the act wrote none of this kind and name.
    """
    bundle = act.bundle(kind)
    if bundle is None or bundle.sealed:
        return None
    manifest = record.bundles.manifest(bundle.digest, sealed=False)
    if all(file.name != f"{name}.csv" for file in manifest.files):
        return None
    data = record.bundles.read(bundle.digest, f"{name}.csv", sealed=False)
    return read_public_table(data)


def read_public_table(data: bytes) -> pl.DataFrame:
    """Read a public table: all columns String, empty cells empty texts."""
    return pl.read_csv(BytesIO(data), infer_schema=False).fill_null("")
