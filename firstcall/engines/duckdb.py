"""The engine for files: runs the compiled rule where the source's relations are, in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from firstcall.engines.engine import SCORES_TABLE, Scope, record_ids
from firstcall.engines.workspace import Workspace
from firstcall.scoring.compiling import FIGURES, Statement, compile_rules, read_explained
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score

if TYPE_CHECKING:
    from firstcall.engines.reading import Source

_BATCH = 10_000


class DuckDBEngine:
    name = "duckdb"

    def score(self, rules: Sequence[Rule], source: Source, scope: Scope, workspace: Workspace) -> None:
        statement = self._compile(rules, source, scope)
        rule = "rule" if len(rules) > 1 else "0"
        workspace.run(SCORES_TABLE)
        workspace.run(
            f"INSERT INTO scores SELECT {rule}, CAST(id AS VARCHAR), {', '.join(FIGURES)}\n"
            f"FROM (\n{statement.sql}\n)",
            parameters(statement, source, scope),
            doing="scoring",
        )

    def judge(self, rule: Rule, source: Source, scope: Scope, workspace: Workspace) -> None:
        """Fill the table `judged`: a row a record with `id`, the figures, and in `points_1`, `points_2` … the
        points of each criterion, in hundredths. For insights; the others ask for `score` or `explain`."""
        statement = self._compile([rule], source, scope, explain=True)
        figures = [*FIGURES, *(f"points_{i}" for i in range(1, len(rule.criteria) + 1))]
        workspace.run(
            "CREATE OR REPLACE TABLE judged AS\n"
            f"SELECT CAST(id AS VARCHAR) AS id, {', '.join(figures)}\nFROM (\n{statement.sql}\n)",
            parameters(statement, source, scope),
            doing="scoring",
        )

    def explain(
        self, rule: Rule, source: Source, scope: Scope, workspace: Workspace
    ) -> Iterator[tuple[str, Score]]:
        statement = self._compile([rule], source, scope, explain=True)
        # A cursor of its own, so that the caller may use the connection between two rows.
        cursor = workspace.cursor()
        cursor.execute(statement.sql, parameters(statement, source, scope))
        while rows := cursor.fetchmany(_BATCH):
            for row in rows:
                id, score = read_explained(rule, statement, row)
                yield str(id), score

    def _compile(
        self, rules: Sequence[Rule], source: Source, scope: Scope, *, explain: bool = False
    ) -> Statement:
        return compile_rules(
            rules,
            source.columns,
            DuckDB(),
            as_of_column=scope.as_of is None,
            by_ids=scope.ids is not None,
            explain=explain,
        )


def parameters(statement: Statement, source: Source, scope: Scope) -> dict[str, object]:
    """What the statement's parameters stand for; ids that no integer id can equal are left out."""
    values: dict[str, object] = {}
    if statement.takes_as_of and "$as_of" in statement.sql:
        values["as_of"] = scope.as_of
    if statement.takes_ids and scope.ids is not None:
        values["ids"] = list(record_ids(source.columns.records, scope.ids))
    return values
