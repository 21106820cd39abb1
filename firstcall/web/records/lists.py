"""The rows of a list: the records of a page with what stands in each of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from firstcall.access.viewer import Viewer
from firstcall.records.computed import computed_values
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Record
from firstcall.records.schema import title_of
from firstcall.saved_views.asking import TOUCHED
from firstcall.scorekeeping.listing import SCORE
from firstcall.scorekeeping.models import StoredScore
from firstcall.touchpoints.by_time import latest_touchpoints
from firstcall.web.drawing import Scale, bars, scale_of
from firstcall.web.grading import shown
from firstcall.web.records.asking import Wishes
from firstcall.web.records.cells import Scored, moment_cell, scored_cell, tags_cell, text_cell, touched_cell
from firstcall.web.records.showing import Cell, cell, linked_records

_OWN = {
    "owner": _("Owner"),
    "tags": _("Tags"),
    "created_at": _("Created"),
    "updated_at": _("Changed"),
    TOUCHED: _("Last touchpoint"),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """`sort` is what a click on it sorts by; `way` how the list is sorted by it now: up, down or not at all."""

    name: str
    label: str
    sort: str
    way: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class ListRow:
    """`total` is what the list is sorted by, in hundredths, where that is a score that is shown."""

    record: Record
    title: str
    cells: SafeString
    total: int | None = None


def headings(wishes: Wishes) -> list[Heading]:
    return [_heading(wishes, name) for name in wishes.columns]


def _heading(wishes: Wishes, name: str) -> Heading:
    order = wishes.order
    way = "" if order.removeprefix("-") != name else "down" if order.startswith("-") else "up"
    begins_high = name.startswith(SCORE) or name in ("created_at", "updated_at")
    sort = name if way == "down" or (way == "" and not begins_high) else f"-{name}"
    field = wishes.fields.get(name)
    if name in ("tags", TOUCHED) or (field and field.kind == FieldKind.MULTI_SELECT):
        sort = ""
    is_number = bool(field and field.kind in (FieldKind.NUMBER, FieldKind.CURRENCY))
    return Heading(name, label_of(wishes, name), sort, way, is_number)


def label_of(wishes: Wishes, name: str) -> str:
    if name in _OWN:
        return str(_OWN[name])
    if name.startswith(SCORE):
        return next(rule.name for rule in wishes.rules if f"{SCORE}{rule.pk}" == name)
    return wishes.fields[name].called


def is_live(wishes: Wishes) -> bool:
    """Whether anything of it moves by itself."""
    return any(name.startswith(SCORE) or name == TOUCHED for name in wishes.columns)


def rows(
    wishes: Wishes, records: Sequence[Record], viewer: Viewer, scales: Mapping[str, Scale] | None = None
) -> list[ListRow]:
    """In their order; `scales` are those of columns of scores that stand there already."""
    ids = [record.pk for record in records]
    fields = [wishes.fields[name] for name in wishes.columns if name in wishes.fields]
    linked = linked_records(records, fields, viewer)
    computed = computed_values(wishes.module.pk, ids)
    scored = _scores(wishes, ids, scales or {})
    order = wishes.order.removeprefix("-")
    touched = latest_touchpoints(ids) if TOUCHED in wishes.columns else {}
    labels = {name: label_of(wishes, name) for name in wishes.columns}

    def cell_of(name: str, record: Record) -> SafeString:
        label, id = labels[name], record.pk
        if name == TOUCHED:
            return touched_cell(label, touched.get(id), live=name)
        if name.startswith(SCORE):
            return scored_cell(label, scored.get((name, id)), live=name)
        if name in ("created_at", "updated_at"):
            return moment_cell(label, getattr(record, name))
        if name == "tags":
            return tags_cell(label, record.tags)
        if name == "owner":
            return text_cell(label, Cell(str(record.owner) if record.owner else ""))
        held = computed.get(id, {}).get(name, record.values.get(name))
        return text_cell(label, cell(wishes.fields[name], held, linked))

    return [
        ListRow(
            record,
            title_of(wishes.module, record.values) or f"#{record.pk}",
            SafeString("".join(cell_of(name, record) for name in wishes.columns)),
            int(scored[order, record.pk].score.total) if (order, record.pk) in scored else None,
        )
        for record in records
    ]


def _scores(wishes: Wishes, ids: Sequence[int], scales: Mapping[str, Scale]) -> dict[tuple[str, int], Scored]:
    """By the name of the column and the record."""
    found = {}
    for rule in wishes.rules:
        name = f"{SCORE}{rule.pk}"
        if name in wishes.columns:
            scores = list(StoredScore.objects.filter(rule=rule, record__in=ids).select_related("version"))
            scale = scales.get(name) or scale_of(scores)
            for score, bar in zip(scores, bars(scores, 64, scale), strict=True):
                found[name, score.record_id] = Scored(score, bar, shown(score.grade, score.version), scale)
    return found
