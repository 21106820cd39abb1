"""The text of a rule under another name, with all else in it, comments too, as it is."""

from __future__ import annotations

import json
from itertools import pairwise

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)


def renamed(text: str, name: str) -> str:
    """The text of a rule that can be read, with the name put in the place of its own.

    >>> renamed("name: Old  # for sales\\nmodule: leads\\n", "New: one")
    'name: "New: one"  # for sales\\nmodule: leads\\n'
    """
    written = json.dumps(name, ensure_ascii=False)
    try:
        start, end = _name_of(text)
    except (YAMLError, LookupError):
        # JSON that is no YAML: with tabs before its keys.
        return json.dumps({**json.loads(text), "name": name}, ensure_ascii=False, indent=2) + "\n"
    # A block of text ends with the break of its last line.
    broken = text[start:end].endswith("\n")
    return text[:start] + written + ("\n" if broken else "") + text[end:]


def _name_of(text: str) -> tuple[int, int]:
    """From where to where the value of the outermost `name` stands."""
    depth, at_key = 0, False
    events: list[Event] = list(YAML(typ="safe", pure=True).parse(text))
    for event, following in pairwise(events):
        match event:
            case MappingStartEvent() | SequenceStartEvent():
                depth += 1
                at_key = depth == 1
                continue
            case MappingEndEvent() | SequenceEndEvent():
                depth -= 1
            case ScalarEvent(value="name") if depth == 1 and at_key:
                return following.start_mark.index, following.end_mark.index
        if depth == 1:
            at_key = not at_key
    raise LookupError("name")
