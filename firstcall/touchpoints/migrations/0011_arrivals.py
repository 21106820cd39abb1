from django.db import migrations

# When the touchpoints of a record came in, and which are its newest: without their rows, each on a page of its own.
_BY_TIME = """
DROP INDEX touchpoint_by_time;
CREATE INDEX touchpoint_by_time ON touchpoints_touchpoint (record_id, occurred_at)
  INCLUDE (id, received_at, joined_at)
  WHERE record_id IS NOT NULL AND revoked_at IS NULL AND slotted >= 0;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("touchpoints", "0010_by_type"),
    ]

    operations = [
        migrations.RunSQL(_BY_TIME, migrations.RunSQL.noop),
    ]
