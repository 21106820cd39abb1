"""What `group` says of a company becomes an account, once, and the person's record looks it up."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from firstcall.records.actions import change_record, create_record, delete_records
from firstcall.records.kinds import FieldKind
from firstcall.records.models import DirtyRecord, Field, Module, Record
from firstcall.touchpoints.calls import Grouping, Identification
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.mapping import mapping_faults
from firstcall.touchpoints.models import Sighting, Source
from firstcall.touchpoints.naming import who_of
from tests.touchpoints.test_identity import START, Sender, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts() -> Module:
    module = Module.objects.create(name="accounts", label="Accounts", title=["name"])
    for name, kind, more in (
        ("name", FieldKind.TEXT, {"is_required": True}),
        ("external_id", FieldKind.TEXT, {"is_external_id": True}),
        ("industry", FieldKind.PICKLIST, {"choices": ["IT", "Retail"]}),
        ("employees", FieldKind.NUMBER, {}),
        ("website", FieldKind.URL, {}),
        ("billing_city", FieldKind.TEXT, {}),
        ("type", FieldKind.TEXT, {}),
    ):
        Field.objects.create(module=module, name=name, label=name, kind=kind, **more)
    return module


@pytest.fixture
def contacts(accounts: Module) -> Module:
    module = Module.objects.create(name="contacts", label="Contacts", is_people=True)
    for name, kind in (("last_name", FieldKind.TEXT), ("email", FieldKind.EMAIL)):
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    Field.objects.create(
        module=module, name="account", label="Account", kind=FieldKind.LOOKUP, target=accounts
    )
    return module


@pytest.fixture
def source(contacts: Module) -> Source:
    return Source.objects.create(name="site", module=contacts, created_at=START)


@pytest.fixture
def send(source: Source) -> Sender:
    return Sender(source)


def group(
    send: Sender, id: str, traits: dict[str, Any] | None = None, *, after: float | None = None, **names: Any
) -> Grouping:
    return Grouping(*send._next(after), who_of(**names), id, traits or {})


def the_account() -> dict[str, Any]:
    return dict(Record.objects.get(module__name="accounts").values)


def the_contact() -> dict[str, Any]:
    return dict(Record.objects.get(module__name="contacts").values)


TRAITS = {
    "name": "Acme",
    "industry": "it",
    "employees": 250,
    "website": "acme.example",
    "address": {"city": "Graz", "country": "AT"},
    "plan": "pro",
}
ACME = {
    "external_id": "g1",
    "name": "Acme",
    "industry": "IT",
    "employees": "250",
    "website": "https://acme.example",
    "billing_city": "Graz",
}


def test_a_group_makes_an_account_and_links_the_person(send: Sender) -> None:
    send(send.is_({"email": "ann@example.com"}, user_id="u1"), group(send, "g1", TRAITS, user_id="u1"))
    assert the_account() == ACME
    account = Record.objects.get(module__name="accounts")
    assert the_contact() == {"email": "ann@example.com", "account": account.pk}
    assert DirtyRecord.objects.filter(record_id=account.pk).exists()
    assert set(Sighting.objects.values_list("name", flat=True)) == {"group.plan", "group.address.country"}


def test_it_changes_the_account_that_is_there_and_writes_nothing_where_nothing_differs(
    send: Sender, accounts: Module
) -> None:
    account = create_record(accounts, {"name": "ACME Ltd", "external_id": "g1", "type": "Customer"}, at=START)
    send(group(send, "g1", TRAITS, anonymous_id="a1"))
    assert the_account() == {**ACME, "type": "Customer"}
    version = Record.objects.get(pk=account.pk).version
    send(group(send, "g1", TRAITS, anonymous_id="a2"), group(send, "g1", {}, anonymous_id="a1"))
    assert Record.objects.get(pk=account.pk).version == version


def test_a_message_twice_is_once(send: Sender) -> None:
    first = group(send, "g1", {"name": "One"}, user_id="u1")
    send(first)
    send(group(send, "g1", {"name": "Two"}, user_id="u1"))
    send(first)
    assert the_account()["name"] == "Two"


def test_without_a_name_it_is_called_by_its_id_until_there_is_one(send: Sender) -> None:
    send(group(send, "g1", user_id="u1"))
    assert the_account() == {"name": "g1", "external_id": "g1"}
    send(group(send, "g1", {"name": "Acme"}, user_id="u1"))
    assert the_account() == {"name": "Acme", "external_id": "g1"}


def test_an_older_one_that_comes_late_only_fills_gaps(send: Sender) -> None:
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    send(group(send, "g2", {"name": "Now"}, user_id="u1", after=10))
    send(group(send, "g1", {"name": "Before"}, user_id="u1", after=5))
    send(group(send, "g2", {"name": "Once", "employees": 5}, user_id="u1", after=6))
    now, before = (Record.objects.get(values__external_id=id) for id in ("g2", "g1"))
    assert the_contact()["account"] == now.pk
    assert now.values == {"external_id": "g2", "name": "Now", "employees": "5"}
    assert before.values["name"] == "Before"


def test_of_one_batch_the_newest_counts_whatever_the_order(send: Sender) -> None:
    send(
        send.is_({"email": "ann@example.com"}, user_id="u1"),
        group(send, "g1", {"name": "New"}, user_id="u1", after=10),
        group(send, "g1", {"name": "Old", "employees": 5}, user_id="u1", after=5),
    )
    assert the_account() == {"external_id": "g1", "name": "New", "employees": "5"}


def test_a_visitor_is_linked_once_there_is_a_record(send: Sender) -> None:
    send(group(send, "g1", {"name": "Acme"}, anonymous_id="a1"))
    assert not Record.objects.filter(module__name="contacts").exists()
    send(send.is_({"email": "ann@example.com"}, user_id="u1", anonymous_id="a1"))
    assert the_contact()["account"] == Record.objects.get(module__name="accounts").pk


def test_an_account_in_the_trash_is_not_brought_back(send: Sender, accounts: Module) -> None:
    old = create_record(accounts, {"name": "Acme", "external_id": "g1"}, at=START)
    delete_records(accounts, [old.pk], at=START)
    send(send.is_({"email": "ann@example.com"}, user_id="u1"), group(send, "g1", user_id="u1"))
    new = Record.objects.get(module=accounts, deleted_at=None)
    assert new != old
    assert the_contact()["account"] == new.pk


def test_a_source_leaves_accounts_alone_where_it_is_said(send: Sender, source: Source) -> None:
    source.mapping = {"group": None}
    send(send.is_({"email": "ann@example.com"}, user_id="u1"), group(send, "g1", TRAITS, user_id="u1"))
    assert not Record.objects.filter(module__name="accounts").exists()
    assert the_contact() == {"email": "ann@example.com"}


def test_a_source_maps_the_traits_of_groups(send: Sender, source: Source) -> None:
    source.mapping = {"group": {"plan": "type", "industry": None}}
    send(group(send, "g1", TRAITS, user_id="u1"))
    assert the_account() == {**{k: v for k, v in ACME.items() if k != "industry"}, "type": "pro"}


def test_what_is_wrong_with_such_a_mapping_is_said() -> None:
    assert mapping_faults({"group": {"plan": "tipe"}}, {"email"}, {"type", "name"}) == [
        ("group.plan", "takes a field of the module, or null; tipe is none. Did you mean type?")
    ]
    assert mapping_faults({"group": None}, {"email"}, {"type"}) == []
    assert mapping_faults({"group": True}, {"email"}, {"type"}) == [("group", "takes an object.")]


def test_an_id_that_two_accounts_have_in_different_fields_decides_nothing(
    send: Sender, accounts: Module
) -> None:
    Field.objects.create(
        module=accounts, name="erp_id", label="ERP", kind=FieldKind.TEXT, is_external_id=True
    )
    create_record(accounts, {"name": "One", "external_id": "g1"}, at=START)
    create_record(accounts, {"name": "Two", "erp_id": "g1"}, at=START)
    send(
        send.is_({"email": "ann@example.com"}, user_id="u1"),
        group(send, "g1", {"name": "Three"}, user_id="u1"),
    )
    names = Record.objects.filter(module=accounts).values_list("values__name", flat=True)
    assert sorted(names) == ["One", "Two"]
    assert "account" not in the_contact()
    assert (
        Sighting.objects.get(kind="bad_value").says == "is ambiguous: 2 accounts have it in different fields"
    )


def test_of_several_look_ups_to_accounts_none_is_guessed(send: Sender, contacts: Module) -> None:
    account = contacts.fields.get(name="account")
    for name in ("employer", "client"):
        Field.objects.create(
            module=contacts, name=name, label=name, kind=FieldKind.LOOKUP, target=account.target
        )
    send(send.is_({"email": "ann@example.com"}, user_id="u1"), group(send, "g1", user_id="u1"))
    assert set(the_contact()) == {"email", "account"}
    account.delete()
    send(send.is_({"email": "bob@example.com"}, user_id="u2"), group(send, "g1", user_id="u2"))
    assert Record.objects.get(values__email="bob@example.com").values == {"email": "bob@example.com"}


def test_a_source_with_ids_of_its_own_has_companies_of_its_own(send: Sender, contacts: Module) -> None:
    shop = Sender(Source.objects.create(name="shop", namespace="shop", module=contacts, created_at=START))
    send(group(send, "1", {"name": "Acme"}, user_id="u1"))
    shop(group(shop, "1", {"name": "Bolt"}, user_id="u1"))
    names = Record.objects.filter(module__name="accounts").values_list("values__external_id", "values__name")
    assert set(names) == {("1", "Acme"), ("shop:1", "Bolt")}


def test_an_id_that_is_too_long_is_noted_and_the_rest_is_taken(send: Sender) -> None:
    send(
        send.is_({"email": "ann@example.com"}, user_id="u1"),
        group(send, "g" * 256, {"name": "Acme"}, user_id="u1"),
    )
    assert the_contact() == {"email": "ann@example.com"}
    assert Sighting.objects.get(kind="bad_value").says == "takes at most 255 characters"


def test_where_somebody_set_another_account_the_next_group_sets_it_again(
    send: Sender, accounts: Module
) -> None:
    send(send.is_({"email": "ann@example.com"}, user_id="u1"), group(send, "g1", user_id="u1"))
    other = create_record(accounts, {"name": "Other"}, at=START)
    contact = Record.objects.get(module__name="contacts")
    change_record(contact, {"account": other.pk}, at=at(50))
    send(group(send, "g1", user_id="u1", after=60))
    assert the_contact()["account"] == Record.objects.get(values__external_id="g1").pk


@pytest.mark.django_db(transaction=True)
def test_many_senders_make_one_account_of_each_company(source: Source) -> None:
    errors: list[Exception] = []

    def speak(sender: int) -> None:
        try:
            for number in range(10):
                calls = [
                    Identification(f"i{sender}.{number}", START, who_of(user_id=f"u{sender}"), {}),
                    *(
                        Grouping(
                            f"g{sender}.{number}.{g}",
                            START + timedelta(seconds=number),
                            who_of(user_id=f"u{sender}"),
                            f"g{(g + sender) % 3}",
                            {"employees": number},
                        )
                        for g in range(3)
                    ),
                ]
                accept(source, calls, received_at=START)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=speak, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    held = Record.objects.filter(module__name="accounts").values_list(
        "values__external_id", "values__employees"
    )
    assert sorted(held) == [("g0", "9"), ("g1", "9"), ("g2", "9")]
    linked = Record.objects.filter(module__name="contacts").values_list("values__account", flat=True)
    assert len([one for one in linked if one]) == 4
