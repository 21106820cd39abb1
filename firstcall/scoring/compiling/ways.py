"""The joins by which a statement reaches from a record to those its look-ups lead to, and to related people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from firstcall.scoring.columns import Columns
from firstcall.scoring.links import NowhereError, People, Way, find_people


class Ways:
    """The records that fields are read from; each way that is asked for is joined once."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
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
            f"LEFT JOIN {self._columns.related[way[-1].module].relation} AS {alias}"
            f" ON {alias}.id = {self._aliases[way[:-1]]}.{way[-1].ref}"
            for way, alias in self._aliases.items()
            if way
        ]


@dataclass(frozen=True, slots=True)
class TouchpointSource:
    """Where touchpoints are read from, as `t`, and the id of the record that they count for."""

    sql: str
    record_id: str

    @property
    def named(self) -> str:
        """The id as a selected column."""
        return self.record_id if self.record_id == "t.record_id" else f"{self.record_id} AS record_id"


class Whose:
    """The touchpoints of records, and of their related people, each once.

    as_of_column  the record is joined in any case, as `r`, for its own moment
    """

    def __init__(self, columns: Columns, *, as_of_column: bool) -> None:
        self._columns = columns
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
        related, way, back = self._columns.related, people.way, people.back
        relation, holder = related[people.module].relation, "p.id"
        if back is not None:
            relation = back.links or relation
            holder = "p.target" if back.links else f"p.{back.ref}"
        joins = [f"INNER JOIN {relation} AS p ON p.id = t.record_id"]
        for number in range(len(way) if back else len(way) - 1, 0, -1):
            via = f"via_{number}"
            held = way[number].ref if number < len(way) else "id"
            joins.append(
                f"INNER JOIN {related[way[number - 1].module].relation} AS {via} ON {via}.{held} = {holder}"
            )
            holder = f"{via}.id"
        if way or self._as_of_column:
            joins.append(f"INNER JOIN records AS r ON r.{way[0].ref if way else 'id'} = {holder}")
            holder = "r.id"
        return TouchpointSource("\n".join(["touchpoints AS t", *joins]), holder)
