"""The tables of rules and scores."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BigIntegerField, F, Func, TextField
from django.db.models.functions import Cast

from firstcall.jobs.models import Job
from firstcall.moments import MomentField
from firstcall.records.models import Field, Module, Record

_THIS_TRANSACTION = Cast(Cast(Func(function="pg_current_xact_id"), TextField()), BigIntegerField())


class StoredRule(models.Model):
    """A scoring rule of a module. What it says is in its versions.

    name          as the newest version has it
    active        the version that scores, if any; `activation` is how it came to
    set_aside_at  since when it does not score because it could not be computed; `set_aside_why` says the reason
    """

    module = models.ForeignKey(Module, models.PROTECT)
    name = models.CharField(max_length=200)
    active = models.ForeignKey("RuleVersion", models.PROTECT, null=True, related_name="+")
    activation = models.ForeignKey("Activation", models.SET_NULL, null=True, related_name="+")
    created_at = MomentField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    set_aside_at = MomentField(null=True)
    set_aside_why = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["module", "name"], name="rule_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def newest(self) -> RuleVersion:
        return self.versions.order_by("number").last()  # type: ignore[return-value]  # a rule is made with one


class RuleVersion(models.Model):
    """What a rule said from one edit to the next; never changed.

    text     YAML or JSON, as it was written
    layouts  the layouts that its `applies_to` asks for; empty: all of the module's
    """

    rule = models.ForeignKey(StoredRule, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    layouts = ArrayField(models.TextField(), default=list)
    created_at = MomentField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number"),)

    def __str__(self) -> str:
        return f"{self.rule}, version {self.number}"


class Reach(models.TextChoices):
    """Which of the records that are there already a version scores as soon as it is switched on."""

    ALL = "all"
    CHANGED = "changed"  # those created, or changed in their fields, since a moment
    NEW = "new"  # none


class Activation(models.Model):
    """That a version began to score; with none, that the rule stopped. Says by which version a past score was.

    A record that was there before is scored by the version once it is *taken over*: by the sweep (`Sweep`), or when it
    is itself changed or touched (`TakenOver`); until then by the version before. `assigning` says it exactly.

    changed_since  of Reach.CHANGED
    complete_at    since when it scores every record; null while some are not taken over
    job            sweeps the records that are there
    why            of a stop that nobody asked for: the reason
    """

    rule = models.ForeignKey(StoredRule, models.CASCADE, related_name="activations")
    version = models.ForeignKey(RuleVersion, models.CASCADE, null=True)
    at = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    reach = models.CharField(max_length=10, choices=Reach, default=Reach.ALL)
    changed_since = MomentField(null=True)
    complete_at = MomentField(null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True)
    why = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=["rule", "at"], name="activation_by_rule"),)


class Sweep(models.Model):
    """That an activation took over all records with ids above `after` up to `up_to`, at one moment. The ranges of an
    activation do not overlap."""

    activation = models.ForeignKey(Activation, models.CASCADE, related_name="sweeps")
    after = models.BigIntegerField()
    up_to = models.BigIntegerField()
    at = MomentField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["activation", "after"], name="sweep_after"),)


class TakenOver(models.Model):
    """That an activation took over one record, outside of a sweep."""

    pk = models.CompositePrimaryKey("activation_id", "record_id")
    activation = models.ForeignKey(Activation, models.CASCADE)
    record = models.ForeignKey(Record, models.CASCADE)
    at = MomentField()


class PlannedActivation(models.Model):
    """That a version is to begin to score at a moment to come; the keeper sees to it.

    ended_at   when it was done, cancelled or found impossible; null while it waits
    cancelled_by, failed  how it ended, if it was not done
    """

    rule = models.ForeignKey(StoredRule, models.CASCADE, related_name="planned")
    version = models.ForeignKey(RuleVersion, models.CASCADE)
    at = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = MomentField()
    reach = models.CharField(max_length=10, choices=Reach, default=Reach.ALL)
    changed_since = MomentField(null=True)
    tells = models.BooleanField(default=False)
    ended_at = MomentField(null=True)
    is_cancelled = models.BooleanField(default=False)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    failed = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["rule"], condition=models.Q(ended_at__isnull=True), name="one_plan_a_rule"
            ),
        )
        indexes = (models.Index(fields=["at"], name="plan_due", condition=models.Q(ended_at__isnull=True)),)


class Figures(models.Model):
    """What a score consists of; points are whole hundredths."""

    positive = models.DecimalField(max_digits=38, decimal_places=0)
    negative = models.DecimalField(max_digits=38, decimal_places=0)
    touchpoint_positive = models.DecimalField(max_digits=38, decimal_places=0)
    touchpoint_negative = models.DecimalField(max_digits=38, decimal_places=0)
    touchpoint_total = models.DecimalField(max_digits=38, decimal_places=0)
    total = models.DecimalField(max_digits=38, decimal_places=0)
    grade = models.TextField(null=True)

    class Meta:
        abstract = True


class StoredScore(Figures):
    """A record's score by a rule's active version, right from `as_of` until `next_change_at`.

    wake_at        when the clock looks at it: no later than `next_change_at`. Mostly earlier, as each touchpoint moves
                   `next_change_at` away, and writing that alone touches no index
    points, nexts  of each criterion: what it came to and when it may next change, so that only what can have changed
                   is scored again; null where they do not fit. Good for those who go by the same `basis` alone

    The database does not look for the record and the rule of each row, which would take a fifth of storing a score: who
    stores one holds the locks of both (`locks`), and who deletes either takes them first.
    """

    record = models.ForeignKey(
        Record, models.CASCADE, related_name="scores", db_index=False, db_constraint=False
    )
    rule = models.ForeignKey(StoredRule, models.CASCADE, db_index=False, db_constraint=False)
    version = models.ForeignKey(RuleVersion, models.DO_NOTHING, db_index=False, db_constraint=False)
    as_of = MomentField()
    next_change_at = MomentField(null=True)
    wake_at = MomentField(null=True)
    points = ArrayField(models.BigIntegerField(), null=True)
    nexts = ArrayField(models.BigIntegerField(null=True), null=True)
    basis = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["record", "rule"], name="score_of_record"),)
        indexes = (
            models.Index(fields=["wake_at"], name="score_due", condition=models.Q(wake_at__isnull=False)),
            # Whom to call first: decision 019.
            models.Index("rule", F("total").desc(), "record", name="score_by_rank"),
        )


class Waiting(models.Model):
    """That a rule does not apply to a record as of now, and when time alone may bring the record in."""

    pk = models.CompositePrimaryKey("rule_id", "record_id")
    rule = models.ForeignKey(StoredRule, models.CASCADE, db_index=False)
    record = models.ForeignKey(Record, models.CASCADE)
    next_change_at = MomentField()

    class Meta:
        indexes = (models.Index(fields=["next_change_at"], name="waiting_due"),)


class ScoreField(models.Model):
    """That a figure of a rule's scores, or the grade, is read as a field of the record."""

    rule = models.ForeignKey(StoredRule, models.CASCADE, related_name="score_fields")
    figure = models.CharField(max_length=20)
    field = models.OneToOneField(Field, models.CASCADE)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["rule", "figure"], name="score_field_figure"),)


