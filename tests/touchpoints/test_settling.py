"""What the intake left open is settled by decision, or by what records say later."""

from __future__ import annotations

import pytest

from firstcall.records.actions import change_record, create_record, delete_records
from firstcall.records.models import DirtyRecord, Module, Record
from firstcall.touchpoints.models import Ambiguity, Touchpoint
from firstcall.touchpoints.people import AmbiguityStatus
from firstcall.touchpoints.settling import assign, assign_what_is_clear, ignore, join_by_value
from tests.touchpoints.test_identity import START, Sender, at, leads, record_of, send, source

__all__ = ["leads", "send", "source"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(leads: Module) -> tuple[Record, Record]:
    one, other = (create_record(leads, {"email": "ann@example.com"}, at=START) for _ in range(2))
    return one, other


def test_what_is_assigned_joins_the_record_with_all_that_comes(
    send: Sender, twins: tuple[Record, Record]
) -> None:
    send(send.saw("/a", email="ann@example.com"))
    DirtyRecord.objects.all().delete()
    assign(Ambiguity.objects.get(), twins[1], at=at(10))
    send(send.saw("/b", email="ANN@example.com"))
    assert record_of("/a") == record_of("/b") == twins[1]
    assert set(DirtyRecord.objects.values_list("record_id", flat=True)) == {twins[1].pk}
    assert Touchpoint.objects.get(properties__path="/a").joined_at == at(10)
    assert Ambiguity.objects.get().status == AmbiguityStatus.ASSIGNED


def test_what_is_ignored_stays_nobodys(send: Sender, twins: tuple[Record, Record]) -> None:
    send(send.saw("/a", email="ann@example.com"))
    ignore(Ambiguity.objects.get(), at=at(10))
    send(send.saw("/b", email="ann@example.com"))
    assert record_of("/a") is record_of("/b") is None
    assert Ambiguity.objects.get().status == AmbiguityStatus.IGNORED


def test_where_one_candidate_is_left_it_is_clear(send: Sender, twins: tuple[Record, Record]) -> None:
    send(send.saw("/a", email="ann@example.com"))
    assert assign_what_is_clear(at=at(10)) == 0
    delete_records(twins[0].module, [twins[0].pk], at=at(11))
    assert assign_what_is_clear(at=at(12)) == 1
    assert record_of("/a") == twins[1]


def test_an_alias_of_two_is_settled_for_both_ids(send: Sender) -> None:
    send(
        send.is_({"email": "a@example.com"}, user_id="u1"), send.is_({"email": "b@example.com"}, user_id="u2")
    )
    send(send.alias("u1", "u2"))
    ann = Record.objects.get(values__email="a@example.com")
    assign(Ambiguity.objects.get(), ann, at=at(10))
    send(send.saw("/a", user_id="u1"), send.saw("/b", user_id="u2"))
    assert record_of("/a") == record_of("/b") == ann


def test_what_waits_for_an_address_joins_the_lead_that_gets_it(send: Sender, leads: Module) -> None:
    send(
        send.saw("/a", email="ann@example.com"),
        send.saw("/b", phone="+49 30 1234567"),
        send.saw("/c", email="x@example.com"),
    )
    lead = create_record(leads, {"last_name": "Lee"}, at=at(1))
    assert join_by_value(at=at(2)) == 0
    change_record(lead, {"email": "Ann@example.com", "phone": "0049 30 1234567"}, at=at(3))
    change_record(lead, {"phone": "+49 (30) 123-4567"}, at=at(3))
    assert join_by_value(at=at(4)) == 2
    assert record_of("/a") == record_of("/b") == lead
    assert record_of("/c") is None


def test_who_is_deleted_and_comes_back_is_a_new_lead(send: Sender, leads: Module) -> None:
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    old = Record.objects.get()
    delete_records(leads, [old.pk], at=at(5))
    send(send.saw("/a", user_id="u1"))
    assert record_of("/a") is None
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    new = Record.objects.get(deleted_at=None)
    assert new != old
    assert record_of("/a") == new
