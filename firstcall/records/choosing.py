"""Which records a long work is for, as it is kept with the work: by their ids, or by a filter and what lists narrow by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from firstcall.access.viewer import Viewer
from firstcall.records.filtering import Selection, read_filter
from firstcall.records.models import Module

MOST_IDS = 100_000


@dataclass(frozen=True)
class Choice:
    """
    filter  conditions as `filtering.read_filter` takes them
    owner   the id of a user; 0: of nobody
    tags    all of them
    imported  the id of an import, which made or changed them
    """

    module: str
    filter: Any = None
    ids: tuple[int, ...] | None = None
    owner: int | None = None
    tags: tuple[str, ...] = ()
    layout: str | None = None
    imported: int | None = None

    def selection(self, viewer: Viewer) -> Selection:
        """Of what the viewer sees. Raises Module.DoesNotExist, InvalidFilterError."""
        module = Module.objects.get(name=self.module)
        given = [] if self.filter is None else self.filter
        return Selection(
            read_filter(module, given, viewer=viewer),
            self.ids,
            self.owner,
            self.tags,
            self.layout,
            imported=self.imported,
        )

    def within(self, other: Choice) -> Choice:
        """Those that both mean; the conditions of `other` stand behind its own. Both are of one module, and their filters
        are read already, so that they are none that cannot be.

        >>> Choice("leads", [{"field": "x", "is": 1}], owner=7).within(Choice("leads", '{"field": "y", "is": 2}')).filter
        [{'field': 'x', 'is': 1}, {'field': 'y', 'is': 2}]
        >>> Choice("leads", owner=7).within(Choice("leads", owner=8)).ids
        ()
        """
        ids = self.ids if other.ids is None else other.ids
        if self.ids is not None and other.ids is not None:
            ids = tuple(sorted(set(self.ids) & set(other.ids)))
        if _differ(self.owner, other.owner) or _differ(self.layout, other.layout):
            ids = ()  # no record has two of them
        return Choice(
            self.module,
            [*_conditions(self.filter), *_conditions(other.filter)],
            ids,
            other.owner if self.owner is None else self.owner,
            tuple(dict.fromkeys([*self.tags, *other.tags])),
            other.layout if self.layout is None else self.layout,
            other.imported if self.imported is None else self.imported,
        )

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Choice:
        return msgspec.convert(told, cls)


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _conditions(filter: object) -> list[Any]:
    """As a list, of what a filter may be."""
    given = (msgspec.json.decode(filter) if filter.strip() else None) if isinstance(filter, str) else filter
    if given is None:
        return []
    return list(given) if isinstance(given, list) else [given]
