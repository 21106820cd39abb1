"""Intake: each message once, whoever sends it how often; two intakes never wait for each other in a circle."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from firstcall.records.models import DirtyRecord, Module, Record
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source, Touchpoint

START = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def source() -> Source:
    return Source.objects.create(name="site", created_at=START)


def lead() -> Record:
    module, _ = Module.objects.get_or_create(name="leads", label="Leads", is_people=True)
    return Record.objects.create(module=module, created_at=START, updated_at=START)


@pytest.mark.django_db
def test_what_was_sent_is_what_is_kept(source: Source) -> None:
    record = lead()
    properties = {"path": "/ü'\"\\", "n": 1.5, "list": [1, "a", None], "deep": {"a": {}}}
    assert accept(source, [Arrival("m", "web.visited", START, record.pk, properties)], received_at=START) == 1
    kept = Touchpoint.objects.get()
    assert (kept.record, kept.type, kept.occurred_at, kept.properties) == (
        record,
        "web.visited",
        START,
        properties,
    )


@pytest.mark.django_db
def test_a_message_is_one_touchpoint_and_the_first_counts(source: Source) -> None:
    record = lead()
    sent = [Arrival("m", type, START, record.pk) for type in ("web.visited", "web.clicked")]
    assert accept(source, sent, received_at=START) == 1
    assert accept(source, sent[::-1], received_at=START) == 0
    assert Touchpoint.objects.get().type == "web.visited"
    assert DirtyRecord.objects.count() == 1


@pytest.mark.django_db
def test_another_source_may_use_the_same_message_id(source: Source) -> None:
    other = Source.objects.create(name="shop", created_at=START)
    for each in (source, other):
        assert accept(each, [Arrival("m", "web.visited", START)], received_at=START) == 1


@pytest.mark.django_db
def test_a_batch_makes_each_record_due_once(source: Source) -> None:
    one, two = lead(), lead()
    sent = [Arrival(f"{i}", "web.visited", START, (one, two)[i % 2].pk) for i in range(10)]
    assert accept(source, sent, received_at=START) == 10
    assert sorted(DirtyRecord.objects.values_list("record_id", flat=True)) == [one.pk, two.pk]


@pytest.mark.django_db(transaction=True)
def test_intakes_with_the_same_messages_in_other_orders_all_end(source: Source) -> None:
    record, errors, added = lead(), list[Exception](), list[int]()

    def send(seed: int) -> None:
        try:
            for batch in range(10):
                sent = [Arrival(f"{batch}.{i}", "web.visited", START, record.pk) for i in range(50)]
                random.Random(seed).shuffle(sent)
                added.append(accept(source, sent, received_at=START))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, sum(added), Touchpoint.objects.count()) == ([], 500, 500)
