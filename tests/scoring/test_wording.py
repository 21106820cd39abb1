"""Criteria in plain English, and why a line earned nothing."""

from __future__ import annotations

import doctest
import importlib
import json

import pytest
from hypothesis import given, settings

from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Criterion
from firstcall.scoring.scores import Line
from firstcall.scoring.times import DAY
from firstcall.scoring.values import Value
from firstcall.scoring.wording import condition_sentence, missed, reason, sentence, shown
from tests.scoring.cases import RawTouchpoint, as_record, as_touchpoints
from tests.scoring.strategies import AS_OF, Document, records, rules, touchpoints


def criterion_of(**keys: object) -> Criterion:
    document = {"name": "A rule", "module": "leads", "criteria": [{"name": "It", **keys}]}
    return read_rule(json.dumps(document), "rule.json").rule.criteria[0]


VISIT = {"touchpoint": "web.visited"}
SENTENCES = [
    (
        {
            **VISIT,
            "where": {"property": "path", "starts_with": "/pricing"},
            "in_last": "30 days",
            "points": 25,
        },
        "+25 when there was a web.visited in the last 30 days whose path starts with “/pricing”",
    ),
    (
        {"field": "title", "has_word": ["chief", "vp"], "points": -20},
        "-20 when title has the word “chief” or “vp”",
    ),
    (
        {"field": "size", "gt": 10, "lte": 20, "points": 0.5},
        "+0.5 when size is more than 10 and is at most 20",
    ),
    (
        {"field": "size", "table": [{"gte": 100, "points": 10}, {"empty": True, "points": 0}]},
        "by size: +10 when it is at least 100, else 0 when it is empty, else 0",
    ),
    (
        {"field": "size", "table": [{"gte": 100, "points": 10}, {"points": -2}]},
        "by size: +10 when it is at least 100, else -2",
    ),
    (
        {"touchpoint": ["email.clicked", "web.*"], "in_last": "1 week", "gt": 10, "points": 15},
        "+15 when the number of email.clicked or web touchpoints in the last week is more than 10",
    ),
    (
        {"field": "account.parent.industry", "is": "IT", "points": 5},
        "+5 when account parent industry is “IT”",
    ),
    ({"field": "No. of sites", "gt": 1, "points": 5}, "+5 when No. of sites is more than 1"),
    (
        {**VISIT, "of": "contacts", "in_last": "1 week", "each": 2, "at_most": 10},
        "+2 for each web.visited of contacts in the last week, 10 at most",
    ),
    (
        {"touchpoint": ["email.clicked", "web.*"], "of": "account.contacts", "gte": 3, "points": 5},
        "+5 when the number of email.clicked or web touchpoints of account.contacts is at least 3",
    ),
    (
        {"days_since": "*", "of": "contact", "gte": 30, "points": -5},
        "-5 when the number of days since the last touchpoint of contact is at least 30",
    ),
    (
        {"touchpoint": "*", "older_than": "1 day", "points": 1},
        "+1 when there was a touchpoint at least 1 day ago",
    ),
    (
        {
            "touchpoint": "email.opened",
            "from": "2025-01-01",
            "to": "2025-02-01T12:00:00Z",
            "lt": 1,
            "points": 1,
        },
        "+1 when there was no email.opened from 2025-01-01 before 2025-02-01T12:00:00Z",
    ),
    (
        {
            "touchpoint": "email.replied",
            "each": 10,
            "at_most": 50,
            "decay": {"lose": "50%", "every": "30 days"},
        },
        "+10 for each email.replied, each losing 50% every 30 days, 50 at most",
    ),
    (VISIT | {"each": 1, "every": 3}, "+1 for every 3 web.visited"),
    (VISIT | {"sum": "n", "each": 1, "every": 100}, "+1 for every 100 of the sum of n over web.visited"),
    (VISIT | {"max": "n", "gt": 1, "points": 1}, "+1 when the greatest n of web.visited is more than 1"),
    (VISIT | {"min": "n", "lt": 1, "points": 1}, "+1 when the smallest n of web.visited is less than 1"),
    (VISIT | {"latest": "n", "is": "x", "points": 1}, "+1 when the latest n of web.visited is “x”"),
    (VISIT | {"distinct": "path", "each": 1}, "+1 for each different path of web.visited"),
    (VISIT | {"distinct_days": True, "each": 1}, "+1 for each day with web.visited"),
    (
        VISIT | {"distinct_days": True, "gte": 3, "points": 1},
        "+1 when the number of days with web.visited is at least 3",
    ),
    (
        VISIT | {"busiest": "1 day", "gte": 3, "points": 1},
        "+1 when the most web.visited within 1 day is at least 3",
    ),
    (
        VISIT | {"points": 40, "decay": {"lose": "25%", "every": "2 weeks"}},
        "+40 when there was a web.visited, fading by 25% every 2 weeks from the latest one",
    ),
    (
        VISIT | {"points": 40, "decay": {"lose": 1, "every": "1 day"}},
        "+40 when there was a web.visited, fading by 1 point every day from the latest one",
    ),
    ({"days_since": "web.*", "each": -5, "every": 7}, "-5 for every 7 days since the last web touchpoint"),
    ({"days_since": "web.visited", "each": -5}, "-5 for each day since the last web.visited"),
    (
        {"days_since": "web.visited", "gte": 90, "points": -5},
        "-5 when the number of days since the last web.visited is at least 90",
    ),
    (
        {
            "all": [
                {"field": "title", "not_contains": "x"},
                {"any": [{"touchpoint": "*", "gte": 3}, {"not": {"field": "size", "empty": True}}]},
            ],
            "points": 10,
        },
        "+10 when title does not contain “x” and (the number of touchpoints is at least 3 or not (size is empty))",
    ),
]


