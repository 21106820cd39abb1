"""The encoding of a text file: by its mark, else UTF-8 where that holds, else found out from the bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import charset_normalizer

from firstcall.engines.reading.alphabets import likely_encoding
from firstcall.engines.reading.errors import SourceError, file_error
from firstcall.scoring.saying import said

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64 * 1024
_TYPOGRAPHY = frozenset("€‚„…‹‘’“”•–—›™\xa0§«°»".encode("cp1252"))
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True)
class Encoding:
    """errors  how to decode; with `surrogateescape` single lines may hold bytes that are not UTF-8"""

    name: str
    errors: str = "strict"
    guessed: bool = False


def detect(path: str, chunks: Iterable[bytes]) -> Encoding:
    """The encoding of the whole file, every byte looked at. Raises SourceError when it is none that is known."""
    stream = iter(chunks)
    head = next(stream, b"")
    if marked := marked_encoding(head):
        return marked
    census = _Census()
    rest = b""
    for chunk in _chained(head, stream):
        if not rest and chunk.isascii():
            continue
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        if len(rest) > _SAMPLE * 256:  # no line is worth more memory than that
            lines, rest = [*lines, rest], b""
        census.count(lines)
    census.count([rest])
    if not census.broken:
        return Encoding("utf-8")
    if census.whole >= census.broken_lines:
        return Encoding("utf-8", "surrogateescape")
    return _guess(path, bytes(census.broken))


def marked_encoding(head: bytes) -> Encoding | None:
    """The encoding that a byte order mark, or the pattern of zero bytes that ASCII text has in UTF-16, tells."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, "surrogateescape" if name == "utf-8-sig" else "replace")
    even, odd = head[:1000:2], head[1:1000:2]
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(zeros) > 3 and zeros.count(0) > 0.9 * len(zeros) and others.count(0) < 0.1 * len(others):
            return Encoding(name, "replace", guessed=True)
    return None


def _chained(head: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from stream


class _Census:
    """How many lines beyond ASCII are whole UTF-8, and a sample of those that are not."""

    def __init__(self) -> None:
        self.whole = 0
        self.broken_lines = 0
        self.broken = bytearray()

    def count(self, lines: list[bytes]) -> None:
        for line in lines:
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                self.whole += 1
            except UnicodeDecodeError:
                self.broken_lines += 1
                if len(self.broken) < _SAMPLE:
                    self.broken += line[:_SAMPLE] + b"\n"


def _guess(path: str, sample: bytes) -> Encoding:
    """Quotes, dashes and euro signs alone: Windows-1252. Few bytes beyond ASCII among letters: a text in Latin, whose
    letters tell. Else the detector decides."""
    unknown = _unknown(path)
    if len(_CONTROL.findall(sample)) > len(sample) / 100:
        raise unknown
    beyond = [byte for byte in sample if byte >= 0x80]
    if _TYPOGRAPHY.issuperset(beyond):
        return Encoding("cp1252", "replace", guessed=True)
    high = len(beyond)
    letters = high + sum(chr(byte).isalpha() for byte in sample if byte < 0x80)
    if high < 0.35 * letters:
        likely = likely_encoding(sample)
        try:
            sample.decode(likely)
        except UnicodeDecodeError:
            return Encoding("latin-1", guessed=True)
        # Some bytes are undefined in encodings of Windows; elsewhere in the file they must not end the reading.
        return Encoding(likely, "replace", guessed=True)
    # Encodings of two and four bytes would show by zeros, or by their mark.
    wide = ("utf_16", "utf_32")
    best = next((m for m in charset_normalizer.from_bytes(sample) if not m.encoding.startswith(wide)), None)
    if best is None:
        raise unknown
    return Encoding(best.encoding, "replace", guessed=True)


def _unknown(path: str) -> SourceError:
    return file_error(
        path,
        "unknown-encoding",
        said("the text is in no encoding that could be recognised."),
        said("Save it as UTF-8, or name its encoding in a mapping (encoding: cp1250)."),
    )
