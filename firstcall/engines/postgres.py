"""The engine on PostgreSQL: the same rule over tables of a database.

What a source reads from files is copied into temporary tables first. `score_into` runs on relations named
`records` and `touchpoints` that the database already has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import psycopg.sql

from firstcall.engines.embedded_postgres import EmbeddedPostgres
from firstcall.engines.engine import SCORES_TABLE, Scope, record_ids
from firstcall.engines.landing import Landed, plan_landing
from firstcall.engines.workspace import Workspace
from firstcall.scoring.columns import Columns, Storage
from firstcall.scoring.compiling import FIGURES, Statement, compile_rules, read_explained
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score

if TYPE_CHECKING:
    from firstcall.engines.reading import Source

type Connection = psycopg.Connection[tuple[object, ...]]

_BATCH = 10_000
_CHUNK = 1 << 20
# How what DuckDB read is stored in PostgreSQL.
_TYPES = {
    Storage.TEXT: "text",
    Storage.MILLIONTHS: "bigint",
    Storage.INTEGER: "bigint",
    Storage.DOUBLE: "double precision",
    Storage.DECIMAL: "numeric",
    Storage.TRUTH: "boolean",
    Storage.DATE: "date",
    Storage.MICROSECONDS: "bigint",
    Storage.JSON: "jsonb",
}


class PostgresEngine:
    """Scores in the database at `dsn`, or where there is none in one of its own that goes with the workspace."""

    name = "postgres"

    def __init__(self, dsn: str | None = None) -> None:
        self.dsn = dsn

    def score(self, rules: Sequence[Rule], source: Source, scope: Scope, workspace: Workspace) -> None:
        with self._connected(workspace) as connection:
            columns = copy_source(source, connection, workspace, scope)
            statement = score_into("scores", connection, rules, columns, scope)
            landing = workspace.folder / "scores.csv"
            _copy_out(connection, "scores", landing)
        rule = "rule" if len(rules) > 1 else "0"
        workspace.run(SCORES_TABLE)
        workspace.run(
            f"INSERT INTO scores SELECT {rule}, id, {', '.join(FIGURES)} FROM read_csv({_literal(landing)},"
            " auto_detect = false, header = true, nullstr = '\\N', allow_quoted_nulls = false,"
            f" columns = {_result_columns(statement)})"
        )
        landing.unlink()

    def explain(
        self, rule: Rule, source: Source, scope: Scope, workspace: Workspace
    ) -> Iterator[tuple[str, Score]]:
        with self._connected(workspace) as connection:
            columns = copy_source(source, connection, workspace, scope)
            statement = score_into("explained", connection, [rule], columns, scope, explain=True)
            with connection.cursor(name="explained_rows") as cursor:
                cursor.execute("SELECT * FROM pg_temp.explained")
                while rows := cursor.fetchmany(_BATCH):
                    for row in rows:
                        id, score = read_explained(rule, statement, row)
                        yield str(id), score

    @contextmanager
    def _connected(self, workspace: Workspace) -> Iterator[Connection]:
        if self.dsn:
            with psycopg.connect(self.dsn) as connection:
                yield connection
            return
        with EmbeddedPostgres() as server, psycopg.connect(server.dsn) as connection:
            yield connection


def score_into(
    table: str,
    connection: Connection,
    rules: Sequence[Rule],
    columns: Columns,
    scope: Scope,
    *,
    explain: bool = False,
) -> Statement:
    """Score the relations, `records` and those that belong to it, of the connection's search path into a temporary
    table.

    The table has the columns of the statement that is returned.
    """
    statement = compile_rules(
        rules,
        columns,
        Postgres(connection.info.server_version // 10_000),
        as_of_column=scope.as_of is None,
        by_ids=scope.ids is not None,
        explain=explain,
    )
    ids_type = "bigint[]" if columns.records.integer_ids else "text[]"
    connection.execute(f"PREPARE scoring (bigint, {ids_type}) AS {statement.sql}")
    ids = None if scope.ids is None else list(record_ids(columns.records, scope.ids))
    arguments = psycopg.sql.SQL("{}, {}").format(
        psycopg.sql.Literal(scope.as_of), psycopg.sql.Literal(ids) + psycopg.sql.SQL(f"::{ids_type}")
    )
    try:
        connection.execute(
            psycopg.sql.SQL(f"CREATE TEMPORARY TABLE {table} AS EXECUTE scoring ({{}})").format(arguments)
        )
    finally:
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
            connection.execute("DEALLOCATE scoring")
    return statement


def copy_source(source: Source, connection: Connection, workspace: Workspace, scope: Scope) -> Columns:
    """Copy the source's relations into temporary tables of the same names; says how they are stored there."""
    landing = plan_landing(source.columns, scope)
    for name, landed in landing.relations.items():
        _copy(workspace, connection, name, landed)
    connection.execute("CREATE INDEX ON pg_temp.touchpoints (record_id)")
    for name in landing.relations:
        connection.execute(f"ANALYZE pg_temp.{name}".encode())
    return landing.columns


def _copy(workspace: Workspace, connection: Connection, table: str, columns: Sequence[Landed]) -> None:
    """Through a file, as CSV: both ends read and write it in bulk."""
    path = workspace.folder / f"{table}.csv"
    selected = ", ".join(f"{column.sql} AS {column.name}" for column in columns)
    workspace.run(
        f"COPY (SELECT {selected} FROM {table}) TO {_literal(path)}"
        " (FORMAT csv, HEADER false, NULLSTR '\\N', FORCE_QUOTE *)",
        doing=f"copying {table}",
    )
    defined = ", ".join(f"{column.name} {_TYPES[column.storage]}" for column in columns)
    connection.execute(f"CREATE TEMPORARY TABLE {table} ({defined})")
    copying = f"COPY pg_temp.{table} FROM STDIN (FORMAT csv, NULL '\\N')"
    with connection.cursor() as cursor, cursor.copy(copying) as copy, path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            copy.write(chunk)
    path.unlink()


def _copy_out(connection: Connection, table: str, path: Path) -> None:
    copying = f"COPY pg_temp.{table} TO STDOUT (FORMAT csv, HEADER true, NULL '\\N')"
    with connection.cursor() as cursor, cursor.copy(copying) as copy, path.open("wb") as file:
        for chunk in copy:
            file.write(chunk)


def _result_columns(statement: Statement) -> str:
    points = dict.fromkeys(FIGURES[:-2], "HUGEINT")
    rule = {"rule": "INTEGER"} if statement.several else {}
    types = {"id": "VARCHAR", **rule, **points, "grade": "VARCHAR", "next_change_at": "BIGINT"}
    return "{" + ", ".join(f"'{name}': '{type}'" for name, type in types.items()) + "}"


def _literal(path: Path) -> str:
    return DuckDB().literal(str(path))
