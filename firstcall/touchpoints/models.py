"""The tables of touchpoints. Rows are added, and may be revoked or change hands; they are never changed otherwise."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from firstcall.jobs.models import Job
from firstcall.moments import MomentField
from firstcall.records.models import Module, Record
from firstcall.touchpoints.people import Ambiguity, Handover, Identity, Person

__all__ = [
    "Ambiguity",
    "CustomType",
    "EarlierStay",
    "HandledMessage",
    "Handover",
    "Identity",
    "Person",
    "PropertySlot",
    "Revocation",
    "Sighting",
    "Source",
    "SourceKind",
    "Touchpoint",
    "WriteKey",
]

SHARED = "shared"  # the namespace of sources that have none of their own


class SourceKind(models.TextChoices):
    WEBSITE = "website"
    APP = "app"
    SERVER = "server"
    MAIL = "mail"
    IMPORT = "import"
    OTHER = "other"


class Source(models.Model):
    """Where touchpoints come from: a web site, an app, a mail service, an import.

    module     the people module whose records they belong to; none: leads
    namespace  whose user ids and anonymous ids it sends: sources with the same one speak of the same people
    mapping    what differs from the defaults of `mapping`: traits to fields, events to types
    is_active  takes touchpoints in
    """

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20, choices=SourceKind, default=SourceKind.OTHER)
    module = models.ForeignKey(Module, models.PROTECT, null=True)
    namespace = models.CharField(max_length=63, default=SHARED)
    mapping = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = MomentField()

    def __str__(self) -> str:
        return self.name


class WriteKey(models.Model):
    """Lets whoever has it send touchpoints to a source, and nothing else. It stands in web pages: it is no secret."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="write_keys")
    key = models.CharField(max_length=64, unique=True)
    created_at = MomentField()
    revoked_at = MomentField(null=True)

    def __str__(self) -> str:
        return self.key


class Revocation(models.Model):
    """That touchpoints were made to count no longer, and why. Ended, they count again.

    selection  which ones, as they were asked for
    job        that revokes very many, or lets them count again
    """

    reason = models.CharField(max_length=200)
    selection = models.JSONField(default=dict)
    touchpoints = models.PositiveBigIntegerField(default=0)
    at = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_at = MomentField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")


class Touchpoint(models.Model):
    """One interaction of a record, at one moment. Without a record yet it counts for none.

    message_id  the source's own name for it; a second one with the same is the same touchpoint
    person      the id of whom it came from; without a record it waits for that person's
    identities  the ids of the identities it came with
    joined_at   since when it has been the record's, where that is later than `received_at`
    revoked_at  since when it does not count: a bot's, a test, the wrong person's

    The table has more columns, for `slots` alone, an index by record that covers what rules read, and one by
    record and time for what every type counts for.
    """

    source = models.ForeignKey(Source, models.PROTECT, db_index=False)
    message_id = models.CharField(max_length=100)
    record = models.ForeignKey(Record, models.CASCADE, null=True, related_name="touchpoints", db_index=False)
    person = models.BigIntegerField(null=True)
    identities = ArrayField(models.BigIntegerField(), null=True)
    type = models.CharField(max_length=120, db_collation="C")  # so that the index finds all of a channel
    occurred_at = MomentField()
    received_at = MomentField()
    joined_at = MomentField(null=True)
    properties = models.JSONField(default=dict)
    revoked_at = MomentField(null=True)
    revocation = models.ForeignKey(Revocation, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "message_id"], name="touchpoint_message"),)
        indexes = (
            models.Index(
                fields=["person"],
                name="touchpoint_waiting",
                condition=Q(record__isnull=True, person__isnull=False),
            ),
            # For the newest of a source, however quiet it is beside others.
            models.Index(fields=["source", "id"], name="touchpoint_by_source"),
            # For lists of those who did something lately.
            models.Index(
                fields=["type", "occurred_at", "record"],
                name="touchpoint_by_type",
                condition=Q(record__isnull=False, revoked_at__isnull=True),
            ),
            # For scores as of before they were revoked.
            models.Index(
                fields=["record"],
                name="touchpoint_revoked_by_record",
                condition=Q(record__isnull=False, revoked_at__isnull=False),
            ),
            models.Index(
                fields=["revocation"], name="touchpoint_revoked", condition=Q(revocation__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} of {self.record_id}"


class EarlierStay(models.Model):
    """That a touchpoint counted for a record from one moment to another, and does so no longer in that way: it was
    moved to another record, or was revoked and then counted again. For scores as of past moments."""

    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE)
    record = models.ForeignKey(Record, models.CASCADE)
    since = MomentField()
    until = MomentField()


class HandledMessage(models.Model):
    """A message that was no touchpoint (identify, group, alias), so that a second one with its id does nothing."""

    pk = models.CompositePrimaryKey("source_id", "message_id")
    source = models.ForeignKey(Source, models.CASCADE, db_index=False)
    message_id = models.CharField(max_length=100)
    received_at = MomentField()


class Company(models.Model):
    """An account that `group` calls tell of; `said_at` is of the newest: an older one that comes late fills gaps alone."""

    record = models.OneToOneField(Record, models.CASCADE, primary_key=True, related_name="+")
    said_at = MomentField()


class CustomType(models.Model):
    """A type of touchpoint of one's own; `properties` maps the names of its properties to their kinds."""

    channel = models.CharField(max_length=60)
    event = models.CharField(max_length=60)
    label = models.CharField(max_length=100)
    properties = models.JSONField(default=dict)
    created_at = MomentField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["channel", "event"], name="custom_type"),)

    def __str__(self) -> str:
        return f"{self.channel}.{self.event}"


class Sighting(models.Model):
    """Something worth a look that came in so often: a type that nobody has defined, a trait that has no field, a value
    that a field does not take. Rows are only added, so intakes do not wait for each other; `compact` joins them."""

    source = models.ForeignKey(Source, models.CASCADE)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    says = models.CharField(max_length=300, blank=True)
    example = models.CharField(max_length=200, blank=True)
    count = models.PositiveBigIntegerField()
    first_at = MomentField()
    last_at = MomentField()

    class Meta:
        indexes = (models.Index(fields=["kind", "source", "name"], name="sighting_by_kind"),)


class PropertySlot(models.Model):
    """That a slot of every touchpoint holds a property; see `slots`.

    edition    since which it does
    filled_to  up to which touchpoint of those before it has been filled; None: all are
    """

    number = models.PositiveSmallIntegerField(primary_key=True)
    property = models.TextField(unique=True)
    edition = models.PositiveIntegerField()
    filled_to = models.BigIntegerField(null=True)
    fill_until = models.BigIntegerField()

    def __str__(self) -> str:
        return f"slot {self.number}: {self.property}"
