"""What the administration pages of all floors share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class Seen(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows and changes none: what is shown is written elsewhere, with checks that a form here would go around."""

    show_full_result_count = False  # a count of ten million rows takes seconds
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
