"""Tests of size: of numbers with numbers, of moments with moments."""

from __future__ import annotations

from dataclasses import dataclass

from firstcall.scoring.operators.meaning import Operator, Subject, operand_phrase
from firstcall.scoring.saying import Pattern, said
from firstcall.scoring.values import Kind, Operand, Value

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
        return _SIZES[self.sign][negated](value=operand_phrase(self.operand))

    @property
    def needed(self) -> str:
        """What the test asks for, after `needs`."""
        return _NEEDED[self.sign](value=operand_phrase(self.operand))


_SIZES = {
    ">": (Pattern("is more than {value}"), Pattern("is not more than {value}")),
    ">=": (Pattern("is at least {value}"), Pattern("is not at least {value}")),
    "<": (Pattern("is less than {value}"), Pattern("is not less than {value}")),
    "<=": (Pattern("is at most {value}"), Pattern("is not at most {value}")),
}
_NEEDED = {
    ">": Pattern("more than {value}"),
    ">=": Pattern("at least {value}"),
    "<": Pattern("less than {value}"),
    "<=": Pattern("at most {value}"),
}


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
        low, high = operand_phrase(self.low), operand_phrase(self.high)
        if negated:
            return said("is not between {low} and {high}", low=low, high=high)
        return said("is between {low} and {high}", low=low, high=high)

    @property
    def needed(self) -> str:
        """What the test asks for, after `needs`."""
        return said("between {low} and {high}", low=operand_phrase(self.low), high=operand_phrase(self.high))
