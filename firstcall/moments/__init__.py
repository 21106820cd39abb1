"""Instants in Django models: 64-bit microseconds since 1970 UTC in the database, aware datetimes in Python.

The compiled rules compare these integers as they are; a timestamp would be converted for every touchpoint read.
"""

from datetime import UTC, datetime

from firstcall.moments.fields import MomentField

__all__ = ["MomentField", "now"]


def now() -> datetime:
    """The present moment. For the doors alone: views, commands, the loops of workers; all else takes it as an argument."""
    return datetime.now(UTC)
