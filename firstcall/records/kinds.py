"""What kinds of fields there are: which values each takes, and how it lies in a record's JSON object."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.numbers import format_scaled, millionths
from firstcall.scoring.saying import said, whole
from firstcall.scoring.times import is_date_text, parse_moment, parse_time
from firstcall.scoring.values import Kind

LONGEST_TEXT, LONGEST_LONG_TEXT = 1_000, 100_000  # characters
MOST_CHOSEN = 100
_PHONE = re.compile(r"\+?\(?[0-9][0-9 ()./-]{1,38}[0-9](,? ?(x|ext\.?) ?[0-9]{1,7})?", re.IGNORECASE)
_WHOLE = re.compile(r"[0-9]{1,18}")


class FieldKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CURRENCY = "currency"
    DATE = "date"
    DATE_TIME = "date_time"
    YES_NO = "yes_no"
    PICKLIST = "picklist"
    MULTI_SELECT = "multi_select"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    LOOKUP = "lookup"


class UnfitValueError(ValueError):
    """A value that a field does not take; `str` says what it takes."""


def _text(value: object, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str):
        raise UnfitValueError(said("takes a text"))
    if "\0" in value:
        raise UnfitValueError(said("takes a text without the character NUL"))
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise UnfitValueError(said("takes a text without half surrogate pairs, which are no characters"))
    if len(value) > longest:
        raise UnfitValueError(
            said(
                "takes at most {longest} characters; this has {count}",
                longest=whole(longest),
                count=whole(len(value)),
            )
        )
    return value


def _number(value: object) -> str:
    """As decimal text: a JSON number would lose digits on its way through other programs."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise UnfitValueError(said("takes a number"))
    try:
        scaled = millionths(Decimal(value) if isinstance(value, str) else value)
    except InvalidOperation:
        scaled = None
    if scaled is None:
        raise UnfitValueError(said("takes a number below a million million"))
    return format_scaled(scaled, 6)


def _date(value: object) -> str:
    text = _text(value)
    if not is_date_text(text) or parse_moment(text) is None:
        raise UnfitValueError(said("takes a date such as 2026-09-01"))
    return text


def _date_time(value: object) -> int:
    moment = parse_time(_text(value))
    if moment is None:
        raise UnfitValueError(said("takes a date and time such as 2026-09-01T12:00:00Z"))
    return moment


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise UnfitValueError(said("takes true or false"))
    return value


def _email(value: object) -> str:
    text = _text(value)
    try:
        validate_email(text)
    except ValidationError:
        raise UnfitValueError(said("takes an e-mail address")) from None
    return text


def _phone(value: object) -> str:
    text = _text(value)
    if not _PHONE.fullmatch(text):
        raise UnfitValueError(said("takes a phone number such as +49 30 1234567"))
    return text


def _url(value: object) -> str:
    text = _text(value)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UnfitValueError(said("takes an address such as https://example.com"))
    return text


def _multi_select(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_CHOSEN:
        raise UnfitValueError(said("takes a list of at most {most} texts", most=MOST_CHOSEN))
    return list(dict.fromkeys(_text(entry) for entry in value))


def _lookup(value: object) -> int:
    """The id of a record, as a number or as text."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise UnfitValueError(said("takes the id of a record"))


@dataclass(frozen=True, slots=True)
class _Form:
    """How one kind is read and stored.

    take     a value from outside to what the JSON object holds; raises UnfitValueError
    sql      reads it in PostgreSQL, {x} being the JSON value and {t} its text
    """

    take: Callable[[object], object]
    storage: Storage
    kind: Kind
    sql: str = "{t}"


_TEXT = (Storage.TEXT, Kind.TEXT)
_FORMS: Mapping[FieldKind, _Form] = {
    FieldKind.TEXT: _Form(_text, *_TEXT),
    FieldKind.LONG_TEXT: _Form(lambda value: _text(value, LONGEST_LONG_TEXT), *_TEXT),
    FieldKind.NUMBER: _Form(_number, Storage.DECIMAL, Kind.NUMBER, "CAST({t} AS NUMERIC)"),
    FieldKind.CURRENCY: _Form(_number, Storage.DECIMAL, Kind.NUMBER, "CAST({t} AS NUMERIC)"),
    FieldKind.DATE: _Form(_date, Storage.DATE, Kind.DATE, "CAST({t} AS DATE)"),
    FieldKind.DATE_TIME: _Form(_date_time, Storage.MICROSECONDS, Kind.TIME, "CAST({t} AS BIGINT)"),
    FieldKind.YES_NO: _Form(_yes_no, Storage.TRUTH, Kind.TRUTH, "CAST({t} AS BOOLEAN)"),
    FieldKind.PICKLIST: _Form(_text, *_TEXT),
    FieldKind.MULTI_SELECT: _Form(_multi_select, Storage.JSON, Kind.LIST, "{x}"),
    FieldKind.EMAIL: _Form(_email, *_TEXT),
    FieldKind.PHONE: _Form(_phone, *_TEXT),
    FieldKind.URL: _Form(_url, *_TEXT),
    FieldKind.LOOKUP: _Form(_lookup, Storage.INTEGER, Kind.NUMBER, "CAST({t} AS BIGINT)"),
}


def take_value(kind: FieldKind, value: object) -> object:
    """A value from outside as a record holds it; raises UnfitValueError."""
    return _FORMS[kind].take(value)


def column_of(kind: FieldKind, name: str, ref: str) -> Column:
    """How the compiler sees a field of this kind."""
    form = _FORMS[kind]
    return Column(name, ref, form.storage, form.kind)


def value_sql(kind: FieldKind, name: str) -> str:
    """PostgreSQL that reads the field from `r.values`; `name` is an API name, so it may stand in SQL."""
    return _FORMS[kind].sql.format(x=f"r.values -> '{name}'", t=f"r.values ->> '{name}'")
