"""The tests beside a measure, on a property or in a row, each checked to fit what is measured."""

from __future__ import annotations

from collections.abc import Iterable

from firstcall.scoring.operators import Empty, Is, Operator
from firstcall.scoring.reading.operands import read_test
from firstcall.scoring.reading.parts import COUNTS, NUMBERS
from firstcall.scoring.reading.remarks import named, remark_tests
from firstcall.scoring.reading.spots import Spot
from firstcall.scoring.rules import Test
from firstcall.scoring.saying import said
from firstcall.scoring.values import Kind


def read_tests(spots: Iterable[Spot], measured: str | None = None) -> tuple[Test, ...]:
    """The tests at these keys, each checked to fit what is measured; None is a property."""
    given = [(spot, read_test(spot)) for spot in spots]
    fitting = [(spot, test) for spot, test in given if test and _fits(spot, test.operator, measured)]
    if fitting:
        remark_tests([spot for spot, _ in fitting], [test for _, test in fitting], measured)
    return tuple(test for _, test in fitting)


def _fits(spot: Spot, operator: Operator, measured: str | None) -> bool:
    if measured not in NUMBERS:
        return True
    if isinstance(operator, Empty):
        if measured in COUNTS:
            says = said("`empty` does not go with a count, which is 0 where nothing matched.")
            spot.refuse_key("misplaced", says, said("Compare with 0: `is: 0` or `gt: 0`."))
            return False
        return True
    if operator.fits(Kind.NUMBER):
        return True
    says = said("`{key}` cannot hold here: {name} is always a number.", key=spot.key, name=named(measured))
    spot.refuse_key("never-fits", says, _number_fix(operator))
    return False


def _number_fix(operator: Operator) -> str:
    if isinstance(operator, Is):
        return said("Compare with a number.")
    return said("Use `gt`, `gte`, `lt`, `lte`, `between` or `is` with a number.")
