"""Slots say what `properties` say, whoever wrote the touchpoint and when, or they say nothing."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from firstcall.records.models import Module, Record
from firstcall.touchpoints import slots
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import PropertySlot, Source, Touchpoint
from firstcall.touchpoints.slots import LONGEST, SLOTS, fill, read_slots, want

START = datetime(2026, 9, 1, tzinfo=UTC)
MIXED: tuple[Any, ...] = (
    *(None, "", "/pricing", "\x01", '\x01"', "\x01#5", "ß" * 40, "x" * (LONGEST + 1), True, False),
    *(0, -1.5, 1e-7, 10**12, 1e300, 10**40, [], ["a", None, 1], {}, {"a": 1}, ["x" * LONGEST]),
)


@pytest.fixture
def source() -> Source:
    return Source.objects.create(name="site", created_at=START)


def lead() -> Record:
    module, _ = Module.objects.get_or_create(name="leads", label="Leads", is_people=True)
    return Record.objects.create(module=module, created_at=START, updated_at=START)


def fill_all(most: int = slots.STEP) -> None:
    while fill(most):
        pass


def held() -> dict[str, dict[str, str | None] | None]:
    """What the slots of each message say; None where they say nothing."""
    numbers = read_slots().numbers
    columns = "".join(f", slot_{number}" for _, number in numbers)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT message_id, slotted{columns} FROM touchpoints_touchpoint")
        return {
            message: dict(zip([name for name, _ in numbers], values, strict=True)) if slotted else None
            for message, slotted, *values in cursor.fetchall()
        }


def read(names: list[str]) -> list[tuple[Any, ...]]:
    """What rules read of all touchpoints, by whatever way."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(names)} FROM ({read_slots().relation_sql()}) AS r ORDER BY occurred_at"
        )
        return cursor.fetchall()


@pytest.mark.django_db
def test_what_came_before_and_after_is_in_slots_alike(source: Source) -> None:
    record = lead()
    sent = [Arrival(f"a{i}", "web.visited", START, record.pk, {"p": v, "q": i}) for i, v in enumerate(MIXED)]
    accept(source, sent, received_at=START)
    assert want(["p", "q"])
    assert read_slots().columns == {}
    fill_all(most=4)
    assert set(read_slots().columns) == {"p", "q"}
    sent = [Arrival(f"b{i}", "web.visited", START, record.pk, {"p": v, "q": i}) for i, v in enumerate(MIXED)]
    accept(source, sent, received_at=START)
    found = held()
    for i in range(len(MIXED)):
        assert found[f"a{i}"] == found[f"b{i}"]
    assert found["a2"] == {"p": "/pricing", "q": "\x01#2000000"}
    assert found["a0"] == {"p": None, "q": "\x01#0"}
    # Too long for the index: by itself, and as a list.
    assert sorted(m for m, values in found.items() if values is None and m < "b") == ["a20", "a7"]


@pytest.mark.django_db
def test_what_slots_do_not_say_is_read_from_the_properties(source: Source) -> None:
    record = lead()
    assert want(["p"])
    accept(source, [Arrival("m", "t.t", START, record.pk, {"p": "x" * 9_000})], received_at=START)
    Touchpoint.objects.create(
        source=source,
        message_id="n",
        record=record,
        type="t.t",
        occurred_at=START,
        received_at=START,
        properties={"p": "by other ways"},
    )
    assert held() == {"m": None, "n": None}
    assert sorted(read(["slot_1"])) == [("by other ways",), ("x" * 9_000,)]


@pytest.mark.django_db
def test_the_longest_that_slots_take_fits_into_the_index(source: Source) -> None:
    chance, names = random.Random(1), [f"p{i}" for i in range(SLOTS)]
    assert want(names)
    # Nothing that could be compressed; a type of characters of four octets.
    values = {
        name: "".join(chance.choices("0123456789abcdefABCDEF-_.~/", k=LONGEST // SLOTS)) for name in names
    }
    type = "".join(chance.choices([chr(code) for code in range(0x10000, 0x1F000)], k=120))
    assert accept(source, [Arrival("m", type, START, lead().pk, values)], received_at=START) == 1
    assert held() == {"m": values}


@pytest.mark.django_db
def test_a_slot_is_given_to_another_property_when_there_is_no_free_one(source: Source) -> None:
    record = lead()
    first = [f"p{i}" for i in range(SLOTS)]
    assert want(first)
    accept(source, [Arrival("m", "t.t", START, record.pk, {"p0": "old", "new": "young"})], received_at=START)
    assert want([*first, "new"])
    assert "new" not in read_slots().columns
    assert want([*first[1:], "new"])
    before = read_slots()
    assert "p0" not in before.columns
    fill_all()
    assert held()["m"] == {**dict.fromkeys(first[1:]), "new": "young"}
    assert read_slots().edition == before.edition


@pytest.mark.django_db
def test_who_still_goes_by_an_older_edition_reads_the_properties(source: Source) -> None:
    record = lead()
    names = [f"p{i}" for i in range(SLOTS)]
    want(names)
    old = read_slots()
    accept(source, [Arrival("m", "t.t", START, record.pk, {"p0": "old", "new": "young"})], received_at=START)
    want([*names[1:], "new"])
    fill_all()
    column = old.columns["p0"].ref
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM ({old.relation_sql()}) AS r")
        assert cursor.fetchall() == [("old",)]


@pytest.mark.django_db
def test_intake_goes_by_the_edition_there_is(source: Source) -> None:
    accept(source, [Arrival("a", "t.t", START, None, {"p": 1})], received_at=START)
    # As another process does it: this one still knows of no slots.
    PropertySlot.objects.create(number=3, property="p", edition=1_000, fill_until=0)
    assert accept(source, [Arrival("b", "t.t", START, None, {"p": 1})], received_at=START) == 1
    assert held() == {"a": {"p": None}, "b": {"p": "\x01#1000000"}}


@pytest.mark.django_db(transaction=True)
def test_no_touchpoint_that_streams_in_while_slots_change_is_missed(source: Source) -> None:
    record, stop, errors = lead(), threading.Event(), list[BaseException]()

    def send(name: int) -> None:
        chance, sent = random.Random(name), 0
        try:
            while not stop.is_set():
                sent += 1
                batch = [
                    Arrival(
                        f"{name}.{sent}.{i}",
                        "t.t",
                        START,
                        record.pk,
                        {p: i for p in "abc" if chance.random() < 0.5},
                    )
                    for i in range(chance.randrange(1, 30))
                ]
                accept(source, batch, received_at=START)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(name,)) for name in range(2)]
    for thread in threads:
        thread.start()
    for wanted in ("a", "ab", "abc"):
        while not want(list(wanted)):
            pass
        for _ in range(3):
            fill(20)
    stop.set()
    for thread in threads:
        thread.join()
    fill_all()
    assert errors == []
    assert Touchpoint.objects.exists()
    found = held()
    for touchpoint in Touchpoint.objects.all():
        kept = {p: v for p, v in (found[touchpoint.message_id] or {}).items() if v is not None}
        assert kept == {p: f"\x01#{v}000000" if v else "\x01#0" for p, v in touchpoint.properties.items()}
