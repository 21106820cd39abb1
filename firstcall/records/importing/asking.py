"""What is asked of an import of records, as it is kept with the import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from firstcall.records.importing.planning import Wishes
from firstcall.records.importing.rows import RowOptions
from firstcall.records.importing.staging import FileOptions


@dataclass(frozen=True)
class Asked:
    file: FileOptions = field(default_factory=FileOptions)
    wishes: Wishes = field(default_factory=Wishes)
    rows: RowOptions = field(default_factory=RowOptions)

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Asked:
        return msgspec.convert(told, cls)
