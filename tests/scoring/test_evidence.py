"""Evidence against the reference: what the touchpoints give adds up, and each counts until its end and no longer; what is
said to be enough for a grade is."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from firstcall.scoring.earning import points_of, within
from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.evidence import changes_that_suffice, evidence
from firstcall.scoring.measuring import History
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Each, Measured, Rule
from firstcall.scoring.times import DAY
from firstcall.scoring.values import Value
from tests.scoring.cases import RawTouchpoint, as_touchpoints
from tests.scoring.strategies import AS_OF, Document, rules, touchpoints


def rule_of(text: str | Document) -> Rule:
    if isinstance(text, str):
        return read_rule(text, "rule.yaml").rule
    return read_rule(json.dumps(text), "rule.json").rule


@given(rules(), touchpoints())
def test_what_each_gives_adds_up_to_the_line(document: Document, raw: list[RawTouchpoint]) -> None:
    happened = as_touchpoints(raw)
    for criterion in rule_of(document).criteria:
        found = evidence(criterion, happened, AS_OF)
        assert len({one.touchpoint for one in found}) == len(found)
        given = [one.points for one in found]
        if given and None not in given and isinstance(criterion.worth, Each):
            total = within(sum(points or 0 for points in given), criterion.worth.at_most)
            assert total == points_of(criterion, History(Record({}), happened), AS_OF)


@given(rules(), touchpoints(), st.integers(0, 7))
def test_each_counts_until_its_end_and_no_longer(
    document: Document, raw: list[RawTouchpoint], which: int
) -> None:
    happened = as_touchpoints(raw)
    for criterion in rule_of(document).criteria:
        for one in evidence(criterion, happened, AS_OF):
            if one.touchpoint != which or one.until is None:
                continue
            if len({leaf.occurred_at for leaf in happened}) != len(happened):
                continue
            before, at = (
                {other.touchpoint: other for other in evidence(criterion, happened, moment)}
                for moment in (one.until - 1, one.until)
            )
            assert which in before
            last = at.get(which)
            assert last is None or last.points == 0 or last.until is None or last.until > one.until


def visits(*days: int) -> list[Touchpoint]:
    return [Touchpoint("web.visited", AS_OF - day * DAY, {"path": Value(f"/{day}")}) for day in days]


def test_a_window_and_a_decay_end_what_is_in_them() -> None:
    rule = rule_of("""
name: R
module: leads
criteria:
  - {name: Window, touchpoint: web.visited, in_last: 10 days, each: 5}
  - {name: Fading, touchpoint: web.visited, each: 10, decay: {every: 7 days, lose: 4}}
  - {name: Once, touchpoint: web.visited, points: 3}
""")
    window, fading, once = (evidence(criterion, visits(2, 9, 12), AS_OF) for criterion in rule.criteria)
    assert [(one.touchpoint, one.points, one.until) for one in window] == [
        (0, 500, AS_OF + 8 * DAY), (1, 500, AS_OF + 1 * DAY),
    ]  # fmt: skip
    assert [(one.points, one.until) for one in fading] == [
        (1000, AS_OF + 19 * DAY), (600, AS_OF + 12 * DAY), (600, AS_OF + 9 * DAY),
    ]  # fmt: skip
    assert [(one.points, one.until) for one in once] == [(None, None)] * 3


RULE = """
name: R
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
  - {name: Huge, field: employees, gte: 1000, points: 60}
  - {name: Visits, touchpoint: web.visited, each: 5, at_most: 30}
  - {name: Bad, touchpoint: email.bounced, points: -10}
grades: {Hot: 30, Warm: 10, Cold: -100}
"""


def test_the_smallest_single_changes_that_are_enough() -> None:
    rule = rule_of(RULE)
    score = evaluate(rule, Record({"employees": Value(5)}), visits(1, 2, 3), AS_OF)
    assert score is not None
    assert (score.total, score.grade) == (1500, "Warm")
    found = changes_that_suffice(rule, score, 1500)
    told = [(one.criterion.name, one.gain, one.times) for one in found]
    assert told == [("Large", 2000, 1), ("Huge", 6000, 1), ("Visits", 1500, 3)]
    again = evaluate(rule, Record({"employees": Value(5)}), visits(1, 2, 3, 4, 5, 6), AS_OF)
    assert again is not None
    assert again.grade == "Hot"
    assert [one.criterion.name for one in changes_that_suffice(rule, score, 1600)] == ["Large", "Huge"]
    assert [one.criterion.name for one in changes_that_suffice(rule, score, 1500, "touchpoints")] == [
        "Visits"
    ]
    assert changes_that_suffice(rule, score, 7000) == []


@given(rules(), touchpoints(), st.integers(1, 5_000))
def test_what_is_enough_brings_what_is_missing(
    document: Document, raw: list[RawTouchpoint], missing: int
) -> None:
    rule, happened = rule_of(document), as_touchpoints(raw)
    score = evaluate(rule, Record({}), happened, AS_OF)
    if score is None:
        return
    for change in changes_that_suffice(rule, score, missing):
        assert change.gain >= missing
        worth = change.criterion.worth
        if isinstance(worth, Each) and isinstance(change.criterion.condition, Measured):
            assert change.gain == change.times * worth.points
            assert worth.every == MILLION or change.times >= 1
