"""Who is at work, for the triggers to know; and what is worth an entry without a row that changes: signing in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime

import psycopg
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from firstcall.access.auditing.models import AuditEntry
from firstcall.access.models import User

_READING = ("GET", "HEAD", "OPTIONS")


def tell_who(request: HttpRequest, user: User) -> None:
    """Tell the database for whom this connection works until the request ends; of one that only reads there is no need."""
    if request.method not in _READING:
        _tell(str(user.pk), address_of(request))
        request.META["firstcall.told"] = True


def forget_who(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Django middleware, after that which knows the user: tells who is signed in, and takes it back in the end."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if (
            request.method not in _READING
            and "sessionid" in request.COOKIES
            and isinstance(request.user, User)
        ):
            tell_who(request, request.user)
        try:
            return get_response(request)
        finally:
            if request.META.get("firstcall.told"):
                _forget()

    return respond


def note_sign_in(request: HttpRequest, user: User | None, did: str, *, at: datetime) -> None:
    """Of somebody who is known; what else was typed may be a password in the wrong field."""
    AuditEntry.objects.create(
        at=at,
        user=None if user is None else user.pk,
        address=address_of(request),
        did=did,
        kind="session",
        name="" if user is None else user.email,
    )


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))[:64]


def _tell(user: str, address: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('firstcall.user', %s, false), set_config('firstcall.address', %s, false)",
            [user, address],
        )


def _forget() -> None:
    """A connection that broke has forgotten by itself."""
    if connection.connection is not None and not connection.needs_rollback:
        with contextlib.suppress(DatabaseError, psycopg.Error):
            _tell("", "")
