"""Choosing the language of the pages; it is kept with the person, for every browser."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from firstcall.access.models import User
from firstcall.web.frame import Known, page


@page
@require_POST
def choose(request: Known) -> HttpResponse:
    """`language` is empty for what the browser asks for; `next` the page to go back to."""
    chosen = request.POST.get("language", "")
    if chosen == "" or chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = reverse("home")
    return HttpResponseRedirect(target)
