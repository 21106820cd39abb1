"""Sees to it that the properties which active rules read are in slots, so that the rules are computed from an index."""

from __future__ import annotations

from functools import lru_cache

from firstcall.records.statements import run
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scoring.rules import FieldMeasure, Rule, TouchpointMeasure
from firstcall.touchpoints.slots import STEP, fill, want

_DUE = """
SELECT (SELECT array_agg(active_id ORDER BY active_id) FROM scorekeeping_storedrule WHERE active_id IS NOT NULL),
       EXISTS (SELECT FROM touchpoints_propertyslot WHERE filled_to IS NOT NULL)"""


class Slotting:
    """One keeper process's part in it. Any number may do it at once."""

    def __init__(self) -> None:
        self._seen_to: object = None  # the active versions whose properties have slots

    def step(self, *, most: int = STEP) -> int:
        """Do a bounded part of what is to do, outside a transaction; says how many touchpoints were looked at."""
        [(versions, unfilled)] = run(_DUE).fetchall()
        if isinstance(versions, list) and versions != self._seen_to and want(_properties(tuple(versions))):
            self._seen_to, unfilled = versions, True
        return fill(most) if unfilled else 0


@lru_cache(maxsize=8)
def _properties(versions: tuple[int, ...]) -> frozenset[str]:
    rules = [rule_of(version) for version in RuleVersion.objects.filter(pk__in=versions)]
    return frozenset(name for rule in rules for name in properties_read(rule))


def properties_read(rule: Rule) -> list[str]:
    """The properties of touchpoints that the rule looks at, each once, in the order of its criteria."""
    found: dict[str, None] = {}
    for leaf in rule.measured:
        if isinstance(leaf.measure, FieldMeasure):
            continue
        found.update(dict.fromkeys(entry.property for entry in leaf.measure.where))
        if isinstance(leaf.measure, TouchpointMeasure) and leaf.measure.property is not None:
            found[leaf.measure.property] = None
    return list(found)
