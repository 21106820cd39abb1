"""What a reader asks of a list: columns, conditions, scores, order; read from the address, and written into one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.safestring import SafeString

from firstcall.access.viewer import Viewer
from firstcall.records.models import Module
from firstcall.saved_views.asking import TOUCHED, ListAsked, parts_of
from firstcall.scorekeeping.listing import SCORE, Place
from firstcall.web.choices import grouped_options
from firstcall.web.frame import Known, refuse_nul
from firstcall.web.records.conditions import Asked, worded

# Which fields a list shows where nothing else was chosen, if the module has them.
_FIRST = (
    "company", "account", "job_title", "email", "phone", "stage", "amount", "closing_date", "type", "industry",
    "lead_status", "billing_country", "website",
)  # fmt: skip
_SHOWN = 4


@dataclass(frozen=True)
class Wishes(ListAsked):
    """In the words of pages. `parameters` are those of the address that say what is listed; `after`, where the page begins,
    is not among them."""

    parameters: QueryDict = field(default_factory=QueryDict)

    @cached_property
    def about(self) -> Sequence[Asked]:
        return worded(self.subjects(), self.fields, self.rules, self.types)

    @cached_property
    def options(self) -> SafeString:
        """What a condition can be about, as the options of a choice."""
        groups = groupby(self.about, key=lambda one: one.group)
        return grouped_options((group, [(one.name, one.label) for one in found]) for group, found in groups)

    @cached_property
    def columns(self) -> list[str]:
        """Those that were chosen, or those that show where nothing was; the title comes before them."""
        if self.chosen:
            return self.chosen
        first = [name for name in _FIRST if name in self.fields and name not in self.module.title]
        return [
            *(f"{SCORE}{rule.pk}" for rule in self.rules[:1]),
            *([TOUCHED] if self.module.is_people else []),
            *first[:_SHOWN],
            "owner",
        ]

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
    fields, rules = parts_of(module)
    return Wishes(module, fields, rules, dict(kept.lists()), viewer, parameters=kept)


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
