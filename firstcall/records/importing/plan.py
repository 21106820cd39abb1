"""What is done with each column of a file: made once before an import begins, kept with it, the same after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from firstcall.records.importing.dates import DateReading
from firstcall.records.kinds import FieldKind


@dataclass(frozen=True)
class ColumnPlan:
    """How one column becomes one field.

    target     the field's API name, or a name with @ (`vendor_headers`)
    kind       of the field; TEXT for the names with @
    dates      how dates are written
    decimal    what stands before the decimals
    separator  between the values of a multi-select or of tags
    choices    what a picklist takes; found whatever their case
    lookup     the name of the module that a look-up is to
    """

    column: str
    target: str
    kind: FieldKind
    dates: DateReading | None = None
    decimal: str = "."
    separator: str = ";"
    choices: tuple[str, ...] = ()
    lookup: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> ColumnPlan:
        dates = told["dates"]
        if dates is not None:
            dates = DateReading(tuple(dates["forms"]), dates["order"], dates["format"])
        kept = {**told, "kind": FieldKind(told["kind"]), "choices": tuple(told["choices"]), "dates": dates}
        return cls(**kept)


@dataclass(frozen=True)
class ReadingOptions:
    """What is said about how values are written.

    empty      texts that mean a missing value, in every column
    zone       of times that tell none
    dates      by column, or by `*` for all: day-first, month-first, or a format of strptime
    decimals   by column or `*`: "." or ","
    escaped    texts that begin with an apostrophe and a sign of a formula lose the apostrophe: exports of tables
               add it, so that no program takes a text for a formula
    """

    empty: tuple[str, ...] = ()
    zone: str = "UTC"
    dates: Mapping[str, str] | None = None
    decimals: Mapping[str, str] | None = None
    escaped: bool = True

    def dates_of(self, column: str) -> str | None:
        told = self.dates or {}
        return told.get(column) or told.get("*")

    def decimal_of(self, column: str) -> str | None:
        told = self.decimals or {}
        return told.get(column) or told.get("*")
