"""Small requests that come at once are written together: each once, each caller with its own error."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from firstcall.records.kinds import FieldKind
from firstcall.records.models import DirtyRecord, Field, Module, Record
from firstcall.touchpoints import together
from firstcall.touchpoints.calls import Arrival, Call, Identification
from firstcall.touchpoints.models import Source, Touchpoint
from firstcall.touchpoints.naming import who_of

START = datetime(2026, 9, 1, tzinfo=UTC)
SENDERS = 8

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source() -> Source:
    return Source.objects.create(name="site", created_at=START)


def arrival(id: str, **properties: object) -> Arrival:
    return Arrival(id, "web.visited", START, None, properties, who_of(anonymous_id=f"browser-{id}"))


class Gate:
    """Intake that waits at its first call until all the others have come, and notes what it is called with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, poison: str = "") -> None:
        self.opened, self.entered = threading.Event(), threading.Semaphore(0)
        self.written: list[set[str]] = []
        self._accept, self._poison = together.accept, poison
        monkeypatch.setattr(together, "accept", self)

    def __call__(self, source: Source, calls: Sequence[Call], *, received_at: datetime) -> int:
        self.entered.release()
        assert self.opened.wait(30)
        if self._poison in {call.message_id for call in calls}:
            raise ValueError(self._poison)
        self.written.append({call.message_id for call in calls})
        return self._accept(source, calls, received_at=received_at)


@pytest.fixture
def send(source: Source) -> Iterator[Callable[..., Future[None]]]:
    """Hands calls to intake in a thread of their own."""

    def accept(calls: Sequence[Call], received_at: datetime) -> None:
        with closing(connection):
            together.accept_together(source, calls, received_at=received_at)

    with ThreadPoolExecutor(SENDERS + 1) as pool:
        yield lambda *calls, at=START: pool.submit(accept, calls, at)


def wait_for(source: Source, count: int) -> None:
    queue = together._queues[source.pk]
    for _ in range(3_000):
        if len(queue._waiting) == count:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{len(queue._waiting)} wait, not {count}")


def send_at_once(
    source: Source, send: Callable[..., Future[None]], gate: Gate, requests: Sequence[Sequence[Call]]
) -> list[Future[None]]:
    """The first is held at the gate until all the others wait behind it."""
    first = send(*requests[0])
    assert gate.entered.acquire(timeout=30)
    later = [
        send(*calls, at=START + timedelta(seconds=number)) for number, calls in enumerate(requests[1:], 1)
    ]
    wait_for(source, len(later))
    gate.opened.set()
    return [first, *later]


def test_who_comes_while_another_is_written_is_written_with_the_others(
    source: Source, send: Callable[..., Future[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    requests = [[arrival(f"m{n}.{k}") for k in range(1 + n % 3)] for n in range(SENDERS)]
    for told in send_at_once(source, send, gate, requests):
        told.result(30)
    ids = [{call.message_id for call in calls} for calls in requests]
    assert gate.written == [ids[0], set[str]().union(*ids[1:])]
    stored = dict(Touchpoint.objects.values_list("message_id", "received_at"))
    assert set(stored) == set[str]().union(*ids)
    assert len(set(stored.values())) == 2  # when the first came, and when the last of the others did


def test_one_that_cannot_be_written_keeps_none_of_the_others(
    source: Source, send: Callable[..., Future[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, poison="m3")
    sent = send_at_once(source, send, gate, [[arrival(f"m{n}")] for n in range(SENDERS)])
    for number, told in enumerate(sent):
        if number == 3:
            with pytest.raises(ValueError, match="m3"):
                told.result(30)
        else:
            told.result(30)
    assert set(Touchpoint.objects.values_list("message_id", flat=True)) == {
        f"m{n}" for n in range(SENDERS) if n != 3
    }
    send(arrival("later")).result(30)
    assert Touchpoint.objects.filter(message_id="later").exists()


def test_the_same_message_from_several_at_once_is_there_once(
    source: Source, send: Callable[..., Future[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    Field.objects.create(module=module, name="email", label="E-mail", kind=FieldKind.EMAIL)
    lead = Record.objects.create(module=module, created_at=START, updated_at=START)
    gate = Gate(monkeypatch)
    once = Arrival("once", "web.visited", START, lead.pk, {}, None)
    for told in send_at_once(source, send, gate, [[once], [once, arrival("other")], [once]]):
        told.result(30)
    assert sorted(Touchpoint.objects.values_list("message_id", flat=True)) == ["once", "other"]
    assert DirtyRecord.objects.filter(record_id=lead.pk).exists()


def test_large_requests_and_identifications_wait_for_nobody(
    source: Source, send: Callable[..., Future[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    held = send(arrival("held"))
    assert gate.entered.acquire(timeout=30)
    many = send(*(arrival(f"many{n}") for n in range(together.FEW + 1)))
    named = send(Identification("who", START, who_of(user_id="u1"), {}))
    # They are at the gate themselves, while the first is still there.
    assert gate.entered.acquire(timeout=30)
    assert gate.entered.acquire(timeout=30)
    gate.opened.set()
    for told in (held, many, named):
        told.result(30)
    assert Touchpoint.objects.count() == together.FEW + 2
