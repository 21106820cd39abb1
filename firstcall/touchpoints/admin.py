"""Sources with their write keys, and touchpoints, on Django's administration pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from firstcall.access.pages import Seen
from firstcall.moments import now
from firstcall.records.models import Module
from firstcall.touchpoints.models import Source, Touchpoint, WriteKey
from firstcall.touchpoints.sources import issue_key, revoke_key


class KeysOfSource(admin.TabularInline):  # type: ignore[type-arg]
    model = WriteKey
    fields = ("key", "created_at", "revoked_at")
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False

    has_add_permission = has_change_permission


@admin.register(Source)
class SourcePage(admin.ModelAdmin):  # type: ignore[type-arg]
    """Where touchpoints come from. A new one gets its write key when it is saved."""

    list_display = ("name", "kind", "module", "is_active", "created_at")
    list_filter = ("kind", "is_active")
    list_select_related = ("module",)
    search_fields = ("name",)
    fields = ("name", "kind", "module", "namespace", "mapping", "is_active")
    inlines = (KeysOfSource,)
    actions = ("change_key",)

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False  # its touchpoints are kept; it can be made inactive

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **how: Any) -> Any:
        form = super().get_form(request, obj, change, **how)
        for name in ("module", "mapping"):
            form.base_fields[name].required = False
        return form

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        if db_field.name == "module":
            how["queryset"] = Module.objects.filter(is_people=True)
        return super().formfield_for_foreignkey(db_field, request, **how)

    def save_model(self, request: HttpRequest, obj: Source, form: ModelForm[Source], change: bool) -> None:
        obj.mapping = obj.mapping or {}
        if change:
            obj.save()
            return
        obj.created_at = now()
        obj.save()
        issue_key(obj, at=obj.created_at)

    @admin.action(description="Give a new write key, and end the others", permissions=["change"])
    def change_key(self, request: HttpRequest, chosen: QuerySet[Source]) -> None:
        at = now()
        for source in chosen:
            former = list(source.write_keys.filter(revoked_at=None))
            issue_key(source, at=at)
            for key in former:
                revoke_key(key, at=at)


@admin.register(Touchpoint)
class TouchpointPage(Seen):
    list_display = ("id", "type", "record_id", "occurred_at", "received_at", "source", "revoked_at")
    list_filter = ("source",)
    list_select_related = ("source",)
    ordering = ("-id",)
    fields = (
        "source",
        "message_id",
        "type",
        "record_id",
        "occurred_at",
        "received_at",
        "properties",
        "revoked_at",
    )
