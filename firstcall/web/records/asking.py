"""What a reader asks of a list: columns, conditions, scores, order; read from the address, and written into one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from firstcall.access.rights import Right
from firstcall.access.viewer import Viewer
from firstcall.records.errors import InvalidFilterError
from firstcall.records.filtering import Selection, read_filter
from firstcall.records.importing.models import ImportRun
from firstcall.records.models import Field, Module
from firstcall.scorekeeping.listing import SCORE, Listed, Place
from firstcall.scorekeeping.models import StoredRule
from firstcall.web.frame import Known, refuse_nul
from firstcall.web.numbers import whole
from firstcall.web.records.conditions import Asked, Row, askable, read_rows

# Which fields a list shows where nothing else was chosen, if the module has them.
_FIRST = (
    "company", "account", "job_title", "email", "phone", "stage", "amount", "closing_date", "type", "industry",
    "lead_status", "billing_country", "website",
)  # fmt: skip
_SHOWN = 4
TOUCHED = "touched"
OWN = ("owner", "tags", "created_at", "updated_at", TOUCHED)


@dataclass(frozen=True)
class Wishes:
    """`parameters` are those of the address that say what is listed; `after`, where the page begins, is not among them."""

    module: Module
    fields: Mapping[str, Field]
    rules: Sequence[StoredRule]
    parameters: QueryDict
    viewer: Viewer
    problems: list[str] = field(default_factory=list)

    @cached_property
    def about(self) -> list[Asked]:
        return askable(self.module, self.fields.values(), self.rules)

    @cached_property
    def columns(self) -> list[str]:
        """Names of fields, `score:` with a rule's id, and what every record has; the title comes before them."""
        known = {*self.fields, *OWN, *(f"{SCORE}{rule.pk}" for rule in self.rules)}
        asked = [name for name in self.parameters.getlist("col") if name in known]
        if asked:
            return list(dict.fromkeys(asked))
        chosen = [name for name in _FIRST if name in self.fields and name not in self.module.title]
        return [
            *(f"{SCORE}{rule.pk}" for rule in self.rules[:1]),
            *([TOUCHED] if self.module.is_people else []),
            *chosen[:_SHOWN],
            "owner",
        ]

    @cached_property
    def rows(self) -> list[Row]:
        get = self.parameters.getlist
        return read_rows(self.about, get("f"), get("t"), get("v"))

    @cached_property
    def rule(self) -> StoredRule | None:
        """Whose scores narrow the list."""
        asked = self.parameters.get("rule", "")
        found = next((rule for rule in self.rules if str(rule.pk) == asked), None)
        return found or (self.rules[0] if self.rules else None)

    @property
    def grades(self) -> list[str]:
        return [grade for grade in self.parameters.getlist("grade") if grade][:50]

    @property
    def whose(self) -> str:
        return self.parameters.get("whose", "")

    @property
    def tag(self) -> str:
        return self.parameters.get("tag", "").strip().casefold()[:100]

    @cached_property
    def imported(self) -> ImportRun | None:
        """The import whose records alone are listed: one's own, or any for those who manage users."""
        asked = self.parameters.get("import", "")
        if (id := whole(asked)) is None:
            return None
        runs = ImportRun.objects.filter(pk=id, kind="records", module=self.module)
        return (
            runs if self.viewer.has(Right.MANAGE_USERS) else runs.filter(created_by=self.viewer.user)
        ).first()

    @cached_property
    def order(self) -> str:
        asked = self.parameters.get("sort", "")
        if asked:
            return asked[:200]
        return f"-{SCORE}{self.rules[0].pk}" if self.rules and not self.parameters.get("all") else "-id"

    def conditions(self) -> list[dict[str, Any]]:
        return [row.condition() for row in self.rows if row.is_whole]

    def listed(self) -> Listed:
        """What cannot be asked is told in `problems`, and left out."""
        try:
            filter = read_filter(self.module, self.conditions(), viewer=self.viewer)
        except InvalidFilterError as error:
            self.problems.extend(f"{problem.says} {problem.fix}".strip() for problem in error.problems)
            filter = read_filter(self.module, [], viewer=self.viewer)
        owner = {"mine": self.viewer.user, "nobody": 0}.get(self.whose)
        selection = Selection(
            filter,
            owner=owner,
            tags=(self.tag,) if self.tag else (),
            imported=self.imported.pk if self.imported else None,
        )
        return Listed(selection, self.rule if self.grades else None, tuple(self.grades))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.conditions() or self.grades or self.whose or self.tag or self.imported)

    def address(self, **other: str | None) -> str:
        """The query of the same list but for what is said; None takes a parameter away."""
        told = self.parameters.copy()
        for name, value in other.items():
            told.pop(name, None)
            if value is not None:
                told[name] = value
        return f"?{told.urlencode()}" if told else "?"


def read_wishes(module: Module, given: QueryDict, viewer: Viewer) -> Wishes:
    kept = given.copy()
    for name in ("after", "part", "ids", "scale"):
        kept.pop(name, None)
    fields = {field.name: field for field in module.fields.order_by("position", "pk")}
    rules = list(
        StoredRule.objects.filter(module=module, active__isnull=False).select_related("active").order_by("pk")
    )
    return Wishes(module, fields, rules, kept, viewer)


def asked_list(request: Known) -> QueryDict:
    """The query of the list that a form was sent from. Raises BadRequest."""
    asked = QueryDict(request.POST.get("asked", "").removeprefix("?"))
    refuse_nul(asked)
    return asked


def write_place(place: Place | None) -> str:
    if place is None:
        return ""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_place(text: str) -> Place | None:
    """None for one that cannot be read: the list begins anew.

    >>> read_place(write_place(("12.5", 7))), read_place("nonsense")
    (('12.5', 7), None)
    """
    try:
        value, id = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, TypeError, binascii.Error):
        return None
    if not isinstance(id, int) or not (value is None or isinstance(value, str)):
        return None
    return value, id


def query(parameters: Mapping[str, str]) -> str:
    return urlencode(parameters)
