"""What records and touchpoints need of a file's rows in DuckDB, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import duckdb

from firstcall.engines.reading.files import Files
from firstcall.engines.reading.mapping import FileMapping
from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.values import Kind


@dataclass(frozen=True)
class Cell:
    """A column in a given reading.

    missing  SQL: whether there is no value
    value    SQL: the value, NULL where it is missing or cannot be read so
    bad      SQL: whether it is there but cannot be read so
    checked  whether it is known to be there and readable in every row
    """

    missing: str
    value: str
    bad: str = "FALSE"
    storage: Storage = Storage.TEXT
    kind: Kind = Kind.TEXT
    checked: bool = False


@dataclass(frozen=True)
class Field:
    """A column as it goes into a relation.

    shown   SQL: the value as it stands in the file
    misfit  SQL: whether a value is there but does not fit the type that a mapping gives the column
    """

    column: Column
    sql: str
    shown: str = ""
    misfit: str | None = None


@dataclass(frozen=True)
class Check:
    """A row that `fails` (SQL, NULL counts as no) is left out for the reason."""

    code: str
    reason: str
    fails: str


@dataclass(frozen=True)
class Properties:
    """What the column `properties` of touchpoints comes to, together with the columns that are a property each.

    json       SQL of a JSON object, None where there is none
    checks     which rows have no JSON object there
    condition  what else keeps a row, empty for nothing
    """

    fields: Sequence[Field]
    json: str | None = None
    checks: Sequence[Check] = ()
    condition: str = ""


class Table(Protocol):
    """The rows of one or more files. `names` are those in the files.

    source   a FROM item
    located  the same with the columns `file` and `line`, which tell a row's place
    excerpt  SQL over it: the row as short text
    """

    @property
    def files(self) -> Files: ...
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def source(self) -> str: ...
    @property
    def located(self) -> str: ...
    @property
    def excerpt(self) -> str: ...
    @property
    def mapping(self) -> FileMapping: ...

    @property
    def materialises(self) -> bool:
        """Whether `publish` computes the rows once and for all; else it makes a view over the files."""

    def path_of(self, file: object) -> str:
        """The path that a value of the column `file` stands for."""

    def is_integer(self, name: str) -> bool:
        """Whether the column is of whole numbers by its type in the file."""

    def key(self, name: str, *, integer: bool) -> Cell:
        """An id, as text or as 64-bit integer."""

    def word(self, name: str) -> Cell:
        """A text."""

    def moment(self, name: str, format: str | None) -> Cell:
        """A time, a date only by its format or its type in the file."""

    def text(self, name: str) -> str:
        """SQL: the cell as text, NULL where it is missing."""

    def fields(self, names: Sequence[str]) -> list[Field]:
        """Columns as fields, with the types they have or are found to have."""

    def properties(self, name: str | None, own: Sequence[str], inside: str) -> Properties:
        """The column of properties, where there is one, and columns that are a property each; only the rows
        `inside` (SQL, empty for all) are looked at."""

    def publish(self, relation: str, columns: Sequence[str], source: str, condition: str) -> None:
        """Creates the relation: `SELECT columns FROM source WHERE condition`."""


def hold(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Compute a view's rows once: few rows of a large file, that would be looked for by every query."""
    connection.execute(f"CREATE OR REPLACE TABLE firstcall_held_{relation} AS FROM {relation}")
    connection.execute(f"CREATE OR REPLACE VIEW {relation} AS FROM firstcall_held_{relation}")


def view(relation: str, columns: Sequence[str], source: str, condition: str) -> str:
    where = f"\nWHERE {condition}" if condition else ""
    return f"CREATE OR REPLACE VIEW {relation} AS\nSELECT {', '.join(columns)}\nFROM {source}{where}"
