"""Where one does something about a record."""

from django.urls import path

from firstcall.web.followups import attaching, sheets, ticking

urlpatterns = [
    path("do/<int:id>/call", sheets.call, name="do-call"),
    path("do/<int:id>/note", sheets.note, name="do-note"),
    path("do/<int:id>/task", sheets.task, name="do-task"),
    path("do/<int:id>/snooze", sheets.put_aside, name="do-snooze"),
    path("do/<int:id>/file", attaching.attach, name="do-file"),
    path("files/<int:id>", attaching.download, name="file"),
    path("files/<int:id>/delete", attaching.delete, name="file-delete"),
    path("do/<int:id>/wake", ticking.woken, name="wake"),
    path("do/<int:id>/feedback/<int:rule>", sheets.feedback, name="do-feedback"),
    path("calls/<int:id>/undo", ticking.call_undo, name="call-undo"),
    path("feedback/<int:id>/undo", ticking.feedback_undo, name="feedback-undo"),
    path("tasks/<int:id>", sheets.task_edit, name="task"),
    path("tasks/<int:id>/done", ticking.task_done, name="task-done"),
    path("tasks/<int:id>/open", ticking.task_open, name="task-open"),
    path("tasks/<int:id>/delete", ticking.task_delete, name="task-delete"),
    path("notes/<int:id>", sheets.note_edit, name="note"),
    path("notes/<int:id>/pin", ticking.note_pin, name="note-pin"),
    path("notes/<int:id>/delete", ticking.note_delete, name="note-delete"),
]
