"""Rules for reading alone: their fields called by their labels, so that sentences speak as the pages do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from firstcall.scoring.rules import All, Any, Condition, Criterion, FieldMeasure, Measured, Not, Rule

type Labelling = Callable[[str, str], str]
"""Of a module and a field as a rule writes it: `account.industry` may be `Account: Industry`."""


def labelled(rule: Rule, labels: Labelling) -> Rule:
    """It says what the rule says, and scores nothing."""
    label = partial(labels, rule.module)
    return replace(
        rule,
        criteria=tuple(labelled_criterion(criterion, label) for criterion in rule.criteria),
        applies_to=tuple(labelled_condition(condition, label) for condition in rule.applies_to),
    )


def labelled_criterion(criterion: Criterion, label: Callable[[str], str]) -> Criterion:
    return replace(criterion, condition=labelled_condition(criterion.condition, label))


def labelled_condition(condition: Condition, label: Callable[[str], str]) -> Condition:
    """
    >>> labelled_condition(Not(Measured(FieldMeasure("title"))), str.upper).condition.measure.name
    'TITLE'
    """
    match condition:
        case Measured(FieldMeasure(name), tests):
            return Measured(FieldMeasure(label(name)), tests)
        case All(conditions):
            return All(tuple(labelled_condition(inner, label) for inner in conditions))
        case Any(conditions):
            return Any(tuple(labelled_condition(inner, label) for inner in conditions))
        case Not(inner):
            return Not(labelled_condition(inner, label))
    return condition
