"""What is done here stands in the audit log."""

from django.db import migrations

from firstcall.access.auditing.watching import unwatch, watch

WATCHED = (
    watch("records_module", "module")
    + watch("records_field", "field", passing=["position"])
    + watch("records_layout", "layout")
    + watch("records_layoutfield", "layout_field", passing=["position"])
    + watch(
        "records_importrun",
        "import",
        on="INSERT OR UPDATE OF undone_at",
        passing=[
            "path",
            "plan",
            "position",
            "status",
            "message",
            "total",
            "done",
            "created",
            "changed",
            "unchanged",
            "rejected",
            "notes",
            "ended_at",
            "job_id",
        ],
    )
    + watch(
        "jobs_job",
        "export",
        on="INSERT",
        when="NEW.kind = 'records.export'",
        passing=[
            "state",
            "status",
            "done",
            "total",
            "message",
            "cancel_asked",
            "started_at",
            "ended_at",
            "attempt",
            "stalled",
            "entry",
        ],
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0010_seen_by_owner"),
        ("access", "0005_audit_log"),
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            WATCHED,
            unwatch(
                "records_module",
                "records_field",
                "records_layout",
                "records_layoutfield",
                "records_importrun",
                "jobs_job",
            ),
        )
    ]
