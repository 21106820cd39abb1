"""Where lists and records are."""

from django.urls import path

from firstcall.web.records.bulk import bulk, bulk_refused, bulk_run, rescoring
from firstcall.web.records.detail import field_edit, record_detail
from firstcall.web.records.exports import export, export_end, export_file, exports
from firstcall.web.records.listing import record_list
from firstcall.web.records.saved import view, views

urlpatterns = [
    path("records/<str:module>/views", views, name="views"),
    path("views/<int:id>", view, name="view"),
    path("records/<str:module>", record_list, name="records"),
    path("records/<str:module>/bulk", bulk, name="bulk"),
    path("bulk/<int:id>", bulk_run, name="bulk-run"),
    path("bulk/<int:id>/refused", bulk_refused, name="bulk-refused"),
    path("rescoring/<int:id>", rescoring, name="rescoring"),
    path("exports", exports, name="exports"),
    path("exports/<int:id>", export, name="export"),
    path("exports/<int:id>/file", export_file, name="export-file"),
    path("exports/<int:id>/end", export_end, name="export-end"),
    path("records/<str:module>/<int:id>", record_detail, name="record"),
    path("records/<str:module>/<int:id>/fields/<str:name>", field_edit, name="field"),
]
