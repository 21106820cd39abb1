"""The reference meaning of measures and tests: plain Python over one record and its touchpoints.

Written to be obviously right, not fast: the judge of the SQL engines. Source: scoring-rules, 2 and 3.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from firstcall.scoring.numbers import format_scaled, scale_decimal
from firstcall.scoring.operators import meets
from firstcall.scoring.rules import (
    MOST_LOOKUPS,
    Aggregate,
    All,
    Any,
    Condition,
    DaysSinceMeasure,
    FieldMeasure,
    Measure,
    Measured,
    Not,
    PropertyTest,
    Test,
    TouchpointMeasure,
    Window,
)
from firstcall.scoring.times import DAY
from firstcall.scoring.values import Value

MISSING = Value(None)

# Follows each element where lists are put in order.
END_OF_ELEMENT = "\x1f"


@dataclass(frozen=True)
class Amount(Value):
    """A measured number, exact at any size: a sum may pass the 10^12 that values from outside stay below."""

    @cached_property
    def number(self) -> int | None:
        return scale_decimal(Decimal(str(self.raw)), 6)


@dataclass(frozen=True)
class Touchpoint:
    """One interaction: `occurred_at` in microseconds; a property that is not there is missing."""

    type: str
    occurred_at: int
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """The typed fields of a record, `created_at` among them where it is known.

    related  the records that its look-ups lead to, by the look-up
    """

    fields: Mapping[str, Value]
    related: Mapping[str, Record] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """A record with its touchpoints, in any order, those dated after `as_of` included.

    of  those of its related people, all in one, by what a rule calls the people
    """

    record: Record
    touchpoints: Sequence[Touchpoint]
    of: Mapping[str, Sequence[Touchpoint]] = field(default_factory=dict)

    def until(self, moment: int) -> History:
        """What has happened by the moment, inclusive."""

        def happened(touchpoints: Sequence[Touchpoint]) -> Sequence[Touchpoint]:
            return [t for t in touchpoints if t.occurred_at <= moment]

        of = {people: happened(touchpoints) for people, touchpoints in self.of.items()}
        return History(self.record, happened(self.touchpoints), of)

    def touchpoints_of(self, people: str | None) -> Sequence[Touchpoint]:
        """The record's own, or those of its related people."""
        return self.touchpoints if people is None else self.of.get(people, ())


def passes(tests: Sequence[Test], value: Value, as_of: int) -> bool:
    """Whether the value passes all the tests."""
    return all(meets(test.operator, value, as_of) != test.negated for test in tests)


def has_type(touchpoint: Touchpoint, types: Sequence[str]) -> bool:
    """Whether the touchpoint is of one of the types `a.b`, `a.*`, `*`."""
    return any(
        pattern in ("*", touchpoint.type)
        or (pattern.endswith(".*") and touchpoint.type.startswith(pattern.removesuffix("*")))
        for pattern in types
    )


def in_window(window: Window, moment: int, as_of: int) -> bool:
    """Whether the window holds the moment; what is dated after `as_of` is in no window."""
    return (
        moment <= as_of
        and (window.in_last is None or as_of - window.in_last < moment)
        and (window.older_than is None or moment <= as_of - window.older_than)
        and (window.start is None or window.start <= moment)
        and (window.end is None or moment < window.end)
    )


def alike(
    measure: TouchpointMeasure | DaysSinceMeasure, history: History, as_of: int
) -> Sequence[Touchpoint]:
    """The touchpoints until `as_of` that the measure is about by type and `where`, before any window."""

    def fits(touchpoint: Touchpoint, entry: PropertyTest) -> bool:
        return passes(entry.tests, touchpoint.properties.get(entry.property, MISSING), as_of)

    return [
        touchpoint
        for touchpoint in history.touchpoints_of(measure.of)
        if touchpoint.occurred_at <= as_of
        and has_type(touchpoint, measure.types)
        and all(fits(touchpoint, entry) for entry in measure.where)
    ]


def matching(measure: TouchpointMeasure, history: History, as_of: int) -> Sequence[Touchpoint]:
    """The touchpoints that match, window included."""
    return [t for t in alike(measure, history, as_of) if in_window(measure.window, t.occurred_at, as_of)]


