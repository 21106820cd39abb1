"""What is done here stands in the audit log."""

from django.db import migrations

from firstcall.access.auditing.watching import unwatch, watch

WATCHED = (
    watch("touchpoints_source", "source")
    + watch("touchpoints_writekey", "write_key", secret=["key"])
    + watch("touchpoints_customtype", "touchpoint_type")
    + watch(
        "touchpoints_revocation",
        "revocation",
        on="INSERT OR UPDATE OF ended_at",
        passing=["touchpoints", "job_id"],
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("touchpoints", "0007_revoked_by_record"),
        ("access", "0005_audit_log"),
    ]

    operations = [
        migrations.RunSQL(
            WATCHED,
            unwatch(
                "touchpoints_source",
                "touchpoints_writekey",
                "touchpoints_customtype",
                "touchpoints_revocation",
            ),
        )
    ]
