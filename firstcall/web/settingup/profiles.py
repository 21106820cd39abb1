"""Profiles on pages: a table of modules and what may be done with whose records, and the rights to manage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.access.errors import ChangedMeanwhileError
from firstcall.access.models import Profile
from firstcall.access.people import delete_profile, save_profile
from firstcall.access.rights import EVERY_OTHER, NOTHING, Grant, Right, Verb, Visibility
from firstcall.records.labels import module_label
from firstcall.records.models import Module
from firstcall.web.frame import Known
from firstcall.web.numbers import whole
from firstcall.web.settingup.refusing import REFUSALS, kept_version, read_version, tell
from firstcall.web.settingup.sections import section, show

PATH = "set-up-profiles"
VERBS = {
    Verb.VIEW: gettext_lazy("view"),
    Verb.CREATE: gettext_lazy("create"),
    Verb.EDIT: gettext_lazy("edit"),
    Verb.DELETE: gettext_lazy("delete"),
    Verb.IMPORT: gettext_lazy("import"),
    Verb.EXPORT: gettext_lazy("export"),
}
SEES = {
    Visibility.OWN: gettext_lazy("their own"),
    Visibility.TEAM: gettext_lazy("their team's"),
    Visibility.ALL: gettext_lazy("all"),
}
RIGHTS = {
    Right.MANAGE_SCORING: (
        gettext_lazy("Manage scoring"),
        gettext_lazy("Write scoring rules, switch them on and off."),
    ),
    Right.MANAGE_SETTINGS: (
        gettext_lazy("Manage settings"),
        gettext_lazy("Modules, fields and layouts; sources and their write keys."),
    ),
    Right.MANAGE_USERS: (
        gettext_lazy("Manage users"),
        gettext_lazy("Users, teams, profiles, everybody's tokens and jobs, the audit log."),
    ),
}


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=100)


@dataclass(frozen=True, slots=True)
class Row:
    """A module's line; `is_own`: it differs from every other's."""

    name: str
    label: str
    is_own: bool
    grant: Grant

    @property
    def is_every_other(self) -> bool:
        return self.name == EVERY_OTHER


def _rows(grants: Mapping[str, Grant]) -> list[Row]:
    others = grants.get(EVERY_OTHER, NOTHING)
    modules = list(Module.objects.order_by("pk").values_list("name", "label"))
    known = {name for name, _ in modules}
    modules += [(name, name) for name in grants if name not in known and name != EVERY_OTHER]
    return [
        Row(EVERY_OTHER, gettext("Every other module"), True, others),
        *(
            Row(name, module_label(name, label), name in grants, grants.get(name, others))
            for name, label in modules
        ),
    ]


def _read(given: QueryDict, known: Iterable[str]) -> tuple[list[Right], dict[str, Grant]]:
    """What is not known is not taken."""
    names = {*known, *Module.objects.values_list("name", flat=True)}
    rights = [right for right in Right if right.value in given.getlist("rights")]
    grants = {}
    for name in dict.fromkeys([EVERY_OTHER, *given.getlist("own")]):
        if name not in {EVERY_OTHER, *names}:
            continue
        may = frozenset(verb for verb in Verb if verb.value in given.getlist(f"may {name}"))
        sees = given.get(f"sees {name}", "")
        grants[name] = Grant(may, Visibility(sees) if sees in set(Visibility) else Visibility.OWN)
    return rights, grants


@section(PATH)
def profile_list(request: Known) -> HttpResponse:
    profiles = Profile.objects.annotate(people=Count("users", filter=Q(users__is_active=True))).order_by("pk")
    rows = [
        {
            "profile": profile,
            "rights": [RIGHTS[right][0] for right in Right if right in profile.all_rights()],
            "others": profile.all_grants().get(EVERY_OTHER, NOTHING),
            "named": len([name for name in profile.all_grants() if name != EVERY_OTHER]),
        }
        for profile in profiles
    ]
    return show(request, "settingup/profile_list.html", {"rows": rows, "verbs": VERBS, "sees": SEES})


@section(PATH)
def profile_detail(request: Known, id: int | None = None) -> HttpResponse:
    """A new one, which may begin as a copy (`like`), or what one is."""
    profile = Profile() if id is None else _profile(id)
    like = whole(request.GET.get("like", ""))
    model = profile if id is not None or like is None else _profile(like)
    rights, grants = list(model.all_rights()), model.all_grants()
    form = ProfileForm(request.POST or None, initial={"name": profile.name})
    newer: ChangedMeanwhileError | None = None
    if request.method == "POST":
        rights, grants = _read(request.POST, grants)
        if form.is_valid():
            try:
                name = form.cleaned_data["name"]
                save_profile(
                    profile,
                    name=name,
                    rights=rights,
                    grants=grants,
                    doer=request.viewer,
                    version=read_version(request.POST.get("version", "")),
                )
            except REFUSALS as error:
                newer = tell(form, error)
            else:
                messages.success(request, gettext("Saved."))
                return redirect(PATH)
    told = {
        "profile": profile,
        "form": form,
        "rows": _rows(grants),
        "rights": [(right, *RIGHTS[right], right in rights) for right in Right],
        "verbs": VERBS.items(),
        "sees": SEES.items(),
        "version": kept_version(request, profile.version, newer),
        "newer": newer,
        "kind": "profile",
        "is_fixed": profile.pk is not None and profile.is_administrator,
        "people": profile.users.filter(is_active=True).count() if profile.pk else 0,
    }
    return show(
        request, "settingup/profile_detail.html", told, status=422 if request.method == "POST" else 200
    )


@section(PATH)
@require_POST
def profile_delete(request: Known, id: int) -> HttpResponse:
    try:
        version = read_version(request.POST.get("version", ""))
        delete_profile(_profile(id), doer=request.viewer, version=version)
    except REFUSALS as error:
        messages.error(request, str(error))
        return redirect("set-up-profile", id)
    messages.success(request, gettext("Deleted."))
    return redirect(PATH)


def _profile(id: int) -> Profile:
    found = Profile.objects.filter(pk=id).first()
    if found is None:
        raise Http404
    return found
