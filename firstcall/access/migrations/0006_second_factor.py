"""What codes are made from is sealed, changes of second factors stand in the audit log, and tries are counted in a table."""

from typing import Any

from django.conf import settings
from django.db import migrations

from firstcall.access.auditing.watching import unwatch, watch
from firstcall.access.sealing import PREFIX, seal
from firstcall.secret_key import find_secret_key

# As django.core.cache.backends.db has it.
TRIES = """
CREATE TABLE access_tries (
  cache_key varchar(255) NOT NULL PRIMARY KEY,
  value text NOT NULL,
  expires timestamp with time zone NOT NULL
);
CREATE INDEX access_tries_expires ON access_tries (expires);
"""
WATCHED = watch("mfa_authenticator", "second_factor", passing=["last_used_at", "created_at"], secret=["data"])


def seal_what_is_open(apps: Any, editor: Any) -> None:
    """Only with a key that lasts: what is sealed with another is lost."""
    if find_secret_key(settings.CONFIGURATION) is None:
        return
    authenticators = apps.get_model("mfa", "Authenticator")
    for one in authenticators.objects.filter(type__in=("totp", "recovery_codes")):
        for name in ("secret", "seed"):
            if name in one.data and not one.data[name].startswith(PREFIX):
                one.data[name] = seal(one.data[name])
        one.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_audit_log"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RunSQL(TRIES, "DROP TABLE access_tries"),
        migrations.RunPython(seal_what_is_open, migrations.RunPython.noop),
        migrations.RunSQL(WATCHED, unwatch("mfa_authenticator")),
    ]
