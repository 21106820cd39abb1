"""What is done with many records of a list at once: changed, or written into a file; by a job, with its progress."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.rights import Right, Verb
from firstcall.jobs.models import UNFINISHED
from firstcall.moments import now
from firstcall.records.bulk.changing import BULK, Change, refused_file
from firstcall.records.bulk.starting import change_later, undo_later
from firstcall.records.choosing import MOST_IDS, Choice
from firstcall.records.errors import InvalidFilterError, InvalidValuesError
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.undoing import NotUndoableError
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Module
from firstcall.records.seeing import get_module
from firstcall.scorekeeping.sweeping import sweep_later
from firstcall.scorekeeping.switching import SWEEP
from firstcall.scoring.problems import Problem
from firstcall.web.frame import Known, page
from firstcall.web.importing.finding import file_answer, own_job
from firstcall.web.numbers import whole
from firstcall.web.records.asking import Wishes, asked_list, read_wishes
from firstcall.web.records.editing import typed_value
from firstcall.web.records.exports import begin_export
from firstcall.web.templatetags.web import number

_VERBS = {"export": Verb.EXPORT, "rescore": Verb.VIEW}


@page
@require_POST
def bulk(request: Known, module: str) -> HttpResponse:
    """`do` says what; `id` the records, or with `everything` all that the list (`asked`, its query) has."""
    does = request.POST.get("do", "")
    found = get_module(request.viewer, module, _VERBS.get(does, Verb.EDIT))
    wishes = read_wishes(found, asked_list(request), request.viewer)
    try:
        choice = _choice(request, wishes)
        if does == "export":
            return redirect("export", begin_export(request, wishes, choice).pk)
        if does == "rescore":
            return _rescore(request, wishes, choice)
        change = _change(request, wishes)
        if change.is_empty:
            return _back(request, wishes, gettext("Say what is to be changed."))
        run = change_later(choice, change, at=now(), by=request.user, viewer=request.viewer)
    except InvalidValuesError as error:
        return _back(request, wishes, str(error))
    except InvalidFilterError as error:
        return _back(request, wishes, str(error))
    return redirect("bulk-run", run.pk)


@page
def bulk_run(request: Known, id: int) -> HttpResponse:
    """How far a change is; POST undoes it as a whole."""
    run = _run(request, id)
    if request.method == "POST":
        try:
            undo_later(run, at=now(), by=request.user)
        except NotUndoableError as error:
            messages.error(request, str(error))
        return redirect("bulk-run", run.pk)
    told = {"run": run, "here": "", "is_under_way": run.is_under_way, "may_undo": run.may_be_undone}
    template = "records/_bulk_run.html" if "part" in request.GET else "records/bulk_run.html"
    return render(request, template, told)


@page
def bulk_refused(request: Known, id: int) -> HttpResponseBase:
    """Which records were refused, and why, as CSV."""
    return file_answer(refused_file(_run(request, id)))


@page
def rescoring(request: Known, id: int) -> HttpResponse:
    """How far the scoring of chosen records is."""
    job = own_job(request, id, SWEEP)
    told = {
        "job": job,
        "here": "",
        "is_under_way": job.status in UNFINISHED,
        "seconds_left": job.seconds_left(now()),
    }
    told["module"] = Module.objects.get(pk=job.parameters["module"])
    template = "records/_rescoring.html" if "part" in request.GET else "records/rescoring.html"
    return render(request, template, told)


def _run(request: Known, id: int) -> ImportRun:
    runs = ImportRun.objects.select_related("module", "job").filter(kind=BULK, created_by=request.user)
    run = runs.filter(pk=id).first() if id < 2**63 else None
    if run is None:
        raise Http404
    return run


def _choice(request: Known, wishes: Wishes) -> Choice:
    if request.POST.get("everything"):
        if gone := wishes.gone():  # the list has records that it was not to have
            fix = gettext("Show the list without it first.")
            raise InvalidFilterError([Problem(("f",), "gone", says, fix) for says in gone])
        return wishes.choice(now=now())
    given = map(whole, request.POST.getlist("id"))
    return Choice(wishes.module.name, ids=tuple(id for id in given if id is not None))


def _change(request: Known, wishes: Wishes) -> Change:
    given = request.POST
    owner = given.get("owner", "")
    values = {}
    if field := wishes.fields.get(given.get("field", "")):
        values[field.name] = typed_value(FieldKind(field.kind), given.get("value", "").strip())
    return Change(
        values,
        whole(owner),
        _tags(given.get("add_tags", "")),
        _tags(given.get("remove_tags", "")),
    )


def _tags(typed: str) -> tuple[str, ...]:
    return tuple(tag.strip() for tag in typed.split(",") if tag.strip())


def _rescore(request: Known, wishes: Wishes, choice: Choice) -> HttpResponse:
    """By all rules that are active; for those who manage scoring."""
    request.viewer.require_right(Right.MANAGE_SCORING)
    records = choice.selection(request.viewer).records(now=now()).order_by()
    ids = list(records.values_list("pk", flat=True)[: MOST_IDS + 1])
    if len(ids) > MOST_IDS:
        says = gettext(
            "That is more than %(most)s records. Narrow the list, or score all of them by the rule's page."
        )
        return _back(request, wishes, says % {"most": number(MOST_IDS)})
    job = sweep_later(wishes.module, wishes.rules, at=now(), by=request.user, ids=ids) if ids else None
    if job is None:
        return _back(request, wishes, gettext("There is nothing to score, or no rule that is active."))
    return redirect("rescoring", job.pk)


def _back(request: Known, wishes: Wishes, says: str) -> HttpResponseRedirect:
    messages.error(request, says)
    return HttpResponseRedirect(
        reverse("records", args=[wishes.module.name]) + wishes.address(), status=HTTPStatus.SEE_OTHER
    )
