"""What is raised where the database is away: it was stopped, it starts, it hangs, or the way to it is gone; and how to
tell that from one statement that it undid, which is raised as the same kinds.
"""

from __future__ import annotations

import logging

import psycopg
from django.db import InterfaceError, OperationalError

# Statements that go past Django's cursors raise the driver's errors.
DATABASE_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

# Seconds after which it is worth to ask again: where the database is away; where it undid a statement for others, who
# are done by then.
RETRY_AWAY, RETRY_UNDONE = 5, 1

# What a server says that is there and takes nobody; the other codes are of one statement, such as a deadlock.
_TAKES_NOBODY = ("08", "57P", "53300")
# Serialization failure, deadlock, a lock that was not got in time.
_UNDONE = ("40001", "40P01", "55P03")


def is_away(error: BaseException | None) -> bool:
    """Whether the database is away, and not one statement undone by it.

    >>> is_away(OperationalError("the connection is lost")), is_away(psycopg.errors.AdminShutdown())
    (True, True)
    >>> is_away(psycopg.errors.DeadlockDetected()), is_away(ValueError()), is_away(None)
    (False, False, False)
    """
    if not isinstance(error, DATABASE_AWAY):
        return False
    state = _state_of(error)
    return state is None or state.startswith(_TAKES_NOBODY)


def is_undone(error: BaseException | None) -> bool:
    """Whether the database undid a statement for what others did at the same moment: another try may well succeed.

    >>> is_undone(psycopg.errors.DeadlockDetected()), is_undone(psycopg.errors.SerializationFailure())
    (True, True)
    >>> is_undone(psycopg.errors.DiskFull()), is_undone(OperationalError("the connection is lost")), is_undone(None)
    (False, False, False)
    """
    return isinstance(error, DATABASE_AWAY) and _state_of(error) in _UNDONE


def log_failure(error: BaseException, log: logging.Logger) -> None:
    """For a worker that tries again whatever it was: what it was, and where, unless the database is away."""
    if is_away(error):
        log.warning("the database does not answer; waiting for it")
    elif is_undone(error):
        log.warning("the database undid a statement; trying again", exc_info=error)
    else:
        log.error("a statement failed; trying again", exc_info=error)


def _state_of(error: BaseException) -> str | None:
    """Its SQLSTATE; Django's errors have the driver's as their cause."""
    return getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
