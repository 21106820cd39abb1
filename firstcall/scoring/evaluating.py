"""The reference evaluator: what a rule gives one record, in plain Python. Every engine must agree with it.

score = f(rule, record, touchpoints, as_of), and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from firstcall.scoring.earning import points_of
from firstcall.scoring.measuring import History, Record, Touchpoint, holds, value_of
from firstcall.scoring.moments import line_moments, next_change_at
from firstcall.scoring.rules import Criterion, Measured, Rule
from firstcall.scoring.scores import Score, assemble

__all__ = ["Record", "Touchpoint", "evaluate"]


def evaluate(
    rule: Rule,
    record: Record,
    touchpoints: Sequence[Touchpoint],
    as_of: int,
    *,
    of: Mapping[str, Sequence[Touchpoint]] | None = None,
) -> Score | None:
    """The score with all its lines; None for a record outside `applies_to`.

    touchpoints  those of this record, in any order; later ones than `as_of` count for `next_change_at` alone
    as_of        microseconds since 1970 UTC
    of           for each `of` of the rule the touchpoints of those people, all in one
    """
    history = History(record, touchpoints, of or {})
    if not all(holds(condition, history, as_of) for condition in rule.applies_to):
        return None
    moments = line_moments(rule, history, as_of)
    return assemble(
        rule,
        [points_of(criterion, history, as_of) for criterion in rule.criteria],
        values=[_line_value(criterion, history, as_of) for criterion in rule.criteria],
        moments=moments,
        next_change_at=next_change_at(rule, history, as_of, moments),
    )


def _line_value(criterion: Criterion, history: History, as_of: int) -> object:
    """The measured value as it is; None for `all`, `any`, `not`."""
    if not isinstance(criterion.condition, Measured):
        return None
    return value_of(criterion.condition.measure, history, as_of).raw
