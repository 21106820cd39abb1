"""Where set-up is."""

from django.urls import path

from firstcall.web.settingup import sections, sources

urlpatterns = [
    path("", sections.index, name="set-up"),
    path("sources", sources.source_list, name="set-up-sources"),
    path("sources/new", sources.source_form, name="set-up-source-new"),
    path("sources/<int:id>", sources.source_detail, name="set-up-source"),
    path("sources/<int:id>/edit", sources.source_form, name="set-up-source-edit"),
    path("sources/<int:id>/delete", sources.source_delete, name="set-up-source-delete"),
    path("sources/<int:id>/keys", sources.key_issue, name="set-up-key-new"),
    path("sources/<int:id>/keys/<int:key>/revoke", sources.key_revoke, name="set-up-key-revoke"),
]
