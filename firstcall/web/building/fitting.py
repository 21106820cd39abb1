"""A card made whole again after one thing in it was changed: what no longer goes with it makes room."""

from __future__ import annotations

from dataclasses import replace

from firstcall.web.building.bodies import KEPT, Body
from firstcall.web.building.dressing import dress
from firstcall.web.building.offering import Offer
from firstcall.web.building.rows import Row


def fitted(body: Body, was: Body | None, offer: Offer) -> Body:
    """Where something else is measured now, tests that cannot apply to it make room for one that can."""
    if body.is_group:
        return _fitted_group(body, was, offer)
    if body.subject == KEPT:
        return body
    if not body.types and body.subject != "field":
        body = replace(body, types=("web.visited",))
    if not body.field and body.subject == "field":
        body = replace(body, field=first_field(offer))
    if was is None or was.is_group or was.subject == KEPT:
        return body
    if body.worth == "each" and not body.may_each:
        body = replace(body, worth="points")
    if body.worth != was.worth:
        body = _other_worth(body, was)
    if body.subject == "days_since" and body.worth == "points" and not body.tests:
        body = replace(body, tests=(replace(Row("gte"), values=("14",)),))
    if body.lose and not body.may_fade:
        body = replace(body, lose="", lose_every=replace(body.lose_every, size=""))
    if (body.subject, body.field, body.aggregate) == (was.subject, was.field, was.aggregate):
        return body
    options = dress(body, offer).options
    first = Row(next(iter(options)) if body.subject != "field" or "filled" not in options else "filled")
    tests = tuple(row for row in body.tests if row.test in options and (body.subject == was.subject))
    rows = tuple(
        row if row.test in options or not row.test else replace(first, points=row.points) for row in body.rows
    )
    if not tests and body.worth == "points" and (body.subject == "field" or body.aggregate != "count"):
        tests = (first if body.subject == "field" else replace(first, values=("1",)),)
    return replace(body, tests=tests, rows=rows)


def _fitted_group(body: Body, was: Body | None, offer: Offer) -> Body:
    before = was.members if was is not None else ()
    members = tuple(
        fitted(member, before[member.place] if 0 <= member.place < len(before) else None, offer)
        for member in body.members
    )
    if body.subject == "not" and len(members) > 1:
        way = was.subject if was is not None and was.subject in ("all", "any") else "any"
        members = (Body(way, members=members),)
    return replace(body, members=members)


def first_field(offer: Offer) -> str:
    wished = ("job_title", "industry", "employees", "stage", "amount")
    return next((name for name in wished if name in offer.fields), next(iter(offer.fields)))


def _other_worth(body: Body, was: Body) -> Body:
    """Points, each or table: what was said in one way is said in the other as far as it goes."""
    if body.worth == "table":
        points = was.points or "10"
        rows = tuple(replace(row, points=points) for row in (was.tests or (Row("filled"),)))
        return replace(body, rows=body.rows or rows, lose="", every="", at_most="")
    points = body.points or (was.rows[0].points if was.rows else "10")
    tests = tuple(replace(row, points="") for row in was.rows[:1] if row.test)
    return replace(body, points=points, tests=body.tests or tests, rows=())
