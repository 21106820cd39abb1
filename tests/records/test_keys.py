"""The values by which records are found: made alike, kept in step with the record, unique where they must be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import phonenumbers
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from firstcall.records.actions import change_record, create_record
from firstcall.records.errors import InvalidValuesError
from firstcall.records.keys import KeyKind, find_by_key, find_by_keys, normalise
from firstcall.records.models import Claim, Module, Record, RecordKey
from tests.records.modules import START, make_leads


@pytest.fixture
def leads() -> Module:
    return make_leads()


@pytest.mark.parametrize(
    ("kind", "given", "form"),
    [
        ("email", " Ann@Example.COM ", "ann@example.com"),
        ("email", "no address", None),
        ("phone", "+49 (30) 123-4567", "+49301234567"),
        ("phone", "0049 30 1234567", None),
        ("phone", "030 1234567", None),
        ("phone", "+49", None),
        ("phone", "call me", None),
        ("external_id", " 00Q5x ", "00Q5x"),
        ("external_id", "  ", None),
        ("external_id", "x" * 256, None),
        ("unique", " De  123 ", "de 123"),
        ("name", "Ann  O'Hara", "ann o'hara"),
    ],
)
def test_a_value_has_one_form(kind: str, given: str, form: str | None) -> None:
    assert normalise(kind, given) == form


def test_a_phone_number_without_country_is_of_the_region() -> None:
    assert normalise("phone", "030 1234567", region="DE") == "+49301234567"
    assert normalise("phone", "(212) 555-0199", region="US") == "+12125550199"


_SEPARATED = st.lists(st.sampled_from([*"0123456789" * 3, " ", "-", ".", "(", ")", "/", "(0)"]), max_size=16)


@given(st.sampled_from([1, 7, 39, 44, 49, 52, 54, 55, 90, 225, 358, 800, 999]), _SEPARATED)
def test_the_quick_way_with_phone_numbers_is_the_library_s(country: int, rest: list[str]) -> None:
    text = f"+{country}{''.join(rest)}"
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        assert normalise("phone", text) is None
        return
    form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert normalise("phone", text) == (form if phonenumbers.is_possible_number(number) else None)


@pytest.mark.django_db
def test_a_record_is_found_by_every_way_of_writing_its_keys(leads: Module) -> None:
    ann = create_record(
        leads,
        {
            "first_name": "Ann Marie",
            "last_name": "O'Hara",
            "email": "Ann@Example.com",
            "second_email": "a@home.example",
            "phone": "+1 (212) 555-0199",
            "crm_id": "A-1",
        },
        at=START,
    )
    bob = create_record(leads, {"last_name": "Bob", "email": "ANN@EXAMPLE.COM"}, at=START)
    assert find_by_key("email", "ann@example.COM") == [ann.pk, bob.pk]
    assert find_by_key("email", "A@home.example", modules=[leads]) == [ann.pk]
    assert find_by_key("email", "A@home.example", modules=[]) == []
    assert find_by_key("phone", "+12125550199") == [ann.pk]
    assert find_by_key("external_id", "A-1") == [ann.pk]
    assert find_by_key("external_id", "a-1") == []
    assert find_by_keys("email", ["ann@example.com", "Ann@Example.com", "nobody@example.com", "?"]) == {
        "ann@example.com": [ann.pk, bob.pk],
        "Ann@Example.com": [ann.pk, bob.pk],
    }
    names = RecordKey.objects.filter(record=ann, kind=KeyKind.NAME).values_list("value", flat=True)
    assert set(names) == {"ann marie o'hara", "marie o'hara", "o'hara"}


@pytest.mark.django_db
def test_keys_follow_a_change_and_go_with_the_record(leads: Module) -> None:
    ann = create_record(leads, {"email": "ann@example.com", "phone": "+49 30 1234567"}, at=START)
    change_record(ann, {"email": "new@example.com", "phone": None}, at=START)
    assert find_by_key("email", "ann@example.com") == []
    assert find_by_key("email", "new@example.com") == [ann.pk]
    assert find_by_key("phone", "+49 30 1234567") == []
    ann.delete()
    assert not RecordKey.objects.exists()


@pytest.mark.django_db
def test_one_address_in_two_fields_finds_its_record_once(leads: Module) -> None:
    ann = create_record(leads, {"email": "a@example.com", "second_email": "A@example.com"}, at=START)
    assert find_by_key("email", "a@example.com") == [ann.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "first", "second"), [("crm_id", "A-1", " A-1"), ("vat", "DE 123", "de  123")]
)
def test_a_unique_value_stands_once(leads: Module, field: str, first: str, second: str) -> None:
    ann = create_record(leads, {field: first}, at=START)
    bob = create_record(leads, {"last_name": "Bob"}, at=START)
    says = f"{field} is to be unique, and record {ann.pk} has {second} already."
    with pytest.raises(InvalidValuesError) as refused:
        create_record(leads, {field: second}, at=START)
    assert str(refused.value) == says
    with pytest.raises(InvalidValuesError) as refused:
        change_record(bob, {field: second}, at=START)
    assert str(refused.value) == says
    change_record(ann, {field: second}, at=START)
    change_record(ann, {field: None}, at=START)
    change_record(bob, {field: second}, at=START)
    with pytest.raises(InvalidValuesError, match="takes at most 255 characters; this has 256"):
        change_record(bob, {field: "x" * 256}, at=START)
    assert not Claim.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_give_one_external_id_at_once_one_has_it() -> None:
    leads = make_leads()

    def create(number: int) -> str:
        try:
            create_record(leads, {"crm_id": "A-1", "last_name": str(number)}, at=START)
        except InvalidValuesError as error:
            return str(error)
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(8) as pool:
        said = sorted(pool.map(create, range(8)))
    record = Record.objects.get()
    assert said == [f"crm_id is to be unique, and record {record.pk} has A-1 already."] * 7 + ["made"]
