"""How Django calls this package."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "firstcall.access"
    label = "access"
