"""Signing in with an e-mail address and a password; guessing is made slow for one address and from one place."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest

from firstcall.access.auditing.writing import note_sign_in
from firstcall.access.models import FailedSignIn, User

MOST_FAILED = 10
WITHIN = timedelta(minutes=15)


class TooManyFailedError(Exception):
    """Nobody is let in from there, or as this user, for a while."""


@transaction.atomic
def check_password(request: HttpRequest, email: str, password: str, *, at: datetime) -> User | None:
    """The user, if address and password are right. Raises TooManyFailedError, then without looking at them."""
    for one in _whom(request, email):
        if FailedSignIn.objects.filter(whom=one, at__gt=at - WITHIN).count() >= MOST_FAILED:
            raise TooManyFailedError
    user = authenticate(request, username=email.casefold(), password=password)
    if isinstance(user, User):
        forgive(email)
        return user
    fail_sign_in(request, email, at=at)
    return None


def fail_sign_in(request: HttpRequest, email: str, *, at: datetime) -> None:
    """Remember that a wrong password, or a wrong code, was given."""
    known = User.objects.filter(email=email.casefold()).first() if "\0" not in email else None
    note_sign_in(request, known, "failed_to_sign_in", at=at)
    FailedSignIn.objects.bulk_create(FailedSignIn(whom=one, at=at) for one in _whom(request, email))


def forgive(email: str) -> None:
    """Forget that wrong passwords were given for the address."""
    FailedSignIn.objects.filter(whom=_digest("email", email.casefold())).delete()


def forget_failed(*, at: datetime) -> int:
    """Delete what is too old to count."""
    return FailedSignIn.objects.filter(at__lte=at - WITHIN).delete()[0]


def _whom(request: HttpRequest, email: str) -> list[str]:
    return [_digest("email", email.casefold()), _digest("from", request.META.get("REMOTE_ADDR", ""))]


def _digest(kind: str, value: str) -> str:
    # An e-mail address typed wrong is personal data too, so it is not kept as it is.
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()
