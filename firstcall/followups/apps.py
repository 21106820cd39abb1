"""How Django calls this package."""

from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "firstcall.followups"
    label = "followups"
