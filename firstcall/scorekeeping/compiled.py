"""A stored rule as one PostgreSQL statement over the tables of records and touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from firstcall.records.kinds import FieldKind, column_of, value_sql
from firstcall.records.models import Module, WrittenBy
from firstcall.records.statements import run
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scoring.columns import Column, Columns, RecordColumns, Storage, TouchpointColumns
from firstcall.scoring.compiling import Statement, compile_rules
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.reading import LoadedRule, read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.values import Kind
from firstcall.touchpoints.slots import ANY_TYPE, FIRST_EDITION, Slots, read_slots

# Every record has these, whatever its module.
_STANDARD = ("created_at", "updated_at")

RECORDS = """SELECT r.id, {columns}
  FROM (
    SELECT id, created_at, updated_at, values, module_id,
           (SELECT name FROM records_layout WHERE records_layout.id = layout_id) AS layout
    FROM records_record
    WHERE deleted_at IS NULL
  ) AS r
  WHERE r.module_id = {module}"""
NO_SLOTS = Slots(FIRST_EDITION, ())


@dataclass(frozen=True)
class ModuleColumns:
    """A module's fields as the compiler sees them, the SQL that reads each from a record `r`, and the slots.

    as_defined  differs whenever a field or a layout is defined otherwise; empty where nobody asked
    """

    module: int
    selected: tuple[str, ...]
    columns: Columns = field(compare=False)  # as `selected` and `slots` say
    slots: Slots = NO_SLOTS
    as_defined: str = ""


def module_columns(module: Module, slots: Slots | None = None) -> ModuleColumns:
    """`slots`: None where touchpoints are read from another relation than `Slots.relation_sql`."""
    fields: dict[str, Column] = {
        name: Column(name, name, Storage.MICROSECONDS, Kind.TIME) for name in _STANDARD
    }
    selected = [f"r.{name}" for name in (*_STANDARD, "layout")]
    fields["layout"] = Column("layout", "layout", Storage.TEXT, Kind.TEXT)
    for known in module.fields.exclude(written_by=WrittenBy.RULE).order_by("pk"):
        # Numbered, so that no field can be called as a column of the statement is.
        ref = f"f{known.pk}"
        fields[known.name] = column_of(FieldKind(known.kind), known.name, ref)
        selected.append(f"{value_sql(FieldKind(known.kind), known.name)} AS {ref}")
    touchpoints = TouchpointColumns(
        Storage.MICROSECONDS,
        has_json=True,
        properties={} if slots is None else slots.columns,
        any_type=None if slots is None else ANY_TYPE,
    )
    columns = Columns(RecordColumns(fields, integer_ids=True), touchpoints)
    return ModuleColumns(module.pk, tuple(selected), columns, NO_SLOTS if slots is None else slots)


# What the columns depend on: all fields, layouts and slots as they are now. Asked with every batch, it needs no one to
# tell keepers of other processes what was edited.
_EDITED = """
SELECT (SELECT md5(COALESCE(string_agg(CAST(field AS TEXT), '' ORDER BY id), '')) FROM records_field AS field)
    || (SELECT md5(COALESCE(string_agg(CAST(layout AS TEXT), '' ORDER BY id), '')) FROM records_layout AS layout),
       (SELECT md5(COALESCE(string_agg(CAST((number, property, edition, filled_to IS NULL) AS TEXT), ''
                                       ORDER BY number), ''))
        FROM touchpoints_propertyslot)"""

_known: dict[int, tuple[object, ModuleColumns]] = {}


def current_columns(module: int) -> ModuleColumns:
    """The columns of a module as of this statement, with what is in slots; kept until a field or a slot is changed."""
    [edited] = run(_EDITED).fetchall()
    known = _known.get(module)
    if known is None or known[0] != edited:
        columns = module_columns(Module.objects.get(pk=module), read_slots())
        known = _known[module] = (edited, replace(columns, as_defined=str(edited[0])))
    return known[1]


def rule_of(version: RuleVersion) -> Rule:
    """What the version says; it was checked before it was stored."""
    return loaded_rule(version.text).rule


@lru_cache(maxsize=500)
def loaded_rule(text: str) -> LoadedRule:
    return read_rule(text, "rule")


def compile_for(
    rules: Rule | Sequence[Rule],
    of: ModuleColumns,
    *,
    major: int,
    explain: bool = False,
    keeping: bool = False,
    records: str = "",
    touchpoints: str = "",
) -> Statement:
    """The statement over the stored tables; $1 is the moment, $2 the ids.

    records, touchpoints  other SQL for the relations than all that is stored: of one record in the past
    """
    compiled = [rules] if isinstance(rules, Rule) else rules
    statement = compile_rules(
        compiled, of.columns, Postgres(major), by_ids=True, explain=explain, keeping=keeping
    )
    selected = ", ".join(of.selected)
    relations = {
        "records": records or RECORDS.format(columns=selected, module=of.module),
        "touchpoints": touchpoints or of.slots.relation_sql(),
    }
    ctes = [f"{name} AS NOT MATERIALIZED (\n  {sql}\n)" for name, sql in relations.items()]
    sql = f"WITH {', '.join(ctes)},\n{statement.sql.removeprefix('WITH ')}"
    return Statement(sql, statement.takes_as_of, statement.takes_ids, statement.shown, statement.several)
