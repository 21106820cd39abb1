"""Keyset paging: a page begins behind the last row of the one before, whatever was added or deleted since."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import pydantic
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from ninja import Query, Schema

from firstcall.api.problems import Fault, Refused, invalid

MOST = 1_000


class PageQuery(Schema):
    """Which page is asked for: `after` is the `next` of the page before."""

    limit: int = pydantic.Field(50, ge=1, le=MOST)
    after: str = pydantic.Field("", max_length=2_000)


Paging = Annotated[PageQuery, Query()]


class Page[Row](Schema):
    """`next` is null on the last page."""

    items: list[Row]
    next: str | None


def page[M: Model](
    rows: QuerySet[M], asked: PageQuery, *, order: Sequence[str] = ("id",)
) -> tuple[list[M], str | None]:
    """The rows of the page, and where the next begins.

    order  columns that are never null, the last of them unique; "-" before a name turns it round
    """
    if asked.after:
        try:
            rows = rows.filter(_behind(order, read_cursor(asked.after, len(order))))
        except (ValueError, TypeError, ValidationError):  # a number where a text is, or the other way round
            raise no_cursor() from None
    found = list(rows.order_by(*order)[: asked.limit + 1])
    if len(found) <= asked.limit:
        return found, None
    last = found[asked.limit - 1]
    return found[: asked.limit], write_cursor([_plain(last, name.lstrip("-")) for name in order])


def write_cursor(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def read_cursor(text: str, length: int) -> list[Any]:
    """The values of a cursor; raises Refused for a text that is none."""
    try:
        values = msgspec.json.decode(
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        )
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        values = None
    plain = isinstance(values, list) and len(values) == length and all(_is_plain(one) for one in values)
    if not plain:
        raise no_cursor()
    return list(values)


def whole_cursor(text: str) -> tuple[int, int]:
    """The values of a cursor of two whole numbers; raises Refused for a text that is none."""
    first, second = read_cursor(text, 2)
    if not isinstance(first, int) or not isinstance(second, int):
        raise no_cursor()
    return first, second


def no_cursor() -> Refused:
    return invalid([Fault("after", "is not the `next` of a page.", "Send it as it came, or leave it out.")])


def _is_plain(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 2**63
    return isinstance(value, str) and "\0" not in value


def _behind(order: Sequence[str], values: Sequence[Any]) -> Q:
    """One column after the other: greater in the first, or equal there and greater in the second …"""
    condition = Q()
    for at, name in enumerate(order):
        equal = {order[i].lstrip("-"): values[i] for i in range(at)}
        beyond = f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}"
        condition |= Q(**equal, **{beyond: values[at]})
    return condition


def _plain(row: Model, name: str) -> Any:
    """The column's value as the database compares it: moments and points are whole numbers there."""
    *way, last = name.split("__")
    for step in way:
        row = getattr(row, step)
    field = row._meta.get_field(last)
    assert isinstance(field, Field)  # noqa: S101
    value = field.get_prep_value(getattr(row, last))
    return value if isinstance(value, int | str) and not isinstance(value, bool) else int(value)
