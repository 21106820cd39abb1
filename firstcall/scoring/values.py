"""One value of a field or property as the tests see it, and the kinds of value that columns have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from firstcall.scoring.numbers import millionths
from firstcall.scoring.text import fold
from firstcall.scoring.times import moment_of, parse_moment


class Kind(StrEnum):
    """The type of a field, as the language means it."""

    NUMBER = "number"
    TRUTH = "true/false"
    DATE = "date"
    TIME = "time"
    TEXT = "text"
    LIST = "list"
    EMPTY = "empty"  # a column without any value: every test may stand on it

    @property
    def is_moment(self) -> bool:
        return self in (Kind.DATE, Kind.TIME)


@dataclass(frozen=True)
class Value:
    """A Python value (None, str, bool, int, float, Decimal, date, datetime, list, dict) and its readings.

    own_column  the value comes from a touchpoint column of its own, where the texts true and false
                also count as true/false
    """

    raw: object
    own_column: bool = False

    @property
    def is_missing(self) -> bool:
        return self.raw is None

    @property
    def is_empty(self) -> bool:
        return self.raw is None or self.raw == "" or self.raw == []

    @property
    def elements(self) -> tuple[Value, ...]:
        """What a positive test looks at: the value itself, or the elements of a list."""
        if isinstance(self.raw, list | tuple):
            return tuple(Value(element) for element in self.raw)
        return (self,)

    @property
    def is_number(self) -> bool:
        """A number by type, not numeric text."""
        return not isinstance(self.raw, str) and self.number is not None

    @cached_property
    def number(self) -> int | None:
        """Millionths, of numbers and numeric text."""
        return millionths(self.raw)

    @property
    def text(self) -> str | None:
        return self.raw if isinstance(self.raw, str) else None

    @cached_property
    def folded(self) -> str | None:
        return fold(self.raw) if isinstance(self.raw, str) else None

    @property
    def truth(self) -> bool | None:
        if isinstance(self.raw, bool):
            return self.raw
        if self.own_column and self.folded in ("true", "false"):
            return self.folded == "true"
        return None

    @cached_property
    def moment(self) -> int | None:
        """Microseconds, of dates and times by type."""
        return moment_of(self.raw) if isinstance(self.raw, date | datetime) else None

    @cached_property
    def written_moment(self) -> int | None:
        """Microseconds, also of text in the form of a date or time."""
        return parse_moment(self.raw) if isinstance(self.raw, str) else self.moment


@dataclass(frozen=True)
class Operand:
    """What a rule compares with: a number, true/false, or text (that may also read as a number or moment)."""

    raw: str | bool | int | Decimal

    @cached_property
    def number(self) -> int | None:
        """Millionths, of numbers and numeric text."""
        return millionths(self.raw)

    @property
    def text(self) -> str | None:
        return self.raw if isinstance(self.raw, str) else None

    @cached_property
    def folded(self) -> str | None:
        return fold(self.raw) if isinstance(self.raw, str) else None

    @property
    def truth(self) -> bool | None:
        return self.raw if isinstance(self.raw, bool) else None

    @cached_property
    def moment(self) -> int | None:
        return parse_moment(self.raw) if isinstance(self.raw, str) else None
