"""The sheets: a form over the page for each thing that one does about a record; POST does it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from firstcall.followups.calls import log_call
from firstcall.followups.errors import ChangedMeanwhileError, UnfitError
from firstcall.followups.feedback import feedback_on, give_feedback
from firstcall.followups.models import Verdict
from firstcall.followups.notes import change_note, get_note, write_note
from firstcall.followups.snoozing import snooze
from firstcall.followups.tasks import change_task, create_task, get_task
from firstcall.moments import now
from firstcall.records.models import Record
from firstcall.records.schema import name_of
from firstcall.records.seeing import get_any_record
from firstcall.scorekeeping.models import StoredRule
from firstcall.web.followups.answering import acted
from firstcall.web.followups.forms import (
    CallForm,
    FeedbackForm,
    NoteForm,
    SnoozeForm,
    TaskForm,
    filled,
)
from firstcall.web.frame import Known, is_part, page
from firstcall.web.templatetags.web import exact


def sheet(
    request: Known, kind: str, record: Record, form: forms.Form, *, status: int = 200, **more: Any
) -> HttpResponse:
    """By itself where no page asked for it."""
    told = {
        "kind": kind,
        "record": record,
        "name": name_of(record),
        "form": form,
        "action": request.path,
        **more,
    }
    template = "followups/_sheet.html" if is_part(request) else "followups/sheet.html"
    return render(request, template, told, status=status)


def _refused(form: forms.Form, error: UnfitError, field: str | None = None) -> None:
    form.add_error(field if field in form.fields else None, f"{error.says} {error.fix}".strip())


@page
def call(request: Known, id: int) -> HttpResponse:
    """Log a call that was made."""
    record = find(request, id)
    if not record.module.is_people:
        raise Http404
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = log_call(record, form.call(), viewer=request.viewer, at=now())
        return acted(
            request, record, gettext("The call is logged."), undo=reverse("call-undo", args=[made.pk])
        )
    return sheet(request, "call", record, form, status=422 if form.errors else 200)


@page
def note(request: Known, id: int) -> HttpResponse:
    record = find(request, id)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        write_note(record, said["text"], viewer=request.viewer, at=now(), is_pinned=said["is_pinned"])
        return acted(request, record, gettext("The note is kept."))
    return sheet(request, "note", record, form, status=422 if form.errors else 200)


@page
def note_edit(request: Known, id: int) -> HttpResponse:
    """Whoever was slower is told what it says by now, and keeps what was typed."""
    found = get_note(request.viewer, id)
    kept = {"text": found.text, "is_pinned": found.is_pinned, "version": found.version}
    form = NoteForm(request.POST or None, initial=kept)
    more: dict[str, Any] = {"thing": found}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            change_note(found, viewer=request.viewer, at=now(), **said)
        except ChangedMeanwhileError:
            form = _anew(NoteForm, request, found.version)
            more |= {"newer": found.text, "by": found.edited_by}
        else:
            return acted(request, found.record, gettext("Saved."))
    status = 409 if "newer" in more else 422 if form.errors else 200
    return sheet(request, "note", found.record, form, status=status, **more)


@page
def task(request: Known, id: int) -> HttpResponse:
    record = find(request, id)
    first = {"due_on": timezone.localdate(), "owner": request.user.pk, "priority": 1}
    form = TaskForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            create_task(
                record,
                said["subject"],
                viewer=request.viewer,
                at=now(),
                owner=said["owner"],
                due=form.due(),
                priority=said["priority"],
            )
        except UnfitError as error:
            _refused(form, error, "owner")
        else:
            return acted(request, record, gettext("The task is added."))
    return sheet(request, "task", record, form, status=422 if form.errors else 200)


@page
def task_edit(request: Known, id: int) -> HttpResponse:
    found = get_task(request.viewer, id)
    form = TaskForm(request.POST or None, initial=filled(found))
    more: dict[str, Any] = {"thing": found}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            change_task(
                found,
                viewer=request.viewer,
                version=said["version"],
                subject=said["subject"],
                priority=said["priority"],
                owner=said["owner"],
                due=form.due(),
            )
        except UnfitError as error:
            _refused(form, error, "owner")
        except ChangedMeanwhileError:
            form = _anew(TaskForm, request, found.version)
            more |= {"newer": found.subject, "by": None}
        else:
            return acted(request, found.record, gettext("Saved."))
    status = 409 if "newer" in more else 422 if form.errors else 200
    return sheet(request, "task", found.record, form, status=status, **more)


def _anew[F: forms.Form](kind: type[F], request: Known, version: int) -> F:
    """What was typed, over what stands by now."""
    data = request.POST.copy()
    data["version"] = str(version)
    return kind(data)


@page
def put_aside(request: Known, id: int) -> HttpResponse:
    record = find(request, id)
    form = SnoozeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = now()
        try:
            made = snooze(record, form.moment(at), viewer=request.viewer, at=at)
        except UnfitError as error:
            _refused(form, error, "on")
        else:
            says = gettext("It comes back on %(when)s.") % {"when": exact(made.until)}
            return acted(request, record, says, undo=reverse("wake", args=[record.pk]))
    return sheet(request, "snooze", record, form, status=422 if form.errors else 200)


@page
def feedback(request: Known, id: int, rule: int) -> HttpResponse:
    """With the version and the explanation of this moment."""
    record = find(request, id)
    found = get_object_or_404(StoredRule, pk=rule, module=record.module_id)
    said = feedback_on(record).filter(rule=found, by=request.user).first()
    form = FeedbackForm(request.POST or None, initial=_said(request, said))
    if request.method == "POST" and form.is_valid():
        made = give_feedback(record, found, form.opinion(), viewer=request.viewer, at=now())
        undo = reverse("feedback-undo", args=[made.pk])
        return acted(request, record, gettext("Thank you: it is kept with the score."), undo=undo)
    return sheet(
        request, "feedback", record, form, status=422 if form.errors else 200, rule=found, thing=said
    )


def _said(request: Known, said: Any) -> dict[str, str]:
    asked = request.GET.get("verdict")
    if said is not None and asked in (None, said.verdict):
        return {"verdict": said.verdict, said.verdict: said.reason, "comment": said.comment}
    return {"verdict": asked} if asked in Verdict.values else {}


def find(request: Known, id: int) -> Record:
    if id >= 2**63:
        raise Http404
    return get_any_record(request.viewer, id)
