"""The records that belong to one, both ways: what its look-ups lead to, and those whose look-ups lead to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.translation import gettext

from firstcall.access.viewer import Viewer
from firstcall.records.models import Field, Record, RecordLink
from firstcall.records.schema import name_of
from firstcall.records.seeing import seen
from firstcall.scorekeeping.models import StoredScore
from firstcall.web.grading import Shown, shown

MOST = 10

type _Found = tuple[str, str, list[Record]]
"""What they are, by what they belong together, and the records."""


@dataclass(frozen=True, slots=True)
class Related:
    """`total` and `grade` by the first active rule of its module, where that scores it."""

    record: Record
    title: str
    score: StoredScore | None
    grade: Shown | None


@dataclass(frozen=True, slots=True)
class Group:
    """Those of one look-up; `more`: there are others."""

    label: str
    by: str
    records: Sequence[Related]
    more: bool


def related(record: Record, viewer: Viewer) -> list[Group]:
    groups = [*_ahead(record, viewer), *_behind(record, viewer)]
    scores = _scores([one.pk for _, _, records in groups for one in records[:MOST]])
    return [
        Group(label, by, [_related(one, scores) for one in records[:MOST]], len(records) > MOST)
        for label, by, records in groups
    ]


def _ahead(record: Record, viewer: Viewer) -> Iterator[_Found]:
    """A look-up leads to one record."""
    links = RecordLink.objects.filter(seen(viewer, "target__"), record=record, target__deleted_at=None)
    for link in links.select_related("field", "target__module").order_by("field_id"):
        yield link.field.called, gettext("belongs to"), [link.target]


def _behind(record: Record, viewer: Viewer) -> Iterator[_Found]:
    """The newest of each look-up, however many another has; one more than is shown tells that there are more."""
    links = RecordLink.objects.filter(
        seen(viewer, "record__"), target=record, field=OuterRef("pk"), record__deleted_at=None
    )
    newest = ArraySubquery(links.order_by("-record_id").values("record_id")[: MOST + 1])
    fields = Field.objects.filter(target=record.module).annotate(newest=newest).select_related("module")
    found = list(fields.exclude(newest=[]).order_by("pk"))
    records = Record.objects.select_related("module").in_bulk([id for field in found for id in field.newest])
    for field in found:
        yield field.module.called, field.called, [records[id] for id in field.newest if id in records]


def _scores(records: Sequence[int]) -> dict[int, StoredScore]:
    rows = StoredScore.objects.filter(record__in=records, rule__active__isnull=False)
    found: dict[int, StoredScore] = {}
    for score in rows.select_related("version").order_by("rule_id"):
        found.setdefault(score.record_id, score)
    return found


def _related(record: Record, scores: dict[int, StoredScore]) -> Related:
    score = scores.get(record.pk)
    title = name_of(record)
    return Related(record, title, score, shown(score.grade, score.version) if score else None)
