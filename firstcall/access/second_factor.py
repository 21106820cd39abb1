"""The second proof of who somebody is, where they have one: a code of an app, or one of the codes for its loss."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction

from firstcall.access.models import User


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user))


@transaction.atomic
def check_code(user: User, code: str) -> bool:
    """Each code is good but once."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    found = Authenticator.objects.filter(user=user, type__in=kinds)
    return any(authenticator.wrap().validate_code(code) for authenticator in found)
