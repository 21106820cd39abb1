"""Touchpoints as they come in, in lines that are asked for again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.records.schema import name_of
from firstcall.touchpoints.arriving import Arrived
from firstcall.touchpoints.catalogue import label_of
from firstcall.touchpoints.models import Touchpoint
from firstcall.web.numbers import whole
from firstcall.web.properties import properties_in_words


@dataclass(frozen=True, slots=True)
class Line:
    """
    title   of its record; empty where there is none, or none that is seen
    about   its first properties
    is_new  it came since the lines before were shown
    """

    touchpoint: Touchpoint
    label: str
    title: str
    about: str
    is_seen: bool
    is_named: bool
    is_new: bool


def lines(found: Sequence[Arrived], after: str) -> list[Line]:
    """
    after  the id of the newest that is shown already, as it stands in an address
    """
    newest = whole(after)
    return [_line(one, is_new=newest is not None and one.touchpoint.pk > newest) for one in found]


def _line(arrived: Arrived, *, is_new: bool) -> Line:
    touchpoint, record = arrived.touchpoint, arrived.touchpoint.record
    title = about = ""
    if arrived.is_seen:
        about = properties_in_words(touchpoint.properties)
        if record is not None:
            title = name_of(record)
    return Line(
        touchpoint, label_of(touchpoint.type), title, about, arrived.is_seen, arrived.is_named, is_new
    )
