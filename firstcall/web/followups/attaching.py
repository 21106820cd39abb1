"""Files on a record: attached, downloaded, deleted."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from firstcall.followups.errors import UnfitError
from firstcall.followups.files import as_download, attach_file, delete_file, get_file
from firstcall.moments import now
from firstcall.records.models import Record
from firstcall.web.followups.answering import acted
from firstcall.web.followups.sheets import find
from firstcall.web.frame import Known, is_part, page


@require_POST
@page
def attach(request: Known, id: int) -> HttpResponse:
    record, file = find(request, id), request.FILES.get("file")
    if file is None:
        return _refused(request, record, gettext("Choose a file."))
    try:
        attach_file(record, file.name or "", file.chunks(), viewer=request.viewer, at=now())
    except UnfitError as error:
        return _refused(request, record, str(error))
    return acted(request, record, gettext("The file is attached."), closes=False)


@require_GET
@page
def download(request: Known, id: int) -> HttpResponseBase:
    return as_download(get_file(request.viewer, id))


@require_POST
@page
def delete(request: Known, id: int) -> HttpResponse:
    file = get_file(request.viewer, id)
    delete_file(file, viewer=request.viewer)
    return acted(request, file.record, gettext("The file is deleted."), closes=False)


def _refused(request: Known, record: Record, says: str) -> HttpResponse:
    if not is_part(request):
        messages.error(request, says)
        return redirect("record", record.module.name, record.pk)
    told = {"toast": {"says": says, "level": "error"}}
    return HttpResponse(status=422, headers={"HX-Trigger": json.dumps(told)})
