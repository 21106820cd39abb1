"""What a record was at any moment, and who made it what it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from firstcall.access.addresses import addresses_as_of
from firstcall.access.models import User
from firstcall.records.models import FieldChange, Record
from firstcall.scoring.times import datetime_of, moment_of


@dataclass(frozen=True, slots=True)
class RecordThen:
    """A record as it was.

    owner        the user's id, `owner_email` the address that was the user's then; None: nobody
    layout       its name; None: of a module without layouts
    updated_at   when it had last been changed
    """

    values: Mapping[str, object]
    owner: int | None
    owner_email: str | None
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
    return records_as_of([record], at).get(record.pk)


def records_as_of(records: Iterable[Record], at: datetime) -> dict[int, RecordThen]:
    """Those that were there, by their ids."""
    there = {record.pk: record for record in records if record.created_at <= at}
    changes = FieldChange.objects.filter(record__in=list(there))
    undone: dict[int, dict[str, object]] = defaultdict(dict)
    for id, name, old in (
        changes.filter(at__gt=at).order_by("-at", "-pk").values_list("record_id", "field", "old")
    ):
        undone[id][name] = old
    before = changes.filter(at__lte=at).order_by().values("record_id").annotate(last=Max("at"))
    changed_at = {row["record_id"]: row["last"] for row in before}
    owners = {undone[id].get("owner", record.owner_id) for id, record in there.items()}
    emails = addresses_as_of({owner for owner in owners if isinstance(owner, int)}, at)
    return {id: _then(record, undone[id], changed_at.get(id), emails) for id, record in there.items()}


def _then(
    record: Record, undone: Mapping[str, object], changed_at: datetime | None, emails: Mapping[int, str]
) -> RecordThen:
    then: dict[str, object] = {
        **record.values,
        "owner": record.owner_id,
        "layout": record.layout.name if record.layout else None,
        "tags": list(record.tags),
        "deleted_at": None if record.deleted_at is None else moment_of(record.deleted_at),
        **undone,
    }
    owner, layout, deleted_at = then.pop("owner"), then.pop("layout"), then.pop("deleted_at")
    tags = then.pop("tags")
    return RecordThen(
        {name: value for name, value in then.items() if value is not None},
        owner if isinstance(owner, int) else None,
        emails.get(owner) if isinstance(owner, int) else None,
        layout if isinstance(layout, str) else None,
        tuple(map(str, tags)) if isinstance(tags, list) else (),
        changed_at or record.created_at,
        datetime_of(deleted_at) if isinstance(deleted_at, int) else None,
    )
