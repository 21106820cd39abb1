"""The tables of imports: what was imported when and by whom, how far it is, and what it wrote, so that it can be undone."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models

from firstcall.access.rights import Verb
from firstcall.access.viewer import Viewer
from firstcall.moments import MomentField


class ImportStatus(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class ImportRun(models.Model):
    """One file on its way in.

    kind       `records` or `touchpoints`
    path       where the file was; once it has been read it is needed no more
    wishes     what was asked for beside the file
    plan       what is done with each column; made before the first step
    position   where the next step begins: part, row, and how long the file of rejects is
    total      the rows of the file, once it has been read
    notes      what people should know of it
    job        that does it; none where a command does
    """

    kind = models.CharField(max_length=20)
    module = models.ForeignKey("records.Module", models.CASCADE, null=True, related_name="imports")
    file_name = models.CharField(max_length=255)
    path = models.TextField(blank=True)
    wishes = models.JSONField(default=dict)
    plan = models.JSONField(null=True)
    position = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=ImportStatus, default=ImportStatus.WAITING)
    message = models.TextField(blank=True)
    total = models.BigIntegerField(null=True)
    done = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    notes = models.JSONField(default=list)
    created_at = MomentField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_at = MomentField(null=True)
    undone_at = MomentField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey("jobs.Job", models.SET_NULL, null=True, related_name="+")

    class Meta:
        app_label = "records"
        indexes = (models.Index(fields=["-created_at"], name="import_by_time"),)

    def __str__(self) -> str:
        return f"import {self.pk} of {self.file_name}"

    @property
    def folder(self) -> Path:
        """What the import keeps on disk: its file, the rows while it goes on, the rejects."""
        return Path(settings.CONFIGURATION.data_folder) / "imports" / str(self.pk)

    @property
    def is_unfinished(self) -> bool:
        return self.status in (ImportStatus.WAITING, ImportStatus.RUNNING)

    @property
    def is_under_way(self) -> bool:
        """In, or out again."""
        return self.is_unfinished or self.status == ImportStatus.UNDOING

    @property
    def may_be_undone(self) -> bool:
        """There is something of it to undo."""
        is_over = not self.is_under_way and self.status != ImportStatus.UNDONE
        return is_over and self.created + self.changed > 0

    def require_import(self, viewer: Viewer) -> None:
        """What an import left, and undoing it, are for those who may import there, whoever began it. Raises HiddenError,
        ForbiddenError."""
        if self.module is not None:
            viewer.require(Verb.IMPORT, self.module.name)


class ImportStep(models.Model):
    """What one step wrote, as runs of ids: [[first, last], …].

    created   records, or touchpoints
    changes   field changes
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    created = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    is_undone = models.BooleanField(default=False)

    class Meta:
        app_label = "records"
        constraints = (models.UniqueConstraint(fields=["run", "number"], name="import_step"),)


class KeptMapping(models.Model):
    """Which column is which field, as people said for a file with these headers; offered for the next such file.

    about    the module's name, or `touchpoints`
    headers  `headers.digest` of the columns
    """

    about = models.CharField(max_length=63)
    headers = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    kept_at = MomentField()

    class Meta:
        app_label = "records"
        constraints = (models.UniqueConstraint(fields=["about", "headers"], name="kept_mapping"),)


def runs_of(ids: list[int]) -> list[list[int]]:
    """Ids as runs of consecutive ones.

    >>> runs_of([3, 1, 2, 7])
    [[1, 3], [7, 7]]
    """
    runs: list[list[int]] = []
    for id in sorted(ids):
        if runs and runs[-1][1] == id - 1:
            runs[-1][1] = id
        else:
            runs.append([id, id])
    return runs


def ids_of(runs: list[list[int]]) -> list[int]:
    """
    >>> ids_of([[1, 3], [7, 7]])
    [1, 2, 3, 7]
    """
    return [id for first, last in runs for id in range(first, last + 1)]
