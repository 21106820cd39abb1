"""How Django calls this package."""

from django.apps import AppConfig


class TouchpointsConfig(AppConfig):
    name = "firstcall.touchpoints"
    label = "touchpoints"
