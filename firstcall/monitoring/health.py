"""`/healthz`: this process answers. `/readyz`: it can do its work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from firstcall.counts.reading import last_seen
from firstcall.moments import now

LATELY = timedelta(seconds=30)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Each check says "ok" or what is wrong; those that need the database are left out where it is away."""
    said: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            said[name] = check() or "ok"
        except Error:
            said[name] = "does not answer" if name == "database" else "unknown: the database does not answer"
            if name == "database":
                break
    ready = all(word == "ok" for word in said.values())
    return JsonResponse({"ready": ready, "checks": said}, status=200 if ready else 503)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    return "" if _are_applied() else "missing; run firstcall migrate"


class _MissingError(Exception):
    """Not kept by the cache: they may be there the next time."""


def _are_applied() -> bool:
    try:
        _see_that_they_are()
    except _MissingError:
        return False
    return True


@cache
def _see_that_they_are() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _MissingError


def _keeper() -> str:
    seen = last_seen("keeper")
    if seen is None:
        return "never seen; run firstcall worker"
    ago = now() - seen
    return "" if ago < LATELY else f"last seen {ago.total_seconds():.0f} s ago"


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "migrations": _migrations, "keeper": _keeper}
