"""The audit log, narrowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from firstcall.access.auditing.models import AuditEntry


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
