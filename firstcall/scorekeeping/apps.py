"""How Django calls this package."""

from django.apps import AppConfig


class ScorekeepingConfig(AppConfig):
    name = "firstcall.scorekeeping"
    label = "scorekeeping"
