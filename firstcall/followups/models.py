"""The tables of what people do about records. All of it goes with its record when that is erased."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from firstcall.moments import MomentField
from firstcall.records.models import Record
from firstcall.scorekeeping.models import Figures, RuleVersion, StoredRule
from firstcall.touchpoints.models import Touchpoint

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When a task is overdue that is due on no day."""


class Priority(models.IntegerChoices):
    LOW = 0
    NORMAL = 1
    HIGH = 2


class Task(models.Model):
    """Something to be done about a record.

    owner    who is to do it; None: whoever comes
    due_at   a moment, or `due_on` a day, or neither
    due_by   since when it is overdue: the moment, or the end of the day (UTC); `NEVER` without them
    version  how often it was written
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="tasks", db_index=False)
    subject = models.CharField(max_length=200)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    due_at = MomentField(null=True)
    due_on = models.DateField(null=True)
    due_by = MomentField(default=NEVER)
    done_at = MomentField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = MomentField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_on__isnull=True), name="task_due_once"
            ),
        )
        indexes = (
            models.Index(
                fields=["owner", "due_by", "id"], name="open_task_by_owner", condition=Q(done_at__isnull=True)
            ),
            models.Index(fields=["record", "due_by", "id"], name="task_by_record"),
            models.Index(fields=["record", "created_at", "id"], name="task_by_creation"),
            models.Index(fields=["record", "done_at", "id"], name="task_by_completion"),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


class Note(models.Model):
    """A text about a record. What it said before is kept: `NoteEdit`."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField()
    is_pinned = models.BooleanField(default=False)
    created_at = MomentField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    edited_at = MomentField(null=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (
            models.Index(fields=["record", "is_pinned", "id"], name="note_by_record"),
            models.Index(fields=["record", "created_at", "id"], name="note_by_creation"),
        )


class NoteEdit(models.Model):
    """What a note said until a moment, and who wrote something else then."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="edits")
    text = models.TextField()
    until = MomentField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )


class LoggedCall(models.Model):
    """That a touchpoint is a call that somebody logged by hand."""

    touchpoint = models.OneToOneField(
        Touchpoint, models.CASCADE, primary_key=True, related_name="logged_call"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")


class Snooze(models.Model):
    """That somebody does not want to be shown a record until a moment. It is kept afterwards: it says since when the
    record is back.

    at  when they said so
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    until = MomentField()
    at = MomentField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "record"], name="one_snooze_each"),)


class AttachedFile(models.Model):
    """A file of a record; its bytes are its pieces, so that a backup of the database is whole.

    name          as it was given, without folders
    content_type  as its bytes tell it, whatever its sender said
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="files", db_index=False)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = MomentField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = (models.Index(fields=["record", "created_at", "id"], name="file_by_record"),)

    def __str__(self) -> str:
        return self.name


class FilePiece(models.Model):
    """A part of a file's bytes; `number` from 0."""

    file = models.ForeignKey(AttachedFile, models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["file", "number"], name="one_piece_a_number"),)


class Verdict(models.TextChoices):
    GOOD = "good"
    BAD = "bad"


class Feedback(Figures):
    """What somebody thinks of a record that a rule scored, with the score as it was when they said so.

    version      by which the score was
    has_score    false where the rule did not apply; then the figures are 0
    scored_as_of as of when the score was
    explanation  JSON, as `scorekeeping.explaining` gives it, as of `at`
    ended_at     since when it counts no longer: said anew, or taken back. Of one person, record and rule one counts
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="feedback", db_index=False)
    rule = models.ForeignKey(StoredRule, models.CASCADE, db_index=False)
    version = models.ForeignKey(RuleVersion, models.CASCADE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = MomentField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    reason = models.CharField(max_length=30, blank=True)
    comment = models.TextField(blank=True)
    has_score = models.BooleanField()
    scored_as_of = MomentField(null=True)
    explanation = models.TextField()
    ended_at = MomentField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["record", "rule", "by"], condition=Q(ended_at__isnull=True), name="one_feedback_each"
            ),
        )
        indexes = (
            models.Index(fields=["rule", "id"], name="feedback_by_rule", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["record", "at", "id"], name="feedback_by_record"),
        )
