"""Finds the record that each call belongs to, and keeps what the calls say of who is who.

Names are user ids, e-mail addresses, phone numbers, anonymous ids, ids of other systems. What leads to one record
belongs to it; what leads to several is kept and shown as an ambiguity, never guessed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import connection

from firstcall.records.claims import claimed
from firstcall.records.keys import KeyKind, find_by_keys
from firstcall.records.models import Module, RecordKey
from firstcall.records.writing.upserting import upsert_claim
from firstcall.touchpoints.calls import Aliasing, Arrival, Call, Grouping, Identification, Who
from firstcall.touchpoints.companies import Companies
from firstcall.touchpoints.leads import Leads
from firstcall.touchpoints.matching import Matcher, Name, Outside, Place, Someone
from firstcall.touchpoints.models import SHARED, Source
from firstcall.touchpoints.people import Ambiguity, Handover, Identity, Person
from firstcall.touchpoints.people import IdentityKind as Kind
from firstcall.touchpoints.people_rows import OWN, People, write_handovers, write_people

BY_VALUE = (Kind.EXTERNAL_ID, Kind.EMAIL, Kind.PHONE)  # what records are found by


def find_settled(source: Source, arrivals: Sequence[Arrival]) -> list[Place | None] | None:
    """Where each arrival belongs, in their order, with None for those that name nobody; None where anything is new: a
    name, or who it is. It takes no lock and writes nothing."""
    names = [call_names(arrival) for arrival in arrivals]
    if not any(names):
        return [None] * len(arrivals)
    people = People(source.namespace or SHARED, [name for each in names for name in each])
    people.load()
    if not people.is_complete or any(one.record is None for one in people.people.values()):
        return None
    attempt = _Identity(source, people, [call for call, each in zip(arrivals, names, strict=True) if each])
    settled = attempt.match()
    if attempt.is_new or any(place.record is None for place in settled):
        return None
    places = iter(settled)
    return [next(places) if each else None for each in names]


def find_places(source: Source, calls: Sequence[Call], *, received_at: datetime) -> list[Place | None]:
    """Where each call belongs, in their order; None for arrivals that name nobody. Part of a transaction.

    Identifications create and change records.
    """
    said = [call for call in calls if call_names(call)]
    if not said:
        return [None] * len(calls)
    people = People(source.namespace or SHARED, [name for call in said for name in call_names(call)])
    people.load()
    places = iter(_Identity(source, people, said).resolve(received_at))
    return [next(places) if call_names(call) else None for call in calls]


def call_names(call: Call) -> list[Name]:
    if isinstance(call, Aliasing):
        kinds = (Kind.USER_ID, Kind.ANONYMOUS_ID)
        return [*call.who.names(), *((kind, call.previous_id) for kind in kinds)]
    if isinstance(call, Arrival):
        return [] if call.who is None or call.record_id is not None else call.who.names()
    return call.who.names()


class _Identity:
    """One intake's look at who is who.

    at  when it was received; None: it only looks whether anything would be new
    """

    def __init__(self, source: Source, people: People, calls: Sequence[Call]) -> None:
        self.source, self.people, self.calls = source, people, calls
        self.at: datetime | None = None
        self.is_asked = False  # for what only a writing intake may have
        self._buckets: dict[str, Someone] = {}

    @property
    def is_new(self) -> bool:
        return self.is_asked or self.matcher.is_changed

    def match(self) -> list[Place]:
        outside = Outside(self._bucket, self._before, self._is_stranger, self._newcomer)
        names = [name for call in self.calls for name in call_names(call)]
        records = _records_by_value(self.source, names)
        self.matcher = Matcher(self.people.identities, self.people.people, records, outside)
        self.leads = Leads(self.source, self.matcher)
        return [self._place(call) for call in self.calls]

    def resolve(self, at: datetime) -> list[Place]:
        """Two who write the record of one address wait for each other here, an upsert of records among them."""
        with claimed(self._claims()):
            return self._resolve(at)

    def _claims(self) -> list[tuple[str, str]]:
        said = [call.who.email for call in self.calls if isinstance(call, Identification) and call.who.email]
        module = self.source.module or Module.objects.filter(name="leads").first()
        claims = [upsert_claim(module, KeyKind.EMAIL, email) for email in said] if module else []
        groups = [call for call in self.calls if isinstance(call, Grouping)]
        return claims + Companies(self.source).claims(groups) if groups else claims

    def _resolve(self, at: datetime) -> list[Place]:
        self.at = at
        self.people.add_missing(at)
        self.people.lock()
        places = self.match()
        made = self.leads.write(at)
        for one in self.matcher.people.values():
            if one.record is not None and one.record < 0:
                one.record = made.get(one.record)
        merged = {id: self.matcher.person(id) for id in self.matcher.merged}
        write_handovers(self.matcher.handed, {id: one.id for id, one in merged.items()})
        write_people(self.matcher.people.values(), merged, at=at)
        self._join_by_value(at)
        return [self._final(place, made) for place in places]

    def _place(self, call: Call) -> Place:
        if isinstance(call, Aliasing):
            return self.matcher.alias(call)
        place = self.matcher.place(call.who or Who(), call.occurred_at)
        if isinstance(call, Identification):
            return self.leads.identify(call, place)
        if isinstance(call, Grouping):
            self.leads.group(call, place)
        return place

    def _final(self, place: Place, made: Mapping[int, int | None]) -> Place:
        """With the record that the person has by now."""
        person = self.matcher.person(place.person)
        record = made.get(place.record) if place.record is not None and place.record < 0 else place.record
        return Place(person.id, person.record if record is None else record, place.identities)

    def _join_by_value(self, at: datetime) -> None:
        """Whose e-mail address or phone number a record has by now: what waited for it joins that record."""
        waiting = {
            name: one
            for name, known in self.people.identities.items()
            if name[0] in BY_VALUE and (one := self.matcher.person(known.person)).record is None
        }
        if waiting and self.leads.have_written:
            found = _records_by_value(self.source, list(waiting))
            joining = {
                waiting[name].id: waiting[name] for name, records in found.items() if len(records) == 1
            }
            for name, records in found.items():
                if len(records) == 1:
                    self.matcher.give(waiting[name], records[0])
            write_people(joining.values(), {}, at=at)

    def _bucket(self, why: str, names: Sequence[Name], candidates: Sequence[int]) -> Someone:
        self.is_asked = True
        key = ambiguity_key(self.source, names)
        if key not in self._buckets:
            if self.at is None:
                return Someone(0, None, True)
            self._buckets[key] = _bucket_of(self.source, key, why, names, candidates, self.at)
        return self._buckets[key]

    def _before(self, identity: int, at: datetime) -> Someone | None:
        """Those of this intake are not written yet; of them the first says whose it was."""
        handed = [h for h in self.matcher.handed if h.identity == identity and h.at > at]
        later = Handover.objects.filter(identity=identity, until__gt=at).order_by("until")
        handover = later.select_related("person").first()
        if handed and (handover is None or handed[0].at < handover.until):
            return self.matcher.person(handed[0].before)
        if handover is None or self.at is None:
            return None if handover is None else _someone(handover.person)
        # Nobody else gives that person a record while a touchpoint is added to what waits for it.
        return _someone(Person.objects.select_for_update(no_key=True).get(pk=handover.person_id))

    def _newcomer(self, record: int) -> Someone:
        self.is_asked = True
        if self.at is None:
            return Someone(0, record, True)
        made = Person.objects.create(
            record_id=record if record > 0 else None, is_named=True, created_at=self.at
        )
        return Someone(made.pk, record, True)

    def _is_stranger(self, record: int, names: Sequence[Name]) -> bool:
        kinds = {kind for kind, _ in names}
        keyed = RecordKey.objects.filter(record=record, kind__in=[k.value for k in kinds if k in BY_VALUE])
        called = Identity.objects.filter(person__record=record, kind=Kind.USER_ID)
        space = self.source.namespace or SHARED
        return keyed.exists() or (Kind.USER_ID in kinds and called.filter(namespace=space).exists())


def _records_by_value(source: Source, names: Sequence[Name]) -> dict[Name, list[int]]:
    """The records that have the values in their fields: those of the source's module, else of other people modules."""
    found: dict[Name, list[int]] = {}
    if not any(kind in BY_VALUE for kind, _ in names):
        return found
    modules = dict(Module.objects.filter(is_people=True).values_list("name", "pk"))
    own = source.module_id or modules.get("leads")
    for kind in BY_VALUE:
        values = {value for k, value in names if k == kind}
        if not values:
            continue
        for tier in ([own] if own else [], [pk for pk in modules.values() if pk != own]):
            here = find_by_keys(kind, values, modules=tier) if values and tier else {}
            found |= {(kind, value): records for value, records in here.items()}
            values = values - here.keys()
    return found


