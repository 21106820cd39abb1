"""Scores of rules that reach through look-ups and count what related people do: right after every write, and again
as of any moment before."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from firstcall.access.models import User
from firstcall.records.actions import (
    Given,
    change_record,
    create_record,
    delete_records,
    erase_records,
    mark_dirty,
    restore_records,
)
from firstcall.records.models import DirtyRecord, Module, Record, Turn
from firstcall.scorekeeping import spreading
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.keeper import keep, keep_all
from firstcall.scorekeeping.models import ScoreChange, StoredRule, StoredScore
from firstcall.scorekeeping.replay import score_as_of
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source, Touchpoint
from firstcall.touchpoints.revoking import revoke
from tests.scorekeeping.company import (
    START,
    found_company,
    lead,
    random_owner,
    random_tags,
    readdress,
    sweep_all,
)
from tests.scorekeeping.partners import LOOKUPS, found_partners, wrong_scores

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

type Partners = tuple[dict[str, Module], Source]


@pytest.fixture
def partners() -> Partners:
    return found_partners()


def kept(at: datetime) -> int:
    return keep_all(now=lambda: at)


def total(record: Record, rule: str) -> int | None:
    score = StoredScore.objects.filter(record=record, rule__name=rule).first()
    return None if score is None else int(score.total)


def lines(record: Record, rule: str, at: datetime) -> dict[str, int]:
    score = score_as_of(record, StoredRule.objects.get(name=rule), at)
    assert score is not None
    return {line.name: line.points for line in score.lines if line.points}


def test_an_account_is_scored_by_what_its_contacts_do(partners: Partners) -> None:
    modules, source = partners
    account = create_record(modules["accounts"], {}, at=START)
    contacts = [create_record(modules["contacts"], {"account": account.pk}, at=START) for _ in range(2)]
    kept(START)
    assert total(account, "Account interest") == 0
    arrivals = [
        Arrival(f"m{i}", "web.visited", START, contact.pk, {"path": f"/{i}"})
        for i, contact in enumerate(contacts)
    ]
    accept(source, arrivals, received_at=START + HOUR)
    kept(START + HOUR)
    assert lines(account, "Account interest", START + HOUR) == {"Visits": 400, "Pages": 300}
    assert total(account, "Account interest") == 700
    change = ScoreChange.objects.filter(record=account).latest("id")
    assert (change.old_total, change.new_total, change.cause) == (0, 700, "touchpoint")
    revoke(list(Touchpoint.objects.filter(record=contacts[0])), at=START + 2 * HOUR)
    kept(START + 2 * HOUR)
    assert total(account, "Account interest") == 200
    assert ScoreChange.objects.filter(record=account).latest("id").cause == "revoke"


def test_both_accounts_are_scored_again_when_a_contact_goes_from_one_to_the_other(partners: Partners) -> None:
    modules, source = partners
    old, new = (create_record(modules["accounts"], {}, at=START) for _ in range(2))
    contact = create_record(modules["contacts"], {"account": old.pk}, at=START)
    accept(source, [Arrival("m", "web.visited", START, contact.pk)], received_at=START)
    kept(START)
    assert (total(old, "Account interest"), total(new, "Account interest")) == (200, 0)
    change_record(contact, {"account": new.pk}, at=START + HOUR)
    kept(START + HOUR)
    assert (total(old, "Account interest"), total(new, "Account interest")) == (0, 200)
    assert lines(old, "Account interest", START) == {"Visits": 200}
    assert lines(new, "Account interest", START) == {}


def test_a_deal_follows_its_account_and_its_accounts_parent(partners: Partners) -> None:
    modules, _ = partners
    parent = create_record(modules["accounts"], {"employees": 5}, at=START)
    account = create_record(modules["accounts"], {"industry": "IT", "parent": parent.pk}, at=START)
    deal = create_record(modules["deals"], {"account": account.pk}, at=START)
    kept(START)
    assert total(deal, "Deal") == 500
    change_record(parent, {"employees": 5_000}, at=START + HOUR)
    kept(START + HOUR)
    assert lines(deal, "Deal", START + HOUR) == {"Industry": 500, "Group": 300}
    change_record(account, {"industry": "Spam"}, at=START + 2 * HOUR)
    kept(START + 2 * HOUR)
    assert total(deal, "Deal") is None
    delete_records(modules["accounts"], [account.pk], at=START + 3 * HOUR)
    kept(START + 3 * HOUR)
    assert total(deal, "Deal") == 0
    restore_records(modules["accounts"], [account.pk], at=START + 4 * HOUR)
    change_record(account, {"industry": "Retail"}, at=START + 4 * HOUR)
    kept(START + 4 * HOUR)
    assert lines(deal, "Deal", START + 4 * HOUR) == {"Group": 300}
    assert lines(deal, "Deal", START + HOUR) == {"Industry": 500, "Group": 300}
    erase_records([parent.pk], at=START + 5 * HOUR)
    kept(START + 5 * HOUR)
    assert total(deal, "Deal") == 0


def test_what_related_people_will_do_and_what_fades_comes_at_its_moment(partners: Partners) -> None:
    modules, source = partners
    account = create_record(modules["accounts"], {}, at=START)
    contact = create_record(modules["contacts"], {"account": account.pk}, at=START)
    accept(source, [Arrival("m", "email.replied", START + DAY, contact.pk)], received_at=START)
    kept(START)
    score = StoredScore.objects.get(record=account, rule__name="Account interest")
    assert (score.total, score.next_change_at) == (0, START + DAY)
    for moment, points in ((DAY, 8_00), (3 * DAY, 3_00), (5 * DAY, 0)):
        kept(START + moment)
        assert total(account, "Account interest") == points
        assert wrong_scores(START + moment) == []


def test_what_bears_on_nobody_makes_nobody_dirty(partners: Partners) -> None:
    modules, source = partners
    account = create_record(modules["accounts"], {}, at=START)
    contact = create_record(modules["contacts"], {"account": account.pk}, at=START)
    deal = create_record(modules["deals"], {"account": account.pk, "buyer": contact.pk}, at=START)
    kept(START)
    # Time and rules bear on the record alone; a touchpoint of no person of a rule, and of a deal, on nobody else.
    mark_dirty([account.pk, contact.pk], cause="time", since=START)
    mark_dirty([account.pk, contact.pk], cause="rule", since=START)
    accept(source, [Arrival("m", "web.visited", START, deal.pk)], received_at=START)
    assert keep(now=lambda: START) == 3
    assert not DirtyRecord.objects.exists()
    accept(source, [Arrival("n", "web.visited", START, contact.pk)], received_at=START)
    assert keep(now=lambda: START) == 1
    assert set(DirtyRecord.objects.values_list("record_id", "cause", "is_spread")) == {
        (account.pk, "touchpoint", True),
        (deal.pk, "touchpoint", True),
    }
    assert keep(now=lambda: START) == 2
    assert not DirtyRecord.objects.exists()


def test_of_many_that_a_change_bears_on_none_stands_in_the_way_of_others(
    partners: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules, _ = partners
    monkeypatch.setattr(spreading, "_SPREAD", spreading._SPREAD.replace("> 1000", "> 2"))
    account = create_record(modules["accounts"], {}, at=START)
    for _ in range(3):
        create_record(modules["contacts"], {"account": account.pk}, at=START)
    kept(START)
    change_record(account, {"labels": ["key"]}, at=START + HOUR)
    keep(now=lambda: START + HOUR)
    assert set(DirtyRecord.objects.values_list("turn", flat=True)) == {Turn.TIME}
    kept(START + HOUR)
    assert wrong_scores(START + HOUR) == []


def test_where_no_rule_reaches_beyond_its_record_it_costs_one_small_query() -> None:
    module, _ = found_company()
    record = create_record(module, lead(), at=START)
    kept(START)
    mark_dirty([record.pk], cause="field", since=START)
    with CaptureQueriesContext(connection) as queries:
        spreading.spread([spreading.Happened(record.pk, "field", 0, 0)])
    assert len(queries) == 0  # none of Django's
    assert spreading.reaches() == frozenset()


def test_a_rule_that_reaches_nowhere_is_refused(partners: Partners) -> None:
    text = """
