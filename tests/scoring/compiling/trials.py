"""Asking each engine what an expression gives for a column of values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

import duckdb
import psycopg
import pyarrow as pa

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.compiling.spark import Spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

type Expression = Callable[[Dialect], str]

ARROW_TYPES = {
    Storage.TEXT: pa.string(),
    Storage.INTEGER: pa.int64(),
    Storage.DOUBLE: pa.float64(),
    Storage.DECIMAL: pa.decimal128(38, 10),
    Storage.DATE: pa.date32(),
    Storage.TIMESTAMP: pa.timestamp("us"),
    Storage.TIMESTAMPTZ: pa.timestamp("us", "UTC"),
    Storage.JSON: pa.string(),
    Storage.LIST: pa.list_(pa.string()),
}


def table_of(values: Sequence[object], storage: Storage) -> pa.Table:
    """Columns `i`, the position, and `x`, the value; JSON as text."""
    column = pa.array(values, ARROW_TYPES[storage])
    return pa.table({"i": pa.array(range(len(values)), pa.int64()), "x": column})


def differing(
    values: Sequence[object], answers: Iterable[object], expected: Iterable[object]
) -> list[tuple[object, object, object]]:
    """The first few values with a wrong answer: (value, answer, expected)."""
    rows = zip(values, answers, expected, strict=True)
    return [row for row in rows if row[1] != row[2] or type(row[1]) is not type(row[2])][:5]


class Trial(ABC):
    """One engine, to be asked."""

    dialect: Dialect

    def answers(self, expression: Expression, values: Sequence[object], storage: Storage) -> list[object]:
        """What the expression over the column `x` gives for each value."""
        sql = f"SELECT i, {expression(self.dialect)} FROM trial"
        answers = dict(self.rows(self.with_prelude(sql), values, storage))
        return [answers[i] for i in range(len(values))]

    def aggregate(self, expression: Expression, values: Sequence[object], storage: Storage) -> object:
        """What the aggregate over the columns `i` and `x` gives."""
        sql = f"SELECT 0, {expression(self.dialect)} FROM trial"
        return self.rows(self.with_prelude(sql), values, storage)[0][1]

    def with_prelude(self, sql: str) -> str:
        prelude = ",\n".join(self.dialect.prelude.values())
        return f"WITH {prelude}\n{sql}" if prelude else sql

    @abstractmethod
    def rows(self, sql: str, values: Sequence[object], storage: Storage) -> list[tuple[int, object]]:
        """The rows of a statement over the relation `trial`."""


class DuckDBTrial(Trial):
    def __init__(self) -> None:
        self.dialect = DuckDB()
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'America/New_York'")

    def rows(self, sql: str, values: Sequence[object], storage: Storage) -> list[tuple[int, object]]:
        self.connection.register("given", table_of(values, storage))
        x = "json_extract(x, '$')" if storage is Storage.JSON else "x"  # as the engine reads JSON
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW trial AS SELECT i, {x} AS x FROM given")
        return self.connection.execute(sql).fetchall()


class PostgresTrial(Trial):
    TYPES: ClassVar = {
        Storage.TEXT: "text",
        Storage.INTEGER: "bigint",
        Storage.DOUBLE: "double precision",
        Storage.DECIMAL: "numeric",
        Storage.DATE: "date",
        Storage.TIMESTAMP: "timestamp",
        Storage.TIMESTAMPTZ: "timestamptz",
        Storage.JSON: "jsonb",
        Storage.LIST: "text[]",
    }

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], major: int = 18) -> None:
        self.dialect = Postgres(major)
        self.connection = connection
        connection.execute("SET TimeZone = 'America/New_York'")

    def rows(self, sql: str, values: Sequence[object], storage: Storage) -> list[tuple[int, object]]:
        self.connection.execute(f"CREATE TEMP TABLE trial (i bigint, x {self.TYPES[storage]})")
        table = table_of(values, storage)
        with self.connection.cursor().copy("COPY trial FROM STDIN") as copy:
            for row in zip(table["i"].to_pylist(), table["x"].to_pylist(), strict=True):
                copy.write_row(row)
        found = psycopg.RawCursor(self.connection).execute(sql).fetchall()
        self.connection.execute("DROP TABLE trial")
        return [(int(str(i)), answer) for i, answer in found]


class SparkTrial(Trial):
    def __init__(self, session: SparkSession) -> None:
        self.dialect = Spark()
        self.session = session

    def rows(self, sql: str, values: Sequence[object], storage: Storage) -> list[tuple[int, object]]:
        frame = self.session.createDataFrame(table_of(values, storage))
        if storage is Storage.JSON:
            frame = frame.selectExpr("i", "parse_json(x) AS x")
        frame.createOrReplaceTempView("trial")
        return [(row[0], row[1]) for row in self.session.sql(sql).collect()]
