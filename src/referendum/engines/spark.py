"""A list on a Spark cluster: each of its partitions is worked on where it lies.

Needs the extra `spark` and Java. The cluster is the one that Spark's own settings name
(`spark-submit`, SPARK_MASTER), or else this machine. Its workers need this package too.
"""

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from referendum.core.errors import InputError
from referendum.engines.parts import part_of, seen, summed, sums_before

if TYPE_CHECKING:
    import pyarrow as pa

BYTES_AT_ONCE = 32 * 2**20
"""Bytes of a file that make a partition: some hundred thousand electors."""


class SparkParts:
    """The list in a Parquet or CSV file that every worker can read, a part for each partition."""

    def __init__(self, path: Path) -> None:
        """Start Spark, read the list once, and see what it holds.

        Raises:
            InputError: Spark does not start, or the list cannot be read, lacks a column or has an
                elector twice.
        """
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415

        if not path.exists():
            raise InputError("there is no such file", where=str(path))
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        try:
            self._spark = (
                SparkSession.builder.appName("referendum match")
                .config("spark.sql.files.maxPartitionBytes", BYTES_AT_ONCE)
                .config("spark.ui.enabled", "false")
                .config("spark.ui.showConsoleProgress", "false")
                .getOrCreate()
            )
        except (PySparkException, RuntimeError, OSError) as error:
            raise InputError(
                f"Spark does not start: {error}", hint="it needs Java 17 or newer on the PATH"
            ) from error
        self._spark.sparkContext.setLogLevel("ERROR")
        reader = self._spark.read
        whole = str(path.resolve())
        self._frame = (
            reader.parquet(whole)
            if path.suffix == ".parquet"
            else reader.csv(whole, header=True, inferSchema=False)
        )
        found = self._map(lambda raw, _: seen(raw))
        reads = [read for _, read in found]
        self._before = dict(zip((number for number, _ in found), sums_before(reads), strict=True))
        self.size, self.set_aside, self.faults = summed(reads, str(path))

    def run(self, function: Callable[..., Any], more: tuple[Any, ...]) -> list[Any]:
        """Call a function with each part and then `more`, and give what came of each."""
        before = self._before
        rest = self._spark.sparkContext.broadcast(pickle.dumps(more))
        try:
            found = self._map(
                lambda raw, number: function(
                    part_of(raw, before[number]),
                    *pickle.loads(rest.value),  # noqa: S301 - own
                )
            )
        finally:
            rest.unpersist()
        return [result for _, result in found]

    def _map(self, work: Callable[[pl.DataFrame, int], Any]) -> list[tuple[int, Any]]:
        """Call a function with each partition and its number, in the order of the numbers."""

        def on_worker(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
            import pyarrow as pa  # noqa: PLC0415 - on the worker
            from pyspark import TaskContext  # noqa: PLC0415

            frames = [pl.DataFrame(pl.from_arrow(batch)) for batch in batches]
            if frames:
                context = TaskContext.get()
                number = 0 if context is None else context.partitionId()
                result = pickle.dumps(work(pl.concat(frames), number))
                yield pa.RecordBatch.from_pydict({"number": [number], "result": [result]})

        rows = self._frame.mapInArrow(on_worker, "number long, result binary").collect()
        results = [(int(row["number"]), pickle.loads(row["result"])) for row in rows]  # noqa: S301
        return sorted(results, key=lambda result: result[0])
