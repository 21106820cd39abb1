"""Scores that come one by one, gathered into the table `scores`; with their lines as JSON where asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec
import pyarrow as pa

from firstcall.engines.engine import SCORES_TABLE, Engine, Scope
from firstcall.engines.reading import Source
from firstcall.engines.workspace import Workspace
from firstcall.scoring.numbers import counted, points_decimal
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Line, Score
from firstcall.scoring.times import format_moment, moment_of

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


def lines_json(lines: Sequence[Line]) -> str:
    """The explanation as JSON text; numbers stand with every digit.

    >>> lines_json([Line("Manager", 800, "Sales Manager")])
    '[{"name":"Manager","value":"Sales Manager","points":8.00,"next_change_at":null}]'
    """
    return _ENCODER.encode([line_object(line) for line in lines]).decode()


def line_object(line: Line) -> dict[str, object]:
    """One line for JSON: points as a decimal, moments as RFC 3339; `kind` where it is no criterion's."""
    moment = line.next_change_at
    shown: dict[str, object] = {
        "name": line.name,
        "value": plain_value(line.value),
        "points": points_decimal(line.points),
        "next_change_at": None if moment is None else format_moment(moment),
    }
    return shown if line.kind == "criterion" else {**shown, "kind": line.kind}


def plain_value(value: object) -> object:
    """A measured value as JSON can hold it: dates and times as text, numbers as they count.

    >>> plain_value(date(2026, 9, 1)), plain_value(Decimal("2.50")), plain_value([4.9999999])
    ('2026-09-01', Decimal('2.5'), [Decimal('5')])
    """
    match value:
        case datetime():
            return format_moment(moment_of(value))
        case date():
            return value.isoformat()
        case float() | Decimal():
            return counted(value)
        case list() | tuple():
            return [plain_value(element) for element in value]
        case dict():
            return {str(key): plain_value(element) for key, element in value.items()}
    return value


_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
