"""Who asks, where a reverse proxy asks in their name."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def know_caller(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Django middleware: the caller's address is the one that the proxy saw, where the settings say to believe it.

    The last address is the proxy's own word; those before it are whatever the caller wrote.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        if settings.CONFIGURATION.behind_proxy:
            seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
            if seen:
                request.META["REMOTE_ADDR"] = seen
        return get_response(request)

    return respond


def own_address(request: HttpRequest) -> tuple[str, str]:
    """(protocol, host) by which this server is reached from outside."""
    public = settings.CONFIGURATION.public_url
    if public:
        protocol, _, host = public.partition("://")
        return protocol, host
    return request.scheme or "http", request.get_host()
