"""The engine on Spark: the same rule on many cores and machines, over Parquet.

The source's checked relations are written as Parquet to the workspace, which every executor must be able to
read: on a cluster, name a shared folder with TMPDIR.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from firstcall.engines.engine import SCORES_TABLE, Scope, record_ids
from firstcall.engines.landing import Landed, plan_landing
from firstcall.engines.spark_session import spark_session
from firstcall.engines.workspace import Workspace
from firstcall.scoring.columns import Columns, Storage
from firstcall.scoring.compiling import FIGURES, Statement, compile_rules, read_explained
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.spark import Spark
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from firstcall.engines.reading import Source

# Whole numbers that Parquet would otherwise hold as doubles.
_WIDE = ("HUGEINT", "UHUGEINT", "UBIGINT", "BIGNUM")


class SparkEngine:
    """Scores on the Spark at `master`: `local[*]` (where none is named), `local-cluster[2,1,1024]`, `spark://…`."""

    name = "spark"

    def __init__(self, master: str | None = None) -> None:
        self.master = master or "local[*]"

    def score(self, rules: Sequence[Rule], source: Source, scope: Scope, workspace: Workspace) -> None:
        with self._session(source, scope, workspace) as (session, columns):
            statement = _compile(rules, columns, scope)
            landing = workspace.folder / "scores.parquet"
            _run(session, statement, columns, scope).write.parquet(str(landing))
        rule = "rule" if len(rules) > 1 else "0"
        workspace.run(SCORES_TABLE)
        workspace.run(
            f"INSERT INTO scores SELECT {rule}, CAST(id AS VARCHAR), {', '.join(FIGURES)}"
            f" FROM read_parquet({_literal(landing / '*.parquet')})"
        )

    def explain(
        self, rule: Rule, source: Source, scope: Scope, workspace: Workspace
    ) -> Iterator[tuple[str, Score]]:
        with self._session(source, scope, workspace) as (session, columns):
            statement = _compile([rule], columns, scope, explain=True)
            for row in _run(session, statement, columns, scope).toLocalIterator():
                id, score = read_explained(rule, statement, tuple(row))
                yield str(id), score

    @contextmanager
    def _session(
        self, source: Source, scope: Scope, workspace: Workspace
    ) -> Iterator[tuple[SparkSession, Columns]]:
        """A session that has the source's relations as views."""
        landing = plan_landing(source.columns, scope)
        session = spark_session(self.master)
        try:
            # A folder of its own each time: rules are explained one by one in one workspace.
            with tempfile.TemporaryDirectory(dir=workspace.folder) as landed_in:
                for name, landed in landing.relations.items():
                    folder = Path(landed_in, name)
                    _write(workspace, name, landed, folder)
                    _read(session, folder, landed).createOrReplaceTempView(name)
                yield session, landing.columns
        finally:
            session.stop()


def _compile(rules: Sequence[Rule], columns: Columns, scope: Scope, *, explain: bool = False) -> Statement:
    return compile_rules(
        rules,
        columns,
        Spark(),
        as_of_column=scope.as_of is None,
        by_ids=scope.ids is not None,
        explain=explain,
    )


def _run(session: SparkSession, statement: Statement, columns: Columns, scope: Scope) -> DataFrame:
    from pyspark.sql.functions import array, lit

    parameters: dict[str, object] = {}
    if statement.takes_as_of and ":as_of" in statement.sql:
        parameters["as_of"] = scope.as_of
    if scope.ids is not None:
        parameters["ids"] = array(*map(lit, record_ids(columns.records, scope.ids)))
    return session.sql(statement.sql, args=parameters)


def _write(workspace: Workspace, relation: str, landed: Sequence[Landed], folder: Path) -> None:
    types = dict(
        workspace.connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {relation})").fetchall()
    )
    selected = ", ".join(f"{_parquet(column, types)} AS {column.name}" for column in landed)
    workspace.run(
        f"COPY (SELECT {selected} FROM {relation}) TO {_literal(folder)}"
        " (FORMAT parquet, COMPRESSION zstd, PER_THREAD_OUTPUT true)",
        doing=f"writing {relation} for Spark",
    )


def _parquet(column: Landed, types: dict[str, str]) -> str:
    if column.storage is Storage.DECIMAL and types.get(column.sql) in _WIDE:
        return f"CAST({column.sql} AS DECIMAL(38, 0))"
    return f"CAST({column.sql} AS VARCHAR)" if column.storage is Storage.JSON else column.sql


def _read(session: SparkSession, folder: Path, landed: Sequence[Landed]) -> DataFrame:
    """The written relation, its JSON texts as values."""
    selected = [f"parse_json({c.name}) AS {c.name}" if c.storage is Storage.JSON else c.name for c in landed]
    return session.read.parquet(str(folder)).selectExpr(*selected)


def _literal(path: Path) -> str:
    return DuckDB().literal(str(path))
