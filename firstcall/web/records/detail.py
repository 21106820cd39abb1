"""One record: its fields, edited in place; its scores and their reasons, now and on past days; what happened to it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from firstcall.access.rights import Verb
from firstcall.access.viewer import Viewer
from firstcall.moments import now
from firstcall.records.actions import change_record
from firstcall.records.computed import computed_values
from firstcall.records.errors import FaultCode, InvalidValuesError
from firstcall.records.models import FieldChange, Record
from firstcall.records.schema import LayoutSchema, name_of
from firstcall.records.seeing import get_module, get_record
from firstcall.scorekeeping.evidence import evidence_of
from firstcall.scorekeeping.models import StoredRule
from firstcall.web.frame import Known, is_part, page
from firstcall.web.numbers import whole
from firstcall.web.records.editing import Editor, UnclearError, find_editor, layout_of
from firstcall.web.records.following import following, opinions
from firstcall.web.records.relations import related
from firstcall.web.records.scores import cards
from firstcall.web.records.showing import Cell, cell, linked_records
from firstcall.web.records.timeline import FILTERS, Asked, happenings

MOST_DAYS = 730


@page
def record_detail(request: Known, module: str, id: int) -> HttpResponse:
    """`part` asks for the scores as of a day, or for more of what happened."""
    record, at = find_record(request.viewer, module, id), now()
    days = _days(request, record, at)
    as_of = at - timedelta(days=days)
    told: dict[str, object] = {
        "here": request.path,
        "record": record,
        "module": record.module,
        "title": name_of(record),
        "phone": record.values.get("mobile") or record.values.get("phone"),
        "days": days,
        "most_days": min((at - record.created_at).days, MOST_DAYS),
        "as_of": as_of,
    }
    part = request.GET.get("part", "") if is_part(request) else ""
    if part == "scores":
        return render(request, "records/_scores.html", told | _scores(request, record, as_of, at))
    if part in ("behind", "ending"):
        return _evidence(request, record, as_of, days)
    if part == "following":
        told["following"] = following(record, request.viewer, now=at)
        return render(request, "records/_following.html", told)
    asked = Asked.read(request.GET)
    layout = layout_of(record)
    fields = {slot.field.name: slot.field for slot in layout.slots.values()}
    found, behind = happenings(record, fields, asked, until=at)
    told |= {"happenings": found, "behind": behind, "asked": asked, "filters": FILTERS}
    if part == "timeline":
        template = "records/_happenings.html" if asked.after else "records/_timeline.html"
        return render(request, template, told)
    told |= _scores(request, record, as_of, at) | {
        "following": following(record, request.viewer, now=at),
        "lines": lines_of(record, request.viewer, layout),
        "related": related(record, request.viewer),
    }
    return render(request, "records/record_detail.html", told)


def _scores(request: Known, record: Record, as_of: datetime, at: datetime) -> dict[str, object]:
    return {"cards": cards(record, as_of=as_of, now=at), "opinions": opinions(record, request.viewer)}


def _evidence(request: Known, record: Record, as_of: datetime, days: int) -> HttpResponse:
    """What one opens to see it: the touchpoints behind a `line` of a `rule`, or what ends by itself."""
    rule = get_object_or_404(StoredRule, pk=whole(request.GET.get("rule", "")), module=record.module)
    found = evidence_of(record, rule, as_of)
    if request.GET["part"] == "ending":
        return render(request, "records/_ending.html", {"ending": found.ending})
    told = {"behind": found.behind.get(request.GET.get("line", "")), "days": days}
    return render(request, "records/_behind.html", told)


@page
def field_edit(request: Known, module: str, id: int, name: str) -> HttpResponse:
    """GET: the field as a form, or with `cancel` as it was; POST: saves it, and tells of who was faster."""
    request.viewer.require(Verb.EDIT, module)
    record = find_record(request.viewer, module, id)
    editor = find_editor(record, name, request.viewer)
    if editor is None:
        raise Http404
    if request.method == "POST":
        return _save(request, editor)
    if "cancel" in request.GET:
        return _line(request, record, name)
    return render(
        request, "records/_edit.html", {"record": record, "module": record.module, "editor": editor}
    )


def find_record(viewer: Viewer, module: str, id: int) -> Record:
    if id >= 2**63:
        raise Http404
    found = get_module(viewer, module)
    record = get_record(viewer, found, id, live=True)
    record.module = found
    return record


def _save(request: Known, editor: Editor) -> HttpResponse:
    record, told = editor.record, {"record": editor.record, "module": editor.record.module, "editor": editor}
    told["typed"] = request.POST.get("value", "")
    if request.POST.get("was") != editor.was:
        return render(request, "records/_edit.html", told | {"newer": _newest(editor)}, status=409)
    try:
        given = editor.given(request.POST)
        change_record(record, given, at=now(), by=request.user, viewer=request.viewer)
    except UnclearError as error:
        told |= {"faults": [str(error)], "candidates": error.options}
        return render(request, "records/_edit.html", told, status=422)
    except InvalidValuesError as error:
        if error.has(FaultCode.UNKNOWN_RECORD):
            raise Http404 from None
        return render(
            request, "records/_edit.html", told | {"faults": [f.says for f in error.faults]}, status=422
        )
    changed = find_record(request.viewer, record.module.name, record.pk)
    response = _line(request, changed, editor.name)
    response["HX-Trigger"] = json.dumps({"toast": {"says": gettext("Saved.")}, "changed": {}})
    return response


def _newest(editor: Editor) -> FieldChange | None:
    """Who changed the field last, and when."""
    changes = FieldChange.objects.filter(record=editor.record, field=editor.name).select_related("by")
    return changes.order_by("-at", "-pk").first()


def _line(request: Known, record: Record, name: str) -> HttpResponse:
    line = next(line for line in lines_of(record, request.viewer, layout_of(record)) if line["name"] == name)
    return render(
        request,
        "records/_line.html",
        {"line": line, "record": record, "module": record.module, "focus": True},
    )


def lines_of(record: Record, viewer: Viewer, layout: LayoutSchema) -> list[dict[str, object]]:
    """Owner and tags, then the fields; whoever may not edit is offered no form."""
    may = viewer.may(Verb.EDIT, record.module.name)
    every = [*own_lines(record), *field_lines(record, viewer, layout)]
    return [{**line, "is_editable": may and line["is_editable"]} for line in every]


def field_lines(record: Record, viewer: Viewer, layout: LayoutSchema) -> list[dict[str, object]]:
    """The fields of the record's layout, in its order."""
    slots = layout.slots
    fields = [slot.field for slot in slots.values()]
    linked = linked_records([record], fields, viewer)
    values = {**record.values, **computed_values(record.module_id, [record.pk]).get(record.pk, {})}
    return [
        {
            "name": name,
            "label": slot.field.called,
            "cell": cell(slot.field, values.get(name), linked),
            "is_editable": not slot.is_written_by_rule,
        }
        for name, slot in slots.items()
    ]


def own_lines(record: Record) -> list[dict[str, object]]:
    return [
        {
            "name": "owner",
            "label": gettext("Owner"),
            "cell": Cell(str(record.owner) if record.owner else ""),
            "is_editable": True,
        },
        {
            "name": "tags",
            "label": gettext("Tags"),
            "cell": Cell(", ".join(record.tags)),
            "is_editable": True,
        },
    ]


def _days(request: Known, record: Record, at: datetime) -> int:
    most: int = min((at - record.created_at).days, MOST_DAYS)
    return min(whole(request.GET.get("days", "")) or 0, most)
