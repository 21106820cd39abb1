"""The tables of touchpoints. Rows are added, and may be revoked; they are never changed otherwise."""

from __future__ import annotations

from django.db import models

from firstcall.moments import MomentField
from firstcall.records.models import Record


class Source(models.Model):
    """Where touchpoints come from: a web site, an app, a mail service, an import."""

    name = models.CharField(max_length=100, unique=True)
    created_at = MomentField()

    def __str__(self) -> str:
        return self.name


class Touchpoint(models.Model):
    """One interaction of a record, at one moment. Without a record yet it counts for none.

    message_id  the source's own name for it; a second one with the same is the same touchpoint
    revoked_at  since when it does not count: a bot's, a test, the wrong person's
    """

    source = models.ForeignKey(Source, models.PROTECT)
    message_id = models.CharField(max_length=100)
    record = models.ForeignKey(Record, models.CASCADE, null=True, related_name="touchpoints", db_index=False)
    type = models.CharField(max_length=120)
    occurred_at = MomentField()
    received_at = MomentField()
    properties = models.JSONField(default=dict)
    revoked_at = MomentField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "message_id"], name="touchpoint_message"),)
        indexes = (
            models.Index(
                fields=["record", "type", "occurred_at"],
                name="touchpoint_by_record",
                condition=models.Q(record__isnull=False, revoked_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} of {self.record_id}"
