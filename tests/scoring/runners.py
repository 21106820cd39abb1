"""The engines, each given a batch and asked for scores; the tests compare them with the reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import duckdb
import psycopg

from firstcall.engines.engine import Scope
from firstcall.engines.postgres import score_into
from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.compiling import coded, compile_rules, read_explained
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.compiling.spark import Spark
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


from tests.scoring.batches import Batch, arrow_table


class Runner(Protocol):
    """Runs compiled rules in one engine over the batch loaded last."""

    name: str

    def load(self, batch: Batch) -> None: ...

    def explained(self, rule: Rule, batch: Batch, ids: Sequence[str] | None = None) -> dict[str, Score]: ...

    def figures(self, rules: Sequence[Rule], batch: Batch) -> list[tuple[object, ...]]: ...


class DuckDBRunner:
    """Runs compiled rules in DuckDB."""

    name = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()

    def load(self, batch: Batch) -> None:
        for name, relation in batch.relations().items():
            selected = ", ".join(
                f"{c}::JSON AS {c}" if storage is Storage.JSON else c
                for c, storage in relation.columns.items()
            )
            self.connection.register("arrow_table", arrow_table(relation))
            self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {selected} FROM arrow_table")
            self.connection.unregister("arrow_table")

    def explained(self, rule: Rule, batch: Batch, ids: Sequence[str] | None = None) -> dict[str, Score]:
        statement = compile_rules(
            [rule],
            batch.columns(),
            DuckDB(),
            as_of_column=batch.has_moments,
            by_ids=ids is not None,
            explain=True,
        )
        rows = self._rows(statement.sql, batch, ids)
        return {str(id): score for id, score in (read_explained(rule, statement, row) for row in rows)}

    def figures(self, rules: Sequence[Rule], batch: Batch) -> list[tuple[object, ...]]:
        """The plain rows, of several rules with the rule's index."""
        statement = compile_rules(rules, batch.columns(), DuckDB(), as_of_column=batch.has_moments)
        return self._rows(statement.sql, batch, None)

    def _rows(self, sql: str, batch: Batch, ids: Sequence[str] | None) -> list[tuple[object, ...]]:
        parameters: dict[str, object] = {}
        if "$as_of" in sql:
            parameters["as_of"] = batch.as_of
        if ids is not None:
            parameters["ids"] = list(ids)
        return self.connection.execute(sql, parameters).fetchall()


class PostgresRunner:
    """Runs compiled rules in PostgreSQL, in temporary tables of one connection."""

    name = "postgres"

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self.connection = connection

    def load(self, batch: Batch) -> None:
        for name, relation in batch.relations().items():
            columns = [(column, POSTGRES[storage]) for column, storage in relation.columns.items()]
            self._fill(name, columns, relation.rows)
        touchpoints = batch.columns().touchpoints
        if batch.coded and touchpoints is not None:
            self._code(touchpoints.properties.values())

    def _code(self, columns: Iterable[Column]) -> None:
        """Columns of the properties, written as the service writes them."""
        dialect = Postgres()
        for column in columns:
            value = coded.encode(dialect, dialect.json_property("properties", column.name))
            self.connection.execute(f"ALTER TABLE pg_temp.touchpoints ADD COLUMN {column.ref} text")
            self.connection.execute(f"UPDATE pg_temp.touchpoints SET {column.ref} = {value}".encode())

    def _fill(self, table: str, columns: list[tuple[str, str]], rows: Sequence[Mapping[str, object]]) -> None:
        defined = ", ".join(f"{name} {type}" for name, type in columns)
        values = ", ".join(f"%s::{type}" for _, type in columns)
        self.connection.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        self.connection.execute(f"CREATE TEMPORARY TABLE {table} ({defined})")
        with self.connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO pg_temp.{table} VALUES ({values})",
                [[row[name] for name, _ in columns] for row in rows],
            )

    def explained(self, rule: Rule, batch: Batch, ids: Sequence[str] | None = None) -> dict[str, Score]:
        scope = Scope(None if batch.has_moments else batch.as_of, None if ids is None else tuple(ids))
        statement = score_into("found", self.connection, [rule], batch.columns(), scope, explain=True)
        return {
            str(id): score for id, score in (read_explained(rule, statement, row) for row in self._taken())
        }

    def figures(self, rules: Sequence[Rule], batch: Batch) -> list[tuple[object, ...]]:
        score_into("found", self.connection, rules, batch.columns(), Scope(batch.as_of))
        return self._taken()

    def _taken(self) -> list[tuple[object, ...]]:
        rows = self.connection.execute("SELECT * FROM pg_temp.found").fetchall()
        self.connection.execute("DROP TABLE pg_temp.found")
        return rows


class SparkRunner:
    """Runs compiled rules in Spark, over temporary views of Arrow tables."""

    name = "spark"

    def __init__(self, session: SparkSession) -> None:
        self.session = session

    def load(self, batch: Batch) -> None:
        for name, relation in batch.relations().items():
            frame = self.session.createDataFrame(arrow_table(relation))
            selected = [
                f"parse_json({c}) AS {c}" if storage is Storage.JSON else c
                for c, storage in relation.columns.items()
            ]
            frame.selectExpr(*selected).createOrReplaceTempView(name)

    def explained(self, rule: Rule, batch: Batch, ids: Sequence[str] | None = None) -> dict[str, Score]:
        statement = compile_rules(
            [rule],
            batch.columns(),
            Spark(),
            as_of_column=batch.has_moments,
            by_ids=ids is not None,
            explain=True,
        )
        rows = self._rows(statement.sql, batch, ids)
        return {str(id): score for id, score in (read_explained(rule, statement, row) for row in rows)}

    def figures(self, rules: Sequence[Rule], batch: Batch) -> list[tuple[object, ...]]:
        statement = compile_rules(rules, batch.columns(), Spark(), as_of_column=batch.has_moments)
        return self._rows(statement.sql, batch, None)

    def _rows(self, sql: str, batch: Batch, ids: Sequence[str] | None) -> list[tuple[object, ...]]:
        parameters: dict[str, object] = {}
        if ":as_of" in sql:
            parameters["as_of"] = batch.as_of
        if ids is not None:
            from pyspark.sql.functions import array, lit

            parameters["ids"] = array(*map(lit, ids))
        return [tuple(row) for row in self.session.sql(sql, args=parameters).collect()]


POSTGRES = {
    Storage.TEXT: "text",
    Storage.JSON: "jsonb",
    Storage.DOUBLE: "double precision",
    Storage.MILLIONTHS: "bigint",
    Storage.INTEGER: "bigint",
    Storage.DECIMAL: "numeric",
    Storage.TRUTH: "boolean",
    Storage.DATE: "date",
    Storage.MICROSECONDS: "bigint",
}
