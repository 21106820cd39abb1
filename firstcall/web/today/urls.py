"""Where the start page is."""

from django.urls import path

from firstcall.web.today.views import today

urlpatterns = [path("", today, name="home")]
