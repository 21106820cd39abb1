"""Ten thousand records changed and changed back, as somebody does it in a browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from django.db import connection
from playwright.sync_api import expect

from firstcall.moments import now
from firstcall.records.models import Module, Record
from firstcall.scoring.times import moment_of
from tests.records.importing.conftest import data_folder
from tests.web.all_pages import work
from tests.web.conftest import Desk

__all__ = ["data_folder"]

MANY = 10_000


def fill(leads: Module, owner: int) -> None:
    """At once: how records come in is told elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_record (module_id, owner_id, tags, values, version, created_at, updated_at)"
            " SELECT %s, %s, '{}', jsonb_build_object('last_name', 'L' || n, 'employees', n::text), 1, %s, %s"
            " FROM generate_series(1000, %s) AS n",
            [leads.pk, owner, moment_of(now()), moment_of(now()), 999 + MANY],
        )


@contextmanager
def worker() -> Iterator[None]:
    """Does what waits, while somebody looks on."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    yield
    thread.join()


def values(leads: Module) -> Counter[object]:
    rows = Record.objects.filter(module=leads, values__last_name__startswith="L")
    return Counter(rows.values_list("values__employees", flat=True))


@pytest.mark.slow
@pytest.mark.usefixtures("data_folder")
def test_all_that_match_are_changed_and_changed_back(desk: Desk) -> None:
    leads = desk.company.leads
    fill(leads, desk.company.bob.pk)
    before = values(leads)
    page = desk.open("/records/leads?f=employees&t=gte&v=1000&sort=-id")
    expect(page.locator(".page-head .figure")).to_have_text("10,000")
    page.get_by_label("Choose all on this page").check()
    page.get_by_role("button", name="Choose all that match").click()
    page.get_by_role("button", name="Change", exact=True).click()
    dialog = page.get_by_role("dialog", name="Change all that are chosen")
    dialog.get_by_label("Field").select_option("employees")
    dialog.get_by_label("Its new value").fill("7")
    dialog.get_by_role("button", name="Change them").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    with worker():
        expect(page.get_by_text("Done.")).to_be_visible(timeout=120_000)
    assert values(leads) == {"7": MANY}
    stays = Record.objects.filter(module=leads, values__employees="7").order_by("pk").first()
    assert stays is not None
    Record.objects.filter(pk=stays.pk).update(values={**stays.values, "employees": "8"})
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_role("progressbar", name="It is being undone")).to_be_visible()  # the job is there
    with worker():
        expect(page.get_by_text("It has been undone")).to_be_visible(timeout=120_000)
    after = values(leads)
    assert after["8"] == 1  # somebody has changed it since
    assert sum((before - after).values()) == 1
    assert desk.complaints == []
