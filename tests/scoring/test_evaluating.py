"""The reference evaluator: what the cases cannot say, and what holds of every score."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.measuring import busiest, has_type, identity_of, latest, rank
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score
from firstcall.scoring.times import DAY
from firstcall.scoring.values import Value
from tests.scoring.cases import RawTouchpoint, as_record, as_touchpoints
from tests.scoring.strategies import AS_OF, Document, records, rules, touchpoints

NOBODY = Record({})


def rule_of(*criteria: Document) -> Rule:
    document = {"name": "A rule", "module": "leads", "criteria": list(criteria)}
    return read_rule(json.dumps(document), "rule.json").rule


def read(document: Document) -> Rule:
    return read_rule(json.dumps(document), "rule.json").rule


def score_of(rule: Rule, *happened: Touchpoint, record: Record = NOBODY) -> Score:
    score = evaluate(rule, record, happened, AS_OF)
    assert score is not None
    return score


def test_texts_true_and_false_count_as_true_and_false_in_a_column_of_their_own() -> None:
    rule = rule_of(
        {"name": "machine", "touchpoint": "a.b", "where": {"property": "m", "is": True}, "points": 1}
    )
    assert score_of(rule, Touchpoint("a.b", AS_OF, {"m": Value("True", own_column=True)})).total == 100
    assert score_of(rule, Touchpoint("a.b", AS_OF, {"m": Value("True")})).total == 0


def test_in_a_column_of_their_own_texts_stay_texts_for_distinct() -> None:
    rule = rule_of({"name": "kinds", "touchpoint": "a.b", "distinct": "m", "each": 1})
    values = [Value("true", own_column=True), Value("True", own_column=True), Value(True)]
    score = score_of(rule, *(Touchpoint("a.b", AS_OF, {"m": value}) for value in values))
    assert score.lines[0].value == 3


def test_a_line_shows_a_moment_as_it_is() -> None:
    rule = rule_of(
        {"name": "day", "field": "signed_on", "empty": False, "points": 1},
        {"name": "time", "field": "seen_at", "empty": False, "points": 1},
    )
    day, time = date(2025, 6, 1), datetime(2025, 6, 1, 12, tzinfo=UTC)
    record = Record({"signed_on": Value(day), "seen_at": Value(time)})
    assert [line.value for line in score_of(rule, record=record).lines] == [day, time]


def test_a_sum_is_a_plain_decimal_without_trailing_zeros() -> None:
    rule = rule_of({"name": "sum", "touchpoint": "a.b", "sum": "n", "gt": 0, "points": 1})
    happened = [Touchpoint("a.b", AS_OF, {"n": Value(n)}) for n in (1e9, 0.5, "0.50")]
    assert str(score_of(rule, *happened).lines[0].value) == "1000000001"


def test_points_have_no_largest_sum() -> None:
    rule = rule_of({"name": "sum", "touchpoint": "a.b", "sum": "n", "each": 1_000_000, "every": 0.01})
    happened = [Touchpoint("a.b", AS_OF, {"n": Value(999_999_999_999)}) for _ in range(100)]
    assert score_of(rule, *happened).total == 999_999_999_999 * 10**12


def test_a_double_counts_as_its_shortest_decimal() -> None:
    rule = rule_of({"name": "sum", "touchpoint": "a.b", "sum": "n", "is": 0.3, "points": 1})
    happened = [Touchpoint("a.b", AS_OF, {"n": Value(n)}) for n in (0.1, 0.2)]
    assert score_of(rule, *happened).lines[0].value == Decimal("0.3")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1e12, 10**12, Decimal("NaN")])
def test_what_is_no_number_is_left_out_of_every_aggregate(number: object) -> None:
    rule = rule_of(
        *(
            {"name": key, "touchpoint": "a.b", key: "n", "table": [{"gte": -1e11, "points": 1}]}
            for key in ("sum", "max", "min", "distinct")
        )
    )
    score = score_of(rule, Touchpoint("a.b", AS_OF, {"n": Value(number)}))
    assert [line.value for line in score.lines] == [0, None, None, 0]


def test_types_match_whole_or_by_channel() -> None:
    def matched(pattern: str) -> list[str]:
        types = ("web.visited", "webinar.visited", "web", "web.visited.twice")
        return [type_ for type_ in types if has_type(Touchpoint(type_, 0), [pattern])]

    assert matched("web.visited") == ["web.visited"]
    assert matched("web.*") == ["web.visited", "web.visited.twice"]
    assert matched("*") == ["web.visited", "webinar.visited", "web", "web.visited.twice"]


RANKED = [
    {"a": 1},
    [],
    [None],
    [True],
    [1],
    [1, None],
    ["a"],
    ["a", "b"],
    ["b"],
    date(1969, 1, 1),
    datetime(2025, 1, 1, tzinfo=UTC),
    False,
    True,
    "",
    "Z",
    "a",
    "\ufeff",
    "😀",
    "-5",
    -4,
    "0",
    "0.0",
    0,
    "10",
    999_999_999_999,
]


def test_values_at_one_moment_have_one_order() -> None:
    shuffled = random.Random(7).sample(RANKED, len(RANKED))
    assert sorted(map(Value, shuffled), key=rank) == list(map(Value, RANKED))


def test_the_latest_is_the_newest_and_then_the_highest() -> None:
    assert latest([(1, Value(9)), (2, Value("a")), (2, Value(-1)), (3, Value(None))]) == Value(-1)
    assert latest([]) == Value(None)


def test_what_makes_values_different() -> None:
    values = ["a", "A", "1", 1, 1.0, Decimal("1.0000001"), True, False, None, [1], {"a": 1}, float("nan")]
    assert {identity_of(Value(value)) for value in values} == {
        ("text", "a"),
        ("text", "A"),
        ("text", "1"),
        ("number", 1_000_000),
        ("truth", True),
        ("truth", False),
        None,
    }
    assert identity_of(Value(date(1970, 1, 2))) == ("moment", DAY)


@given(st.lists(st.integers(0, 30)), st.integers(1, 10))
def test_the_busiest_span_is_the_one_that_counting_finds(moments: list[int], span: int) -> None:
    counted = [sum(1 for j in moments if i - span < j <= i) for i in moments]
    assert busiest(moments, span) == max(counted, default=0)


@settings(max_examples=60, deadline=None)
@given(rules(), records(), touchpoints())
def test_the_lines_add_up_to_the_total(
    document: Document, record: Document, happened: list[RawTouchpoint]
) -> None:
    """Invariant 3 of the house."""
    rule = read(document)
    score = evaluate(rule, as_record(record), as_touchpoints(happened), AS_OF)
    if score is None:
        return
    assert sum(line.points for line in score.lines) == score.total
    unlimited = score.positive - score.negative + score.touchpoint_total
    assert unlimited + sum(line.points for line in score.lines if line.kind == "limit") == score.total
    assert min(score.positive, score.negative, score.touchpoint_positive, score.touchpoint_negative) >= 0
    assert [line.name for line in score.lines if line.kind == "criterion"] == [
        criterion["name"] for criterion in document["criteria"] if criterion.get("enabled", True)
    ]


@settings(max_examples=60, deadline=None)
@given(rules(), records(), touchpoints(), st.randoms(use_true_random=False))
def test_the_order_of_touchpoints_does_not_matter(
    document: Document, record: Document, happened: list[RawTouchpoint], chance: random.Random
) -> None:
    rule, shuffled = read(document), list(happened)
    chance.shuffle(shuffled)
    before = evaluate(rule, as_record(record), as_touchpoints(happened), AS_OF)
    assert evaluate(rule, as_record(record), as_touchpoints(shuffled), AS_OF) == before


@settings(max_examples=60, deadline=None)
@given(rules(), records(), touchpoints())
def test_what_is_dated_later_changes_nothing_yet(
    document: Document, record: Document, happened: list[RawTouchpoint]
) -> None:
    def shown(touchpoints: list[RawTouchpoint]) -> object:
        score = evaluate(read(document), as_record(record), as_touchpoints(touchpoints), AS_OF)
        return score and (score.total, score.grade, [(line.points, line.value) for line in score.lines])

    assert shown(happened) == shown([raw for raw in happened if raw.occurred_at <= AS_OF])


@settings(max_examples=40, deadline=None)
@given(rules(), records(), touchpoints())
def test_a_disabled_criterion_is_as_if_it_were_not_there(
    document: Document, record: Document, happened: list[RawTouchpoint]
) -> None:
    enabled = [criterion for criterion in document["criteria"] if criterion.get("enabled", True)]
    scores = [
        evaluate(read(each), as_record(record), as_touchpoints(happened), AS_OF)
        for each in (document, {**document, "criteria": enabled})
    ]
    assert scores[0] == scores[1]
