"""Many intakes at once on the same people: no touchpoint is lost, no lead is made twice, nobody waits in a circle."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, Record
from firstcall.touchpoints.calls import Aliasing, Arrival, Call, Identification
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Ambiguity, Identity, Source, Touchpoint
from firstcall.touchpoints.naming import who_of

START = datetime(2026, 9, 1, tzinfo=UTC)
PEOPLE, SENDERS, BATCHES = 6, 4, 25


def a_call(chance: random.Random, id: str) -> Call:
    """Of one of a few people, who have two browsers, a user id and an address each."""
    person, moment = chance.randrange(PEOPLE), START + timedelta(seconds=chance.randrange(1_000))
    browser = f"a{person}.{chance.randrange(2)}"
    names = {
        "user_id": chance.choice([f"u{person}", None]),
        "email": chance.choice([f"p{person}@example.com", None, None]),
        "anonymous_id": chance.choice([browser, None]),
    }
    if not any(names.values()):
        names["anonymous_id"] = browser
    kind = chance.random()
    if kind < 0.25:
        names["user_id"] = f"u{person}"
        return Identification(id, moment, who_of(**names), {"email": f"p{person}@example.com"})
    if kind < 0.35:
        return Aliasing(id, moment, who_of(user_id=f"u{person}"), browser)
    return Arrival(id, "web.visited", moment, None, {"person": person}, who_of(**names))


def everything_of(p: int, browser: int) -> Identification:
    email = f"p{p}@example.com"
    who = who_of(user_id=f"u{p}", email=email, anonymous_id=f"a{p}.{browser}")
    return Identification(f"last{p}.{browser}", START + timedelta(days=1), who, {"email": email})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_senders_who_speak_of_the_same_people_all_are_heard(seed: int) -> None:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    Field.objects.create(module=module, name="email", label="E-mail", kind=FieldKind.EMAIL)
    source = Source.objects.create(name="site", created_at=START)
    errors: list[Exception] = []
    sent: list[Counter[int]] = [Counter() for _ in range(SENDERS)]

    def send(sender: int) -> None:
        chance = random.Random(f"{seed}.{sender}")
        try:
            for batch in range(BATCHES):
                # Every second batch is sent by two at once, as impatient clients do.
                name = f"{sender // 2 if batch % 2 else sender}.{batch}"
                chance_of_batch = random.Random(f"{seed}.{name}")
                calls = [
                    a_call(chance_of_batch, f"{name}.{i}") for i in range(chance_of_batch.randrange(1, 12))
                ]
                chance.shuffle(calls)
                accept(source, calls, received_at=START)
                for call in calls:
                    if isinstance(call, Arrival):
                        sent[sender][call.message_id] = call.properties["person"]  # type: ignore[index]
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []

    # At last everyone says who they are.
    last = [everything_of(p, browser) for p in range(PEOPLE) for browser in range(2)]
    accept(source, last, received_at=START)
    everything = {id: person for of_sender in sent for id, person in of_sender.items()}
    record_of = {r.values["email"]: r.pk for r in Record.objects.all()}
    assert Record.objects.count() == len(record_of) == PEOPLE, "one lead for each address"
    assert Ambiguity.objects.count() == 0
    kept = {t.message_id: t.record_id for t in Touchpoint.objects.all()}
    assert kept == {id: record_of[f"p{person}@example.com"] for id, person in everything.items()}
    assert set(Identity.objects.values_list("person__record", flat=True)) == set(record_of.values())
