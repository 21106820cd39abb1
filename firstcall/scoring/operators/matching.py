"""Tests of texts, of values that are given, and of emptiness."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from firstcall.scoring.operators.meaning import Operator, Subject, any_of, listed, operand_phrase
from firstcall.scoring.saying import Pattern, quoted, said
from firstcall.scoring.text import has_word
from firstcall.scoring.values import Kind, Operand, Value


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
        return any_of(parts)

    def phrase(self, negated: bool) -> str:
        values = listed(tuple(map(operand_phrase, self.operands)))
        return said("is not {values}", values=values) if negated else said("is {values}", values=values)


def among(reading: str, values: list[str]) -> str:
    values = list(dict.fromkeys(values))
    return f"{reading} = {values[0]}" if len(values) == 1 else f"{reading} IN ({', '.join(values)})"


@dataclass(frozen=True, slots=True)
class _TextOperator(Operator):
    """A text to look for, or a list of which any will do; kept as written, compared folded."""

    texts: tuple[str, ...]

    says: ClassVar[tuple[Pattern, Pattern]]
    """Of the test and of its opposite."""

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
        return self.says[negated](texts=listed(tuple(map(quoted, self.texts))))

    @staticmethod
    @abstractmethod
    def _found(text: str, part: str) -> bool: ...

    @staticmethod
    @abstractmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        """Whether any of the parts is found."""


@dataclass(frozen=True, slots=True)
class Contains(_TextOperator):
    says: ClassVar = (Pattern("contains {texts}"), Pattern("does not contain {texts}"))

    @staticmethod
    def _found(text: str, part: str) -> bool:
        return part in text

    @staticmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        return any_of([subject.contains(part) for part in parts])


@dataclass(frozen=True, slots=True)
class StartsWith(_TextOperator):
    says: ClassVar = (Pattern("starts with {texts}"), Pattern("does not start with {texts}"))

    @staticmethod
    def _found(text: str, part: str) -> bool:
        return text.startswith(part)

    @staticmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        return any_of([subject.starts_with(part) for part in parts])


@dataclass(frozen=True, slots=True)
class EndsWith(_TextOperator):
    says: ClassVar = (Pattern("ends with {texts}"), Pattern("does not end with {texts}"))

    @staticmethod
    def _found(text: str, part: str) -> bool:
        return text.endswith(part)

    @staticmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        return any_of([subject.ends_with(part) for part in parts])


@dataclass(frozen=True, slots=True)
class HasWord(_TextOperator):
    says: ClassVar = (Pattern("has the word {texts}"), Pattern("does not have the word {texts}"))

    @staticmethod
    def _found(text: str, part: str) -> bool:
        return has_word(text, part)

    @staticmethod
    def _found_sql(subject: Subject, parts: Sequence[str]) -> str:
        return subject.has_words(parts)


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
        return _FILLED_IN() if negated else _EMPTY()


_EMPTY, _FILLED_IN = Pattern("is empty", "of a field"), Pattern("is filled in", "of a field")
