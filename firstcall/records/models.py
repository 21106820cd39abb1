"""The tables of records. A record's values lie in one JSON object, as `kinds` says; who changed what is kept."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from firstcall.moments import MomentField
from firstcall.records.kinds import FieldKind

api_name = RegexValidator(r"\A[a-z][a-z0-9_]{0,62}\Z", "Write small letters, digits and _, a letter first.")


class Module(models.Model):
    """A kind of record. People modules can have touchpoints."""

    name = models.CharField(max_length=63, unique=True, validators=[api_name])
    label = models.CharField(max_length=100)
    is_people = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Field(models.Model):
    """A typed, named property of a module's records."""

    module = models.ForeignKey(Module, models.CASCADE, related_name="fields")
    name = models.CharField(max_length=63, validators=[api_name])
    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in FieldKind])
    choices = models.JSONField(default=list)  # of picklists
    is_required = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["module", "name"], name="field_name"),)

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Record(models.Model):
    """One lead, contact, account, deal …; `values` holds the fields that have one."""

    module = models.ForeignKey(Module, models.PROTECT)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    values = models.JSONField(default=dict)
    created_at = MomentField()
    updated_at = MomentField()

    class Meta:
        indexes = (models.Index(fields=["module", "id"], name="record_by_module"),)

    def __str__(self) -> str:
        return f"{self.module_id}/{self.pk}"


class FieldChange(models.Model):
    """That a field went from one value to another; null is no value."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="changes")
    field = models.CharField(max_length=63)
    at = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)

    class Meta:
        indexes = (models.Index(fields=["record", "at"], name="field_change_by_record"),)


class DirtyRecord(models.Model):
    """That a record's scores may no longer be right. Rows are only added and taken away, never changed: so whoever
    adds one waits for nobody, and whoever takes it sees all that was written together with it."""

    record_id = models.BigIntegerField()
    cause = models.CharField(max_length=20)
    since = MomentField()

    class Meta:
        indexes = (models.Index(fields=["record_id"], name="dirty_by_record"),)
