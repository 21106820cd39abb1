"""Types that parameters and answers share."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from ninja import Path, Schema
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from firstcall.scoring.times import datetime_of, format_moment, moment_of, parse_time


def _read_moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    moment = parse_time(value) if isinstance(value, str) else None
    if moment is None:
        raise ValueError("must be a date and time with its offset, such as 2026-09-01T12:00:00Z")
    return datetime_of(moment)


Id = Annotated[int, Path(ge=1, lt=2**63)]
"""In a path."""
AskedId = Annotated[int, Field(ge=1, lt=2**63)]
"""In a query."""
GivenId = Annotated[int, Field(ge=1, lt=2**63, strict=True)]
"""In a body."""


def told_moment(at: datetime | None) -> str | None:
    """As `Moment` tells it, for answers that are written without a schema."""
    return None if at is None else format_moment(moment_of(at))


Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    PlainSerializer(lambda value: format_moment(moment_of(value)), return_type=str, when_used="unless-none"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339 with an offset; told in UTC."""


def _read_day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("must be a day, such as 2026-09-01")


_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
Day = Annotated[date, BeforeValidator(_read_day), WithJsonSchema({"type": "string", "format": "date"})]


def _stripped(text: str) -> str:
    """After its length was looked at: so the description says what is taken."""
    if not text.strip():
        raise ValueError("must have a character that is no space")
    return text.strip()


Stripped = AfterValidator(_stripped)
"""For texts: without the space around them, and not empty then."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), Stripped]


class Given(Schema):
    """What a request's body holds; a key that is not known is a fault, and not left out in silence."""

    model_config = ConfigDict(extra="forbid")
