"""Users, their rights and tokens on Django's administration pages."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from firstcall.access.models import Token, User
from firstcall.access.pages import Seen
from firstcall.access.tokens import revoke_token
from firstcall.moments import now


@admin.register(User)
class UserPage(Seen):
    """Users are made and changed through the API, which keeps in the audit log what was done."""

    ordering = ("email",)
    list_display = ("email", "name", "is_active", "profile", "team", "last_login")
    list_select_related = ("profile", "team")
    list_filter = ("is_active", "profile", "team")
    search_fields = ("email", "name")
    fields = list_display


admin.site.unregister(Group)


@admin.register(Token)
class TokenPage(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tokens are made through the API by those who use them; here they are seen and taken back."""

    list_display = ("name", "user", "start", "created_at", "expires_at", "used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__email")
    fields = ("name", "user", "start", "scopes", "created_at", "expires_at", "used_at", "revoked_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return False

    @admin.action(description="Revoke", permissions=["delete"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        for token in chosen:
            revoke_token(token, at=now())
