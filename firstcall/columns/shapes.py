"""What the rows of the copy look like: asked of PostgreSQL, written by DuckDB, and as the compiler of rules sees them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from firstcall.columns.manifest import FieldShape, Manifest, ModuleShape
from firstcall.records.field_columns import OWN_COLUMNS
from firstcall.records.kinds import FieldKind, column_of
from firstcall.records.models import Field, Module, WrittenBy
from firstcall.scoring.columns import (
    Column,
    Columns,
    Lookup,
    RecordColumns,
    RelatedColumns,
    Storage,
    TouchpointColumns,
)
from firstcall.scoring.compiling.duckdb import DuckDB

_DIALECT = DuckDB()
RECORDS_FETCHED = {
    "id": "BIGINT",
    "layout_id": "BIGINT",
    "owner_id": "BIGINT",
    "created_at": "BIGINT",
    "updated_at": "BIGINT",
    "tags": "VARCHAR",
    "held": "VARCHAR",
}
RECORDS_QUERY = (
    "SELECT id, layout_id, owner_id, created_at, updated_at, to_jsonb(tags), values FROM records_record"
    " WHERE module_id = {module} AND deleted_at IS NULL"
)
TOUCHPOINTS_FETCHED = {
    "record_id": "BIGINT",
    "type": "VARCHAR",
    "occurred_at": "BIGINT",
    "properties": "VARCHAR",
}
TOUCHPOINTS_QUERY = (
    "SELECT record_id, type, occurred_at, NULLIF(properties, '{}') FROM touchpoints_touchpoint"
    " WHERE record_id IS NOT NULL AND revoked_at IS NULL"
)
HISTORY_FETCHED = {
    "id": "BIGINT",
    "record_id": "BIGINT",
    "field": "VARCHAR",
    "changed_at": "BIGINT",
    "old": "VARCHAR",
}
HISTORY_QUERY = "SELECT id, record_id, field, at AS changed_at, old FROM records_fieldchange WHERE TRUE"


@dataclass(frozen=True)
class Relation:
    """One of the copy's relations.

    key    what its rows come and go by
    span   what its large files are parted by
    order  what is beside what within them
    """

    name: str
    key: str
    span: str
    order: str


TOUCHPOINTS = Relation("touchpoints", "record_id", "occurred_at", "type, record_id, occurred_at")
RECORDS = Relation("records", "id", "id", "id")
HISTORY = Relation("history", "record_id", "changed_at", "record_id, changed_at, id")


def module_shapes() -> tuple[ModuleShape, ...]:
    """As they are now; no rule reads what rules write."""
    fields: dict[int, list[FieldShape]] = {}
    for field in Field.objects.exclude(written_by=WrittenBy.RULE).order_by("pk"):
        shape = FieldShape(field.pk, field.name, field.kind, field.target_id)
        fields.setdefault(field.module_id, []).append(shape)
    return tuple(
        ModuleShape(module.pk, module.name, module.is_people, tuple(fields.get(module.pk, ())))
        for module in Module.objects.order_by("pk")
    )


def record_rows(shape: ModuleShape, source: str) -> str:
    """The query of DuckDB that makes the copy's rows of those fetched."""
    paths = ", ".join(f"'/{field.name}'" for field in shape.fields)
    # All at once: each look into JSON reads it anew.
    found = (
        f"SELECT *, json_extract_string(held, [{paths}]) AS found FROM {source}"
        if paths
        else f"SELECT * FROM {source}"
    )
    selected = ["id", "layout_id", "owner_id", "created_at", "updated_at", "CAST(tags AS JSON) AS tags"]
    selected += [f"{_typed(field, f'found[{n}]')} AS f{field.id}" for n, field in enumerate(shape.fields, 1)]
    return f"SELECT {', '.join(selected)} FROM ({found})"


def history_rows(source: str) -> str:
    """The same of field changes; `old` is JSON, with null for no value."""
    return f"SELECT id, record_id, field, changed_at, COALESCE(old, 'null') AS old FROM {source}"


