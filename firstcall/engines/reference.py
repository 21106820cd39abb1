"""The engine that others are measured against: every record through the plain Python of `scoring.evaluating`.

Obvious and slow, about a thousand times slower than DuckDB. Reads the same relations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from firstcall.engines.collecting import Row, collect
from firstcall.engines.engine import SCORES_TABLE, Scope, record_ids
from firstcall.engines.reading import Source
from firstcall.engines.reference_related import RelatedRecords, RelatedRow
from firstcall.engines.workspace import Workspace
from firstcall.scoring.columns import Column, RecordColumns, RelatedColumns, Storage, TouchpointColumns
from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.line_objects import plain_value
from firstcall.scoring.numbers import format_scaled
from firstcall.scoring.rules import Rule, types_read
from firstcall.scoring.scores import Score
from firstcall.scoring.values import Kind, Value

_BATCH = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENTS = (Storage.DATE, Storage.TIMESTAMP, Storage.TIMESTAMPTZ)


@dataclass(frozen=True)
class _Subject:
    """A record with its touchpoints, and the moment it is scored for."""

    id: str
    record: Record
    touchpoints: Sequence[Touchpoint]
    as_of: int
    of: Mapping[str, Sequence[Touchpoint]]


class ReferenceEngine:
    """Scores with the reference evaluator."""

    name = "reference"

    def score(self, rules: Sequence[Rule], source: Source, scope: Scope, workspace: Workspace) -> None:
        workspace.run(SCORES_TABLE)
        collect(self._scores(rules, source, scope, workspace), workspace)

    def explain(
        self, rule: Rule, source: Source, scope: Scope, workspace: Workspace
    ) -> Iterator[tuple[str, Score]]:
        for _, id, score in self._scores([rule], source, scope, workspace):
            # Values as the SQL engines give them: moments as text.
            lines = tuple(replace(line, value=plain_value(line.value)) for line in score.lines)
            yield id, replace(score, lines=lines)

    def _scores(
        self, rules: Sequence[Rule], source: Source, scope: Scope, workspace: Workspace
    ) -> Iterator[Row]:
        for subject in _subjects(rules, source, scope, workspace):
            for index, rule in enumerate(rules):
                score = evaluate(rule, subject.record, subject.touchpoints, subject.as_of, of=subject.of)
                if score is not None:
                    yield index, subject.id, score


def _subjects(
    rules: Sequence[Rule], source: Source, scope: Scope, workspace: Workspace
) -> Iterator[_Subject]:
    """Every record in scope with its touchpoints: both relations in the order of ids, side by side."""
    columns = source.columns.records
    related = _related(rules, source, workspace)
    histories = groupby(_touchpoints(source, scope, workspace), key=lambda pair: pair[0])
    waiting = next(histories, None)
    for id, as_of, *cells in _rows(_records_sql(columns, scope), source, scope, workspace):
        while waiting is not None and waiting[0] < id:  # touchpoints of a record that there is not
            waiting = next(histories, None)
        touchpoints: list[Touchpoint] = []
        if waiting is not None and waiting[0] == id:
            touchpoints = [touchpoint for _, touchpoint in waiting[1]]
            waiting = next(histories, None)
        row = RelatedRow.read(columns, cells, _value)
        record = Record(row.fields, related.reached_from(columns.lookups, row))
        of = related.people_of(id, row)
        yield _Subject(
            str(id), record, touchpoints, scope.as_of if scope.as_of is not None else int(as_of), of
        )


def _related(rules: Sequence[Rule], source: Source, workspace: Workspace) -> RelatedRecords:
    """All related records, and of those who are people of the rules all touchpoints, in memory."""
    columns, everything = source.columns, Scope(0)
    rows = {
        name: {
            id: RelatedRow.read(of, cells, _value)
            for id, _, *cells in _rows(
                _records_sql(of, everything, of.relation), source, everything, workspace
            )
        }
        for name, of in columns.related.items()
    }
    of = {name for rule in rules for name in types_read(rule) if name is not None}
    touchpoints: dict[object, list[Touchpoint]] = {}
    for id, touchpoint in _touchpoints(source, everything, workspace) if of else ():
        touchpoints.setdefault(id, []).append(touchpoint)
    return RelatedRecords(columns, rows, sorted(of), touchpoints)


def _records_sql(of: RecordColumns | RelatedColumns, scope: Scope, relation: str = "records") -> str:
    """The id, the moment, the fields and the look-ups, in the order of ids."""
    as_of = "NULL" if scope.as_of is not None else "as_of"
    cells = "".join(f", {_fetched(column)}" for column in of.fields.values())
    cells += "".join(f", {lookup.ref}" for lookup in of.lookups.values())
    restricted = "" if scope.ids is None else " WHERE id IN (SELECT unnest($ids))"
    return f"SELECT id, {as_of}{cells} FROM {relation}{restricted} ORDER BY id"


def _touchpoints(source: Source, scope: Scope, workspace: Workspace) -> Iterator[tuple[Any, Touchpoint]]:
    columns = source.columns.touchpoints
    if columns is None:
        return
    cells = "".join(f", {_fetched(column)}" for column in columns.properties.values())
    objects = "CAST(properties AS VARCHAR)" if columns.has_json else "NULL"
    restricted = "" if scope.ids is None else " WHERE record_id IN (SELECT unnest($ids))"
    sql = (
        f"SELECT record_id, type, {_scalar(columns.occurred_at, 'occurred_at')}, {objects}{cells}"
        f" FROM touchpoints{restricted} ORDER BY record_id"
    )
    for record_id, type, occurred_at, properties, *values in _rows(sql, source, scope, workspace):
        yield record_id, Touchpoint(type, int(occurred_at), _properties(columns, properties, values))


def _properties(columns: TouchpointColumns, text: str | None, cells: Sequence[object]) -> dict[str, Value]:
    """A property with a column of its own is read from there, as the compiler does."""
    written = (json.loads(text) if text else None) or {}  # the text may say null
    values = {name: Value(raw) for name, raw in written.items()}
    for (name, column), cell in zip(columns.properties.items(), cells, strict=True):
        values[name] = replace(_value(column, cell), own_column=column.own)
    return values


def _rows(sql: str, source: Source, scope: Scope, workspace: Workspace) -> Iterator[tuple[Any, ...]]:
    cursor = workspace.cursor()
    cursor.execute(sql, {} if scope.ids is None else {"ids": record_ids(source.columns.records, scope.ids)})
    while rows := cursor.fetchmany(_BATCH):
        yield from rows


def _fetched(column: Column) -> str:
    if column.storage is Storage.LIST and column.element is not None:
        return f"list_transform({column.ref}, lambda e: {_scalar(column.element, 'e')})"
    return _scalar(column.storage, column.ref)


def _scalar(storage: Storage, x: str) -> str:
    """Moments come as microseconds, JSON as text; all else as it is."""
    if storage in _MOMENTS:
        return f"epoch_us({x})"
    return f"CAST({x} AS VARCHAR)" if storage is Storage.JSON else x


def _value(column: Column, cell: object) -> Value:
    if isinstance(cell, list) and column.element is not None:
        return Value([_raw(column.element, column.kind, element) for element in cell])
    return Value(_raw(column.storage, column.kind, cell))


def _raw(storage: Storage, kind: Kind, cell: object) -> object:
    """A cell as the evaluator takes it."""
    if cell is None:
        return None
    match storage:
        case Storage.MILLIONTHS:
            return Decimal(format_scaled(int(str(cell)), 6))
        case Storage.JSON:
            return json.loads(str(cell))
        case Storage.DATE | Storage.TIMESTAMP | Storage.TIMESTAMPTZ | Storage.MICROSECONDS:
            moment = _EPOCH + timedelta(microseconds=int(str(cell)))
            return moment.date() if storage is Storage.DATE or kind is Kind.DATE else moment
    return cell
