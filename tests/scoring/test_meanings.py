"""What good rules mean: every key of the language, and how its values are read."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest

from firstcall.scoring.operators import NEGATIVE_TESTS, POSITIVE_TESTS, Compare, Empty, HasWord, Is
from firstcall.scoring.problems import RuleError
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import (
    Aggregate,
    All,
    Any,
    DaysSinceMeasure,
    Decay,
    Each,
    FieldMeasure,
    Grade,
    Group,
    Limits,
    Measured,
    Not,
    Points,
    PropertyTest,
    Row,
    Table,
    Test,
    TouchpointMeasure,
    Window,
)
from firstcall.scoring.times import DAY, HOUR, MINUTE, WEEK
from firstcall.scoring.values import Operand
from tests.scoring.written import HEAD, read_criterion

AT_LEAST_ONE = Test("gte", Compare(">=", Operand(1)))


@pytest.mark.parametrize("key", [*POSITIVE_TESTS, *NEGATIVE_TESTS])
def test_every_test_can_be_read(key: str) -> None:
    operator = POSITIVE_TESTS[NEGATIVE_TESTS.get(key, key)]
    operands = ("x", "[x]", "5", "[1, 2]", "2026-01-31", "3 days", "true")
    tests: list[Test] = []
    for operand in operands:
        with suppress(RuleError):
            condition = read_criterion(f"field: f, {key}: {operand}, points: 1").condition
            tests += condition.tests if isinstance(condition, Measured) else []
    assert tests
    assert {type(test.operator) for test in tests} == {operator}
    assert {(test.key, test.negated) for test in tests} == {(key, key in NEGATIVE_TESTS)}


def test_a_whole_rule() -> None:
    rule = read_rule(
        """
name: R
module: leads
description: Two lines,
  folded.
