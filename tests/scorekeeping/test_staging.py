"""Sweeps through the columnar copy: the same scores, whatever happens between the copy's state and the storing."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from firstcall.access.models import User
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.jobs.models import Job
from firstcall.records.actions import change_record, create_record
from firstcall.records.models import Field, Layout, Module
from firstcall.scorekeeping import sweeping
from firstcall.scorekeeping.actions import edit_rule
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scorekeeping.staging import Staged
from firstcall.scorekeeping.sweeping import sweep_later
from firstcall.scorekeeping.switching import SWEEP, activate
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import PropertySlot
from firstcall.touchpoints.revoking import Selection, revoke_selected
from tests.records.importing.conftest import data_folder
from tests.scorekeeping.company import (
    INTEREST,
    START,
    found_company,
    lead,
    readdress,
    run_sweep,
    wrong_scores,
)
from tests.scorekeeping.test_keeper import random_arrival, random_given

__all__ = ["data_folder"]
pytestmark = pytest.mark.django_db(transaction=True)


class Company:
    """Records with touchpoints, some of which the copy shows."""

    def __init__(self) -> None:
        self.module, self.source = found_company()
        self.chance, self.number = random.Random(11), 0
        User.objects.create_user("ann@example.com")
        self.records = [
            create_record(self.module, random_given(self.chance, START), at=START) for _ in range(60)
        ]
        self.touch(200, START)

    def touch(self, count: int, at: datetime) -> None:
        first, self.number = self.number, self.number + count
        arrivals = [random_arrival(self.chance, self.records, at, f"m{first + n}") for n in range(count)]
        accept(self.source, arrivals, received_at=at)

    def sweep(self, *moments: datetime, first: int = 100) -> None:
        """Score everything by both rules; the moments that the clock shows, the last one from then on."""
        shown = list(moments)
        job = sweep_later(self.module, StoredRule.objects.all(), at=moments[0])
        assert job is not None
        run_sweep(job, lambda: shown.pop(0) if len(shown) > 1 else shown[0], first=first)

    def follow(self, at: datetime) -> None:
        Follower(copy_folder(), now=lambda: at).step()


@pytest.fixture
def company(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setattr(sweeping, "LARGE", 1)
    return Company()


@pytest.fixture
def staged_ids(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The records whose scores were stored as the copy gave them."""
    found: list[int] = []
    store = sweeping.store_staged

    def noting(version: Any, table: str, ids: Any, *others: Any) -> None:
        found.extend(ids)
        store(version, table, ids, *others)

    monkeypatch.setattr(sweeping, "store_staged", noting)
    return found


def test_a_sweep_stores_what_the_copy_gives(company: Company, staged_ids: list[int]) -> None:
    company.follow(START)
    later = START + timedelta(hours=1)
    company.sweep(later)
    assert set(staged_ids) <= {record.pk for record in company.records}
    assert len(staged_ids) > 30
    keep_all(now=lambda: later)
    assert wrong_scores(later) == []
    before = list(StoredScore.objects.order_by("pk").values())
    company.sweep(later)
    assert list(StoredScore.objects.order_by("pk").values()) == before


def test_what_happened_since_the_copy_is_computed_anew(company: Company, staged_ids: list[int]) -> None:
    company.follow(START)
    later = START + timedelta(hours=1)
    company.touch(10, later)
    revoked, changed = company.records[:2]
    revoke_selected(Selection(record=revoked.pk), reason="a bot", at=later)
    change_record(changed, lead(employees=7), at=later)
    created = create_record(company.module, lead(), at=later)
    # A keeper has scored them meanwhile, so nothing is dirty any more.
    keep_all(now=lambda: later)
    company.sweep(later)
    assert not {revoked.pk, changed.pk, created.pk} & set(staged_ids)
    assert staged_ids
    assert wrong_scores(later) == []


def test_scores_that_time_has_changed_since_are_computed_anew(
    company: Company, staged_ids: list[int]
) -> None:
    company.follow(START)
    later = START + timedelta(days=3)
    company.sweep(START, later, first=1000)
    assert staged_ids
    assert len(set(staged_ids)) < len(company.records)
    assert wrong_scores(later) == []


def test_an_owner_with_another_address_is_seen(company: Company, staged_ids: list[int]) -> None:
    company.follow(START)
    later = START + timedelta(hours=1)
    readdress(User.objects.get(email="ann@example.com"), "new@example.com", later)
    company.sweep(later)
    keep_all(now=lambda: later)
    assert staged_ids == []
    assert wrong_scores(later) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda module: User.objects.create_user("late@example.com"),
        lambda module: Layout.objects.create(module=module, name="Partners"),
        lambda module: Field.objects.create(module=module, name="late", label="Late", kind="text"),
        lambda module: Field.objects.filter(module=module, name="employees").update(kind="currency"),
        lambda module: Module.objects.create(name="visits", label="Visits", is_people=False),
        lambda module: PropertySlot.objects.create(number=7, property="late", edition=1, fill_until=0),
    ],
    ids=["owner", "layout", "field", "kind", "module", "slot"],
)
def test_what_changes_around_the_records_while_a_sweep_goes_on_is_seen(
    company: Company,
    staged_ids: list[int],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Module], object],
) -> None:
    company.follow(START)
    later = START + timedelta(hours=1)
    look, looks = Staged.look, list[bool]()

    def looking(laid: Staged) -> bool:
        if len(looks) == 2:
            change(company.module)
        looks.append(look(laid))
        return looks[-1]

    monkeypatch.setattr(Staged, "look", looking)
    company.sweep(later, first=10)
    assert looks[:2] == [True, True]
    assert set(looks[2:]) == {False}
    keep_all(now=lambda: later)
    assert wrong_scores(later) == []


def test_without_a_copy_all_is_computed_where_it_is(company: Company, staged_ids: list[int]) -> None:
    company.sweep(START)
    keep_all(now=lambda: START)
    assert staged_ids == []
    assert wrong_scores(START) == []


def test_an_edit_switched_on_is_swept_through_the_copy_while_touchpoints_come_in(
    company: Company, staged_ids: list[int]
) -> None:
    company.follow(START)
    company.sweep(START)
    keep_all(now=lambda: START)
    rule = StoredRule.objects.get(name="Interest")
    staged_ids.clear()
    activate(edit_rule(rule, INTEREST.replace("each: 2", "each: 3"), at=START, expected=1), at=START)
    stop, later = threading.Event(), START + timedelta(minutes=1)

    def come_in() -> None:
        try:
            for _ in range(15):
                company.touch(5, later)
                keep_all(now=lambda: later)
        finally:
            stop.set()
            connection.close()

    thread = threading.Thread(target=come_in)
    thread.start()
    [job] = Job.objects.filter(kind=SWEEP, status="waiting")
    run_sweep(job, lambda: later, first=5)
    thread.join()
    keep_all(now=lambda: later)
    assert stop.is_set()
    assert staged_ids
    assert wrong_scores(later) == []
