"""Tests of dates and times: before or after a day, and how long ago or ahead."""

from __future__ import annotations

from dataclasses import dataclass

from firstcall.scoring.operators.meaning import Operator, Subject
from firstcall.scoring.saying import said
from firstcall.scoring.spans import WITHIN_LAST, WITHIN_NEXT, span_phrase
from firstcall.scoring.times import format_moment
from firstcall.scoring.values import Kind, Value


@dataclass(frozen=True, slots=True)
class Before(Operator):
    """`before: D`: a date or time, or a property's text in that form, strictly before D."""

    moment: int

    def fits(self, kind: Kind) -> bool:
        return kind.is_moment or kind in (Kind.LIST, Kind.EMPTY)

    def holds(self, value: Value, as_of: int) -> bool:
        moment = value.written_moment
        return moment is not None and moment < self.moment

    def sql(self, subject: Subject, as_of: str) -> str:
        moment = subject.written_moment
        return "FALSE" if moment is None else f"{moment} < {self.moment}"

    def phrase(self, negated: bool) -> str:
        day = format_day(self.moment)
        return said("is not before {day}", day=day) if negated else said("is before {day}", day=day)


@dataclass(frozen=True, slots=True)
class After(Operator):
    """`after: D`: a date or time, or a property's text in that form, strictly after D."""

    moment: int

    def fits(self, kind: Kind) -> bool:
        return kind.is_moment or kind in (Kind.LIST, Kind.EMPTY)

    def holds(self, value: Value, as_of: int) -> bool:
        moment = value.written_moment
        return moment is not None and moment > self.moment

    def sql(self, subject: Subject, as_of: str) -> str:
        moment = subject.written_moment
        return "FALSE" if moment is None else f"{moment} > {self.moment}"

    def phrase(self, negated: bool) -> str:
        day = format_day(self.moment)
        return said("is not after {day}", day=day) if negated else said("is after {day}", day=day)


def format_day(moment: int) -> str:
    """The moment, as a date where it is a midnight.

    >>> format_day(0), format_day(1_000_000)
    ('1970-01-01', '1970-01-01T00:00:01Z')
    """
    return format_moment(moment).removesuffix("T00:00:00Z")


@dataclass(frozen=True, slots=True)
class InLast(Operator):
    """`in_last: DURATION` on a field: as_of - d < v <= as_of."""

    span: int

    def fits(self, kind: Kind) -> bool:
        return kind.is_moment or kind is Kind.EMPTY

    def holds(self, value: Value, as_of: int) -> bool:
        return value.moment is not None and as_of - self.span < value.moment <= as_of

    def sql(self, subject: Subject, as_of: str) -> str:
        if subject.moment is None:
            return "FALSE"
        return f"({subject.moment} > {as_of} - {self.span} AND {subject.moment} <= {as_of})"

    def phrase(self, negated: bool) -> str:
        span = span_phrase(self.span, WITHIN_LAST)
        return said("is not {span}", span=span) if negated else said("is {span}", span=span)

    @property
    def turns(self) -> tuple[int, ...]:
        return (0, self.span)


@dataclass(frozen=True, slots=True)
class InNext(Operator):
    """`in_next: DURATION` on a field: as_of < v <= as_of + d."""

    span: int

    def fits(self, kind: Kind) -> bool:
        return kind.is_moment or kind is Kind.EMPTY

    def holds(self, value: Value, as_of: int) -> bool:
        return value.moment is not None and as_of < value.moment <= as_of + self.span

    def sql(self, subject: Subject, as_of: str) -> str:
        if subject.moment is None:
            return "FALSE"
        return f"({subject.moment} > {as_of} AND {subject.moment} <= {as_of} + {self.span})"

    def phrase(self, negated: bool) -> str:
        span = span_phrase(self.span, WITHIN_NEXT)
        return said("is not {span}", span=span) if negated else said("is {span}", span=span)

    @property
    def turns(self) -> tuple[int, ...]:
        return (-self.span, 0)


@dataclass(frozen=True, slots=True)
class OlderThan(Operator):
    """`older_than: DURATION` on a field: v <= as_of - d."""

    span: int

    def fits(self, kind: Kind) -> bool:
        return kind.is_moment or kind is Kind.EMPTY

    def holds(self, value: Value, as_of: int) -> bool:
        return value.moment is not None and value.moment <= as_of - self.span

    def sql(self, subject: Subject, as_of: str) -> str:
        return "FALSE" if subject.moment is None else f"{subject.moment} <= {as_of} - {self.span}"

    def phrase(self, negated: bool) -> str:
        span = span_phrase(self.span)
        if negated:
            return said("is not at least {span} ago", span=span)
        return said("is at least {span} ago", span=span)

    @property
    def turns(self) -> tuple[int, ...]:
        return (self.span,)
