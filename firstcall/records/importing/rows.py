"""The rows of a part of a file as what records are given, each with what is wrong with its cells."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from firstcall.access.viewer import Viewer
from firstcall.records.importing.cells import present_sql, split_values, text_sql, value_sql
from firstcall.records.importing.lookups import Looked, look_up
from firstcall.records.importing.owners import find_owners
from firstcall.records.importing.plan import ColumnPlan, ReadingOptions
from firstcall.records.importing.planning import Plan
from firstcall.records.importing.staging import Staged
from firstcall.records.importing.vendor_headers import CREATED_AT, FULL_NAME, OWNER, TAGS
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Module
from firstcall.records.writing.given import Given
from firstcall.scoring.saying import Pattern, said

# Kinds whose texts may be unreadable; of the others the field itself says what it does not take.
_READ = {
    FieldKind.NUMBER: Pattern("is no number"),
    FieldKind.CURRENCY: Pattern("is no amount"),
    FieldKind.DATE: Pattern("is no date"),
    FieldKind.DATE_TIME: Pattern("is no date and time"),
    FieldKind.YES_NO: Pattern("is neither yes nor no"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cell that cannot be used."""

    column: str
    says: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.column}: {self.says}."


def left_out_of(trouble: Trouble) -> str:
    return said("{column} {says}; cells left out", column=trouble.column, says=trouble.says)


@dataclass(slots=True)
class Row:
    """A row as a record is given it.

    troubles  what keeps it out
    left_out  what was left out of it instead
    key       the text by which its record is found, if there is one
    again     a row before had the same key
    """

    line: int
    given: Given
    troubles: list[Trouble] = field(default_factory=list)
    left_out: list[Trouble] = field(default_factory=list)
    key: str | None = None
    again: bool = False


@dataclass(frozen=True)
class RowOptions:
    """What is said of every row.

    constants    values for fields that no column has
    tags         added to every record
    clear_empty  an empty cell clears its field; else it leaves it as it is
    leave_out    a cell that cannot be used is left out, and its row taken
    only_new     a record that is there already is left as it is
    """

    constants: Mapping[str, object] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    clear_empty: bool = False
    leave_out: bool = False
    only_new: bool = False


