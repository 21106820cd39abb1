"""The moving windows of touchpoint measures: what they hold, who waits outside, when one enters or leaves."""

from __future__ import annotations

from firstcall.scoring.compiling.gathering import Gathering, Match
from firstcall.scoring.rules import TouchpointMeasure, Window


def match_of(measure: TouchpointMeasure) -> Match:
    """The touchpoints that the measure looks at; equal sets of types are one."""
    return Match(tuple(sorted(set(measure.types))), measure.where, measure.window, measure.of)


def of_any_age(match: Match) -> Match:
    """The touchpoints that have not left the window yet, those not old enough for it among them."""
    window = match.window
    return match.within(Window(in_last=window.in_last, start=window.start, end=window.end))


def waiting(match: Match) -> Match:
    """The touchpoints that are not yet old enough for the window."""
    window = match.window
    return match.within(Window(in_last=window.older_than, start=window.start, end=window.end))


def never_matches(window: Window) -> bool:
    """Whether a touchpoint leaves the window before it is old enough for it."""
    return (
        window.in_last is not None and window.older_than is not None and window.in_last <= window.older_than
    )


def next_events(gathering: Gathering, measure: TouchpointMeasure) -> list[str]:
    """The earliest moment at which a touchpoint leaves the window, and at which one enters it."""
    window, match = measure.window, match_of(measure)
    if never_matches(window):
        return []
    moments = []
    if window.in_last is not None:
        moments.append(f"{gathering.oldest(match)} + {window.in_last}")
    if window.older_than is not None:
        moments.append(f"{gathering.oldest(waiting(match))} + {window.older_than}")
    return moments
