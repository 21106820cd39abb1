"""How Django calls this package."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "firstcall.insights"
    label = "insights"