class RowMaker:
    """Makes rows of the parts of one file by its plan."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        staged: Staged,
        plan: Plan,
        reading: ReadingOptions,
        options: RowOptions,
        viewer: Viewer,
    ) -> None:
        self.connection = connection
        self.staged = staged
        self.plan = plan
        self.reading = reading
        self.options = options
        self.viewer = viewer
        self.unknown_owners: Counter[str] = Counter()
        self.choices = {c.target: {w.casefold(): w for w in c.choices} for c in plan.columns}
        self.modules = {m.name: m for m in Module.objects.filter(name__in={c.lookup for c in plan.columns})}

    def part(self, number: int, *, extra: str = "FALSE") -> pa.Table:
        """The part's cells: `line`, `again`, and of column i of the plan its value `v{i}` and its text `t{i}`."""
        columns = [f"line, {extra} AS again"]
        for i, column in enumerate(self.plan.columns):
            columns.append(f"{value_sql(self.staged, column, self.reading)} AS v{i}")
            if column.kind in _READ:
                columns.append(f"{present_sql(self.staged, column, self.reading)} AS t{i}")
        source = self.staged.part_source(number)
        sql = f"SELECT {', '.join(columns)} FROM {source} ORDER BY line"
        return self.connection.sql(sql).to_arrow_table()

    def rows(self, cells: pa.Table) -> list[Row]:
        """The rows of some of a part's cells."""
        table = cells.to_pydict()
        values = [table[f"v{i}"] for i in range(len(self.plan.columns))]
        texts = [table.get(f"t{i}") for i in range(len(self.plan.columns))]
        owners, looked = self._owners(values), self._looked(values)
        rows = []
        for at, (line, again) in enumerate(zip(table["line"], table["again"], strict=True)):
            row = Row(line, Given({}), again=bool(again))
            self._fill(row, [(column[at], text and text[at]) for column, text in zip(values, texts, strict=True)],
                       owners, looked)  # fmt: skip
            rows.append(row)
        return rows

    def raw(self, part: int, lines: Collection[int]) -> Iterator[tuple[int, list[str | None]]]:
        """The cells of some lines as they stand in the file."""
        names = self.staged.columns
        cells = ", ".join(self.staged.raw(name) for name in names)
        listed = ", ".join(str(line) for line in lines)
        sql = f"SELECT line, {cells} FROM {self.staged.part_source(part)} WHERE line IN ({listed}) ORDER BY line"
        for line, *found in self.connection.execute(sql).fetchall() if lines else []:
            yield line, found

    # --- cells

    def _fill(
        self,
        row: Row,
        cells: Sequence[tuple[str | None, str | None]],
        owners: Mapping[str, int],
        looked: Mapping[int, Looked],
    ) -> None:
        values: dict[str, object] = dict(self.options.constants)
        more: dict[str, Any] = {}
        for i, (column, (value, text)) in enumerate(zip(self.plan.columns, cells, strict=True)):
            if value is None and text is not None:
                row.troubles.append(Trouble(column.column, _READ[column.kind](), text))
            elif column.target.startswith("@"):
                self._beside(more, values, column, value, owners)
            elif value is None or value == "":
                if self.options.clear_empty:
                    values[column.target] = None
            elif column.lookup is not None:
                self._look(row, values, column, value, looked[i])
            else:
                values[column.target] = self._typed(column, value)
            if column.target == self.plan.key and value:
                row.key = value
        if self.options.leave_out:
            row.troubles, row.left_out = [], row.troubles
        if not any((value or text or "").strip() for value, text in cells):
            # As programs of tables write rows that were cleared: a record of it would be nobody.
            row.troubles.append(Trouble(said("the row"), said("holds nothing in the columns that come in")))
        more["tags_added"] = (*more.get("tags_added", ()), *self.options.tags)
        row.given = replace(row.given, values=values, **more)

    def _typed(self, column: ColumnPlan, value: str) -> object:
        match column.kind:
            case FieldKind.YES_NO:
                return value == "true"
            case FieldKind.MULTI_SELECT:
                return self._several(column, value)
        return value

    def _several(self, column: ColumnPlan, value: str) -> list[str]:
        return several(value, column.separator, self.choices[column.target])

    def _look(
        self, row: Row, values: dict[str, object], column: ColumnPlan, value: str, looked: Looked
    ) -> None:
        if value in looked.records:
            values[column.target] = looked.records[value]
        else:
            row.troubles.append(Trouble(column.column, looked.reasons[value], value))

    def _beside(
        self,
        more: dict[str, Any],
        values: dict[str, object],
        column: ColumnPlan,
        value: str | None,
        owners: Mapping[str, int],
    ) -> None:
        """What every record has beside its fields."""
        if not value:
            return
        match column.target:
            case x if x == OWNER:
                if value in owners:
                    more["owner"] = owners[value]
                else:
                    self.unknown_owners[value] += 1
            case x if x == TAGS:
                more["tags_added"] = several(value, column.separator, {})
            case x if x == CREATED_AT:
                more["created_at"] = datetime.fromisoformat(value)
            case x if x == FULL_NAME:
                first, _, last = value.strip().rpartition(" ")
                values.setdefault("last_name", last)
                if first:
                    values.setdefault("first_name", first)

    # --- whom texts mean, for many rows at once

    def _owners(self, values: Sequence[Sequence[str | None]]) -> Mapping[str, int]:
        texts = {
            value
            for column, cells in zip(self.plan.columns, values, strict=True)
            if column.target == OWNER
            for value in cells
            if value
        }
        return find_owners(texts) if texts else {}

    def _looked(self, values: Sequence[Sequence[str | None]]) -> Mapping[int, Looked]:
        return {
            i: look_up(
                self.modules[column.lookup], {value for value in values[i] if value}, viewer=self.viewer
            )
            for i, column in enumerate(self.plan.columns)
            if column.lookup is not None
        }


def several(text: str, separator: str, choices: Mapping[str, str]) -> list[str]:
    """The values of a cell: a JSON list, or texts with the separator between."""
    listed = None
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError:
            listed = None
    if not isinstance(listed, list):
        return split_values(text, separator, choices)
    return [choices.get(str(value).casefold(), str(value)) for value in listed]


def again_query(staged: Staged, plan: Plan, reading: ReadingOptions) -> str | None:
    """SQL of the lines whose key a line before has; None where rows have no keys."""
    columns = [column for column in plan.columns if column.target == plan.key]
    if not columns:
        return None
    key = f"trim({text_sql(staged, columns[0].column, reading)})"
    if plan.by not in ("id", "external_id"):
        key = f"lower({key})"
    return (
        f"SELECT line FROM (SELECT line, {key} AS key FROM {staged.source}) WHERE key <> ''"
        " QUALIFY row_number() OVER (PARTITION BY key ORDER BY line) > 1"
    )
