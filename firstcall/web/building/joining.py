"""One thing more on a card: a row, a condition beside one, a group of them; and groups taken apart again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from firstcall.web.building.bodies import KEPT, Body
from firstcall.web.building.fitting import first_field
from firstcall.web.building.offering import FILLED, Offer
from firstcall.web.building.rows import Row

_PART = re.compile(r"m([0-9]{1,2})\.")


def with_more(body: Body, what: str, part: str, offer: Offer) -> Body:
    """`part` is the prefix of the member that it is done to; nothing of it is the whole."""
    places = [int(place) for place in _PART.findall(part)]
    if what == "apart" and places:
        return _within(body, places[:-1], lambda group: _apart(group, places[-1]))
    return _within(body, places, lambda one: _done(one, what, offer))


def _within(body: Body, places: Sequence[int], change: Callable[[Body], Body]) -> Body:
    """Changed where the places lead, which are those that members had when they were shown."""
    if not places:
        return change(body)
    members = tuple(
        _within(member, places[1:], change) if member.place == places[0] else member
        for member in body.members
    )
    return replace(body, members=members)


def _done(body: Body, what: str, offer: Offer) -> Body:
    if what in ("all", "any") and body.subject != KEPT:
        return _joined(body, what, offer)
    if body.is_group:
        if what == "condition":
            return _in_addition(body, offer)
        if what == "alone" and len(body.members) == 1:
            return _alone(body)
        return body
    return body if body.subject == KEPT else _one_row_more(body, what)


def _condition(offer: Offer) -> Body:
    return Body("field", field=first_field(offer), tests=(Row(FILLED),))


def _joined(body: Body, way: str, offer: Offer) -> Body:
    """Becomes one of two conditions."""
    if not body.may_join:
        return body
    one = replace(body, points="", group="", place=-1)
    return Body(way, points=body.points, group=body.group, members=(one, _condition(offer)), place=body.place)


def _in_addition(body: Body, offer: Offer) -> Body:
    if body.subject == "not" and body.members:
        inner = body.members if len(body.members) > 1 else ()
        [first, *_] = body.members
        if not inner and first.subject == "any":
            return replace(body, members=(_in_addition(first, offer),))
        return replace(body, members=(Body("any", members=(*body.members, _condition(offer))),))
    return replace(body, members=(*body.members, _condition(offer)))


def _alone(body: Body) -> Body:
    [member] = body.members
    if member.subject == KEPT or body.subject == "not":
        return body
    return replace(member, points=body.points, group=body.group, place=body.place)


def _apart(body: Body, place: int) -> Body:
    """The members of a group within it, in its stead."""
    inner = next((member for member in body.members if member.place == place and member.is_group), None)
    if inner is None:
        return body
    if len(body.members) == 1:
        return replace(inner, points=body.points, group=body.group, place=body.place)
    members = [
        one
        for member in body.members
        for one in ([replace(m, place=-1) for m in inner.members] if member is inner else [member])
    ]
    return replace(body, members=tuple(members))


def _one_row_more(body: Body, what: str) -> Body:
    """A row more, where one was asked for."""
    if what == "w":
        return replace(body, where=(*body.where, replace(Row("is"), about="path")))
    if what == "t":
        taken = {row.test for row in body.tests}
        free = next((key for key in ("gte", "lte", "is_not", "filled") if key not in taken), "gte")
        return replace(
            body, tests=(*body.tests, Row("filled" if body.subject == "field" and not taken else free))
        )
    if what == "r":
        return replace(
            body, rows=(*body.rows, replace(Row(body.rows[0].test if body.rows else "filled"), points="0"))
        )
    if what == "decay":
        from_now = replace(body.lose_every, size="30", unit="days")
        return replace(
            body,
            lose="50%",
            lose_every=from_now,
            every="",
            tests=() if body.worth == "points" else body.tests,
        )
    return body