def value_of(measure: Measure, history: History, as_of: int) -> Value:
    """The measured value."""
    match measure:
        case FieldMeasure(name):
            return read_field(history.record, name)
        case DaysSinceMeasure():
            since = days_start(measure, history, as_of)
            return MISSING if since is None or since > as_of else Amount((as_of - since) // DAY)
        case TouchpointMeasure():
            return aggregated(measure, matching(measure, history, as_of))


def read_field(record: Record, name: str, *, lookups: int = MOST_LOOKUPS) -> Value:
    """The record's own field of that name; else, the name being `step.rest`, the field `rest` of the record that
    the look-up `step` leads to."""
    if name in record.fields:
        return record.fields[name]
    step, _, rest = name.partition(".")
    if not rest or not lookups or step not in record.related:
        return MISSING
    return read_field(record.related[step], rest, lookups=lookups - 1)


def days_start(measure: DaysSinceMeasure, history: History, as_of: int) -> int | None:
    """The moment that `days_since` counts from: the latest match, else `created_at`, which may lie ahead."""
    matches = alike(measure, history, as_of)
    if matches:
        return max(touchpoint.occurred_at for touchpoint in matches)
    return history.record.fields.get("created_at", MISSING).moment


def aggregated(measure: TouchpointMeasure, matches: Sequence[Touchpoint]) -> Value:
    """The value that a touchpoint measure makes of its matches."""
    moments = [touchpoint.occurred_at for touchpoint in matches]
    values = [touchpoint.properties.get(measure.property or "", MISSING) for touchpoint in matches]
    numbers = [value.number for value in values if value.number is not None]
    match measure.aggregate:
        case Aggregate.COUNT:
            return Amount(len(matches))
        case Aggregate.SUM:
            return _decimal(sum(numbers))
        case Aggregate.MAX:
            return _decimal(max(numbers)) if numbers else MISSING
        case Aggregate.MIN:
            return _decimal(min(numbers)) if numbers else MISSING
        case Aggregate.LATEST:
            return latest(zip(moments, values, strict=True))
        case Aggregate.DISTINCT:
            return Amount(len({identity for value in values if (identity := identity_of(value))}))
        case Aggregate.DISTINCT_DAYS:
            return Amount(len({moment // DAY for moment in moments}))
        case Aggregate.BUSIEST:
            return Amount(busiest(moments, measure.span or 0))


def _decimal(scaled: int) -> Amount:
    return Amount(Decimal(format_scaled(scaled, 6)))


def latest(dated: Iterable[tuple[int, Value]]) -> Value:
    """The newest value that is not missing; of several at one moment the one that ranks highest."""
    present = [(moment, value) for moment, value in dated if not value.is_missing]
    return max(present, key=lambda pair: (pair[0], rank(pair[1])))[1] if present else MISSING


type Rank = tuple[object, ...]


def rank(value: Value) -> Rank:
    """What decides between values at one moment: the greatest number, else the greatest text by code point.

    Where the language is silent: numeric text ranks as its number, just below the same number by type; below
    all texts stand true, false, dates and times, lists (by their elements' identities, the one after the other, as
    text), and last what has no order.
    """
    if value.number is not None:
        return (5, value.number, value.is_number, value.text or "", repr(value.raw))
    if value.text is not None:
        return (4, value.text)
    if isinstance(value.raw, bool):
        return (3, value.raw)
    if value.moment is not None:
        return (2, value.moment)
    if isinstance(value.raw, list | tuple):
        return (1, "".join(f"{_key(element)}{END_OF_ELEMENT}" for element in value.elements))
    return (0, repr(value.raw))


def _key(element: Value) -> str:
    """The identity as text; the compiler's is the same."""
    match identity_of(element):
        case None:
            return ""
        case "truth", truth:
            return f"b{str(truth).lower()}"
        case kind, read:
            return f"{kind[0]}{read}"


def identity_of(value: Value) -> tuple[str, object] | None:
    """What makes a value different from others for `distinct`; None for what is left out.

    >>> identity_of(Value("1")), identity_of(Value(1)), identity_of(Value([1]))
    (('text', '1'), ('number', 1000000), None)
    """
    if value.text is not None:
        return "text", value.text
    if isinstance(value.raw, bool):
        return "truth", value.raw
    if isinstance(value.raw, date):
        return "moment", value.moment
    return None if value.number is None else ("number", value.number)


def busiest(moments: Sequence[int], span: int) -> int:
    """The most moments j with i - span < j <= i, over all moments i.

    >>> busiest([0, 5, 9, 10], 10), busiest([], 10)
    (3, 0)
    """
    ordered = sorted(moments)
    return max((bisect_right(ordered, i) - bisect_right(ordered, i - span) for i in ordered), default=0)


def holds(condition: Condition, history: History, as_of: int) -> bool:
    """Whether the condition holds."""
    match condition:
        case Measured(measure, tests):
            return passes(tests, value_of(measure, history, as_of), as_of)
        case All(conditions):
            return all(holds(inner, history, as_of) for inner in conditions)
        case Any(conditions):
            return any(holds(inner, history, as_of) for inner in conditions)
        case Not(inner):
            return not holds(inner, history, as_of)
