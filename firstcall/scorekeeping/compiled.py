"""A stored rule as one PostgreSQL statement over the tables of records and touchpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from firstcall.records.models import Module
from firstcall.records.statements import run
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scorekeeping.relations import RECORDS, Selected, relations_sql, select_all
from firstcall.scoring.columns import Columns, RecordColumns, Storage, TouchpointColumns
from firstcall.scoring.compiling import Statement, compile_rules
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.reading import LoadedRule, read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.saying import ENGLISH, speaking
from firstcall.touchpoints.slots import ANY_TYPE, FIRST_EDITION, Slots, read_slots

NO_SLOTS = Slots(FIRST_EDITION, ())


@dataclass(frozen=True)
class ModuleColumns:
    """A module's fields as the compiler sees them, the SQL that reads each from a record `r`, and the slots.

    as_defined  differs whenever a module, a field or a layout is defined otherwise; empty where nobody asked
    others  every module, for rules that reach beyond their record
    """

    module: int
    selected: tuple[str, ...]
    columns: Columns = field(compare=False)  # as all others say
    slots: Slots = NO_SLOTS
    as_defined: str = ""
    others: tuple[Selected, ...] = ()


def module_columns(module: Module, slots: Slots | None = None) -> ModuleColumns:
    """`slots`: None where touchpoints are read from another relation than `Slots.relation_sql`."""
    every = select_all()
    own, columns = every[module.name]
    touchpoints = TouchpointColumns(
        Storage.MICROSECONDS,
        has_json=True,
        properties={} if slots is None else slots.columns,
        any_type=None if slots is None else ANY_TYPE,
    )
    related = {name: of for name, (_, of) in every.items()}
    records = RecordColumns(columns.fields, integer_ids=True, lookups=columns.lookups)
    everything = Columns(records, touchpoints, module.name, related)
    return ModuleColumns(
        module.pk,
        own.columns,
        everything,
        NO_SLOTS if slots is None else slots,
        others=tuple(selected for selected, _ in every.values()),
    )


# What the columns depend on: all modules, fields, layouts and slots as they are now. Asked with every batch, it needs no
# one to tell keepers of other processes what was edited.
_EDITED = """
SELECT (SELECT md5(COALESCE(string_agg(CAST(field AS TEXT), '' ORDER BY id), '')) FROM records_field AS field)
    || (SELECT md5(COALESCE(string_agg(CAST(layout AS TEXT), '' ORDER BY id), '')) FROM records_layout AS layout)
    || (SELECT md5(COALESCE(string_agg(CAST(module AS TEXT), '' ORDER BY id), '')) FROM records_module AS module),
       (SELECT md5(COALESCE(string_agg(CAST((number, property, edition, filled_to IS NULL) AS TEXT), ''
                                       ORDER BY number), ''))
        FROM touchpoints_propertyslot)"""

_known: dict[tuple[int, bool], tuple[object, ModuleColumns]] = {}


def current_columns(module: int, *, slotted: bool = True) -> ModuleColumns:
    """The columns of a module as of this statement, with what is in slots or without; kept until a field or a slot is
    changed."""
    [edited] = run(_EDITED).fetchall()
    known = _known.get((module, slotted))
    if known is None or known[0] != edited:
        columns = module_columns(Module.objects.get(pk=module), read_slots() if slotted else None)
        known = _known[module, slotted] = (edited, replace(columns, as_defined=str(edited[0])))
    return known[1]


def rule_of(version: RuleVersion) -> Rule:
    """What the version says; it was checked before it was stored."""
    return loaded_rule(version.text).rule


@lru_cache(maxsize=500)
def loaded_rule(text: str) -> LoadedRule:
    with speaking(ENGLISH):  # kept for readers of every language
        return read_rule(text, "rule")


def compile_for(
    rules: Rule | Sequence[Rule],
    of: ModuleColumns,
    *,
    major: int,
    explain: bool = False,
    keeping: bool = False,
    past: Mapping[str, str] | None = None,
) -> Statement:
    """The statement over the stored tables; $1 is the moment, $2 the ids.

    past  other SQL for relations than all that is stored, by their names
    """
    compiled = [rules] if isinstance(rules, Rule) else rules
    statement = compile_rules(
        compiled, of.columns, Postgres(major), by_ids=True, explain=explain, keeping=keeping
    )
    relations = {
        "records": RECORDS.format(columns=", ".join(of.selected), module=of.module),
        "touchpoints": of.slots.relation_sql(),
        **relations_sql(of.others),
        **(past or {}),
    }
    read = {name: sql for name, sql in relations.items() if re.search(rf"\b{name}\b", statement.sql)}
    ctes = [f"{name} AS NOT MATERIALIZED (\n  {sql}\n)" for name, sql in read.items()]
    sql = f"WITH {', '.join(ctes)},\n{statement.sql.removeprefix('WITH ')}"
    return Statement(sql, statement.takes_as_of, statement.takes_ids, statement.shown, statement.several)