name: Wrong
module: deals
criteria:
  - {name: A, field: acount.industry, is: IT, points: 1}
  - {name: B, touchpoint: web.visited, points: 1}
  - {name: C, touchpoint: web.visited, of: account, points: 1}
"""
    with pytest.raises(InvalidRuleError) as caught:
        write_rule(text, at=START)
    assert [f"{problem.json_path}: {problem.says} {problem.fix}" for problem in caught.value.problems] == [
        "criteria[0].field: The records have no look-up `acount`. Did you mean `account`?",
        "criteria[1].touchpoint: The deals have no touchpoints of their own. "
        "Measure those of related people, such as `of: contacts`.",
        "criteria[2].of: The accounts are no people: touchpoints are not theirs. Related people are `contacts`.",
    ]


class History:
    """A random company life; some look-ups are dangling, some go in circles."""

    def __init__(self, partners: Partners, seed: int) -> None:
        self.modules, self.source = partners
        for name in ("ann", "bob"):
            User.objects.create_user(f"{name}@example.com")
        self.chance, self.now = random.Random(seed), START
        self.number = 0

    def step(self) -> None:
        chance = self.chance
        self.now += timedelta(seconds=chance.choice([1, 3_600, 86_400, 2 * 86_400]) * chance.random())
        self.number += 1
        happening = chance.choice(
            [self.create] * 3
            + [self.change] * 4
            + [self.touch] * 5
            + [self.remove, self.revoke, self.readdress]
        )
        happening()
        kept(self.now)

    def create(self) -> None:
        name = self.chance.choice(sorted(self.modules))
        create_record(self.modules[name], self.given(name), at=self.now)

    def change(self) -> None:
        there = list(Record.objects.filter(deleted_at=None).select_related("module"))
        if there:
            record = self.chance.choice(there)
            change_record(record, self.given(record.module.name), at=self.now)

    def readdress(self) -> None:
        ann = User.objects.get(email__startswith="ann")
        readdress(ann, self.chance.choice(["ann@example.com", "ann.lee@example.com"]), self.now)

    def touch(self) -> None:
        people = list(Record.objects.exclude(module__name="accounts"))
        arrivals = [
            Arrival(
                f"{self.number}.{i}",
                self.chance.choice(["web.visited", "web.left", "email.replied", "survey.responded"]),
                self.now + timedelta(hours=self.chance.choice([0, 0, -30, -100, 20]) * self.chance.random()),
                self.chance.choice(people).pk,
                {"path": self.chance.choice(["/a", "/b"]), "rating": self.chance.choice([3, 9, "7"])},
            )
            for i in range(4 if people else 0)
        ]
        accept(self.source, arrivals, received_at=self.now)

    def revoke(self) -> None:
        if Touchpoint.objects.exists():
            revoke([self.chance.choice(list(Touchpoint.objects.all()))], at=self.now)

    def remove(self) -> None:
        records = list(Record.objects.select_related("module"))
        if records:
            record = self.chance.choice(records)
            act = restore_records if record.deleted_at is not None else delete_records
            act(record.module, [record.pk], at=self.now)

    def given(self, name: str) -> Given:
        given = Given(self.values(name))
        if self.chance.random() < 0.4:
            given = replace(given, owner=random_owner(self.chance))
        return replace(given, tags=random_tags(self.chance)) if self.chance.random() < 0.4 else given

    def values(self, name: str) -> dict[str, object]:
        chance = self.chance
        made: dict[str, object] = {
            "accounts": {
                "industry": chance.choice(["IT", "Retail", "Spam", None]),
                "employees": chance.choice([5, 100, 5_000, None]),
                "renews_on": str((self.now + timedelta(days=chance.randrange(-4, 14))).date()),
                "labels": chance.choice([["key"], ["old", "Key"], None]),
            },
            "contacts": {"job_title": chance.choice(["Sales Director", "Intern", None])},
            "deals": {"amount": chance.choice([10, "2.5", None])},
        }[name]
        values = {field: made[field] for field in chance.sample(sorted(made), min(2, len(made)))}  # type: ignore[call-overload, arg-type, index]
        for field, target in LOOKUPS[name].items():
            targets = [r.pk for r in Record.objects.filter(module__name=target, deleted_at=None)]
            if chance.random() < 0.7:
                values[field] = chance.choice([*targets[:4], None])
        return values


@pytest.mark.parametrize("seed", range(3))
def test_stored_scores_equal_the_reference_after_any_history(partners: Partners, seed: int) -> None:
    """Invariants 5, 6 and 7 of rules that reach beyond their record."""
    history = History(partners, seed)
    for name in ("accounts", "accounts", "contacts", "contacts", "contacts", "deals", "deals"):
        create_record(history.modules[name], history.given(name), at=START)
    past: dict[datetime, dict[tuple[int, int], StoredScore]] = {}
    for _ in range(30):
        history.step()
        assert wrong_scores(history.now) == []
        past[history.now] = {(score.record_id, score.rule_id): score for score in StoredScore.objects.all()}
    sweep_all(history.now)
    assert wrong_scores(history.now) == []
    assert ScoreChange.objects.count() > 30
    for moment in history.chance.sample(sorted(past), 10):
        for rule in StoredRule.objects.all():
            for record in Record.objects.filter(module=rule.module):
                stored, replayed = past[moment].get((record.pk, rule.pk)), score_as_of(record, rule, moment)
                told = (moment, rule.name, record.pk)
                assert (*told, stored is None) == (*told, replayed is None)
                if stored is not None and replayed is not None:
                    assert (*told, replayed.total, replayed.grade) == (*told, stored.total, stored.grade)
