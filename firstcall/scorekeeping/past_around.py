"""A record as it was at a moment, and what was around it: the records that its look-ups led to, and the people who were
related to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from firstcall.records.history import RecordThen, records_as_of
from firstcall.records.models import Field, Record
from firstcall.scorekeeping.reaching import Reach, reaches_of
from firstcall.scorekeeping.relations import LINKS_NAME, Selected
from firstcall.scorekeeping.statements import run, whole
from firstcall.scoring.columns import Columns
from firstcall.scoring.rules import Rule
from firstcall.scoring.times import moment_of

_THEN = """
SELECT r.id, {columns}
FROM jsonb_to_recordset(CAST({parameter} AS JSONB) -> '{which}')
     AS r(id BIGINT, module BIGINT, values JSONB, created_at BIGINT, updated_at BIGINT, layout TEXT, owner TEXT,
          tags JSONB)
WHERE r.module = {module}"""
_LINKS = """
SELECT l.id, l.target
FROM jsonb_to_recordset(CAST({parameter} AS JSONB) -> 'links') AS l(field BIGINT, id BIGINT, target BIGINT)
WHERE l.field = {field}"""

# Who may have looked the record up at the moment: $1 the field, $2 its name, $3 its module, $4 the record that it
# looked up, $5 the moment. Those who do now, did until they were changed or went to the trash.
_MAY_HAVE_LOOKED_UP = """
SELECT record_id
FROM records_recordlink
WHERE field_id = $1 AND target_id = $4
UNION
SELECT record_id
FROM records_fieldchange
WHERE field = $2 AND at > $5 AND old = to_jsonb(CAST($4 AS BIGINT))
UNION
SELECT id
FROM records_record
WHERE module_id = $3 AND deleted_at > $5 AND values -> $2 = to_jsonb(CAST($4 AS BIGINT))"""


@dataclass
class Around:
    """Gathers what the ways of a rule come by, from a record as it was.

    there  other records as they were, by their ids; those that were not there, or in the trash, are left out
    links  the people found from the other end: the field, the person, and whom it looked up
    """

    record: Record
    then: RecordThen
    as_of: datetime
    there: dict[int, tuple[Record, RecordThen]] = field(default_factory=dict)
    links: set[tuple[int, int, int]] = field(default_factory=set)

    def look(self, rule: Rule, columns: Columns) -> None:
        """Follow every way of the rule."""
        ways = list(reaches_of(rule, columns))
        ids = {id for reach in ways for id in (*reach.way, reach.back) if id is not None}
        fields = Field.objects.in_bulk(ids)
        for reach in ways:
            self._follow(reach, fields)

    def _follow(self, reach: Reach, fields: Mapping[int, Field]) -> None:
        id, then = self.record.pk, self.then
        for step in reach.way:
            target = then.values.get(fields[step].name)
            found = self._find(target) if isinstance(target, int) else None
            if found is None or found[0].module_id != fields[step].target_id:
                return
            id, then = found[0].pk, found[1]
        if reach.back is not None:
            self._find_people(fields[reach.back], id)

    def _find(self, id: int) -> tuple[Record, RecordThen] | None:
        if id not in self.there:
            self._add([id])
        return self.there.get(id)

    def _find_people(self, of: Field, target: int) -> None:
        rows = run(
            _MAY_HAVE_LOOKED_UP, of.pk, of.name, of.module_id, target, moment_of(self.as_of)
        ).fetchall()
        maybe = [whole(id) for (id,) in rows]
        self._add(id for id in maybe if id not in self.there)
        for id in maybe:
            found = self.there.get(id)
            if found and found[0].module_id == of.module_id and found[1].values.get(of.name) == target:
                self.links.add((of.pk, id, target))

    def _add(self, ids: Iterable[int]) -> None:
        records = Record.objects.filter(pk__in=list(ids), created_at__lte=self.as_of).select_related("layout")
        found = {record.pk: record for record in records}
        for id, then in records_as_of(found.values(), self.as_of).items():
            if not then.is_deleted:
                self.there[id] = found[id], then

    def encoded(self) -> str:
        links = [{"field": of, "id": id, "target": target} for of, id, target in sorted(self.links)]
        told = {
            "record": [_told(self.record, self.then)],
            "records": [_told(record, then) for record, then in self.there.values()],
            "links": links,
        }
        return msgspec.json.encode(told).decode()


def relations_then(
    module: int, own: Iterable[str], modules: Iterable[Selected], parameter: str
) -> dict[str, str]:
    """The relations as they were, as far as a rule looks; the parameter is what `Around.encoded` gives.

    own  the columns of the record itself, which is of `module`
    """
    found = {"records": _then_sql(own, module, "record", parameter)}
    for of in modules:
        found[of.relation] = _then_sql(of.columns, of.module, "records", parameter)
        for field_id in of.lookups:
            found[f"{LINKS_NAME}{field_id}"] = _LINKS.format(field=field_id, parameter=parameter)
    return found


def _then_sql(columns: Iterable[str], module: int, which: str, parameter: str) -> str:
    return _THEN.format(columns=", ".join(columns), module=module, which=which, parameter=parameter)


def _told(record: Record, then: RecordThen) -> dict[str, object]:
    return {
        "id": record.pk,
        "module": record.module_id,
        "values": then.values,
        "created_at": moment_of(record.created_at),
        "updated_at": moment_of(then.updated_at),
        "layout": then.layout,
        "owner": then.owner_email,
        "tags": then.tags,
    }
