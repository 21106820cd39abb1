"""Before the service runs: the tables as this version has them, the first administrator. Django is set up."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from firstcall.access.models import User
from firstcall.configuration import Configuration
from firstcall.moments import now
from firstcall.processes.errors import CannotRunError
from firstcall.records.errors import InvalidModulesError
from firstcall.records.rekeying import rekey_later
from firstcall.records.standard import ensure_standard_modules

log = logging.getLogger(__name__)

_LOCK = 0x46697273  # of this program's own choosing; one migrates, the others wait


def migrate() -> list[str]:
    """Bring the tables and the standard modules to this version, and what depends on settings to those that are set;
    says which migrations were run. Safe to run at once from several machines.

    Raises CannotRunError where a newer version has already been here.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            refuse_newer()
            plan = _missing()
            call_command("migrate", interactive=False, verbosity=0)
            _complete_modules()
            rekey_later(at=now())
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return plan


def _complete_modules() -> None:
    """A module that somebody has made unfit is told of, and keeps nobody from starting and mending it."""
    try:
        ensure_standard_modules()
    except InvalidModulesError as error:
        log.error("the standard modules are left as they are: %s", error)


def refuse_newer() -> None:
    known = known_migrations()
    apps = {app for app, _ in known}
    applied = MigrationExecutor(connection).loader.applied_migrations
    newer = sorted(f"{app} {name}" for app, name in applied if app in apps and (app, name) not in known)
    if newer:
        raise CannotRunError(
            f"A newer version of Firstcall has used this database ({newer[-1]}). Install that version, or restore a"
            " backup from before."
        )


def refuse_other_tables() -> None:
    """Raises CannotRunError unless the tables are those of this version."""
    refuse_newer()
    if _missing():
        raise CannotRunError(
            "The database has no tables yet, or those of an older version. Start the service with `firstcall up`, or"
            " run `firstcall migrate`."
        )


def known_migrations() -> frozenset[tuple[str, str]]:
    """Those of this version, and those that they replace; as (app, name)."""
    found = MigrationLoader(None).disk_migrations
    return frozenset(found) | {(app, name) for m in found.values() for app, name in m.replaces}


def _missing() -> list[str]:
    executor = MigrationExecutor(connection)
    return [f"{m.app_label} {m.name}" for m, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


@contextlib.contextmanager
def migrated() -> Iterator[list[str]]:
    """After the migrations; no connection is left open behind it."""
    try:
        yield migrate()
    finally:
        connection.close()


@dataclass(frozen=True)
class Administrator:
    """The first one; password None: it was given, so whoever gave it knows it."""

    email: str
    password: str | None


def make_administrator(settings: Configuration) -> Administrator | None:
    """Where there is no user at all, one who may do everything."""
    if User.objects.exists():
        return None
    given = settings.admin_password.get_secret_value()
    password = given or secrets.token_urlsafe(12)
    User.objects.create_administrator(settings.admin_email, password)
    return Administrator(settings.admin_email.casefold(), None if given else password)
