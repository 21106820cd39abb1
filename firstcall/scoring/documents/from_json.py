"""Strict JSON to nodes, with places, which the standard library's parser does not keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecodeError, JSONDecoder

from firstcall.scoring.documents.nodes import (
    DEEPEST,
    Broken,
    Document,
    Entries,
    Entry,
    Items,
    Keys,
    Lines,
    Node,
    Scalar,
    UnreadableError,
    exact_number,
    shorten,
    text_problem,
)
from firstcall.scoring.problems import Path, Problem
from firstcall.scoring.saying import said

# Used for texts alone: it knows their escapes.
_STRINGS = JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z0-9_+.-]+")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse_json(text: str, file: str) -> Document:
    """The one value of the text, with every problem that can be found."""
    return _Parser(text, file).document()


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._lines = Lines(text, file)
        self._index = 0
        self._problems: list[Problem] = []

    def document(self) -> Document:
        root: Node | None = None
        try:
            if self._peek():
                root = self._value((), 1)
                if self._peek():
                    raise self._unreadable(
                        said("Something follows the end of the document."), said("Remove it.")
                    )
        except UnreadableError as error:
            self._problems.append(error.problem)
            root = None
        return Document(root, tuple(self._problems))

    def _peek(self) -> str:
        """The next character that is no space; empty at the end."""
        match = _SPACE.match(self._text, self._index)
        self._index = match.end() if match else self._index
        return self._text[self._index : self._index + 1]

    def _value(self, path: Path, depth: int) -> Node:
        character = self._peek()
        if depth > DEEPEST:
            place = self._lines.place(self._index)
            raise UnreadableError(
                Problem((), "too-deep", said("Nothing in a rule is nested this deep."), "", place)
            )
        if character == "{":
            return self._entries(path, depth)
        if character == "[":
            return self._items(path, depth)
        return self._string(path) if character == '"' else self._word()

    def _string(self, path: Path) -> Scalar | Broken:
        place = self._lines.place(self._index)
        text = self._scan()
        if trouble := text_problem(text):
            self._problems.append(
                Problem(
                    path, "not-text", said("The text {trouble}.", trouble=trouble), said("Remove it."), place
                )
            )
            return Broken(place)
        return Scalar(text, text, place)

    def _scan(self) -> str:
        try:
            text: str
            text, self._index = _STRINGS.raw_decode(self._text, self._index)
        except JSONDecodeError as error:
            self._index = min(error.pos, len(self._text))
            reason = error.msg.removesuffix(" at").removesuffix(" starting")
            raise self._unreadable(
                said("This text is not written as JSON wants it: {reason}.", reason=reason.lower())
            ) from None
        return text

    def _word(self) -> Scalar:
        place = self._lines.place(self._index)
        match = _WORD.match(self._text, self._index)
        if not match:
            found = f"`{self._peek()}`" if self._peek() else said("the end of the text")
            raise self._unreadable(
                said("A value is missing: here is {found}.", found=found),
                said("Texts stand in double quotes."),
            )
        source = match[0]
        if source not in _WORDS and not _NUMBER.fullmatch(source):
            says = said("`{source}` is not a JSON value.", source=shorten(source))
            raise self._unreadable(says, said("Put text in double quotes; write a number like 12 or 0.5."))
        self._index = match.end()
        value = _WORDS[source] if source in _WORDS else exact_number(source)
        return Scalar(value, source, place)

    def _items(self, path: Path, depth: int) -> Items:
        place = self._lines.place(self._index)
        items: list[Node] = []
        self._members("]", lambda: items.append(self._value((*path, len(items)), depth + 1)))
        return Items(tuple(items), place)

    def _entries(self, path: Path, depth: int) -> Entries:
        place = self._lines.place(self._index)
        entries: list[Entry] = []
        keys = Keys(path)

        def member() -> None:
            entry = self._entry(path, depth)
            if entry and (problem := keys.doubled(entry.key, entry.place)):
                self._problems.append(problem)
            elif entry:
                entries.append(entry)

        self._members("}", member)
        return Entries(tuple(entries), place)

    def _entry(self, path: Path, depth: int) -> Entry | None:
        if self._peek() != '"':
            raise self._unreadable(said("A key is missing."), said("Keys stand in double quotes."))
        key = self._string(path)
        if self._peek() != ":":
            raise self._unreadable(said("A colon is missing after the key."), said('Write "key": value.'))
        self._index += 1
        name = key.source if isinstance(key, Scalar) else ""
        value = self._value((*path, name), depth + 1)
        return Entry(name, key.place, value) if isinstance(key, Scalar) else None

    def _members(self, closing: str, read_member: Callable[[], None]) -> None:
        """Reads members up to the closing bracket; the index stands on the opening one."""
        self._index += 1
        if self._peek() == closing:
            self._index += 1
            return
        while True:
            read_member()
            character = self._peek()
            if character not in (",", closing):
                raise self._unreadable(said("A comma or `{closing}` is missing.", closing=closing))
            self._index += 1
            if character == closing:
                return
            if self._peek() == closing:
                raise self._unreadable(said("Nothing follows the comma."), said("Remove the last comma."))

    def _unreadable(self, says: str, fix: str = "") -> UnreadableError:
        return UnreadableError(Problem((), "json", says, fix, self._lines.place(self._index)))
