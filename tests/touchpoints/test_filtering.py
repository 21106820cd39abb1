"""Filters on what records did, against counting by hand."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from firstcall.access.viewer import PRODUCT
from firstcall.records.actions import create_records
from firstcall.records.errors import InvalidFilterError
from firstcall.records.filtering import read_filter
from firstcall.records.models import Module, Record
from firstcall.records.writing.given import Given
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source
from tests.records.modules import make_accounts, make_leads

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
TYPES = ("web.visited", "web.form", "email.opened", "webinar.joined")


@pytest.fixture
def leads() -> Module:
    return make_leads(make_accounts())


def met(module: Module, *conditions: object) -> set[int]:
    filter = read_filter(module, list(conditions), viewer=PRODUCT)
    records = Record.objects.filter(module=module)
    return set(filter.of(records, now=AT).values_list("pk", flat=True))


def touch(source: Source, record: int, type: str, at: datetime, **properties: object) -> None:
    accept(source, [Arrival(f"{random.random()}", type, at, record, properties)], received_at=AT)


@pytest.mark.parametrize("grouped", [0, 500_000], ids=["record by record", "the window first"])
def test_counts_and_windows_are_those_of_counting(
    leads: Module, grouped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstcall.touchpoints.filtering.MOST_GROUPED", grouped)
    draw = random.Random(7)
    source = Source.objects.create(name="web", created_at=AT)
    rows = [Given({"last_name": f"L{n}"}, created_at=AT - timedelta(days=90)) for n in range(40)]
    ids = [outcome.record_id or 0 for outcome in create_records(leads, rows, at=AT)]
    did: list[tuple[int, str, datetime]] = []
    for _ in range(400):
        ago = timedelta(days=draw.choice([0, 1, 2, 3, 7, 30, 60])) + timedelta(
            microseconds=draw.choice([-1, 0, 1])
        )
        did.append((draw.choice(ids[:35]), draw.choice(TYPES), AT - ago))
    accept(source, [Arrival(f"m{n}", t, at, id, {}) for n, (id, t, at) in enumerate(did)], received_at=AT)
    for _ in range(60):
        pattern = draw.choice([*TYPES, "web.*", "email.*", "*"])
        condition: dict[str, object] = {"touchpoint": pattern}
        since, until = datetime.min.replace(tzinfo=UTC), AT
        if draw.random() < 0.6:
            days = draw.choice([1, 2, 3, 7, 30])
            condition["in_last"], since = f"{days} days", AT - timedelta(days=days)
        if draw.random() < 0.3:
            days = draw.choice([1, 2, 3])
            condition["older_than"], until = f"{days} days", AT - timedelta(days=days)
        test, least = draw.choice(["gte", "lt", "is", "gt"]), draw.randint(0, 4)
        condition[test] = least
        counts = dict.fromkeys(ids, 0)
        for id, type, at in did:
            fits = pattern in ("*", type) or (pattern.endswith(".*") and type.startswith(pattern[:-1]))
            counts[id] += fits and since < at <= until
        holds = {"gte": int.__ge__, "lt": int.__lt__, "is": int.__eq__, "gt": int.__gt__}[test]
        expected = {id for id, n in counts.items() if holds(n, least)}
        assert met(leads, condition) == expected, condition
        assert met(leads, {"not": condition}) == set(ids) - expected, condition
    for days in (0, 1, 2, 7, 30, 89, 90):
        newest = dict.fromkeys(ids, AT - timedelta(days=90))
        for id, _, at in did:
            newest[id] = max(newest[id], at) if at <= AT else newest[id]
        expected = {id for id, at in newest.items() if (AT - at) // timedelta(days=1) >= days}
        assert met(leads, {"days_since": "*", "gte": days}) == expected, days


def test_properties_combinations_and_what_counts_no_longer(leads: Module) -> None:
    source = Source.objects.create(name="web", created_at=AT)
    ann, bob = (
        o.record_id or 0 for o in create_records(leads, [{"last_name": "Ann"}, {"last_name": "Bob"}], at=AT)
    )
    touch(source, ann, "web.visited", AT, path="/pricing", n=3)
    touch(source, bob, "web.visited", AT, path="100 % 'quoted'")
    prices = {"touchpoint": "web.visited", "where": {"property": "path", "starts_with": "/PRICING"}}
    assert met(leads, prices) == {ann}
    assert met(leads, {"not": prices}) == {bob}
    odd = {"touchpoint": "web.*", "where": {"property": "path", "contains": "% 'quoted'"}}
    assert met(leads, odd) == {bob}
    assert met(leads, {"any": [prices, odd]}, {"field": "last_name", "is": "Bob"}) == {bob}
    source.touchpoint_set.filter(record=ann).update(revoked_at=AT)
    assert met(leads, prices) == set()


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({"touchpoint": "web.visited", "sum": "n", "gte": 3}, "[0]: Of touchpoints, a filter counts those of the record"),
        ({"touchpoint": "Web Visit"}, "takes a type such as web.visited"),
        ({"days_since": "web.*"}, "`days_since` needs a test"),
    ],
)  # fmt: skip
def test_what_a_filter_cannot_ask_is_told(leads: Module, condition: object, says: str) -> None:
    with pytest.raises(InvalidFilterError) as told:
        met(leads, condition)
    assert says in str(told.value)
    assert told.value.problems


def test_records_without_touchpoints_are_not_asked_for_them(leads: Module) -> None:
    with pytest.raises(InvalidFilterError, match="Records of accounts have no touchpoints"):
        met(Module.objects.get(name="accounts"), {"touchpoint": "*"})
