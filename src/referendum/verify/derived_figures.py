"""Figures of pages that follow from several files of a record (section 15), worked out again."""

from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from referendum.verify.audit_findings import counts_boxes
from referendum.verify.audit_samples import boxes_of_returns, read_samples
from referendum.verify.bundles import Bundle
from referendum.verify.chain import Chain
from referendum.verify.combined_returns import combine_returns
from referendum.verify.kinds import Act
from referendum.verify.report import Mismatch, guard
from referendum.verify.returns import read_returns
from referendum.verify.risk import poll_risks

CARD = ("question", "region", "district", "place", "card")
BOX = CARD[:4]
VOTES = ("yes", "no", "informal")
ABSENT = ("missing", "extra")

Row = dict[str, str]


class DerivedFigures:
    """Works out what no single cell or document of a record holds."""

    def __init__(self, chain: Chain, bundles: dict[str, Bundle]) -> None:
        self._chain, self._bundles = chain, bundles
        self._known: dict[str, Any] = {}

    def find(self, name: str) -> Callable[..., Any] | None:
        """Give the function of this name, which takes the terms of its source."""
        known: dict[str, Callable[..., Any]] = {
            "seen": self.count_marks,
            "differing": self.count_differing,
            "risk": self.risk,
        }
        return known.get(name)

    def count_marks(self, sample: str, mark: str) -> int:
        """Count the cards of a sample that show a mark; `differ`: another than was recorded."""
        marks: Counter[tuple[str, str]] = self._once("seen", self._count_marks)
        return marks[unquote(sample), unquote(mark)]

    def count_differing(self, _: str) -> int:
        """Count the boxes or cards found to be something else than was returned or recorded."""
        return int(self._once("differing", self._count_differing))

    def risk(self, answer: str) -> str:
        """Give the risk that an answer is wrong, by the sample of the statute's own decision."""
        return str(self._once("risk", self._risks)[answer])

    def _once(self, name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Give what a function works out, or what is wrong with it, however often it is asked."""
        if name not in self._known:
            try:
                self._known[name] = guard(name, work)
            except Mismatch as mismatch:
                self._known[name] = mismatch
        if isinstance(self._known[name], Mismatch):
            raise self._known[name]
        return self._known[name]

    def _count_differing(self) -> int:
        if self._chain.standing_act("audit.full_count"):
            return sum(self._is_different_box(row) for row in self._findings_of("audit.full_count"))
        if counts_boxes(self._plan):
            return sum(self._is_different_box(row) for row in self._findings)
        return sum(
            row["mark"] in ABSENT or row["mark"] != self._records.get(_key(row, CARD), row["mark"])
            for row in self._findings
        )

    def _risks(self) -> dict[str, str]:
        decide = self._standing("decide")
        (draw,) = self._chain.read_by(decide["number"])["draw"]
        parts = self._chain.read_by(decide["number"])["checks"]
        found = {
            row["serial"]: row["finding"] == "valid"
            for part in parts
            for row in self._bundles[part].records("checks.csv")
        }
        rows = sorted(self._bundles[draw].records("draw.csv"), key=lambda row: int(row["place"]))
        decision = self._bundles[decide["writes"][0]["digest"]].document("decision.json")
        valid = [found[row["serial"]] for row in rows]
        risks = poll_risks(decision["universe"], decision["required"], valid)
        return dict(zip(("sufficient", "insufficient"), risks, strict=True))

    def _standing(self, kind: str) -> Act:
        act = self._chain.standing_act(kind)
        if act is None:
            raise Mismatch(f"no {kind} stands")
        return act

    def _findings_of(self, kind: str) -> list[Row]:
        """Give the findings of an act, or of all parts that stand of its kind for this plan."""
        plan = self._standing("audit.plan")["writes"][0]["digest"]
        return [
            row
            for act in self._chain.standing_acts(kind)
            if self._chain.read_by(act["number"])["audit_plan"] == [plan]
            for row in self._bundles[act["writes"][0]["digest"]].records("findings.csv")
        ]

    @cached_property
    def _plan(self) -> Bundle:
        return self._bundles[self._standing("audit.plan")["writes"][0]["digest"]]

    @cached_property
    def _findings(self) -> list[Row]:
        return self._findings_of("audit.findings")

    @cached_property
    def _records(self) -> dict[tuple[str, ...], str]:
        """Give what the records of cards say, where the plan goes by them."""
        if "error_rates" not in self._plan.manifest["parameters"]:
            return {}
        digests = self._chain.read_by(self._standing("audit.plan")["number"])["audit_cards"]
        rows = (row for one in digests for row in self._bundles[one].records("cards.csv"))
        return {_key(row, CARD): row["mark"] for row in rows}

    def _count_marks(self) -> Counter[tuple[str, str]]:
        shown = {_key(row, CARD): row["mark"] for row in self._findings}
        draws = self._bundles[self._standing("audit.draw")["writes"][0]["digest"]]
        first = {sample.name: sample.questions[0] for sample in read_samples(self._plan)}
        counts: Counter[tuple[str, str]] = Counter()
        for row in draws.records("draws.csv"):
            key = (first[row["sample"]], *_key(row, CARD[1:]))
            if key in shown:
                counts[row["sample"], shown[key]] += 1
                counts[row["sample"], "differ"] += self._records.get(key, shown[key]) != shown[key]
        return counts

    @cached_property
    def _returned(self) -> dict[tuple[str, ...], tuple[int, ...]]:
        digests = self._chain.read_by(self._standing("audit.plan")["number"])["returns"]
        returns = combine_returns([self._bundles[one] for one in digests])
        return {
            (box.question, *box.place): box.votes[:3]
            for box in boxes_of_returns(read_returns(returns))
        }

    def _is_different_box(self, row: Row) -> bool:
        return self._returned[_key(row, BOX)] != tuple(int(row[name]) for name in VOTES)


def _key(row: Row, columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row[name] for name in columns)
