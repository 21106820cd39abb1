"""The tests of the rule language. One class a test: its Python meaning, its SQL and its words stand together.

A negative key (`is_not`, `empty: false`) is the same operator, negated by `rules.Test`.
"""

from __future__ import annotations

from firstcall.scoring.operators.comparing import SIGNS, Between, Compare, compare
from firstcall.scoring.operators.matching import (
    Contains,
    Empty,
    EndsWith,
    HasWord,
    Is,
    StartsWith,
    among,
)
from firstcall.scoring.operators.meaning import Operator, Subject, meets, operand_phrase, written
from firstcall.scoring.operators.timing import After, Before, InLast, InNext, OlderThan, format_day

__all__ = [
    "NEGATIVE_TESTS",
    "POSITIVE_TESTS",
    "SIGNS",
    "After",
    "Before",
    "Between",
    "Compare",
    "Contains",
    "Empty",
    "EndsWith",
    "HasWord",
    "InLast",
    "InNext",
    "Is",
    "OlderThan",
    "Operator",
    "StartsWith",
    "Subject",
    "among",
    "compare",
    "format_day",
    "meets",
    "operand_phrase",
    "written",
]

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
