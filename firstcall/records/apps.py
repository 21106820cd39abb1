"""How Django calls this package."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "firstcall.records"
    label = "records"
