"""What active rules read beyond their record: which look-ups lead there, whether fields or touchpoints are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from firstcall.scorekeeping.compiled import ModuleColumns, current_columns, rule_of
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scorekeeping.relations import field_of
from firstcall.scorekeeping.statements import run, whole
from firstcall.scoring.columns import Columns
from firstcall.scoring.links import NowhereError, Way, find_field, find_people
from firstcall.scoring.rules import Rule, fields_read, types_read

# A version that an activation is to replace scores the records that it has not taken over yet.
_VERSIONS = """
SELECT DISTINCT a.version_id, rule.module_id
FROM scorekeeping_storedrule AS rule
JOIN scorekeeping_activation AS switched ON switched.id = rule.activation_id
JOIN scorekeeping_activation AS a ON a.rule_id = rule.id
WHERE a.version_id = rule.active_id OR (switched.complete_at IS NULL AND a.version_id IS NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Reach:
    """A way that a rule goes from its record, by the ids of the fields.

    back    the look-up of people by which they lead to where the way ends
    counts  whether touchpoints are read at the end, or fields
    """

    way: tuple[int, ...]
    back: int | None = None
    counts: bool = False


def reaches() -> frozenset[Reach]:
    """Those of all rules that score. One small query where no rule reaches beyond its record."""
    found: set[Reach] = set()
    for version, module in run(_VERSIONS).fetchall():
        if reads_beyond(whole(version)):
            found |= _of_version(whole(version), current_columns(whole(module)))
    return frozenset(found)


@lru_cache(maxsize=10_000)
def reads_beyond(version: int) -> bool:
    """Whether any name in the version may lead beyond the record."""
    rule = rule_of(RuleVersion.objects.get(pk=version))
    return any("." in name for name in fields_read(rule)) or any(of is not None for of in types_read(rule))


@lru_cache(maxsize=1_000)
def _of_version(version: int, columns: ModuleColumns) -> frozenset[Reach]:
    return frozenset(reaches_of(rule_of(RuleVersion.objects.get(pk=version)), columns.columns))


def reaches_of(rule: Rule, columns: Columns) -> Iterator[Reach]:
    """Each way of the rule; a name that leads nowhere any more has none."""
    for name in sorted(fields_read(rule)):
        try:
            way = find_field(columns, name).way
        except NowhereError:
            continue
        if way:
            yield Reach(_fields(way))
    for of in sorted(of for of in types_read(rule) if of is not None):
        try:
            people = find_people(columns, of)
        except NowhereError:
            continue
        yield Reach(_fields(people.way), None if people.back is None else field_of(people.back), counts=True)


def _fields(way: Way) -> tuple[int, ...]:
    return tuple(map(field_of, way))
