"""Moments and spans of time as whole microseconds since 1970 UTC. Nothing here reads a clock."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

MICROSECOND = 1
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)
FIRST_MOMENT = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _ONE
LAST_MOMENT = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _ONE

UNITS = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK}
SHORTEST_DURATION = MINUTE
LONGEST_DURATION = 36_500 * DAY

_DURATION = re.compile(r"([0-9]+) (minute|hour|day|week)s?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:\.([0-9]+))?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


def parse_duration(text: str) -> int | None:
    """`N minutes|hours|days|weeks` as microseconds; None when it is not one (bounds are the caller's).

    >>> parse_duration("2 weeks") == 14 * DAY, parse_duration("1 month")
    (True, None)
    """
    match = _DURATION.fullmatch(text)
    return int(match[1]) * UNITS[match[2]] if match and len(match[1]) <= 12 else None


def format_duration(span: int) -> str:
    """The span in the largest unit that holds it whole.

    >>> format_duration(14 * DAY), format_duration(DAY), format_duration(90 * MINUTE)
    ('2 weeks', '1 day', '90 minutes')
    """
    for word, unit in reversed(UNITS.items()):
        if span % unit == 0:
            count = span // unit
            return f"{count} {word}" + ("" if count == 1 else "s")
    return f"{span} microseconds"


def is_date_text(text: str) -> bool:
    """Whether the text is a date that exists, `YYYY-MM-DD`."""
    return _DATE.fullmatch(text) is not None and parse_moment(text) is not None


def parse_time(text: str) -> int | None:
    """An RFC 3339 time (`T` or a space; without a zone UTC; digits beyond microseconds cut off) as a moment.

    >>> parse_time("1970-01-01T00:00:01.5Z"), parse_time("1970-01-01 01:00:00+01:00"), parse_time("1970-01-01")
    (1500000, 0, None)
    """
    match = _TIME.fullmatch(text)
    if not match:
        return None
    day, clock, fraction, zone = match.groups()
    if zone and zone not in "Zz" and (int(zone[1:3]) > 23 or int(zone[4:6]) > 59):
        return None
    try:
        whole = datetime.fromisoformat(f"{day}T{clock}+00:00")
    except ValueError:
        return None
    moment = (whole - _EPOCH) // _ONE + int((fraction or "0")[:6].ljust(6, "0"))
    if zone and zone not in "Zz":
        offset = (int(zone[1:3]) * 60 + int(zone[4:6])) * MINUTE
        moment += -offset if zone[0] == "+" else offset
    return moment if FIRST_MOMENT <= moment <= LAST_MOMENT else None


def parse_moment(text: str) -> int | None:
    """A date (its first moment, 00:00 UTC) or an RFC 3339 time as a moment; None for other text."""
    if _DATE.fullmatch(text):
        return parse_time(text + "T00:00:00Z")
    return parse_time(text)


def moment_of(value: date | datetime) -> int:
    """A Python date or datetime (naive ones are UTC) as a moment."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return (value - _EPOCH) // _ONE


def datetime_of(moment: int) -> datetime:
    """The moment as an aware datetime in UTC.

    >>> datetime_of(moment_of(date(2026, 9, 1)))
    datetime.datetime(2026, 9, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return _EPOCH + timedelta(microseconds=moment)


def format_moment(moment: int) -> str:
    """The moment as RFC 3339 in UTC, with a fraction only where there is one.

    >>> format_moment(0), format_moment(1_500_000)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500000Z')
    """
    return (_EPOCH + moment * _ONE).isoformat().replace("+00:00", "Z")
