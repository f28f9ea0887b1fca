"""A list on a Spark cluster: each of its partitions is processed where it lies.

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
from referendum.engines.parts import add_summaries, check_part, row_offsets, summarise_part

if TYPE_CHECKING:
    import pyarrow as pa

BYTES_AT_ONCE = 32 * 2**20
"""Bytes of a file that make a partition: some hundred thousand electors."""


class SparkParts:
    """The list in a Parquet or CSV file that every worker can read, a part for each partition."""

    def __init__(self, path: Path) -> None:
        """Start Spark, read the list once, and summarise its partitions.

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
        address = str(path.resolve())
        self._frame = (
            reader.parquet(address)
            if path.suffix == ".parquet"
            else reader.csv(address, header=True, inferSchema=False)
        )
        results = self._map(lambda raw, _: summarise_part(raw))
        summaries = [summary for _, summary in results]
        self._before = dict(
            zip((number for number, _ in results), row_offsets(summaries), strict=True)
        )
        self.size, self.set_aside, self.faults = add_summaries(summaries, str(path))

    def run(self, function: Callable[..., Any], more: tuple[Any, ...]) -> list[Any]:
        """Call a function with each part and the arguments `more`, and give the results."""
        before = self._before
        rest = self._spark.sparkContext.broadcast(pickle.dumps(more))
        try:
            results = self._map(
                lambda raw, number: function(
                    check_part(raw, before[number]),
                    *pickle.loads(rest.value),  # noqa: S301 - own
                )
            )
        finally:
            rest.unpersist()
        return [result for _, result in results]

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
