"""Records in the order of a field, a page at a time; those without a value come last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, QuerySet, TextField
from django.db.models.expressions import RawSQL

from firstcall.records.errors import InvalidFilterError
from firstcall.records.filtering import RecordFilter
from firstcall.records.models import Record
from firstcall.scoring.columns import Storage
from firstcall.scoring.links import NowhereError
from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said

_CAST = {
    Storage.TEXT: "text",
    Storage.DECIMAL: "numeric",
    Storage.INTEGER: "bigint",
    Storage.MICROSECONDS: "bigint",
    Storage.DATE: "date",
    Storage.TRUTH: "boolean",
}

LONGEST_KEY = 100  # characters of a text that decide

type Cursor = tuple[str | None, int]
"""The value of the last record of a page as text, and its id."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """`sql` is the value by which; texts without regard to case."""

    sql: str
    cast: str
    descending: bool

    def page(
        self, records: QuerySet[Record], *, after: Cursor | None, limit: int
    ) -> tuple[list[Record], Cursor | None]:
        """The records of a page, and the cursor of the next. Raises ValueError for a cursor that is none."""
        # The dialect has quoted all that is not its own.
        key = RawSQL(f"CAST({self.sql} AS text)", [], TextField())  # noqa: S611
        rows = records.annotate(sort_text=key, sort_key=RawSQL(self.sql, [], TextField()))  # noqa: S611
        if after is not None:
            rows = rows.filter(self._behind(after))
        value = F("sort_key").desc(nulls_last=True) if self.descending else F("sort_key").asc(nulls_last=True)
        found: list[Any] = list(rows.order_by(value, "-id" if self.descending else "id")[: limit + 1])
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], (last.sort_text, last.pk)

    def _behind(self, after: Cursor) -> RawSQL:
        value, id = after
        beyond = "<" if self.descending else ">"
        later = f"records_record.id {beyond} %s"
        if value is None:
            return RawSQL(f"({self.sql}) IS NULL AND {later}", [id], BooleanField())  # noqa: S611
        given = f"CAST(%s AS {self.cast})"
        sql = f"({self.sql}) {beyond} {given} OR ({self.sql}) IS NULL OR (({self.sql}) = {given} AND {later})"
        return RawSQL(sql, [value, value, id], BooleanField())  # noqa: S611


def read_sorting(filter: RecordFilter, name: str) -> Sorting:
    """From a field's name, "-" before it for the other way round. Raises InvalidFilterError."""
    field = name.removeprefix("-")
    try:
        reading = filter.reading(field)
    except NowhereError as error:
        raise InvalidFilterError([Problem(("sort",), error.code, error.says, error.fix)]) from error
    cast = _CAST.get(reading.storage)
    if cast is None:
        says = said("Nothing is sorted by {field}, which is a list.", field=field)
        raise InvalidFilterError([Problem(("sort",), "unsortable", says)])
    sql = reading.x
    if reading.storage is Storage.TEXT:
        sql = f'left({reading.folded}, {LONGEST_KEY}) COLLATE "C"'
    return Sorting(sql.replace("%", "%%"), cast, name.startswith("-"))
