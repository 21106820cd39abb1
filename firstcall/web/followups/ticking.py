"""What is done by one click, and what takes back what was done."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.followups.calls import get_call, undo_call
from firstcall.followups.feedback import get_feedback, take_back
from firstcall.followups.notes import change_note, delete_note, get_note
from firstcall.followups.snoozing import wake
from firstcall.followups.tasks import complete_task, delete_task, get_task, reopen_task
from firstcall.moments import now
from firstcall.web.followups.answering import acted
from firstcall.web.followups.sheets import find
from firstcall.web.frame import Known, page


@require_POST
@page
def task_done(request: Known, id: int) -> HttpResponse:
    task = complete_task(get_task(request.viewer, id), viewer=request.viewer, at=now())
    return acted(request, task.record, gettext("Done."), undo=reverse("task-open", args=[id]), closes=False)


@require_POST
@page
def task_open(request: Known, id: int) -> HttpResponse:
    task = reopen_task(get_task(request.viewer, id), viewer=request.viewer)
    return acted(request, task.record, gettext("It is open again."), closes=False)


@require_POST
@page
def task_delete(request: Known, id: int) -> HttpResponse:
    task = get_task(request.viewer, id)
    delete_task(task, viewer=request.viewer)
    return acted(request, task.record, gettext("The task is deleted."))


@require_POST
@page
def note_pin(request: Known, id: int) -> HttpResponse:
    """`pinned`: whether it is to stand first."""
    pinned = request.POST.get("pinned") == "yes"
    note = change_note(get_note(request.viewer, id), viewer=request.viewer, at=now(), is_pinned=pinned)
    says = gettext("It stands first now.") if pinned else gettext("It stands among the others.")
    return acted(request, note.record, says, closes=False)


@require_POST
@page
def note_delete(request: Known, id: int) -> HttpResponse:
    note = get_note(request.viewer, id)
    delete_note(note, viewer=request.viewer)
    return acted(request, note.record, gettext("The note is deleted."))


@require_POST
@page
def call_undo(request: Known, id: int) -> HttpResponse:
    made = get_call(request.viewer, id)
    undo_call(made, viewer=request.viewer, by=request.user, at=now())
    assert made.record is not None  # noqa: S101  it was found by its record
    return acted(request, made.record, gettext("The call counts no longer."), closes=False)


@require_POST
@page
def feedback_undo(request: Known, id: int) -> HttpResponse:
    given = get_feedback(request.viewer, id)
    take_back(given, viewer=request.viewer, at=now())
    return acted(request, given.record, gettext("Your feedback is taken back."), closes=False)


@require_POST
@page
def woken(request: Known, id: int) -> HttpResponse:
    record = find(request, id)
    wake(record, viewer=request.viewer)
    return acted(request, record, gettext("It is back."), closes=False)
