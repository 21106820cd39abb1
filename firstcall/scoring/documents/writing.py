"""Plain values as YAML or JSON text, the way people write rules: one key a line, what is short on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal

from firstcall.scoring.documents.from_yaml import resolve
from firstcall.scoring.documents.plain import Plain

WIDTH = 100
_OPEN = frozenset({"criteria", "applies_to"})  # always one entry a line
_BARE = re.compile(r"[^\W_][\w ./+%&()'<>$€-]*", re.UNICODE)
_BARE_PATH = re.compile(r"/[\w./-]*")


def written(value: Plain) -> str:
    """A whole document.

    >>> print(written({"name": "A", "criteria": [{"name": "B", "is": "yes: no", "points": Decimal("2.50")}]}), end="")
    name: A
    criteria:
      - name: B
        is: "yes: no"
        points: 2.5
    """
    if not isinstance(value, dict) or not value:
        return on_one_line(value) + "\n"
    return "".join(f"{line}\n" for key, held in value.items() for line in entry_lines(key, held))


def written_json(value: Plain, indent: int = 0) -> str:
    """The same as JSON."""
    deeper = " " * (indent + 2)
    match value:
        case dict() if value:
            inner = [
                f"{deeper}{_quoted(key)}: {written_json(held, indent + 2)}" for key, held in value.items()
            ]
            return "{\n" + ",\n".join(inner) + f"\n{' ' * indent}}}"
        case list() if value:
            inner = [f"{deeper}{written_json(held, indent + 2)}" for held in value]
            return "[\n" + ",\n".join(inner) + f"\n{' ' * indent}]"
        case str():
            return _quoted(value)
    return on_one_line(value)


def entry_lines(key: str, value: Plain, indent: int = 0) -> list[str]:
    """A key with its value, each line with its indentation."""
    pad = " " * indent
    head = f"{pad}{on_one_line(key)}:"
    short = f"{head} {on_one_line(value)}"
    match value:
        case dict() if value and len(short) > WIDTH:
            return [
                head,
                *(line for name, held in value.items() for line in entry_lines(name, held, indent + 2)),
            ]
        case list() if value and (
            key in _OPEN or (len(short) > WIDTH and any(isinstance(v, dict | list) for v in value))
        ):
            return [head, *(line for held in value for line in item_lines(held, indent + 2, key=key))]
    return [short]


def item_lines(value: Plain, indent: int, *, key: str = "") -> list[str]:
    """An entry of a list. Criteria are opened, other mappings stay on one line where there is room."""
    pad = " " * indent
    short = f"{pad}- {on_one_line(value)}"
    if isinstance(value, dict) and value and (key == "criteria" or len(short) > WIDTH):
        lines = list(_entries(value, indent + 2))
        return [f"{pad}- {lines[0].lstrip()}", *lines[1:]]
    return [short]


def _entries(value: dict[str, Plain], indent: int) -> Iterator[str]:
    for key, held in value.items():
        yield from entry_lines(key, held, indent)


def on_one_line(value: Plain) -> str:
    """
    >>> on_one_line({"a": ["x", "y, z", "true", True, None, Decimal("0.10")], "*": "2026-01-01"})
    '{a: [x, "y, z", "true", true, null, 0.1], "*": 2026-01-01}'
    """
    match value:
        case dict():
            return (
                "{"
                + ", ".join(f"{on_one_line(key)}: {on_one_line(held)}" for key, held in value.items())
                + "}"
            )
        case list():
            return "[" + ", ".join(map(on_one_line, value)) + "]"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return _number(value)
    return value if _may_stand_bare(value) else _quoted(value)


def _number(value: Decimal) -> str:
    if value.is_finite():
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return ".nan" if value.is_nan() else ("-.inf" if value < 0 else ".inf")


def _may_stand_bare(text: str) -> bool:
    fits = _BARE.fullmatch(text) or _BARE_PATH.fullmatch(text)
    return bool(fits) and not text.endswith(" ") and resolve(text) == text


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    # What JSON lets stand, and YAML does not.
    return re.sub(
        r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", quoted
    )
