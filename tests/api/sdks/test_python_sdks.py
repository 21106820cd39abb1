"""The Python SDKs of Segment and RudderStack, as they are, against the product as a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from rudderstack.analytics.client import Client as RudderStack
from segment.analytics.client import Client as Segment

from firstcall.moments import now
from firstcall.records.models import Record
from firstcall.touchpoints.models import Touchpoint
from tests.api.sdks.conftest import BadLine, Served

LONG_AGO = datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)


def say(client: Any) -> None:
    """A visitor reads, signs up, buys, and belongs to a company."""
    client.page(anonymous_id="a1", name="Pricing", properties={"url": "https://x.example/pricing"})
    client.track(anonymous_id="a1", user_id="u1", event="Signed Up", properties={"plan": "pro"})
    client.identify(
        user_id="u1",
        anonymous_id="a1",
        traits={"email": "ann@example.com", "firstName": "Ann", "phone": "+49 30 1234567"},
    )
    client.track(user_id="u1", event="Order Completed", properties={"total": 12.5}, timestamp=LONG_AGO)
    client.group(user_id="u1", group_id="g1", traits={"name": "Acme", "employees": 7})
    client.screen(user_id="u1", name="Home")
    client.alias("u0", "u1")
    client.flush()


def check_what_was_said() -> None:
    lead = Record.objects.get()
    assert lead.values == {
        "email": "ann@example.com", "first_name": "Ann", "phone": "+49 30 1234567", "company": "Acme", "employees": "7",
    }  # fmt: skip
    kept = {t.type: t for t in Touchpoint.objects.all()}
    assert set(kept) == {"web.visited", "product.signed_up", "product.purchased", "product.used"}
    assert {t.record for t in kept.values()} == {lead}
    assert kept["web.visited"].properties["path"] == "/pricing"
    assert kept["product.purchased"].properties["amount"] == 12.5
    assert abs(kept["product.purchased"].occurred_at - LONG_AGO) < timedelta(seconds=20)
    assert abs(kept["product.used"].occurred_at - now()) < timedelta(seconds=20)


@pytest.fixture
def errors() -> list[object]:
    return []


def segment(served: Served, errors: list[object], **how: Any) -> Segment:
    how = {"host": served.url, **how}
    return Segment(served.key, on_error=lambda error, items: errors.append(error), **how)


def rudderstack(served: Served, errors: list[object], **how: Any) -> RudderStack:
    how = {"host": served.url, **how}
    return RudderStack(served.key, on_error=lambda error, items: errors.append(error), **how)


MAKERS = pytest.mark.parametrize("make", [segment, rudderstack])


@MAKERS
@pytest.mark.parametrize("gzip", [True, False])
def test_what_is_said_arrives(served: Served, errors: list[object], make: Any, gzip: bool) -> None:
    client = make(served, errors, gzip=gzip)
    say(client)
    client.shutdown()
    assert errors == []
    check_what_was_said()


@MAKERS
def test_a_bad_line_loses_and_doubles_nothing(served: Served, errors: list[object], make: Any) -> None:
    with BadLine(served.url, ["refuse", "swallow", "refuse"]) as line:
        client = make(served, errors, host=line.url, timeout=10)
        for number in range(5):
            client.track(user_id="u1", event=f"Event {number}")
        client.flush()
        client.shutdown()
    assert errors == []
    assert sorted(t.properties["event"] for t in Touchpoint.objects.all()) == [f"Event {n}" for n in range(5)]
    assert len(line.retries) >= 4


@MAKERS
def test_many_come_in_batches(served: Served, errors: list[object], make: Any) -> None:
    client = make(served, errors, max_queue_size=10_000)
    for number in range(450):
        client.track(user_id=f"u{number % 9}", event="Report Exported", properties={"number": number})
    client.flush()
    client.shutdown()
    assert errors == []
    assert sorted(t.properties["number"] for t in Touchpoint.objects.all()) == list(range(450))


@MAKERS
def test_a_wrong_key_is_told(served: Served, errors: list[object], make: Any) -> None:
    client = make(Served(served.url, "wrong", served.source), errors, max_retries=1)
    client.track(user_id="u1", event="X")
    client.flush()
    client.shutdown()
    [error] = errors
    assert "No write key of an active source came with the request" in str(error)


def test_bodies_in_chunks_are_read(served: Served) -> None:
    def chunks() -> Any:
        yield b'{"type": "page", '
        yield b'"userId": "u1"}'

    answer = httpx.post(f"{served.url}/v1/page", content=chunks(), auth=(served.key, ""))
    assert answer.json() == {"success": True}
    assert Touchpoint.objects.count() == 1


def test_a_large_request_hears_why_it_is_refused(served: Served) -> None:
    for content in (b" " * 10_000_000, (b" " * 65_536 for _ in range(160))):
        answer = httpx.post(f"{served.url}/v1/batch", content=content, auth=(served.key, ""), timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (400, "too-large")
