"""The first steps of a new installation, for who administers it: each ticks itself by what is there."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.models import User
from firstcall.access.people import leave_first_steps
from firstcall.access.rights import Right
from firstcall.records.models import Record
from firstcall.scorekeeping.models import StoredRule
from firstcall.touchpoints.models import Touchpoint
from firstcall.web.frame import Known, page


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    about: str
    href: str
    is_done: bool


def first_steps(request: Known) -> list[Step]:
    """None for who does not manage everything, has put them away, or has done them all."""
    if request.user.first_steps_left or not all(request.viewer.has(right) for right in Right):
        return []
    steps = [
        Step(
            gettext("Bring in leads"),
            gettext("A CSV or Excel file, or what your forms send."),
            reverse("imports"),
            Record.objects.exists(),
        ),
        Step(
            gettext("Send touchpoints"),
            gettext("One line in your web pages, and visits arrive."),
            reverse("set-up-sources"),
            Touchpoint.objects.exists(),
        ),
        Step(
            gettext("Build a rule"),
            gettext("Who they are, what they do, and the points for it."),
            reverse("rule-new"),
            StoredRule.objects.filter(active__isnull=False).exists(),
        ),
        Step(
            gettext("Invite colleagues"),
            gettext("Each sees what their profile says."),
            reverse("set-up-users"),
            User.objects.filter(is_active=True)[:2].count() > 1,
        ),
    ]
    return [] if all(step.is_done for step in steps) else steps


@page
@require_POST
def leave(request: Known) -> HttpResponse:
    leave_first_steps(request.user)
    return redirect("home")
