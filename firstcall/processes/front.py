"""Between granian and the WSGI application: a request is given a thread only when its body has come in.

The event loop takes the body in, into memory or a temporary file. One that is larger than any form or call is a file on its
way in: the application reads it as it comes, in threads that nothing else waits for.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from itertools import chain
from typing import Any

from django.http import HttpResponse
from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian._granian import RSGIProtocolClosed as ProtocolClosed
from granian.rsgi import Scope

from firstcall.processes.bodies import Body, BrokenOffError, RestOfBody
from firstcall.processes.environ import Environ, File, environ_of
from firstcall.processes.streams import Follow, Stream, Streams

log = logging.getLogger(__name__)

_STACK = 64 * 2**20  # bytes: enough for as many nested calls as Python allows before it raises RecursionError
_TURN = 0.001  # seconds that a thread may go on while the event loop waits for its turn
_FOR_FILES = 2  # threads for bodies that are read as they come
_MOST_WAITING = 1_000  # requests without a thread
_RETRY_AFTER = 5  # seconds

Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Front:
    """What granian runs, by its interface RSGI."""

    def __init__(self, application: Application, *, threads: int, follow: Follow | None = None) -> None:
        threading.stack_size(_STACK)
        sys.setswitchinterval(_TURN)
        self._application = application
        self._calls = _Lane(threads)
        self._files = _Lane(_FOR_FILES)
        self._streams = Streams(follow)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._streams.stop_at_signal(loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        if self._calls.is_full:
            _busy(protocol)
            return
        environ = environ_of(scope)
        length = int(environ["CONTENT_LENGTH"]) if "CONTENT_LENGTH" in environ else None
        if length is None and "HTTP_TRANSFER_ENCODING" not in environ and scope.http_version != "2":
            length = 0
        with Body(protocol, length) as body:
            try:
                await body.take_in()
                await self._answer(environ, body, protocol)
            except TimeoutError:
                says = "The rest of the request did not come in time."
                _refuse(protocol, HTTPStatus.REQUEST_TIMEOUT, "too-slow", says, ("connection", "close"))
            except BrokenOffError:
                _refuse(protocol, HTTPStatus.BAD_REQUEST, "malformed", "The request broke off.")

    async def _answer(self, environ: Environ, body: Body, protocol: HTTPProtocol) -> None:
        loop = asyncio.get_running_loop()
        if body.is_whole:
            lane, environ["wsgi.input"] = self._calls, body.file
            if "HTTP_TRANSFER_ENCODING" in environ or body.size:
                environ["CONTENT_LENGTH"] = str(body.size)
        else:
            lane, environ["wsgi.input"] = self._files, io.BufferedReader(RestOfBody(body, loop), 2**16)
            # In chunks nobody says how much comes; the application is to know that it is more than it takes at once.
            environ.setdefault("CONTENT_LENGTH", str(sys.maxsize))
        if lane.is_full:
            _busy(protocol)
        else:
            opened = await lane.run(lambda: _run(self._application, environ, protocol, loop), protocol)
            if opened is not None:
                await self._stream(*opened, protocol)

    async def _stream(self, answer: Stream, headers: list[tuple[str, str]], protocol: HTTPProtocol) -> None:
        if self._streams.is_full:
            _busy(protocol)
        else:
            await self._streams.serve(answer, protocol, headers)


class _Lane:
    """Some threads, and who waits for them."""

    def __init__(self, threads: int) -> None:
        self._threads, self._under_way = threads, 0
        self._pool = ThreadPoolExecutor(threads, "web")

    @property
    def is_full(self) -> bool:
        return self._under_way >= self._threads + _MOST_WAITING

    async def run[T](self, task: Callable[[], T], protocol: HTTPProtocol) -> T | None:
        """The task is dropped where the caller goes away before there is a thread."""
        waits = self._under_way >= self._threads
        work = self._pool.submit(task)
        self._under_way += 1
        gone = asyncio.ensure_future(protocol.client_disconnect()) if waits else None
        if gone:
            gone.add_done_callback(lambda _: work.cancel())
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            if not work.cancelled():
                raise
            return None
        finally:
            self._under_way -= 1
            if gone:
                gone.cancel()


def _run(
    application: Application, environ: Environ, protocol: HTTPProtocol, loop: asyncio.AbstractEventLoop
) -> tuple[Stream, list[tuple[str, str]]] | None:
    """In a thread. It never raises. A stream is given back with its headers: the loop goes on with it."""
    status, headers, written = 500, list[tuple[str, str]](), list[bytes]()

    def start(line: str, given: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
        nonlocal status, headers
        # granian ends the connection for a value that is not ASCII.
        headers = [(name, value.encode("ascii", "replace").decode()) for name, value in given]
        status = int(line.split(" ", 1)[0])
        return written.append

    try:
        answer = application(environ, start)
        try:
            if isinstance(answer, Stream):
                return answer, headers
            if isinstance(answer, File) and (path := answer.path):
                protocol.response_file(status, headers, path)
            elif isinstance(answer, list | HttpResponse):
                protocol.response_bytes(status, headers, b"".join([*written, *answer]))
            else:
                pieces = iter(answer)
                first = next(pieces, b"")  # an application may say its headers only now
                transport = protocol.response_stream(status, headers)
                for piece in chain(written, [first], pieces):
                    asyncio.run_coroutine_threadsafe(_send(transport, piece), loop).result()
        finally:
            if (close := getattr(answer, "close", None)) is not None:
                close()
    except ProtocolClosed:
        pass  # the caller went away
    except Exception:
        log.exception("a request failed")
        _refuse(protocol, HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "The request failed.")
    return None


async def _send(transport: Any, piece: bytes) -> None:
    await transport.send_bytes(piece)


def _busy(protocol: HTTPProtocol) -> None:
    says = "Too many requests wait for an answer. Send it again later."
    _refuse(protocol, HTTPStatus.SERVICE_UNAVAILABLE, "busy", says, ("retry-after", str(_RETRY_AFTER)))


def _refuse(
    protocol: HTTPProtocol, status: HTTPStatus, code: str, says: str, *headers: tuple[str, str]
) -> None:
    """The answer in the API's form, unless there is one already."""
    content = {
        "type": f"urn:firstcall:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": says,
    }
    kind = ("content-type", "application/problem+json")
    protocol.response_bytes(status.value, [kind, *headers], json.dumps(content).encode())
