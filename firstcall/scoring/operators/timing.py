"""Tests of dates and times: before or after a day, and how long ago or ahead."""

from __future__ import annotations

from dataclasses import dataclass

from firstcall.scoring.operators.operator import Operator, Subject
from firstcall.scoring.times import format_duration, format_moment
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
        return ("is not before " if negated else "is before ") + _day(self.moment)


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
        return ("is not after " if negated else "is after ") + _day(self.moment)


def _day(moment: int) -> str:
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
        return f"is {'not ' if negated else ''}in the last {format_duration(self.span)}"

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
        return f"is {'not ' if negated else ''}in the next {format_duration(self.span)}"

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
        return f"is {'not ' if negated else ''}at least {format_duration(self.span)} ago"

    @property
    def turns(self) -> tuple[int, ...]:
        return (self.span,)
