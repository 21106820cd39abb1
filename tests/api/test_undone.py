"""Two who wait for each other, as PostgreSQL itself ends it: one of them is undone, told so, and right a moment later."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from firstcall.records.models import Field, Module
from firstcall.scorekeeping.actions import create_rule
from firstcall.scorekeeping.locks import lock_rule, lock_rules
from firstcall.scorekeeping.models import StoredRule
from tests.api.conftest import AT, Answer, Caller

TEXT = "name: Size\nmodule: leads\ncriteria:\n  - {name: Large, field: employees, gte: 100, points: 20}\n"
_IS_WAITED_FOR = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"""


@pytest.fixture
def rule(transactional_db: None) -> StoredRule:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    Field.objects.create(module=module, name="employees", label="Employees", kind="number")
    return create_rule(TEXT, at=AT)


def patience(seconds: int) -> None:
    """How long this connection waits until it looks whether it waits for ever, and gives up."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET deadlock_timeout = '{seconds}s'")


def wait_until_waited_for() -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(_IS_WAITED_FOR)
            if cursor.fetchone() == (True,):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits for this")


def test_a_deadlock_is_told_as_that_and_the_same_request_is_done_afterwards(
    rule: StoredRule, api: Caller
) -> None:
    """Switching takes the module's lock and then the rule's; here somebody takes them the other way round."""
    answers = list[Answer]()

    def switch_on() -> None:
        patience(2)
        answers.append(api.post(f"/rules/{rule.pk}/activation", {}))
        connection.close()

    patience(600)
    switching = threading.Thread(target=switch_on)
    try:
        with transaction.atomic():
            lock_rule(rule.pk)
            switching.start()
            wait_until_waited_for()
            lock_rules(rule.module_id)
        switching.join()
    finally:
        connection.close()
    [told] = answers
    assert (told.status, told.headers["Retry-After"]) == (503, "1")
    assert told.body["type"] == "urn:firstcall:undone"
    assert api.get(f"/rules/{rule.pk}").body["status"] == "draft"
    assert api.post(f"/rules/{rule.pk}/activation", {}).status == 200
