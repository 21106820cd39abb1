"""What identifications say becomes the record: created where there is none, changed where there is; what a field does
not take is left out and noted, and never keeps the rest from being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from django.db import connection

from firstcall.records.actions import change_record, create_record
from firstcall.records.errors import InvalidValuesError
from firstcall.records.kinds import FieldKind, UnfitValueError
from firstcall.records.models import Field, Module, Record
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.calls import Grouping, Identification, Who
from firstcall.touchpoints.fitting import fit
from firstcall.touchpoints.mapping import company_traits, map_traits
from firstcall.touchpoints.matching import Matcher, Place
from firstcall.touchpoints.models import Source
from firstcall.touchpoints.people import Person
from firstcall.touchpoints.sightings import Sightings

MOST_TRAITS = 200  # that are kept of a person without a field for them

_KEEP = """
UPDATE touchpoints_person AS person
SET traits = CASE WHEN given.traits = '{}' THEN person.traits ELSE (
      SELECT jsonb_object_agg(key, value)
      FROM (SELECT * FROM jsonb_each(person.traits || given.traits) ORDER BY given.traits ? key DESC, key LIMIT %s) AS kept
    ) END,
    identified_at = GREATEST(person.identified_at, given.identified_at)
FROM unnest(%s::bigint[], %s::jsonb[], %s::bigint[]) AS given(id, traits, identified_at)
WHERE person.id = given.id"""


@dataclass(slots=True)
class Said:
    """What an intake says of one record: `late` came after newer things, and overwrites nothing."""

    person: int
    who: Who
    traits: dict[str, Any] = field(default_factory=dict)
    late: dict[str, Any] = field(default_factory=dict)


class Leads:
    """The records that one intake creates and changes. Records yet to be created have negative ids."""

    def __init__(self, source: Source, matcher: Matcher) -> None:
        self._source, self._matcher = source, matcher
        self._said: dict[int, Said] = {}
        self._waiting: dict[int, dict[str, Any]] = {}  # of people without a record
        self._newest: dict[int, datetime] = {}
        self.have_written = False

    def identify(self, call: Identification, place: Place) -> Place:
        """Where the call belongs, once a record for it is planned where there is none."""
        person = self._matcher.person(place.person)
        newest = self._newest.get(person.id, person.identified_at)
        is_late = newest is not None and call.occurred_at < newest
        if not is_late:
            self._newest[person.id] = call.occurred_at
        record = place.record
        if record is None and not place.is_ambiguous and self._creates(call.who):
            record = -1 - len(self._said)
            self._matcher.give(person, record)
        if record is None:
            self._waiting.setdefault(person.id, {}).update(call.traits)
            return place
        said = self._said.setdefault(record, Said(person.id, call.who))
        (said.late if is_late else said.traits).update(call.traits)
        return Place(person.id, record, place.identities)

    def group(self, call: Grouping, place: Place) -> None:
        traits = company_traits(call.traits) | {"group_id": call.group_id}
        if place.record is None:
            self._waiting.setdefault(self._matcher.person(place.person).id, {}).update(traits)
        else:
            said = self._said.setdefault(place.record, Said(place.person, call.who))
            said.traits.update(traits)

    def write(self, at: datetime) -> dict[int, int | None]:
        """Create and change the records; says which was made for each planned one, None where none could be."""
        self._sightings = Sightings(self._source, at)
        made: dict[int, int | None] = {}
        known = Record.objects.select_related("module").in_bulk([id for id in self._said if id > 0])
        # In the order of ids, as everybody locks records; new ones, in theirs, are locked by nobody else.
        for id, said in sorted(self._said.items(), key=lambda entry: (entry[0] < 0, abs(entry[0]))):
            if id < 0:
                made[id] = self._create(self._module, said, at) if self._module else None
            elif id in known:
                self._change(known[id], said, at)
        self._keep_traits()
        self._sightings.write()
        return made

    def _creates(self, who: Who) -> bool:
        return self._module is not None and bool(who.user_id or who.email or who.phone or who.external_id)

    @cached_property
    def _module(self) -> Module | None:
        return self._source.module or Module.objects.filter(name="leads", is_people=True).first()

    def _create(self, module: Module, said: Said, at: datetime) -> int | None:
        given = {**self._said_before(said.person), **said.late, **said.traits}
        fields = self._fields(module)
        values = self._fitting(fields, given, said.person)
        self._fill_required(fields, values, said.who)
        while True:
            try:
                record = create_record(module, values, at=at)
            except InvalidValuesError as error:
                if not self._drop(error, values):
                    return None
            else:
                self.have_written = True
                return record.pk

    def _said_before(self, person: int) -> dict[str, Any]:
        """What was said of the person, and of those who turned out to be the same, before there was a record."""
        final = self._matcher.person(person)
        same = [person, *(id for id in self._matcher.merged if self._matcher.person(id) is final)]
        said: dict[str, Any] = {}
        for traits in Person.objects.filter(pk__in=same).values_list("traits", flat=True):
            said |= traits
        for id in same:
            said |= self._waiting.pop(id, {})
        return said

    def _change(self, record: Record, said: Said, at: datetime) -> None:
        fields = self._fields(record.module)
        late = self._fitting(fields, said.late, said.person)
        values = {name: value for name, value in late.items() if name not in record.values}
        values |= self._fitting(fields, said.traits, said.person)
        while values:
            try:
                change_record(record, values, at=at)
            except InvalidValuesError as error:
                if not self._drop(error, values):
                    return
            else:
                self.have_written = True
                return

    def _drop(self, error: InvalidValuesError, values: dict[str, object]) -> bool:
        """Take away what cannot be written; whether there was something."""
        dropped = False
        for fault in error.faults:
            if fault.field in values:
                self._sightings.add("bad_value", fault.field, fault.says, values.pop(fault.field))
                dropped = True
            else:
                self._sightings.add("bad_value", fault.field, fault.says, None)
        return dropped

    def _fitting(
        self, fields: Mapping[str, Field], traits: Mapping[str, Any], person: int
    ) -> dict[str, object]:
        """The values that fit their fields; what has no field stays with the person."""
        mapped = map_traits(traits, fields, self._source.mapping)
        values: dict[str, object] = {}
        for name, value in mapped.values.items():
            if value is None or value == "":
                continue  # senders send what they do not know as null: that clears nothing
            try:
                values[name] = fit(fields[name], value)
            except UnfitValueError as error:
                self._sightings.add("bad_value", name, str(error), value)
        for name, value in mapped.rest.items():
            self._sightings.add("unknown_trait", name, "", value)
            self._waiting.setdefault(person, {})[name] = value
        return values

    def _fill_required(self, fields: Mapping[str, Field], values: dict[str, object], who: Who) -> None:
        """A lead that lacks only its name is a lead: it is called by what is known of it."""
        call = who.email or who.user_id or who.phone or who.external_id
        for name, required in fields.items():
            if required.is_required and name not in values and required.kind == FieldKind.TEXT and call:
                values[name] = call

    def _fields(self, module: Module) -> dict[str, Field]:
        if module.pk not in self._known_fields:
            self._known_fields[module.pk] = {field.name: field for field in module.fields.all()}
        return self._known_fields[module.pk]

    @cached_property
    def _known_fields(self) -> dict[int, dict[str, Field]]:
        return {}

    def _keep_traits(self) -> None:
        people = sorted({*self._waiting, *self._newest})
        if not people:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                _KEEP,
                [
                    MOST_TRAITS,
                    people,
                    [msgspec.json.encode(self._waiting.get(id, {})).decode() for id in people],
                    [moment_of(self._newest[id]) if id in self._newest else None for id in people],
                ],
            )