@pytest.mark.parametrize(("keys", "expected"), SENTENCES, ids=[expected for _, expected in SENTENCES])
def test_a_criterion_is_one_sentence(keys: dict[str, object], expected: str) -> None:
    assert sentence(criterion_of(**keys)) == f"It: {expected}"


def test_a_condition_is_a_clause() -> None:
    criterion = criterion_of(field="due_on", older_than="3 days", points=1)
    assert condition_sentence(criterion.condition) == "due_on is at least 3 days ago"


@pytest.mark.parametrize(
    ("points", "expected"), [(2500, "It +25"), (-50, "It -0.5"), (0, "It 0")], ids=["gain", "loss", "nothing"]
)
def test_a_reason_is_short(points: int, expected: str) -> None:
    assert reason(criterion_of(**VISIT, points=25), Line("It", points)) == expected


MISSED = [
    (VISIT | {"points": 1}, 0, "no web.visited"),
    (VISIT | {"in_last": "1 day", "points": 1}, 0, "no web.visited in the last day"),
    (VISIT | {"gte": 3, "points": 1}, 2, "2 of 3 needed"),
    (VISIT | {"gt": 10, "points": 1}, 4, "needs more than 10, has 4"),
    (VISIT | {"between": [2, 3], "points": 1}, 4, "needs between 2 and 3, has 4"),
    (VISIT | {"is": 3, "points": 1}, 4, "the number of web.visited is 4; counts when it is 3"),
    (VISIT | {"sum": "n", "gt": 100, "points": 1}, 40, "needs more than 100, has 40"),
    (VISIT | {"max": "n", "gte": 100, "points": 1}, None, "needs at least 100, has nothing"),
    (
        VISIT | {"latest": "n", "is": "x", "points": 1},
        "y",
        "the latest n of web.visited is “y”; counts when it is “x”",
    ),
    ({"field": "size", "gt": 100, "points": 1}, 40, "needs more than 100, has 40"),
    ({"field": "size", "gt": 10, "lt": 30, "points": 1}, 40, "needs less than 30, has 40"),
    (
        {"field": "title", "has_word": "vp", "points": 1},
        "Intern",
        "title is “Intern”; counts when it has the word “vp”",
    ),
    ({"field": "title", "is": "x", "points": 1}, None, "title is missing; counts when it is “x”"),
    (
        {"field": "title", "empty": True, "points": 1},
        ["a", True],
        "title is “a”, true; counts when it is empty",
    ),
    (
        {"field": "due_on", "in_last": "3 days", "points": 1},
        "2025-06-01",
        "due_on is “2025-06-01”; counts when it is in the last 3 days",
    ),
    (
        {"days_since": "web.visited", "gte": 90, "points": 1},
        12,
        "12 days without web.visited; counts from 90",
    ),
    ({"days_since": "web.visited", "lt": 3, "points": 1}, 1.0, None),
    ({"days_since": "web.visited", "lt": 3, "points": 1}, 5, "5 days without web.visited; counts below 3"),
    ({"days_since": "web.*", "gt": 1, "points": 1}, 1, "1 day without web touchpoint; counts above 1"),
    (
        {"days_since": "web.visited", "gt": 1, "points": 1},
        None,
        "no web.visited and no creation date to count from",
    ),
    (VISIT | {"each": 1}, 0, "no web.visited"),
    (VISIT | {"each": 1, "every": 3}, 2, "has 2; counts from 3"),
    (VISIT | {"each": 0}, 2, None),
    (VISIT | {"max": "n", "each": 1, "every": 2.5}, None, "has nothing; counts from 2.5"),
    (VISIT | {"each": 1, "decay": {"lose": 1, "every": "1 day"}}, 2, "its points have faded away"),
    (VISIT | {"points": 1, "decay": {"lose": 1, "every": "1 day"}}, 0, "no web.visited"),
    (
        {"field": "size", "table": [{"gte": 100, "points": 10}, {"gte": 50, "points": 5}]},
        40,
        "size is 40: no row of its table counts it",
    ),
    ({"field": "size", "table": [{"gte": 100, "points": 10}, {"points": 0}]}, 40, None),
    ({"not": {"field": "size", "gt": 3}, "points": 1}, None, None),
]


