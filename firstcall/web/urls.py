"""Which pages there are."""

from django.urls import include, path

urlpatterns = [
    path("", include("firstcall.web.building.urls")),
    path("", include("firstcall.web.today.urls")),
    path("", include("firstcall.web.finding.urls")),
    path("", include("firstcall.web.records.urls")),
    path("", include("firstcall.web.importing.urls")),
    path("", include("firstcall.web.followups.urls")),
    path("", include("firstcall.web.rules.urls")),
    path("", include("firstcall.web.moving.urls")),
    path("", include("firstcall.web.signing.urls")),
    path("", include("firstcall.web.speaking.urls")),
    path("set-up/", include("firstcall.web.settingup.urls")),
]
