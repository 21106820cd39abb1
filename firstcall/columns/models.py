"""What was written since: the log that the copy follows. Triggers add its rows, so no writer can forget to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BigIntegerField, Func, TextField
from django.db.models.functions import Cast

from firstcall.moments import MomentField

_THIS_TRANSACTION = Cast(Cast(Func(function="pg_current_xact_id"), TextField()), BigIntegerField())


class ChangeKind(models.IntegerChoices):
    TOUCHPOINTS_ADDED = 1  # that count, or began to: by their ids
    TOUCHPOINTS_OF = 2  # some of these records' touchpoints count no longer as they did
    RECORDS = 3  # made, changed, or gone
    HISTORY_ADDED = 4  # field changes: by their ids
    HISTORY_OF = 5  # some field changes of these records are gone


class Change(models.Model):
    """That one statement wrote these rows.

    transaction  the number of the one that did: whether the copy has seen it, its snapshot says
    """

    kind = models.PositiveSmallIntegerField(choices=ChangeKind)
    ids = ArrayField(models.BigIntegerField())
    transaction = models.BigIntegerField(db_default=_THIS_TRANSACTION)
    at = MomentField()

    class Meta:
        indexes = (models.Index(fields=["transaction"], name="change_in_order"),)
