"""Typed records and touchpoints put straight into an engine's relations, and the scores it gives them.

Beside the reading of files: what is tested here is the meaning of rules alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from firstcall.scoring.columns import Column, Columns, RecordColumns, Storage, TouchpointColumns
from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score
from firstcall.scoring.times import format_moment, moment_of
from firstcall.scoring.values import Kind, Value
from tests.scoring.cases import RawTouchpoint

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Subject:
    """One record with its touchpoints; `as_of` where each has its own."""

    id: str
    record: Mapping[str, object]
    touchpoints: Sequence[RawTouchpoint] = ()
    as_of: int | None = None


@dataclass(frozen=True)
class Batch:
    """Records of one schema.

    own_columns  the touchpoints' properties stand in text columns of their own, as in a CSV, and not in JSON
    coded        they stand in coded columns beside the JSON, as the service keeps them
    numbers      how number fields are stored
    """

    kinds: Mapping[str, Kind]
    subjects: Sequence[Subject]
    as_of: int
    own_columns: bool = False
    coded: bool = False
    numbers: Storage = Storage.DECIMAL
    names: Sequence[str] = field(default_factory=list)  # properties, where they have columns

    @property
    def has_moments(self) -> bool:
        return any(subject.as_of is not None for subject in self.subjects)

    def columns(self) -> Columns:
        fields = {
            name: Column(name, f"field_{i}", self._storage(kind), kind)
            for i, (name, kind) in enumerate(self.kinds.items())
        }
        storage = Storage.CODED if self.coded else Storage.TEXT
        own = {
            name: Column(name, f"own_{i}", storage, Kind.TEXT, own=not self.coded)
            for i, name in enumerate(self.names)
        }
        touchpoints = TouchpointColumns(
            occurred_at=Storage.MICROSECONDS,
            has_json=not self.own_columns,
            properties=own if self.own_columns or self.coded else {},
        )
        return Columns(RecordColumns(fields), touchpoints)

    def _storage(self, kind: Kind) -> Storage:
        return {
            Kind.NUMBER: self.numbers,
            Kind.TRUTH: Storage.TRUTH,
            Kind.DATE: Storage.DATE,
            Kind.TIME: Storage.MICROSECONDS,
            Kind.TEXT: Storage.TEXT,
            Kind.LIST: Storage.JSON,
            Kind.EMPTY: Storage.TEXT,
        }[kind]

    def record_row(self, subject: Subject) -> dict[str, object]:
        """The relation's row, as plain Python values of its storages."""
        row: dict[str, object] = {"id": subject.id}
        if self.has_moments:
            row["as_of"] = subject.as_of
        for column in self.columns().records.fields.values():
            row[column.ref] = _stored(subject.record.get(column.name), column.storage)
        return row

    def touchpoint_rows(self) -> list[dict[str, object]]:
        return [
            {"record_id": subject.id, "type": t.type, "occurred_at": t.occurred_at, **self._properties(t)}
            for subject in self.subjects
            for t in subject.touchpoints
        ]

    def _properties(self, touchpoint: RawTouchpoint) -> dict[str, object]:
        if not self.own_columns:
            return {"properties": json.dumps(touchpoint.properties, ensure_ascii=False)}
        return {
            f"own_{i}": self.own_text(touchpoint.properties.get(name)) for i, name in enumerate(self.names)
        }

    @staticmethod
    def own_text(value: object) -> str | None:
        """What a CSV cell would hold; an empty cell is missing."""
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _stored(value: object, storage: Storage) -> object:
    if value is None:
        return None
    match storage:
        case Storage.DOUBLE:
            return float(value)  # type: ignore[arg-type]
        case Storage.MILLIONTHS:
            return Value(value).number
        case Storage.INTEGER:
            return int(value)  # type: ignore[call-overload]
        case Storage.DECIMAL:
            return Decimal(str(value))
        case Storage.JSON:
            return json.dumps(value, ensure_ascii=False)
        case Storage.MICROSECONDS if isinstance(value, date | datetime):
            return moment_of(value)
    return value


ARROW = {
    Storage.TEXT: pa.string(),
    Storage.JSON: pa.string(),
    Storage.DOUBLE: pa.float64(),
    Storage.MILLIONTHS: pa.int64(),
    Storage.INTEGER: pa.int64(),
    Storage.DECIMAL: pa.decimal128(38, 12),
    Storage.TRUTH: pa.bool_(),
    Storage.DATE: pa.date32(),
    Storage.MICROSECONDS: pa.int64(),
}


def arrow_tables(batch: Batch) -> tuple[pa.Table, pa.Table]:
    """`records` and `touchpoints` with their physical types; JSON as text."""
    columns = batch.columns()
    schema = [("id", pa.string())]
    if batch.has_moments:
        schema.append(("as_of", pa.int64()))
    schema += [(column.ref, ARROW[column.storage]) for column in columns.records.fields.values()]
    records = pa.Table.from_pylist([batch.record_row(s) for s in batch.subjects], pa.schema(schema))
    schema = [("record_id", pa.string()), ("type", pa.string()), ("occurred_at", pa.int64())]
    assert columns.touchpoints is not None
    schema += [(column.ref, pa.string()) for column in columns.touchpoints.properties.values()]
    if columns.touchpoints.has_json:
        schema.append(("properties", pa.string()))
    return records, pa.Table.from_pylist(batch.touchpoint_rows(), pa.schema(schema))


def reference_scores(rule: Rule, batch: Batch) -> dict[str, Score]:
    """What the reference evaluator gives; records outside `applies_to` are left out."""
    scores = {}
    for subject in batch.subjects:
        record = Record({name: Value(subject.record.get(name)) for name in batch.kinds})
        touchpoints = [
            Touchpoint(t.type, t.occurred_at, _reference_properties(batch, t)) for t in subject.touchpoints
        ]
        as_of = batch.as_of if subject.as_of is None else subject.as_of
        score = evaluate(rule, record, touchpoints, as_of)
        if score is not None:
            scores[subject.id] = score
    return scores


def _reference_properties(batch: Batch, touchpoint: RawTouchpoint) -> dict[str, Value]:
    if not batch.own_columns:
        return {name: Value(value) for name, value in touchpoint.properties.items()}
    own = {name: batch.own_text(touchpoint.properties.get(name)) for name in batch.names}
    return {name: Value(value, own_column=True) for name, value in own.items() if value is not None}


def plain(score: Score) -> dict[str, object]:
    """The score as comparable plain values; measured values in one form, whatever the engine."""
    lines = [
        (line.kind, line.name, line.points, plain_value(line.value), line.next_change_at)
        for line in score.lines
    ]
    figures = {
        name: getattr(score, name)
        for name in ("positive", "negative", "touchpoint_positive", "touchpoint_negative", "total", "grade")
    }
    return {**figures, "next_change_at": score.next_change_at, "lines": lines}


def plain_value(value: object) -> object:
    """Numbers as decimals to 6 places, moments as text, lists element by element."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return [plain_value(element) for element in value]
    if isinstance(value, date | datetime):
        return format_moment(moment_of(value))[: None if isinstance(value, datetime) else 10]
    number = Value(value).number
    return value if number is None else Decimal(number)
