"""Which pages there are."""

from django.urls import include, path

urlpatterns = [
    path("", include("firstcall.web.signing.urls")),
]
