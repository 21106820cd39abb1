"""How Django calls this package."""

from django.apps import AppConfig


class CountsConfig(AppConfig):
    name = "firstcall.counts"
    label = "counts"
