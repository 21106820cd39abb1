"""Modules, their fields and records on Django's administration pages; they are written through the API."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from firstcall.access.pages import Seen
from firstcall.records.keys import KeyKind, normalise
from firstcall.records.models import Field, Module, Record, RecordKey


class FieldsOfModule(admin.TabularInline):  # type: ignore[type-arg]
    model = Field
    fk_name = "module"
    fields = ("name", "label", "kind", "is_required", "choices", "target")
    ordering = ("position", "pk")
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Module | None = None) -> bool:
        return False

    has_add_permission = has_change_permission


@admin.register(Module)
class ModulePage(Seen):
    list_display = ("label", "name", "is_people", "is_standard")
    fields = ("label", "name", "is_people", "title")
    inlines = (FieldsOfModule,)


@admin.register(Record)
class RecordPage(Seen):
    list_display = ("called", "id", "module", "owner", "updated_at")
    list_display_links = ("called",)
    list_filter = ("module", "owner")
    list_select_related = ("module", "owner")
    search_fields = ("id",)
    search_help_text = "By name, e-mail address, phone number or id."
    ordering = ("-id",)
    fields = ("module", "owner", "tags", "values", "created_at", "updated_at", "deleted_at")

    @admin.display(description="Record")
    def called(self, record: Record) -> str:
        parts = [str(record.values[name]) for name in record.module.title if record.values.get(name)]
        return " ".join(parts) or f"{record.module} {record.pk}"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Record], search_term: str
    ) -> tuple[QuerySet[Record], bool]:
        """By the keys that records are found by: an index, where a look into every record's values would be none."""
        term = search_term.strip().replace("\0", "")
        if not term:
            return queryset, False
        keys = RecordKey.objects.none()
        for kind in (KeyKind.EMAIL, KeyKind.PHONE, KeyKind.EXTERNAL_ID):
            if value := normalise(kind, term):
                keys |= RecordKey.objects.filter(kind=kind, value=value)
        if name := normalise(KeyKind.NAME, term):
            keys |= RecordKey.objects.filter(kind=KeyKind.NAME, value__startswith=name)
        found = queryset.filter(pk__in=keys.values("record_id"))
        if term.isascii() and term.isdecimal() and len(term) < 19:
            found |= queryset.filter(pk=int(term))
        return found, False
