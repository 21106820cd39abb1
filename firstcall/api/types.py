"""Types that parameters and answers share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Path, Schema
from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

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
GivenId = Annotated[int, Field(ge=1, lt=2**63)]
"""In a body or a query."""
Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    PlainSerializer(lambda value: format_moment(moment_of(value)), return_type=str, when_used="unless-none"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339 with an offset; told in UTC."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Given(Schema):
    """What a request's body holds; a key that is not known is a fault, and not left out in silence."""

    model_config = ConfigDict(extra="forbid")
