"""What `group` says of a company becomes its account: found by its external id, changed, or made where there is none.
What leads to several accounts, or could mean several fields, is noted and left alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection

from firstcall.records.actions import change_records, create_records
from firstcall.records.keys import LONGEST_KEY, KeyKind, find_by_keys
from firstcall.records.models import Field, Module, Record
from firstcall.records.writing.upserting import upsert_claim
from firstcall.scoring.saying import said
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.calls import Grouping
from firstcall.touchpoints.mapping import map_company
from firstcall.touchpoints.models import SHARED, Company, Source
from firstcall.touchpoints.sightings import BAD_VALUE, UNKNOWN_TRAIT, Sightings
from firstcall.touchpoints.writing_traits import fill_required, fit_values, write_in_turns

ACCOUNTS = "accounts"
GROUP_ID = "group_id"
"""The trait under which a person's company is kept: the external id of its account."""

_SAID = """
INSERT INTO touchpoints_company (record_id, said_at)
SELECT * FROM unnest(%s::bigint[], %s::bigint[])
ON CONFLICT (record_id) DO UPDATE SET said_at = GREATEST(touchpoints_company.said_at, EXCLUDED.said_at)"""


@dataclass(slots=True)
class Said:
    """What an intake says of one company, each with its moment."""

    calls: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def newest(self) -> datetime:
        return max(at for at, _ in self.calls)

    def traits(self, *, until: datetime | None, late: bool) -> dict[str, Any]:
        """late: those of before `until`, the moment of the newest that was said already; else the others."""
        chosen = [
            one for one in sorted(self.calls, key=lambda c: c[0]) if late == bool(until and one[0] < until)
        ]
        return {name: value for _, traits in chosen for name, value in traits.items()}


