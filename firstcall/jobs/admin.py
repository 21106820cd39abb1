"""Jobs on Django's administration pages."""

from __future__ import annotations

from django.contrib import admin

from firstcall.jobs.models import Job


@admin.register(Job)
class JobPage(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        "id",
        "kind",
        "status",
        "done",
        "total",
        "message",
        "created_at",
        "started_at",
        "ended_at",
    )
    list_filter = ("status", "kind")
    ordering = ("-id",)
    readonly_fields = tuple(field.name for field in Job._meta.fields)

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False

    has_delete_permission = has_add_permission
