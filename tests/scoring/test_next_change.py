"""`next_change_at`: nothing changes before it; where the language asks for it, something changes at it."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from firstcall.scoring.evaluating import Record, Touchpoint, evaluate
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import (
    Aggregate,
    All,
    Any,
    Condition,
    Not,
    Rule,
    TouchpointMeasure,
)
from firstcall.scoring.times import DAY, LAST_MOMENT, parse_duration
from tests.scoring import worlds
from tests.scoring.cases import RawTouchpoint, as_record, as_touchpoints
from tests.scoring.strategies import AS_OF, SPANS, Document, records, rules, touchpoints

YEAR = 365 * DAY


type People = dict[str, list[Touchpoint]]


@st.composite
def related(draw: st.DrawFn) -> tuple[dict[str, Record], People]:
    """The records that the record's look-ups lead to, and the touchpoints of its people."""
    world, lookups = draw(worlds.worlds()), draw(worlds.lookups(worlds.OWN))
    of: People = {}
    for people, person in worlds.people_of(world, "r0", lookups):
        of.setdefault(people, []).extend(as_touchpoints(person.touchpoints))
    return world.follow(worlds.OWN, lookups), of


def state(rule: Rule, record: Record, happened: list[Touchpoint], of: People, moment: int) -> object:
    """All that may not change before `next_change_at`; None for a record that is not scored."""
    score = evaluate(rule, record, happened, moment, of=of)
    return score and (
        (score.positive, score.negative, score.touchpoint_positive, score.touchpoint_negative),
        (score.total, score.grade),
        tuple(line.points for line in score.lines),
    )


def turning_points(record: Record, happened: Iterable[Touchpoint]) -> list[int]:
    """Every moment at which something may turn, by brute force: moments, spans and days from them."""
    records = [record, *record.related.values()]
    records += [r for of in record.related.values() for r in of.related.values()]
    values = [value for one in records for value in one.fields.values()]
    begins = [value.moment for value in values if value.moment is not None]
    begins += [touchpoint.occurred_at for touchpoint in happened]
    steps = {(parse_duration(span) or 0) * k for span in SPANS for k in (-1, 0, 1, 2, 3, 5)}
    steps |= {DAY * k for k in (*range(20), 99, 100, 101)}
    return sorted({begin + step for begin in begins for step in steps})


def probes(turns: list[int], end: int, chance: random.Random) -> list[int]:
    """Moments from `AS_OF` up to but excluding the end, those about turning points above all."""
    about = {moment + jitter for moment in turns for jitter in (-1, 0, 1)}
    within = sorted(moment for moment in about if AS_OF <= moment < end)
    anywhere = [chance.randrange(AS_OF, end) for _ in range(3)]
    return chance.sample(within, min(15, len(within))) + within[:5] + within[-5:] + anywhere + [end - 1]


@settings(max_examples=80, deadline=None)
@given(rules(), records(), touchpoints(), related(), st.randoms(use_true_random=False))
def test_nothing_changes_before_it(
    document: Document,
    fields: Document,
    raw: list[RawTouchpoint],
    others: tuple[dict[str, Record], People],
    chance: random.Random,
) -> None:
    """Invariant 6 of the house, as far as the core goes."""
    rule = read_rule(json.dumps(document), "rule.json").rule
    linked, of = others
    record, happened = dataclasses.replace(as_record(fields), related=linked), as_touchpoints(raw)
    score = evaluate(rule, record, happened, AS_OF, of=of)
    if score is None:
        return
    assert score.next_change_at is None or AS_OF < score.next_change_at <= LAST_MOMENT
    end = score.next_change_at or AS_OF + 200 * YEAR
    now = state(rule, record, happened, of, AS_OF)
    everything = [*happened, *(touchpoint for theirs in of.values() for touchpoint in theirs)]
    for moment in probes(turning_points(record, everything), end, chance):
        assert state(rule, record, happened, of, moment) == now


@settings(max_examples=80, deadline=None)
@given(rules(), records(), touchpoints(), st.randoms(use_true_random=False))
def test_no_line_changes_before_its_own_moment(
    document: Document, fields: Document, raw: list[RawTouchpoint], chance: random.Random
) -> None:
    rule = dataclasses.replace(read_rule(json.dumps(document), "rule.json").rule, applies_to=())
    record, happened = as_record(fields), as_touchpoints(raw)
    score = evaluate(rule, record, happened, AS_OF)
    assert score is not None
    turns = turning_points(record, happened)
    for index, line in enumerate(score.lines):
        if line.kind != "criterion":
            continue
        for moment in probes(turns, line.next_change_at or AS_OF + 200 * YEAR, chance)[-9:]:
            later = evaluate(rule, record, happened, moment)
            assert later is not None
            assert later.lines[index].points == line.points


def is_exact(condition: Condition, worth: object = None) -> bool:
    """The criteria for which the language promises the exact moment."""
    if isinstance(condition, All | Any | Not):
        return False
    measure = condition.measure
    if getattr(worth, "decay", None) is not None:
        return False
    return not isinstance(measure, TouchpointMeasure) or measure.aggregate is Aggregate.COUNT


def exact_part(rule: Rule) -> Rule:
    """The rule without what need not be exact."""
    criteria = tuple(
        dataclasses.replace(criterion, group=None)
        for criterion in rule.criteria
        if is_exact(criterion.condition, criterion.worth)
    )
    applies = tuple(condition for condition in rule.applies_to if is_exact(condition))
    return dataclasses.replace(rule, criteria=criteria, applies_to=applies, groups=())


@settings(max_examples=120, deadline=None)
@given(rules(), records(), touchpoints())
def test_something_changes_at_it_where_it_is_exact(
    document: Document, fields: Document, raw: list[RawTouchpoint]
) -> None:
    rule = exact_part(read_rule(json.dumps(document), "rule.json").rule)
    record = as_record(fields)
    happened = as_touchpoints([touchpoint for touchpoint in raw if touchpoint.occurred_at <= AS_OF])
    score = evaluate(rule, record, happened, AS_OF)
    if score is None or score.next_change_at is None:
        return
    later = evaluate(rule, record, happened, score.next_change_at)
    points = [line.points for line in score.lines if line.kind == "criterion"]
    assert later is None or [line.points for line in later.lines if line.kind == "criterion"] != points
