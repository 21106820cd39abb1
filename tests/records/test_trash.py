"""Deleting: the trash hides a record from everything and gives it back whole; erasing leaves nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from firstcall.access.models import User
from firstcall.records.actions import (
    TRASH_IS_KEPT,
    change_record,
    create_record,
    delete_records,
    erase_old_trash,
    erase_records,
    restore_records,
)
from firstcall.records.errors import InvalidValuesError
from firstcall.records.keys import find_by_key
from firstcall.records.models import DirtyRecord, FieldChange, Module, Record, RecordKey, RecordLink
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source, Touchpoint
from tests.records.modules import LATER, START, make_accounts, make_leads
from tests.records.test_many import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts() -> Module:
    return make_accounts()


@pytest.fixture
def leads(accounts: Module) -> Module:
    return make_leads(accounts)


def dirty() -> set[int]:
    ids = set(DirtyRecord.objects.values_list("record_id", flat=True))
    DirtyRecord.objects.all().delete()
    return ids


def test_nothing_finds_what_is_in_the_trash_and_all_comes_back(leads: Module, accounts: Module) -> None:
    bob = User.objects.create_user("bob@example.com")
    acme = create_record(accounts, {"name": "Acme"}, at=START)
    ann = create_record(leads, {"email": "a@example.com", "account": acme.pk}, at=START)
    dirty()
    assert said(delete_records(leads, [ann.pk, acme.pk, ann.pk], at=LATER, by=bob)) == [
        "deleted",
        f"id is no record: {acme.pk}.",
        "deleted",
    ]
    assert find_by_key("email", "a@example.com") == []
    assert not RecordLink.objects.exists()
    assert dirty() == {ann.pk, acme.pk}
    with pytest.raises(InvalidValuesError, match=f"id is no record of leads: {ann.pk}"):
        change_record(ann, {"last_name": "Ann"}, at=LATER)
    assert said(delete_records(leads, [ann.pk], at=LATER)) == [f"id is no record: {ann.pk}."]
    assert said(restore_records(leads, [ann.pk], at=LATER, by=bob)) == ["restored"]
    assert said(restore_records(leads, [ann.pk], at=LATER)) == [f"id is no record in the trash: {ann.pk}."]
    assert find_by_key("email", "a@example.com") == [ann.pk]
    assert RecordLink.objects.get().target_id == acme.pk
    assert dirty() == {ann.pk}
    history = FieldChange.objects.order_by("pk").values_list("field", "by", "at")
    assert list(history) == [("deleted_at", bob.pk, LATER), ("deleted_at", bob.pk, LATER)]


def test_a_unique_value_is_free_while_its_record_is_in_the_trash(leads: Module) -> None:
    ids = [create_record(leads, {"crm_id": n}, at=START).pk for n in "12"]
    delete_records(leads, ids, at=LATER)
    taker = create_record(leads, {"crm_id": "1"}, at=LATER)
    assert said(restore_records(leads, ids, at=LATER)) == [
        f"crm_id is to be unique, and record {taker.pk} has 1 by now.",
        "restored",
    ]


def test_what_looks_up_a_deleted_record_is_due_and_keeps_its_value(leads: Module, accounts: Module) -> None:
    acme = create_record(accounts, {"name": "Acme"}, at=START)
    ann = create_record(leads, {"account": acme.pk}, at=START)
    dirty()
    delete_records(accounts, [acme.pk], at=LATER)
    assert dirty() == {acme.pk, ann.pk}
    ann.refresh_from_db()
    assert ann.values == {"account": acme.pk}
    with pytest.raises(InvalidValuesError, match="account takes the id of a record of accounts"):
        create_record(leads, {"account": acme.pk}, at=LATER)


def test_erasing_leaves_nothing(leads: Module, accounts: Module) -> None:
    acme = create_record(accounts, {"name": "Acme"}, at=START)
    ann = create_record(leads, {"email": "a@example.com", "account": acme.pk}, at=START)
    bob = create_record(leads, {"last_name": "Bob", "account": acme.pk}, at=START)
    change_record(ann, {"last_name": "Ann"}, at=LATER)
    source = Source.objects.create(name="site", created_at=START)
    accept(source, [Arrival("1", "web.visited", START, ann.pk)], received_at=LATER)
    delete_records(leads, [bob.pk], at=LATER)
    dirty()
    assert erase_records([acme.pk], at=LATER) == 1
    ann.refresh_from_db()
    assert ann.values == {"email": "a@example.com", "last_name": "Ann"}
    assert dirty() == {ann.pk}
    cleared = FieldChange.objects.filter(field="account").values_list("record", "old", "new")
    assert list(cleared) == [(ann.pk, acme.pk, None)]
    restore_records(leads, [bob.pk], at=LATER)
    bob.refresh_from_db()
    assert bob.values == {"last_name": "Bob"}
    assert erase_records([ann.pk, bob.pk, 10**6], at=LATER) == 2
    assert not Record.objects.exists()
    assert not FieldChange.objects.exists()
    assert not RecordKey.objects.exists()
    assert not Touchpoint.objects.exists()


def test_the_trash_is_emptied_of_what_is_old(leads: Module) -> None:
    ids = [create_record(leads, {}, at=START).pk for _ in range(3)]
    delete_records(leads, ids[:1], at=START)
    delete_records(leads, ids[1:2], at=LATER)
    assert erase_old_trash(now=START + TRASH_IS_KEPT) == 0
    assert erase_old_trash(now=START + TRASH_IS_KEPT + timedelta(minutes=1)) == 1
    assert set(Record.objects.values_list("pk", flat=True)) == set(ids[1:])
