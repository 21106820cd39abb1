"""What is done here stands in the audit log."""

from django.db import migrations

from firstcall.access.auditing.watching import unwatch, watch

WATCHED = (
    watch("scorekeeping_storedrule", "rule", passing=["active_id", "activation_id"])
    + watch("scorekeeping_ruleversion", "rule_version", on="INSERT")
    + watch("scorekeeping_activation", "activation", on="INSERT", passing=["complete_at", "job_id"])
    + watch("scorekeeping_plannedactivation", "planned_activation", on="INSERT OR UPDATE")
    + watch("scorekeeping_scorefield", "score_field", on="INSERT OR DELETE")
)


class Migration(migrations.Migration):
    dependencies = [
        ("scorekeeping", "0005_wake_at"),
        ("access", "0005_audit_log"),
    ]

    operations = [
        migrations.RunSQL(
            WATCHED,
            unwatch(
                "scorekeeping_storedrule",
                "scorekeeping_ruleversion",
                "scorekeeping_activation",
                "scorekeeping_plannedactivation",
                "scorekeeping_scorefield",
            ),
        )
    ]
