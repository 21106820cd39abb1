"""Spans of time in words, in each form that sentences need: a language may bend them by what stands before."""

from __future__ import annotations

from collections.abc import Mapping

from firstcall.scoring.saying import Forms
from firstcall.scoring.times import DAY, HOUR, MICROSECOND, MINUTE, WEEK

type Spans = Mapping[int, Forms]
"""By the length of a unit, the longest first."""

PLAIN: Spans = {
    WEEK: Forms("{count} week", "{count} weeks"),
    DAY: Forms("{count} day", "{count} days"),
    HOUR: Forms("{count} hour", "{count} hours"),
    MINUTE: Forms("{count} minute", "{count} minutes"),
    MICROSECOND: Forms("{count} microseconds", "{count} microseconds"),
}
# After `within` and before `ago`.
BENT: Spans = {
    WEEK: Forms("{count} week", "{count} weeks", "within"),
    DAY: Forms("{count} day", "{count} days", "within"),
    HOUR: Forms("{count} hour", "{count} hours", "within"),
    MINUTE: Forms("{count} minute", "{count} minutes", "within"),
    MICROSECOND: Forms("{count} microseconds", "{count} microseconds", "within"),
}
EVERY: Spans = {
    WEEK: Forms("every week", "every {count} weeks"),
    DAY: Forms("every day", "every {count} days"),
    HOUR: Forms("every hour", "every {count} hours"),
    MINUTE: Forms("every minute", "every {count} minutes"),
    MICROSECOND: Forms("every {count} microseconds", "every {count} microseconds"),
}
# Of a window, and of a test.
LAST: Spans = {
    WEEK: Forms("in the last week", "in the last {count} weeks"),
    DAY: Forms("in the last day", "in the last {count} days"),
    HOUR: Forms("in the last hour", "in the last {count} hours"),
    MINUTE: Forms("in the last minute", "in the last {count} minutes"),
    MICROSECOND: Forms("in the last {count} microseconds", "in the last {count} microseconds"),
}
WITHIN_LAST: Spans = {
    WEEK: Forms("in the last {count} week", "in the last {count} weeks"),
    DAY: Forms("in the last {count} day", "in the last {count} days"),
    HOUR: Forms("in the last {count} hour", "in the last {count} hours"),
    MINUTE: Forms("in the last {count} minute", "in the last {count} minutes"),
    MICROSECOND: Forms("in the last {count} microseconds", "in the last {count} microseconds"),
}
WITHIN_NEXT: Spans = {
    WEEK: Forms("in the next {count} week", "in the next {count} weeks"),
    DAY: Forms("in the next {count} day", "in the next {count} days"),
    HOUR: Forms("in the next {count} hour", "in the next {count} hours"),
    MINUTE: Forms("in the next {count} minute", "in the next {count} minutes"),
    MICROSECOND: Forms("in the next {count} microseconds", "in the next {count} microseconds"),
}


def span_phrase(span: int, forms: Spans = PLAIN) -> str:
    """The span in the largest unit that holds it whole, as `times.format_duration` has it.

    >>> span_phrase(14 * DAY), span_phrase(DAY, EVERY), span_phrase(DAY, WITHIN_LAST)
    ('2 weeks', 'every day', 'in the last 1 day')
    """
    unit = next(unit for unit in forms if span % unit == 0)
    return forms[unit](span // unit)
