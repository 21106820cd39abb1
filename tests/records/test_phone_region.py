"""Phone numbers without a country code are of the region that is set, in keys made before it was set too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from firstcall.access.viewer import PRODUCT
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.processes.preparing import migrate
from firstcall.records import rekeying
from firstcall.records.actions import create_record, create_records, delete_records, upsert_record
from firstcall.records.keys import find_by_key, normalise
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, Record
from firstcall.records.rekeying import KIND, rekey_later
from firstcall.records.searching import search_records
from firstcall.touchpoints.naming import who_of
from tests.records.modules import LATER, START, make_leads

pytestmark = pytest.mark.django_db


@pytest.fixture
def set_region(monkeypatch: pytest.MonkeyPatch) -> object:
    def set_(region: str) -> None:
        told = settings.CONFIGURATION.model_copy(update={"phone_region": region})
        monkeypatch.setattr(settings, "CONFIGURATION", told)

    return set_


@pytest.fixture
def leads() -> Module:
    return make_leads()


def rekeyed() -> Job:
    job = Job.objects.get(kind=KIND, status="waiting")
    do_job(job.pk, now=lambda: LATER)
    job.refresh_from_db()
    return job


def test_it_counts_wherever_numbers_are_compared(set_region, leads: Module) -> None:  # type: ignore[no-untyped-def]
    set_region("DE")
    ann = create_record(leads, {"phone": "030 1234567"}, at=START)
    assert normalise("phone", "0049 30 1234567") == "+49301234567"
    assert normalise("phone", "030 1234567", region="AT") == "+43301234567"
    assert find_by_key("phone", "(030) 123 45 67") == [ann.pk]
    assert upsert_record(leads, {"phone": "+49 30 1234567"}, by_field="phone", at=START)[0] == ann
    assert who_of(phone="030/1234567").phone == "+49301234567"
    assert who_of(phone="030/1234567", region="AT").phone == "+43301234567"


@pytest.mark.parametrize(
    ("region", "text", "found"),
    [
        ("DE", "030 12", True),
        ("DE", "0049 30 12", True),
        ("DE", "(030) 12", True),
        ("DE", "+49 30 12", True),
        ("DE", "31", False),
        ("DE", "030 12 x", False),
        ("AT", "030 12", False),
        ("", "+49 30 12", True),
        ("", "030 12", False),
    ],
)
def test_it_counts_for_the_beginnings_that_searches_look_for(  # type: ignore[no-untyped-def]
    set_region, leads: Module, region: str, text: str, found: bool
) -> None:
    ann = create_record(leads, {"phone": "+49 30 1234567"}, at=START)
    set_region(region)
    assert search_records(text, viewer=PRODUCT) == ([ann.pk] if found else [])


def test_a_zero_that_belongs_to_the_number_stays(set_region, leads: Module) -> None:  # type: ignore[no-untyped-def]
    set_region("IT")
    ann = create_record(leads, {"phone": "06 6982 1234"}, at=START)
    assert (
        search_records("06 6982", viewer=PRODUCT) == search_records("+39 06 69", viewer=PRODUCT) == [ann.pk]
    )


def test_keys_made_before_are_made_again(  # type: ignore[no-untyped-def]
    set_region, leads: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "_STEP", 2)
    numbers = ["030 1234567", "+43 1 234567", "0049 30 7654321", "112", None, "030 1111111", "030 2222222"]
    made = create_records(leads, [{"last_name": "x", "phone": n} for n in numbers], at=START)
    ids = [outcome.record_id or 0 for outcome in made]
    delete_records(leads, ids[-1:], at=START)
    before = dict(Record.objects.values_list("pk", "version"))
    migrate()
    assert not Job.objects.filter(kind=KIND).exists()
    set_region("DE")
    migrate()
    migrate()
    assert find_by_key("phone", "030 1234567") == []
    assert (rekeyed().status, Job.objects.get().done) == ("done", 4)
    assert [find_by_key("phone", n or "") for n in numbers] == [
        [ids[0]], [ids[1]], [ids[2]], [ids[3]], [], [ids[5]], [],
    ]  # fmt: skip
    assert find_by_key("name", "x") == ids[:6]
    assert dict(Record.objects.values_list("pk", "version")) == before
    migrate()
    assert not Job.objects.filter(status="waiting").exists()
    set_region("AT")
    assert rekey_later(at=LATER) is not None
    rekeyed()
    assert find_by_key("phone", "+43 30 1234567") == [ids[0]]
    assert find_by_key("phone", "+49 30 1234567") == []


def test_what_another_record_has_already_is_left_out_and_counted(set_region, leads: Module) -> None:  # type: ignore[no-untyped-def]
    Field.objects.create(
        module=leads, name="hotline", label="Hotline", kind=FieldKind.PHONE, is_unique=True, position=99
    )
    set_region("DE")
    first = create_record(leads, {"hotline": "030 1234567"}, at=START)
    second = create_record(leads, {"hotline": "+43 30 1234567"}, at=START)
    set_region("AT")
    job = rekey_later(at=START + timedelta(hours=1))
    assert job is not None
    assert rekeyed().message == (
        "1 numbers stay without a key: another record has them, and they are to be unique"
    )
    assert find_by_key("phone", "+43 30 1234567") == [second.pk]
    assert Record.objects.get(pk=first.pk).values == {"hotline": "030 1234567"}


def test_where_nobody_has_a_number_there_is_nothing_to_do(set_region) -> None:  # type: ignore[no-untyped-def]
    set_region("DE")
    assert rekey_later(at=START) is None
    assert rekey_later(at=START) is None
