"""What is asked of an import of touchpoints, as it is kept with the import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from firstcall.records.importing.plan import ReadingOptions
from firstcall.records.importing.staging import FileOptions


@dataclass(frozen=True)
class TouchpointWishes:
    """
    source      the name of the source that the touchpoints are of; made if it is not there
    module      whose records they are of
    person      the column that says whose a touchpoint is
    by          what stands there: id, external_id, email, phone, name; empty: found out
    type        the column of types; fixed_type: one type for all rows
    types       types by the text in the column; others stay, after the prefix
    at          the column of moments
    id          the column of the touchpoints' own ids
    properties  the column of JSON objects
    where       only rows are touchpoints whose columns have one of these texts
    leave_out   columns that are no properties
    """

    source: str
    module: str = "leads"
    person: str = ""
    by: str = ""
    type: str = ""
    fixed_type: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    at: str = ""
    id: str = ""
    properties: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class TouchpointsAsked:
    wishes: TouchpointWishes
    file: FileOptions = field(default_factory=FileOptions)
    reading: ReadingOptions = field(default_factory=ReadingOptions)

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> TouchpointsAsked:
        return msgspec.convert(told, cls)
