"""How Django calls this package."""

from django.apps import AppConfig


class ScorekeepingConfig(AppConfig):
    name = "firstcall.scorekeeping"
    label = "scorekeeping"

    def ready(self) -> None:
        # Says which rules use a field, how SQL reads score fields, and what filters may ask of scores.
        from firstcall.scorekeeping import field_users, score_conditions, score_fields  # noqa: F401
