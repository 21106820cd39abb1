"""What a record was at any moment, and who made it what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from firstcall.access.models import User
from firstcall.records.models import FieldChange, Record
from firstcall.scoring.times import datetime_of, moment_of


@dataclass(frozen=True, slots=True)
class RecordThen:
    """A record as it was.

    layout      its name; None: of a module without layouts
    updated_at  when it had last been changed
    """

    values: Mapping[str, object]
    owner: int | None
    layout: str | None
    tags: tuple[str, ...]
    updated_at: datetime
    deleted_at: datetime | None

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    def owner_user(self) -> User | None:
        """None also where the user is gone."""
        return None if self.owner is None else User.objects.filter(pk=self.owner).first()


def record_as_of(record: Record, at: datetime) -> RecordThen | None:
    """None: it was not there yet."""
    if record.created_at > at:
        return None
    then: dict[str, object] = {
        **record.values,
        "owner": record.owner_id,
        "layout": record.layout.name if record.layout else None,
        "tags": list(record.tags),
        "deleted_at": None if record.deleted_at is None else moment_of(record.deleted_at),
    }
    for change in FieldChange.objects.filter(record=record, at__gt=at).order_by("-at", "-pk"):
        then[change.field] = change.old
    before = FieldChange.objects.filter(record=record, at__lte=at).order_by("at").last()
    owner, layout, deleted_at = then.pop("owner"), then.pop("layout"), then.pop("deleted_at")
    tags = then.pop("tags")
    return RecordThen(
        {name: value for name, value in then.items() if value is not None},
        owner if isinstance(owner, int) else None,
        layout if isinstance(layout, str) else None,
        tuple(map(str, tags)) if isinstance(tags, list) else (),
        record.created_at if before is None else before.at,
        datetime_of(deleted_at) if isinstance(deleted_at, int) else None,
    )
