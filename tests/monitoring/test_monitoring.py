"""Health, readiness and metrics over HTTP, and what is logged of requests."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from prometheus_client.parser import text_string_to_metric_families

from firstcall.configuration import read_configuration
from firstcall.counts import tallying
from firstcall.counts.tallying import count, flush, observe, see
from firstcall.jobs.actions import start
from firstcall.moments import now
from firstcall.monitoring import health
from firstcall.monitoring.metrics import MOST_DIRTY
from firstcall.monitoring.proxies import know_caller
from firstcall.records.actions import mark_dirty
from tests.jobs import counting

assert counting

FAR = "203.0.113.7"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    for held in (tallying._counts, tallying._buckets, tallying._seen):
        held.clear()


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database does not answer."""

    def refuse(*args: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)


def checks(client: Client) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    assert answer.json()["ready"] == (answer.status_code == 200)
    return answer.status_code, answer.json()["checks"]


def scraped(client: Client, **more: Any) -> dict[tuple[str, tuple[str, ...]], float]:
    text = client.get("/metrics", **more).content.decode()
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_is_alive_whatever_the_database_does(client: Client, away: None) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_is_ready_when_a_keeper_was_seen(client: Client) -> None:
    assert checks(client) == (
        503,
        {"database": "ok", "migrations": "ok", "keeper": "never seen; run firstcall worker"},
    )
    see("keeper", now())
    flush(now())
    assert checks(client) == (200, {"database": "ok", "migrations": "ok", "keeper": "ok"})


@pytest.mark.django_db
def test_a_keeper_that_was_not_seen_for_long_is_none(client: Client) -> None:
    see("keeper", now() - timedelta(minutes=2))
    flush(now())
    status, said = checks(client)
    assert (status, said["keeper"]) == (503, "last seen 120 s ago")


@pytest.mark.django_db
def test_a_database_without_its_tables_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_are_applied", lambda: False)
    assert checks(client)[1]["migrations"] == "missing; run firstcall migrate"


def test_without_the_database_there_are_no_metrics(client: Client, away: None) -> None:
    answer = client.get("/metrics")
    assert (answer.status_code, answer.content) == (503, b"The database does not answer.\n")


def test_without_the_database_it_is_not_ready(client: Client, away: None) -> None:
    assert checks(client) == (503, {"database": "does not answer"})


@pytest.mark.django_db
def test_metrics_are_those_of_all_processes(client: Client) -> None:
    at = now()
    count("touchpoints", 5, source="website")
    count("errors", logger="firstcall.scorekeeping")
    observe("freshness_seconds", [0.02, 0.02, 0.3], lately=True)
    see("keeper", at)
    flush(at)
    mark_dirty([1, 2], cause="touchpoint", since=at - timedelta(seconds=30))
    start("tests.count", {"to": 1}, at=at)
    found = scraped(client)
    assert found["firstcall_touchpoints_total", ("website",)] == 5
    assert found["firstcall_errors_total", ("firstcall.scorekeeping",)] == 1
    assert found["firstcall_freshness_seconds_bucket", ("0.025",)] == 2
    assert found["firstcall_freshness_seconds_bucket", ("+Inf",)] == 3
    assert found["firstcall_freshness_seconds_count", ()] == 3
    assert found["firstcall_freshness_seconds_sum", ()] == pytest.approx(0.34)
    assert 0.01 <= found["firstcall_freshness_lately_seconds", ("0.5",)] <= 0.025
    assert 0.25 <= found["firstcall_freshness_lately_seconds", ("0.99",)] <= 0.5
    assert found["firstcall_dirty_records", ()] == 2
    assert found["firstcall_dirty_oldest_seconds", ()] >= 30
    assert found["firstcall_jobs", ("waiting",)] == 1
    assert found["firstcall_jobs", ("running",)] == 0
    assert 0 <= found["firstcall_keeper_seen_seconds", ()] < 30
    assert "firstcall_score_changes_total" in {name for name, _ in found}


@pytest.mark.django_db
def test_requests_are_counted_by_route_not_by_path(client: Client) -> None:
    client.get("/admin/access/user/ada@example.com/?token=secret")
    client.get("/no/such/ada@example.com")
    client.generic("BREW", "/healthz")
    flush(now())
    found = scraped(client)
    counted = {labels for name, labels in found if name == "firstcall_http_request_duration_seconds_count"}
    assert ("GET", "none", "404") in counted
    assert ("OTHER", "healthz", "405") in counted
    assert "ada" not in str(counted)


@pytest.mark.django_db
def test_a_long_queue_is_counted_only_so_far(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firstcall.monitoring.metrics.MOST_DIRTY", 2)
    mark_dirty([1, 2, 3, 4], cause="field", since=now())
    assert MOST_DIRTY == 100_000
    assert scraped(client)["firstcall_dirty_records", ()] == 2


@pytest.mark.django_db
def test_metrics_are_for_this_machine_and_for_who_has_the_token(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def status(**more: Any) -> int:
        return client.get("/metrics", **more).status_code

    shown = {"HTTP_AUTHORIZATION": "Bearer scrape-me"}
    assert status() == 200
    assert status(REMOTE_ADDR="::1") == 200
    assert status(REMOTE_ADDR=FAR) == 403
    assert status(HTTP_X_FORWARDED_FOR=FAR) == 403
    assert status(REMOTE_ADDR=FAR, **shown) == 403
    monkeypatch.setattr(settings, "CONFIGURATION", read_configuration({"metrics_token": "scrape-me"}))
    assert status(REMOTE_ADDR=FAR, **shown) == 200
    assert status(REMOTE_ADDR=FAR, HTTP_AUTHORIZATION="Bearer scrape-mé") == 403
    answer = client.get("/metrics", REMOTE_ADDR=FAR)
    assert answer.content == b"Show FIRSTCALL_METRICS_TOKEN as a bearer token.\n"


@pytest.mark.django_db
def test_a_request_is_logged_by_its_route(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="firstcall.monitoring"):
        client.get("/sign-in?email=ada@example.com")
        client.get("/healthz")
    [logged] = [record for record in caplog.records if record.name == "firstcall.monitoring.requests"]
    told = {name: getattr(logged, name) for name in ("method", "route", "status")}
    assert told == {"method": "GET", "route": "sign-in", "status": 200}
    assert "ada" not in str(vars(logged))


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "caller"),
    [
        (True, f"198.51.100.1, {FAR}", FAR),
        (True, "", "127.0.0.1"),
        (False, FAR, "127.0.0.1"),
    ],
)
def test_a_proxy_is_believed_where_the_settings_say_so(
    monkeypatch: pytest.MonkeyPatch, behind_proxy: bool, forwarded: str, caller: str
) -> None:
    monkeypatch.setattr(settings, "CONFIGURATION", read_configuration({"behind_proxy": behind_proxy}))
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded)
    know_caller(lambda request: HttpResponse(request.META["REMOTE_ADDR"]))(request)
    assert request.META["REMOTE_ADDR"] == caller
