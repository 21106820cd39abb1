"""The tables of rules and scores."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from firstcall.moments import MomentField
from firstcall.records.models import Module, Record


class StoredRule(models.Model):
    """A scoring rule of a module. What it says is in its versions; `active` is the one that scores, if any."""

    module = models.ForeignKey(Module, models.PROTECT)
    name = models.CharField(max_length=200)
    active = models.ForeignKey("RuleVersion", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["module", "name"], name="rule_name"),)

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """What a rule said from one edit to the next; never changed."""

    rule = models.ForeignKey(StoredRule, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()  # YAML or JSON, as it was written
    created_at = MomentField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number"),)

    def __str__(self) -> str:
        return f"{self.rule}, version {self.number}"


class Activation(models.Model):
    """That a version began to score; with none, that the rule stopped. Says by which version a past score was."""

    rule = models.ForeignKey(StoredRule, models.CASCADE, related_name="activations")
    version = models.ForeignKey(RuleVersion, models.CASCADE, null=True)
    at = MomentField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        indexes = (models.Index(fields=["rule", "at"], name="activation_by_rule"),)


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
    """A record's score by a rule's active version, right from `as_of` until `next_change_at`."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="scores")
    rule = models.ForeignKey(StoredRule, models.CASCADE, db_index=False)
    version = models.ForeignKey(RuleVersion, models.CASCADE, db_index=False)
    as_of = MomentField()
    next_change_at = MomentField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["record", "rule"], name="score_of_record"),)
        indexes = (
            models.Index(
                fields=["next_change_at"], name="score_due", condition=models.Q(next_change_at__isnull=False)
            ),
        )


class ScoreChange(models.Model):
    """That a score went from one total and grade to others, and why. All that reacts to scores follows these rows.

    Null stands for no score: before the first one, and after the rule stopped applying.
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="score_changes")
    rule = models.ForeignKey(StoredRule, models.CASCADE)
    version = models.ForeignKey(RuleVersion, models.CASCADE, db_index=False)
    at = MomentField()
    cause = models.CharField(max_length=20)
    old_total = models.DecimalField(max_digits=38, decimal_places=0, null=True)
    new_total = models.DecimalField(max_digits=38, decimal_places=0, null=True)
    old_grade = models.TextField(null=True)
    new_grade = models.TextField(null=True)

    class Meta:
        indexes = (models.Index(fields=["record", "at"], name="score_change_by_record"),)
