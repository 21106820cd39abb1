"""Conditions: a measure with its tests, or `all`, `any`, `not` of conditions."""

from __future__ import annotations

from firstcall.scoring.operators import Compare
from firstcall.scoring.reading.fitting import read_tests
from firstcall.scoring.reading.measures import read_measure
from firstcall.scoring.reading.parts import Parts, require_subject, sort_condition
from firstcall.scoring.reading.spots import Spot
from firstcall.scoring.reading.vocabulary import (
    CONDITION_KEYS,
    CRITERION_ONLY_KEYS,
    DEEPEST_CONDITION,
    TEST_KEYS,
)
from firstcall.scoring.rules import All, Any, Condition, Measured, Not, Test
from firstcall.scoring.saying import Pattern, said, whole
from firstcall.scoring.values import Operand

AT_LEAST_ONE = Test("gte", Compare(">=", Operand(1)))


def read_conditions(spot: Spot, depth: int = 0) -> tuple[Condition, ...]:
    """A list of conditions."""
    fix = said("Write a list, even of one condition: [{{field: industry, is: Retail}}].")
    conditions = [read_condition(entry, depth) for entry in spot.items(fix=fix) or ()]
    return tuple(condition for condition in conditions if condition)


def read_condition(spot: Spot, depth: int) -> Condition | None:
    """One condition; None, with problems, where it is wrong. `depth` counts the combinations around it."""
    children = spot.children(fix=said("Write a condition such as {{field: industry, is: Retail}}."))
    if children is None:
        return None
    for key in CRITERION_ONLY_KEYS:
        if key in children:
            says = said("`{key}` belongs to a criterion, not to a condition within one.", key=key)
            children[key].refuse_key("misplaced", says, said("Move it out to the criterion."))
    parts = sort_condition(spot, children, CONDITION_KEYS, Pattern("a condition", "a key of")())
    require_subject(parts, children)
    if parts.is_combination:
        return read_combination(parts, depth)
    measure = read_measure(parts)
    tests = read_tests(parts.tests.values(), parts.measured)
    require_tests(parts)
    return Measured(measure, tests or default_tests(parts)) if measure else None


def read_combination(parts: Parts, depth: int) -> Condition | None:
    """`all`, `any` or `not`."""
    spot = parts.subject
    if spot is None:
        return None
    if depth >= DEEPEST_CONDITION:
        says = said(
            "`all`, `any` and `not` stand within each other at most {deepest} deep.",
            deepest=whole(DEEPEST_CONDITION),
        )
        spot.refuse_key("too-deep", says, said("Flatten the condition, or split the criterion."))
        return None
    if spot.key == "not":
        inner = read_condition(spot, depth + 1)
        return Not(inner) if inner else None
    conditions = read_conditions(spot, depth + 1)
    if not conditions:
        return None
    return All(conditions) if spot.key == "all" else Any(conditions)


def require_tests(parts: Parts) -> None:
    """Report a measure without a test, unless it is a plain count or a misspelt key explains it."""
    if parts.tests or parts.measured in ("touchpoint", None) or parts.may_have_meant & {*TEST_KEYS}:
        return
    measured = parts.measured
    examples = {
        "field": said("`is: Retail` or `empty: false`"),
        "latest": "`is: demo`",
        "days_since": "`gte: 30`",
    }
    says = said("`{measured}` needs a test.", measured=measured)
    parts.spot.refuse(
        "no-test", says, said("Add one, such as {example}.", example=examples.get(measured, "`gte: 10`"))
    )


def default_tests(parts: Parts) -> tuple[Test, ...]:
    """What a plain count without a test means."""
    return (AT_LEAST_ONE,) if parts.measured == "touchpoint" and not parts.tests else ()
