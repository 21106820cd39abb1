"""What the compiler must know of the tables it reads: which columns there are and how each is stored.

An engine offers two relations named `records` and `touchpoints`. Column names from files never stand in SQL:
the engine gives each column a `ref`, a plain lower-case identifier that it made up itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from firstcall.scoring.values import Kind


class Storage(StrEnum):
    """How a column holds its values; each dialect knows how to read each of them."""

    TEXT = "text"
    MILLIONTHS = "millionths"  # 64-bit whole millionths of a number
    INTEGER = "integer"  # any whole number up to 64 bits
    DOUBLE = "double"
    DECIMAL = "decimal"  # exact decimals and whole numbers wider than 64 bits
    TRUTH = "truth"
    DATE = "date"
    TIMESTAMP = "timestamp"  # without zone, meaning UTC
    TIMESTAMPTZ = "timestamptz"
    MICROSECONDS = "microseconds"  # 64-bit whole microseconds since 1970 UTC
    JSON = "json"  # one JSON value, of any type, without space around it
    CODED = "coded"  # one JSON value as text, as `compiling.coded` writes it: PostgreSQL alone
    LIST = "list"  # a native list of `element`s


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` as people and rules know it, `ref` as SQL knows it.

    own  a property that came as a column of its own, where the texts true and false also count as true/false
    """

    name: str
    ref: str
    storage: Storage
    kind: Kind
    element: Storage | None = None  # of lists
    own: bool = True


@dataclass(frozen=True, slots=True)
class Lookup:
    """A field that holds the id of another record.

    module  the name of the module that it leads to
    ref     the column of its own relation that holds the id, stored as ids are
    links   a relation with columns `id` and `target`, the same for finding from the other end; where there is none,
            its own relation is asked
    """

    module: str
    ref: str
    links: str | None = None


@dataclass(frozen=True)
class RecordColumns:
    """Relation `records`: column `id` (text, or 64-bit integers where `integer_ids`) and one column a field."""

    fields: Mapping[str, Column] = field(default_factory=dict)
    integer_ids: bool = False
    lookups: Mapping[str, Lookup] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, Kind]:
        return {name: column.kind for name, column in self.fields.items()}


@dataclass(frozen=True)
class TouchpointColumns:
    """Relation `touchpoints`: `record_id` (stored like `records.id`), `type` (text), `occurred_at`, properties.

    occurred_at  MICROSECONDS, TIMESTAMP or TIMESTAMPTZ; never null in the relation
    has_json     there is a column `properties` with a JSON object of properties; it wins over columns
    properties   columns that are a property each, by the property's name; they win over `properties`
    any_type     a column that is always true, to be asked for where touchpoints of every type are read
    """

    occurred_at: Storage = Storage.MICROSECONDS
    has_json: bool = True
    properties: Mapping[str, Column] = field(default_factory=dict)
    any_type: str | None = None


@dataclass(frozen=True)
class RelatedColumns:
    """A relation of the records of a module: column `id`, stored like `records.id`, and one column a field."""

    relation: str
    fields: Mapping[str, Column] = field(default_factory=dict)
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    is_people: bool = True


@dataclass(frozen=True)
class Columns:
    """All relations; without touchpoints every count is 0.

    module   the name of the module that `records` are of, where it is known
    related  by name, the modules that look-ups lead to or come from; that of `records` may be among them, and then
             is all of it, whichever records are to be scored
    """

    records: RecordColumns
    touchpoints: TouchpointColumns | None = None
    module: str = ""
    related: Mapping[str, RelatedColumns] = field(default_factory=dict)
