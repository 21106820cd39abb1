"""Whose a touchpoint is: names lead to one record, to none yet, or to several, and nothing is ever guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firstcall.records.actions import create_record
from firstcall.records.kinds import FieldKind
from firstcall.records.models import DirtyRecord, Field, Module, Record
from firstcall.touchpoints.calls import Aliasing, Arrival, Call, Grouping, Identification
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Ambiguity, Identity, Person, Source, Touchpoint
from firstcall.touchpoints.naming import who_of

START = datetime(2026, 9, 1, tzinfo=UTC)
FIELDS = {
    "first_name": FieldKind.TEXT,
    "last_name": FieldKind.TEXT,
    "email": FieldKind.EMAIL,
    "phone": FieldKind.PHONE,
    "company": FieldKind.TEXT,
    "employees": FieldKind.NUMBER,
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def leads() -> Module:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    for name, kind in FIELDS.items():
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    return module


@pytest.fixture
def source(leads: Module) -> Source:
    return Source.objects.create(name="site", created_at=START)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


class Sender:
    """Sends calls to a source, each with a message id of its own, a minute after the one before."""

    def __init__(self, source: Source) -> None:
        self.source, self.sent = source, 0

    def __call__(self, *calls: Call) -> int:
        return accept(self.source, calls, received_at=at(self.sent))

    def _next(self, after: float | None) -> tuple[str, datetime]:
        self.sent += 1
        return f"m{self.sent}", at(self.sent if after is None else after)

    def saw(self, page: str = "/", *, after: float | None = None, **names: Any) -> Arrival:
        return Arrival(*_typed(*self._next(after)), None, {"path": page}, who_of(**names))

    def is_(
        self, traits: dict[str, Any] | None = None, *, after: float | None = None, **names: Any
    ) -> Identification:
        traits = traits or {}
        who = who_of(**{"email": traits.get("email"), "phone": traits.get("phone"), **names})
        return Identification(*self._next(after), who, traits)

    def group(self, id: str, traits: dict[str, Any], **names: Any) -> Grouping:
        return Grouping(*self._next(None), who_of(**names), id, traits)

    def alias(self, before: str, now: str) -> Aliasing:
        return Aliasing(*self._next(None), who_of(user_id=now), before)


def _typed(id: str, moment: datetime) -> tuple[str, str, datetime]:
    return id, "web.visited", moment


@pytest.fixture
def send(source: Source) -> Sender:
    return Sender(source)


def record_of(page: str) -> Record | None:
    return Touchpoint.objects.get(properties__path=page).record


def test_an_identification_creates_a_lead(send: Sender) -> None:
    traits = {
        "email": "Ann@Example.com",
        "firstName": "Ann",
        "lastName": "Lee",
        "company": {"name": "Acme", "employee_count": 7},
    }
    send(send.is_(traits, user_id="u1"))
    assert Record.objects.get().values == {
        "email": "Ann@Example.com", "first_name": "Ann", "last_name": "Lee", "company": "Acme", "employees": "7",
    }  # fmt: skip


def test_another_one_changes_it_and_clears_nothing(send: Sender) -> None:
    send(send.is_({"email": "ann@example.com", "firstName": "Ann"}, user_id="u1"))
    send(send.is_({"email": "ANN@example.com", "lastName": "Lee", "firstName": None}, user_id="u1"))
    assert Record.objects.get().values == {
        "email": "ANN@example.com",
        "first_name": "Ann",
        "last_name": "Lee",
    }


def test_it_finds_the_lead_that_was_there(send: Sender, leads: Module) -> None:
    lead = create_record(leads, {"email": "ann@example.com"}, at=START)
    send(
        send.is_({"email": "Ann@Example.com", "last_name": "Lee"}, user_id="u1"), send.saw("/a", user_id="u1")
    )
    assert record_of("/a") == lead
    assert Record.objects.get().values["last_name"] == "Lee"


def test_what_was_done_before_joins_the_record_and_counts(send: Sender) -> None:
    send(send.saw("/a", anonymous_id="a1"))
    send(send.saw("/b", anonymous_id="a1", user_id="u1"))
    assert record_of("/a") is record_of("/b") is None
    DirtyRecord.objects.all().delete()
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    lead = Record.objects.get()
    assert record_of("/a") == record_of("/b") == lead
    assert (lead.pk, "touchpoint") in DirtyRecord.objects.values_list("record_id", "cause")
    assert Touchpoint.objects.get(properties__path="/a").joined_at == at(3)


def test_one_batch_is_read_in_its_order(send: Sender) -> None:
    assert send(
        send.saw("/a", anonymous_id="a1"),
        send.is_({"email": "ann@example.com"}, user_id="u1", anonymous_id="a1"),
        send.saw("/b", anonymous_id="a1"),
        send.is_({"email": "bob@example.com"}, user_id="u2", anonymous_id="a1"),
        send.saw("/c", anonymous_id="a1"),
    ) == 3  # fmt: skip
    ann, bob = Record.objects.order_by("pk")
    assert (record_of("/a"), record_of("/b"), record_of("/c")) == (ann, ann, bob)


def test_a_shared_device_is_each_ones_in_turn(send: Sender) -> None:
    send(send.saw("/a", anonymous_id="a1"))
    send(send.is_({"email": "ann@example.com"}, user_id="u1", anonymous_id="a1"))
    send(send.saw("/b", anonymous_id="a1"))
    send(send.is_({"email": "bob@example.com"}, user_id="u2", anonymous_id="a1"))
    send(send.saw("/c", anonymous_id="a1"))
    send(send.saw("/late", anonymous_id="a1", after=3.5))
    ann, bob = Record.objects.order_by("pk")
    assert (record_of("/a"), record_of("/b"), record_of("/c")) == (ann, ann, bob)
    assert record_of("/late") == ann, "it came late, and is of the time when the device was Ann's"


def test_a_late_one_beside_new_ones_is_still_of_its_time(send: Sender) -> None:
    send(send.saw("/u1", user_id="u1", anonymous_id="a1"))
    send(send.is_({"email": "bob@example.com"}, user_id="u2", anonymous_id="a1"))
    send(send.saw("/late", anonymous_id="a1", after=1.5), send.saw("/new", anonymous_id="a2"))
    assert record_of("/late") is None
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    assert record_of("/late") == record_of("/u1") == Record.objects.get(values__email="ann@example.com")


def test_two_leads_with_one_address_are_not_chosen_between(send: Sender, leads: Module) -> None:
    twins = [create_record(leads, {"email": "ann@example.com"}, at=START) for _ in range(2)]
    send(send.saw("/a", email="ann@example.com"))
    send(send.saw("/b", email="Ann@example.com"))
    assert record_of("/a") is record_of("/b") is None
    [ambiguity] = Ambiguity.objects.all()
    assert (ambiguity.why, ambiguity.candidates) == ("several_records", [twin.pk for twin in twins])
    assert ambiguity.identities == [{"kind": "email", "value": "ann@example.com"}]


def test_a_user_id_decides_between_them(send: Sender, leads: Module) -> None:
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    first = Record.objects.get()
    create_record(leads, {"email": "ann@example.com"}, at=START)
    send(send.saw("/a", email="ann@example.com", user_id="u1"))
    assert record_of("/a") == first


def test_a_user_id_and_an_address_of_two_people_are_ambiguous(send: Sender) -> None:
    send(
        send.is_({"email": "ann@example.com"}, user_id="u1"),
        send.is_({"email": "bob@example.com"}, user_id="u2"),
    )
    send(
        send.is_({"email": "bob@example.com", "lastName": "X"}, user_id="u1"),
        send.saw("/a", user_id="u1", email="bob@example.com"),
    )
    assert Ambiguity.objects.get().why == "names_disagree"
    assert record_of("/a") is None
    assert [record.values for record in Record.objects.order_by("pk")] == [
        {"email": "ann@example.com"}, {"email": "bob@example.com"},
    ]  # fmt: skip


def test_a_new_address_of_a_known_user_is_that_users(send: Sender) -> None:
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    send(send.saw("/a", email="ann@new.example"))
    send(send.is_({"email": "ann@new.example"}, user_id="u1"))
    assert Record.objects.get().values["email"] == "ann@new.example"
    assert record_of("/a") == Record.objects.get()


def test_a_phone_number_finds_its_lead_in_any_writing(send: Sender, leads: Module) -> None:
    lead = create_record(leads, {"phone": "+49 (30) 123-4567"}, at=START)
    send(send.saw("/a", phone="+4930 1234567"))
    assert record_of("/a") == lead


def test_a_phone_number_that_two_share_is_ambiguous(send: Sender, leads: Module) -> None:
    for name in ("Ann", "Bob"):
        create_record(leads, {"first_name": name, "phone": "+49 30 1234567"}, at=START)
    send(send.saw("/a", phone="+49301234567"))
    assert record_of("/a") is None
    assert Ambiguity.objects.get().why == "several_records"


def test_colleagues_with_one_phone_are_two_leads(send: Sender) -> None:
    for name in ("ann", "bob"):
        send(send.is_({"email": f"{name}@example.com", "phone": "+49 30 1234567"}, user_id=name))
    assert Record.objects.count() == 2
    send(send.saw("/a", email="ann@example.com", phone="+49 30 1234567"))
    assert record_of("/a") == Record.objects.get(values__email="ann@example.com")


def test_a_call_before_the_form_joins_by_its_phone_number(send: Sender) -> None:
    send(send.saw("/a", phone="+49 30 1234567"))
    send(send.is_({"email": "ann@example.com", "phone": "+49 30 1234567"}, user_id="u1"))
    assert record_of("/a") == Record.objects.get()


def test_an_alias_joins_what_was_under_the_old_id(send: Sender) -> None:
    send(send.saw("/a", anonymous_id="a1"), send.saw("/b", user_id="old"))
    send(send.alias("a1", "u1"), send.alias("old", "u1"))
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    lead = Record.objects.get()
    assert record_of("/a") == record_of("/b") == lead
    send(send.saw("/c", user_id="old"), send.saw("/d", anonymous_id="a1"))
    assert record_of("/c") == record_of("/d") == lead


def test_an_alias_of_two_leads_makes_them_not_one(send: Sender) -> None:
    send(
        send.is_({"email": "ann@example.com"}, user_id="u1"),
        send.is_({"email": "bob@example.com"}, user_id="u2"),
    )
    send(send.alias("u1", "u2"))
    assert Ambiguity.objects.get().why == "alias_of_two"
    send(send.saw("/a", user_id="u1"), send.saw("/b", user_id="u2"))
    assert record_of("/a") != record_of("/b")


def test_a_group_writes_the_company(send: Sender) -> None:
    send(send.is_({"email": "ann@example.com"}, user_id="u1"))
    send(send.group("g1", {"name": "Acme", "employees": 250}, user_id="u1"))
    assert Record.objects.get().values == {"email": "ann@example.com", "company": "Acme", "employees": "250"}


def test_a_message_twice_is_once(send: Sender) -> None:
    first, second = (
        send.is_({"email": "a@example.com", "lastName": "One"}, user_id="u1"),
        send.is_({"lastName": "Two"}, user_id="u1"),
    )
    send(first, first)
    send(second)
    send(first)
    assert Record.objects.get().values["last_name"] == "Two"


def test_an_older_identification_that_comes_late_only_fills_gaps(send: Sender) -> None:
    send(send.is_({"email": "a@example.com", "lastName": "New"}, user_id="u1", after=10))
    send(send.is_({"lastName": "Old", "firstName": "Ann"}, user_id="u1", after=5))
    assert Record.objects.get().values == {"email": "a@example.com", "last_name": "New", "first_name": "Ann"}


def test_traits_of_a_visitor_are_kept_until_there_is_a_lead(send: Sender) -> None:
    send(send.is_({"firstName": "Ann", "plan": "pro"}, anonymous_id="a1"))
    assert not Record.objects.exists()
    send(send.is_({"email": "a@example.com"}, user_id="u1", anonymous_id="a1"))
    assert Record.objects.get().values == {"email": "a@example.com", "first_name": "Ann"}
    assert Person.objects.get(record__isnull=False).traits["plan"] == "pro"


def test_sources_with_a_namespace_of_their_own_have_other_people(send: Sender, source: Source) -> None:
    other = Sender(Source.objects.create(name="game", namespace="game", created_at=START))
    send(send.is_({"email": "ann@example.com"}, user_id="1"))
    accept(
        other.source,
        [Arrival("m", "web.visited", START, None, {"path": "/x"}, who_of(user_id="1"))],
        received_at=START,
    )
    assert record_of("/x") is None
    assert Identity.objects.filter(value="1").count() == 2


def test_a_touchpoint_keeps_the_names_it_came_with(send: Sender) -> None:
    send(send.saw("/a", user_id="u1", anonymous_id="a1"))
    kept = Touchpoint.objects.get().identities or []
    assert sorted(Identity.objects.filter(pk__in=kept).values_list("kind", "value")) == [
        ("anonymous_id", "a1"),
        ("user_id", "u1"),
    ]


def test_an_intake_takes_as_many_statements_for_many_as_for_one(
    send: Sender, django_assert_max_num_queries: Any
) -> None:
    """Of people who are known: their names are read, and the touchpoints written."""
    send(*(send.is_({"email": f"p{number}@example.com"}, user_id=f"u{number}") for number in range(100)))
    with django_assert_max_num_queries(8):
        send(*(send.saw(f"/{number}", user_id=f"u{number % 100}") for number in range(300)))
    with django_assert_max_num_queries(20):
        send(*(send.saw(f"/new{number}", anonymous_id=f"a{number}") for number in range(300)))
    with django_assert_max_num_queries(60):
        send(
            *(
                send.is_({"email": f"q{number}@example.com"}, anonymous_id=f"a{number}")
                for number in range(200)
            )
        )
    assert Record.objects.count() == 300
    assert Touchpoint.objects.filter(record=None).count() == 100
