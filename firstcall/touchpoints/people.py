"""The tables of identity: by what people are known, and to which record that leads."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from firstcall.moments import MomentField
from firstcall.records.models import Record


class IdentityKind(models.TextChoices):
    USER_ID = "user_id"
    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    PHONE = "phone"
    ANONYMOUS_ID = "anonymous_id"


class Person(models.Model):
    """Someone who is known by identities, perhaps with a record. Touchpoints wait here until there is one.

    is_named       known by more than an anonymous id
    traits         what was said of the person and has no field in the record
    identified_at  of the newest `identify`; an older one that comes late overwrites nothing
    grouped_at     of the newest `group`, in the same way
    """

    record = models.ForeignKey(Record, models.CASCADE, null=True, related_name="people")
    is_named = models.BooleanField(default=False)
    traits = models.JSONField(default=dict)
    identified_at = MomentField(null=True)
    grouped_at = MomentField(null=True)
    created_at = MomentField()

    class Meta:
        app_label = "touchpoints"


class Identity(models.Model):
    """A name that a person goes by.

    namespace       the source's for user ids and anonymous ids; empty for what is the same everywhere
    handed_over_at  when it last went from one person to another, as a device does that two people share
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="identities")
    namespace = models.CharField(max_length=63, blank=True)
    kind = models.CharField(max_length=20, choices=IdentityKind)
    value = models.CharField(max_length=400, db_collation="C")
    first_seen_at = MomentField()
    handed_over_at = MomentField(null=True)

    class Meta:
        app_label = "touchpoints"
        constraints = (models.UniqueConstraint(fields=["namespace", "kind", "value"], name="identity_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Handover(models.Model):
    """That an identity was a person's until the moment at which it became another's."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="handovers")
    person = models.ForeignKey(Person, models.CASCADE)
    until = MomentField()

    class Meta:
        app_label = "touchpoints"


class AmbiguityStatus(models.TextChoices):
    OPEN = "open"
    ASSIGNED = "assigned"
    IGNORED = "ignored"


class Ambiguity(models.Model):
    """Identities that lead to several records. What comes with them waits for someone to say whose it is.

    key         of the identities together, so that the same ones are one ambiguity
    person      with whom the touchpoints wait
    candidates  the ids of the records that they led to when it was first seen
    """

    key = models.CharField(max_length=64, unique=True)
    person = models.OneToOneField(Person, models.CASCADE, related_name="ambiguity")
    why = models.CharField(max_length=30)
    identities = models.JSONField(default=list)
    candidates = ArrayField(models.BigIntegerField(), default=list)
    status = models.CharField(max_length=10, choices=AmbiguityStatus, default=AmbiguityStatus.OPEN)
    first_seen_at = MomentField()
    decided_at = MomentField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        app_label = "touchpoints"
