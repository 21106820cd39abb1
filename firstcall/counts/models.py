"""The tables of what was counted: few rows, added to every few seconds, read as a whole."""

from __future__ import annotations

from django.db import models

from firstcall.moments import MomentField


class Count(models.Model):
    """How often something happened since the beginning.

    labels  which of its kind, as `name="value"` with commas between
    """

    name = models.CharField(max_length=60)
    labels = models.CharField(max_length=300)
    value = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["name", "labels"], name="count_name_labels"),)

    def __str__(self) -> str:
        return f"{self.name}{{{self.labels}}} {self.value}"


class Lately(models.Model):
    """How often a duration fell into a bucket in one minute; kept for some minutes."""

    name = models.CharField(max_length=60)
    minute = models.BigIntegerField()
    bucket = models.SmallIntegerField()
    value = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["name", "minute", "bucket"], name="lately_bucket"),)


class Sighting(models.Model):
    """When a kind of process was last seen at work."""

    name = models.CharField(max_length=60, primary_key=True)
    at = MomentField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
