"""Reading, locking and writing the rows of people and their identities: one statement for all of an intake."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from firstcall.records.statements import array, run
from firstcall.scoring.times import datetime_of, moment_of
from firstcall.touchpoints.matching import Handed, Known, Name, Someone
from firstcall.touchpoints.people import IdentityKind as Kind

# What a source says of its own people; e-mail addresses and the like mean the same everywhere.
OWN = frozenset({Kind.USER_ID, Kind.ANONYMOUS_ID})

_LOAD = """
SELECT identity.kind, identity.value, identity.id, identity.handed_over_at,
       person.id, CASE WHEN record.deleted_at IS NULL THEN person.record_id END, person.is_named, person.identified_at,
       person.grouped_at
FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS TEXT[]), CAST($3 AS TEXT[])) AS given(namespace, kind, value)
CROSS JOIN LATERAL (
  SELECT *
  FROM touchpoints_identity
  WHERE (namespace, kind, value) = (given.namespace, given.kind, given.value)
  OFFSET 0
) AS identity
JOIN touchpoints_person AS person ON person.id = identity.person_id
LEFT JOIN records_record AS record ON record.id = person.record_id"""

# Sorted: two intakes with the same new names in different orders would wait for each other forever.
_ADD = """
WITH added AS (
  INSERT INTO touchpoints_identity (person_id, namespace, kind, value, first_seen_at)
  SELECT nextval(pg_get_serial_sequence('touchpoints_person', 'id')), namespace, kind, value, %s
  FROM (
    SELECT DISTINCT namespace, kind, value
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS given(namespace, kind, value)
    ORDER BY namespace, kind, value
  ) AS given
  ON CONFLICT (namespace, kind, value) DO NOTHING
  RETURNING person_id, kind
)
INSERT INTO touchpoints_person (id, is_named, traits, created_at)
SELECT person_id, kind <> 'anonymous_id', '{}', %s
FROM added"""

_LOCK = """
SELECT id
FROM touchpoints_person
WHERE id = ANY(%s)
ORDER BY id
FOR NO KEY UPDATE"""

_UPDATE_PEOPLE = """
UPDATE touchpoints_person AS person
SET record_id = given.record_id, is_named = given.is_named
FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[]) AS given(id, record_id, is_named)
WHERE person.id = given.id"""

# Of people who became others: what they had is theirs now, and they go.
_MERGE = """
WITH given AS (
  SELECT *
  FROM unnest(%s::bigint[], %s::bigint[]) AS given(id, other)
),
identities AS (
  UPDATE touchpoints_identity AS identity SET person_id = given.other FROM given WHERE identity.person_id = given.id
),
handovers AS (
  UPDATE touchpoints_handover AS handover SET person_id = given.other FROM given WHERE handover.person_id = given.id
),
said AS (
  SELECT given.other, jsonb_object_agg(trait.key, trait.value) AS traits
  FROM given
  JOIN touchpoints_person AS person ON person.id = given.id
  CROSS JOIN LATERAL jsonb_each(person.traits) AS trait
  GROUP BY given.other
)
UPDATE touchpoints_person AS person
SET traits = said.traits || person.traits
FROM said
WHERE person.id = said.other"""

_JOIN = """
WITH joined AS (
  UPDATE touchpoints_touchpoint AS touchpoint
  SET person = given.other, record_id = given.record_id,
      joined_at = CASE WHEN given.record_id IS NULL THEN NULL ELSE %s::bigint END
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS given(id, other, record_id)
  WHERE touchpoint.person = given.id AND touchpoint.record_id IS NULL
  RETURNING touchpoint.record_id
)
INSERT INTO records_dirtyrecord (record_id, cause, since)
SELECT DISTINCT record_id, 'touchpoint', %s::bigint
FROM joined
WHERE record_id IS NOT NULL"""

_HAND = """
WITH given AS (
  SELECT *
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS given(identity, before, after, at)
),
kept AS (
  INSERT INTO touchpoints_handover (identity_id, person_id, until)
  SELECT identity, before, at
  FROM given
)
UPDATE touchpoints_identity AS identity
SET person_id = last.after, handed_over_at = last.at
FROM (SELECT DISTINCT ON (identity) * FROM given ORDER BY identity, at DESC) AS last
WHERE identity.id = last.identity"""


class People:
    """The rows that the names of one intake lead to."""

    def __init__(self, namespace: str, names: Collection[Name]) -> None:
        self._names = sorted(set(names))
        self._namespace = namespace
        self.identities: dict[Name, Known] = {}
        self.people: dict[int, Someone] = {}

    @property
    def is_complete(self) -> bool:
        return len(self.identities) == len(self._names)

    def load(self) -> None:
        self.identities, self.people = {}, {}
        found: Any = run(_LOAD, *self._given(), prepared=True).fetchall()
        for kind, value, identity, handed, person, *known in found:
            self.identities[Kind(kind), value] = Known(identity, person, _moment(handed))
            if person not in self.people:
                record, named, identified, grouped = known
                self.people[person] = Someone(
                    person, record, named, _moment(identified), grouped_at=_moment(grouped)
                )

    def add_missing(self, at: datetime) -> None:
        missing = [name for name in self._names if name not in self.identities]
        if missing:
            moment = moment_of(at)
            _run(_ADD, moment, *self._given(missing), moment)

    def lock(self) -> None:
        """Hold the people without a record until the transaction ends: nobody else gives them one, or adds to what
        waits for it. Those with a record are not locked; what is theirs stays theirs."""
        held: set[int] = set()
        while True:
            self.load()
            wanted = {one.id for one in self.people.values() if one.record is None}
            if wanted <= held:
                return
            _rows(_LOCK, sorted(wanted))
            held |= wanted

    def _given(self, names: Sequence[Name] | None = None) -> list[str]:
        chosen = self._names if names is None else names
        return [
            array(self._namespace if kind in OWN else "" for kind, _ in chosen),
            array(kind.value for kind, _ in chosen),
            array(value for _, value in chosen),
        ]


def write_people(people: Iterable[Someone], merged: Mapping[int, Someone], *, at: datetime) -> None:
    """Keep what was found out; what waits with people who have a record now joins it, and the record becomes due."""
    changed = sorted(
        (one for one in people if one.is_changed and one.id not in merged), key=lambda one: one.id
    )
    if changed:
        _run(
            _UPDATE_PEOPLE,
            [one.id for one in changed],
            [one.record for one in changed],
            [one.is_named for one in changed],
        )
    if merged:
        _run(_MERGE, list(merged), [one.id for one in merged.values()])
    became = {**{one.id: one for one in changed}, **merged}
    join_waiting(became, at=at)
    if merged:
        _run("DELETE FROM touchpoints_person WHERE id = ANY(%s)", list(merged))


def join_waiting(became: Mapping[int, Someone], *, at: datetime) -> None:
    """What waits with each of these people is that person's, and joins the record if there is one."""
    if became:
        others = list(became.values())
        moment = moment_of(at)
        _run(_JOIN, moment, list(became), [one.id for one in others], [one.record for one in others], moment)


def write_handovers(handed: Sequence[Handed], final: Mapping[int, int]) -> None:
    if handed:
        rows = [
            (h.identity, final.get(h.before, h.before), final.get(h.after, h.after), moment_of(h.at))
            for h in handed
        ]
        _run(_HAND, *map(list, zip(*rows, strict=True)))


def _moment(value: int | None) -> datetime | None:
    return None if value is None else datetime_of(value)


def _run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
