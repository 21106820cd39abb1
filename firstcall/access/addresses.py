"""The e-mail addresses that users had at any moment: rules know an owner by his."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from firstcall.access.models import FormerAddress, User


def addresses_as_of(users: Collection[int], at: datetime) -> dict[int, str]:
    """The address of each of the users that are there, by their ids."""
    if not users:
        return {}
    found = dict(User.objects.filter(pk__in=users).values_list("pk", "email"))
    former = FormerAddress.objects.filter(user__in=list(found), until__gt=at).order_by("-until", "-pk")
    return found | dict(former.values_list("user", "email"))
