"""The tables of records. A record's values lie in one JSON object, as `kinds` says; who changed what is kept."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from firstcall.moments import MomentField
from firstcall.records.importing.models import ImportRun, ImportStep, KeptMapping
from firstcall.records.kinds import FieldKind
from firstcall.records.labels import field_label, module_label

__all__ = [
    "Claim",
    "DirtyRecord",
    "Field",
    "FieldChange",
    "ImportRun",
    "ImportStep",
    "KeptMapping",
    "Layout",
    "LayoutField",
    "MadeWith",
    "Module",
    "Record",
    "RecordKey",
    "RecordLink",
    "Turn",
    "WrittenBy",
    "api_name",
]

api_name = RegexValidator(r"\A[a-z][a-z0-9_]{0,62}\Z", "Write small letters, digits and _, a letter first.")


class Module(models.Model):
    """A kind of record. People modules can have touchpoints.

    title  the fields whose values together are what a record is called: first name and last name
    """

    name = models.CharField(max_length=63, unique=True, validators=[api_name])
    label = models.CharField(max_length=100)
    is_people = models.BooleanField(default=False)
    is_standard = models.BooleanField(default=False)  # comes with the product, and stays
    title = ArrayField(models.CharField(max_length=63), default=list)

    def __str__(self) -> str:
        return self.name

    @property
    def called(self) -> str:
        """Its label as its reader says it."""
        return module_label(self.name, self.label)


class WrittenBy(models.TextChoices):
    """Who sets a field's values."""

    ANYONE = "anyone"
    RULE = "rule"  # a scoring rule alone: a score field


class Field(models.Model):
    """A typed, named property of a module's records.

    choices         of picklists and multi-selects, in order
    is_unique       no two records of the module have the same value
    is_external_id  the record's name in another system: unique, and what upserts and touchpoints find it by
    default         what a new record gets where nothing is said, as a record holds it
    target          of look-ups: the module whose records are meant
    currency        of amounts: ISO 4217, if it matters
    """

    module = models.ForeignKey(Module, models.CASCADE, related_name="fields")
    name = models.CharField(max_length=63, validators=[api_name])
    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in FieldKind])
    choices = models.JSONField(default=list)
    is_required = models.BooleanField(default=False)
    is_unique = models.BooleanField(default=False)
    is_external_id = models.BooleanField(default=False)
    is_standard = models.BooleanField(default=False)
    default = models.JSONField(null=True)
    target = models.ForeignKey(Module, models.PROTECT, null=True, related_name="looked_up_by")
    currency = models.CharField(max_length=3, blank=True)
    written_by = models.CharField(max_length=10, choices=WrittenBy, default=WrittenBy.ANYONE)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["module", "name"], name="field_name"),)

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def called(self) -> str:
        """Its label as its reader says it."""
        return field_label(self.name, self.label)


class Layout(models.Model):
    """A variant of a module with its own fields.

    is_default  what a new record gets where nothing is said; one a module
    is_whole    has every field of the module, those to come too
    """

    module = models.ForeignKey(Module, models.CASCADE, related_name="layouts")
    name = models.CharField(max_length=63, validators=[api_name])
    label = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)
    is_whole = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["module", "name"], name="layout_name"),
            models.UniqueConstraint(
                fields=["module"], condition=Q(is_default=True), name="one_default_layout"
            ),
        )

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class LayoutField(models.Model):
    """That a layout has a field, and what it asks of it otherwise than the field itself; null is as the field says."""

    layout = models.ForeignKey(Layout, models.CASCADE, related_name="entries")
    field = models.ForeignKey(Field, models.CASCADE, related_name="layout_entries")
    position = models.PositiveIntegerField(default=0)
    is_required = models.BooleanField(null=True)
    choices = models.JSONField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["layout", "field"], name="layout_field"),)


