"""Where lists and records are."""

from django.urls import path

from firstcall.web.records.detail import field_edit, record_detail
from firstcall.web.records.listing import record_list

urlpatterns = [
    path("records/<str:module>", record_list, name="records"),
    path("records/<str:module>/<int:id>", record_detail, name="record"),
    path("records/<str:module>/<int:id>/fields/<str:name>", field_edit, name="field"),
]
