"""Each request is counted and logged by its route: never by its path, query or body, which may name people."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from firstcall.counts.tallying import observe

log = logging.getLogger(__name__)

_QUIET = ("healthz", "readyz", "metrics")  # asked every few seconds


def watch_requests(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Django middleware; the outermost, so that it sees every answer."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = get_response(request)
        took = time.perf_counter() - began
        route, method = route_of(request), _method_of(request)
        observe(
            "http_request_duration_seconds",
            [took],
            route=route,
            method=method,
            status=str(response.status_code),
        )
        log.log(
            logging.DEBUG if route in _QUIET else logging.INFO,
            "request",
            extra={
                "method": method,
                "route": route,
                "status": response.status_code,
                "ms": round(took * 1_000, 1),
            },
        )
        return response

    return respond


def route_of(request: HttpRequest) -> str:
    """The pattern that the path fits."""
    if request.resolver_match is not None:
        return request.resolver_match.route
    return "static/" if request.path.startswith("/static/") else "none"


def _method_of(request: HttpRequest) -> str:
    return (
        request.method
        if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        else "OTHER"
    )
