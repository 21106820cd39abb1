"""Instants in Django models: 64-bit microseconds since 1970 UTC in the database, aware datetimes in Python.

The compiled rules compare these integers as they are; a timestamp would be converted for every touchpoint read.
"""

from firstcall.moments.fields import MomentField

__all__ = ["MomentField"]
