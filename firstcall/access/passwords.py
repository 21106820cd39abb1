"""Giving a user a new password, which ends what is open by the old one."""

from __future__ import annotations

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from firstcall.access.errors import WeakPasswordError
from firstcall.access.models import User
from firstcall.access.signing_in import forgive


@transaction.atomic
def set_password(user: User, password: str) -> None:
    """Raises WeakPasswordError. Sessions carry a digest of the password that they began with, so all of them end;
    tokens go on. Failed sign-ins are forgiven."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPasswordError(error.messages) from None
    user.set_password(password)
    user.save(update_fields=["password"])
    forgive(user.email)


def make_password() -> str:
    """One that nobody guesses."""
    return secrets.token_urlsafe(12)
