"""An index of the findings on drawn lines in the parts that stand, kept up to date act by act."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.printing import quantity
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter


class FindingsIndex:
    """The findings of the parts that stand, by the draw that they answer to.

    Args:
        kind: of the bundles of findings.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._acts: dict[str, dict[int, int]] = defaultdict(dict)
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._findings_by_act: dict[int, tuple[str, dict[int, str]]] = {}

    def add(self, number: int, inputs: Inputs) -> None:
        """Enter the findings of a part."""
        rows = inputs.records(self._kind, f"{self._kind}.csv")
        findings = {int(row["serial"]): row["finding"] for row in rows}
        draw = inputs.answers_to(self._kind)
        self._findings_by_act[number] = draw, findings
        self._acts[draw].update(dict.fromkeys(findings, number))
        self._counts[draw].update(findings.values())

    def drop(self, number: int) -> None:
        """Remove the findings of a part that no longer stands."""
        draw, findings = self._findings_by_act.pop(number)
        self._counts[draw] -= Counter(findings.values())
        for serial in findings:
            if self._acts[draw].get(serial) == number:
                del self._acts[draw][serial]

    def act_of(self, draw: str, serial: int) -> int | None:
        """Give the act with the finding on a drawn line; None if there is none."""
        return self._acts[draw].get(serial)

    def counts(self, draw: str, without: int | None) -> Counter[str]:
        """Count the findings on a draw by code, leaving out those of one part."""
        its_draw, findings = self._findings_by_act.get(without or 0, ("", {}))
        return self._counts[draw] - Counter(findings.values() if its_draw == draw else ())


@dataclass(frozen=True)
class OtherFindings:
    """The findings on a draw in the parts that stand beside an act that is made.

    Attributes:
        index: over all parts.
        draw: digest of the draw's bundle.
        without: number of the act that is put right; None for none.
    """

    index: FindingsIndex
    draw: str
    without: int | None

    def counts(self) -> Counter[str]:
        """Count the findings by code."""
        return self.index.counts(self.draw, self.without)

    def cover(self, serials: pl.Series) -> pl.Series:
        """Say for each drawn line whether there is a finding on it (booleans, in order)."""
        return pl.Series([self._act(serial) is not None for serial in serials], dtype=pl.Boolean)

    def require_new(self, found: pl.DataFrame, path: Path) -> None:
        """Require that no line has a finding in another act that stands.

        Args:
            found: lines with a new finding: `line_id` and `serial`.
            path: the file of the findings, for the error.

        Raises:
            InputError: one has.
        """
        repeated = found.filter(self.cover(found["serial"])).sort("line_id")
        for serial in repeated["serial"].head(1):
            act = self._act(serial)
            raise InputError(
                f"found already: {quantity(repeated.height, 'line')}, that of serial {serial}"
                f" among them (act {act})",
                where=str(path),
                hint=f"leave them out; only if act {act} was wrong, put it right: --corrects {act}"
                " --reason 'what was wrong', with all its lines",
            )

    def _act(self, serial: int) -> int | None:
        act = self.index.act_of(self.draw, serial)
        return None if act == self.without else act


def other_findings(record: RecordWriter, kind: str, draw: Inputs, stamp: Stamp) -> OtherFindings:
    """Give the findings on a draw in the acts that stand beside the one that is made.

    Args:
        record: the record.
        kind: of the bundles of findings.
        draw: the draw's bundle alone.
        stamp: of the act that is made.
    """
    (digest,) = draw.digests
    index = record.follow(kind, partial(FindingsIndex, kind))
    return OtherFindings(index, digest, stamp.corrects)
