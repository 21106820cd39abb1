"""Writing records: all faults at once, every change kept, scores made due in the same transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from firstcall.access.models import User
from firstcall.records.actions import change_record, create_record
from firstcall.records.errors import InvalidValuesError
from firstcall.records.kinds import FieldKind
from firstcall.records.models import DirtyRecord, Field, FieldChange, Module, Record

pytestmark = pytest.mark.django_db

START = datetime(2026, 9, 1, tzinfo=UTC)
LATER = START + timedelta(hours=1)


@pytest.fixture
def leads() -> Module:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    Field.objects.create(module=module, name="email", label="E-mail", kind=FieldKind.EMAIL, is_required=True)
    Field.objects.create(module=module, name="employees", label="Size", kind=FieldKind.NUMBER)
    Field.objects.create(
        module=module, name="source", label="Source", kind=FieldKind.PICKLIST, choices=["Web", "Fair"]
    )
    return module


def test_every_fault_is_said_at_once_and_nothing_is_written(leads: Module) -> None:
    given = {"email": "ann", "employes": 5, "employees": "many", "source": "Moon"}
    with pytest.raises(InvalidValuesError) as refused:
        create_record(leads, given, at=START)
    assert [str(fault) for fault in refused.value.faults] == [
        "email takes an e-mail address.",
        "employes is no field of leads; did you mean employees.",
        "employees takes a number below a million million.",
        "source takes one of Web, Fair; Moon is none.",
    ]
    assert not Record.objects.exists()


def test_a_required_field_is_required(leads: Module) -> None:
    with pytest.raises(InvalidValuesError, match="email is required"):
        create_record(leads, {"employees": 5}, at=START)


def test_a_change_keeps_who_when_from_and_to(leads: Module) -> None:
    ann = User.objects.create_user("ann@example.com")
    record = create_record(leads, {"email": "a@example.com", "employees": 5}, at=START, by=ann)
    change_record(record, {"employees": 6, "source": "Web"}, at=LATER, by=ann)
    changed = change_record(record, {"employees": None, "source": "Web"}, at=LATER, by=ann)
    assert changed.values == {"email": "a@example.com", "source": "Web"}
    kept = FieldChange.objects.order_by("pk").values_list("field", "old", "new", "at", "by__email")
    assert list(kept) == [
        ("employees", "5", "6", LATER, "ann@example.com"),
        ("source", None, "Web", LATER, "ann@example.com"),
        ("employees", "6", None, LATER, "ann@example.com"),
    ]


def test_what_differs_in_nothing_writes_nothing(leads: Module) -> None:
    record = create_record(leads, {"email": "a@example.com", "employees": 5}, at=START)
    DirtyRecord.objects.all().delete()
    assert change_record(record, {"employees": "5.0"}, at=LATER).updated_at == START
    assert not FieldChange.objects.exists()
    assert not DirtyRecord.objects.exists()


def test_a_write_that_is_undone_leaves_nothing_due(leads: Module) -> None:
    with transaction.atomic():
        create_record(leads, {"email": "a@example.com"}, at=START)
        transaction.set_rollback(True)
    assert not DirtyRecord.objects.exists()


def test_values_read_long_ago_do_not_undo_a_later_change(leads: Module) -> None:
    record = create_record(leads, {"email": "a@example.com"}, at=START)
    stale = Record.objects.get(pk=record.pk)
    change_record(record, {"employees": 5}, at=LATER)
    assert change_record(stale, {"source": "Fair"}, at=LATER).values["employees"] == "5"
