"""The engines, each given a batch and asked for scores; the tests compare them with the reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import duckdb
import psycopg

from firstcall.engines.engine import Scope
from firstcall.engines.postgres import score_into
from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling import coded, compile_rules, read_explained
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.compiling.spark import Spark
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


from tests.scoring.batches import Batch, arrow_tables


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
        records, touchpoints = arrow_tables(batch)
        for name, table, columns in (
            ("records", records, batch.columns().records.fields),
            ("touchpoints", touchpoints, {}),
        ):
            as_json = {c.ref for c in columns.values() if c.storage is Storage.JSON} | {"properties"}
            selected = ", ".join(f"{c}::JSON AS {c}" if c in as_json else c for c in table.column_names)
            self.connection.register("arrow_table", table)
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
        columns = batch.columns()
        assert columns.touchpoints is not None
        records = [("id", "text"), *([("as_of", "bigint")] if batch.has_moments else [])]
        records += [(c.ref, POSTGRES[c.storage]) for c in columns.records.fields.values()]
        self._fill("records", records, [batch.record_row(s) for s in batch.subjects])
        touchpoints = [("record_id", "text"), ("type", "text"), ("occurred_at", "bigint")]
        own = list(columns.touchpoints.properties.values())
        touchpoints += [(c.ref, "text") for c in own if c.storage is not Storage.CODED]
        if columns.touchpoints.has_json:
            touchpoints.append(("properties", "jsonb"))
        self._fill("touchpoints", touchpoints, batch.touchpoint_rows())
        dialect = Postgres()
        for c in own:
            if c.storage is Storage.CODED:
                value = coded.encode(dialect, dialect.json_property("properties", c.name))
                self.connection.execute(f"ALTER TABLE pg_temp.touchpoints ADD COLUMN {c.ref} text")
                self.connection.execute(f"UPDATE pg_temp.touchpoints SET {c.ref} = {value}".encode())

    def _fill(self, table: str, columns: list[tuple[str, str]], rows: list[dict[str, object]]) -> None:
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
        columns = batch.columns()
        as_json = {c.ref for c in columns.records.fields.values() if c.storage is Storage.JSON} | {
            "properties"
        }
        for name, table in zip(("records", "touchpoints"), arrow_tables(batch), strict=True):
            frame = self.session.createDataFrame(table)
            selected = [f"parse_json({c}) AS {c}" if c in as_json else c for c in table.column_names]
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
