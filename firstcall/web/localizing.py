"""Pages in the reader's language and time zone. Programs are always answered in English and in UTC."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation

from firstcall.scoring.saying import speaking
from firstcall.wording import READER

type GetResponse = Callable[[HttpRequest], HttpResponseBase]

FOR_PROGRAMS = ("/api/", "/v1/", "/healthz", "/readyz", "/metrics", "/static/")
ZONE = "zone"
"""The cookie by which the browser tells its time zone."""


def localize(get_response: GetResponse) -> GetResponse:
    """Middleware."""
    in_language = LocaleMiddleware(get_response)

    def respond(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(FOR_PROGRAMS):
            return get_response(request)
        with timezone.override(zone_of(request)), speaking(READER):
            response = in_language(request)
        assert isinstance(response, HttpResponseBase)  # noqa: S101
        return response

    return respond


def speak(get_response: GetResponse) -> GetResponse:
    """Middleware, after that which knows the user: who has chosen a language reads it, whatever the browser asks for,
    and who has chosen a time zone is told times in it."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(FOR_PROGRAMS) or "sessionid" not in request.COOKIES:
            return get_response(request)
        chosen, zone = (str(getattr(request.user, name, "")) for name in ("language", "time_zone"))
        with ExitStack() as wishes:
            if zone in known_zones():
                wishes.enter_context(timezone.override(ZoneInfo(zone)))
            if chosen in dict(settings.LANGUAGES):
                wishes.enter_context(translation.override(chosen))
            response = get_response(request)
            if chosen in dict(settings.LANGUAGES):
                response.headers["Content-Language"] = chosen
            return response

    return respond


def zone_of(request: HttpRequest) -> ZoneInfo:
    """
    >>> request = HttpRequest(); request.COOKIES[ZONE] = "Europe%2FBerlin"; zone_of(request).key
    'Europe/Berlin'
    >>> request.COOKIES[ZONE] = "../../etc/passwd"; zone_of(request).key
    'UTC'
    """
    told = unquote(request.COOKIES.get(ZONE, ""))
    return ZoneInfo(told if told in known_zones() else "UTC")


@cache
def known_zones() -> set[str]:
    """Reading them takes a quarter of a second."""
    return available_timezones()
