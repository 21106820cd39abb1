"""Where the values of a YAML text begin and end, as indexes into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from firstcall.scoring.documents.from_yaml import hide_former_breaks


@dataclass(frozen=True, slots=True)
class Member:
    """A value in a collection. `start` is where its key begins, or the value; `key_end` where the key ends."""

    key: str
    start: int
    key_end: int
    value: Span


@dataclass(frozen=True, slots=True)
class Span:
    """A value from `start` to `end`. `is_open`: a collection with an entry a line, without brackets."""

    start: int
    end: int
    is_open: bool = False
    members: tuple[Member, ...] = ()


def spans(text: str) -> Span:
    """Of a text that can be read, whose value is a mapping; raises YAMLError and what else the parser lets slip."""
    hidden, _ = hide_former_breaks(text)
    events = iter(YAML(typ="safe", pure=True).parse(hidden))
    for event in events:
        if isinstance(event, MappingStartEvent):
            return _mapping(event, events)
    raise LookupError("mapping")


def _span(event: Event, events: Iterator[Event]) -> Span:
    match event:
        case MappingStartEvent():
            return _mapping(event, events)
        case SequenceStartEvent():
            return _sequence(event, events)
    return Span(event.start_mark.index, event.end_mark.index)


def _mapping(begin: MappingStartEvent, events: Iterator[Event]) -> Span:
    members: list[Member] = []
    for event in events:
        if isinstance(event, MappingEndEvent):
            return _whole(begin, event, members)
        if not isinstance(event, ScalarEvent):
            raise LookupError("key")
        members.append(
            Member(event.value, event.start_mark.index, event.end_mark.index, _span(next(events), events))
        )
    raise LookupError("end")


def _sequence(begin: SequenceStartEvent, events: Iterator[Event]) -> Span:
    members: list[Member] = []
    for event in events:
        if isinstance(event, SequenceEndEvent):
            return _whole(begin, event, members)
        value = _span(event, events)
        members.append(Member("", value.start, value.start, value))
    raise LookupError("end")


def _whole(begin: MappingStartEvent | SequenceStartEvent, end: Event, members: list[Member]) -> Span:
    """An open collection ends with its last value: the parser's own mark stands behind the comments that follow."""
    is_open = not begin.flow_style
    last = members[-1].value.end if is_open and members else end.end_mark.index
    return Span(begin.start_mark.index, last, is_open, tuple(members))
