"""The newest touchpoints of a source, for those who set it up: however quiet it is beside others."""

from __future__ import annotations

import pytest
from django.db import connection

from firstcall.access.viewer import PRODUCT
from firstcall.records.statements import run
from firstcall.touchpoints import arriving
from firstcall.touchpoints.arriving import arrivals
from firstcall.touchpoints.models import Source, Touchpoint
from tests.records.modules import START

pytestmark = pytest.mark.django_db


def add(source: Source, *names: str) -> None:
    Touchpoint.objects.bulk_create(
        Touchpoint(source=source, message_id=name, type="web.visited", occurred_at=START, received_at=START)
        for name in names
    )


def newest(source: Source | None, most: int = 3) -> list[str]:
    found = arrivals(PRODUCT, source=None if source is None else source.pk, most=most)
    return [one.touchpoint.message_id for one in found]


@pytest.fixture
def sources() -> list[Source]:
    return [Source.objects.create(name=name, created_at=START) for name in ("before", "quiet", "busy")]


def test_a_quiet_source_beside_a_busy_one_shows_its_own(sources: list[Source]) -> None:
    before, quiet, busy = sources
    add(before, "b1")
    add(quiet, "q1", "q2")
    with connection.cursor() as cursor:  # as if millions had come since
        cursor.execute("SELECT setval(pg_get_serial_sequence('touchpoints_touchpoint', 'id'), 50000000)")
    add(busy, *(f"n{number}" for number in range(9)))
    assert newest(quiet) == ["q2", "q1"]
    assert newest(busy) == ["n8", "n7", "n6"]
    assert newest(before) == ["b1"]
    assert newest(None) == ["n8", "n7", "n6"]
    assert newest(None, most=11)[-2:] == ["q2", "q1"]


def test_a_source_that_was_busy_once_is_found_by_its_index(sources: list[Source]) -> None:
    """By what PostgreSQL knows, every other touchpoint is of this source: none of the last many is."""
    _, once, busy = sources
    add(once, *(f"o{number}" for number in range(3_000)))
    add(busy, *(f"n{number}" for number in range(3_000)))
    run("ANALYZE touchpoints_touchpoint")
    plan = arriving._of_source(once.pk)[:20].explain()
    assert "Index Scan Backward using touchpoint_by_source" in plan
    assert "Sort" not in plan
    assert "Filter" not in plan
