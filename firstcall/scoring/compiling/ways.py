"""The joins by which a statement reaches from a record to those its look-ups lead to, and to related people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from firstcall.scoring.columns import Columns
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.links import NowhereError, People, Way, find_people


@dataclass(frozen=True)
class Restricted:
    """Relations as they are joined: where only some records are scored, and the engine needs to be told, each with
    no more rows than these lead to."""

    dialect: Dialect
    columns: Columns
    by_ids: bool

    def reached(self, way: Way) -> str:
        """The relation that the way leads to."""
        relation = self._relation(way)
        where = self._among("h.id", way)
        return f"(SELECT * FROM {relation} AS h WHERE {where})" if where else relation

    def back(self, people: People) -> tuple[str, str]:
        """The people who look up where the way ends: a relation, and its column of what they look up."""
        back = people.back
        assert back is not None  # noqa: S101
        relation = back.links or self.columns.related[people.module].relation
        column = "target" if back.links else back.ref
        where = self._among(f"h.{column}", people.way)
        return f"(SELECT * FROM {relation} AS h WHERE {where})" if where else relation, column

    def only_of(self, people: People) -> str:
        """A condition on touchpoints `t`: they are of these people; empty where it is not needed."""
        if people.back is None:
            return self._among("t.record_id", people.way)
        relation, _ = self.back(people)
        condition = self.dialect.in_list_of("t.record_id", f"SELECT p.id FROM {relation} AS p")
        return condition or "" if self.by_ids else ""

    def _among(self, x: str, way: Way) -> str:
        """A condition: x is the id of a record that the way leads to from those to be scored."""
        if not self.by_ids or self.dialect.in_list_of(x, "") is None:
            return ""
        if not way:
            return self.dialect.in_ids(x)
        *before, last = way
        ids = f"SELECT h.{last.ref} FROM {self._relation(tuple(before))} AS h WHERE {self._among('h.id', tuple(before))}"
        return self.dialect.in_list_of(x, ids) or ""

    def _relation(self, way: Way) -> str:
        return self.columns.related[way[-1].module].relation if way else "records"


class Ways:
    """The records that fields are read from; each way that is asked for is joined once."""

    def __init__(self, columns: Columns, restricted: Restricted) -> None:
        self._columns, self._restricted = columns, restricted
        self._aliases: dict[Way, str] = {(): "r"}

    def alias(self, way: Way) -> str:
        """What the record at the end of the way is called."""
        if way not in self._aliases:
            self.alias(way[:-1])
            self._aliases[way] = f"lookup_{len(self._aliases)}"
        return self._aliases[way]

    def joins(self) -> list[str]:
        """After `records AS r`; a look-up that leads to no record leaves all fields of it missing."""
        return [
            f"LEFT JOIN {self._restricted.reached(way)} AS {alias}"
            f" ON {alias}.id = {self._aliases[way[:-1]]}.{way[-1].ref}"
            for way, alias in self._aliases.items()
            if way
        ]


@dataclass(frozen=True, slots=True)
class TouchpointSource:
    """Where touchpoints are read from, as `t`, and the id of the record that they count for.

    only  a condition that says what the joins say already, for engines that need to be told
    """

    sql: str
    record_id: str
    only: str = ""

    @property
    def named(self) -> str:
        """The id as a selected column."""
        return self.record_id if self.record_id == "t.record_id" else f"{self.record_id} AS record_id"


class Whose:
    """The touchpoints of records, and of their related people, each once.

    as_of_column  the record is joined in any case, as `r`, for its own moment
    """

    def __init__(self, columns: Columns, restricted: Restricted, *, as_of_column: bool) -> None:
        self._columns, self._restricted = columns, restricted
        self._as_of_column = as_of_column
        self.source = cache(self._source)

    def _source(self, of: str | None) -> TouchpointSource:
        joined = " INNER JOIN records AS r ON r.id = t.record_id" if self._as_of_column else ""
        if of is None:
            return TouchpointSource(f"touchpoints AS t{joined}", "t.record_id")
        try:
            return self._of_people(find_people(self._columns, of))
        except NowhereError:
            return TouchpointSource(f"(SELECT * FROM touchpoints WHERE FALSE) AS t{joined}", "t.record_id")

    def _of_people(self, people: People) -> TouchpointSource:
        """From the touchpoints over their people back to the record, step by step."""
        way, last = people.way, len(people.way)
        if people.back is not None:
            relation, column = self._restricted.back(people)
            holder = f"p.{column}"
        else:
            relation, holder, last = self._restricted.reached(way), "p.id", last - 1
        joins = [f"INNER JOIN {relation} AS p ON p.id = t.record_id"]
        for number in range(last, 0, -1):
            via = f"via_{number}"
            held = way[number].ref if number < len(way) else "id"
            joins.append(
                f"INNER JOIN {self._restricted.reached(way[:number])} AS {via} ON {via}.{held} = {holder}"
            )
            holder = f"{via}.id"
        if way or self._as_of_column:
            joins.append(f"INNER JOIN records AS r ON r.{way[0].ref if way else 'id'} = {holder}")
            holder = "r.id"
        only = self._restricted.only_of(people)
        return TouchpointSource("\n".join(["touchpoints AS t", *joins]), holder, only)
