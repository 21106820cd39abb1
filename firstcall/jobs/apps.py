"""How Django calls this package."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "firstcall.jobs"
    label = "jobs"

    def ready(self) -> None:
        from firstcall.jobs import queue  # noqa: F401  the worker's tasks are known where Django is
