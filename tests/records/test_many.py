"""Writing many records at once: each is taken or refused by itself, and all that is taken is as if written one by one."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from firstcall.access.models import User
from firstcall.records.actions import (
    Did,
    Given,
    change_record,
    change_records,
    create_record,
    create_records,
    upsert_record,
    upsert_records,
)
from firstcall.records.errors import FaultCode, InvalidValuesError
from firstcall.records.keys import find_by_key
from firstcall.records.models import Claim, DirtyRecord, Field, FieldChange, Module, Record, RecordLink
from tests.records.modules import LATER, START, make_accounts, make_layouts, make_leads

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts() -> Module:
    return make_accounts()


@pytest.fixture
def leads(accounts: Module) -> Module:
    return make_leads(accounts)


def said(outcomes: list) -> list[str]:
    return [" ".join(map(str, outcome.faults)) or outcome.did.value for outcome in outcomes]


def test_each_is_taken_or_refused_by_itself(leads: Module) -> None:
    rows = [
        {"last_name": "Ann", "crm_id": "1"},
        {"email": "ann", "emploies": 5, "source": "Moon"},
        {"last_name": "Bob", "crm_id": "1"},
        {"last_name": "Cyd", "account": 99},
        {},
    ]
    outcomes = create_records(leads, rows, at=START)
    assert said(outcomes) == [
        "created",
        "email takes an e-mail address. emploies is no field of leads; did you mean employees."
        " source takes one of Web, Fair; Moon is none.",
        "crm_id is to be unique, and number 0 here has 1 already.",
        "account takes the id of a record of accounts; 99 is none.",
        "created",
    ]
    kept = Record.objects.order_by("pk")
    assert [record.values for record in kept] == [{"last_name": "Ann", "crm_id": "1"}, {}]
    assert [outcomes[0].record_id, outcomes[4].record_id] == [record.pk for record in kept]
    assert set(DirtyRecord.objects.values_list("record_id", flat=True)) == {record.pk for record in kept}
    assert not Claim.objects.exists()


def test_owner_tags_layout_and_age_are_taken_too(leads: Module) -> None:
    ann, bob = (User.objects.create_user(f"{name}@example.com") for name in ("ann", "bob"))
    gone = User.objects.create_user("gone@example.com", is_active=False)
    _, short = make_layouts(leads)
    outcomes = create_records(
        leads,
        [
            Given({}, owner="BOB@example.com ", tags=["VIP", " vip", "Trade  Fair"], created_at=START),
            Given({}, owner=bob.pk),
            Given({}, owner=None),
            Given({}),
            Given({"last_name": "X", "source": "Mail"}, layout="short"),
            Given({"source": "Web", "phone": "+49 30 1234567"}, layout="short"),
            Given({}, layout="none", owner="nobody", tags=[""], created_at=LATER + timedelta(days=1)),
            Given({}, owner=gone.pk, version=1, tags=["x"] * 101),
        ],
        at=LATER,
        by=ann,
    )
    assert said(outcomes) == [
        *["created"] * 5,
        "source takes one of Fair, Mail; Web is none. phone is not on the layout short. last_name is required.",
        "tags takes texts of 1 to 100 characters. layout is no layout of leads; there are: all, short."
        " owner is no user: nobody. created_at lies in the future.",
        f"tags takes a list of at most 100 texts. owner is no user: {gone.pk}."
        " version is of a record that is there; leave it out for a new one.",
    ]
    kept = list(Record.objects.order_by("pk"))
    assert [record.owner for record in kept] == [bob, bob, None, ann, ann]
    assert kept[0].tags == ["vip", "trade fair"]
    assert [kept[0].created_at, kept[1].created_at, kept[0].updated_at] == [START, LATER, LATER]
    assert [record.layout.name for record in kept if record.layout] == [*["all"] * 4, "short"]
    assert {record.created_by for record in kept} == {ann}
    assert kept[4].layout == short


def test_what_is_not_said_is_as_the_module_says(leads: Module) -> None:
    Field.objects.filter(module=leads, name="source").update(default="Fair")
    created = create_records(leads, [{}, {"source": None}, {"source": "Web"}], at=START)
    kept = Record.objects.in_bulk([outcome.record_id for outcome in created])
    assert [record.values.get("source") for record in kept.values()] == ["Fair", None, "Web"]


def test_a_score_field_is_its_rule_s(leads: Module) -> None:
    Field.objects.create(module=leads, name="heat", label="Heat", kind="number", written_by="rule")
    with pytest.raises(InvalidValuesError, match="heat is a score field: its scoring rule alone writes it"):
        create_record(leads, {"heat": 5}, at=START)
    record = create_record(leads, {}, at=START)
    assert said(change_records(leads, [(record.pk, {"heat": 5})], at=LATER, by_rule=True)) == ["changed"]


def test_many_are_changed_at_once_each_by_its_id(leads: Module, accounts: Module) -> None:
    acme = create_record(accounts, {"name": "Acme"}, at=START)
    ids = [o.record_id or 0 for o in create_records(leads, [{"crm_id": str(n)} for n in range(4)], at=START)]
    ann = User.objects.create_user("ann@example.com")
    DirtyRecord.objects.all().delete()
    outcomes = change_records(
        leads,
        [
            (ids[0], Given({"employees": 5, "account": acme.pk}, tags_added=["New", "hot"], owner=ann)),
            (ids[1], {"crm_id": "0"}),
            (ids[2], {"crm_id": "2"}),
            (ids[3], Given({"employees": 5}, version=7)),
            (acme.pk, {"employees": 1}),
            (ids[0], Given({"employees": 6}, tags_removed=["NEW"])),
        ],
        at=LATER,
        by=ann,
    )
    assert said(outcomes) == [
        "changed",
        f"crm_id is to be unique, and record {ids[0]} has 0 already.",
        "unchanged",
        "version was 7 when it was read and is 1 now: somebody changed the record.",
        f"id is no record of leads: {acme.pk}.",
        "changed",
    ]
    assert [f.code for o in outcomes for f in o.faults] == [
        FaultCode.DUPLICATE,
        FaultCode.STALE,
        FaultCode.UNKNOWN_RECORD,
    ]
    record = Record.objects.get(pk=ids[0])
    assert (record.values["employees"], record.tags, record.owner, record.version) == ("6", ["hot"], ann, 3)
    changes = FieldChange.objects.order_by("pk").values_list("record_id", "field", "old", "new")
    assert list(changes) == [
        (ids[0], "employees", None, "5"),
        (ids[0], "account", None, acme.pk),
        (ids[0], "owner", None, ann.pk),
        (ids[0], "tags", [], ["new", "hot"]),
        (ids[0], "employees", "5", "6"),
        (ids[0], "tags", ["new", "hot"], ["hot"]),
    ]
    assert list(RecordLink.objects.values_list("record_id", "target_id")) == [(ids[0], acme.pk)]
    assert set(DirtyRecord.objects.values_list("record_id", flat=True)) == {ids[0]}


def test_a_required_field_cannot_be_cleared_and_an_old_gap_hinders_nothing(accounts: Module) -> None:
    acme = create_record(accounts, {"name": "Acme"}, at=START)
    with pytest.raises(InvalidValuesError, match="name is required"):
        change_record(acme, {"name": ""}, at=LATER)
    Field.objects.create(module=accounts, name="city", label="City", kind="text", is_required=True)
    assert change_record(acme, {"name": "Acme Ltd", "city": None}, at=LATER).values == {"name": "Acme Ltd"}


def test_moving_to_another_layout_clears_what_it_has_not(leads: Module) -> None:
    make_layouts(leads)
    ann = create_record(leads, {"phone": "+49 30 1234567", "source": "Web", "email": "a@b.example"}, at=START)
    with pytest.raises(InvalidValuesError, match="last_name is required on the layout short"):
        change_record(ann, Given({}, layout="short"), at=LATER)
    moved = change_record(ann, Given({"last_name": "Ann"}, layout="short"), at=LATER)
    assert moved.values == {"last_name": "Ann", "source": "Web", "email": "a@b.example"}
    assert find_by_key("phone", "+49301234567") == []
    layouts = FieldChange.objects.filter(field="layout").values_list("old", "new")
    assert list(layouts) == [("all", "short")]


def test_a_choice_that_is_gone_may_stay_but_not_come_back(leads: Module) -> None:
    ann = create_record(leads, {"source": "Web"}, at=START)
    Field.objects.filter(module=leads, name="source").update(choices=["Fair"])
    assert change_record(ann, {"source": "Web", "last_name": "Ann"}, at=LATER).values["source"] == "Web"
    change_record(ann, {"source": "Fair"}, at=LATER)
    with pytest.raises(InvalidValuesError, match="source takes one of Fair; Web is none"):
        change_record(ann, {"source": "Web"}, at=LATER)


@pytest.mark.parametrize(
    ("by", "first", "second"),
    [
        ("email", "Ann@example.com", "ann@EXAMPLE.com"),
        ("phone", "+49 30 1234567", "+49 (0)30-1234567"),
        ("crm_id", "A-1", " A-1 "),
        ("vat", "DE 1", "de 1"),
    ],
)
def test_an_upsert_makes_or_changes(leads: Module, by: str, first: str, second: str) -> None:
    made, did = upsert_record(leads, {by: first, "last_name": "Ann"}, by_field=by, at=START)
    assert did is Did.CREATED
    again, did = upsert_record(leads, {by: second, "employees": 5}, by_field=by, at=LATER)
    assert (again.pk, did) == (made.pk, Did.CHANGED)
    assert again.values == {by: second, "last_name": "Ann", "employees": "5"}
    assert upsert_record(leads, {by: second}, by_field=by, at=LATER)[1] is Did.UNCHANGED


def test_of_several_with_an_address_none_is_guessed(leads: Module) -> None:
    ids = [create_record(leads, {"email": "a@example.com"}, at=START).pk for _ in range(2)]
    with pytest.raises(InvalidValuesError) as refused:
        upsert_record(leads, {"email": "A@example.com"}, by_field="email", at=LATER)
    says = f"email is ambiguous: records {ids[0]}, {ids[1]} have A@example.com; write one by its id."
    assert str(refused.value) == says
    assert refused.value.has(FaultCode.AMBIGUOUS)
    assert refused.value.faults[0].records == tuple(ids)


def test_an_address_in_its_own_field_goes_before_one_in_another(leads: Module) -> None:
    second = create_record(leads, {"second_email": "a@example.com"}, at=START)
    found, _ = upsert_record(leads, {"email": "a@example.com"}, by_field="email", at=LATER)
    assert found == second
    change_record(second, {"email": "b@example.com"}, at=LATER)
    own = create_record(leads, {"email": "a@example.com"}, at=LATER)
    assert upsert_record(leads, {"email": "a@example.com"}, by_field="email", at=LATER)[0] == own


def test_a_batch_of_upserts_is_as_one_after_the_other(leads: Module) -> None:
    create_record(leads, {"email": "old@example.com", "second_email": "old2@example.com"}, at=START)
    outcomes = upsert_records(
        leads,
        [
            {"email": "new@example.com", "second_email": "new2@example.com"},
            {"email": "old@example.com", "last_name": "1"},
            {"email": "new2@example.com", "last_name": "2"},
            {"email": "NEW2@example.com", "last_name": "3"},
            {"last_name": "nobody"},
            {"email": "bad"},
            {"email": "bad@example.com", "employees": "many"},
            {"email": "bad@example.com", "employees": 5},
            {"email": "old2@example.com", "last_name": "4"},
        ],
        by_field="email",
        at=LATER,
    )
    assert said(outcomes) == [
        "created",
        "changed",
        "changed",
        "changed",
        "email is needed to find the record.",
        "email takes an e-mail address.",
        "employees takes a number below a million million.",
        "created",
        "changed",
    ]
    assert outcomes[0].record_id == outcomes[2].record_id == outcomes[3].record_id
    assert outcomes[1].record_id == outcomes[8].record_id
    assert sorted(r.values.get("last_name", "") for r in Record.objects.all()) == ["", "3", "4"]


def test_not_every_field_finds_a_record(leads: Module) -> None:
    with pytest.raises(
        InvalidValuesError, match="by emial is no field to find a record by; did you mean email"
    ):
        upsert_records(leads, [], by_field="emial", at=START)
    with pytest.raises(InvalidValuesError, match="there are: email, second_email, phone, crm_id, vat"):
        upsert_records(leads, [], by_field="employees", at=START)


ADDRESSES = [f"{letter}@example.com" for letter in "abc"]


def rows_with(**more: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    optional = {"second_email": st.sampled_from(ADDRESSES), **more}
    row = st.fixed_dictionaries({"last_name": st.sampled_from("xyz")}, optional=optional)
    return st.lists(row, max_size=7)


EMAIL, CRM_ID = st.sampled_from([*ADDRESSES, "bad"]), st.sampled_from("123")


class TestManyAsOne(TestCase):
    """A batch does what its rows do one by one."""

    @given(rows_with(email=EMAIL))
    def test_upserts_by_email(self, rows: list[dict[str, str]]) -> None:
        self.upsert(rows, "email")

    @given(rows_with(email=EMAIL, crm_id=CRM_ID))
    def test_upserts_by_external_id(self, rows: list[dict[str, str]]) -> None:
        self.upsert(rows, "crm_id")

    def upsert(self, rows: list[dict[str, str]], by: str) -> None:
        alone, together = make_leads(), Module.objects.create(name="others", label="Others")
        for field in Field.objects.filter(module=alone):
            field.pk, field.module = None, together
            field.save()
        one_by_one = []
        for row in rows:
            [outcome] = upsert_records(alone, [row], by_field=by, at=START)
            one_by_one.append(outcome)
        at_once = upsert_records(together, rows, by_field=by, at=START)
        assert [o.did for o in at_once] == [o.did for o in one_by_one]
        assert [[f.field for f in o.faults] for o in at_once] == [
            [f.field for f in o.faults] for o in one_by_one
        ]
        held = [list(m.record_set.order_by("pk").values_list("values", flat=True)) for m in (alone, together)]
        assert sorted(map(str, held[0])) == sorted(map(str, held[1]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["email", "phone", "crm_id"])
def test_of_many_who_upsert_at_once_one_makes_the_record(by: str) -> None:
    leads = make_leads()
    value = {"email": "ann@example.com", "phone": "+49 30 1234567", "crm_id": "A-1"}[by]

    def upsert(number: int) -> Did:
        try:
            rows = [{by: value, "last_name": str(number)}, {by: value, "employees": number}]
            return upsert_records(leads, rows, by_field=by, at=START)[0].did
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        did = sorted(pool.map(upsert, range(12)))
    assert did == [Did.CHANGED] * 11 + [Did.CREATED]
    record = Record.objects.get()
    assert record.values["last_name"] == record.values["employees"]


@pytest.mark.django_db(transaction=True)
def test_batches_in_different_orders_do_not_wait_in_a_circle() -> None:
    leads = make_leads()
    rows = [{"email": f"{n}@example.com", "crm_id": f"{n}"} for n in range(50)]

    def upsert(number: int) -> int:
        try:
            mixed = random.Random(number).sample(rows, len(rows))
            done = upsert_records(
                leads, [{**row, "employees": number} for row in mixed], by_field="email", at=START
            )
            return sum(outcome.did is Did.REFUSED for outcome in done)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(upsert, range(12))) == 0
    assert Record.objects.count() == 50
    assert len({record.values["employees"] for record in Record.objects.all()}) == 1
