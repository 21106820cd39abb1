"""From a criterion to SQL over its record's aggregates: its points, its value, its next moment of change.

What `next_change_at` is, class by class, stands in docs/decisions/001-next-change.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from firstcall.scoring.columns import Columns, Storage
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.compiling.each_points import (
    enough_for_cap,
    outgrows,
    points_of_number,
    points_of_whole,
    quotient_of_whole,
)
from firstcall.scoring.compiling.fading import Fading
from firstcall.scoring.compiling.gathering import Gathering, Match, sql_of_test
from firstcall.scoring.compiling.readings import Reading
from firstcall.scoring.compiling.shown import Shown, shown_as
from firstcall.scoring.compiling.steps import Steps, capped_steps, steps_of_table, steps_of_tests
from firstcall.scoring.compiling.turns import turning
from firstcall.scoring.compiling.ways import Ways
from firstcall.scoring.compiling.windows import match_of, never_matches, next_events, of_any_age, waiting
from firstcall.scoring.links import NowhereError, Reached, find_field
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.rules import (
    Aggregate,
    All,
    Any,
    Condition,
    Criterion,
    DaysSinceMeasure,
    Each,
    FieldMeasure,
    Measured,
    Not,
    Points,
    Row,
    Table,
    Test,
    TouchpointMeasure,
    Worth,
    leaves,
)
from firstcall.scoring.times import DAY, LAST_MOMENT

# More days than lie between the years 1 and 9999: what takes longer never comes.
_ENDLESS_DAYS = 3_660_000
# Above this many boundaries the newest times are not kept one by one.
_MOST_BOUNDARIES = 64

_WHOLE = (Aggregate.COUNT, Aggregate.DISTINCT, Aggregate.DISTINCT_DAYS, Aggregate.BUSIEST)


@dataclass(frozen=True)
class Judged:
    """What a criterion comes to, as SQL: points (whole hundredths), value, and moments of which the earliest
    is its next change; each may be NULL."""

    points: str
    value: str
    moments: tuple[str, ...]
    wide: bool = False  # points that may not fit 64 bits
    shown: Shown = Shown.PLAIN


class Judge:
    """Asks the gathering for what criteria need and writes the expressions over it."""

    def __init__(self, dialect: Dialect, columns: Columns, gathering: Gathering) -> None:
        self.dialect = dialect
        self.columns = columns
        self.gathering = gathering
        self.as_of = gathering.as_of
        self.fading = Fading(gathering)
        # Columns of the stage before: name -> SQL over the joined aggregates, the record and what it leads to.
        self.measured: dict[str, str] = {}
        self.ways = Ways(columns, gathering.restricted)

    def judge(self, criterion: Criterion, arrives: Sequence[str], *, with_value: bool) -> Judged:
        """`arrives`: columns with the next touchpoints after `as_of`, for touchpoint criteria."""
        value, shown = self._shown(criterion.condition) if with_value else ("NULL", Shown.PLAIN)
        points, moments = self._judge_condition(criterion.condition, criterion.worth)
        if isinstance(criterion.worth, Points) and criterion.worth.points == 0:
            moments = []
        elif criterion.is_touchpoint:
            moments = [*moments, *arrives]
        return Judged(points, value, tuple(moments), is_wide(criterion), shown)

    def applies(self, condition: Condition) -> str:
        """A condition of `applies_to`, never NULL."""
        return self._holds(condition, self.as_of)

    def applies_next(self, condition: Condition) -> list[str]:
        """When the condition's answer may next change: as of a criterion that is worth one point."""
        return self._judge_condition(condition, Points(1))[1]

    def _judge_condition(self, condition: Condition, worth: Worth) -> tuple[str, list[str]]:
        match condition:
            case Measured(FieldMeasure(name), tests):
                return self._judge_field(name, tests, worth)
            case Measured(DaysSinceMeasure() as measure, tests):
                return self._judge_days(measure, tests, worth)
            case Measured(TouchpointMeasure() as measure, tests):
                return self._judge_touchpoints(measure, tests, worth)
        return self._judge_combined(condition, worth)

    # --- fields

    def field(self, name: str) -> Reading:
        found = self._find(name)
        if found is None:
            return Reading(self.dialect, "CAST(NULL AS VARCHAR(1))", Storage.TEXT)
        column, alias = found.column, self.ways.alias(found.way)
        ref = f"{alias}_{column.ref}" if found.way else column.ref
        self.measured.setdefault(ref, f"{alias}.{column.ref}")
        return Reading(self.dialect, ref, column.storage, column.element)

    def _find(self, name: str) -> Reached | None:
        try:
            return find_field(self.columns, name)
        except NowhereError:
            return None

    def _judge_field(self, name: str, tests: tuple[Test, ...], worth: Worth) -> tuple[str, list[str]]:
        reading = self.field(name)
        rows = _rows(tests, worth)

        def points(as_of: str) -> str:
            return self._row_points(rows, reading, as_of)

        candidates = self._field_moments(reading, [test for row in rows for test in row.tests])
        if len({0, *(row.points for row in rows)}) == 1:
            candidates = []
        return points(self.as_of), self._first_differing(candidates, points)

    def _row_points(self, rows: tuple[Row, ...], reading: Reading, as_of: str) -> str:
        """The points of the first row whose tests all hold."""
        branches, default = [], 0
        for row in rows:
            if not row.tests:
                default = row.points
                break
            tests = _all_of([sql_of_test(test, reading, as_of) for test in row.tests])
            branches.append(f"WHEN {tests} THEN {row.points}")
        return f"CASE {' '.join(branches)} ELSE {default} END" if branches else str(default)

    def _field_moments(self, reading: Reading, tests: list[Test]) -> list[str]:
        """The moments at which the answers of time tests on the field may turn."""
        turns = sorted({turn for test in tests for turn in test.operator.turns})
        if not turns or reading.moment is None:
            return []
        return [reading.moment if turn == 0 else f"{reading.moment} + {turn}" for turn in turns]

    def _first_differing(self, candidates: list[str], worth: Callable[[str], str]) -> list[str]:
        """The first candidate after `as_of` at which `worth` differs from now."""
        if not candidates:
            return []
        now = worth(self.as_of)

        def holds(moment: str) -> str:
            return f"{moment} > {self.as_of} AND {worth(moment)} <> {now}"

        if len(candidates) > 3:
            return [self.dialect.first_moment(candidates, holds)]
        return [f"CASE WHEN {holds(candidate)} THEN {candidate} END" for candidate in candidates]

    # --- days_since

    def _days(self, measure: DaysSinceMeasure) -> tuple[str, str]:
        """Columns: the moment that days count from (may lie ahead), and the whole days (NULL: missing)."""
        types = tuple(sorted(set(measure.types)))
        newest = self.gathering.newest(Match(types, measure.where, of=measure.of))
        created = self.columns.records.fields.get("created_at")
        moment = created and Reading(self.dialect, f"r.{created.ref}", created.storage).moment
        since = f"COALESCE({newest}, {moment})" if moment else newest
        stem = newest.removesuffix("_newest")
        self.measured[f"{stem}_since"] = since
        days = self.dialect.floor_divide(f"{self.as_of} - {since}", str(DAY))
        self.measured[f"{stem}_days"] = f"CASE WHEN {since} <= {self.as_of} THEN {days} END"
        return f"{stem}_since", f"{stem}_days"

    def _judge_days(
        self, measure: DaysSinceMeasure, tests: tuple[Test, ...], worth: Worth
    ) -> tuple[str, list[str]]:
        since, days = self._days(measure)
        if isinstance(worth, Each):
            return self._judge_days_each(worth, since, days)
        steps = _steps(tests, worth)
        reachable = [b for b in steps.boundaries if b < _ENDLESS_DAYS]
        steps_ahead = Steps(
            steps.starts[: len(reachable) + 1], steps.values[: len(reachable) + 1], steps.missing
        )
        # Before `created_at` the value is missing; there the first change is day 0 or the first boundary.
        if steps.missing != steps.values[0]:
            ahead = "0"
        else:
            ahead = str(reachable[0]) if reachable else "NULL"
        following = f"CASE WHEN {days} IS NULL THEN {ahead} ELSE {steps_ahead.next_boundary_sql(days)} END"
        moments = [] if ahead == "NULL" and not reachable else [f"{since} + {DAY} * {following}"]
        return steps.sql(days), moments

    def _judge_days_each(self, worth: Each, since: str, days: str) -> tuple[str, list[str]]:
        points = points_of_whole(self.dialect, worth, f"COALESCE({days}, 0)")
        if not worth.points or worth.at_most == 0 or worth.every > _ENDLESS_DAYS * MILLION:
            return points, []
        quotient = quotient_of_whole(self.dialect, f"COALESCE({days}, 0)", worth.every)
        following = self.dialect.floor_divide(
            f"({quotient} + 1) * {worth.every} + {MILLION - 1}", str(MILLION)
        )
        moment = f"{since} + {DAY} * {following}"
        if worth.at_most is not None:
            moment = f"CASE WHEN {quotient} < {enough_for_cap(worth)} THEN {moment} END"
        return points, [moment]

    # --- touchpoints

    def _judge_touchpoints(
        self, measure: TouchpointMeasure, tests: tuple[Test, ...], worth: Worth
    ) -> tuple[str, list[str]]:
        if isinstance(worth, Points) and worth.decay:
            return self.fading.judge_newest(measure, worth.points, worth.decay)
        if isinstance(worth, Each) and worth.decay:
            return self.fading.judge_each(measure, worth, worth.decay)
        if measure.aggregate is Aggregate.COUNT:
            return self._judge_count(measure, tests, worth)
        events = next_events(self.gathering, measure)
        if isinstance(worth, Each):
            if measure.aggregate in _WHOLE:
                return points_of_whole(self.dialect, worth, self._whole(measure)), events
            return points_of_number(self.dialect, worth, self._reading(measure).x), events
        if measure.aggregate in _WHOLE:
            return _steps(tests, worth).sql(self._whole(measure)), events
        return self._row_points(_rows(tests, worth), self._reading(measure), self.as_of), events

    def _judge_count(
        self, measure: TouchpointMeasure, tests: tuple[Test, ...], worth: Worth
    ) -> tuple[str, list[str]]:
        count = self._whole(measure)
        if not isinstance(worth, Each):
            steps = _steps(tests, worth)
            return steps.sql(count), self._count_next(measure, count, steps)
        points = points_of_whole(self.dialect, worth, count)
        if worth.at_most is not None and enough_for_cap(worth) <= _MOST_BOUNDARIES:
            steps = capped_steps(worth.points, worth.every, worth.at_most)
            return points, self._count_next(measure, count, steps)
        if not worth.points or worth.at_most == 0 or not measure.window.moves:
            return points, []
        if worth.at_most is None and worth.every == MILLION:
            return points, next_events(self.gathering, measure)
        return points, self._turning(measure, lambda n: points_of_whole(self.dialect, worth, n), key=worth)

    def _count_next(self, measure: TouchpointMeasure, count: str, steps: Steps) -> list[str]:
        """The first moment at which the steps of the count differ."""
        window = measure.window
        if steps.is_constant or not window.moves or never_matches(window):
            return []
        match = match_of(measure)
        most = steps.boundaries[-1]
        # Several may leave or come at one moment; only where no two steps are alike is any move a change.
        moves_show = len(set(steps.values)) == len(steps.values)
        if window.older_than is None and most <= _MOST_BOUNDARIES and moves_show:
            # The b-th newest leaves last of those that hold the count at b.
            if most == 1:
                newest = self.gathering.newest(match)
                return [f"{newest} + {window.in_last}"]
            times = self.gathering.newest_times(match, most)
            bth = steps.last_boundary_sql(count, lambda b: self.dialect.item(times, b))
            return [f"{bth} + {window.in_last}"]
        if window.in_last is None and steps.widest <= _MOST_BOUNDARIES and moves_show:
            # The count only grows: as many of those that wait as are missing to the next boundary must come.
            if steps.widest == 1:
                waits = self.gathering.oldest(waiting(match))
                return [f"CASE WHEN {count} < {most} THEN {waits} + {window.older_than} END"]
            times = self.gathering.oldest_times(waiting(match), steps.widest)
            missing = f"({steps.next_boundary_sql(count)}) - {count}"
            return [f"{self.dialect.item(times, missing)} + {window.older_than}"]
        return self._turning(measure, steps.sql, key=steps)

    def _turning(self, measure: TouchpointMeasure, worth: Callable[[str], str], *, key: object) -> list[str]:
        window = measure.window
        if never_matches(window):
            return []
        turns = [(window.older_than or 0, 1)]
        if window.in_last is not None:
            turns.append((window.in_last, -1))
        return [turning(self.gathering, of_any_age(match_of(measure)), turns, worth, key=key)]

    # --- all, any, not

    def _judge_combined(self, condition: Condition, worth: Worth) -> tuple[str, list[str]]:
        gained = _rows((), worth)[0].points

        def points(as_of: str) -> str:
            return f"CASE WHEN {self._holds(condition, as_of)} THEN {gained} ELSE 0 END"

        return points(self.as_of), self._combined_next(condition, gained, points)

    def _combined_next(self, condition: Condition, gained: int, points: Callable[[str], str]) -> list[str]:
        parts = list(leaves(condition))
        fields = [(leaf.measure.name, leaf.tests) for leaf in parts if isinstance(leaf.measure, FieldMeasure)]
        if len(fields) == len(parts):
            candidates = [m for name, tests in fields for m in self._leaf_field_moments(name, tests)]
            candidates = list(dict.fromkeys(candidates)) if gained else []
            return self._first_differing(candidates, points)
        return [moment for leaf in parts for moment in self._leaf_next(leaf)]

    def _leaf_field_moments(self, name: str, tests: tuple[Test, ...]) -> list[str]:
        return self._field_moments(self.field(name), list(tests))

    def _leaf_next(self, leaf: Measured) -> list[str]:
        """The next moment at which the measured value may change."""
        match leaf.measure:
            case FieldMeasure(name):
                moments = self._leaf_field_moments(name, leaf.tests)
                return [f"CASE WHEN {moment} > {self.as_of} THEN {moment} END" for moment in moments]
            case TouchpointMeasure() as measure:
                return next_events(self.gathering, measure)
            case DaysSinceMeasure() as measure:
                since, days = self._days(measure)
                return [f"{since} + {DAY} * COALESCE({days} + 1, 0)"]

    def _holds(self, condition: Condition, as_of: str) -> str:
        """The condition as of a moment, never NULL."""
        match condition:
            case Not(inner):
                return f"NOT {self._holds(inner, as_of)}"
            case All(conditions):
                return "(" + " AND ".join(self._holds(c, as_of) for c in conditions) + ")"
            case Any(conditions):
                return "(" + " OR ".join(self._holds(c, as_of) for c in conditions) + ")"
            case Measured(measure, tests):
                return self._leaf_holds(measure, tests, as_of)

    def _leaf_holds(
        self,
        measure: FieldMeasure | TouchpointMeasure | DaysSinceMeasure,
        tests: tuple[Test, ...],
        as_of: str,
    ) -> str:
        match measure:
            case DaysSinceMeasure():
                return steps_of_tests(tests, 1).truth_sql(self._days(measure)[1])
            case TouchpointMeasure(aggregate=aggregate) if aggregate in _WHOLE:
                return steps_of_tests(tests, 1).truth_sql(self._whole(measure))
            case TouchpointMeasure():
                reading = self._reading(measure)
            case FieldMeasure(name):
                reading = self.field(name)
        return f"COALESCE({_all_of([sql_of_test(test, reading, as_of) for test in tests])}, FALSE)"

    # --- measured values

    def _whole(self, measure: TouchpointMeasure) -> str:
        """A column with the whole number that is measured, never NULL."""
        match = match_of(measure)
        if never_matches(measure.window):
            return "0"
        match measure.aggregate:
            case Aggregate.COUNT:
                column = self.gathering.count(match)
            case Aggregate.DISTINCT:
                column = self.gathering.distinct(match, measure.property or "")
            case Aggregate.DISTINCT_DAYS:
                column = self.gathering.distinct_days(match)
            case _:
                column = self.gathering.busiest(match, measure.span or 0)
        self.measured[f"{column}_or_0"] = f"COALESCE({column}, 0)"
        return f"{column}_or_0"

    def _reading(self, measure: TouchpointMeasure) -> Reading:
        """The value of a sum, an extreme or the latest."""
        match, name = match_of(measure), measure.property or ""
        if measure.aggregate is Aggregate.LATEST:
            of = self.gathering.reading(name)
            return Reading(
                self.dialect, self.gathering.latest(match, name), of.storage, of.element, of.own_column
            )
        column = self.gathering.number(match, measure.aggregate.upper(), name)
        if measure.aggregate is Aggregate.SUM:
            self.measured[f"{column}_or_0"] = f"COALESCE({column}, 0)"
            column += "_or_0"
        return Reading(self.dialect, column, Storage.MILLIONTHS)

    def _shown(self, condition: Condition) -> tuple[str, Shown]:
        """The value that the explanation shows, and how it comes back."""
        match condition:
            case Measured(FieldMeasure(name), _):
                reading, found = self.field(name), self._find(name)
                kind = found.column.kind if found else None
                return self._written(reading), shown_as(reading.storage, kind)
            case Measured(DaysSinceMeasure() as measure, _):
                return self._days(measure)[1], Shown.PLAIN
            case Measured(TouchpointMeasure() as measure, _) if measure.aggregate in _WHOLE:
                return self._whole(measure), Shown.PLAIN
            case Measured(TouchpointMeasure() as measure, _):
                reading = self._reading(measure)
                return self._written(reading), shown_as(reading.storage)
        return "CAST(NULL AS BIGINT)", Shown.PLAIN

    def _written(self, reading: Reading) -> str:
        if reading.is_mixed:
            return self.dialect.json_written(reading.json)
        return reading.moment or reading.x


