"""What a draft would do, told beside it while it is edited; and what one record would have by it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.rights import Right
from firstcall.columns.reading import NoCopyError
from firstcall.insights.previewing.asking import OtherModuleError, Previewed, preview_text
from firstcall.insights.previewing.differences import Mover
from firstcall.insights.previewing.keeping import TooLongError
from firstcall.moments import now
from firstcall.records.models import Record
from firstcall.records.schema import name_of
from firstcall.records.searching import LONGEST, search_records
from firstcall.records.seeing import seen_records
from firstcall.scorekeeping.checking import check_rule
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.explaining import explanation_by
from firstcall.scorekeeping.finding import get_rule
from firstcall.scorekeeping.models import StoredRule
from firstcall.scoring.times import datetime_of
from firstcall.web.building.pictures import BARS_HEIGHT, BARS_WIDTH, bars
from firstcall.web.building.trying import tried
from firstcall.web.building.views import given_text
from firstcall.web.frame import Known, page
from firstcall.web.labelling import FieldLabels, noun_of
from firstcall.web.numbers import whole

MOST = 5  # records of each kind are named
HOT_DAYS = 7
MOST_FOUND = 8


@page
@require_POST
def draft_preview(request: Known) -> JsonResponse:
    """`as_of`: what the answer before said, to go on from what was measured then."""
    request.viewer.require_right(Right.MANAGE_SCORING)
    against = _against(request)
    asked = {"against": against if against is not None and against.active is not None else None}
    try:
        found = preview_text(
            given_text(request),
            now=now(),
            viewer=request.viewer,
            as_of=_moment(request.POST.get("as_of", "")),
            most=MOST,
            hot_days=HOT_DAYS,
            labels=FieldLabels().label,
            noun=noun_of,
            **asked,
        )
    except InvalidRuleError:
        return JsonResponse({"html": "", "waits": True})
    except OtherModuleError as error:
        return _away(request, str(error))
    except NoCopyError:
        return _away(
            request, gettext("The copy that previews read is being made. It will be there in a moment.")
        )
    except TooLongError as error:
        return _away(request, str(error))
    preview = found.preview
    return JsonResponse(
        {
            "html": render_to_string("building/_preview.html", _told(found), request),
            "as_of": str(preview.as_of),
            "criteria": {one.name: one.told for one in preview.criteria},
        }
    )


def _away(request: Known, says: str) -> JsonResponse:
    html = render_to_string("building/_no_preview.html", {"says": says}, request)
    return JsonResponse({"html": html, "again": True})


def _told(found: Previewed) -> dict[str, object]:
    preview = found.preview
    total = next(figure for figure in preview.distributions if figure.figure == "total")
    most = max([1, *(count for _, old, new in preview.grades for count in (old or 0, new))])
    return {
        "found": found,
        "preview": preview,
        "total": total,
        "bars": bars(total.bins),
        "width": BARS_WIDTH,
        "height": BARS_HEIGHT,
        "average_before": None if total.average_before is None else round(total.average_before),
        "average_after": None if total.average_after is None else round(total.average_after),
        "grades": [
            {"name": name, "before": old, "after": new, "wide": round(100 * new / most, 1),
             "was_wide": round(100 * (old or 0) / most, 1)}
            for name, old, new in preview.grades
        ],
        "crossings": [(crossing, _named(crossing.movers, found)) for crossing in preview.crossings[:8]],
        "up": _named(preview.up, found),
        "down": _named(preview.down, found),
        "never": [one.name for one in preview.criteria if one.is_never],
        "always": [one.name for one in preview.criteria if one.is_always],
        "shows": datetime_of(preview.shows),
    }  # fmt: skip


def _named(movers: tuple[Mover, ...], found: Previewed) -> list[dict[str, object]]:
    ids = found.preview.ids
    return [
        {
            "id": ids[mover.place],
            "title": found.titles[ids[mover.place]] or f"#{ids[mover.place]}",
            "mover": mover,
        }
        for mover in movers
        if ids[mover.place] in found.titles
    ]


def _against(request: Known) -> StoredRule | None:
    asked = whole(request.POST.get("rule", ""))
    return None if asked is None else get_rule(request.viewer, asked)


def _moment(text: str) -> datetime | None:
    moment = whole(text, digits=16)
    return None if moment is None else datetime_of(moment)


@page
@require_POST
def draft_trial(request: Known) -> HttpResponse:
    """`q` finds records of the draft's module; `record` scores one by the draft, as of now."""
    request.viewer.require_right(Right.MANAGE_SCORING)
    try:
        checked = check_rule(given_text(request), viewer=request.viewer)
    except InvalidRuleError:
        return render(request, "building/_trial.html", {"waits": True})
    module, asked = checked.module, request.POST.get("record", "")
    if (id := whole(asked)) is not None:
        record = seen_records(request.viewer).filter(module=module, deleted_at=None, pk=id).first()
        if record is None:
            return render(request, "building/_trial.html", {"found": [], "asked": asked})
        told = tried(explanation_by(record, checked.rule, now(), labels=FieldLabels().label))
        title = name_of(record)
        return render(request, "building/_trial.html", {"record": record, "title": title, "told": told})
    words = request.POST.get("q", "").strip()[:LONGEST]
    ids = search_records(words, viewer=request.viewer, modules=[module], most=MOST_FOUND)
    rows = Record.objects.select_related("module").in_bulk(ids)
    found = [(id, name_of(rows[id])) for id in ids if id in rows]
    return render(request, "building/_trial.html", {"found": found, "asked": words})
