"""Streams of server-sent events to open pages, told which of the records that they show have moved.

They live in the event loop and hold no thread: one follower a process looks for news, as long as somebody listens. What
cannot be sent at once is gathered, so a slow reader costs no memory; it is a set of numbers.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from django.http import HttpResponse
from granian._granian import RSGIProtocolClosed as ProtocolClosed

log = logging.getLogger(__name__)

MOST = 2_000  # streams of a process; each is a connection
LOOK = 1.0  # seconds between two looks for news
BEAT = 20.0  # seconds after which a silent stream says that it is alive; proxies end silent ones
LONGEST = 300.0  # seconds; then the browser comes again, and is asked anew who it is
_PATIENCE = 10.0  # seconds for a reader to take what is sent
_AGAIN = 3_000  # milliseconds until a browser comes again

type Follow = Callable[[str], tuple[Collection[int] | None, str]]
"""From behind a mark: the ids of what has moved (None: too much to name), and the next mark."""


class Opened(Protocol):
    """What granian gives a stream: the connection, and what may be sent on it."""

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Any: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...
    async def client_disconnect(self) -> None: ...


class Stream(HttpResponse):
    """An answer that goes on: a view gives it, and its thread is free again. Without the front it is its own first event.

    ids   the records that the page shows
    mark  behind which news is news
    """

    def __init__(self, ids: Collection[int], mark: str, moved: Collection[int] = ()) -> None:
        super().__init__(f"retry: {_AGAIN}\n{event(moved, mark)}", content_type="text/event-stream")
        self.ids, self.mark = frozenset(ids), mark
        self["Cache-Control"] = "no-store"
        self["X-Accel-Buffering"] = "no"


def event(moved: Collection[int], mark: str) -> str:
    """
    >>> event([7, 3], "1.2")
    'id: 1.2\\nevent: moved\\ndata: 3,7\\n\\n'
    >>> event([], "1.2")
    'id: 1.2\\nevent: mark\\ndata:\\n\\n'
    """
    name = "moved" if moved else "mark"
    told = ",".join(map(str, sorted(moved)))
    return f"id: {mark}\nevent: {name}\ndata:{' ' if told else ''}{told}\n\n"


class _Listener:
    def __init__(self, ids: frozenset[int]) -> None:
        self.ids, self.moved, self.mark = ids, set[int](), ""
        self.has_news = asyncio.Event()

    def tell(self, moved: Collection[int] | None, mark: str) -> None:
        news = self.ids if moved is None else self.ids.intersection(moved)
        if news:
            self.moved |= news
            self.mark = mark
            self.has_news.set()


class Streams:
    """All that are open in this process."""

    def __init__(self, follow: Follow | None, *, look: float = LOOK) -> None:
        self._follow, self._look = follow, look
        self._open: set[_Listener] = set()
        self._thread = ThreadPoolExecutor(1, "follower")
        self._follower: asyncio.Task[None] | None = None
        self._stopping = False

    def __len__(self) -> int:
        return len(self._open)

    @property
    def is_full(self) -> bool:
        return len(self._open) >= MOST or self._stopping

    async def serve(self, answer: Stream, protocol: Opened, headers: list[tuple[str, str]]) -> None:
        """Until the reader goes away, or its time is over, or the process stops."""
        listener = _Listener(answer.ids)
        # How long it will be nobody knows.
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        transport = protocol.response_stream(200, headers)
        gone = asyncio.ensure_future(protocol.client_disconnect())
        gone.add_done_callback(lambda _: listener.has_news.set())
        self._open.add(listener)
        catching_up = asyncio.ensure_future(self._begin(listener, answer.mark))
        try:
            await _send(transport, answer.content)
            ends = asyncio.get_running_loop().time() + LONGEST
            while not gone.done() and not self._stopping and asyncio.get_running_loop().time() < ends:
                try:
                    await asyncio.wait_for(listener.has_news.wait(), BEAT)
                except TimeoutError:
                    await _send(transport, b": \n\n")
                    continue
                listener.has_news.clear()
                if listener.moved:
                    moved, listener.moved = listener.moved, set()
                    await _send(transport, event(moved, listener.mark).encode())
        except (ProtocolClosed, TimeoutError):
            pass  # the reader went away, or does not read
        finally:
            self._open.discard(listener)
            gone.cancel()
            catching_up.cancel()

    def stop(self) -> None:
        """End all, so that the process need not wait for them."""
        self._stopping = True
        for listener in self._open:
            listener.has_news.set()

    def stop_at_signal(self, loop: asyncio.AbstractEventLoop) -> None:
        """End them before granian's own handler begins to wait for the open connections."""
        handle = getattr(loop, "_signal_handlers", {}).get(signal.SIGTERM)
        if handle is not None:
            loop.add_signal_handler(signal.SIGTERM, self._stop_and, handle)

    def _stop_and(self, handle: asyncio.Handle) -> None:
        self.stop()
        handle._run()

    async def _begin(self, listener: _Listener, mark: str) -> None:
        """The first has news from its mark on. For others the look is further by now: what came between their mark and
        their listening they are told apart, and of all where that cannot be had."""
        if self._follow is None:
            return
        if self._follower is None or self._follower.done():
            self._follower = asyncio.ensure_future(self._run(self._follow, mark))
            return
        moved: Collection[int] | None
        try:
            loop = asyncio.get_running_loop()
            moved, mark = await loop.run_in_executor(self._thread, self._follow, mark)
        except Exception:
            moved = None
        listener.tell(moved, mark)

    async def _run(self, follow: Follow, mark: str) -> None:
        """It begins at the mark of the first who listens, and ends when nobody does."""
        loop, failing = asyncio.get_running_loop(), False
        while self._open and not self._stopping:
            try:
                moved, mark = await loop.run_in_executor(self._thread, follow, mark)
                failing = False
            except Exception:
                if not failing:
                    log.exception("no news can be had of the scores; trying again")
                failing = True
                await asyncio.sleep(5 * self._look)
                continue
            if moved is None or moved:
                for listener in list(self._open):
                    listener.tell(moved, mark)
            await asyncio.sleep(self._look)


async def _send(transport: Any, piece: bytes) -> None:
    await asyncio.wait_for(transport.send_bytes(piece), _PATIENCE)
