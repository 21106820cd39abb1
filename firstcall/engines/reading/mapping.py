"""How a real export goes in without hand editing: which column is what, what means missing, how dates are written."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field, replace
from typing import Literal

type TypeName = Literal["number", "date", "time", "text"]


@dataclass(frozen=True)
class ColumnType:
    """The type that a column has whatever it looks like.

    format  of dates and times, in the letters of strftime: "%d %b, %Y %H:%M:%S"
    remove  characters to take out before a number is read: "$,"
    """

    name: TypeName
    format: str | None = None
    remove: str = ""


@dataclass(frozen=True)
class FileMapping:
    """What records and touchpoints files have in common.

    header     the names of the columns, where the file has none of its own
    empty      texts that mean a missing value
    rename     new names by the names in the file
    types      types by column, by its name in the file or its new one
    separator, encoding, sheet   where they are not found out rightly
    """

    header: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    rename: Mapped[str, str] = field(default_factory=dict)
    types: Mapped[str, ColumnType] = field(default_factory=dict)
    separator: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    id: str | None = None

    def new_name(self, name: str) -> str:
        return self.rename.get(name, name)

    def type_of(self, name: str) -> ColumnType | None:
        return self.types.get(name) or self.types.get(self.new_name(name))


@dataclass(frozen=True)
class RecordsMapping(FileMapping):
    """
    number_rows  the file has no id: the rows are numbered from 1 and the number is the id
    lookups      columns that hold the ids of other records, with the module of those
    """

    number_rows: bool = False
    lookups: Mapped[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TypeColumn:
    """Where a touchpoint's type comes from.

    column  of the file, or None for one `fixed` type of all rows
    values  types by the text in the column; texts that are not listed stay as they are, after the prefix
    """

    column: str | None = None
    fixed: str | None = None
    values: Mapped[str, str] = field(default_factory=dict)
    prefix: str = ""


@dataclass(frozen=True)
class TouchpointsMapping(FileMapping):
    """
    where  only rows are touchpoints whose columns have one of these texts
    """

    record_id: str | None = None
    occurred_at: str | None = None
    occurred_format: str | None = None
    type: TypeColumn = field(default_factory=TypeColumn)
    properties: str | None = None
    where: Mapped[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Mapping:
    """Of the records, of the touchpoints, and of related records by their module."""

    records: RecordsMapping = field(default_factory=RecordsMapping)
    touchpoints: TouchpointsMapping = field(default_factory=TouchpointsMapping)
    related: Mapped[str, RecordsMapping] = field(default_factory=dict)

    def with_id(self, column: str) -> Mapping:
        """The same with another column of ids, as the option `--id` says."""
        return replace(self, records=replace(self.records, id=column))
