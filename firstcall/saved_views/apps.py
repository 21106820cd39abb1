"""How Django calls this package."""

from django.apps import AppConfig


class SavedViewsConfig(AppConfig):
    name = "firstcall.saved_views"
    label = "saved_views"
