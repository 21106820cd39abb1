"""The tests of the rule language. One class a test: its Python meaning, its SQL and its English stand together.

A negative key (`is_not`, `empty: false`) is the same operator, negated by `rules.Test`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from firstcall.scoring.numbers import format_scaled
from firstcall.scoring.text import has_word
from firstcall.scoring.times import format_duration, format_moment
from firstcall.scoring.values import Kind, Operand, Value


class Subject(Protocol):
    """One value in SQL: its readings as expressions, None where its storage rules that reading out.

    A reading is SQL NULL where the value does not read so; a dialect supplies the functions.
    """

    @property
    def number(self) -> str | None:
        """Millionths, of numbers and numeric text."""

    @property
    def typed_number(self) -> str | None:
        """Millionths, of numbers by type only."""

    @property
    def folded(self) -> str | None:
        """Folded text, of texts by type."""

    @property
    def truth(self) -> str | None:
        """A boolean."""

    @property
    def moment(self) -> str | None:
        """Microseconds, of dates and times by type."""

    @property
    def written_moment(self) -> str | None:
        """Microseconds, also of text in the form of a date or time."""

    @property
    def emptiness(self) -> str:
        """A boolean, never NULL: missing, empty text or empty list."""

    # What is asked of `folded` where there is a text at all; the parts are folded.
    def is_among(self, texts: Sequence[str]) -> str: ...
    def contains(self, part: str) -> str: ...
    def starts_with(self, part: str) -> str: ...
    def ends_with(self, part: str) -> str: ...
    def has_words(self, words: Sequence[str]) -> str: ...


class Operator(ABC):
    """A positive test."""

    __slots__ = ()

    # Whether the test looks at a list as a whole and not at its elements.
    whole: ClassVar[bool] = False

    @abstractmethod
    def fits(self, kind: Kind) -> bool:
        """Whether the test can apply to a field of this kind."""

    @abstractmethod
    def holds(self, value: Value, as_of: int) -> bool:
        """The meaning, for one value that is no list (but for `whole` operators)."""

    @abstractmethod
    def sql(self, subject: Subject, as_of: str) -> str:
        """The meaning in SQL, for one value that is no list; NULL counts as false."""

    @abstractmethod
    def phrase(self, negated: bool) -> str:
        """The test in English, after the name of what is tested."""

    @property
    def turns(self) -> tuple[int, ...]:
        """The ages of the value (as_of - value, microseconds) at which the answer may turn with time."""
        return ()


def meets(operator: Operator, value: Value, as_of: int) -> bool:
    """The positive test on a value or on any element of a list."""
    if operator.whole:
        return operator.holds(value, as_of)
    return any(operator.holds(element, as_of) for element in value.elements)


def _any_of(parts: list[str]) -> str:
    if not parts:
        return "FALSE"
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"


def _listed(values: tuple[str, ...]) -> str:
    if len(values) > 4:
        values = (*values[:3], f"{len(values) - 3} more")
    return values[0] if len(values) == 1 else ", ".join(values[:-1]) + " or " + values[-1]


def written(operand: Operand) -> str:
    """An operand as English shows it."""
    if isinstance(operand.raw, bool):
        return "true" if operand.raw else "false"
    if isinstance(operand.raw, str):
        return f"“{operand.raw}”"
    return str(operand.raw)


@dataclass(frozen=True, slots=True)
class Is(Operator):
    """`is: X` and `in: [X, …]`."""

    operands: tuple[Operand, ...]

    def fits(self, kind: Kind) -> bool:
        match kind:
            case Kind.NUMBER:
                return all(operand.number is not None for operand in self.operands)
            case Kind.TRUTH:
                return all(operand.truth is not None for operand in self.operands)
            case Kind.TEXT:
                return all(operand.truth is None for operand in self.operands)
            case Kind.DATE | Kind.TIME:
                return all(operand.moment is not None for operand in self.operands)
        return True

    def holds(self, value: Value, as_of: int) -> bool:
        return any(self._equals(operand, value) for operand in self.operands)

    @staticmethod
    def _equals(operand: Operand, value: Value) -> bool:
        if operand.truth is not None:
            return value.truth is operand.truth
        if operand.text is None:
            return operand.number is not None and value.number == operand.number
        if value.folded is not None:
            return value.folded == operand.folded
        if value.moment is not None:
            return value.moment == operand.moment
        return operand.number is not None and value.is_number and value.number == operand.number

    def sql(self, subject: Subject, as_of: str) -> str:
        texts = [o.folded for o in self.operands if o.folded is not None]
        typed = [str(o.number) for o in self.operands if o.text is not None and o.number is not None]
        numbers = [str(o.number) for o in self.operands if o.text is None and o.number is not None]
        moments = [str(o.moment) for o in self.operands if o.moment is not None]
        truths = {o.truth for o in self.operands if o.truth is not None}
        parts = [subject.is_among(list(dict.fromkeys(texts)))] if texts and subject.folded is not None else []
        parts += [
            among(reading, values)
            for reading, values in (
                (subject.typed_number, typed),
                (subject.number, numbers),
                (subject.moment, moments),
            )
            if reading is not None and values
        ]
        if subject.truth is not None:
            parts += [f"({subject.truth}) IS {str(truth).upper()}" for truth in sorted(truths)]
        return _any_of(parts)

    def phrase(self, negated: bool) -> str:
        return ("is not " if negated else "is ") + _listed(tuple(map(written, self.operands)))


def among(reading: str, values: list[str]) -> str:
    values = list(dict.fromkeys(values))
    return f"{reading} = {values[0]}" if len(values) == 1 else f"{reading} IN ({', '.join(values)})"


@dataclass(frozen=True, slots=True)
class _TextOperator(Operator):
    """A text to look for, or a list of which any will do; kept as written, compared folded."""

    texts: tuple[str, ...]

    verbs: ClassVar[tuple[str, str]]

    def fits(self, kind: Kind) -> bool:
        return kind in (Kind.TEXT, Kind.LIST, Kind.EMPTY)

    @property
    def folded(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(folded for text in self.texts if (folded := Operand(text).folded)))

    def holds(self, value: Value, as_of: int) -> bool:
        text = value.folded
        return text is not None and any(self._found(text, part) for part in self.folded)

    def sql(self, subject: Subject, as_of: str) -> str:
        parts = self.folded
        return self._found_sql(subject, parts) if parts and subject.folded is not None else "FALSE"

    def phrase(self, negated: bool) -> str:
        return f"{self.verbs[negated]} " + _listed(tuple(f"“{text}”" for text in self.texts))

    @staticmethod
    @abstractmethod
    def _found(text: str, part: str) -> bool: ...

    @staticmethod
    @abstractmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        """Whether any of the parts is found."""


@dataclass(frozen=True, slots=True)
class Contains(_TextOperator):
    verbs: ClassVar = ("contains", "does not contain")

    @staticmethod
    def _found(text: str, part: str) -> bool:
        return part in text

    @staticmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        return _any_of([subject.contains(part) for part in parts])


@dataclass(frozen=True, slots=True)
class StartsWith(_TextOperator):
    verbs: ClassVar = ("starts with", "does not start with")

    @staticmethod
    def _found(text: str, part: str) -> bool:
        return text.startswith(part)

    @staticmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        return _any_of([subject.starts_with(part) for part in parts])


@dataclass(frozen=True, slots=True)
class EndsWith(_TextOperator):
    verbs: ClassVar = ("ends with", "does not end with")

    @staticmethod
    def _found(text: str, part: str) -> bool:
        return text.endswith(part)

    @staticmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        return _any_of([subject.ends_with(part) for part in parts])


@dataclass(frozen=True, slots=True)
class HasWord(_TextOperator):
    verbs: ClassVar = ("has the word", "does not have the word")

    @staticmethod
    def _found(text: str, part: str) -> bool:
        return has_word(text, part)

    @staticmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        return subject.has_words(parts)


SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Compare(Operator):
    """`gt`, `gte`, `lt`, `lte`: numbers with numbers, dates and times with dates and times."""

    sign: str  # one of SIGNS' values
    operand: Operand

    def fits(self, kind: Kind) -> bool:
        if kind is Kind.NUMBER:
            return self.operand.number is not None
        if kind.is_moment:
            return self.operand.moment is not None
        return kind in (Kind.LIST, Kind.EMPTY)

    def holds(self, value: Value, as_of: int) -> bool:
        bound, measured = self.operand.number, value.number
        if bound is None:
            bound, measured = self.operand.moment, value.moment
        if bound is None or measured is None:
            return False
        return compare(measured, self.sign, bound)

    def sql(self, subject: Subject, as_of: str) -> str:
        bound, measured = self.operand.number, subject.number
        if bound is None:
            bound, measured = self.operand.moment, subject.moment
        return "FALSE" if bound is None or measured is None else f"{measured} {self.sign} {bound}"

    def phrase(self, negated: bool) -> str:
        words = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}
        return ("is not " if negated else "is ") + f"{words[self.sign]} {written(self.operand)}"


def compare(left: int, sign: str, right: int) -> bool:
    """`left sign right`, the sign one of > >= < <=."""
    match sign:
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "<":
            return left < right
    return left <= right


@dataclass(frozen=True, slots=True)
class Between(Operator):
    """`between: [A, B]`, both ends included; both numbers or both moments."""

    low: Operand
    high: Operand

    @property
    def _ends(self) -> tuple[Compare, Compare]:
        return Compare(">=", self.low), Compare("<=", self.high)

    def fits(self, kind: Kind) -> bool:
        return all(end.fits(kind) for end in self._ends)

    def holds(self, value: Value, as_of: int) -> bool:
        return all(end.holds(value, as_of) for end in self._ends)

    def sql(self, subject: Subject, as_of: str) -> str:
        low, high = self._ends
        return f"({low.sql(subject, as_of)} AND {high.sql(subject, as_of)})"

    def phrase(self, negated: bool) -> str:
        return ("is not " if negated else "is ") + f"between {written(self.low)} and {written(self.high)}"


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


@dataclass(frozen=True, slots=True)
class Empty(Operator):
    """`empty: true`: missing, an empty text or an empty list; looks at a list as a whole."""

    whole: ClassVar[bool] = True

    def fits(self, kind: Kind) -> bool:
        return True

    def holds(self, value: Value, as_of: int) -> bool:
        return value.is_empty

    def sql(self, subject: Subject, as_of: str) -> str:
        return subject.emptiness

    def phrase(self, negated: bool) -> str:
        return "is filled in" if negated else "is empty"


def number_phrase(value: int) -> str:
    """Millionths as people write them."""
    return format_scaled(value, 6)


# Every positive key a condition may hold. `is` and `in` share an operator, as do the four comparisons.
POSITIVE_TESTS: dict[str, type[Operator]] = {
    "is": Is,
    "in": Is,
    "contains": Contains,
    "starts_with": StartsWith,
    "ends_with": EndsWith,
    "has_word": HasWord,
    "gt": Compare,
    "gte": Compare,
    "lt": Compare,
    "lte": Compare,
    "between": Between,
    "before": Before,
    "after": After,
    "in_last": InLast,
    "in_next": InNext,
    "older_than": OlderThan,
    "empty": Empty,
}
# Their exact opposites, by key; the opposite of `empty: true` is written `empty: false`.
NEGATIVE_TESTS = {
    "is_not": "is",
    "not_in": "in",
    "not_contains": "contains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_has_word": "has_word",
}
