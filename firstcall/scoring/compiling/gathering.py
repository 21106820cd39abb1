"""What a set of rules reads from the touchpoints: one narrow aggregate for each set of types.

Measures over the same types share one pass; equal matches and equal aggregates are computed once, however
many criteria and rules ask for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from firstcall.scoring.columns import Columns, Storage, TouchpointColumns
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.compiling.readings import Reading
from firstcall.scoring.compiling.ways import Restricted, Whose
from firstcall.scoring.operators import Operator
from firstcall.scoring.rules import PropertyTest, Test, Window

type Read = tuple[str | None, tuple[str, ...]]
"""Whose touchpoints, and of which types."""


@dataclass(frozen=True)
class Match:
    """Which touchpoints a measure looks at, those dated after `as_of` left out; `of` as in `TouchpointMeasure`."""

    types: tuple[str, ...]
    where: tuple[PropertyTest, ...] = ()
    window: Window = field(default_factory=Window)
    of: str | None = None

    def within(self, window: Window) -> Match:
        return replace(self, window=window)

    @property
    def read(self) -> Read:
        return self.of, self.types


@dataclass
class TypeSet:
    """All that is read from one set of types of the same people, in one pass."""

    name: str
    read: Read
    matches: dict[Match, str] = field(default_factory=dict)
    spans: list[int | None] = field(
        default_factory=list
    )  # how far back each aggregate looks; None: to the first
    properties: dict[str, None] = field(default_factory=dict)  # names read, in order
    aggregates: dict[str, str] = field(default_factory=dict)  # column -> SQL


class Gathering:
    """Collects aggregates and renders them as common table expressions, each with one row a record."""

    def __init__(
        self,
        dialect: Dialect,
        columns: Columns,
        *,
        as_of_column: bool,
        by_ids: bool,
        ids_of: Callable[[str], str] | None = None,
    ) -> None:
        """`ids_of`: the SQL array of the ids that need an expression, by its name; None: all that are given."""
        self.dialect = dialect
        self.touchpoints = columns.touchpoints or TouchpointColumns(has_json=False)
        self.as_of = "as_of" if as_of_column else dialect.as_of_parameter
        self.as_of_column = as_of_column
        self.by_ids = by_ids
        self.restricted = Restricted(dialect, columns, by_ids=by_ids)
        self.whose = Whose(columns, self.restricted, as_of_column=as_of_column)
        self.sets: dict[Read, TypeSet] = {}
        self.extras: dict[str, tuple[Collection[str], Callable[[], str]]] = {}  # CTE name -> columns, SQL
        self.asked: set[str] = (
            set()
        )  # names of the expressions that were asked for, since it was last emptied
        self._ids_of = ids_of
        self._numbers: dict[object, int] = {}
        self._arriving: dict[Read, int] = {}

    # --- asking for aggregates; each returns the name of a column

    def count(self, match: Match) -> str:
        return self._aggregate(match, "count", lambda m: f"COUNT(*) FILTER (WHERE {m})")

    def newest(self, match: Match) -> str:
        return self._aggregate(match, "newest", lambda m: f"MAX(touched_at) FILTER (WHERE {m})")

    def oldest(self, match: Match) -> str:
        return self._aggregate(match, "oldest", lambda m: f"MIN(touched_at) FILTER (WHERE {m})")

    def newest_times(self, match: Match, count: int) -> str:
        kind = f"newest_{count}"
        return self._aggregate(match, kind, lambda m: self.dialect.newest_times("touched_at", count, m))

    def oldest_times(self, match: Match, count: int) -> str:
        kind = f"oldest_{count}"
        return self._aggregate(match, kind, lambda m: self.dialect.oldest_times("touched_at", count, m))

    def number(self, match: Match, function: str, name: str) -> str:
        """SUM, MAX or MIN of a property's numbers, in millionths (a sum is wide); NULL over none."""
        number = self.reading(name).number

        def aggregate(m: str) -> str:
            if number is None:
                return f"CAST(NULL AS {self.dialect.narrow_type})"
            if function == "SUM":
                return self.dialect.sum_wide(number, m)
            return f"{function}({number}) FILTER (WHERE {m})"

        return self._aggregate(match, f"{function.lower()}_{self._property_name(name)}", aggregate, name)

    def latest(self, match: Match, name: str) -> str:
        """The property of the newest match that has it, stored as the property is."""
        reading = self.reading(name)
        has = f"{reading.x} IS NOT NULL"
        order = ["touched_at", *self._precedence(reading)]
        return self._aggregate(
            match,
            f"latest_{self._property_name(name)}",
            lambda m: self.dialect.first_by(reading.x, order, f"{m} AND {has}"),
            name,
        )

    def _precedence(self, reading: Reading) -> list[str]:
        """Of several at one moment: numbers (by type before numeric text), texts, true/false, lists."""
        keys = [reading.number]
        if reading.is_mixed:
            keys.append(f"CASE WHEN {reading.typed_number} IS NOT NULL THEN 1 END")
        keys.append(None if reading.text is None else self.dialect.by_code_point(reading.text))
        if reading.typed_truth is not None:
            keys.append(f"CASE WHEN {reading.typed_truth} THEN 1 WHEN NOT {reading.typed_truth} THEN 0 END")
        if reading.is_mixed:
            key = self.dialect.json_list_key(reading.json, lambda e: self._element_key(e, Storage.JSON))
            keys.append(self.dialect.by_code_point(f"CASE WHEN {reading.is_list} THEN {key} END"))
        if reading.storage is Storage.LIST:
            element = reading.element or Storage.TEXT
            key = self.dialect.list_key(reading.x, lambda e: self._element_key(e, element))
            keys.append(self.dialect.by_code_point(key))
        keys.append(reading.moment)
        return [key for key in keys if key is not None]

    def _element_key(self, x: str, storage: Storage) -> str:
        """`measuring.rank` of a list puts these one after the other."""
        return f"COALESCE({self._identity(Reading(self.dialect, x, storage))}, '')"

    def _identity(self, reading: Reading) -> str:
        """`measuring.identity_of`, as one text."""
        keys = [
            f"WHEN {value} IS NOT NULL THEN {self.dialect.distinct_key(kind, value)}"
            for kind, value in (
                ("t", reading.text),
                ("n", reading.typed_number),
                ("b", reading.typed_truth),
                ("m", reading.moment),
            )
            if value is not None
        ]
        return f"CASE {' '.join(keys)} END" if keys else "CAST(NULL AS BIGINT)"

    def distinct(self, match: Match, name: str) -> str:
        key = self._identity(self.reading(name))
        return self._counted_apart(match, f"distinct_{self._property_name(name)}", key, [name])

    def distinct_days(self, match: Match) -> str:
        # Counted from the year 1, so that the division never sees a number below 0.
        day = self.dialect.floor_divide("touched_at + 62135596800000000", "86400000000")
        return self._counted_apart(match, "distinct_days", day, [])

    def _counted_apart(self, match: Match, kind: str, key: str, reads: list[str]) -> str:
        """How many different keys there are; over the match's rows alone, as engines are several times slower
        at it among other aggregates."""
        column = f"{self._match_name(match)}_{kind}"
        return self._alone(
            column,
            f"SELECT record_id, COUNT(DISTINCT {key}) AS {column}\n"
            f"FROM (\n{indented(self.rows(match, column, reads), 2)}\n) AS matching\nGROUP BY record_id",
        )

    def decayed(self, match: Match, points: Callable[[str], str], *, key: object) -> str:
        """The sum of `points(age)`, whole hundredths, over the match; `key` tells functions apart."""
        age = f"{self.as_of} - touched_at"
        return self._aggregate(
            match, self._tag("decayed", key), lambda m: self.dialect.sum_narrow(points(age), m)
        )

    def earliest(
        self, match: Match, moment: Callable[[str, str], str], *, key: object, younger: int | None = None
    ) -> str:
        """The least `moment(touched_at, age)` over the match, or over what of it is younger."""
        age = f"{self.as_of} - touched_at"
        young = "" if younger is None else f" AND touched_at > {self.as_of} - {younger}"
        return self._aggregate(
            match,
            self._tag("fades", (key, younger)),
            lambda m: f"MIN({moment('touched_at', age)}) FILTER (WHERE {m}{young})",
            span=younger,
        )

    def aged(self, match: Match, low: int, high: int) -> str:
        """How many matches are at least `low` and less than `high` old."""
        ages = f"touched_at <= {self.as_of} - {low} AND touched_at > {self.as_of} - {high}"
        return self._aggregate(
            match, f"aged_{low}_{high}", lambda m: f"COUNT(*) FILTER (WHERE {m} AND {ages})", span=high
        )

    def named(self, match: Match, kind: str, key: object) -> str:
        """A name for an expression of its own over the match, see `apart`."""
        return f"{self._match_name(match)}_{self._tag(kind, key)}"

    def apart(self, name: str, columns: Collection[str], sql: Callable[[], str]) -> None:
        """An expression of its own. Its columns and its SQL are looked at once all rules have asked for what they need."""
        self.asked.add(name)
        self.extras.setdefault(name, (columns, sql))

    def _alone(self, column: str, sql: str) -> str:
        """The only column of an expression of its own."""
        self.apart(column, (column,), lambda: sql)
        return column

    def set_name(self, match: Match) -> str:
        """The expression that has the aggregates of the match."""
        return self._set(match.read).name

    def busiest(self, match: Match, span: int) -> str:
        """The most matching touchpoints within any span."""
        column = f"{self._match_name(match)}_busiest_{span}"
        return self._alone(
            column,
            f"SELECT record_id, MAX(within_span) AS {column}\n"
            f"FROM (\n"
            f"  SELECT record_id, COUNT(*) OVER (PARTITION BY record_id ORDER BY touched_at"
            f" RANGE BETWEEN {span - 1} PRECEDING AND CURRENT ROW) AS within_span\n"
            f"  FROM (\n{indented(self.rows(match, column), 4)}\n  ) AS matching\n"
            f") AS spans\nGROUP BY record_id",
        )

    def arrivals(self, types: tuple[str, ...], of: str | None) -> str:
        """The earliest touchpoint after `as_of` of any of the types."""
        read = of, ("*",) if "*" in types else types
        column = f"arrives_{self._arriving.setdefault(read, len(self._arriving) + 1)}"
        later = self.dialect.later_than(self.touchpoints.occurred_at, "t.occurred_at", self._now)
        where = [f"{later}", *self._restrictions(read, column)]
        whose = self.whose.source(of)
        return self._alone(
            column,
            f"SELECT {whose.named}, MIN({self._touched_at}) AS {column}\nFROM {whose.sql}\n"
            f"WHERE {_and(where)}\nGROUP BY {whose.record_id}",
        )

    # --- rendering

    def expressions(self) -> list[tuple[str, str, list[str]]]:
        """Every common table expression: its name, SQL and columns."""
        rendered = [
            (s.name, self._set_sql(s), list(s.aggregates)) for s in self.sets.values() if s.aggregates
        ]
        return rendered + [(name, sql(), list(columns)) for name, (columns, sql) in self.extras.items()]

    def reading(self, name: str) -> Reading:
        """A property, as the rows of a type set offer it."""
        column = self.touchpoints.properties.get(name)
        if column is not None:
            return Reading(
                self.dialect,
                column.ref,
                column.storage,
                column.element,
                own_column=column.own,
            )
        if self.touchpoints.has_json:
            return Reading(self.dialect, self._property_name(name), Storage.JSON)
        return Reading(self.dialect, "CAST(NULL AS VARCHAR(1))", Storage.TEXT)

    def _set_sql(self, of: TypeSet) -> str:
        aggregates = ",\n".join(f"       {sql} AS {column}" for column, sql in of.aggregates.items())
        rows = indented(self._matched_rows(of), 2)
        return f"SELECT record_id,\n{aggregates}\nFROM (\n{rows}\n) AS matching\nGROUP BY record_id"

    def rows(
        self, match: Match, expression: str, reads: Sequence[str] = (), *, younger: int | None = None
    ) -> str:
        """The rows of one match (or those of it that are younger) for one expression, with the properties read of them."""
        names = [*(entry.property for entry in match.where), *reads]
        span = match.window.in_last if younger is None else younger
        rows = indented(self._touchpoint_rows(match.read, expression, [span], names), 2)
        return f"SELECT * FROM (\n{rows}\n) AS read_rows WHERE {self._condition(match)}"

    def _matched_rows(self, of: TypeSet) -> str:
        flags = ",\n".join(f"       {self._condition(match)} AS {name}" for match, name in of.matches.items())
        rows = indented(self._touchpoint_rows(of.read, of.name, of.spans, list(of.properties)), 2)
        return f"SELECT *,\n{flags}\nFROM (\n{rows}\n) AS read_rows"

    def _touchpoint_rows(
        self, read: Read, expression: str, spans: Sequence[int | None], names: list[str]
    ) -> str:
        """The touchpoints of a set of types up to `as_of` and back to the widest span."""
        whose = self.whose.source(read[0])
        storage = self.touchpoints.occurred_at
        where = [self.dialect.not_later_than(storage, "t.occurred_at", self._now)]
        if all(span is not None for span in spans):
            widest = max(span for span in spans if span is not None)
            where.append(self.dialect.later_than(storage, "t.occurred_at", f"{self._now} - {widest}"))
        selected = [whose.named, f"{self._touched_at} AS touched_at"]
        if self.as_of_column:
            selected.append("r.as_of")
        selected += self._properties(names)
        return (
            f"SELECT {', '.join(selected)}\nFROM {whose.sql}\n"
            f"WHERE {_and([*where, *self._restrictions(read, expression)])}{self.dialect.fence if names else ''}"
        )

    def _properties(self, names: list[str]) -> list[str]:
        selected = []
        for name in names:
            column = self.touchpoints.properties.get(name)
            if column is not None:
                selected.append(f"t.{column.ref}")
            elif self.touchpoints.has_json:
                selected.append(
                    f"{self.dialect.json_property('t.properties', name)} AS {self._property_name(name)}"
                )
        return list(dict.fromkeys(selected))

    @property
    def _now(self) -> str:
        return "r.as_of" if self.as_of_column else self.as_of

    @property
    def _touched_at(self) -> str:
        return Reading(self.dialect, "t.occurred_at", self.touchpoints.occurred_at).moment or "t.occurred_at"

    def _restrictions(self, read: Read, expression: str) -> list[str]:
        of, types = read
        restrictions, whose = [self.of_types(types)], self.whose.source(of)
        if "*" in types and self.touchpoints.any_type:
            restrictions.append(f"t.{self.touchpoints.any_type}")
        if self._ids_of is not None:
            restrictions.append(f"{whose.record_id} = ANY({self._ids_of(expression)})")
        elif self.by_ids:
            restrictions.append(self.dialect.in_ids(whose.record_id))
        if whose.only:
            restrictions.append(whose.only)
        return restrictions

    def of_types(self, types: tuple[str, ...], type: str = "t.type") -> str:
        """A condition: the type is one of those of a measure."""
        if "*" in types:
            return "TRUE"
        exact = [self.dialect.literal(name) for name in types if not name.endswith(".*")]
        parts = [f"{type} = {exact[0]}"] if len(exact) == 1 else []
        if len(exact) > 1:
            parts.append(f"{type} IN ({', '.join(exact)})")
        parts += [self.dialect.starts_with(type, name[:-1]) for name in types if name.endswith(".*")]
        return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"

    def _condition(self, match: Match) -> str:
        # The window first: it is cheap, and leaves few whose properties must be looked at.
        window, parts = match.window, list[str]()
        if window.in_last is not None:
            parts.append(f"touched_at > {self.as_of} - {window.in_last}")
        if window.older_than is not None:
            parts.append(f"touched_at <= {self.as_of} - {window.older_than}")
        if window.start is not None:
            parts.append(f"touched_at >= {window.start}")
        if window.end is not None:
            parts.append(f"touched_at < {window.end}")
        parts += [
            sql_of_test(test, self.reading(entry.property), self.as_of)
            for entry in match.where
            for test in entry.tests
        ]
        return _and(parts)

    # --- names

    def _aggregate(
        self, match: Match, kind: str, sql: Callable[[str], str], *reads: str, span: int | None = None
    ) -> str:
        """A column of the match's type set; `reads` are the properties that the aggregate itself looks at, `span` how far
        back it looks, if not as far as the match."""
        of = self._set(match.read)
        of.spans.append(match.window.in_last if span is None else span)
        self.asked.add(of.name)
        name = of.matches[match] = self._match_name(match)
        of.properties.update(dict.fromkeys([*(entry.property for entry in match.where), *reads]))
        column = f"{name}_{kind}"
        if column not in of.aggregates:
            of.aggregates[column] = sql(name)
        return column

    def _set(self, read: Read) -> TypeSet:
        of, types = read
        if read not in self.sets:
            plain = "every" if "*" in types else "_".join(types)
            plain = f"{slug(of)}_{slug(plain)}" if of else slug(plain)
            self.sets[read] = TypeSet(f"touched_{len(self.sets) + 1}_{plain}", read)
        return self.sets[read]

    def _match_name(self, match: Match) -> str:
        number = self._numbers.setdefault(match, len(self._numbers) + 1)
        return f"match_{number}"

    def _property_name(self, name: str) -> str:
        """What a property of the JSON object is called in SQL."""
        return f"property_{self._numbers.setdefault(('property', name), len(self._numbers) + 1)}_{slug(name)}"

    def _tag(self, word: str, key: object) -> str:
        return f"{word}_{self._numbers.setdefault((word, key), len(self._numbers) + 1)}"


