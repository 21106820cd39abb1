"""How Django calls this package."""

from django.apps import AppConfig


class ScorekeepingConfig(AppConfig):
    name = "firstcall.scorekeeping"
    label = "scorekeeping"

    def ready(self) -> None:
        # Says which rules use a field, and how SQL reads score fields.
        from firstcall.scorekeeping import field_users, score_fields  # noqa: F401
