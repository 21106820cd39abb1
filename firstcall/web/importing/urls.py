"""Where imports are."""

from django.urls import path

from firstcall.web.importing.looks import look
from firstcall.web.importing.runs import run, run_rejects, run_stays
from firstcall.web.importing.starting import imports
from firstcall.web.importing.trials import trial, trial_rejects

urlpatterns = [
    path("import/", imports, name="imports"),
    path("import/looks/<int:id>", look, name="look"),
    path("import/trials/<int:id>", trial, name="trial"),
    path("import/trials/<int:id>/rejects", trial_rejects, name="trial-rejects"),
    path("import/<int:id>", run, name="import"),
    path("import/<int:id>/rejects", run_rejects, name="import-rejects"),
    path("import/<int:id>/stays", run_stays, name="import-stays"),
]