def sql_of_test(test: Test, reading: Reading, as_of: str) -> str:
    """One test as a condition; a positive one may be NULL for false, a negative one never is NULL."""
    sql = _positive(test.operator, reading, as_of)
    return f"({sql}) IS NOT TRUE" if test.negated else sql


def _positive(operator: Operator, reading: Reading, as_of: str) -> str:
    dialect, x = reading.dialect, reading.x
    if operator.whole:
        return operator.sql(reading, as_of)
    if reading.storage is Storage.LIST:
        element = reading.element or Storage.TEXT
        return dialect.any_element(x, lambda e: operator.sql(Reading(dialect, e, element), as_of))
    single = operator.sql(reading, as_of)
    if not reading.is_mixed:
        return single
    listed = dialect.json_any_element(
        reading.json, lambda e: operator.sql(Reading(dialect, e, Storage.JSON), as_of)
    )
    return f"CASE WHEN {reading.is_list} THEN {listed} ELSE {single} END"


def slug(name: str) -> str:
    """A short plain identifier that recalls the name; never the name itself.

    >>> slug('web.form "quote"; DROP')
    'web_form_quote_drop'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower())[:24].strip("_") or "x"


def _and(parts: list[str]) -> str:
    kept = [part for part in parts if part != "TRUE"]
    return " AND ".join(kept) if kept else "TRUE"


def indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.split("\n"))
