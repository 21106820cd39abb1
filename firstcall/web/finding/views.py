"""Finds records of any module by how a name, an address, a number or an id begins."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from firstcall.records.models import Record
from firstcall.records.schema import name_of
from firstcall.records.searching import LONGEST, SHORTEST, search_records
from firstcall.web.frame import Known, page

MOST = 10


@page
def search(request: Known) -> HttpResponse:
    asked = request.GET.get("q", "").strip()[:LONGEST]
    ids = search_records(asked, viewer=request.viewer, most=MOST)
    rows = Record.objects.select_related("module").in_bulk(ids)
    found = [
        {
            "record": rows[id],
            "title": name_of(rows[id]),
            "about": rows[id].values.get("email") or rows[id].values.get("company") or "",
        }
        for id in ids
        if id in rows
    ]
    told = {"asked": asked, "found": found, "is_long_enough": len(asked) >= SHORTEST}
    return render(request, "finding/_found.html", told)
