"""Where rules are built."""

from django.urls import path

from firstcall.web.building.previews import draft_preview, draft_trial
from firstcall.web.building.saving import rule_save
from firstcall.web.building.views import rule_draft, rule_edit, rule_new

urlpatterns = [
    path("rules/new", rule_new, name="rule-new"),
    path("rules/<int:id>/edit", rule_edit, name="rule-edit"),
    path("rules/draft", rule_draft, name="rule-draft"),
    path("rules/draft/preview", draft_preview, name="rule-preview"),
    path("rules/draft/trial", draft_trial, name="rule-trial"),
    path("rules/draft/save", rule_save, name="rule-save"),
]
