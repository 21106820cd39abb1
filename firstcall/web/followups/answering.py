"""What a page is told after something was done: that the sheet may close, a short message, and which parts are old.

Parts of a page that show a record ask again at `touched-<id>`; lists of tasks at `tasked`.
"""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from firstcall.records.models import Record
from firstcall.web.frame import Known, is_part


def acted(request: Known, record: Record, says: str, *, undo: str = "", closes: bool = True) -> HttpResponse:
    """
    undo  the address that takes it back by POST
    """
    if not is_part(request):
        return redirect("record", record.module.name, record.pk)
    toast: dict[str, object] = {"says": says}
    if undo:
        toast["link"] = {"href": undo, "says": gettext("Undo"), "posts": True}
    told = {"toast": toast, f"touched-{record.pk}": {}, "tasked": {}, **({"acted": {}} if closes else {})}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
