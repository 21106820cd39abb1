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

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Choice:
        return msgspec.convert(told, cls)
