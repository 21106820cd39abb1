"""How Django calls this package."""

from django.apps import AppConfig


class ScorekeepingConfig(AppConfig):
    name = "firstcall.scorekeeping"
    label = "scorekeeping"

    def ready(self) -> None:
        from firstcall.scorekeeping import field_users  # noqa: F401  says which rules use a field
