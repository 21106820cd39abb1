"""A database that hangs is told from one that is slow: those who wait for it are woken, those who come are refused."""

from __future__ import annotations

import socket
import threading
import time

import psycopg
import pytest
from django.db import OperationalError, connection

from firstcall.connecting import watching
from firstcall.connecting.watching import Watch, answers_at


class Server:
    """What the watch asks; it does as the test says."""

    def __init__(self) -> None:
        self.answers, self.asked = True, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.answers


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def watch(server: Server, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """One that looks when the test says so, and has no patience."""
    monkeypatch.setattr(watching, "PATIENCE", -1.0)
    monkeypatch.setattr(Watch, "_look_again_and_again", lambda self: None)
    watch = Watch()
    watch.start(server)
    return watch


def test_who_does_not_wait_is_no_cause_to_ask(watch: Watch, server: Server) -> None:
    with watch.waiting(0):
        pass
    watch.look()
    assert server.asked == 0


def test_a_slow_statement_of_a_database_that_answers_goes_on(watch: Watch, server: Server) -> None:
    here, there = socket.socketpair()
    with here, there, watch.waiting(here.fileno()):
        watch.look()
        assert (server.asked, watch.is_away) == (1, False)
        there.sendall(b"x")
        assert here.recv(1) == b"x"


def test_who_waits_for_one_that_hangs_is_woken_and_who_comes_is_refused(watch: Watch, server: Server) -> None:
    here, there = socket.socketpair()
    woken = []

    def wait() -> None:
        with watch.waiting(here.fileno()):
            woken.append(here.recv(1))

    thread = threading.Thread(target=wait)
    thread.start()
    server.answers = False
    while not watch.is_away:
        watch.look()
    thread.join(10)
    assert woken == [b""]
    with pytest.raises(psycopg.OperationalError, match="the database hangs"), watch.waiting(here.fileno()):
        pytest.fail("it waits")
    with pytest.raises(psycopg.OperationalError, match="the database hangs"):
        watch.refuse_while_away()
    server.answers = True
    watch.look()
    watch.refuse_while_away()
    with watch.waiting(there.fileno()):
        here.close()
        there.close()


def test_one_that_hangs_does_not_answer_and_one_that_refuses_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "ASKING", 2.0)  # the least that libpq takes
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        port = hanging.getsockname()[1]
        assert not answers_at(f"host=127.0.0.1 port={port} user=u dbname=d")()
    began = time.monotonic()
    assert answers_at(f"host=127.0.0.1 port={port} user=u dbname=d")()
    assert time.monotonic() - began < watching.ASKING


@pytest.mark.django_db
def test_djangos_connection_is_watched(watch: Watch, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firstcall.connecting.base.watch", watch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 7")
        assert cursor.fetchone() == (7,)
    watch.is_away = True
    with pytest.raises(OperationalError, match="the database hangs"), connection.cursor() as cursor:
        cursor.execute("SELECT 8")
    watch.is_away = False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 9")
        assert cursor.fetchone() == (9,)
