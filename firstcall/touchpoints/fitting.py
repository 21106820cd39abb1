"""Makes what senders say of a person fit the field it goes to: what people mean is plain, even where its form is not."""

from __future__ import annotations

from typing import Any

from firstcall.records.kinds import FieldKind, UnfitValueError, take_value
from firstcall.records.models import Field
from firstcall.scoring.saying import said
from firstcall.scoring.times import format_moment, parse_moment

_YES = frozenset({"true", "yes", "y", "1", "on"})
_NO = frozenset({"false", "no", "n", "0", "off"})


def fit(field: Field, value: Any) -> object:
    """The value as it may be written into the field; raises UnfitValueError."""
    kind = FieldKind(field.kind)
    shaped = _shape(kind, value)
    if field.choices:
        shaped = _chosen(field, shaped)
    take_value(kind, shaped)
    return shaped


def _shape(kind: FieldKind, value: Any) -> Any:
    match kind:
        case FieldKind.YES_NO:
            return _yes_no(value)
        case FieldKind.NUMBER | FieldKind.CURRENCY:
            return value.replace(",", "").replace(" ", "") if isinstance(value, str) else value
        case FieldKind.DATE:
            return value[:10] if isinstance(value, str) and parse_moment(value) is not None else value
        case FieldKind.DATE_TIME:
            moment = parse_moment(value) if isinstance(value, str) else None
            return value if moment is None else format_moment(moment)
        case FieldKind.MULTI_SELECT:
            return value if isinstance(value, list) else [_text(value)]
        case FieldKind.URL:
            text = _text(value)
            return text if not isinstance(text, str) or "://" in text else f"https://{text}"
        case FieldKind.LOOKUP:
            return value
    return _text(value)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return ", ".join(value)
    return value.strip() if isinstance(value, str) else value


def _yes_no(value: Any) -> Any:
    word = _text(value)
    if isinstance(word, str) and word.lower() in _YES | _NO:
        return word.lower() in _YES
    return value


def _chosen(field: Field, value: Any) -> Any:
    """The choices as they are written, whatever the case in which they come."""
    written = {choice.casefold(): choice for choice in field.choices if isinstance(choice, str)}

    def one(entry: Any) -> Any:
        chosen = written.get(entry.casefold(), entry) if isinstance(entry, str) else entry
        if chosen not in field.choices:
            raise UnfitValueError(
                said(
                    "takes one of {choices}; {strange} is none",
                    choices=", ".join(map(str, field.choices)),
                    strange=str(entry)[:100],
                )
            )
        return chosen

    return [one(entry) for entry in value] if isinstance(value, list) else one(value)
