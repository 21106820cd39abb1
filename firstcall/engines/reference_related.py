"""Related records for the reference engine: look-ups followed one by one, in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from firstcall.scoring.columns import Column, Columns, Lookup, RecordColumns, RelatedColumns
from firstcall.scoring.evaluating import Record, Touchpoint
from firstcall.scoring.links import NowhereError, People, find_people
from firstcall.scoring.rules import MOST_LOOKUPS
from firstcall.scoring.values import Value

type Id = object


@dataclass(frozen=True)
class RelatedRow:
    """The typed fields of a record, and the ids that its look-ups hold, by their columns."""

    fields: Mapping[str, Value]
    ids: Mapping[str, Id]

    @classmethod
    def read(
        cls,
        of: RecordColumns | RelatedColumns,
        cells: Sequence[object],
        value: Callable[[Column, object], Value],
    ) -> RelatedRow:
        """The cells of the fields, then those of the look-ups."""
        fields = {
            name: value(column, cell)
            for (name, column), cell in zip(of.fields.items(), cells[: len(of.fields)], strict=True)
        }
        ids = zip(of.lookups.values(), cells[len(of.fields) :], strict=True)
        return cls(fields, {lookup.ref: cell for lookup, cell in ids})


@dataclass(frozen=True)
class RelatedRecords:
    """
    rows         every related record, by its module and id
    of           what the rules call the people whose touchpoints they measure
    touchpoints  by the id of whose they are
    """

    columns: Columns
    rows: Mapping[str, Mapping[Id, RelatedRow]]
    of: Sequence[str]
    touchpoints: Mapping[Id, Sequence[Touchpoint]]

    def reached_from(
        self, lookups: Mapping[str, Lookup], row: RelatedRow, depth: int = MOST_LOOKUPS
    ) -> dict[str, Record]:
        """The records that look-ups lead to, each with those that its own lead to."""
        found = {}
        for name, lookup in lookups.items():
            target = self.rows[lookup.module].get(row.ids[lookup.ref])
            if target is not None and depth:
                further = self.columns.related[lookup.module].lookups
                found[name] = Record(target.fields, self.reached_from(further, target, depth - 1))
        return found

    def people_of(self, id: Id, row: RelatedRow) -> dict[str, list[Touchpoint]]:
        """For each `of` the touchpoints of the record's people."""
        found = {}
        for of in self.of:
            try:
                people = find_people(self.columns, of)
            except NowhereError:
                continue
            found[of] = [
                touchpoint
                for person in self._people(people, id, row)
                for touchpoint in self.touchpoints.get(person, ())
            ]
        return found

    def _people(self, people: People, id: Id, row: RelatedRow) -> Iterator[Id]:
        """The ids of the people."""
        for lookup in people.way:
            id = row.ids[lookup.ref]
            target = self.rows[lookup.module].get(id)
            if target is None:
                return
            row = target
        if people.back is None:
            yield id
            return
        for person, held in self.rows[people.module].items():
            if held.ids[people.back.ref] == id:
                yield person
