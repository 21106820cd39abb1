"""Scores that come one by one, gathered into the table `scores`; with their lines as JSON where asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import pyarrow as pa

from firstcall.engines.engine import SCORES_TABLE, Engine, Scope
from firstcall.engines.reading import Source
from firstcall.engines.workspace import Workspace
from firstcall.scoring.line_objects import lines_json
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score

_BATCH = 10_000
_POINTS = pa.decimal128(38, 0)
_SCHEMA = pa.schema(
    [
        ("rule", pa.int32()),
        ("id", pa.string()),
        ("positive", _POINTS),
        ("negative", _POINTS),
        ("touchpoint_positive", _POINTS),
        ("touchpoint_negative", _POINTS),
        ("touchpoint_total", _POINTS),
        ("total", _POINTS),
        ("grade", pa.string()),
        ("next_change_at", pa.int64()),
        ("lines", pa.string()),
    ]
)

type Row = tuple[int, str, Score]
"""The index of the rule, the id of the record, and its score."""


def collect_explained(
    engine: Engine, rules: Sequence[Rule], source: Source, scope: Scope, workspace: Workspace
) -> None:
    """Fill `scores` as `Engine.score` does, with one column more: `lines`, the explanation as a JSON list."""
    workspace.run(SCORES_TABLE)
    workspace.run("ALTER TABLE scores ADD COLUMN lines VARCHAR")
    for index, rule in enumerate(rules):
        rows = ((index, id, score) for id, score in engine.explain(rule, source, scope, workspace))
        collect(rows, workspace, lines=True)


def collect(rows: Iterable[Row], workspace: Workspace, *, lines: bool = False) -> None:
    """Append scores to the table `scores`, which is there already."""
    done = 0
    for batch in _batches(rows):
        table = pa.Table.from_pylist([_columns(row, lines=lines) for row in batch], schema=_SCHEMA)
        workspace.connection.register("collected", table if lines else table.drop_columns(["lines"]))
        workspace.run("INSERT INTO scores SELECT * FROM collected")
        workspace.connection.unregister("collected")
        done += len(batch)
        if workspace.progress is not None:
            workspace.progress(f"explaining: {done:,} records", None)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _columns(row: Row, *, lines: bool) -> dict[str, object]:
    index, id, score = row
    return {
        "rule": index,
        "id": id,
        "positive": Decimal(score.positive),
        "negative": Decimal(score.negative),
        "touchpoint_positive": Decimal(score.touchpoint_positive),
        "touchpoint_negative": Decimal(score.touchpoint_negative),
        "touchpoint_total": Decimal(score.touchpoint_total),
        "total": Decimal(score.total),
        "grade": score.grade,
        "next_change_at": score.next_change_at,
        "lines": lines_json(score.lines) if lines else None,
    }
