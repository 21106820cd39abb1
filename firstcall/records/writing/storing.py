"""The statements that write many records at once. Whoever calls them has checked everything and holds the locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection

from firstcall.records.schema import LayoutSchema
from firstcall.records.writing.given import Occasion
from firstcall.scoring.times import moment_of

_encode = msgspec.json.Encoder().encode

_NEXT_IDS = (
    "SELECT nextval(pg_get_serial_sequence('records_record', 'id')) FROM generate_series(1, %s) ORDER BY 1"
)

# Rows travel as one JSON text: a list of parameters a column takes the client ten times as long to write.
_TAGS = "ARRAY(SELECT json_array_elements_text(given.tags))"

_INSERT = f"""
INSERT INTO records_record
       (id, module_id, layout_id, owner_id, created_by_id, tags, values, version, created_at, updated_at)
SELECT given.id, %s, given.layout, given.owner, %s, {_TAGS}, given.values, 1, given.created_at, %s
FROM json_to_recordset(%s)
     AS given(id bigint, layout bigint, owner bigint, tags json, values jsonb, created_at bigint)"""

# In the order of ids, like all who lock records.
_LOCK = """
SELECT id, layout_id, owner_id, tags, values, version, created_at, deleted_at
FROM records_record
WHERE id = ANY(%s) AND module_id = %s
ORDER BY id
FOR NO KEY UPDATE"""

_UPDATE = f"""
UPDATE records_record AS record
SET layout_id = given.layout, owner_id = given.owner, tags = {_TAGS}, values = given.values,
    version = record.version + 1, updated_at = %s
FROM json_to_recordset(%s) AS given(id bigint, layout bigint, owner bigint, tags json, values jsonb)
WHERE record.id = given.id"""

_CHANGES = """
INSERT INTO records_fieldchange (record_id, field, at, by_id, old, new)
SELECT given.record, given.field, %s, %s, NULLIF(given.old, 'null'), NULLIF(given.new, 'null')
FROM json_to_recordset(%s) AS given(record bigint, field text, old jsonb, new jsonb)"""

_LINKS = """
INSERT INTO records_recordlink (record_id, field_id, target_id)
SELECT *
FROM json_to_recordset(%s) AS given(record bigint, field bigint, target bigint)"""

_DIRTY = """
INSERT INTO records_dirtyrecord (record_id, cause, since, turn)
SELECT DISTINCT id::bigint, %s, %s::bigint, %s::smallint
FROM json_array_elements_text(%s) AS given(id)"""


@dataclass(slots=True)
class Row:
    """A record as it lies in its table, but for its module."""

    id: int
    layout: int | None
    owner: int | None
    tags: tuple[str, ...]
    values: dict[str, object]
    version: int = 1
    created_at: int = 0
    deleted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A row of history; None is no value."""

    record: int
    field: str
    old: object
    new: object


def encode(value: object) -> str:
    return _encode(value).decode()


def next_ids(count: int) -> list[int]:
    return [int(id) for (id,) in _rows(_NEXT_IDS, [count])]


def insert_rows(module: int, rows: Sequence[Row], when: Occasion) -> None:
    _run(_INSERT, [module, when.by, moment_of(when.at), encode(rows)])


def lock_rows(module: int, ids: Iterable[int]) -> dict[int, Row]:
    """The records of the module as they are now, those in the trash too; nobody else writes them until the
    transaction ends."""
    return {
        id: Row(id, layout, owner, tuple(tags), msgspec.json.decode(values), version, created_at, deleted_at)
        for id, layout, owner, tags, values, version, created_at, deleted_at in _rows(
            _LOCK, [sorted(set(ids)), module]
        )
    }


def update_rows(rows: Sequence[Row], when: Occasion) -> None:
    _run(_UPDATE, [moment_of(when.at), encode(rows)])


def add_changes(changes: Sequence[Change], when: Occasion) -> None:
    if changes:
        _run(_CHANGES, [moment_of(when.at), when.by, encode(changes)])


def add_links(links: Mapping[int, Mapping[int, int]]) -> None:
    """Write what records look up, of records that have no links yet: the target by the field's id."""
    rows = [
        {"record": record, "field": field, "target": target}
        for record, of_record in links.items()
        for field, target in of_record.items()
    ]
    if rows:
        _run(_LINKS, [encode(rows)])


def replace_links(links: Mapping[int, Mapping[int, int]]) -> None:
    drop_links(links)
    add_links(links)


def drop_links(ids: Iterable[int]) -> None:
    _run("DELETE FROM records_recordlink WHERE record_id = ANY(%s)", [list(ids)])


def add_dirty(ids: Sequence[int], when: Occasion, *, cause: str = "field") -> None:
    if ids:
        _run(_DIRTY, [cause, moment_of(when.at), int(when.turn), encode(ids)])


def layout_id(schema: LayoutSchema) -> int | None:
    return schema.layout.pk if schema.layout else None


def _run(sql: str, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
