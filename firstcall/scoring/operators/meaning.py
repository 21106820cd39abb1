"""What a test of the language is, and the values in SQL that it asks of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Protocol

from firstcall.scoring.saying import OR, Forms, number, quoted, said
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
        """The test in words, after the name of what is tested."""

    @property
    def turns(self) -> tuple[int, ...]:
        """The ages of the value (as_of - value, microseconds) at which the answer may turn with time."""
        return ()


def meets(operator: Operator, value: Value, as_of: int) -> bool:
    """The positive test on a value or on any element of a list."""
    if operator.whole:
        return operator.holds(value, as_of)
    return any(operator.holds(element, as_of) for element in value.elements)


def any_of(parts: list[str]) -> str:
    if not parts:
        return "FALSE"
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"


def listed(values: tuple[str, ...]) -> str:
    if len(values) > 4:
        values = (*values[:3], _MORE(len(values) - 3))
    return values[0] if len(values) == 1 else OR(first=", ".join(values[:-1]), other=values[-1])


_MORE = Forms("{count} more", "{count} more")


def written(operand: Operand) -> str:
    """An operand as English shows it; `operand_phrase` in the words of the moment."""
    if isinstance(operand.raw, bool):
        return "true" if operand.raw else "false"
    if isinstance(operand.raw, str):
        return f"“{operand.raw}”"
    return str(operand.raw)


def operand_phrase(operand: Operand) -> str:
    if isinstance(operand.raw, bool):
        return said("true") if operand.raw else said("false")
    return quoted(operand.raw) if isinstance(operand.raw, str) else number(str(operand.raw))
