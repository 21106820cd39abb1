"""What processes count comes together in the tables, and is lost nowhere in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError

from firstcall.counts import tallying
from firstcall.counts.models import Count, Lately
from firstcall.counts.reading import last_seen, lately, quantile, read_counts
from firstcall.counts.tallying import BUCKETS, count, flush, labelled, observe, see

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    """Neither by the tests before nor for those after."""
    for held in (tallying._counts, tallying._buckets, tallying._seen):
        held.clear()
    yield
    for held in (tallying._counts, tallying._buckets, tallying._seen):
        held.clear()


def test_what_is_counted_adds_up_over_processes() -> None:
    for _ in range(2):  # two processes, or one at two times
        count("touchpoints", 3, source="website")
        count("touchpoints", source="app")
        count("touchpoints", 0, source="mail")
        flush(AT)
    assert read_counts().counters["touchpoints"] == {'source="website"': 6, 'source="app"': 2}


def test_durations_fall_into_buckets() -> None:
    observe("freshness_seconds", [0.001, 0.005, 0.006, 99_999])
    observe("freshness_seconds", [])
    flush(AT)
    found = read_counts().histograms["freshness_seconds"][""]
    assert (found.buckets[0], found.buckets[1], found.buckets[-1]) == (2, 1, 1)
    assert found.seconds == pytest.approx(99_999.012)


def test_the_last_minutes_are_kept_apart_and_no_longer() -> None:
    observe("freshness_seconds", [0.02], lately=True)
    flush(AT)
    observe("freshness_seconds", [2.0], lately=True)
    flush(AT + timedelta(minutes=3))
    assert sum(lately("freshness_seconds", AT + timedelta(minutes=3))) == 2
    assert sum(lately("freshness_seconds", AT + timedelta(minutes=6))) == 1
    observe("freshness_seconds", [2.0], lately=True)
    flush(AT + timedelta(minutes=30))
    assert Lately.objects.count() == 1


def test_where_the_database_is_away_it_is_kept_for_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    count("touchpoints", source="app")
    see("keeper", AT)
    with monkeypatch.context() as away:
        away.setattr(tallying, "_ADD", "no SQL")
        with pytest.raises(DatabaseError):
            flush(AT)
    count("touchpoints", source="app")
    flush(AT)
    assert Count.objects.get(name="touchpoints").value == 2
    assert last_seen("keeper") == AT


def test_who_was_seen_is_seen_at_the_latest_moment() -> None:
    for at in (AT, AT - timedelta(minutes=1)):
        see("keeper", at)
        flush(AT)
    assert last_seen("keeper") == AT
    assert last_seen("nobody") is None


def test_labels_cannot_break_out() -> None:
    assert labelled({"route": 'a"b\\c,d\ne', "method": "GET"}) == 'method="GET",route="a_b_c_d_e"'


@pytest.mark.parametrize(
    ("durations", "share", "bounds"),
    [
        ([0.02] * 99 + [7], 0.5, (0.01, 0.025)),
        ([0.02] * 98 + [7] * 2, 0.99, (5, 10)),
        ([9_999], 0.5, (3_600, 3_600)),
    ],
)
def test_a_quantile_lies_in_the_bucket_of_its_duration(
    durations: list[float], share: float, bounds: tuple[float, float]
) -> None:
    observe("x", durations, lately=True)
    flush(AT)
    found = quantile(lately("x", AT), share)
    assert found is not None
    assert bounds[0] <= found <= bounds[1]


def test_nothing_has_no_quantile() -> None:
    assert quantile([0] * (len(BUCKETS) + 1), 0.5) is None