def records_then(
    shape: ModuleShape,
    rows: str,
    history: str,
    as_of: int,
    layout: str,
    owner: str,
    kept: Collection[str] = (),
) -> str:
    """The query of the module's records with what they were as of a moment, in place of what they are: each field as it
    was before the first of its changes since. `layout` and `owner` name those that an id means; what is
    `kept` stays as it is."""
    fields = {field.name: (f"f{field.id}", field) for field in shape.fields if field.name not in kept}
    undone = {name: f"json_extract_string(was[{_DIALECT.literal(name)}], '$')" for name in fields}
    replaced = [
        f"CASE WHEN {_has(name)} THEN {_typed(field, undone[name])} ELSE {ref} END AS {ref}"
        for name, (ref, field) in fields.items()
    ]
    owner_then = "TRY_CAST(json_extract_string(was['owner'], '$') AS BIGINT)"
    if "owner" not in kept:
        replaced.append(f"CASE WHEN {_has('owner')} THEN {owner_then} ELSE owner_id END AS owner_id")
    tags_then = "COALESCE(NULLIF(was['tags'], 'null'), '[]')::JSON"
    if "tags" not in kept:
        replaced.append(f"CASE WHEN {_has('tags')} THEN {tags_then} ELSE tags END AS tags")
    replaced += [
        "CASE WHEN was IS NULL THEN updated_at ELSE COALESCE(last_change, created_at) END AS updated_at",
    ]
    layout_then = "json_extract_string(was['layout'], '$')"
    name = layout if "layout" in kept else f"CASE WHEN {_has('layout')} THEN {layout_then} ELSE {layout} END"
    return f"""
SELECT * EXCLUDE (was, last_change), {owner} AS owner
FROM (
  SELECT own.* REPLACE ({", ".join(replaced)}), {name} AS layout, was, last_change
  FROM ({rows}) AS own
  LEFT JOIN (
    SELECT record_id, map_from_entries(list((field, old)) FILTER (is_undone)) AS was,
           MAX(changed_at) FILTER (NOT is_undone) AS last_change
    FROM (
      SELECT record_id, field, changed_at > {as_of} AS is_undone, FIRST(old ORDER BY changed_at, id) AS old,
             MAX(changed_at) AS changed_at
      FROM ({history})
      GROUP BY record_id, field, is_undone
    )
    GROUP BY record_id
  ) AS past ON past.record_id = own.id
)"""


def _has(name: str) -> str:
    return f"COALESCE(map_contains(was, {_DIALECT.literal(name)}), FALSE)"


def _typed(field: FieldShape, text: str) -> str:
    match FieldKind(field.kind):
        case FieldKind.NUMBER | FieldKind.CURRENCY:
            return _DIALECT.decimal_number(text)
        case FieldKind.DATE:
            return f"TRY_CAST({text} AS DATE)"
        case FieldKind.DATE_TIME | FieldKind.LOOKUP:
            return f"TRY_CAST({text} AS BIGINT)"
        case FieldKind.YES_NO:
            return f"TRY_CAST({text} AS BOOLEAN)"
        case FieldKind.MULTI_SELECT:
            return f"CAST({text} AS JSON)"
    return text


def touchpoint_rows(properties: Mapping[str, str], source: str) -> str:
    """The same of touchpoints; a property's column holds its JSON value."""
    if not properties:
        return f"SELECT record_id, type, occurred_at, CAST(properties AS JSON) AS properties FROM {source}"
    paths = ", ".join(_DIALECT.literal(_pointer(name)) for name in properties)
    taken = [f"NULLIF(found[{n}], 'null'::JSON) AS {ref}" for n, ref in enumerate(properties.values(), 1)]
    return (
        f"SELECT record_id, type, occurred_at, CAST(properties AS JSON) AS properties, {', '.join(taken)}\n"
        f"FROM (SELECT *, json_extract(properties, [{paths}]) AS found FROM {source})"
    )


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


# --- as the compiler sees them


def columns_of(manifest: Manifest, module: str) -> Columns:
    """For the dialect of DuckDB; relations are called as `reading` calls them."""
    related = {copy.shape.name: _related(copy.shape, manifest) for copy in manifest.modules}
    own = related[module]
    properties = {
        name: Column(name, ref, Storage.JSON, column_of(FieldKind.TEXT, name, ref).kind, own=False)
        for name, ref in manifest.properties.items()
    }
    touchpoints = TouchpointColumns(Storage.MICROSECONDS, has_json=True, properties=properties)
    return Columns(RecordColumns(own.fields, True, own.lookups), touchpoints, module, related)


def module_relation(id: int) -> str:
    return f"module_{id}"


def _related(shape: ModuleShape, manifest: Manifest) -> RelatedColumns:
    names = {copy.shape.id: copy.shape.name for copy in manifest.modules}
    fields, lookups = dict(OWN_COLUMNS), dict[str, Lookup]()
    for field in shape.fields:
        fields[field.name] = field_column(field)
        if field.target in names and field.kind == FieldKind.LOOKUP:
            lookups[field.name] = Lookup(names[field.target], f"f{field.id}")
    return RelatedColumns(module_relation(shape.id), fields, lookups, shape.is_people)


def field_column(field: FieldShape) -> Column:
    column = column_of(FieldKind(field.kind), field.name, f"f{field.id}")
    is_number = column.storage is Storage.DECIMAL
    return Column(column.name, column.ref, Storage.MILLIONTHS if is_number else column.storage, column.kind)


def refs_of(shapes: Iterable[ModuleShape]) -> list[str]:
    return [f"f{field.id}" for shape in shapes for field in shape.fields]
