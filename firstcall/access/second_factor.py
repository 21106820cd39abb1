"""The second proof of who somebody is, where they have one: a code of an app, or one of the codes for its loss."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction

from firstcall.access.models import User
from firstcall.access.people import check_covered
from firstcall.access.viewer import Viewer


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user))


@transaction.atomic
def check_code(user: User, code: str) -> bool:
    """Each code is good but once."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    # Locked, so that of two who come with one code at the same time the second sees that it is used.
    found = Authenticator.objects.select_for_update().filter(user=user, type__in=kinds).order_by("pk")
    return any(authenticator.wrap().validate_code(code) for authenticator in found)


@transaction.atomic
def remove_second_factor(user: User, *, doer: Viewer) -> bool:
    """For who has lost it: the password alone lets in again, until another one is added. Whether there was one. Raises
    ForbiddenError."""
    check_covered(doer, user.profile)
    return bool(Authenticator.objects.filter(user=user).delete()[0])
