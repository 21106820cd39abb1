"""Teams on pages: a tree, whose records are seen together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.access.errors import ChangedMeanwhileError
from firstcall.access.models import Team
from firstcall.access.people import delete_team, save_team
from firstcall.web.frame import Known
from firstcall.web.settingup.refusing import REFUSALS, kept_version, read_version, tell
from firstcall.web.settingup.sections import section, show

PATH = "set-up-teams"
DEEPEST = 8  # steps that a line is moved in


class TeamForm(forms.Form):
    name = forms.CharField(max_length=100)
    parent = forms.ModelChoiceField(
        Team.objects.order_by("name"), required=False, empty_label=gettext_lazy("none")
    )


@section(PATH)
def team_list(request: Known) -> HttpResponse:
    """As a tree, each below the one that it belongs to."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            save_team(Team(), **form.cleaned_data, doer=request.viewer)
        except REFUSALS as error:
            tell(form, error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect(PATH)
    status = 422 if request.method == "POST" else 200
    return show(request, "settingup/team_list.html", {"teams": _tree(), "form": form}, status=status)


def _tree() -> list[dict[str, Any]]:
    teams = Team.objects.annotate(people=Count("members", filter=Q(members__is_active=True))).order_by("name")
    below: dict[int | None, list[Team]] = {}
    for team in teams:
        below.setdefault(team.parent_id, []).append(team)
    rows: list[dict[str, Any]] = []

    def add(parent: int | None, depth: int) -> None:
        for team in below.get(parent, ()):
            rows.append({"team": team, "depth": min(depth, DEEPEST)})
            add(team.pk, depth + 1)

    add(None, 0)
    return rows


@section(PATH)
def team_detail(request: Known, id: int) -> HttpResponse:
    team = _team(id)
    form = TeamForm(request.POST or None, initial={"name": team.name, "parent": team.parent})
    newer: ChangedMeanwhileError | None = None
    if request.method == "POST" and form.is_valid():
        version = read_version(request.POST.get("version", ""))
        try:
            save_team(team, **form.cleaned_data, doer=request.viewer, version=version)
        except REFUSALS as error:
            newer = tell(form, error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect(PATH)
    told = {
        "team": team,
        "form": form,
        "version": kept_version(request, team.version, newer),
        "newer": newer,
        "kind": "team",
        "members": team.members.filter(is_active=True).order_by("name", "email"),
    }
    status = 422 if request.method == "POST" else 200
    return show(request, "settingup/team_detail.html", told, status=status)


@section(PATH)
@require_POST
def team_delete(request: Known, id: int) -> HttpResponse:
    try:
        delete_team(_team(id), version=read_version(request.POST.get("version", "")))
    except REFUSALS as error:
        messages.error(request, str(error))
        return redirect("set-up-team", id)
    messages.success(request, gettext("Deleted."))
    return redirect(PATH)


def _team(id: int) -> Team:
    found = Team.objects.select_related("parent").filter(pk=id).first()
    if found is None:
        raise Http404
    return found
