from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from firstcall.records.statements import run


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_has_died_is_replaced_by_the_next_request() -> None:
    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
    [(own,)] = run("SELECT pg_backend_pid()").fetchall()
    with psycopg.connect(
        connection.connection.info.dsn, password=connection.connection.info.password
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])
    connection.close_if_unusable_or_obsolete()  # as each request begins
    [(replaced,)] = run("SELECT pg_backend_pid()", prepared=True).fetchall()
    assert replaced != own


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_within_a_request_is_not_used_again() -> None:
    [(own,)] = run("SELECT pg_backend_pid()").fetchall()
    with psycopg.connect(
        connection.connection.info.dsn, password=connection.connection.info.password
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])
    with pytest.raises(psycopg.OperationalError):
        run("SELECT 1")
    connection.close_if_unusable_or_obsolete()  # as each request ends
    [(replaced,)] = run("SELECT pg_backend_pid()").fetchall()
    assert replaced != own


@pytest.mark.django_db(transaction=True)
def test_a_connection_of_which_the_server_said_something_else_stays() -> None:
    [(own,)] = run("SELECT pg_backend_pid()").fetchall()
    run("LISTEN elsewhere")
    with psycopg.connect(
        connection.connection.info.dsn, password=connection.connection.info.password
    ) as other:
        other.execute("NOTIFY elsewhere")
    connection.close_if_unusable_or_obsolete()
    assert run("SELECT pg_backend_pid()").fetchall() == [(own,)]
