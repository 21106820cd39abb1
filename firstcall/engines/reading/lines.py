"""Physical lines of a text file, many at a time, in bounded memory whatever the length of a line."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from firstcall.engines.reading.encodings import Encoding

# A line or a row beyond this many characters is rejected, so that a broken file cannot eat the memory.
LONGEST = 16 * 1024 * 1024
BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True)
class Block:
    """Whole lines with their line feeds (the last one of a file may have none).

    share  how much of the file has been read by now
    """

    text: str
    first_line: int
    share: float


@dataclass(frozen=True)
class LongLine:
    """A line beyond the bound; only its beginning is kept."""

    line: int
    beginning: str


def read_lines(chunks: Iterable[tuple[bytes, float]], encoding: Encoding) -> Iterator[Block | LongLine]:
    """The file's lines in blocks of about BLOCK characters."""
    splitter = _Splitter()
    for text, share in _decoded(chunks, encoding):
        yield from splitter.feed(text, share)
    yield from splitter.finish()


def _decoded(chunks: Iterable[tuple[bytes, float]], encoding: Encoding) -> Iterator[tuple[str, float]]:
    decoder = codecs.getincrementaldecoder(encoding.name)(encoding.errors)
    only_returns: bool | None = None
    share = 0.0
    for chunk, share in chunks:
        text = decoder.decode(chunk)
        if only_returns is None and text:
            only_returns = "\r" in text and "\n" not in text
        yield (text.replace("\r", "\n") if only_returns else text), share
    yield decoder.decode(b"", final=True), share


class _Splitter:
    """Gathers text until whole lines make a block; passes over what grows too long without a line feed."""

    def __init__(self) -> None:
        self.line = 1
        self.held: list[str] = []
        self.size = 0
        self.share = 0.0
        self.skipped: str | None = None  # the beginning of the long line that is being passed over

    def feed(self, text: str, share: float) -> Iterator[Block | LongLine]:
        self.share = share
        if self.skipped is not None:
            end = text.find("\n")
            if end < 0:
                return
            yield self._long_line()
            text = text[end + 1 :]
        cut = text.rfind("\n") + 1
        if cut and self.size + cut >= BLOCK:
            yield self._block(text[:cut])
            text = text[cut:]
        self.held.append(text)
        self.size += len(text)
        if self.size > LONGEST:
            yield from self._shorten()

    def _shorten(self) -> Iterator[Block]:
        """What is held is too much for one line: give out its whole lines, and skip the rest if that is long."""
        text = "".join(self.held)
        self.held, self.size = [], 0
        cut = text.rfind("\n") + 1
        if cut:
            yield self._block(text[:cut])
        if len(text) - cut > LONGEST:
            self.skipped = text[cut : cut + 1000]
        else:
            self.held, self.size = [text[cut:]], len(text) - cut

    def _block(self, last: str) -> Block:
        text = "".join([*self.held, last])
        self.held, self.size = [], 0
        block = Block(text, self.line, self.share)
        self.line += text.count("\n")
        return block

    def _long_line(self) -> LongLine:
        long = LongLine(self.line, self.skipped or "")
        self.skipped = None
        self.line += 1
        return long

    def finish(self) -> Iterator[Block | LongLine]:
        if self.skipped is not None:
            yield self._long_line()
        elif self.size:
            yield self._block("")
