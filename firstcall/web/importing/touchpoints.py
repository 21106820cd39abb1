"""The columns of a file of touchpoints in a form: whose they are, of which type, when; the others are properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from firstcall.records.importing.plan import ReadingOptions
from firstcall.records.importing.staging import FileOptions
from firstcall.touchpoints.importing.asking import TouchpointsAsked, TouchpointWishes
from firstcall.touchpoints.importing.roles import guess_roles
from firstcall.web.importing.mapping import DATES, SKIP, FileMapping, Line

PROPERTY = "property"
ROLES: Sequence[tuple[str, str | Promise]] = (
    ("person", _("Whose it is")),
    ("type", _("Type, such as email.opened")),
    ("at", _("When it was")),
    ("id", _("Its own id")),
    (PROPERTY, _("A property")),
    ("properties", _("Properties as a JSON object")),
)
BYS: Sequence[tuple[str, str | Promise]] = (
    ("email", _("E-mail address")),
    ("external_id", _("Id of another system")),
    ("phone", _("Phone number")),
    ("id", _("Firstcall's own id")),
    ("name", _("Name")),
)


@dataclass(frozen=True)
class TouchpointsMapping(FileMapping):
    """
    name  of the file, which a new source is called by
    """

    name: str

    @property
    def reading(self) -> ReadingOptions:
        return ReadingOptions() if self.tried is None else TouchpointsAsked.from_json(self.tried).reading

    @cached_property
    def before(self) -> TouchpointWishes:
        if self.tried is not None:
            return TouchpointsAsked.from_json(self.tried).wishes
        asked = TouchpointWishes(self.name[:100], self.module.name)
        roles = guess_roles([column.name for column in self.look.columns], asked)
        return replace(
            asked, person=roles.person, by=roles.by, type=roles.type, at=roles.at, id=roles.id, properties=roles.properties
        )  # fmt: skip

    @property
    def targets(self) -> Sequence[tuple[str, str | Promise]]:
        return ROLES

    @property
    def bys(self) -> Sequence[tuple[str, str | Promise]]:
        return BYS

    @property
    def lines(self) -> list[Line]:
        wishes = self.before
        roles = {getattr(wishes, role): role for role in ("properties", "id", "at", "type", "person")}
        dates = self.reading.dates or {}
        return [
            Line(
                number,
                column,
                SKIP if column.name in wishes.leave_out else roles.get(column.name, PROPERTY),
                dates.get(column.name, ""),
                "",
                self.look.rows,
            )
            for number, column in enumerate(self.look.columns)
        ]

    def asked(self, given: QueryDict) -> tuple[dict[str, Any], list[str]]:
        roles = {
            column.name: given.get(f"to-{number}", PROPERTY)
            for number, column in enumerate(self.look.columns)
        }
        found = {role: [c for c, r in roles.items() if r == role] for role, _label in ROLES}
        one = {role: (found[role] or [""])[0] for role in ("person", "type", "at", "id", "properties")}
        by = given.get("by", "")
        wishes = TouchpointWishes(
            source=given.get("source", "").strip()[:100],
            module=self.module.name,
            by=by if by in dict(BYS) else "",
            fixed_type=given.get("fixed_type", "").strip()[:120],
            prefix=given.get("prefix", "").strip()[:60],
            leave_out=tuple(column for column, role in roles.items() if role == SKIP),
            person=one["person"],
            type=one["type"],
            at=one["at"],
            id=one["id"],
            properties=one["properties"],
        )
        reading = ReadingOptions(zone=self.zone, dates=self.said(given, "dates", DATES))
        asked = TouchpointsAsked(wishes, msgspec.convert(self.file, FileOptions), reading)
        return asked.to_json(), _faults(wishes, found)


def _faults(wishes: TouchpointWishes, found: Mapping[str, Sequence[str]]) -> list[str]:
    labels = dict(ROLES)
    faults = [
        gettext("%(columns)s are all to be “%(role)s”. Only one column can be.")
        % {"columns": ", ".join(columns), "role": labels[role]}
        for role, columns in found.items()
        if len(columns) > 1 and role != PROPERTY
    ]
    if not wishes.person:
        faults.append(gettext("Say which column tells whose a touchpoint is."))
    if not wishes.at:
        faults.append(gettext("Say which column tells when a touchpoint was."))
    if not wishes.type and not wishes.fixed_type:
        faults.append(gettext("Say which column tells the type of a touchpoint, or give one type for all."))
    if not wishes.source:
        faults.append(gettext("Give the source a name."))
    return faults
