"""Names that lead to several records, until somebody says whose they are; and touchpoints that were made not to count."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.moments import now
from firstcall.records.models import Record
from firstcall.records.schema import name_of
from firstcall.records.seeing import seen_records
from firstcall.touchpoints.models import Ambiguity, Revocation, Touchpoint
from firstcall.touchpoints.people import AmbiguityStatus
from firstcall.touchpoints.revoking import Selection, begin_ending, begin_revoking
from firstcall.touchpoints.settling import assign, ignore
from firstcall.web.frame import Known
from firstcall.web.numbers import whole
from firstcall.web.settingup.sections import section, show

PATH, REVOKED = "set-up-unclear", "set-up-revoked"
MOST = 50
WHY = {
    "several_records": gettext_lazy("Several records have this name."),
    "names_disagree": gettext_lazy("These names lead to different records."),
    "alias_of_two": gettext_lazy("Two people were said to be one, and each has a record."),
}


@section(PATH)
def unclear(request: Known) -> HttpResponse:
    which = request.GET.get("which", AmbiguityStatus.OPEN)
    found = Ambiguity.objects.select_related("decided_by").order_by("-pk")
    if which in set(AmbiguityStatus):
        found = found.filter(status=which)
    rows = list(found[:MOST])
    wanted = {id for row in rows for id in row.candidates}
    records = seen_records(request.viewer).filter(deleted_at=None).select_related("module").in_bulk(wanted)
    people = Touchpoint.objects.filter(person__in={row.person_id for row in rows}, record=None)
    waiting = dict(people.values_list("person").annotate(Count("pk")).order_by())
    told = {
        "rows": [
            {
                "row": row,
                "why": WHY.get(row.why, row.why),
                "candidates": [_candidate(records[id]) for id in row.candidates if id in records],
                "waiting": waiting.get(row.person_id, 0),
            }
            for row in rows
        ],
        "which": which,
    }
    return show(request, "settingup/unclear.html", told)


def _candidate(record: Record) -> dict[str, object]:
    about = record.values.get("email") or record.values.get("company") or ""
    return {
        "record": record,
        "title": name_of(record),
        "about": about,
    }


@section(PATH)
@require_POST
def settle(request: Known, id: int) -> HttpResponse:
    """`record` says whose it is; without one it is nobody's."""
    ambiguity = Ambiguity.objects.filter(pk=id).first()
    if ambiguity is None:
        raise Http404
    given = request.POST.get("record", "")
    if not given:
        ignore(ambiguity, at=now(), by=request.user)
        messages.success(request, gettext("What came with these names is nobody's."))
        return redirect(PATH)
    known = whole(given) or 0
    record = seen_records(request.viewer).filter(pk=known, deleted_at=None).first()
    if record is None:
        messages.error(request, gettext("There is no such record any more."))
        return redirect(PATH)
    assign(ambiguity, record, at=now(), by=request.user)
    messages.success(request, gettext("What waited has joined the record."))
    return redirect(PATH)


@section(REVOKED)
def revoked(request: Known) -> HttpResponse:
    rows = Revocation.objects.select_related("by", "ended_by", "job").order_by("-pk")[:MOST]
    return show(request, "settingup/revoked.html", {"rows": rows})


@section(REVOKED)
@require_POST
def revoke(request: Known) -> HttpResponse:
    """Of a record, all that it did, or of one type."""
    given = request.POST.get("record", "").strip()
    known = whole(given) or 0
    record = seen_records(request.viewer).filter(pk=known, deleted_at=None).first()
    if record is None:
        messages.error(request, gettext("There is no record of that number."))
        return redirect(REVOKED)
    chosen = Selection(record=record.pk, type=request.POST.get("type", "").strip()[:120] or None)
    reason = request.POST.get("reason", "").strip()[:200]
    begin_revoking(chosen, reason=reason, at=now(), by=request.user, viewer=request.viewer)
    messages.success(request, gettext("They count no longer. Scores heal by themselves."))
    return redirect(REVOKED)


@section(REVOKED)
@require_POST
def count_again(request: Known, id: int) -> HttpResponse:
    found = Revocation.objects.filter(pk=id).first()
    if found is None:
        raise Http404
    begin_ending(found, at=now(), by=request.user)
    messages.success(request, gettext("They count again."))
    return redirect(REVOKED)