class ScoreChange(models.Model):
    """That a score went from one total and grade to others, and why. All that reacts to scores follows these rows.

    Null stands for no score: before the first one, and after the rule stopped applying.

    cause    the strongest of the reasons to score again: `keeper.STRENGTH`
    is_bulk  it came of a work on many records, which nobody asked to be told of
    transaction  the number of the one that wrote it: `following` reads in the order of these

    That its record and rule are there is held by locks, as with scores.
    """

    record = models.ForeignKey(
        Record, models.CASCADE, related_name="score_changes", db_index=False, db_constraint=False
    )
    rule = models.ForeignKey(StoredRule, models.CASCADE, db_index=False, db_constraint=False)
    version = models.ForeignKey(RuleVersion, models.DO_NOTHING, db_index=False, db_constraint=False)
    at = MomentField()
    cause = models.CharField(max_length=20)
    is_bulk = models.BooleanField(default=False)
    transaction = models.BigIntegerField(db_default=_THIS_TRANSACTION)
    old_total = models.DecimalField(max_digits=38, decimal_places=0, null=True)
    new_total = models.DecimalField(max_digits=38, decimal_places=0, null=True)
    old_grade = models.TextField(null=True)
    new_grade = models.TextField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["record", "at"], name="score_change_by_record"),
            # For what has moved lately.
            models.Index(fields=["rule", "at"], name="score_change_by_rule"),
            models.Index(fields=["transaction", "id"], name="score_change_in_order"),
        )
