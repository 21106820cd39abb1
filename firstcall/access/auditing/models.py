"""The table of the audit log."""

from __future__ import annotations

from django.db import models

from firstcall.moments import MomentField


class AuditEntry(models.Model):
    """That something was done. Triggers write the row in the transaction of the change, whoever makes it, and refuse
    that one is changed or deleted.

    user           the id; null: a command, a job, or nobody who is known
    address        where the request came from
    kind, thing    what it was done to: its kind, its id and what it is called
    did            created, changed, deleted; signed_in, signed_out, failed_to_sign_in
    before, after  the columns that differ, without secrets: of these only that they have changed
    """

    at = MomentField()
    user = models.BigIntegerField(null=True)
    address = models.CharField(max_length=64, blank=True)
    did = models.CharField(max_length=20)
    kind = models.CharField(max_length=30)
    thing = models.BigIntegerField(null=True)
    name = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        app_label = "access"
        indexes = (
            models.Index(fields=["kind", "thing", "id"], name="audit_by_thing"),
            models.Index(fields=["user", "id"], name="audit_by_user"),
        )

    def __str__(self) -> str:
        return f"{self.did} {self.kind} {self.thing}"
