"""Users, their rights and tokens on Django's administration pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from firstcall.access.models import Token, User
from firstcall.access.signing_in import TooManyFailedError, check_password
from firstcall.access.tokens import revoke_token
from firstcall.moments import now

# The rights that mean something; Django's own, one a table and verb, are for its pages alone.
_RIGHTS = ("manage_scoring", "manage_modules", "manage_access")


class SignInForm(AdminAuthenticationForm):
    """As signing in by the API: guessing is made slow, and what failed at either door counts at both."""

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password and self.request is not None:
            try:
                self.user_cache = check_password(self.request, email, password, at=now())
            except TooManyFailedError:
                says = "Too many wrong passwords. Wait a quarter of an hour before the next."
                raise forms.ValidationError(says, code="too-many-failed") from None
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


admin.site.login_form = SignInForm


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "name")
        field_classes = {"email": forms.EmailField}  # noqa: RUF012


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = "__all__"
        field_classes = {"email": forms.EmailField}  # noqa: RUF012


@admin.register(User)
class UserPage(UserAdmin):  # type: ignore[type-arg]
    form = UserForm
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "last_login")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)
    readonly_fields = ("last_login",)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody may: who owned what, and who changed it, stays known. Who has left is not active any more."""
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **_only_rights(db_field.name, how))


admin.site.unregister(Group)


@admin.register(Group)
class GroupPage(admin.ModelAdmin):  # type: ignore[type-arg]
    """What several users may do together."""

    search_fields = ("name",)
    filter_horizontal = ("permissions",)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **_only_rights(db_field.name, how))


def _only_rights(field: str, how: dict[str, Any]) -> dict[str, Any]:
    if field in ("permissions", "user_permissions"):
        how["queryset"] = Permission.objects.filter(codename__in=_RIGHTS, content_type__app_label="access")
    return how


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
