"""The list of a module's records: narrowed, sorted, a page at a time, with columns of one's own choice."""

from __future__ import annotations

from django.db import DataError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from firstcall.access.models import User
from firstcall.access.rights import Right, Verb
from firstcall.moments import now
from firstcall.records.errors import InvalidFilterError
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Record, WrittenBy
from firstcall.records.seeing import get_module, seen_in
from firstcall.saved_views.asking import OWN
from firstcall.scorekeeping.glancing import grades_of
from firstcall.scorekeeping.listing import COUNTED, SCORE, Place
from firstcall.web.drawing import Scale
from firstcall.web.frame import Known, is_part, page
from firstcall.web.numbers import whole
from firstcall.web.records.asking import Wishes, read_place, read_wishes, write_place
from firstcall.web.records.exports import FORMATS
from firstcall.web.records.lists import headings, is_live, label_of, rows
from firstcall.web.records.saved import shelf, start_of

LINES = 50
MOST_MOVED = 100
MOST_USERS = 500


@page
def record_list(request: Known, module: str) -> HttpResponse:
    """`part` asks for the rows that follow alone, or for how many there are."""
    found = get_module(request.viewer, module)
    if start := start_of(request, found):
        return redirect(reverse("records", args=[module]) + start)
    wishes = read_wishes(found, request.GET, request.viewer)
    part = request.GET.get("part", "") if is_part(request) else ""
    if part == "count":
        return render(request, "records/_count.html", {"count": _count(request, wishes), "most": COUNTED})
    if part == "condition":
        return render(request, "records/_condition.html", {"wishes": wishes, "row": _row(wishes)})
    if part == "moved":
        found_rows = rows(wishes, _named(request, wishes), request.viewer, _scales(request))
        return render(request, "records/_rows.html", {"module": found, "wishes": wishes, "rows": found_rows})
    records, following = _page(request, wishes)
    told = {
        "here": request.path,
        "wishes": wishes,
        "module": wishes.module,
        "headings": headings(wishes),
        "rows": rows(wishes, records, request.viewer),
        "following": write_place(following),
    }
    if part == "rows":
        return render(request, "records/_rows.html", told)
    told["gone"] = wishes.gone()
    told["is_live"] = is_live(wishes)
    told["is_descending"] = wishes.order.startswith("-")
    told["shelf"] = shelf(request, wishes)
    told["columns"] = _choosable(wishes)
    told["may_edit"] = request.viewer.may(Verb.EDIT, wishes.module.name)
    told["formats"] = FORMATS
    told["may_export"] = request.viewer.may(Verb.EXPORT, wishes.module.name)
    told["sees_others"] = request.viewer.owners(wishes.module.name) != frozenset({request.user.pk})
    told["may_import"] = request.viewer.may(Verb.IMPORT, wishes.module.name)
    told["may_rescore"] = request.viewer.has(Right.MANAGE_SCORING) and bool(wishes.rules)
    told["users"] = User.objects.filter(is_active=True).order_by("name", "email")[:MOST_USERS]
    told["settable"] = [
        field
        for field in wishes.fields.values()
        if field.written_by == WrittenBy.ANYONE and field.kind not in (FieldKind.LOOKUP, FieldKind.DATE_TIME)
    ]
    told["grades"] = grades_of(wishes.rule.active) if wishes.rule and wishes.rule.active else ()
    return render(request, "records/record_list.html", told)


def _page(request: Known, wishes: Wishes) -> tuple[list[Record], Place | None]:
    listed = wishes.listed()
    after = read_place(request.GET.get("after", ""))
    try:
        with transaction.atomic():
            return listed.page(wishes.order, after=after, limit=LINES, now=now())
    except InvalidFilterError as error:
        wishes.problems.extend(problem.says for problem in error.problems)
    except (ValueError, DataError):
        wishes.problems.append(gettext("The list has changed its order meanwhile; it begins anew."))
    return listed.page("-id", after=None, limit=LINES, now=now())


def _named(request: Known, wishes: Wishes) -> list[Record]:
    """Those that stand on the page already, and are seen; whether they still meet its conditions or not."""
    asked = map(whole, request.GET.get("ids", "").split(",")[:MOST_MOVED])
    seen = Record.objects.filter(
        seen_in(request.viewer, wishes.module), module=wishes.module, deleted_at=None
    )
    found = seen.filter(pk__in=[id for id in asked if id is not None])
    return list(found.select_related("owner", "layout"))


def _scales(request: Known) -> dict[str, Scale]:
    asked = (text.partition("=") for text in request.GET.getlist("scale")[:MOST_MOVED])
    return {name: Scale.read(scale) for name, _, scale in asked}


def _count(request: Known, wishes: Wishes) -> int:
    return wishes.listed().count(now=now())


def _row(wishes: Wishes) -> object:
    if not wishes.rows:
        raise Http404
    return wishes.rows[-1]


def _choosable(wishes: Wishes) -> list[tuple[str, str, bool]]:
    """Name, label, whether it is shown; those that are, first and in their order."""
    every = [*(f"{SCORE}{rule.pk}" for rule in wishes.rules), *wishes.fields, *OWN]
    ordered = [*wishes.columns, *(name for name in every if name not in wishes.columns)]
    return [(name, label_of(wishes, name), name in wishes.columns) for name in ordered]
