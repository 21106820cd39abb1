"""Where set-up is."""

from django.urls import path

from firstcall.web.settingup import fields, modules, profiles, sections, sources, teams, users

urlpatterns = [
    path("", sections.index, name="set-up"),
    path("sources", sources.source_list, name="set-up-sources"),
    path("sources/new", sources.source_form, name="set-up-source-new"),
    path("sources/<int:id>", sources.source_detail, name="set-up-source"),
    path("sources/<int:id>/edit", sources.source_form, name="set-up-source-edit"),
    path("sources/<int:id>/delete", sources.source_delete, name="set-up-source-delete"),
    path("sources/<int:id>/keys", sources.key_issue, name="set-up-key-new"),
    path("sources/<int:id>/keys/<int:key>/revoke", sources.key_revoke, name="set-up-key-revoke"),
    path("users", users.user_list, name="set-up-users"),
    path("users/new", users.user_new, name="set-up-user-new"),
    path("users/<int:id>", users.user_detail, name="set-up-user"),
    path("users/<int:id>/password", users.user_password, name="set-up-user-password"),
    path("users/<int:id>/sessions", users.user_sessions, name="set-up-user-sessions"),
    path("users/<int:id>/second-factor", users.user_second_factor, name="set-up-user-second-factor"),
    path("users/<int:id>/tokens/<int:token>", users.user_token_revoke, name="set-up-user-token"),
    path("teams", teams.team_list, name="set-up-teams"),
    path("teams/<int:id>", teams.team_detail, name="set-up-team"),
    path("teams/<int:id>/delete", teams.team_delete, name="set-up-team-delete"),
    path("profiles", profiles.profile_list, name="set-up-profiles"),
    path("profiles/new", profiles.profile_detail, name="set-up-profile-new"),
    path("profiles/<int:id>", profiles.profile_detail, name="set-up-profile"),
    path("profiles/<int:id>/delete", profiles.profile_delete, name="set-up-profile-delete"),
    path("modules", modules.module_list, name="set-up-modules"),
    path("modules.yaml", modules.module_file, name="set-up-modules-file"),
    path("new-module", modules.module_new, name="set-up-module-new"),
    path("modules/<slug:name>.yaml", modules.module_file, name="set-up-module-file"),
    path("modules/<slug:name>", modules.module_detail, name="set-up-module"),
    path("modules/<slug:name>/delete", modules.module_delete, name="set-up-module-delete"),
    path("modules/<slug:name>/new-field", fields.field_form, name="set-up-field-new"),
    path("modules/<slug:name>/fields/<slug:field>", fields.field_form, name="set-up-field"),
    path("modules/<slug:name>/fields/<slug:field>/delete", fields.field_delete, name="set-up-field-delete"),
    path("modules/<slug:name>/new-layout", modules.layout_form, name="set-up-layout-new"),
    path("modules/<slug:name>/layouts/<slug:layout>", modules.layout_form, name="set-up-layout"),
    path(
        "modules/<slug:name>/layouts/<slug:layout>/delete", modules.layout_delete, name="set-up-layout-delete"
    ),
]
