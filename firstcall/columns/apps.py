"""How Django calls this package."""

from django.apps import AppConfig


class ColumnsConfig(AppConfig):
    name = "firstcall.columns"
    label = "columns"