@pytest.mark.parametrize(("keys", "value", "expected"), MISSED, ids=[f"{e} ({v})" for _, v, e in MISSED])
def test_what_was_missed_is_said_with_its_amount(
    keys: dict[str, object], value: object, expected: str | None
) -> None:
    assert missed(criterion_of(**keys), Line("It", 0, value)) == expected


def test_what_earned_was_not_missed() -> None:
    assert missed(criterion_of(**VISIT, points=1), Line("It", 100, 1)) is None


def test_what_the_evaluator_measured_is_worded() -> None:
    rule = read_rule(
        '{"name": "R", "module": "leads", "criteria": [{"name": "Quiet", "days_since": "web.*", "gte": 30, "points": -5}]}',
        "r.json",
    ).rule
    score = evaluate(rule, Record({}), [Touchpoint("web.visited", AS_OF - 12 * DAY)], AS_OF)
    assert score is not None
    assert missed(rule.criteria[0], score.lines[0]) == "12 days without web touchpoint; counts from 30"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1e15, "1000000000000000"),
        (0.1, "0.1"),
        (float("nan"), "nan"),
        (False, "false"),
        ([], "an empty list"),
        ({"a": 1}, "{'a': 1}"),
    ],
    ids=str,
)
def test_a_value_is_shown_as_people_read_it(value: object, expected: str) -> None:
    assert shown(value) == expected
    assert Value(value).raw is value


@settings(max_examples=40, deadline=None)
@given(rules(), records(), touchpoints())
def test_everything_can_be_worded(document: Document, fields: Document, raw: list[RawTouchpoint]) -> None:
    rule = read_rule(json.dumps(document), "rule.json").rule
    for condition in rule.applies_to:
        assert condition_sentence(condition)
    score = evaluate(rule, as_record(fields), as_touchpoints(raw), AS_OF)
    for criterion, line in zip(rule.criteria, score.lines if score else (), strict=False):
        assert sentence(criterion).startswith(f"{criterion.name}: ")
        assert reason(criterion, line).startswith(criterion.name)
        if line.points:
            assert missed(criterion, line) is None


@pytest.mark.parametrize("name", ["earning", "measuring", "phrasing", "wording"])
def test_the_examples_in_docstrings_hold(name: str) -> None:
    results = doctest.testmod(importlib.import_module(f"firstcall.scoring.{name}"))
    assert results.attempted > 0
    assert results.failed == 0
