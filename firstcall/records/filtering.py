"""Which records are meant: conditions on fields in the rule language, owner, tags, layout, age. Read once, then asked of
the database; lists, exports, bulk changes and dry runs of rules share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import msgspec
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from firstcall.access.viewer import Viewer
from firstcall.records.errors import InvalidFilterError
from firstcall.records.field_columns import FieldColumns, field_columns
from firstcall.records.importing.written import is_written_by
from firstcall.records.measures import Asked, reader_of, touchpoints_sql
from firstcall.records.models import Module, Record
from firstcall.records.seeing import seen_in
from firstcall.records.statements import server_major
from firstcall.scoring.checking import check_columns
from firstcall.scoring.compiling.gathering import sql_of_test
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.compiling.readings import Reading
from firstcall.scoring.documents import parse_document
from firstcall.scoring.links import find_field
from firstcall.scoring.problems import Path, Problem, RuleError
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import (
    Aggregate,
    All,
    Any,
    Condition,
    FieldMeasure,
    Measure,
    Measured,
    Not,
    TouchpointMeasure,
    leaves,
)
from firstcall.scoring.saying import said, whole
from firstcall.scoring.times import moment_of

LONGEST_FILTER = 20_000  # characters of its JSON


@dataclass(frozen=True)
class RecordFilter:
    """Conditions that a record meets, all of them; none is met by every record. The viewer asks: what he does not see
    meets nothing, neither by itself nor where a look-up leads to it."""

    module: Module
    viewer: Viewer
    conditions: tuple[Condition, ...] = ()
    asked: tuple[Asked, ...] = ()

    @cached_property
    def fields(self) -> FieldColumns:
        return field_columns(self.module, self.viewer)

    def of(self, records: QuerySet[Record], *, now: datetime) -> QuerySet[Record]:
        """Those of the records that meet it; `now` is what `in_last` and its like are told from. The query must
        not become a part of another."""
        records = records.filter(seen_in(self.viewer, self.module))
        for condition in self.conditions:
            # The dialect has quoted all that is not its own. Django takes a percent sign for a parameter.
            sql = self._sql(condition, str(moment_of(now))).replace("%", "%%")
            records = records.filter(RawSQL(sql, [], BooleanField()))  # noqa: S611
        for asked in self.asked:
            records = records.filter(RawSQL(asked.sql.replace("%", "%%"), [], BooleanField()))  # noqa: S611
        return records

    def _sql(self, condition: Condition, as_of: str) -> str:
        match condition:
            case Measured(FieldMeasure(name), tests):
                reading = self.reading(name)
                holds = [f"({sql_of_test(test, reading, as_of)})" for test in tests]
                return self._with_patterns(" AND ".join(holds))
            case Measured() as measured:
                return self._with_patterns(touchpoints_sql(measured, as_of))
            case Not(inner):
                return f"({self._sql(inner, as_of)}) IS NOT TRUE"
            case All(conditions) | Any(conditions):
                word = " AND " if isinstance(condition, All) else " OR "
                return word.join(f"({self._sql(inner, as_of)})" for inner in conditions)
        raise AssertionError(condition)

    def reading(self, name: str) -> Reading:
        """The field of the record, or of one that its look-ups lead to, in SQL over `records_record`."""
        found = find_field(self.fields.columns, name)
        sql = self.fields.sql(found.way, found.column)
        return Reading(Postgres(server_major()), sql, found.column.storage, found.column.element)

    def _with_patterns(self, sql: str) -> str:
        """What a statement of rules holds in a relation before it stands within the condition here."""
        for name, cte in Postgres(server_major()).prelude.items():
            inner = cte[cte.index("(") : cte.rindex(")") + 1]
            sql = sql.replace(f"FROM {name})", f"FROM {inner} AS {name})")
        return sql


def read_filter(module: Module, given: object, *, viewer: Viewer) -> RecordFilter:
    """From a list of conditions, or one, as a rule has them:
    [{"field": "industry", "in": ["IT", "Software"]}, {"touchpoint": "web.visited", "in_last": "7 days", "gte": 3}].
    Of touchpoints it counts, or asks `days_since`. Rooms above add conditions of their own, such as on scores.

    given  JSON text, or what it stands for. Raises InvalidFilterError with every problem
    """
    text = given if isinstance(given, str) else _encoded(given)
    if len(text) > LONGEST_FILTER:
        says = said(
            "A filter has at most {longest} characters of JSON; this has {count}.",
            longest=whole(LONGEST_FILTER),
            count=whole(len(text)),
        )
        raise InvalidFilterError([Problem((), "too-long", says, said("Ask for less at once."))])
    conditions = text.strip()
    if conditions in ("", "[]", "null"):
        return RecordFilter(module, viewer)
    if unreadable := parse_document(conditions, "filter.json").problems:
        raise InvalidFilterError([replace(problem, place=None) for problem in unreadable])
    listed = conditions if conditions.startswith("[") else f"[{conditions}]"
    listed, asked, places = _taken_out(listed, module, viewer)
    if not places:
        return RecordFilter(module, viewer, (), asked)
    # Read as what a rule applies to: so it means the same to the letter.
    rule = (
        '{"name": "filter", "module": "filter", "criteria": [{"name": "x", "touchpoint": "*", "points": 0}],'
    )
    try:
        loaded = read_rule(f'{rule} "applies_to": {listed}}}', "filter.json")
    except RuleError as error:
        raise InvalidFilterError([_own(problem, places) for problem in error.problems]) from error
    found = RecordFilter(module, viewer, loaded.rule.applies_to, asked)
    problems = [p for p in check_columns(loaded, found.fields.columns) if p.severity == "error"]
    problems += _not_for_filters(loaded.rule.applies_to, module)
    if problems:
        raise InvalidFilterError([_own(problem, places) for problem in problems])
    return found


def _taken_out(listed: str, module: Module, viewer: Viewer) -> tuple[str, tuple[Asked, ...], list[int]]:
    """The list without the conditions that are no rule's, what those ask, and where each of the others stood. Raises
    InvalidFilterError."""
    entries = msgspec.json.decode(listed)
    asked: list[Asked] = []
    problems: list[Problem] = []
    places = []
    for place, entry in enumerate(entries):
        reader = reader_of(entry)
        if reader is None:
            places.append(place)
            continue
        read = reader(module, viewer, entry)
        if isinstance(read, Asked):
            asked.append(read)
        else:
            problems += [replace(problem, path=(place, *problem.path)) for problem in read]
    if problems:
        raise InvalidFilterError(problems)
    left = [entries[place] for place in places]
    return msgspec.json.encode(left).decode() if asked else listed, tuple(asked), places


def _encoded(given: object) -> str:
    try:
        return msgspec.json.encode(given).decode()
    except (TypeError, ValueError, RecursionError):
        raise InvalidFilterError([Problem((), "json", said("The filter is no JSON."))]) from None


def _not_for_filters(conditions: Sequence[Condition], module: Module) -> list[Problem]:
    found = []
    for index, condition in enumerate(conditions):
        path = ("applies_to", index)
        measures = [leaf.measure for leaf in leaves(condition) if not isinstance(leaf.measure, FieldMeasure)]
        if any(_measures_more(measure) for measure in measures):
            says = said("Of touchpoints, a filter counts those of the record itself, or asks days_since.")
            found.append(Problem(path, "not-for-filters", says, said("Score by a rule.")))
        if measures and not module.is_people:
            says = said("Records of {module} have no touchpoints.", module=module)
            found.append(Problem(path, "no-touchpoints", says, said("Ask for fields or scores.")))
    return found


def _measures_more(measure: Measure) -> bool:
    """More than a filter reads in passing."""
    is_sum = isinstance(measure, TouchpointMeasure) and measure.aggregate is not Aggregate.COUNT
    return is_sum or (not isinstance(measure, FieldMeasure) and measure.of is not None)


def _own(problem: Problem, places: Sequence[int]) -> Problem:
    """With its place in the filter instead of one in a rule."""
    path: Path = problem.path[1:] if problem.path[:1] == ("applies_to",) else problem.path
    if path and isinstance(path[0], int) and path[0] < len(places):
        path = (places[path[0]], *path[1:])
    return replace(problem, path=path, place=None)


@dataclass(frozen=True)
class Selection:
    """Records of a module by all that a list can be narrowed by; those that the filter's viewer sees.

    owner     the id of a user; 0: of nobody
    tags      all of them
    in_trash  those in the trash instead of the others
    imported  the id of an import, which made or changed them
    """

    filter: RecordFilter
    ids: tuple[int, ...] | None = None
    owner: int | None = None
    tags: tuple[str, ...] = ()
    layout: str | None = None
    created_since: datetime | None = None
    updated_since: datetime | None = None
    in_trash: bool = False
    imported: int | None = None

    @property
    def module(self) -> Module:
        return self.filter.module

    def records(self, *, now: datetime) -> QuerySet[Record]:
        records = Record.objects.filter(module=self.module, deleted_at__isnull=not self.in_trash)
        if self.ids is not None:
            records = records.filter(pk__in=self.ids)
        if self.owner is not None:
            records = records.filter(owner=self.owner or None)
        if self.tags:
            records = records.filter(tags__contains=list(self.tags))
        if self.layout is not None:
            records = records.filter(layout__in=self.module.layouts.filter(name=self.layout).values("pk"))
        if self.created_since is not None:
            records = records.filter(created_at__gte=self.created_since)
        if self.updated_since is not None:
            records = records.filter(updated_at__gte=self.updated_since)
        if self.imported is not None:
            records = records.filter(is_written_by(self.imported))
        return self.filter.of(records, now=now)
