"""Where open pages listen."""

from django.urls import path

from firstcall.web.moving.views import moved

urlpatterns = [path("moved", moved, name="moved")]