def earliest(moments: Iterable[str]) -> str:
    """The earliest of the moments, NULL ones passed over."""
    kept = list(dict.fromkeys(moments))
    if not kept:
        return "NULL"
    return kept[0] if len(kept) == 1 else f"LEAST({', '.join(kept)})"


def in_calendar(moment: str) -> str:
    """The moment, NULL where it lies past the year 9999. For a column: an expression would be computed twice."""
    return f"CASE WHEN {moment} <= {LAST_MOMENT} THEN {moment} END"


def is_wide(criterion: Criterion) -> bool:
    """Whether its points may not fit 64 bits."""
    worth, condition = criterion.worth, criterion.condition
    if not isinstance(worth, Each) or worth.at_most is not None or worth.decay or not worth.points:
        return False
    measure = condition.measure if isinstance(condition, Measured) else None
    numbers = isinstance(measure, TouchpointMeasure) and measure.aggregate not in _WHOLE
    return numbers or outgrows(worth)


def _rows(tests: tuple[Test, ...], worth: Worth) -> tuple[Row, ...]:
    """The worth as a table."""
    return worth.rows if isinstance(worth, Table) else (Row(tests, worth.points),)


def _steps(tests: tuple[Test, ...], worth: Worth) -> Steps:
    return steps_of_table(_rows(tests, worth))


def _all_of(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else "(" + " AND ".join(conditions) + ")"
