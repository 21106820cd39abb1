"""Typed records and touchpoints put straight into an engine's relations, and the scores it gives them.

Beside the reading of files: what is tested here is the meaning of rules alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from firstcall.scoring.columns import (
    Column,
    Columns,
    Lookup,
    RecordColumns,
    RelatedColumns,
    Storage,
    TouchpointColumns,
)
from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score
from firstcall.scoring.times import format_moment, moment_of
from firstcall.scoring.values import Kind, Value
from tests.scoring.cases import RawTouchpoint
from tests.scoring.worlds import OWN, RELATED, Module, World, people_of


@dataclass(frozen=True)
class Subject:
    """One record with its touchpoints; `as_of` where each has its own."""

    id: str
    record: Mapping[str, object]
    touchpoints: Sequence[RawTouchpoint] = ()
    as_of: int | None = None
    lookups: Mapping[str, str | None] = field(default_factory=dict)


# The look-up that has a relation of its own.
LINKED = ("contacts", "lead")
LINKS = "links_of_contacts"


@dataclass(frozen=True)
class Relation:
    """Columns with their storages, and rows of plain Python values of those."""

    columns: Mapping[str, Storage]
    rows: Sequence[Mapping[str, object]]


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
    world: World = field(default_factory=World)

    @property
    def has_moments(self) -> bool:
        return any(subject.as_of is not None for subject in self.subjects)

    def columns(self) -> Columns:
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
        related = {
            name: RelatedColumns(
                f"related_{name}", self._fields(of.fields), self._lookups(of, name), is_people=of.is_people
            )
            for name, of in RELATED.items()
        }
        records = RecordColumns(self._fields(self.kinds), lookups=self._lookups(OWN, "leads"))
        return Columns(records, touchpoints, "leads", related)

    def _fields(self, kinds: Mapping[str, Kind]) -> dict[str, Column]:
        return {
            name: Column(name, f"field_{i}", self._storage(kind), kind)
            for i, (name, kind) in enumerate(kinds.items())
        }

    def _lookups(self, of: Module, name: str) -> dict[str, Lookup]:
        """Each with its column; one with a relation of its own too."""
        return {
            lookup: Lookup(target, f"look_{i}", LINKS if (name, lookup) == LINKED else None)
            for i, (lookup, target) in enumerate(of.lookups.items())
        }

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

    def relations(self) -> dict[str, Relation]:
        """Everything that a statement may read, by name."""
        columns = self.columns()
        assert columns.touchpoints is not None
        records = {"id": Storage.TEXT, **({"as_of": Storage.MICROSECONDS} if self.has_moments else {})}
        rows = [
            {"id": s.id, "as_of": s.as_of, **_cells(columns.records, s.record, s.lookups)}
            for s in self.subjects
        ]
        touchpoints = {"record_id": Storage.TEXT, "type": Storage.TEXT, "occurred_at": Storage.MICROSECONDS}
        own = [] if self.coded else columns.touchpoints.properties.values()
        touchpoints |= {column.ref: Storage.TEXT for column in own}
        if columns.touchpoints.has_json:
            touchpoints["properties"] = Storage.JSON
        found = {
            "records": Relation(records | _storages(columns.records), rows),
            "touchpoints": Relation(touchpoints, self.touchpoint_rows()),
        }
        for name, of in columns.related.items():
            rows = [{"id": r.id, **_cells(of, r.fields, r.lookups)} for r in self.world.of(name)]
            found[of.relation] = Relation({"id": Storage.TEXT} | _storages(of), rows)
        module, lookup = LINKED
        links = [{"id": r.id, "target": r.lookups.get(lookup)} for r in self.world.of(module)]
        linked = [link for link in links if link["target"] is not None]
        found[LINKS] = Relation({"id": Storage.TEXT, "target": Storage.TEXT}, linked)
        return found

    def touchpoint_rows(self) -> list[dict[str, object]]:
        people = [person for of in self.world.records.values() for person in of]
        return [
            {"record_id": one.id, "type": t.type, "occurred_at": t.occurred_at, **self._properties(t)}
            for one in (*self.subjects, *people)
            for t in one.touchpoints
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


def _storages(columns: RecordColumns | RelatedColumns) -> dict[str, Storage]:
    fields = {column.ref: column.storage for column in columns.fields.values()}
    return fields | {lookup.ref: Storage.TEXT for lookup in columns.lookups.values()}


def _cells(
    columns: RecordColumns | RelatedColumns, values: Mapping[str, object], lookups: Mapping[str, str | None]
) -> dict[str, object]:
    fields = {c.ref: _stored(values.get(c.name), c.storage) for c in columns.fields.values()}
    return fields | {lookup.ref: lookups.get(name) for name, lookup in columns.lookups.items()}


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


def arrow_table(relation: Relation) -> pa.Table:
    """The relation with its physical types; JSON as text."""
    schema = pa.schema([(name, ARROW[storage]) for name, storage in relation.columns.items()])
    return pa.Table.from_pylist([dict(row) for row in relation.rows], schema)


def reference_scores(rule: Rule, batch: Batch) -> dict[str, Score]:
    """What the reference evaluator gives; records outside `applies_to` are left out."""
    scores = {}
    for subject in batch.subjects:
        fields = {name: Value(subject.record.get(name)) for name in batch.kinds}
        record = Record(fields, batch.world.follow(OWN, subject.lookups))
        of: dict[str, list[Touchpoint]] = {}
        for people, person in people_of(batch.world, subject.id, subject.lookups):
            of.setdefault(people, []).extend(_reference_touchpoints(batch, person.touchpoints))
        touchpoints = _reference_touchpoints(batch, subject.touchpoints)
        as_of = batch.as_of if subject.as_of is None else subject.as_of
        score = evaluate(rule, record, touchpoints, as_of, of=of)
        if score is not None:
            scores[subject.id] = score
    return scores


def _reference_touchpoints(batch: Batch, touchpoints: Sequence[RawTouchpoint]) -> list[Touchpoint]:
    return [Touchpoint(t.type, t.occurred_at, _reference_properties(batch, t)) for t in touchpoints]


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
