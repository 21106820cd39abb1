"""One's own account: name, language and time zone; API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.access.models import Token, User
from firstcall.access.people import change_own
from firstcall.access.scopes import Scope
from firstcall.access.tokens import NameTakenError, issue_token, revoke_token
from firstcall.moments import now
from firstcall.web.frame import Known, page
from firstcall.web.localizing import known_zones

EXPIRES = (
    ("30", gettext_lazy("in 30 days")),
    ("90", gettext_lazy("in 90 days")),
    ("365", gettext_lazy("in a year")),
    ("", gettext_lazy("never")),
)


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=200, required=False)
    time_zone = forms.ChoiceField(required=False)
    language = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in known_zones() if "/" in zone and not zone.startswith("Etc/"))
        browser = gettext("as the browser says")
        for name, known in (
            ("time_zone", [(zone, zone.replace("_", " ")) for zone in ("UTC", *zones)]),
            ("language", [(code, gettext(says)) for code, says in settings.LANGUAGES]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = [("", browser), *known]


class TokenForm(forms.Form):
    name = forms.CharField(max_length=100)
    expires = forms.ChoiceField(choices=EXPIRES, required=False, initial="90")
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101
        field.choices = [(scope.value, scope.value) for scope in Scope if user.may(scope)]


@page
def profile(request: Known) -> HttpResponse:
    user = request.user
    initial = {name: getattr(user, name) for name in ("name", "time_zone", "language")}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_own(user, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return redirect("profile")
    status = 422 if request.method == "POST" else 200
    return render(request, "signing/profile.html", {"form": form}, status=status)


@page
def tokens(request: Known) -> HttpResponse:
    """A new one's secret stands in the answer, this once."""
    at = now()
    form = TokenForm(request.user, request.POST or None)
    told: dict[str, Any] = {}
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        expires = at + timedelta(days=int(given["expires"])) if given["expires"] else None
        scopes = [Scope(scope) for scope in given["scopes"]]
        try:
            made, secret = issue_token(request.user, given["name"], scopes, at=at, expires_at=expires)
        except NameTakenError as error:
            form.add_error("name", str(error))
        else:
            told, form, status = {"made": made, "secret": secret}, TokenForm(request.user), 200
    rows = list(Token.objects.filter(user=request.user).order_by("-pk"))
    for row in rows:
        row.is_over = row.expires_at is not None and row.expires_at <= at  # type: ignore[attr-defined]
    answer = render(request, "signing/tokens.html", {**told, "form": form, "tokens": rows}, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@page
@require_POST
def token_revoke(request: Known, id: int) -> HttpResponse:
    token = Token.objects.filter(user=request.user, pk=id).first()
    if token is None:
        raise Http404
    revoke_token(token, at=now())
    messages.success(request, gettext("Revoked."))
    return redirect("own-tokens")
