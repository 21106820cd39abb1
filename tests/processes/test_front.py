"""What a WSGI application is told of a request, and what becomes of its answer."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from firstcall.processes import bodies, front
from firstcall.processes.bodies import LARGEST
from firstcall.processes.front import Front


def scope(**more: Any) -> Any:
    headers = more.pop("headers", [])
    told = {
        "method": "POST",
        "path": "/é",
        "query_string": "a=%41",
        "http_version": "1.1",
        "scheme": "http",
        "server": "127.0.0.1:8000",
        "client": "[::1]:999",
        "authority": None,
    }
    return SimpleNamespace(**(told | more), headers=SimpleNamespace(items=lambda: headers))


@dataclass
class Protocol:
    """granian's side of a request: hands out the pieces, and keeps what it is answered."""

    pieces: list[bytes] = field(default_factory=list)
    ends: bool = True
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    file: str = ""
    fails_after: int = 99

    async def _come(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if not self.ends:
            await asyncio.Event().wait()
        yield b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._come()

    async def client_disconnect(self) -> None:
        await self.gone.wait()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        if not self.status:
            self.status, self.headers, self.body = status, headers, body

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self.status, self.headers, self.file = status, headers, file

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Protocol:
        self.status, self.headers = status, headers
        return self

    async def send_bytes(self, piece: bytes) -> None:
        self.fails_after -= 1
        if self.fails_after < 0:
            raise front.ProtocolClosed
        self.body += piece


class Answer:
    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.closed = pieces, False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    def close(self) -> None:
        self.closed = True


class Application:
    """Keeps what it is told, and the body that it reads."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = [b"done"] if answer is None else answer
        self.told: dict[str, Any] = {}
        self.body = b""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        self.told, self.body = environ, environ["wsgi.input"].read()
        start("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", "é")])
        return self.answer(environ) if callable(self.answer) else self.answer


def run_apart[T](story: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: tests of browsers keep a loop in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, story).result()


def ask(application: Application, protocol: Protocol, asked: Any) -> Protocol:
    run_apart(Front(application, threads=1).__rsgi__(asked, protocol))  # type: ignore[arg-type]
    return protocol


def test_the_application_is_told_what_pep_3333_says() -> None:
    headers = [
        ("content-type", "text/plain"), ("content-length", "4"), ("x-more", "1"), ("x-more", "2"), ("cookie", "a=1"),
        ("cookie", "b=2"), ("x_forwarded_for", "forged"), ("host", "example.com"),
    ]  # fmt: skip
    application = Application()
    protocol = ask(application, Protocol([b"bo", b"dy"]), scope(headers=headers))
    told = {name: application.told[name] for name in application.told if not name.startswith("wsgi.")}
    assert told == {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/Ã©", "QUERY_STRING": "a=%41", "REMOTE_ADDR": "::1",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "4", "HTTP_X_MORE": "1,2", "HTTP_COOKIE": "a=1; b=2", "HTTP_HOST": "example.com",
    }  # fmt: skip
    assert application.body == b"body"
    assert (protocol.status, protocol.body) == (200, b"done")
    assert protocol.headers == [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", "?")]


def test_chunks_have_a_length_once_they_are_in() -> None:
    application = Application()
    ask(application, Protocol([b"a" * 70_000] * 3), scope(headers=[("transfer-encoding", "chunked")]))
    assert (application.told["CONTENT_LENGTH"], len(application.body)) == ("210000", 210_000)


@pytest.mark.parametrize(
    "headers", [[("transfer-encoding", "chunked")], [("content-length", f"{3 * LARGEST}")]]
)
def test_a_large_body_is_read_as_it_comes(headers: list[tuple[str, str]]) -> None:
    application = Application()
    pieces = [bytes([n]) * LARGEST for n in range(3)]
    ask(application, Protocol(pieces), scope(headers=headers))
    assert application.body == b"".join(pieces)
    assert int(application.told["CONTENT_LENGTH"]) >= 3 * LARGEST


@pytest.mark.parametrize(
    ("ends", "status", "code"),
    [(True, 400, "urn:firstcall:malformed"), (False, 408, "urn:firstcall:too-slow")],
)
def test_a_body_that_does_not_come_in_is_refused(
    monkeypatch: pytest.MonkeyPatch, ends: bool, status: int, code: str
) -> None:
    monkeypatch.setattr(bodies, "_SILENCE", 0.05)
    application = Application()
    pieces = (
        [b"hal", b""] if ends else [b"hal"]
    )  # an empty piece that is not the last: granian's word for a broken line
    protocol = ask(application, Protocol(pieces, ends=ends), scope(headers=[("content-length", "4")]))
    assert (protocol.status, json.loads(protocol.body)["type"]) == (status, code)
    assert (("connection", "close") in protocol.headers) == (status == 408)
    assert application.told == {}


def test_an_answer_in_pieces_is_closed_whoever_goes_away() -> None:
    for fails_after, body in ((99, b"abc"), (1, b"a")):
        answer = Answer([b"a", b"b", b"c"])
        protocol = ask(Application(answer), Protocol(fails_after=fails_after), scope())
        assert (protocol.body, answer.closed) == (body, True)


def test_a_file_is_sent_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(b"a,b\n")
    file = (tmp_path / "export.csv").open("rb")
    protocol = ask(Application(lambda environ: environ["wsgi.file_wrapper"](file)), Protocol(), scope())
    assert (protocol.file, protocol.body, file.closed) == (str(tmp_path / "export.csv"), b"", True)


def test_a_failure_is_answered() -> None:
    def fail(_: Any) -> Any:
        raise ValueError("something")

    protocol = ask(Application(fail), Protocol(), scope())
    assert (protocol.status, json.loads(protocol.body)["detail"]) == (500, "The request failed.")


def test_who_goes_away_while_waiting_costs_no_thread_and_too_many_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(front, "_MOST_WAITING", 2)
    begun, go_on = threading.Event(), threading.Event()
    done: list[str] = []

    def wait(environ: dict[str, Any]) -> list[bytes]:
        begun.set()
        go_on.wait(30)
        done.append(environ["QUERY_STRING"])
        return [b"done"]

    async def story() -> list[Protocol]:
        tried = Front(Application(wait), threads=1)
        asked = [Protocol() for _ in range(4)]
        tasks = []
        for number, protocol in enumerate(asked):
            call = tried.__rsgi__(scope(query_string=f"{number}"), protocol)  # type: ignore[arg-type]
            tasks.append(asyncio.create_task(call))
            await asyncio.sleep(0)
        await tasks[3]
        await asyncio.to_thread(begun.wait, 30)
        asked[1].gone.set()
        await tasks[1]
        go_on.set()
        await asyncio.gather(*tasks)
        return asked

    answered = run_apart(story())
    assert [protocol.status for protocol in answered] == [200, 0, 200, 503]
    assert ("retry-after", "5") in answered[3].headers
    assert done == ["0", "2"]
