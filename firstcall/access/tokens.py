"""Making API tokens, finding the one that a secret belongs to, taking it back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from firstcall.access.models import Token, User
from firstcall.access.scopes import Scope
from firstcall.scoring.saying import said

PREFIX = "fc_"
_SHOWN = 8  # characters of the secret that stay readable
_USED_EVERY = timedelta(hours=1)  # a row written for every request would cost more than it tells


class NameTakenError(ValueError):
    """The user has a token of this name."""


def issue_token(
    user: User, name: str, scopes: Iterable[Scope], *, at: datetime, expires_at: datetime | None = None
) -> tuple[Token, str]:
    """The token and its secret, which is not kept and cannot be shown again. Raises NameTakenError."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        user=user,
        name=name,
        digest=digest_of(secret),
        start=secret[:_SHOWN],
        scopes=sorted(set(scopes)),
        created_at=at,
        expires_at=expires_at,
    )
    try:
        with transaction.atomic():
            token.save()
    except IntegrityError:
        raise NameTakenError(said("There is a token {name} already.", name=name)) from None
    return token, secret


def find_token(secret: str, *, at: datetime) -> Token | None:
    """The token that may be used at the moment; notes that it was, to the hour."""
    token = (
        Token.objects.select_related("user__profile")
        .filter(digest=digest_of(secret), revoked_at=None)
        .first()
    )
    if token is None or not token.user.is_active or (token.expires_at and token.expires_at <= at):
        return None
    if token.used_at is None or token.used_at + _USED_EVERY <= at:
        Token.objects.filter(pk=token.pk).update(used_at=at)
    return token


def revoke_token(token: Token, *, at: datetime) -> None:
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
