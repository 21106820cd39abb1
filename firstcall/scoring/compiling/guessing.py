"""The columns that rules seem to expect, for compiling them before there is any file.

A field's kind is the first that all tests on it can apply to; touchpoints have their properties as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from firstcall.scoring.columns import Column, Columns, RecordColumns, Storage, TouchpointColumns
from firstcall.scoring.compiling.gathering import slug
from firstcall.scoring.compiling.guessing_related import GuessedRelated, is_reached
from firstcall.scoring.operators import Is, Operator
from firstcall.scoring.rules import (
    Condition,
    Criterion,
    DaysSinceMeasure,
    FieldMeasure,
    Measured,
    Rule,
    Table,
    leaves,
    types_read,
)
from firstcall.scoring.values import Kind

# Natural storages: what a table of a database has for the kind.
_STORAGES = {
    Kind.NUMBER: Storage.DECIMAL,
    Kind.TRUTH: Storage.TRUTH,
    Kind.TIME: Storage.TIMESTAMPTZ,
    Kind.TEXT: Storage.TEXT,
    Kind.LIST: Storage.JSON,
}
# Names that the statement, or SQL itself, already uses: a field of that name is called otherwise.
_TAKEN = re.compile(
    r"(id|as_of|record_id|type|occurred_at|properties|touched_at|(touchpoint_)?(positive|negative)|touchpoint_total"
    r"|total|fit|grade|next_change_at|applies|r|t|e"
    r"|(match|property|touched|points|value|next|rule|latest|distinct|sum|max|min|arrives|newest|oldest|lookup)_.*"
    r"|all|and|any|array|as|asc|between|both|by|case|cast|check|column|constraint|create|cross|date|day|default"
    r"|delete|desc|distinct|do|drop|else|end|except|exists|false|filter|first|for|foreign|from|full|grant|group"
    r"|having|hour|in|index|inner|insert|intersect|into|is|join|key|last|lateral|leading|left|like|limit|measured"
    r"|minute|month|natural|no|not|null|offset|on|only|or|order|outer|over|partition|position|primary|range"
    r"|records|references|returning|right|row|rows|second|select|set|some|table|then|time|timestamp|to"
    r"|touchpoints|trailing|true|union|unique|update|user|using|values|when|where|window|with|year)"
)


def columns_for(rules: Sequence[Rule]) -> Columns:
    """Columns that all the rules can be compiled and run with."""
    fields = {name: _kind(tests) for name, tests in _fields(rules).items()}
    if any(isinstance(leaf.measure, DaysSinceMeasure) for rule in rules for leaf in rule.measured):
        fields.setdefault("created_at", Kind.TIME)
    columns: dict[str, Column] = {}
    refs: set[str] = set()
    related = GuessedRelated()

    def column(name: str, called: str) -> Column:
        return Column(name, _ref(called, set()), _STORAGES[fields[name]], fields[name])

    for name in fields:
        if is_reached(name):
            related.add_field(name, column)
    for of in dict.fromkeys(of for rule in rules for of in types_read(rule) if of is not None):
        related.add_people(of)
    refs.update(lookup.ref for lookup in related.lookups.values())
    for name, kind in fields.items():
        if not is_reached(name):
            ref = _ref(name, refs)
            refs.add(ref)
            columns[name] = Column(name, ref, _STORAGES[kind], kind)
    touched = any(types_read(rule) for rule in rules)
    touchpoints = TouchpointColumns(occurred_at=Storage.TIMESTAMPTZ) if touched else None
    return Columns(RecordColumns(columns, lookups=related.lookups), touchpoints, related=related.related())


def _fields(rules: Sequence[Rule]) -> dict[str, list[Operator]]:
    """Each field with the tests on it, in order of first use."""
    found: dict[str, list[Operator]] = {}
    for rule in rules:
        for condition in rule.applies_to:
            _add_condition(found, condition)
        for criterion in rule.criteria:
            _add_condition(found, criterion.condition)
            _add_table(found, criterion)
    return found


def _add_condition(found: dict[str, list[Operator]], condition: Condition) -> None:
    for leaf in leaves(condition):
        if isinstance(leaf.measure, FieldMeasure):
            found.setdefault(leaf.measure.name, []).extend(test.operator for test in leaf.tests)


def _add_table(found: dict[str, list[Operator]], criterion: Criterion) -> None:
    match criterion.condition, criterion.worth:
        case Measured(FieldMeasure(name)), Table(rows):
            found.setdefault(name, []).extend(test.operator for row in rows for test in row.tests)


def _kind(operators: Sequence[Operator]) -> Kind:
    """Text where nothing speaks against it, unless a value is written as a number; a list where nothing else fits."""
    order = [Kind.TEXT, Kind.NUMBER, Kind.TRUTH, Kind.TIME]
    compared = [
        operand for operator in operators if isinstance(operator, Is) for operand in operator.operands
    ]
    if compared and all(operand.text is None for operand in compared):
        order = [Kind.NUMBER, Kind.TRUTH, Kind.TEXT, Kind.TIME]
    return next((kind for kind in order if all(operator.fits(kind) for operator in operators)), Kind.LIST)


def _ref(name: str, taken: set[str]) -> str:
    """A plain identifier like the name, unlike all others.

    >>> _ref("Job title", set()), _ref("total", set()), _ref("a-b", {"a_b"})
    ('job_title', 'total_field', 'a_b_2')
    """
    ref = slug(name) or "field"
    if not ref[0].isalpha() or _TAKEN.fullmatch(ref):
        ref = f"{ref}_field" if ref[0].isalpha() else f"field_{ref}"
    number, unique = 1, ref
    while unique in taken:
        number += 1
        unique = f"{ref}_{number}"
    return unique
