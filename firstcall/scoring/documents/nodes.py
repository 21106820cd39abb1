"""A document as a tree of nodes, each with its place. What keys and values mean is `reading`'s business."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal

from firstcall.scoring.problems import Path, Place, Problem
from firstcall.scoring.saying import said

# A whole rule nests 26 deep at most; this only keeps hostile text from exhausting the stack.
DEEPEST = 64
_LARGEST_EXPONENT = 400


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `source` is how it stands in the text, but for quotes; a number's value is exact."""

    value: str | bool | int | Decimal | None
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value; `place` is where the key stands."""

    key: str
    place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping; each key once."""

    entries: tuple[Entry, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Broken:
    """A value that a problem has been reported of; whoever meets it stays silent."""

    place: Place


type Node = Scalar | Entries | Items | Broken


@dataclass(frozen=True, slots=True)
class Document:
    """What could be read of a text; no root where the text has no content or cannot be read."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


class UnreadableError(Exception):
    """The text cannot be read any further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Lines:
    """Turns an index into a text into a place. Lines end with `\\n`, `\\r` or `\\r\\n`."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._starts = [0]
        self._starts += [
            index + 1
            for index, character in enumerate(text)
            if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n")
        ]

    def place(self, index: int) -> Place:
        line = bisect_right(self._starts, index)
        return Place(self._file, line, index - self._starts[line - 1] + 1)


class Keys:
    """The keys met so far in one mapping, to find doubled ones."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, Place] = {}

    def doubled(self, key: str, place: Place) -> Problem | None:
        first = self._places.setdefault(key, place)
        if first is place:
            return None
        return Problem(
            (*self._path, key),
            "doubled-key",
            said(
                "`{key}` stands here again; first in line {line}, column {column}.",
                key=shorten(key),
                line=str(first.line),
                column=str(first.column),
            ),
            said("Keep one of them."),
            place,
        )


def exact_number(text: str) -> int | Decimal:
    """A number in decimal digits without loss; beyond the sizes that a double holds, infinite or tiny.

    >>> exact_number("010"), exact_number("1.50"), exact_number("1e99999999999999999999")
    (10, Decimal('1.50'), Decimal('Infinity'))
    """
    if len(text) <= 40 and text.lstrip("+-").isdigit():
        return int(text)
    mantissa, _, exponent = text.lower().partition("e")
    size = Decimal(mantissa)
    if not size:
        return size
    # Python's decimals end at exponents of eighteen digits; past twelve they are all alike.
    power = int((exponent.lstrip("+-").lstrip("0") or "0")[:12]) * (-1 if exponent.startswith("-") else 1)
    magnitude = size.adjusted() + power
    if abs(magnitude) < _LARGEST_EXPONENT:
        return Decimal(text)
    return Decimal("1e-400" if magnitude < 0 else "Infinity").copy_sign(size)


def text_problem(text: str) -> str | None:
    """What keeps a text out of a database, if anything: NUL or half a surrogate pair."""
    if "\0" in text:
        return said("holds the character U+0000, which no database keeps")
    if any("\ud800" <= character <= "\udfff" for character in text):
        return said("holds half a surrogate pair, which is no character")
    return None


def shorten(text: str) -> str:
    """A text as a message quotes it."""
    return text if len(text) <= 60 else text[:57] + "…"
