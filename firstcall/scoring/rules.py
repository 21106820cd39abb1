"""A scoring rule as frozen values: what `reading` makes of a document and what all else works on.

Points are whole hundredths, durations and moments whole microseconds, numbers whole millionths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from firstcall.scoring.numbers import MILLION
from firstcall.scoring.operators import Operator

MOST_STEPS = 2_000
MOST_LOOKUPS = 3  # that one field, or one `of`, reaches through


@dataclass(frozen=True, slots=True)
class Test:
    """One key of a condition, `not_contains: x`: an operator, or its exact opposite."""

    __test__ = False  # a test of the rule language, not one of pytest's

    key: str
    operator: Operator
    negated: bool = False


class Aggregate(StrEnum):
    """What is measured over the matching touchpoints."""

    COUNT = "count"
    SUM = "sum"
    MAX = "max"
    MIN = "min"
    LATEST = "latest"
    DISTINCT = "distinct"
    DISTINCT_DAYS = "distinct_days"
    BUSIEST = "busiest"


@dataclass(frozen=True, slots=True)
class Window:
    """Which moments count: as_of - in_last < t <= as_of - older_than (or as_of), start <= t < end."""

    in_last: int | None = None
    older_than: int | None = None
    start: int | None = None
    end: int | None = None

    @property
    def moves(self) -> bool:
        """Whether time alone moves touchpoints in or out."""
        return self.in_last is not None or self.older_than is not None


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """One entry of `where`: a property of the touchpoint with the tests that must all hold."""

    property: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class FieldMeasure:
    """`field: NAME`, of the record itself, or of one that its look-ups lead to: `account.industry`."""

    name: str


@dataclass(frozen=True, slots=True)
class TouchpointMeasure:
    """`touchpoint: TYPE`, counted or aggregated; types are `a.b`, `a.*` or `*`.

    of  whose touchpoints: those of the related people that this path leads to; None is the record's own
    """

    types: tuple[str, ...]
    where: tuple[PropertyTest, ...] = ()
    window: Window = Window()
    aggregate: Aggregate = Aggregate.COUNT
    property: str | None = None
    span: int | None = None  # of `busiest`
    of: str | None = None


@dataclass(frozen=True, slots=True)
class DaysSinceMeasure:
    """`days_since: TYPE`; `of` as above."""

    types: tuple[str, ...]
    where: tuple[PropertyTest, ...] = ()
    of: str | None = None


type Measure = FieldMeasure | TouchpointMeasure | DaysSinceMeasure


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure with the tests that must all hold. A count without a test has been given its `gte: 1`
    by `reading`, except below `each` and `table`, where there are no tests."""

    measure: Measure
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class All:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


type Condition = Measured | All | Any | Not


@dataclass(frozen=True, slots=True)
class Decay:
    """How points fade by full steps of age: by a share (in hundredths of a percent) or by points."""

    every: int
    lose_share: int | None = None  # 1 .. 10_000
    lose_points: int | None = None

    def ladder(self, points: int) -> tuple[int, ...]:
        """The points after 0, 1, 2 … full steps, from exact powers, up to the last step that is not 0.

        >>> Decay(every=1, lose_share=5_000).ladder(10)
        (10, 5, 3, 1, 1)
        >>> Decay(every=1, lose_points=40).ladder(-100)
        (-100, -60, -20)
        """
        size, sign = abs(points), -1 if points < 0 else 1
        steps: list[int] = []
        kept = Fraction(10_000 - (self.lose_share or 0), 10_000)
        power = Fraction(size)
        while size > 0:
            steps.append(sign * size)
            if self.lose_points is not None:
                size -= self.lose_points
            else:
                power *= kept
                size = int(power + Fraction(1, 2))
        return tuple(steps)


@dataclass(frozen=True, slots=True)
class Points:
    """`points: N`, once when the tests hold; with a decay, by the age of the newest match."""

    points: int
    decay: Decay | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """`each: N`: N x floor(value / every), kept within -at_most … at_most; or a decayed N a touchpoint."""

    points: int
    every: int = MILLION  # millionths
    at_most: int | None = None
    decay: Decay | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; without tests it is the default."""

    tests: tuple[Test, ...]
    points: int


@dataclass(frozen=True, slots=True)
class Table:
    """`table`: the first row whose tests all hold decides; no row is worth 0."""

    rows: tuple[Row, ...]


type Worth = Points | Each | Table


@dataclass(frozen=True)
class Criterion:
    """One line of a rule. `position` is its index in the document, disabled ones counted."""

    name: str
    condition: Condition
    worth: Worth
    group: str | None = None
    position: int = 0

    @cached_property
    def is_touchpoint(self) -> bool:
        """A touchpoint criterion if any of its measures is of touchpoints, else a fit criterion."""
        return reads_touchpoints(self.condition)


@dataclass(frozen=True, slots=True)
class Group:
    """Bounds of the sum of a group's criteria."""

    name: str
    at_most: int | None = None
    at_least: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    name: str
    threshold: int


@dataclass(frozen=True, slots=True)
class Grades:
    """Grade tables, highest threshold first: of the total, or in two parts, fit and touchpoints."""

    total: tuple[Grade, ...] = ()
    fit: tuple[Grade, ...] = ()
    touchpoints: tuple[Grade, ...] = ()

    @property
    def two_part(self) -> bool:
        return not self.total


@dataclass(frozen=True)
class Rule:
    """A whole rule: enabled criteria only, in the document's order."""

    name: str
    module: str
    criteria: tuple[Criterion, ...]
    description: str = ""
    applies_to: tuple[Condition, ...] = ()
    groups: tuple[Group, ...] = ()
    limits: Limits = field(default_factory=Limits)
    grades: Grades | None = None

    @cached_property
    def measured(self) -> tuple[Measured, ...]:
        """Every measure with its tests, of `applies_to` and the criteria, in order."""
        conditions = [*self.applies_to, *(criterion.condition for criterion in self.criteria)]
        return tuple(leaf for condition in conditions for leaf in leaves(condition))


def leaves(condition: Condition) -> Iterator[Measured]:
    """The measures of a condition, left to right."""
    match condition:
        case Measured():
            yield condition
        case Not(inner):
            yield from leaves(inner)
        case All(conditions) | Any(conditions):
            for inner in conditions:
                yield from leaves(inner)


def reads_touchpoints(condition: Condition) -> bool:
    """Whether any measure of the condition is of touchpoints."""
    return any(not isinstance(leaf.measure, FieldMeasure) for leaf in leaves(condition))


def types_read(rule: Rule) -> dict[str | None, tuple[str, ...]]:
    """Every touchpoint type that the rule reads, sorted, by whose touchpoints they are (see `of`)."""
    types: dict[str | None, set[str]] = {}
    for leaf in rule.measured:
        if not isinstance(leaf.measure, FieldMeasure):
            types.setdefault(leaf.measure.of, set()).update(leaf.measure.types)
    return {of: tuple(sorted(read)) for of, read in types.items()}


def fields_read(rule: Rule) -> frozenset[str]:
    """The name of every field that the rule reads, as it is written."""
    return frozenset(leaf.measure.name for leaf in rule.measured if isinstance(leaf.measure, FieldMeasure))


def signs_of(worth: Worth) -> set[int]:
    """Whether the worth may be gained points (1), lost points (-1) or both; 0 counts as gained."""
    if isinstance(worth, Table):
        return {-1 if row.points < 0 else 1 for row in worth.rows}
    return {-1 if worth.points < 0 else 1}
