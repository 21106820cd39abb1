"""Each kind of field: what it takes and what it refuses, and that SQL reads what was taken."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from firstcall.records.kinds import FieldKind, UnfitValueError, column_of, take_value, value_sql
from firstcall.records.models import Module, Record
from firstcall.scoring.times import moment_of

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)

TAKEN = [
    (FieldKind.TEXT, "Ann O'Hara", "Ann O'Hara", "Ann O'Hara"),
    (FieldKind.LONG_TEXT, "x" * 100_000, "x" * 100_000, "x" * 100_000),
    (FieldKind.NUMBER, 12, "12", Decimal(12)),
    (FieldKind.NUMBER, "1.5", "1.5", Decimal("1.5")),
    (FieldKind.NUMBER, 0.1, "0.1", Decimal("0.1")),
    (FieldKind.CURRENCY, Decimal("-999999999999.25"), "-999999999999.25", Decimal("-999999999999.25")),
    (FieldKind.DATE, "2024-02-29", "2024-02-29", date(2024, 2, 29)),
    (FieldKind.DATE_TIME, "2026-09-01T14:00:00+02:00", moment_of(NOON), moment_of(NOON)),
    (FieldKind.YES_NO, False, False, False),
    (FieldKind.PICKLIST, "IT", "IT", "IT"),
    (FieldKind.MULTI_SELECT, ["a", "b", "a"], ["a", "b"], ["a", "b"]),
    (FieldKind.EMAIL, "ann@example.com", "ann@example.com", "ann@example.com"),
    (FieldKind.PHONE, "+49 (30) 123-4567", "+49 (30) 123-4567", "+49 (30) 123-4567"),
    (FieldKind.URL, "https://example.com/a?b", "https://example.com/a?b", "https://example.com/a?b"),
    (FieldKind.LOOKUP, "17", 17, 17),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "given", "held", "read"), TAKEN)
def test_what_is_taken_is_read_by_sql(kind: FieldKind, given: object, held: object, read: object) -> None:
    assert take_value(kind, given) == held
    module = Module.objects.create(name="leads", label="Leads")
    Record.objects.create(module=module, values={"f": held}, created_at=NOON, updated_at=NOON)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {value_sql(kind, 'f')}, {value_sql(kind, 'other')} FROM records_record AS r")
        [(found, missing)] = cursor.fetchall()
    # Django leaves JSON as text.
    assert (json.loads(found) if kind is FieldKind.MULTI_SELECT else found) == read
    assert missing is None


def test_every_kind_is_taken_and_has_a_column() -> None:
    assert {kind for kind, *_ in TAKEN} == set(FieldKind)
    for kind in FieldKind:
        assert column_of(kind, "field", "f1").ref == "f1"


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        (FieldKind.TEXT, 7, "takes a text"),
        (FieldKind.TEXT, "a\0b", "takes a text without the character NUL"),
        (FieldKind.TEXT, "x" * 1_001, "takes at most 1,000 characters; this has 1,001"),
        (FieldKind.NUMBER, "many", "takes a number below a million million"),
        (FieldKind.NUMBER, True, "takes a number"),
        (FieldKind.NUMBER, float("nan"), "takes a number below a million million"),
        (FieldKind.NUMBER, 10**12, "takes a number below a million million"),
        (FieldKind.DATE, "2025-02-29", "takes a date such as 2026-09-01"),
        (FieldKind.DATE, "2026-09-01T00:00:00Z", "takes a date such as 2026-09-01"),
        (FieldKind.DATE_TIME, "tomorrow", "takes a date and time such as 2026-09-01T12:00:00Z"),
        (FieldKind.YES_NO, "yes", "takes true or false"),
        (FieldKind.MULTI_SELECT, "a", "takes a list of at most 100 texts"),
        (FieldKind.MULTI_SELECT, [1], "takes a text"),
        (FieldKind.EMAIL, "ann", "takes an e-mail address"),
        (FieldKind.PHONE, "call me", "takes a phone number such as +49 30 1234567"),
        (FieldKind.URL, "javascript:alert(1)", "takes an address such as https://example.com"),
        (FieldKind.URL, "https://[", "takes an address such as https://example.com"),
        (FieldKind.LOOKUP, -1, "takes the id of a record"),
    ],
)
def test_what_is_refused_says_what_is_taken(kind: FieldKind, given: object, says: str) -> None:
    with pytest.raises(UnfitValueError) as refused:
        take_value(kind, given)
    assert str(refused.value) == says
