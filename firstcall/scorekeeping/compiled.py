"""A stored rule as one PostgreSQL statement over the tables of records and touchpoints."""

from __future__ import annotations

from dataclasses import dataclass, field

from firstcall.records.kinds import FieldKind, column_of, value_sql
from firstcall.records.models import Module
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scoring.columns import Column, Columns, RecordColumns, Storage, TouchpointColumns
from firstcall.scoring.compiling import Statement, compile_rules
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.values import Kind

# Every record has these, whatever its module.
_STANDARD = ("created_at", "updated_at")

RECORDS = "SELECT r.id, {columns} FROM records_record AS r WHERE r.module_id = {module}"
TOUCHPOINTS = (
    "SELECT record_id, type, occurred_at, properties FROM touchpoints_touchpoint"
    " WHERE record_id IS NOT NULL AND revoked_at IS NULL"
)


@dataclass(frozen=True)
class ModuleColumns:
    """A module's fields as the compiler sees them, and the SQL that reads each from a record `r`."""

    module: int
    selected: tuple[str, ...]
    columns: Columns = field(compare=False)  # as `selected` says


def module_columns(module: Module) -> ModuleColumns:
    fields: dict[str, Column] = {
        name: Column(name, name, Storage.MICROSECONDS, Kind.TIME) for name in _STANDARD
    }
    selected = [f"r.{name}" for name in _STANDARD]
    for known in module.fields.order_by("pk"):
        # Numbered, so that no field can be called as a column of the statement is.
        ref = f"f{known.pk}"
        fields[known.name] = column_of(FieldKind(known.kind), known.name, ref)
        selected.append(f"{value_sql(FieldKind(known.kind), known.name)} AS {ref}")
    columns = Columns(
        RecordColumns(fields, integer_ids=True), TouchpointColumns(Storage.MICROSECONDS, has_json=True)
    )
    return ModuleColumns(module.pk, tuple(selected), columns)


def rule_of(version: RuleVersion) -> Rule:
    """What the version says; it was checked before it was stored."""
    return read_rule(version.text, str(version)).rule


def compile_for(
    rule: Rule,
    of: ModuleColumns,
    *,
    major: int,
    explain: bool = False,
    records: str = "",
    touchpoints: str = "",
) -> Statement:
    """The statement over the stored tables; $1 is the moment, $2 the ids.

    records, touchpoints  other SQL for the relations than all that is stored: of one record in the past
    """
    statement = compile_rules([rule], of.columns, Postgres(major), by_ids=True, explain=explain)
    selected = ", ".join(of.selected)
    relations = {
        "records": records or RECORDS.format(columns=selected, module=of.module),
        "touchpoints": touchpoints or TOUCHPOINTS,
    }
    ctes = [f"{name} AS NOT MATERIALIZED (\n  {sql}\n)" for name, sql in relations.items()]
    sql = f"WITH {', '.join(ctes)},\n{statement.sql.removeprefix('WITH ')}"
    return Statement(sql, statement.takes_as_of, statement.takes_ids, statement.shown, statement.several)
