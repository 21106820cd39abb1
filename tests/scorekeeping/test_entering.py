"""Invariant 6 for records outside a rule: time alone brings them in, and takes them out, at the very moment."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from firstcall.records.actions import change_record, create_record
from firstcall.records.models import Module
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.clock import next_due
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import ScoreChange, StoredRule, StoredScore, Waiting
from firstcall.scorekeeping.switching import activate, deactivate
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source
from tests.scorekeeping.company import START, lead, plain_leads, sweep_all, wrong_scores

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RENEWAL = """
name: Renewal
module: leads
applies_to:
  - {field: contract_ends_on, in_next: 30 days}
criteria:
  - {name: Decides, field: job_title, has_word: director, points: 20}
"""
VISITORS = """
name: Visitors
module: leads
applies_to:
  - any:
      - {touchpoint: web.visited, in_last: 2 days, gte: 2}
      - {field: met_at, older_than: 3 days}
  - {field: opted_in, is_not: false}
criteria:
  - {name: Pages, touchpoint: web.visited, in_last: 7 days, each: 2}
"""


@pytest.fixture
def module(db: None) -> Module:
    return plain_leads()


def keep(at: datetime) -> None:
    keep_all(now=lambda: at)


def test_a_record_enters_a_rule_at_its_moment(module: Module) -> None:
    activate(write_rule(RENEWAL, at=START), at=START)
    create_record(module, lead(contract_ends_on="2026-10-20"), at=START)
    keep_all(now=lambda: START)
    assert not StoredScore.objects.exists()
    due = next_due()
    assert due == START + 19 * DAY
    assert keep_all(now=lambda: due - timedelta(microseconds=1)) == 0
    assert keep_all(now=lambda: due) == 1
    assert StoredScore.objects.get().total == 20_00
    assert (ScoreChange.objects.get().cause, ScoreChange.objects.get().old_total) == ("time", None)
    assert not Waiting.objects.exists()


def test_one_who_waits_and_is_changed_waits_for_another_moment(module: Module) -> None:
    activate(write_rule(RENEWAL, at=START), at=START)
    record = create_record(module, lead(contract_ends_on="2026-10-20"), at=START)
    keep_all(now=lambda: START)
    change_record(record, {"contract_ends_on": "2026-11-20"}, at=START + HOUR)
    keep_all(now=lambda: START + HOUR)
    assert next_due() == START + 50 * DAY
    change_record(record, {"contract_ends_on": None}, at=START + 2 * HOUR)
    keep_all(now=lambda: START + 2 * HOUR)
    assert next_due() is None


def test_a_rule_that_is_switched_on_again_knows_who_waits(module: Module) -> None:
    activate(write_rule(RENEWAL, at=START), at=START)
    create_record(module, lead(contract_ends_on="2026-10-20"), at=START)
    keep_all(now=lambda: START)
    rule = StoredRule.objects.get()
    deactivate(rule, at=START + HOUR)
    assert keep_all(now=lambda: START + 40 * DAY) == 1
    assert next_due() is None
    assert not StoredScore.objects.exists()
    activate(rule.newest, at=START + 2 * HOUR)
    sweep_all(START + 2 * HOUR)
    assert next_due() == START + 19 * DAY


@pytest.mark.parametrize("seed", range(2))
def test_at_every_moment_that_is_due_the_scores_are_right(module: Module, seed: int) -> None:
    chance = random.Random(seed)
    source = Source.objects.create(name="web", created_at=START)
    for text in (RENEWAL, VISITORS):
        activate(write_rule(text, at=START), at=START)
    records = []
    for number in range(10):
        met = START - timedelta(hours=chance.randrange(-50, 100))
        ends = (START + timedelta(days=chance.randrange(20, 60))).date()
        values = lead(contract_ends_on=str(ends), met_at=met.isoformat(), opted_in=chance.random() < 0.8)
        records.append(create_record(module, values, at=START))
        visits = [START + timedelta(hours=chance.randrange(-60, 60)) for _ in range(chance.randrange(5))]
        accept(
            source,
            [Arrival(f"{number}.{i}", "web.visited", at, records[-1].pk) for i, at in enumerate(visits)],
            received_at=START,
        )
    keep(START)
    moments = 0
    while (due := next_due()) is not None and due < START + 40 * DAY:
        moments += 1
        looks = moments % 6 == 0  # the judge is slow
        if looks:
            assert wrong_scores(due - timedelta(microseconds=1)) == []
        keep(due)
        if looks:
            assert wrong_scores(due) == []
    assert moments > 20
    assert ScoreChange.objects.filter(cause="time", old_total=None).count() > 5
    assert ScoreChange.objects.filter(cause="time", new_total=None).count() > 2
