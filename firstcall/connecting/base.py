"""Django's PostgreSQL backend with connections that can be given up; Django wants this module's name."""

from __future__ import annotations

import select
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

    def init_connection_state(self) -> None:
        super().init_connection_state()
        # A prepared statement is to be planned once: each of them is written so that one plan is good for all parameters.
        self.connection.execute("SET plan_cache_mode = force_generic_plan")

    def is_usable(self) -> bool:
        """Looked at before each request. Of a connection that nothing was asked of nothing comes, unless it ends; so the
        server is only asked where something came."""
        if self.connection is None or self.connection.closed:
            return False
        looking = select.poll()
        looking.register(self.connection.pgconn.socket, select.POLLIN)
        return not looking.poll(0) or bool(super().is_usable())
