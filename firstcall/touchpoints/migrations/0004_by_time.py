from django.db import migrations, models

# What is asked of touchpoints of every type: the last days, and those to come.
_BY_TIME = """
CREATE INDEX touchpoint_by_time ON touchpoints_touchpoint (record_id, occurred_at)
  WHERE record_id IS NOT NULL AND revoked_at IS NULL AND slotted >= 0;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("touchpoints", "0003_slots"),
    ]

    operations = [
        migrations.AlterField(
            model_name="touchpoint",
            name="source",
            field=models.ForeignKey(
                db_index=False, on_delete=models.deletion.PROTECT, to="touchpoints.source"
            ),
        ),
        migrations.RunSQL(_BY_TIME, "DROP INDEX touchpoint_by_time"),
    ]
