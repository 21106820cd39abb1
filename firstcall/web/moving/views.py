"""The stream by which a page learns that scores have moved. It names records that the reader saw when it began; what became
of them the page asks for as it asks for everything, and is answered by what the reader may see then."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from firstcall.processes.streams import Stream
from firstcall.records.seeing import seen_ids
from firstcall.scorekeeping.following import moved_since
from firstcall.web.frame import Known, page
from firstcall.web.numbers import whole

MOST_RECORDS = 500


@require_GET
@page
def moved(request: Known) -> HttpResponse:
    """`ids`: the records that the page shows; `since`, or the header of a browser that comes again: what it knows."""
    asked = request.GET.get("ids", "").split(",")[:MOST_RECORDS]
    ids = seen_ids(request.viewer, [id for id in map(whole, asked) if id is not None])
    since = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    news, mark = moved_since(since)
    return Stream(ids, mark, ids if news is None else ids & news)
