"""What identifications say becomes the record: created where there is none, changed where there is; what a field does
not take is left out and noted, and never keeps the rest from being written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from django.db import connection

from firstcall.records.actions import change_records, create_records
from firstcall.records.models import Field, Module, Record
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.calls import Grouping, Identification, Who
from firstcall.touchpoints.companies import GROUP_ID, Companies
from firstcall.touchpoints.mapping import company_traits, map_traits
from firstcall.touchpoints.matching import Matcher, Place
from firstcall.touchpoints.models import Source
from firstcall.touchpoints.people import Person
from firstcall.touchpoints.sightings import UNKNOWN_TRAIT, Sightings
from firstcall.touchpoints.writing_traits import fill_required, fit_values, write_in_turns

MOST_TRAITS = 200  # that are kept of a person without a field for them

_KEEP = """
UPDATE touchpoints_person AS person
SET traits = CASE WHEN given.traits = '{}' THEN person.traits ELSE (
      SELECT jsonb_object_agg(key, value)
      FROM (SELECT * FROM jsonb_each(person.traits || given.traits) ORDER BY given.traits ? key DESC, key LIMIT %s) AS kept
    ) END,
    identified_at = GREATEST(person.identified_at, given.identified_at),
    grouped_at = GREATEST(person.grouped_at, given.grouped_at)
FROM unnest(%s::bigint[], %s::jsonb[], %s::bigint[], %s::bigint[]) AS given(id, traits, identified_at, grouped_at)
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
        self._newest_group: dict[int, datetime] = {}
        self._companies = Companies(source)
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
        """What is said of the company, and that the person belongs to it; an older call overwrites nothing."""
        self._companies.say(call)
        person = self._matcher.person(place.person)
        newest = self._newest_group.get(person.id, person.grouped_at)
        is_late = newest is not None and call.occurred_at < newest
        if not is_late:
            self._newest_group[person.id] = call.occurred_at
        traits = company_traits(call.traits) | {GROUP_ID: self._companies.key(call.group_id)}
        if place.record is not None:
            said = self._said.setdefault(place.record, Said(place.person, call.who))
            (said.late if is_late else said.traits).update(traits)
        elif not is_late:
            self._waiting.setdefault(person.id, {}).update(traits)

    def write(self, at: datetime) -> dict[int, int | None]:
        """Create and change the records; says which was made for each planned one, None where none could be."""
        self._sightings = Sightings(self._source, at)
        self._companies.write(self._sightings, at)
        new = {id: said for id, said in self._said.items() if id < 0}
        known = Record.objects.select_related("module").in_bulk([id for id in self._said if id > 0])
        # Records that are there first, in the order of ids, as everybody locks them.
        modules = {record.module for record in known.values()}
        for module in sorted(modules, key=lambda module: module.pk):
            self._change(module, {id: r for id, r in sorted(known.items()) if r.module_id == module.pk}, at)
        made = self._create(self._module, new, at) if self._module and new else {}
        self._keep_traits()
        self._sightings.write()
        return made

    def _creates(self, who: Who) -> bool:
        return self._module is not None and bool(who.user_id or who.email or who.phone or who.external_id)

    @cached_property
    def _module(self) -> Module | None:
        return self._source.module or Module.objects.filter(name="leads", is_people=True).first()

    def _create(self, module: Module, new: Mapping[int, Said], at: datetime) -> dict[int, int | None]:
        fields = self._fields(module)
        before = self._said_before(self._matcher.person(said.person).id for said in new.values())
        planned = {}
        for id, said in sorted(new.items(), reverse=True):
            final = self._matcher.person(said.person).id
            given = {**before[final], **said.late, **said.traits}
            planned[id] = self._fitting(fields, given, said.person)
            who = said.who
            fill_required(
                fields.values(), planned[id], who.email or who.user_id or who.phone or who.external_id
            )
        written = write_in_turns(
            planned,
            lambda rows: create_records(module, [values for _, values in rows], at=at),
            self._sightings,
        )
        self.have_written = self.have_written or any(written.values())
        return written

    def _said_before(self, people: Iterable[int]) -> dict[int, dict[str, Any]]:
        """What was said of each, and of those who turned out to be the same, before there was a record."""
        same: dict[int, list[int]] = {id: [id] for id in people}
        for id in self._matcher.merged:
            if (final := self._matcher.person(id).id) in same:
                same[final].append(id)
        ids = [id for of_one in same.values() for id in of_one]
        kept = dict(Person.objects.filter(pk__in=ids).exclude(traits={}).values_list("pk", "traits"))
        said: dict[int, dict[str, Any]] = {id: {} for id in same}
        for final, of_one in same.items():
            for id in of_one:
                said[final] |= kept.get(id, {})
            for id in of_one:
                said[final] |= self._waiting.pop(id, {})
        return said

    def _change(self, module: Module, records: Mapping[int, Record], at: datetime) -> None:
        fields = self._fields(module)
        planned = {}
        for id, record in records.items():
            said = self._said[id]
            late = self._fitting(fields, said.late, said.person)
            values = {name: value for name, value in late.items() if name not in record.values}
            values |= self._fitting(fields, said.traits, said.person)
            if values:
                planned[id] = values
        written = write_in_turns(planned, lambda rows: change_records(module, rows, at=at), self._sightings)
        self.have_written = self.have_written or any(written.values())

    def _fitting(
        self, fields: Mapping[str, Field], traits: Mapping[str, Any], person: int
    ) -> dict[str, object]:
        """The values that fit their fields; what has no field stays with the person."""
        mapped = map_traits(traits, fields, self._source.mapping)
        values = fit_values(fields, mapped.values, self._sightings)
        link = self._companies.link_of(fields.values()) if GROUP_ID in traits else None
        account = None if link is None else self._companies.find(str(traits[GROUP_ID]))
        if link is not None and account is not None:
            values[link.name] = account
        for name, value in mapped.rest.items():
            if account is not None and (name == GROUP_ID or name.partition(".")[0] == "company"):
                continue  # the account has it
            self._sightings.add(UNKNOWN_TRAIT, name, "", value)
            self._waiting.setdefault(person, {})[name] = value
        return values

    def _fields(self, module: Module) -> dict[str, Field]:
        if module.pk not in self._known_fields:
            self._known_fields[module.pk] = {field.name: field for field in module.fields.all()}
        return self._known_fields[module.pk]

    @cached_property
    def _known_fields(self) -> dict[int, dict[str, Field]]:
        return {}

    def _keep_traits(self) -> None:
        people = sorted({*self._waiting, *self._newest, *self._newest_group})
        if not people:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                _KEEP,
                [
                    MOST_TRAITS,
                    people,
                    [msgspec.json.encode(self._waiting.get(id, {})).decode() for id in people],
                    _moments(self._newest, people),
                    _moments(self._newest_group, people),
                ],
            )


def _moments(newest: Mapping[int, datetime], people: Iterable[int]) -> list[int | None]:
    return [moment_of(newest[id]) if id in newest else None for id in people]
