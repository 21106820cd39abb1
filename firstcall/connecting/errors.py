"""What is raised where the database is away: it was stopped, it starts, it hangs, or the way to it is gone."""

from __future__ import annotations

import psycopg
from django.db import InterfaceError, OperationalError

# Statements that go past Django's cursors raise the driver's errors.
DATABASE_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

# What a server says that is there and takes nobody; the other codes are of one statement, such as a deadlock.
_TAKES_NOBODY = ("08", "57P", "53300")


def is_away(error: BaseException | None) -> bool:
    """Whether the database is away, and not one statement undone by it.

    >>> is_away(OperationalError("the connection is lost")), is_away(psycopg.errors.AdminShutdown())
    (True, True)
    >>> is_away(psycopg.errors.DeadlockDetected()), is_away(ValueError()), is_away(None)
    (False, False, False)
    """
    if not isinstance(error, DATABASE_AWAY):
        return False
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_TAKES_NOBODY)
