from django.db import migrations, models

# As those of the first migration. A field change is never changed; a record that goes for good takes its own with it.
_LOG = "INSERT INTO columns_change (kind, at, ids) SELECT {kind}, (extract(epoch FROM now()) * 1000000)::bigint, {ids}"
_TRIGGER = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {log} FROM rows HAVING COUNT(*) > 0;
  RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON records_fieldchange
  REFERENCING {which} TABLE AS rows FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
_ADDED = _TRIGGER.format(
    name="columns_history_added",
    event="INSERT",
    which="NEW",
    log=_LOG.format(kind=4, ids="array_agg(rows.id)"),
)
_GONE = _TRIGGER.format(
    name="columns_history_gone",
    event="DELETE",
    which="OLD",
    log=_LOG.format(kind=5, ids="array_agg(DISTINCT rows.record_id)"),
)
_UNMAKE = "".join(
    f"DROP TRIGGER {name} ON records_fieldchange; DROP FUNCTION {name}();"
    for name in ("columns_history_added", "columns_history_gone")
)


class Migration(migrations.Migration):
    dependencies = [("columns", "0001_initial"), ("records", "0009_made_with")]

    operations = [
        migrations.AlterField(
            model_name="change",
            name="kind",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "Touchpoints Added"),
                    (2, "Touchpoints Of"),
                    (3, "Records"),
                    (4, "History Added"),
                    (5, "History Of"),
                ]
            ),
        ),
        migrations.RunSQL(_ADDED + _GONE, _UNMAKE),
    ]