def ambiguity_key(source: Source, names: Sequence[Name]) -> str:
    parts = sorted([kind.value, source.namespace or SHARED, value] for kind, value in names)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def _bucket_of(
    source: Source, key: str, why: str, names: Sequence[Name], candidates: Sequence[int], at: datetime
) -> Someone:
    """The person with whom the touchpoints of these names wait, or who has been given a record by decision."""
    if not Ambiguity.objects.filter(key=key).exists():
        # Another intake may be making the same one: it waits here until that one is committed.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        if not Ambiguity.objects.filter(key=key).exists():
            Ambiguity.objects.create(
                key=key,
                person=Person.objects.create(is_named=True, created_at=at),
                why=why,
                identities=[_told(source, kind, value) for kind, value in names],
                candidates=list(candidates),
                first_seen_at=at,
            )
    return _someone(Person.objects.select_for_update(no_key=True).get(ambiguity__key=key))


def _told(source: Source, kind: Kind, value: str) -> dict[str, str]:
    told = {"kind": kind.value, "value": value}
    return {**told, "namespace": source.namespace or SHARED} if kind in OWN else told


def _someone(person: Person) -> Someone:
    return Someone(
        person.pk, person.record_id, person.is_named, person.identified_at, grouped_at=person.grouped_at
    )
