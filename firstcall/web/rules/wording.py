"""What the figures of a score are called."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

FIGURES: Mapping[str, str | Promise] = {
    "positive": gettext_lazy("Who they are: for"),
    "negative": gettext_lazy("Who they are: against"),
    "touchpoint_positive": gettext_lazy("What they do: for"),
    "touchpoint_negative": gettext_lazy("What they do: against"),
    "touchpoint_total": gettext_lazy("What they do: together"),
    "total": gettext_lazy("Total"),
    "grade": gettext_lazy("Grade"),
}
