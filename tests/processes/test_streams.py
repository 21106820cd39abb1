"""Streams in the event loop: told of what is theirs, without a thread each; bounded; ended by the reader and by the end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from granian._granian import RSGIProtocolClosed

from firstcall.processes import streams
from firstcall.processes.streams import Stream, Streams


class Reader:
    """A connection that keeps what is sent."""

    def __init__(self) -> None:
        self.text, self.status, self.headers = "", 0, dict[str, str]()
        self.gone = asyncio.Event()
        self.reads = True

    async def client_disconnect(self) -> None:
        await self.gone.wait()

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Reader:
        self.status, self.headers = status, dict(headers)
        return self

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = status

    async def send_bytes(self, piece: bytes) -> None:
        if not self.reads:
            await asyncio.sleep(3_600)
        if self.gone.is_set():
            raise RSGIProtocolClosed
        self.text += piece.decode()

    async def reads_until(self, text: str) -> None:
        async with asyncio.timeout(30):
            while text not in self.text:
                await asyncio.sleep(0.005)


class News:
    """What the follower finds: put into `next` by the tests. A mark is how many of them are known; `m`: none."""

    def __init__(self) -> None:
        self.next: list[Collection[int] | Exception | None] = []
        self.asked = list[str]()

    def __call__(self, mark: str) -> tuple[Collection[int] | None, str]:
        self.asked.append(mark)
        known = int(mark) if mark.isdecimal() else 0
        moved: set[int] | None = set()
        for at, found in enumerate(self.next[known:], known):
            if isinstance(found, Exception):
                raise self.next.pop(at)  # type: ignore[misc]
            moved = None if moved is None or found is None else moved | set(found)
        return moved, str(len(self.next))


def run_apart[T](story: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, story).result()


def opened(all_of: Streams, ids: Collection[int], mark: str = "m") -> tuple[Reader, asyncio.Task[None]]:
    reader = Reader()
    headers = [("Content-Type", "text/event-stream"), ("Content-Length", "9")]
    return reader, asyncio.ensure_future(all_of.serve(Stream(ids, mark), reader, headers))


def test_each_is_told_of_its_own_alone() -> None:
    async def story() -> None:
        news = News()
        all_of = Streams(news, look=0.005)
        (ann, a), (bob, b) = opened(all_of, [1, 2]), opened(all_of, [3])
        await ann.reads_until("event: mark")
        assert ann.text.startswith("retry: ")
        assert "Content-Length" not in ann.headers
        news.next.append({2, 4})
        await ann.reads_until("event: moved\ndata: 2\n\n")
        news.next.append(None)
        await ann.reads_until("data: 1,2\n\n")
        await bob.reads_until("data: 3\n\n")
        assert "data: 2" not in bob.text
        assert news.asked[0] == "m", "it begins where the page ends"
        ann.gone.set()
        await a
        assert len(all_of) == 1
        all_of.stop()
        await b
        assert len(all_of) == 0

    run_apart(story())


def test_what_comes_between_the_question_and_the_listening_is_told() -> None:
    """The page asks, and has a mark; before it listens, those who listen already are told of more."""

    async def story() -> None:
        news = News()
        all_of = Streams(news, look=0.005)
        ann, a = opened(all_of, [1, 2, 3])
        news.next.append({1})
        await ann.reads_until("data: 1\n\n")
        mark = "1"
        news.next.append({2})
        await ann.reads_until("data: 2\n\n")
        bob, b = opened(all_of, [1, 2, 3], mark)
        await bob.reads_until("data: 2\n\n")
        assert "data: 1" not in bob.text
        news.next.append({3})
        await bob.reads_until("data: 3\n\n")
        all_of.stop()
        await asyncio.gather(a, b)

    run_apart(story())


def test_where_that_cannot_be_had_all_is_asked_anew() -> None:
    async def story() -> None:
        news = News()
        all_of = Streams(news, look=3_600)
        _, a = opened(all_of, [1])
        while not news.asked:
            await asyncio.sleep(0.005)
        news.next.append(RuntimeError("away"))
        bob, b = opened(all_of, [1, 2])
        await bob.reads_until("data: 1,2\n\n")
        all_of.stop()
        await asyncio.gather(a, b)

    run_apart(story())


def test_news_go_on_after_a_database_that_was_away() -> None:
    async def story() -> None:
        news = News()
        all_of = Streams(news, look=0.005)
        news.next += [RuntimeError("away"), RuntimeError("away"), {1}]
        ann, task = opened(all_of, [1])
        await ann.reads_until("data: 1")
        all_of.stop()
        await task

    run_apart(story())


def test_nobody_looks_when_nobody_listens() -> None:
    async def story() -> None:
        news = News()
        all_of = Streams(news, look=0.001)
        ann, task = opened(all_of, [1])
        await ann.reads_until("mark")
        ann.gone.set()
        await task
        await asyncio.sleep(0.05)
        looked = len(news.asked)
        await asyncio.sleep(0.05)
        assert len(news.asked) == looked
        cora, again = opened(all_of, [1])
        news.next.append({1})
        await cora.reads_until("data: 1")
        all_of.stop()
        await again

    run_apart(story())


def test_who_does_not_read_is_left_and_costs_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_PATIENCE", 0.02)

    async def story() -> None:
        news = News()
        all_of = Streams(news, look=0.005)
        ann, task = opened(all_of, [1])
        await ann.reads_until("mark")
        ann.reads = False
        news.next.append({1})
        await task
        assert len(all_of) == 0

    run_apart(story())


def test_a_silent_one_says_that_it_lives_and_ends_at_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT", 0.01)
    monkeypatch.setattr(streams, "LONGEST", 0.1)

    async def story() -> None:
        ann, task = opened(Streams(News(), look=0.005), [1])
        await task
        assert ann.text.count(": \n\n") >= 1

    run_apart(story())


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 2)

    async def story() -> None:
        all_of = Streams(News(), look=0.005)
        both = [opened(all_of, [1]) for _ in range(2)]
        for reader, _ in both:
            await reader.reads_until("mark")
        assert all_of.is_full
        all_of.stop()
        for _, task in both:
            await task

    run_apart(story())
