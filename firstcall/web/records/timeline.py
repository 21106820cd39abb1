"""What happened to a record, the newest first: touchpoints, changes of fields, and what became of its scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from heapq import merge
from itertools import islice

from django.utils.translation import gettext

from firstcall.access.models import User
from firstcall.records.models import Field, FieldChange, Record
from firstcall.scorekeeping.models import ScoreChange
from firstcall.touchpoints.catalogue import label_of
from firstcall.touchpoints.models import Touchpoint
from firstcall.web.records.showing import cell

LINES = 30
_READ = 3 * LINES  # of each kind
_SHOWN_PROPERTIES = 3


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `by` hundredths a score went, of a score change."""

    at: datetime
    icon: str
    title: str
    about: str = ""
    who: str = ""
    before: Decimal | None = None
    after: Decimal | None = None
    by: Decimal | None = None


def happenings(
    record: Record, fields: Mapping[str, Field], *, before: datetime | None, until: datetime
) -> tuple[list[Happening], datetime | None]:
    """A page of them, and the moment before which the next begins."""
    end = min(before, until) if before else until
    streams = (_touchpoints(record, end), _changes(record, fields, end), _scores(record, end))
    found: list[Happening] = []
    for one in merge(*streams, key=lambda one: one.at, reverse=True):
        # What happened at one moment stays together, so that the next page can begin before it.
        if len(found) >= LINES and one.at != found[-1].at:
            return found, found[-1].at
        found.append(one)
    return found, None


def _touchpoints(record: Record, end: datetime) -> Iterable[Happening]:
    rows = Touchpoint.objects.filter(record=record, occurred_at__lt=end, revoked_at=None).order_by(
        "-occurred_at"
    )
    for row in rows[:_READ]:
        told = ", ".join(
            f"{name}: {value}" for name, value in islice(row.properties.items(), _SHOWN_PROPERTIES)
        )
        yield Happening(row.occurred_at, icon="zap", title=label_of(row.type), about=told[:200])


def _changes(record: Record, fields: Mapping[str, Field], end: datetime) -> Iterable[Happening]:
    rows = FieldChange.objects.filter(record=record, at__lt=end).select_related("by").order_by("-at", "-pk")
    found = list(rows[:_READ])
    owners = User.objects.in_bulk(
        [id for row in found if row.field == "owner" for id in (row.old, row.new) if id]
    )
    for row in found:
        old, new = (_value(row.field, held, fields, owners) for held in (row.old, row.new))
        label = fields[row.field].label if row.field in fields else _own_label(row.field)
        about = f"{old or '–'} → {new or '–'}"
        yield Happening(row.at, icon="edit-2", title=label, about=about, who=str(row.by) if row.by else "")
    if record.created_at < end and len(found) < _READ:
        who = str(record.created_by) if record.created_by else ""
        yield Happening(record.created_at, icon="plus-circle", title=gettext("Created"), who=who)


def _scores(record: Record, end: datetime) -> Iterable[Happening]:
    rows = ScoreChange.objects.filter(record=record, at__lt=end).select_related("rule").order_by("-at", "-pk")
    for row in rows[:_READ]:
        grades = f"{row.old_grade or '–'} → {row.new_grade or '–'}" if row.old_grade != row.new_grade else ""
        yield Happening(
            row.at,
            icon="trending-up",
            title=row.rule.name,
            about=grades,
            who=_cause(row.cause),
            before=row.old_total,
            after=row.new_total,
            by=(row.new_total or Decimal(0)) - (row.old_total or Decimal(0)),
        )


def _cause(cause: str) -> str:
    return {
        "touchpoint": gettext("by a touchpoint"),
        "revoke": gettext("by a touchpoint that counts no longer"),
        "merge": gettext("by a merge"),
        "field": gettext("by a field"),
        "rule": gettext("by a new version of the rule"),
        "time": gettext("by time alone"),
    }.get(cause, cause)


def _own_label(name: str) -> str:
    return {
        "owner": gettext("Owner"),
        "tags": gettext("Tags"),
        "layout": gettext("Layout"),
        "deleted_at": gettext("Put into the trash, or taken out"),
    }.get(name, name)


def _value(name: str, held: object, fields: Mapping[str, Field], owners: Mapping[int, User]) -> str:
    if held is None:
        return ""
    if name == "owner" and isinstance(held, int):
        return str(owners.get(held, ""))
    if name in fields:
        return cell(fields[name], held, {}).text
    return (
        ", ".join(map(str, held)) if isinstance(held, Sequence) and not isinstance(held, str) else str(held)
    )
