"""How Django calls this package."""

from django.apps import AppConfig


class TouchpointsConfig(AppConfig):
    name = "firstcall.touchpoints"
    label = "touchpoints"

    def ready(self) -> None:
        # Says what filters may ask of touchpoints.
        from firstcall.touchpoints import filtering  # noqa: F401
