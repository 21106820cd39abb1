"""Values as the cells of text files; `importing.cells` reads them back as they were."""

from __future__ import annotations

import json
import re
from typing import Any

from firstcall.records.kinds import FieldKind
from firstcall.scoring.times import format_moment

# A program of tables takes a text that begins so for a formula; an import takes #N/A for nothing.
_FORMULA = re.compile(r"'*(?:[=+@\t\r-]|#[A-Z0-9/!?]+\Z)")
_BROKEN = re.compile(r"'*#[A-Z0-9/!?]+\Z")
_THREE_DECIMALS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_SEPARATORS = ";|,\n"
_SAFE = (FieldKind.NUMBER, FieldKind.CURRENCY, FieldKind.PHONE, FieldKind.LOOKUP)


def cell_of(kind: FieldKind, value: Any, *, as_is: bool = False) -> str:
    """The value as text; with `as_is` a text that looks like a formula stays as it is."""
    if value is None:
        return ""
    match kind:
        case FieldKind.NUMBER | FieldKind.CURRENCY:
            # 1.234 could be a thousand, says whoever reads it; 1.2340 could not.
            return f"{value}0" if _THREE_DECIMALS.fullmatch(str(value)) else str(value)
        case FieldKind.DATE_TIME:
            return format_moment(int(value))
        case FieldKind.YES_NO:
            return "true" if value else "false"
        case FieldKind.MULTI_SELECT:
            text = _joined(value)
        case _:
            text = str(value)
    return text if as_is or kind in _SAFE else guarded(text)


def guarded(text: str) -> str:
    """With an apostrophe before what could be taken for a formula; an import takes it away again.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("it's")
    ("'=1+1", "''=1+1", "it's")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def guarded_error(text: str) -> str:
    """The same for sheets, where only an error could be meant."""
    return f"'{text}" if _BROKEN.match(text) else text


def _joined(values: list[str]) -> str:
    plain = all(v.strip() == v and not v.startswith("[") and not set(v) & set(_SEPARATORS) for v in values)
    return ";".join(values) if plain and values else json.dumps(values, ensure_ascii=False)
