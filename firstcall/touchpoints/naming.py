"""The names that senders give people, made alike: so that all ways of writing one are one identity."""

from __future__ import annotations

import hashlib
import math

from firstcall.records.keys import normalise
from firstcall.touchpoints.calls import Who
from firstcall.touchpoints.people import IdentityKind

LONGEST_NAME = 255

# What programs send for "nobody". Taken for an id, it would make one person of everybody.
_NOBODY = frozenset(
    {
        "",
        "null",
        "undefined",
        "none",
        "nan",
        "nil",
        "[object object]",
        "(not set)",
        "00000000-0000-0000-0000-000000000000",
    }
)


def name_of(value: object) -> str | None:
    """An id as text; None: nobody's. Ids that are too long to be kept are kept as their digest.

    >>> name_of(" u-7 "), name_of(7), name_of(7.0), name_of("undefined"), name_of(None), name_of(True)
    ('u-7', '7', '7', None, None, None)
    """
    if value is None:
        return None
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if isinstance(value, float):
            if not math.isfinite(value):
                return None
            value = int(value) if value.is_integer() else value
    text = str(value).strip()
    if text.casefold() in _NOBODY or "\0" in text:
        return None
    return text if len(text) <= LONGEST_NAME else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def who_of(
    *,
    user_id: object = None,
    external_id: object = None,
    email: object = None,
    phone: object = None,
    anonymous_id: object = None,
    region: str | None = None,
) -> Who:
    """Who is meant by the names as they were given; what can be no such name is left out.

    region  of phone numbers without a country code
    """
    phone = name_of(phone)
    return Who(
        user_id=name_of(user_id),
        external_id=_normal(IdentityKind.EXTERNAL_ID, external_id),
        email=_normal(IdentityKind.EMAIL, email),
        phone=None if phone is None else normalise(IdentityKind.PHONE, phone, region=region),
        anonymous_id=name_of(anonymous_id),
    )


def _normal(kind: IdentityKind, value: object) -> str | None:
    name = name_of(value)
    return None if name is None else normalise(kind, name)
