"""The model field for an instant."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from firstcall.scoring.times import datetime_of, moment_of

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _Field = models.DateTimeField  # what a type checker sees is what a model's attribute holds
else:
    _Field = models.BigIntegerField


class MomentField(_Field):  # type: ignore[type-arg]
    """An aware datetime, kept as whole microseconds since 1970 UTC."""

    description = "Instant"

    def from_db_value(
        self, value: int | None, expression: object, connection: BaseDatabaseWrapper
    ) -> datetime | None:
        return None if value is None else datetime_of(value)

    def to_python(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        raise ValidationError("%(value)r is no datetime.", params={"value": value})

    def get_prep_value(self, value: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        return moment_of(value)
