"""The tables of views that people keep, and of the one that each begins with."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from firstcall.moments import MomentField
from firstcall.records.models import Module


class Sharing(models.TextChoices):
    """Who sees a view beside its owner: nobody, who is in the owner's team, everyone who may look into the module."""

    PRIVATE = "private"
    TEAM = "team"
    EVERYONE = "everyone"


class SavedView(models.Model):
    """
    query    what the list is asked, by the names of its parameters: each a list of texts
    version  how often it was written
    changed_by  who wrote it last; none: who has been forgotten
    """

    module = models.ForeignKey(Module, models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    query = models.JSONField(default=dict)
    shared = models.CharField(max_length=10, choices=Sharing, default=Sharing.PRIVATE)
    version = models.PositiveIntegerField(default=1)
    created_at = MomentField()
    changed_at = MomentField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["owner", "module", "name"], name="view_name"),)

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """The view that a person's list of a module begins with."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    module = models.ForeignKey(Module, models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "module"], name="one_default_view"),)
