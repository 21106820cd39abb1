"""Django's PostgreSQL backend with connections that can be given up; Django wants this module's name."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base as postgresql
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from psycopg.abc import RV, PQGen

from firstcall.connecting.watching import watch


class Connection(psycopg.Connection[Any]):
    """Its waiting for the server is known to the watch."""

    def wait(self, gen: PQGen[RV], *args: Any, **options: Any) -> RV:
        with watch.waiting(self.pgconn.socket):
            return super().wait(gen, *args, **options)


class DatabaseWrapper(postgresql.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """As Django's own does, for a connection of another class."""
        watch.refuse_while_away()
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return Connection.connect(**conn_params)
