"""Points, numbers, durations, shares and moments of a rule, each within its bounds."""

from __future__ import annotations

import re
from decimal import Decimal

from firstcall.scoring.documents import Scalar, shorten
from firstcall.scoring.numbers import MILLION, TOO_LARGE, format_points, hundredths, points_decimal
from firstcall.scoring.reading.spots import Spot, kind_of
from firstcall.scoring.reading.vocabulary import (
    DURATION,
    LARGEST_POINTS,
    LEAST_EVERY,
    LEAST_SHARE,
    MOST_SHARE,
    SHARE,
)
from firstcall.scoring.saying import Pattern, said
from firstcall.scoring.times import (
    LONGEST_DURATION,
    SHORTEST_DURATION,
    format_duration,
    parse_duration,
    parse_moment,
)

_MOMENT_FIX = Pattern("Write a day like 2026-01-31 or a time like 2026-01-31T09:00:00Z.")
_NEARLY_DURATION = re.compile(r"\+?([0-9]{1,9})[ ]*([a-z]*)\.?")
# What people write -> the unit it means, or why there is none; abbreviations go to the first that fits.
_UNIT_WORDS = {
    "days": "day",
    "hours": "hour",
    "hrs": "hour",
    "weeks": "week",
    "wks": "week",
    "months": Pattern("The length of months varies: count in days or weeks, such as 30 days."),
    "minutes": "minute",
    "years": Pattern("The length of years varies: count in days or weeks, such as 365 days."),
    "yrs": Pattern("The length of years varies: count in days or weeks, such as 365 days."),
    "quarters": Pattern("The length of quarters varies: count in days or weeks, such as 90 days."),
    "seconds": Pattern("The shortest duration is 1 minute."),
}
_MOST_POINTS = LARGEST_POINTS // 100
_LONGEST = f"{LONGEST_DURATION // SHORTEST_DURATION // 1440:,} days"


def read_points(spot: Spot, *, least: int = -LARGEST_POINTS, most: int = LARGEST_POINTS) -> int | None:
    """Points as whole hundredths, never rounded."""
    number = _number(spot)
    if number is None:
        return None
    if not -_MOST_POINTS <= number <= _MOST_POINTS:
        spot.refuse(
            "out-of-bounds",
            said("{label} is at most 1,000,000 in size.", label=spot.label),
            said("Write a smaller number."),
        )
        return None
    points = _two_decimals(spot, number)
    if points is not None and not least <= points <= most:
        edge = (
            said("{least} or more", least=format_points(least))
            if points < least
            else said("{most} or less", most=format_points(most))
        )
        spot.refuse(
            "out-of-bounds",
            said("{label} is {edge}.", label=spot.label, edge=edge),
            said("Change the number."),
        )
        return None
    return points


def read_every(spot: Spot) -> int | None:
    """The number of a step, as whole millionths."""
    number = _number(spot)
    if number is None:
        return None
    if number >= TOO_LARGE // MILLION:
        spot.refuse(
            "out-of-bounds",
            said("{label} is below 10^12.", label=spot.label),
            said("Write a smaller number."),
        )
        return None
    if number < points_decimal(LEAST_EVERY):
        spot.refuse(
            "out-of-bounds",
            said("{label} is at least 0.01.", label=spot.label),
            said("Write a larger number."),
        )
        return None
    step = _two_decimals(spot, number)
    return None if step is None else step * (MILLION // 100)


def read_share(spot: Spot, text: str) -> int | None:
    """A percentage as hundredths of a percent."""
    match = SHARE.fullmatch(text)
    if not match:
        says = said(
            "{label} takes a percentage such as 50%, or a number of points, not {kind}.",
            label=spot.label,
            kind=kind_of(spot.node),
        )
        spot.refuse(
            "wrong-type", says, said("Write the number and % without a space, or the points without quotes.")
        )
        return None
    percent = Decimal(match[1])
    if not points_decimal(LEAST_SHARE) <= percent <= points_decimal(MOST_SHARE):
        spot.refuse(
            "out-of-bounds",
            said("{label} is from 1% to 100%.", label=spot.label),
            said("Change the percentage."),
        )
        return None
    return _two_decimals(spot, percent)


def read_duration(spot: Spot) -> int | None:
    """A duration as microseconds."""
    node = spot.node
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        number = isinstance(node, Scalar) and type(node.value) is int
        fix = (
            said("Say of what: {source} days?", source=shorten(node.source))
            if isinstance(node, Scalar) and number
            else ""
        )
        spot.refuse_type(said("a duration such as 30 days"), fix)
        return None
    text = node.value
    if not DURATION.fullmatch(text):
        says = said(
            "{label} takes a duration such as 30 days, not {kind}.", label=spot.label, kind=kind_of(node)
        )
        spot.refuse("duration", says, _duration_fix(text))
        return None
    span = parse_duration(re.sub(r"^0+(?=[0-9])", "", text))
    if span is None or span > LONGEST_DURATION:
        spot.refuse(
            "out-of-bounds",
            said("{label} is at most {longest}.", label=spot.label, longest=_LONGEST),
            said("Write a shorter duration."),
        )
        return None
    if span < SHORTEST_DURATION:
        shortest = format_duration(SHORTEST_DURATION)
        spot.refuse(
            "out-of-bounds",
            said("{label} is at least {shortest}.", label=spot.label, shortest=shortest),
            said("Write a longer duration."),
        )
        return None
    return span


def _duration_fix(text: str) -> str:
    match = _NEARLY_DURATION.fullmatch(text.casefold())
    word = match and next((word for word in _UNIT_WORDS if word.startswith(match[2])), None)
    if not match or not word:
        return said("Write a whole number, one space, and minutes, hours, days or weeks.")
    unit = _UNIT_WORDS[word]
    if isinstance(unit, Pattern):
        return unit()
    written = f"{int(match[1])} {unit}{'' if int(match[1]) == 1 else 's'}"
    return said("Write {written}.", written=written)


def read_moment(spot: Spot) -> int | None:
    """A day or time as microseconds since 1970."""
    node = spot.node
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        spot.refuse_type(said("a date or time"), _MOMENT_FIX())
        return None
    moment = parse_moment(node.value)
    if moment is None:
        spot.refuse(
            "moment",
            said(
                "{label} takes a date or time that exists, not {kind}.", label=spot.label, kind=kind_of(node)
            ),
            _MOMENT_FIX(),
        )
    return moment


def _number(spot: Spot) -> int | Decimal | None:
    node = spot.node
    if (
        not isinstance(node, Scalar)
        or isinstance(node.value, bool)
        or not isinstance(node.value, int | Decimal)
    ):
        quoted = isinstance(node, Scalar) and isinstance(node.value, str)
        spot.refuse_type(said("a number"), said("Write it in digits and without quotes.") if quoted else "")
        return None
    if isinstance(node.value, Decimal) and not node.value.is_finite():
        spot.refuse(
            "not-a-number",
            said(
                "{label} takes a number, and {source} is none.", label=spot.label, source=shorten(node.source)
            ),
        )
        return None
    return node.value


def _two_decimals(spot: Spot, number: int | Decimal) -> int | None:
    exact = hundredths(number)
    if exact is None:
        says = said("{label} has at most two decimals.", label=spot.label)
        spot.refuse("too-many-decimals", says, said("Round it: nothing here is rounded silently."))
    return exact