applies_to: [{field: industry, is: Retail}, {touchpoint: "*"}]
criteria:
- {name: A, field: f, is: x, points: 1.50, group: 1}
- {name: Off, touchpoint: a.b, each: 1, group: 1, enabled: false}
- {name: B, touchpoint: a.b, each: -1, group: Mail, enabled: true}
groups: {1: {at_least: -20.25}, Mail: {at_most: 40, at_least: 0}}
limits: {minimum: -5, maximum: 1000000}
grades: {010: 10, NO: 0, "1": 99.99}
"""
    ).rule
    assert (rule.name, rule.module, rule.description) == ("R", "leads", "Two lines, folded.")
    assert rule.applies_to == (
        Measured(FieldMeasure("industry"), (Test("is", Is((Operand("Retail"),))),)),
        Measured(TouchpointMeasure(("*",)), (AT_LEAST_ONE,)),
    )
    assert [(c.name, c.group, c.position, c.is_touchpoint) for c in rule.criteria] == [
        ("A", "1", 0, False),
        ("B", "Mail", 2, True),
    ]
    assert rule.groups == (Group("1", None, -2025), Group("Mail", 4000, 0))
    assert rule.limits == Limits(-500, 100_000_000)
    assert rule.grades is not None
    assert rule.grades.total == (Grade("1", 9999), Grade("010", 1000), Grade("NO", 0))


def test_grades_in_two_parts() -> None:
    grades = read_rule(
        HEAD
        + "- {name: A, field: f, is: x, points: 1}\ngrades: {fit: {C: 0, A: 40}, touchpoints: {2: 1, 1: 2}}\n"
    ).rule.grades
    assert grades is not None
    assert grades.two_part
    assert grades.fit == (Grade("A", 4000), Grade("C", 0))
    assert grades.touchpoints == (Grade("1", 200), Grade("2", 100))


def test_grades_may_be_named_fit_and_touchpoints() -> None:
    grades = read_rule(
        HEAD + "- {name: A, field: f, is: x, points: 1}\ngrades: {fit: 10, touchpoints: 0}\n"
    ).rule.grades
    assert grades is not None
    assert grades.total == (Grade("fit", 1000), Grade("touchpoints", 0))


def test_empty_mappings_are_as_if_left_out() -> None:
    rule = read_rule(
        HEAD + "- {name: A, field: f, is: x, points: 1}\ngroups: {}\nlimits: {}\ngrades: {}\n"
    ).rule
    assert (rule.groups, rule.limits, rule.grades) == ((), Limits(), None)


@pytest.mark.parametrize(
    ("written", "measure"),
    [
        ("touchpoint: web.visited", TouchpointMeasure(("web.visited",))),
        ("touchpoint: [a_1.b2, c.*, '*']", TouchpointMeasure(("a_1.b2", "c.*", "*"))),
        (
            "touchpoint: a.b, in_last: 30 days, older_than: 1 hour",
            TouchpointMeasure(("a.b",), window=Window(30 * DAY, HOUR)),
        ),
        (
            "touchpoint: a.b, from: 1970-01-02, to: '1970-01-02T00:00:01+00:00'",
            TouchpointMeasure(("a.b",), window=Window(start=DAY, end=DAY + 1_000_000)),
        ),
    ],
)
def test_touchpoints_are_counted_once_or_more_without_a_test(
    written: str, measure: TouchpointMeasure
) -> None:
    criterion = read_criterion(f"{written}, points: 5")
    assert criterion.condition == Measured(measure, (AT_LEAST_ONE,))
    assert criterion.worth == Points(500)


@pytest.mark.parametrize(
    ("written", "aggregate", "name", "span"),
    [
        ("sum: p", Aggregate.SUM, "p", None),
        ("max: p", Aggregate.MAX, "p", None),
        ("min: p", Aggregate.MIN, "p", None),
        ("latest: p", Aggregate.LATEST, "p", None),
        ("distinct: p", Aggregate.DISTINCT, "p", None),
        ("distinct_days: true", Aggregate.DISTINCT_DAYS, None, None),
        ("busiest: 2 weeks", Aggregate.BUSIEST, None, 2 * WEEK),
    ],
)
def test_aggregates(written: str, aggregate: Aggregate, name: str | None, span: int | None) -> None:
    condition = read_criterion(f"touchpoint: a.b, {written}, gt: 1, points: 5").condition
    measure = TouchpointMeasure(("a.b",), aggregate=aggregate, property=name, span=span)
    assert condition == Measured(measure, (Test("gt", Compare(">", Operand(1))),))


@pytest.mark.parametrize("of", ["contacts", "contact", "contacts.account", "account.contacts.Account ID"])
def test_touchpoints_may_be_those_of_related_people(of: str) -> None:
    counted = read_criterion(f"touchpoint: a.b, of: {of}, each: 1").condition
    assert counted == Measured(TouchpointMeasure(("a.b",), of=of))
    since = read_criterion(f"days_since: a.b, of: {of}, each: 1").condition
    assert since == Measured(DaysSinceMeasure(("a.b",), of=of))


def test_where_is_one_condition_or_a_list() -> None:
    path = PropertyTest(
        "path", (Test("is", Is((Operand("/"),))), Test("is_not", Is((Operand(5),)), negated=True))
    )
    form = PropertyTest("form", (Test("empty", Empty(), negated=True),))
    one = read_criterion("days_since: a.b, where: {property: path, is: /, is_not: 5}, each: -1").condition
    assert one == Measured(DaysSinceMeasure(("a.b",), (path,)))
    two = read_criterion(
        "days_since: a.b, where: [{property: path, is: /, is_not: 5}, {property: form, empty: false}], each: 1"
    )
    assert two.condition == Measured(DaysSinceMeasure(("a.b",), (path, form)))


def test_combinations() -> None:
    condition = read_criterion(
        "all: [{any: [{touchpoint: a.b}, {days_since: a.b, gt: 3}]}, {not: {field: f, has_word: [x, y]}}], points: 1"
    ).condition
    assert condition == All(
        (
            Any(
                (
                    Measured(TouchpointMeasure(("a.b",)), (AT_LEAST_ONE,)),
                    Measured(DaysSinceMeasure(("a.b",)), (Test("gt", Compare(">", Operand(3))),)),
                )
            ),
            Not(Measured(FieldMeasure("f"), (Test("has_word", HasWord(("x", "y"))),))),
        )
    )


@pytest.mark.parametrize(
    "key", ["is_not", "not_in", "not_contains", "not_starts_with", "not_ends_with", "not_has_word"]
)
def test_the_opposites_are_the_same_operators_negated(key: str) -> None:
    negated = read_criterion(
        f"field: f, {key}: [a], points: 1" if key != "is_not" else "field: f, is_not: a, points: 1"
    )
    positive = read_criterion(
        f"field: f, {NEGATIVE_TESTS[key]}: " + ("[a]" if key != "is_not" else "a") + ", points: 1"
    )
    assert isinstance(negated.condition, Measured)
    assert isinstance(positive.condition, Measured)
    assert negated.condition.tests == (Test(key, positive.condition.tests[0].operator, negated=True),)


@pytest.mark.parametrize(
    ("written", "raw"),
    [
        ("5", 5),
        ("010", 10),
        ("0x1F", 31),
        ("1e3", 1000),
        ("5.0", 5),
        ("0.1", Decimal("0.1")),
        ("0.30000000000000004", Decimal("0.30000000000000004")),
        ("0.1000000000000000055511151231257827", Decimal("0.1")),
        ("-999999999999", -999_999_999_999),
        ("'5'", "5"),
        ("NO", "NO"),
        ("True", "True"),
        ("true", True),
        ("1:30", "1:30"),
        ("2026-01-31", "2026-01-31"),
        ("'  '", "  "),
    ],
)
def test_what_values_are_compared_with(written: str, raw: object) -> None:
    condition = read_criterion(f"field: f, is: {written}, points: 1").condition
    assert isinstance(condition, Measured)
    operator = condition.tests[0].operator
    assert isinstance(operator, Is)
    assert operator.operands[0].raw == raw
    assert type(operator.operands[0].raw) is type(raw)


@pytest.mark.parametrize(
    ("written", "worth"),
    [
        ("points: -1000000", Points(-100_000_000)),
        ("points: 0.10", Points(10)),
        ("points: 1e1", Points(1000)),
        ("each: 10", Each(1000)),
        ("each: -5, every: 7, at_most: 40", Each(-500, 7_000_000, 4000)),
        ("each: 1, every: 0.01", Each(100, 10_000)),
        ("each: 1, decay: {lose: 50%, every: 30 days}", Each(100, decay=Decay(30 * DAY, lose_share=5000))),
        ("each: 1, decay: {lose: 33.25%, every: 1 minute}", Each(100, decay=Decay(MINUTE, lose_share=3325))),
        ("points: 20, decay: {lose: 0.01, every: 1 week}", Points(2000, Decay(WEEK, lose_points=1))),
        ("points: 20, decay: {lose: 100%, every: 1 hour}", Points(2000, Decay(HOUR, lose_share=10_000))),
        (
            "points: 20, decay: {lose: 1%, every: 36500 days}",
            Points(2000, Decay(36_500 * DAY, lose_share=100)),
        ),
        (
            "table: [{gte: 5, points: 2}, {points: -1}]",
            Table((Row((Test("gte", Compare(">=", Operand(5))),), 200), Row((), -100))),
        ),
    ],
)
def test_worth(written: str, worth: object) -> None:
    assert read_criterion(f"touchpoint: a.b, {written}").worth == worth


def test_below_each_and_table_stand_no_tests() -> None:
    for written in ("each: 1", "table: [{points: 1}]"):
        assert read_criterion(f"touchpoint: a.b, {written}").condition == Measured(
            TouchpointMeasure(("a.b",))
        )


@pytest.mark.parametrize(
    "written",
    [
        "field: f, gt: '5', points: 1",
        "field: f, between: ['1', 2], points: 1",
        "field: f, between: [5, 5], points: 1",
        "field: f, between: [2026-01-01, '2026-01-01T00:00:00Z'], points: 1",
        "field: f, in_last: 1 day, in_next: 1 days, older_than: 007 weeks, points: 1",
        "touchpoint: a.b, max: p, empty: true, points: 1",
        "touchpoint: a.b, min: p, empty: false, points: 1",
        "touchpoint: a.b, latest: p, empty: true, points: 1",
        "touchpoint: a.b, latest: p, contains: x, before: 2026-01-01, points: 1",
        "days_since: a.b, empty: true, points: 1",
        "touchpoint: a.b, max: p, each: 1, every: 2.5",
        "touchpoint: a.b, is: '5', points: 1",
        "field: f, table: [{in_last: 1 day, points: 1}]",
        "field: in, is: x, points: 1",
        "field: 'with \"quotes\"; DROP TABLE', is: x, points: 1",
    ],
)
def test_these_are_allowed(written: str) -> None:
    assert read_rule(f"{HEAD}- {{name: A, {written}}}\n").warnings == ()
