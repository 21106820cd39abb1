"""`/metrics`, as Prometheus reads it: of all processes and machines together, from a few small tables."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from firstcall.columns.status import status as columns_status
from firstcall.counts.reading import Histogram, last_seen, lately, quantile, read_counts
from firstcall.counts.tallying import BUCKETS
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.moments import now
from firstcall.records.models import DirtyRecord

MOST_DIRTY = 100_000  # counted no further, so that a long queue costs a scrape a moment and not a minute
_LOCAL = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
_LABEL = re.compile(r'(\w+)="([^"]*)"')

_COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "touchpoints": ("Touchpoints taken in, by the kind of their source.", ("source",)),
    "jobs_ended": ("Jobs that ended, by how.", ("status",)),
    "errors": ("Errors logged, by where.", ("logger",)),
}
_HISTOGRAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "freshness_seconds": ("From a touchpoint's coming in to the score that counts it.", ()),
    "http_request_duration_seconds": ("How long requests took.", ("method", "route", "status")),
}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For this machine itself, not through a proxy, and for whoever shows the token of the settings."""
    if not may_read(request):
        return HttpResponse(
            "Show FIRSTCALL_METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain"
        )
    registry = CollectorRegistry()
    registry.register(_Gathered(now()))
    try:
        told = generate_latest(registry)
    except (OperationalError, InterfaceError):
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(told, content_type="text/plain; version=0.0.4; charset=utf-8")


def may_read(request: HttpRequest) -> bool:
    token = settings.CONFIGURATION.metrics_token.get_secret_value()
    shown = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        return True
    # A proxy on this machine asks from here too, but in the name of anyone.
    proxied = {"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"} & set(request.headers)
    return not proxied and request.META.get("REMOTE_ADDR", "") in _LOCAL


class _Gathered(Collector):
    def __init__(self, at: datetime) -> None:
        self._at = at

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        yield from _counted()
        yield from _dirty(self._at)
        yield from _freshness(self._at)
        yield from _tables()
        jobs = GaugeMetricFamily("firstcall_jobs", "Jobs that have not ended, by status.", labels=["status"])
        for status in UNFINISHED:
            jobs.add_metric([status], Job.objects.filter(status=status).count())
        yield jobs
        yield from _columns(self._at)
        if (seen := last_seen("keeper")) is not None:
            age = max(0.0, (self._at - seen).total_seconds())
            yield GaugeMetricFamily("firstcall_keeper_seen_seconds", "Since a keeper was seen at work.", age)


def _counted() -> Iterator[Metric]:
    counts = read_counts()
    for name, (says, labels) in _COUNTERS.items():
        counter = CounterMetricFamily(f"firstcall_{name}", says, labels=labels)
        for said, value in sorted(counts.counters.get(name, {}).items()):
            counter.add_metric(_values(said, labels), value)
        yield counter
    for name, (says, labels) in _HISTOGRAMS.items():
        histogram = HistogramMetricFamily(f"firstcall_{name}", says, labels=labels)
        for said, found in sorted(counts.histograms.get(name, {}).items()):
            histogram.add_metric(_values(said, labels), _cumulated(found), found.seconds)
        yield histogram


def _values(said: str, labels: tuple[str, ...]) -> list[str]:
    found = dict(_LABEL.findall(said))
    return [found.get(label, "") for label in labels]


def _cumulated(found: Histogram) -> list[tuple[str, float]]:
    bounds = [*(str(bound) for bound in BUCKETS), "+Inf"]
    return [(bound, sum(found.buckets[: number + 1])) for number, bound in enumerate(bounds)]


def _dirty(at: datetime) -> Iterator[Metric]:
    waiting = DirtyRecord.objects.all()[: MOST_DIRTY + 1].count()
    says = f"Records whose scores are to be computed again; {MOST_DIRTY} stands for that many or more."
    yield GaugeMetricFamily("firstcall_dirty_records", says, min(waiting, MOST_DIRTY))
    oldest = DirtyRecord.objects.filter(turn=0).order_by("id").values_list("since", flat=True).first()
    age = 0.0 if oldest is None else max(0.0, (at - oldest).total_seconds())
    yield GaugeMetricFamily("firstcall_dirty_oldest_seconds", "How long the oldest fresh one waits.", age)


def _freshness(at: datetime) -> Iterator[Metric]:
    says = "From a touchpoint's coming in to its score, over the last five minutes."
    gauge = GaugeMetricFamily("firstcall_freshness_lately_seconds", says, labels=["quantile"])
    buckets = lately("freshness_seconds", at)
    for share in (0.5, 0.99):
        if (seconds := quantile(buckets, share)) is not None:
            gauge.add_metric([str(share)], seconds)
    yield gauge


def _columns(at: datetime) -> Iterator[Metric]:
    """Of the copy that this machine has, if any."""
    copy = columns_status(now=at)
    if copy.behind is not None:
        says = "How long ago the database was as this machine's columnar copy shows it."
        yield GaugeMetricFamily("firstcall_columns_behind_seconds", says, copy.behind)
        yield GaugeMetricFamily(
            "firstcall_columns_bytes", "What the columnar copy takes on disk.", copy.octets
        )


def _tables() -> Iterator[Metric]:
    """What the database's own statistics know without looking at the rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'scorekeeping_scorechange'")
        row = cursor.fetchone()
    yield CounterMetricFamily("firstcall_score_changes", "Score changes stored.", row[0] if row else 0)
