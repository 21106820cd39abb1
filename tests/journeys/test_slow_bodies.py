"""Requests whose bodies trickle in, break off or never end, on the real server: nobody else waits for them."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.conftest import copied
from tests.journeys.upping import EMAIL, PASSWORD, Service, running

SLOW = 50  # many more than the web server has threads


@pytest.fixture(scope="module")
def service(with_tables: Path) -> Iterator[Service]:
    with copied(with_tables) as folder, running(folder) as started:
        yield started


def begin(service: Service, *headers: str, body: bytes, path: str = "/api/v1/session") -> socket.socket:
    """A request whose body goes on later."""
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=30)
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers]
    connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
    return connection


def answer_on(connection: socket.socket) -> bytes:
    """All of it, where the head and the body come in one."""
    answer = b""
    while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
        piece = connection.recv(65_536)
        if not piece:
            break
        answer += piece
    return answer


def session_of(service: Service) -> bytes:
    with service.client() as client:
        answer = client.post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD})
    assert answer.is_success, answer.text
    return answer.request.content


def test_bodies_that_trickle_in_keep_nobody_else_waiting(service: Service) -> None:
    whole = session_of(service)
    length = f"Content-Length: {len(whole)}"
    with contextlib.ExitStack() as opened:
        slow = [opened.enter_context(begin(service, length, body=whole[:9])) for _ in range(SLOW)]
        chunk = b"%x\r\n%s\r\n" % (9, whole[:9])
        chunked = [
            opened.enter_context(begin(service, "Transfer-Encoding: chunked", body=chunk))
            for _ in range(SLOW)
        ]
        for _ in range(10):
            assert httpx.get(f"{service.url}/healthz", timeout=10).status_code == 200
            assert httpx.get(f"{service.url}/sign-in", timeout=10).status_code == 200
        # They are answered as soon as the rest of them is there.
        slow[-1].sendall(whole[9:])
        assert answer_on(slow[-1]).startswith(b"HTTP/1.1 20")
        chunked[-1].sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(whole) - 9, whole[9:]))
        assert answer_on(chunked[-1]).startswith(b"HTTP/1.1 20")


def test_files_that_trickle_in_keep_nobody_else_waiting(service: Service) -> None:
    """More than is taken in beforehand: the application reads them as they come, elsewhere."""
    with contextlib.ExitStack() as opened:
        for _ in range(SLOW):
            opened.enter_context(begin(service, "Content-Length: 99000000", body=b"[", path="/v1/batch"))
        for _ in range(10):
            assert httpx.get(f"{service.url}/sign-in", timeout=10).status_code == 200


@pytest.mark.parametrize("said", ["Content-Length: 99000000", "Transfer-Encoding: chunked"])
def test_what_is_too_large_is_refused_by_the_application(service: Service, said: str) -> None:
    piece = b"%x\r\n%s\r\n" % (1 << 20, b" " * (1 << 20))
    body = b"[" if said.startswith("Content") else piece * 9
    with begin(service, said, body=body) as connection:
        answer = answer_on(connection)
    assert answer.startswith(b"HTTP/1.1 413 "), answer
    assert b"application/problem+json" in answer
    assert b'"urn:firstcall:too-large"' in answer


def test_a_body_that_breaks_off_is_dropped(service: Service) -> None:
    whole = session_of(service)
    with begin(service, f"Content-Length: {len(whole) + 1}", body=whole) as connection:
        connection.shutdown(socket.SHUT_WR)
        answer = answer_on(connection)
    assert b" 200 " not in answer
    assert httpx.get(f"{service.url}/healthz", timeout=10).status_code == 200


def test_what_a_request_says_reaches_the_application(service: Service) -> None:
    with service.client() as client:
        assert client.get("/api/v1/modules/l%C3%A9ads").status_code == 401
        assert client.get("/%ff%2e%2e/").status_code == 404
        page = client.get("/sign-in")
        head = client.head("/sign-in")
        assert head.content == b""
        assert int(head.headers["Content-Length"]) == len(page.content)
        style = client.get("/static/admin/css/base.css")
        assert (
            client.get("/static/admin/css/base.css", headers={"Range": "bytes=3-9"}).content
            == (style.content[3:10])
        )
        unchanged = client.get(
            "/static/admin/css/base.css",
            headers={"If-Modified-Since": style.headers["Last-Modified"]},
        )
        assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_request_under_way_is_answered_before_it_stops(with_tables: Path) -> None:
    with copied(with_tables) as folder, running(folder) as service:
        whole = session_of(service)
        with begin(service, f"Content-Length: {len(whole)}", body=whole[:9]) as connection:
            assert httpx.get(f"{service.url}/healthz").status_code == 200
            service.process.send_signal(signal.SIGTERM)
            connection.sendall(whole[9:])
            assert answer_on(connection).startswith(b"HTTP/1.1 20")
        assert service.end() == 0
