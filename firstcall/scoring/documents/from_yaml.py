"""YAML 1.2 to nodes. The library parses; what a plain scalar means is decided here, by the core schema
with one difference: only `true` and `false` are yes/no."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

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
from firstcall.scoring.documents.yaml_errors import error_index, explain_error
from firstcall.scoring.problems import Path, Place, Problem
from firstcall.scoring.saying import said, whole

_DECIMAL = re.compile(r"[-+]?[0-9]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_INFINITE = re.compile(r"[-+]?(\.inf|\.Inf|\.INF)")
_NOT_A_NUMBER = re.compile(r"\.nan|\.NaN|\.NAN")
_NULL = re.compile(r"null|Null|NULL|~|")
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# The parser takes these for line breaks, as YAML 1.1 did; in YAML 1.2 they are characters like others.
_FORMER_BREAKS = "\x85\u2028\u2029"
# Ten times as many entries as any list of a rule may have; reading on would only take time.
_FAR_TOO_MANY = 10_000

_CORE = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, Callable[[Scalar], bool]] = {
    f"{_CORE}int": lambda scalar: type(scalar.value) is int,
    f"{_CORE}float": lambda scalar: type(scalar.value) in (int, Decimal),
    f"{_CORE}bool": lambda scalar: type(scalar.value) is bool,
    f"{_CORE}null": lambda scalar: scalar.value is None,
}


def parse_yaml(text: str, file: str) -> Document:
    """The one document of the text, with every problem that can be found; raises UnreadableError."""
    lines = Lines(text, file)
    if unprintable := _UNPRINTABLE.search(text):
        code_point = f"U+{ord(unprintable[0]):04X}"
        says = said("YAML has no place for the control character {code_point}.", code_point=code_point)
        fix = said("Remove it, or write it as an escape within double quotes.")
        raise UnreadableError(Problem((), "yaml", says, fix, lines.place(unprintable.start())))
    return _Builder(text, lines).document()


def resolve(source: str) -> str | bool | int | Decimal | None:
    """The value of a plain scalar.

    >>> [resolve(source) for source in ("true", "True", "NO", "010", "0x1F", "1:30", "1e3", "~")]
    [True, 'True', 'NO', 10, 31, '1:30', Decimal('1E+3'), None]
    """
    if source in ("true", "false"):
        return source == "true"
    if _NULL.fullmatch(source):
        return None
    if _DECIMAL.fullmatch(source):
        return exact_number(source)
    if _OCTAL.fullmatch(source):
        return _whole_number(source[2:], 8)
    if _HEXADECIMAL.fullmatch(source):
        return _whole_number(source[2:], 16)
    if _INFINITE.fullmatch(source):
        return Decimal("-Infinity" if source[0] == "-" else "Infinity")
    return Decimal("NaN") if _NOT_A_NUMBER.fullmatch(source) else source


def _whole_number(digits: str, radix: int) -> int | Decimal:
    # Python turns only so many digits back into text; what is longer lies far beyond every bound.
    return int(digits, radix) if len(digits.lstrip("0")) <= 40 else Decimal("Infinity")


class _Builder:
    """Takes the parser's events one by one, so that hostile text is given up early."""

    def __init__(self, text: str, lines: Lines) -> None:
        self._lines = lines
        self._problems: list[Problem] = []
        text, self._restored = hide_former_breaks(text)
        self._events = self._parse(text)

    def _parse(self, text: str) -> Iterator[Event]:
        parser = YAML(typ="safe", pure=True)
        try:
            yield from parser.parse(text)
        except MarkedYAMLError as error:
            raise self._unreadable(error, error_index(error, len(text))) from None
        except (YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, AssertionError) as error:
            # Besides its own errors the parser lets some of Python's slip, such as for "\UFFFFFFFF".
            raise self._unreadable(error, min(parser.reader.index, len(text))) from None

    def _unreadable(self, error: Exception, index: int) -> UnreadableError:
        says, fix = explain_error(error)
        return UnreadableError(Problem((), "yaml", says, fix, self._lines.place(index)))

    def document(self) -> Document:
        root: Node | None = None
        try:
            next(self._events)  # the stream starts
            if not isinstance(next(self._events), StreamEndEvent):
                root = self._node(next(self._events), (), 1)
                self._end()
        except UnreadableError as error:
            self._problems.append(error.problem)
            root = None
        return Document(root, tuple(self._problems))

    def _end(self) -> None:
        event = next(self._events)
        if isinstance(event, DocumentEndEvent):
            event = next(self._events)
        if not isinstance(event, StreamEndEvent):
            self._refuse(
                event,
                (),
                "several-documents",
                said("A second document begins here."),
                said("Keep one rule a file."),
            )

    def _node(self, event: Event, path: Path, depth: int) -> Node:
        if depth > DEEPEST:
            raise UnreadableError(
                self._problem(event, (), "too-deep", said("Nothing in a rule is nested this deep."))
            )
        match event:
            case ScalarEvent():
                return self._scalar(event, path)
            case SequenceStartEvent():
                return self._items(event, path, depth)
            case MappingStartEvent():
                return self._entries(event, path, depth)
        name = f"*{event.anchor}" if isinstance(event, AliasEvent) else "this"
        self._refuse(
            event,
            path,
            "alias",
            said("`{name}` is an alias, and a rule is written without aliases.", name=shorten(name)),
            said("Write out what it stands for; a text that begins with * goes in quotes."),
        )
        return Broken(self._place(event))

    def _scalar(self, event: ScalarEvent, path: Path) -> Node:
        place, source = self._place(event), self._restored(event.value)
        if trouble := text_problem(source):
            self._refuse(
                event, path, "not-text", said("The text {trouble}.", trouble=trouble), said("Remove it.")
            )
            return Broken(place)
        plain = event.implicit[0] and event.tag is None
        tag = event.tag
        if tag is None or tag in ("!", f"{_CORE}str"):
            return Scalar(resolve(source) if plain else source, source, place)
        scalar = Scalar(resolve(source), source, place)
        if tag in _SCALAR_TAGS and _SCALAR_TAGS[tag](scalar):
            return scalar
        self._refuse_tag(event, path)
        return Broken(place)

    def _items(self, event: SequenceStartEvent, path: Path, depth: int) -> Node:
        fits = self._fits_collection(event, path, "seq")
        items: list[Node] = []
        for inner in self._events:
            if isinstance(inner, SequenceEndEvent):
                break
            if len(items) == _FAR_TOO_MANY:
                says = said(
                    "This list has more than {most} entries; a list has at most 1,000.",
                    most=whole(_FAR_TOO_MANY),
                )
                raise UnreadableError(self._problem(inner, path, "too-many", says))
            items.append(self._node(inner, (*path, len(items)), depth + 1))
        return Items(tuple(items), self._place(event)) if fits else Broken(self._place(event))

    def _entries(self, event: MappingStartEvent, path: Path, depth: int) -> Node:
        fits = self._fits_collection(event, path, "map")
        entries: list[Entry] = []
        keys = Keys(path)
        for inner in self._events:
            if isinstance(inner, MappingEndEvent):
                break
            entry = self._entry(inner, path, depth)
            if entry and (problem := keys.doubled(entry.key, entry.place)):
                self._problems.append(problem)
            elif entry:
                entries.append(entry)
        return Entries(tuple(entries), self._place(event)) if fits else Broken(self._place(event))

    def _entry(self, event: Event, path: Path, depth: int) -> Entry | None:
        if isinstance(event, ScalarEvent):
            node = self._scalar(event, path)
            key = node.source if isinstance(node, Scalar) else None
        else:
            key = None
            if not isinstance(self._node(event, path, depth + 1), Broken):
                self._refuse(event, path, "key", said("A key is one word, not a list or a mapping."))
        if key is None:
            self._node(next(self._events), path, depth + 1)
            return None
        value, place = self._node(next(self._events), (*path, key), depth + 1), self._place(event)
        if isinstance(value, Scalar) and value.value is None and not value.source:
            value = Scalar(None, "", place)  # the parser places what is left out wherever it noticed
        return Entry(key, place, value)

    def _fits_collection(self, event: SequenceStartEvent | MappingStartEvent, path: Path, own: str) -> bool:
        if event.tag in (None, "!", _CORE + own):
            return True
        self._refuse_tag(event, path)
        return False

    def _refuse_tag(self, event: ScalarEvent | SequenceStartEvent | MappingStartEvent, path: Path) -> None:
        tag = str(event.tag).replace(_CORE, "!!")
        says = said("The tag `{tag}` does not fit here.", tag=shorten(tag))
        self._refuse(event, path, "tag", says, said("Remove it: a rule needs no tags."))

    def _refuse(self, event: Event, path: Path, code: str, says: str, fix: str = "") -> None:
        self._problems.append(self._problem(event, path, code, says, fix))

    def _problem(self, event: Event, path: Path, code: str, says: str, fix: str = "") -> Problem:
        return Problem(path, code, says, fix, self._place(event))

    def _place(self, event: Event) -> Place:
        return self._lines.place(event.start_mark.index)


def hide_former_breaks(text: str) -> tuple[str, Callable[[str], str]]:
    """The text with a stand-in for each former line break, and the way back; it joins surrogates too."""
    hidden = {}
    unused = (code for code in range(0xE000, 0xF900) if chr(code) not in text)
    for character in _FORMER_BREAKS:
        if character in text and (stand_in := next(unused, None)):
            hidden[stand_in] = character
            text = text.replace(character, chr(stand_in))

    def restored(value: str) -> str:
        joined = value if value.isascii() else _join_surrogates(value)
        return joined.translate(hidden) if hidden else joined

    return text, restored


def _join_surrogates(value: str) -> str:
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
