"""The statement that adds touchpoints, fills their slots, and makes their records' scores due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from firstcall.records.models import Turn
from firstcall.records.statements import array, run
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.slots import FIRST_EDITION, Slots, forget_slots, known_slots

_encode = msgspec.json.Encoder().encode

# In the order of message ids: two intakes with the same ones in different orders would wait for each other forever.
# It looks up the slots' edition itself, so that a change of slots waits for it and it for the change: see `slots`.
_ADD = """
WITH given AS (
  SELECT *, CAST(encoded AS JSONB) AS properties
  FROM unnest(CAST($3 AS TEXT[]), CAST($4 AS BIGINT[]), CAST($5 AS BIGINT[]), CAST($6 AS TEXT[]), CAST($7 AS TEXT[]),
              CAST($8 AS BIGINT[]), CAST($9 AS TEXT[]))
       AS rows(message_id, given_id, person, named, type, occurred_at, encoded)
),
edition AS MATERIALIZED (
  SELECT COALESCE(MAX(edition), {first}) AS current
  FROM touchpoints_propertyslot
),
slotted AS (
  {slotted}
),
added AS (
  INSERT INTO touchpoints_touchpoint
         (source_id, message_id, record_id, person, identities, type, occurred_at, received_at, properties, {columns})
  SELECT CAST($1 AS BIGINT), slotted.message_id, (SELECT id FROM records_record WHERE id = slotted.given_id),
         slotted.person, CAST(slotted.named AS BIGINT[]), slotted.type, slotted.occurred_at, CAST($2 AS BIGINT),
         slotted.properties, {columns}
  FROM slotted
  WHERE {edition} = (SELECT current FROM edition)
  ORDER BY slotted.message_id
  ON CONFLICT (source_id, message_id) DO NOTHING
  RETURNING record_id, message_id, id, type
),
dirty AS (
  INSERT INTO records_dirtyrecord (record_id, cause, since, turn, types)
  SELECT record_id, 'touchpoint', CAST($2 AS BIGINT), CAST($10 AS SMALLINT), array_agg(DISTINCT CAST(type AS TEXT))
  FROM added
  WHERE record_id IS NOT NULL
  GROUP BY record_id
)
SELECT (SELECT array_agg(message_id) FROM added), (SELECT current FROM edition), (SELECT array_agg(id) FROM added)"""


@dataclass(frozen=True, slots=True)
class Row:
    """A touchpoint as it is to be stored; the id of no record is as none."""

    message_id: str
    type: str
    occurred_at: datetime
    properties: Mapping[str, Any]
    record: int | None = None
    person: int | None = None
    identities: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Many touchpoints as they are to be stored, each column a list of them: moments as microseconds, properties as
    JSON texts, identities as texts of arrays."""

    message_ids: Sequence[str]
    records: Sequence[int | None]
    persons: Sequence[int | None]
    identities: Sequence[str | None]
    types: Sequence[str]
    moments: Sequence[int]
    properties: Sequence[str]


def add(source: int, rows: Sequence[Row], *, received_at: datetime) -> set[str]:
    """Store those that are new, each message id once; says which are, by their message ids."""
    columns = Columns(
        [row.message_id for row in rows],
        [row.record for row in rows],
        [row.person for row in rows],
        [None if row.identities is None else "{" + ",".join(map(str, row.identities)) + "}" for row in rows],
        [row.type for row in rows],
        [moment_of(row.occurred_at) for row in rows],
        [_encode(row.properties).decode() for row in rows],
    )
    return set(add_columns(source, columns, received_at=received_at)[0])


def add_columns(
    source: int, columns: Columns, *, received_at: datetime, turn: Turn = Turn.FRESH
) -> tuple[list[str], list[int]]:
    """The same of many; says which are new by their message ids, and by the ids they have now. Of several with one
    message id the first is stored.

    turn  when their records' scores are due: those of a bulk after what others do
    """
    parameters: list[object] = [
        source,
        moment_of(received_at),
        array(columns.message_ids),
        array(columns.records),
        array(columns.persons),
        array(columns.identities),
        array(columns.types),
        array(columns.moments),
        array(columns.properties),
        turn,
    ]
    while True:
        slots = known_slots()
        [(added, edition, ids)] = run(_add_sql(slots), *parameters, prepared=True).fetchall()
        if edition == slots.edition:
            return (added, ids) if isinstance(added, list) and isinstance(ids, list) else ([], [])
        forget_slots()


@lru_cache(maxsize=8)
def _add_sql(slots: Slots) -> str:
    columns = ", ".join(["slotted", *(f"slot_{number}" for _, number in slots.numbers)])
    return _ADD.format(
        first=FIRST_EDITION, slotted=slots.coded_sql("given"), columns=columns, edition=slots.edition
    )
