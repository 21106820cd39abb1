"""Rules, their versions and scores on Django's administration pages; rules are written and switched through the API."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from firstcall.access.pages import Seen
from firstcall.scorekeeping.models import RuleVersion, ScoreChange, StoredRule, StoredScore


class VersionsOfRule(admin.StackedInline):  # type: ignore[type-arg]
    model = RuleVersion
    fields = ("number", "text", "created_at", "created_by")
    ordering = ("-number",)
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: StoredRule | None = None) -> bool:
        return False

    has_add_permission = has_change_permission


@admin.register(StoredRule)
class RulePage(Seen):
    list_display = ("name", "module", "active", "set_aside_why")
    list_filter = ("module",)
    list_select_related = ("module", "active__rule")
    search_fields = ("name",)
    fields = ("name", "module", "active", "set_aside_at", "set_aside_why")
    inlines = (VersionsOfRule,)


def _points(hundredths: object) -> str:
    return f"{int(str(hundredths)) / 100:g}"


@admin.register(StoredScore)
class ScorePage(Seen):
    """The highest first."""

    list_display = ("record_id", "rule", "shown_total", "grade", "as_of", "next_change_at")
    list_filter = ("rule",)
    list_select_related = ("rule",)
    ordering = ("-total", "record_id")

    @admin.display(description="Total", ordering="total")
    def shown_total(self, score: StoredScore) -> str:
        return _points(score.total)


@admin.register(ScoreChange)
class ScoreChangePage(Seen):
    list_display = ("record_id", "rule", "at", "cause", "before", "after", "old_grade", "new_grade")
    list_filter = ("rule", "cause")
    list_select_related = ("rule",)
    ordering = ("-id",)

    @admin.display(description="Before")
    def before(self, change: ScoreChange) -> str:
        return "" if change.old_total is None else _points(change.old_total)

    @admin.display(description="After")
    def after(self, change: ScoreChange) -> str:
        return "" if change.new_total is None else _points(change.new_total)
