"""The triggers that write the audit log, for the migrations of every room that has something to watch."""

from __future__ import annotations

from collections.abc import Sequence

FUNCTIONS = """
CREATE FUNCTION access_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  passing CONSTANT text[] := CAST(TG_ARGV[1] AS text[]);  -- columns that are not worth a row
  secret CONSTANT text[] := CAST(TG_ARGV[2] AS text[]);   -- columns of which is told alone that they changed
  before jsonb;
  after jsonb;
  whole jsonb;
  one text;
BEGIN
  IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD) - passing - secret; END IF;
  IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW) - passing - secret; END IF;
  whole := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
  IF TG_OP = 'UPDATE' THEN
    SELECT COALESCE(jsonb_object_agg(each.key, each.value), '{}'),
           COALESCE(jsonb_object_agg(each.key, after -> each.key), '{}')
    INTO before, after
    FROM jsonb_each(before) AS each
    WHERE after -> each.key IS DISTINCT FROM each.value;
    FOREACH one IN ARRAY secret LOOP
      IF to_jsonb(OLD) -> one IS DISTINCT FROM to_jsonb(NEW) -> one THEN
        after := after || jsonb_build_object(one, 'changed');
      END IF;
    END LOOP;
    IF after = '{}' THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO access_auditentry (at, "user", address, did, kind, thing, name, before, after)
  VALUES (
    CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT),
    CAST(NULLIF(current_setting('firstcall.user', true), '') AS BIGINT),
    COALESCE(current_setting('firstcall.address', true), ''),
    CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
    TG_ARGV[0],
    CAST(whole ->> 'id' AS BIGINT),
    LEFT(
      COALESCE(
        whole ->> 'name', whole ->> 'email', whole ->> 'number', whole ->> 'file_name', whole ->> 'reason', ''
      ),
      300
    ),
    before,
    after
  );
  RETURN NULL;
END
$$;
CREATE FUNCTION access_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is only added to.';
END
$$;
CREATE TRIGGER access_audit_stays BEFORE UPDATE OR DELETE ON access_auditentry
FOR EACH ROW EXECUTE FUNCTION access_audit_stays();
"""
NO_FUNCTIONS = "DROP FUNCTION access_audit CASCADE; DROP FUNCTION access_audit_stays CASCADE;"


def watch(
    table: str,
    kind: str,
    *,
    passing: Sequence[str] = (),
    secret: Sequence[str] = (),
    on: str = "INSERT OR UPDATE OR DELETE",
    when: str = "",
) -> str:
    """SQL of the trigger on a table. Names and conditions are of the program, not of people.

    passing  columns that are not worth a row
    secret   columns of which is told alone that they changed
    """
    columns = [f"'{{{','.join(names)}}}'" for names in (passing, secret)]
    return (
        f"CREATE TRIGGER access_audit AFTER {on} ON {table} FOR EACH ROW "
        + (f"WHEN ({when}) " if when else "")
        + f"EXECUTE FUNCTION access_audit('{kind}', {', '.join(columns)});\n"
    )


def unwatch(*tables: str) -> str:
    return "".join(f"DROP TRIGGER access_audit ON {table};\n" for table in tables)