class Record(models.Model):
    """One lead, contact, account, deal …; `values` holds the fields that have one.

    layout      none: of a module that has no layouts, so all fields are there
    tags        in small letters, each once
    version     how often it was written; who changes what he read says which it was
    deleted_at  in the trash since; nothing finds it but the trash
    """

    module = models.ForeignKey(Module, models.PROTECT, db_index=False)
    layout = models.ForeignKey(Layout, models.PROTECT, null=True, db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False)
    tags = ArrayField(models.CharField(max_length=100), default=list)
    values = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = MomentField()
    updated_at = MomentField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    deleted_at = MomentField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["module", "id"], name="record_by_module"),
            models.Index(fields=["owner", "module", "id"], name="record_by_owner"),
            GinIndex(fields=["tags"], name="record_by_tag", condition=~Q(tags=[])),
            models.Index(
                fields=["deleted_at"], name="record_in_trash", condition=Q(deleted_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.module_id}/{self.pk}"


class RecordKey(models.Model):
    """A value by which a record is found, made alike; `keys` keeps the rows in step with the values.

    kind   `keys.KeyKind`
    field  the id of the field that has the value; 0 where it is none alone
    """

    pk = models.CompositePrimaryKey("record_id", "kind", "field", "value")
    record = models.ForeignKey(Record, models.CASCADE, related_name="keys", db_index=False)
    module = models.ForeignKey(Module, models.DO_NOTHING, db_index=False, db_constraint=False)
    kind = models.CharField(max_length=20)
    field = models.BigIntegerField()
    value = models.CharField(max_length=400, db_collation="C")
    is_unique = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["field", "value"], condition=Q(is_unique=True), name="unique_key"
            ),
        )
        indexes = (
            models.Index(fields=["kind", "value"], include=["module", "record"], name="record_by_key"),
        )


class RecordLink(models.Model):
    """That a record's look-up field holds another record; kept in step with the values, to be read from the far end."""

    pk = models.CompositePrimaryKey("record_id", "field_id")
    record = models.ForeignKey(Record, models.CASCADE, related_name="links", db_index=False)
    field = models.ForeignKey(Field, models.DO_NOTHING, db_index=False, db_constraint=False)
    target = models.ForeignKey(
        Record, models.DO_NOTHING, related_name="linked_by", db_index=False, db_constraint=False
    )

    class Meta:
        indexes = (models.Index(fields=["target", "field", "record"], name="link_by_target"),)


class Claim(models.Model):
    """A value that a writer holds until its transaction ends: of two who would give it to a record, one waits.

    A row is added and taken away in one transaction, so nobody ever sees one.
    """

    pk = models.CompositePrimaryKey("scope", "value")
    scope = models.CharField(max_length=100, db_collation="C")
    value = models.CharField(max_length=400, db_collation="C")


class MadeWith(models.Model):
    """A setting as it was when rows were made that depend on it; where it differs by now, they are made again."""

    name = models.CharField(max_length=63, primary_key=True)
    value = models.TextField()


class FieldChange(models.Model):
    """That a field went from one value to another; null is no value.

    field  its name, or one of those that every record has: owner (a user's id), layout (its name), tags,
           deleted_at (microseconds)
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="changes", db_index=False)
    field = models.CharField(max_length=63)
    at = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)

    class Meta:
        indexes = (models.Index(fields=["record", "at"], name="field_change_by_record"),)


class Turn(models.IntegerChoices):
    """What is scored before what."""

    FRESH = 0  # somebody did something
    TIME = 1
    BULK = 2  # a work on many records


class DirtyRecord(models.Model):
    """That a record's scores may no longer be right. Rows are only added and taken away, never changed: so whoever
    adds one waits for nobody, and whoever takes it sees all that was written together with it.

    types  where all that happened is that touchpoints of these types came, or with none that time went on: what reads
           no others need not be scored again. Null: anything may have happened
    is_spread  it came of what happened to a related record, and goes no further
    """

    record_id = models.BigIntegerField()
    cause = models.CharField(max_length=20)
    since = MomentField()
    turn = models.PositiveSmallIntegerField(choices=Turn, db_default=Turn.FRESH)
    types = ArrayField(models.TextField(), null=True)
    is_spread = models.BooleanField(db_default=False)

    class Meta:
        indexes = (
            models.Index(fields=["record_id"], name="dirty_by_record"),
            models.Index(fields=["turn", "id"], name="dirty_by_turn"),
        )