class Companies:
    """The accounts that one intake tells of, by their external ids."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._said: dict[str, Said] = {}
        self._ids: dict[str, int | None] = {}

    def key(self, group_id: str) -> str:
        """The external id of the account. A source whose ids are its own has its own companies too."""
        space = self._source.namespace or SHARED
        return group_id if space == SHARED else f"{space}:{group_id}"

    def say(self, call: Grouping) -> None:
        if self.module is not None:
            said = self._said.setdefault(self.key(call.group_id), Said())
            said.calls.append((call.occurred_at, call.traits))

    def claims(self, calls: Iterable[Grouping]) -> list[tuple[str, str]]:
        """What two who write one account have in common; an import or an upsert claims the same."""
        if self.module is None or self._id_field is None:
            return []
        keys = {self.key(call.group_id) for call in calls}
        return [
            claim
            for key in keys
            for claim in (
                upsert_claim(self.module, KeyKind.EXTERNAL_ID, key),
                (str(self._id_field.pk), key),
            )
        ]

    @cached_property
    def module(self) -> Module | None:
        """None: the source leaves accounts alone, or there are none."""
        if self._source.mapping.get("group", {}) is None:
            return None
        return Module.objects.filter(name=ACCOUNTS, is_people=False).first()

    def link_of(self, fields: Iterable[Field]) -> Field | None:
        """The look-up that holds a person's account. Of several the one called `account`, or none: it is not guessed."""
        links = [one for one in fields if self.module is not None and one.target_id == self.module.pk]
        return links[0] if len(links) == 1 else next((one for one in links if one.name == "account"), None)

    def find(self, key: str) -> int | None:
        """The one account with the id; among those that this intake wrote, or before."""
        if key not in self._ids:
            self._ids |= self._find([key])
        return self._ids[key]

    def write(self, sightings: Sightings, at: datetime) -> None:
        """Change and make what was told of."""
        if self.module is None or not self._said:
            return
        if self._id_field is None:
            says = said("accounts have no external id field, or several and none is called external_id")
            sightings.add(BAD_VALUE, GROUP_ID, says, next(iter(self._said)))
            return
        there = self._there(sightings)
        self._ids |= dict(there)
        self._change({key: id for key, id in there.items() if id is not None}, sightings, at)
        self._create([key for key in self._said if key not in there], sightings, at)
        self._keep_moments()

    def _there(self, sightings: Sightings) -> dict[str, int | None]:
        """Those that are there; None where it is not said which is meant, or the id cannot be one."""
        found: dict[str, int | None] = {}
        assert self.module is not None  # noqa: S101
        records = find_by_keys(KeyKind.EXTERNAL_ID, list(self._said), modules=[self.module])
        for key in self._said:
            if len(key) > LONGEST_KEY:
                sightings.add(BAD_VALUE, GROUP_ID, f"takes at most {LONGEST_KEY} characters", key)
                found[key] = None
            elif several := records.get(key, [])[1:]:
                says = said(
                    "is ambiguous: {count} accounts have it in different fields", count=1 + len(several)
                )
                sightings.add(BAD_VALUE, GROUP_ID, says, key)
                found[key] = None
            elif key in records:
                found[key] = records[key][0]
        return found

    def _find(self, keys: Collection[str]) -> dict[str, int | None]:
        if self.module is None:
            return dict.fromkeys(keys)
        records = find_by_keys(KeyKind.EXTERNAL_ID, keys, modules=[self.module])
        return {key: ids[0] if len(ids := records.get(key, [])) == 1 else None for key in keys}

    def _change(self, there: Mapping[str, int], sightings: Sightings, at: datetime) -> None:
        """Only what differs: the SDKs say the same again and again."""
        records = Record.objects.in_bulk(there.values())
        said_at = dict(Company.objects.filter(record__in=records).values_list("record", "said_at"))
        planned: dict[int, dict[str, object]] = {}
        for key, id in sorted(there.items(), key=lambda one: one[1]):
            held, until, said = records[id].values, said_at.get(id), self._said[key]
            late = self._fitting(said.traits(until=until, late=True), sightings)
            values = {name: value for name, value in late.items() if name not in held}
            values |= self._fitting(said.traits(until=until, late=False), sightings)
            if different := {name: value for name, value in values.items() if held.get(name) != value}:
                planned[id] = different
        module = self.module
        if planned and module is not None:
            write_in_turns(planned, lambda rows: change_records(module, rows, at=at), sightings)

    def _create(self, keys: Collection[str], sightings: Sightings, at: datetime) -> None:
        module, id_field = self.module, self._id_field
        if not keys or module is None or id_field is None:
            return
        planned: dict[int, dict[str, object]] = {}
        for number, key in enumerate(keys):
            values = self._fitting(self._said[key].traits(until=None, late=False), sightings)
            values[id_field.name] = key
            fill_required(self._fields.values(), values, key)
            planned[number] = values
        written = write_in_turns(
            planned, lambda rows: create_records(module, [values for _, values in rows], at=at), sightings
        )
        self._ids |= {key: written[number] for number, key in enumerate(keys)}

    def _fitting(self, traits: Mapping[str, Any], sightings: Sightings) -> dict[str, object]:
        mapped = map_company(traits, self._fields, self._source.mapping)
        for name, value in mapped.rest.items():
            sightings.add(UNKNOWN_TRAIT, f"group.{name}", "", value)
        values = fit_values(self._fields, mapped.values, sightings)
        return {name: value for name, value in values.items() if self._fields[name] != self._id_field}

    def _keep_moments(self) -> None:
        rows = [
            (id, moment_of(said.newest)) for key, said in self._said.items() if (id := self._ids.get(key))
        ]
        with connection.cursor() as cursor:
            cursor.execute(_SAID, [[id for id, _ in sorted(rows)], [at for _, at in sorted(rows)]])

    @cached_property
    def _fields(self) -> dict[str, Field]:
        return {} if self.module is None else {field.name: field for field in self.module.fields.all()}

    @cached_property
    def _id_field(self) -> Field | None:
        named = [one for one in self._fields.values() if one.is_external_id]
        return named[0] if len(named) == 1 else next((f for f in named if f.name == "external_id"), None)
