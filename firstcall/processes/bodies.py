"""The body of a request, taken in by the event loop; a large one is handed on as it comes."""

from __future__ import annotations

import asyncio
import io
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Self

from granian._granian import RSGIHTTPProtocol as HTTPProtocol

LARGEST = 8 * 2**20  # bytes of a body that is taken in before it has a thread; calls and forms are smaller
_IN_MEMORY = 2**16  # bytes; the rest is in a temporary file
_SILENCE = 20.0  # seconds in which something has to come
_IN_ALL = 300.0  # seconds for each LARGEST bytes


class BrokenOffError(OSError):
    """The connection ended before the body did."""


class Body:
    """`file` holds what was taken in, `size` bytes of it; `length` is what the caller says, None where nothing is said."""

    def __init__(self, protocol: HTTPProtocol, length: int | None) -> None:
        self.file: Any = io.BytesIO() if length == 0 else SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  __exit__ closes it
        self.size, self.is_whole = 0, length == 0
        self._length = length
        self._pieces = protocol.__aiter__() if length != 0 else None
        self._began = asyncio.get_running_loop().time()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    async def take_in(self) -> None:
        """Until it is whole, or larger than LARGEST. Raises TimeoutError and BrokenOffError."""
        if self._length is not None and self._length > LARGEST:
            return
        while not self.is_whole and self.size <= LARGEST:
            self.file.write(await self.next_piece())
        self.file.seek(0)

    async def next_piece(self) -> bytes:
        """Empty at the end. Raises TimeoutError and BrokenOffError."""
        if self._pieces is None or self.is_whole:
            return b""
        now = asyncio.get_running_loop().time()
        until = min(now + _SILENCE, self._began + _IN_ALL * (1 + self.size // LARGEST))
        async with asyncio.timeout_at(until):
            piece: bytes = await self._pieces.__anext__()
            if not piece:
                await self._end()
        self.size += len(piece)
        self.is_whole = not piece or self.size == self._length
        return piece

    async def _end(self) -> None:
        """An empty piece is the last one, unless another can be had: then the connection is broken."""
        assert self._pieces is not None  # noqa: S101
        try:
            await self._pieces.__anext__()
        except StopAsyncIteration:
            return
        raise BrokenOffError("the connection ended")


class RestOfBody(io.RawIOBase):
    """What was taken in of a body, and then what comes, as a thread may read it."""

    def __init__(self, body: Body, loop: asyncio.AbstractEventLoop) -> None:
        self._body, self._loop, self._left = body, loop, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = self._body.file.read(len(buffer)) or self._wait()
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def _wait(self) -> bytes:
        try:
            return asyncio.run_coroutine_threadsafe(self._body.next_piece(), self._loop).result()
        except TimeoutError:
            raise OSError("nothing came for too long") from None
