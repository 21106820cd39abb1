"""A JSON value of any type as one short text, which an index can hold and which tests read without parsing JSON.

A text stands for itself. All else, and a text that begins so itself, begins with MARK: `MARK#` and the whole
millionths of a number, `MARK"` and the text, or MARK and the value as JSON. Nothing is NULL.
"""

from __future__ import annotations

from collections.abc import Sequence

from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.numbers import MILLION

MARK = "\x01"
_NUMBER, _TEXT, _LIST = f"{MARK}#", f'{MARK}"', f"{MARK}["


def encode(dialect: Dialect, x: str) -> str:
    """The JSON value x, an expression of any cost but without effect, as such a text."""
    mark, text = dialect.literal(MARK), dialect.json_text(x)
    number = dialect.json_typed_number(x)
    marked_text = f"{dialect.literal(_TEXT)} || {text}"
    return (
        f"CASE WHEN {text} IS NOT NULL"
        f" THEN CASE WHEN {dialect.starts_with(text, MARK)} THEN {marked_text} ELSE {text} END"
        f" ELSE COALESCE({dialect.literal(_NUMBER)} || CAST({number} AS TEXT), {mark} || {dialect.json_written(x)}) END"
    )


def are_plain(texts: Sequence[str]) -> bool:
    """Whether such texts can be looked for in a coded value as it stands: nothing that is no text begins so."""
    return not any(text.startswith(MARK) for text in texts)


def text(dialect: Dialect, x: str) -> str:
    return (
        f"CASE WHEN NOT {dialect.starts_with(x, MARK)} THEN {x}"
        f" WHEN {dialect.starts_with(x, _TEXT)} THEN substr({x}, {len(_TEXT) + 1}) END"
    )


def number(dialect: Dialect, x: str) -> str:
    """Millionths of a number by type."""
    return (
        f"CASE WHEN {dialect.starts_with(x, _NUMBER)}"
        f" THEN CAST(substr({x}, {len(_NUMBER) + 1}) AS {dialect.narrow_type}) END"
    )


def truth(dialect: Dialect, x: str) -> str:
    true, false = dialect.literal(f"{MARK}true"), dialect.literal(f"{MARK}false")
    return f"CASE {x} WHEN {true} THEN TRUE WHEN {false} THEN FALSE END"


def is_list(dialect: Dialect, x: str) -> str:
    return dialect.starts_with(x, _LIST)


def is_empty(dialect: Dialect, x: str) -> str:
    """Whether it is the empty text or the empty list."""
    return f"{x} IN ('', {dialect.literal(f'{MARK}[]')})"


def json(dialect: Dialect, x: str) -> str:
    """The JSON value; a number as it counts, rounded to 6 places."""
    scaled = f"CAST({number(dialect, x)} AS {dialect.wide_type})"
    return (
        f"CASE WHEN {dialect.starts_with(x, _NUMBER)} THEN {dialect.json_of(f'{scaled} / {MILLION}')}"
        f" WHEN {text(dialect, x)} IS NOT NULL THEN {dialect.json_of(text(dialect, x))}"
        f" ELSE {dialect.json_parsed(f'substr({x}, {len(MARK) + 1})')} END"
    )
