"""Where each address leads."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from firstcall.api.problems import Refused, answer, away, undone
from firstcall.api.routes import api
from firstcall.connecting.errors import is_away, is_undone
from firstcall.monitoring.health import healthz, readyz
from firstcall.monitoring.metrics import metrics
from firstcall.web import faults

admin.site.site_header = admin.site.site_title = "Firstcall"
admin.site.index_title = "Administration"


def no_icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for one beside every page; there is none, and that is no fault worth a line in the logs."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "public, max-age=86400"})


urlpatterns = [
    path("", include("firstcall.web.urls")),
    path("favicon.ico", no_icon),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("", include("firstcall.api.tracking")),
    path("", include("firstcall.api.snippet")),
]


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Programs are answered in JSON."""
    if request.path.startswith("/api/"):
        return answer(Refused(HTTPStatus.NOT_FOUND, "not-found", f"There is nothing at {request.path}."))
    return faults.missing(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """Programs are answered in JSON, where something outside of the API's views failed too."""
    if not request.path.startswith("/api/"):
        return faults.failed(request)
    if is_away(sys.exception()):
        return answer(away())
    if is_undone(sys.exception()):
        return answer(undone())
    return answer(Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "The request failed."))


handler400 = faults.malformed
handler403 = faults.forbidden
