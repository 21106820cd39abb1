from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from firstcall.records.statements import array, run


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


_TEXTS = st.lists(st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")))
_NUMBERS = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1))


@pytest.mark.django_db
@given(
    texts=_TEXTS | st.just(["", "NULL", "null", "{}", "{a}", '"', "\\", '\\"', " ", "a,b", "\n"]),
    numbers=_NUMBERS,
)
def test_an_array_comes_back_as_it_was(texts: list[str | None], numbers: list[int | None]) -> None:
    asked = "SELECT CAST($1 AS TEXT[]), CAST($2 AS BIGINT[])"
    assert run(asked, array(texts), array(numbers)).fetchall() == [(texts, numbers)]
