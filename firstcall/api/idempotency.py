"""Answers a repeated request as the first one was answered, where both bring the same Idempotency-Key.

The request and its kept answer are one transaction: either both are there after a crash, or neither. A repetition that
comes while the first is being done waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from firstcall.access.forgetting import KEPT_FOR
from firstcall.access.models import KeptAnswer
from firstcall.api.problems import Refused, answer, refusal_of
from firstcall.connecting.errors import DATABASE_AWAY
from firstcall.moments import now

LONGEST_KEY = 200
_WRITING = ("POST", "PUT", "PATCH", "DELETE")
# An answer that a later repetition may better: sign in first, wait, try again.
_PASSING = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


class _NotKept(Exception):  # noqa: N818  turns the transaction back, and is no error
    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


def keep_answers(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Django middleware."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method not in _WRITING or not request.path.startswith("/api/"):
            return get_response(request)
        try:
            return _once(request, key, get_response)
        except _NotKept as done:
            return done.response
        except (Refused, RequestDataTooBig, *DATABASE_AWAY) as error:
            refused = refusal_of(error)
            if refused is None:
                raise
            return answer(refused)

    return respond


def _once(
    request: HttpRequest, key: str, get_response: Callable[[HttpRequest], HttpResponseBase]
) -> HttpResponseBase:
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "idempotency-key",
            f"An Idempotency-Key has at most {LONGEST_KEY} characters.",
        )
    asked, at = _digest_of_request(request), now()
    with transaction.atomic():
        # Waits for whoever holds the same key, and sees what they were answered.
        kept, is_new = KeptAnswer.objects.get_or_create(
            caller=_caller(request), key=key, defaults={"request": asked, "at": at}
        )
        if is_new or _is_old(kept.at, at):
            return _first(request, kept, asked, at, get_response)
    if kept.request != asked:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency-key-used",
            "This Idempotency-Key came with another request. Give each request a key of its own.",
        )
    return HttpResponse(
        bytes(kept.body),
        status=kept.status,
        content_type=kept.content_type,
        headers={"Idempotent-Replayed": "true"},
    )


def _first(
    request: HttpRequest,
    kept: KeptAnswer,
    asked: str,
    at: datetime,
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> HttpResponseBase:
    response = get_response(request)
    if (
        not isinstance(response, HttpResponse)
        or response.status_code >= 500
        or response.status_code in _PASSING
    ):
        raise _NotKept(response)
    if "no-store" in response.headers.get("Cache-Control", ""):  # it holds a secret
        kept.delete()
        return response
    kept.request, kept.at, kept.status = asked, at, response.status_code
    kept.content_type, kept.body = response.headers.get("Content-Type", ""), response.content
    kept.save()
    return response


def _is_old(kept_at: datetime, at: datetime) -> bool:
    return kept_at + KEPT_FOR <= at


def _caller(request: HttpRequest) -> str:
    credential = request.headers.get("Authorization") or request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return hashlib.sha256(credential.encode()).hexdigest()


def _digest_of_request(request: HttpRequest) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(request.body)
    return digest.hexdigest()
