"""What was found on drawn lines in the parts that stand, kept up act by act."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.record.reading import Inputs
from referendum.record.writing import RecordWriter, Stamp


class FindingsParts:
    """The findings of the parts that stand, by the draw that they answer to."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._acts: dict[str, dict[int, int]] = defaultdict(dict)
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._own: dict[int, tuple[str, dict[int, str]]] = {}

    def add(self, number: int, inputs: Inputs) -> None:
        """Take note of a part."""
        rows = inputs.records(self._kind, f"{self._kind}.csv")
        findings = {int(row["serial"]): row["finding"] for row in rows}
        draw = inputs.answers_to(self._kind)
        self._own[number] = draw, findings
        self._acts[draw].update(dict.fromkeys(findings, number))
        self._counts[draw].update(findings.values())

    def drop(self, number: int) -> None:
        """Take note that a part no longer stands."""
        draw, findings = self._own.pop(number)
        self._counts[draw] -= Counter(findings.values())
        for serial in findings:
            if self._acts[draw].get(serial) == number:
                del self._acts[draw][serial]

    def act_of(self, draw: str, serial: int) -> int | None:
        """Give the act that has the finding on a drawn line; None if none stands."""
        return self._acts[draw].get(serial)

    def counts(self, draw: str, without: int | None) -> Counter[str]:
        """Count the findings on a draw by code, those of one part left out."""
        of, own = self._own.get(without or 0, ("", {}))
        return self._counts[draw] - Counter(own.values() if of == draw else ())


@dataclass(frozen=True)
class OtherFindings:
    """The findings on a draw in the other parts that stand, without the one that is put right."""

    parts: FindingsParts
    draw: str
    without: int | None

    def counts(self) -> Counter[str]:
        """Count them by code."""
        return self.parts.counts(self.draw, self.without)

    def have(self, serials: pl.Series) -> pl.Series:
        """Say of each of some drawn lines whether there is a finding on it."""
        return pl.Series([self._act(one) is not None for one in serials], dtype=pl.Boolean)

    def require_new(self, found: pl.DataFrame, path: Path) -> None:
        """See that no line has a finding in another act that stands.

        Args:
            found: with `line_id` and `serial`.
            path: the file.

        Raises:
            InputError: one has.
        """
        again = found.filter(self.have(found["serial"])).sort("line_id")
        for line, serial in again.select("line_id", "serial").head(1).iter_rows():
            act = self._act(serial)
            raise InputError(
                f"{again.height} lines have a finding already, {line} among them (act {act})",
                where=str(path),
                hint=f"leave them out, or put that act right: --corrects {act} --reason 'what was"
                " wrong', with all its lines",
            )

    def _act(self, serial: int) -> int | None:
        act = self.parts.act_of(self.draw, serial)
        return None if act == self.without else act


def other_findings(record: RecordWriter, kind: str, draw: Inputs, stamp: Stamp) -> OtherFindings:
    """Give the findings on a draw in the other acts that stand.

    Args:
        record: the record.
        kind: of the bundles of findings.
        draw: the draw that they answer to, alone.
        stamp: of the act that is made.
    """
    (digest,) = draw.digests
    parts = record.follow(kind, partial(FindingsParts, kind))
    return OtherFindings(parts, digest, stamp.corrects)
