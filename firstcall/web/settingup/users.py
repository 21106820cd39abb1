"""Users on pages: invited, changed, let in and kept out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.access.errors import ChangedMeanwhileError
from firstcall.access.models import Profile, Team, Token, User
from firstcall.access.people import add_user, change_user, end_sessions, reset_password
from firstcall.access.profiles import Standard
from firstcall.access.second_factor import has_second_factor, remove_second_factor
from firstcall.access.tokens import revoke_token
from firstcall.moments import now
from firstcall.web.frame import Known
from firstcall.web.settingup.refusing import REFUSALS, kept_version, read_version, tell
from firstcall.web.settingup.sections import section, show

PATH = "set-up-users"


class UserForm(forms.Form):
    email = forms.EmailField(max_length=254)
    name = forms.CharField(max_length=200, required=False)
    profile = forms.ModelChoiceField(Profile.objects.order_by("pk"), empty_label=None)
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), required=False, empty_label=gettext_lazy("none")
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).casefold()


class NewUserForm(UserForm):
    password = forms.CharField(
        max_length=1_000,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ChangedUserForm(UserForm):
    is_active = forms.BooleanField(required=False)


@section(PATH)
def user_list(request: Known) -> HttpResponse:
    """All, by name; those that are not active only where they are asked for."""
    asked = request.GET.get("q", "").strip()[:100]
    state = request.GET.get("state", "active")
    users = User.objects.select_related("profile", "team").order_by("-is_active", "name", "email")
    if state != "all":
        users = users.filter(is_active=True)
    if asked:
        users = users.filter(Q(name__icontains=asked) | Q(email__icontains=asked))
    told = {"users": users[:500], "asked": asked, "state": state}
    return show(request, "settingup/user_list.html", told)


@section(PATH)
def user_new(request: Known) -> HttpResponse:
    """The password, where none is given, is made up and told in the answer, this once."""
    initial = {"profile": Profile.objects.standard(Standard.REPRESENTATIVE)}
    form = NewUserForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user, password = add_user(
                    form.cleaned_data["email"],
                    name=form.cleaned_data["name"],
                    profile=form.cleaned_data["profile"],
                    team=form.cleaned_data["team"],
                    password=form.cleaned_data["password"] or None,
                    doer=request.viewer,
                )
            except REFUSALS as error:
                tell(form, error)
            else:
                return _told_password(
                    request, user, "" if form.cleaned_data["password"] else password, is_new=True
                )
    return show(request, "settingup/user_new.html", {"form": form}, status=status)


@section(PATH)
def user_detail(request: Known, id: int) -> HttpResponse:
    user = _user(id)
    if request.method != "POST":
        return _detail(request, user, ChangedUserForm(initial=_initial(user)), user.version)
    form = ChangedUserForm(request.POST)
    newer: ChangedMeanwhileError | None = None
    if form.is_valid():
        said: dict[str, Any] = dict(form.cleaned_data)
        version = read_version(request.POST.get("version", ""))
        try:
            change_user(user, said, at=now(), doer=request.viewer, version=version)
        except REFUSALS as error:
            newer = tell(form, error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("set-up-user", id)
    return _detail(request, user, form, kept_version(request, _user(id).version, newer), newer, 422)


def _detail(
    request: Known,
    user: User,
    form: ChangedUserForm,
    version: object,
    newer: ChangedMeanwhileError | None = None,
    status: int = 200,
) -> HttpResponse:
    told = {
        "user": user,
        "form": form,
        "version": version,
        "newer": newer,
        "kind": "user",
        "is_self": user.pk == request.user.pk,
        "has_second_factor": has_second_factor(user),
        "tokens": user.tokens.order_by("-pk"),
    }
    return show(request, "settingup/user_detail.html", told, status=status)


def _initial(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in ("email", "name", "profile", "team", "is_active")}


@section(PATH)
@require_POST
def user_password(request: Known, id: int) -> HttpResponse:
    """A new one, made up, told in the answer, this once; the sessions by the old one end."""
    user = _user(id)
    try:
        password = reset_password(user, None, doer=request.viewer)
    except REFUSALS as error:
        messages.error(request, str(error))
        return redirect("set-up-user", id)
    return _told_password(request, user, password, is_new=False)


def _told_password(request: Known, user: User, password: str, *, is_new: bool) -> HttpResponse:
    told = {"user": user, "password": password, "is_new": is_new}
    answer = show(request, "settingup/user_password.html", told)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@section(PATH)
@require_POST
def user_sessions(request: Known, id: int) -> HttpResponse:
    end_sessions(_user(id))
    messages.success(request, gettext("Signed out everywhere."))
    return redirect("set-up-user", id)


@section(PATH)
@require_POST
def user_second_factor(request: Known, id: int) -> HttpResponse:
    """Taken away, for who has lost it."""
    try:
        remove_second_factor(_user(id), doer=request.viewer)
    except REFUSALS as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, gettext("The password alone lets them in, until they add another second factor.")
        )
    return redirect("set-up-user", id)


@section(PATH)
@require_POST
def user_token_revoke(request: Known, id: int, token: int) -> HttpResponse:
    found = Token.objects.filter(user=id, pk=token).first()
    if found is None:
        raise Http404
    revoke_token(found, at=now())
    messages.success(request, gettext("Revoked."))
    return redirect("set-up-user", id)


def _user(id: int) -> User:
    found = User.objects.select_related("profile", "team").filter(pk=id).first()
    if found is None:
        raise Http404
    return found
