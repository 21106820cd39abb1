"""Where the language is chosen."""

from django.urls import path

from firstcall.web.speaking.views import choose

urlpatterns = [path("language", choose, name="language")]
