"""A source's mapping as rows of a form: what senders call something, and what it becomes here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from firstcall.records.models import Field
from firstcall.touchpoints.companies import ACCOUNTS
from firstcall.touchpoints.models import Source
from firstcall.touchpoints.seeing import LEADS

PARTS = ("traits", "events", "group")


@dataclass(frozen=True, slots=True)
class Row:
    """`to` empty: it is left out."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class MappingForm:
    """
    is_left  accounts are left alone, whatever `group` says
    """

    traits: tuple[Row, ...]
    events: tuple[Row, ...]
    group: tuple[Row, ...]
    is_left: bool
    region: str


def shown(mapping: Mapping[str, Any]) -> MappingForm:
    rows = {
        part: tuple(Row(name, to or "") for name, to in (mapping.get(part) or {}).items()) for part in PARTS
    }
    left = "group" in mapping and mapping["group"] is None
    return MappingForm(**rows, is_left=left, region=mapping.get("region") or "")


def read(given: QueryDict) -> dict[str, Any]:
    """What was typed, as a mapping. Rows without a name are none."""
    mapping: dict[str, Any] = {}
    for part in PARTS:
        rows = zip(given.getlist(f"{part}_name"), given.getlist(f"{part}_to"), strict=False)
        said = {name.strip(): to.strip() or None for name, to in rows if name.strip()}
        if said:
            mapping[part] = said
    if given.get("group_left"):
        mapping["group"] = None
    if region := given.get("region", "").strip():
        mapping["region"] = region.upper()
    return mapping


def targets(source: Source | None) -> dict[str, list[Field]]:
    """The fields that traits and what is said of companies may become."""
    module = source.module.name if source is not None and source.module else LEADS
    fields = Field.objects.filter(module__name__in=(module, ACCOUNTS)).select_related("module")
    ordered = list(fields.order_by("position", "pk"))
    return {
        "traits": [field for field in ordered if field.module.name == module],
        "group": [field for field in ordered if field.module.name == ACCOUNTS],
    }
