"""Teams and profiles instead of groups and permissions. Who could see everything before still does."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_ALL = ["view", "create", "edit", "delete", "import", "export"]
_RIGHTS = {
    "manage_scoring": "manage_scoring",
    "manage_modules": "manage_settings",
    "manage_access": "manage_users",
}
_STANDARD: tuple[tuple[str, str, list[str], list[str], str], ...] = (
    ("administrator", "Administrator", sorted(_RIGHTS.values()), _ALL, "all"),
    ("manager", "Manager", [], _ALL, "team"),
    ("representative", "Representative", [], ["view", "create", "edit", "delete"], "own"),
    ("read_only", "Read only", [], ["view"], "all"),
)


def make_profiles(apps: Any, schema_editor: Any) -> None:
    profiles, users = apps.get_model("access", "Profile"), apps.get_model("access", "User")
    for key, name, rights, verbs, sees in _STANDARD:
        profiles.objects.create(key=key, name=name, rights=rights, grants={"*": {"may": verbs, "sees": sees}})
    for user in users.objects.all():
        user.profile = _profile_of(user, profiles)
        user.save(update_fields=["profile"])


def _profile_of(user: Any, profiles: Any) -> Any:
    """Of one who is no administrator: everything of every record, as before, and what was allowed beside."""
    if user.is_superuser:
        return profiles.objects.get(key="administrator")
    of_groups = user.groups.values_list("permissions__codename", flat=True)
    allowed = {*user.user_permissions.values_list("codename", flat=True), *of_groups}
    rights = sorted(_RIGHTS[name] for name in allowed if name in _RIGHTS)
    words = ["sees all records", *(right.replace("_", " ").replace("manage", "manages") for right in rights)]
    made = {"rights": rights, "grants": {"*": {"may": _ALL, "sees": "all"}}}
    return profiles.objects.get_or_create(name=f"Representative: {', '.join(words)}"[:100], defaults=made)[0]


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_former_addresses"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=30, null=True, unique=True)),
                ("name", models.CharField(max_length=100, unique=True)),
                ("rights", models.JSONField(default=list)),
                ("grants", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="access.team",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="team",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="access.team",
            ),
        ),
        migrations.AddField(model_name="user", name="version", field=models.PositiveIntegerField(default=1)),
        migrations.AddField(
            model_name="user",
            name="profile",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="users",
                to="access.profile",
            ),
        ),
        migrations.RunPython(make_profiles, migrations.RunPython.noop),
        # The rows written above have checks that wait for the end of the transaction; the table is changed before it.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="user",
            name="profile",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="users", to="access.profile"
            ),
        ),
        migrations.AlterModelOptions(name="user", options={}),
        migrations.RemoveField(model_name="user", name="groups"),
        migrations.RemoveField(model_name="user", name="user_permissions"),
        migrations.RemoveField(model_name="user", name="is_staff"),
        migrations.RemoveField(model_name="user", name="is_superuser"),
    ]
