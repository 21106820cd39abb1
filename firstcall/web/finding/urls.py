"""Where the quick search is."""

from django.urls import path

from firstcall.web.finding.views import search

urlpatterns = [path("search", search, name="search")]
