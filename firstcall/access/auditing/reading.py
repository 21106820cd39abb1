"""The audit log, narrowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from firstcall.access.auditing.models import AuditEntry
from firstcall.access.errors import ChangedMeanwhileError
from firstcall.access.models import User


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """All that is given must hold; since and until are half-open."""

    user: int | None = None
    kind: str = ""
    thing: int | None = None
    did: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def entries(self) -> QuerySet[AuditEntry]:
        wanted = {
            "user": self.user,
            "kind": self.kind or None,
            "thing": self.thing,
            "did": self.did or None,
            "at__gte": self.since,
            "at__lt": self.until,
        }
        return AuditEntry.objects.filter(
            **{name: value for name, value in wanted.items() if value is not None}
        )


def last_change(*kinds: str, thing: int | None) -> tuple[str, datetime | None]:
    """Who changed a thing last, as people are called, and when."""
    entry = AuditEntry.objects.filter(kind__in=kinds, thing=thing).order_by("-id").first()
    if entry is None:
        return "", None
    who = User.objects.filter(pk=entry.user or 0).first()
    return "" if who is None else str(who), entry.at


def changed_meanwhile(what: str, *kinds: str, thing: int | None) -> ChangedMeanwhileError:
    """To be raised: says who changed it, and when."""
    by, at = last_change(*(kinds or (what,)), thing=thing)
    return ChangedMeanwhileError(what, by=by, at=at)
