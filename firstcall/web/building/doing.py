"""What is done to a rule that is being built: to one of its cards, or to what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import gettext

from firstcall.scoring.documents.plain import Plain
from firstcall.web.building.bodies import Body, UnshownError, body_of, dress, read_body
from firstcall.web.building.cards import criterion_of
from firstcall.web.building.drafting import Draft, Tree
from firstcall.web.building.offering import Offer
from firstcall.web.building.rows import Row, number_of, shown
from firstcall.web.building.settings_form import with_settings
from firstcall.web.numbers import whole


def done(draft: Draft, given: QueryDict) -> Draft:
    """The draft after what the form says was done to it: `do`, and `at` which criterion."""
    if draft.tree is None:
        return draft
    tree, does = deepcopy(draft.tree), given.get("do", "")
    if does == "settings":
        return draft.changed(_with_more(with_settings(tree, given, draft.offer), given))
    criteria = list(draft.criteria)
    at = _number(given.get("at", ""), len(criteria))
    if does == "add" and draft.offer is not None:
        criteria.append(_new(draft.offer, criteria, is_touchpoint=given.get("what") == "touchpoint"))
    elif at is None:
        return draft
    elif does == "card":
        criteria[at] = _carded(draft, criteria[at], given)
    elif does == "remove":
        del criteria[at]
    elif does == "duplicate":
        criteria.insert(at + 1, _copied(criteria[at], criteria))
    elif does == "move":
        to = _number(given.get("to", ""), len(criteria))
        criteria.insert(at if to is None else to, criteria.pop(at))
    return draft.changed({**tree, "criteria": criteria})


def _number(text: str, end: int) -> int | None:
    number = whole(text)
    return number if number is not None and number < end else None


def _carded(draft: Draft, held: Plain, given: QueryDict) -> Plain:
    old = held if isinstance(held, dict) else {}
    new = dict(old)
    name = given.get("name", "").strip()
    if name != shown(old.get("name")):
        new["name"] = name
    if "enabled" in given:
        new.pop("enabled", None)
        if old.get("enabled") is True:
            new["enabled"] = True
    else:
        new["enabled"] = False
    if "subject" not in given or draft.offer is None:
        key = next((key for key in ("points", "each") if key in old), None)
        points = given.get("points", "").strip()
        if key and points != shown(old[key]):
            new[key] = number_of(points)
        return new
    body = _fitted(read_body(given), old, draft.offer)
    return criterion_of(new, _one_more(body, given.get("more", "")), draft.offer)


def _fitted(body: Body, old: Tree, offer: Offer) -> Body:
    """Where something else is measured now, tests that cannot apply to it make room for one that can."""
    try:
        was = body_of(old)
    except UnshownError:
        return body
    if not body.types and body.subject != "field":
        body = replace(body, types=("web.visited",))
    if not body.field and body.subject == "field":
        body = replace(body, field=_first_field(offer))
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


def _other_worth(body: Body, was: Body) -> Body:
    """Points, each or table: what was said in one way is said in the other as far as it goes."""
    if body.worth == "table":
        points = was.points or "10"
        rows = tuple(replace(row, points=points) for row in (was.tests or (Row("filled"),)))
        return replace(body, rows=body.rows or rows, lose="", every="", at_most="")
    points = body.points or (was.rows[0].points if was.rows else "10")
    tests = tuple(replace(row, points="") for row in was.rows[:1] if row.test)
    return replace(body, points=points, tests=body.tests or tests, rows=())


def _one_more(body: Body, what: str) -> Body:
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


def _with_more(tree: Tree, given: QueryDict) -> Tree:
    """A row more of the rule's own parts."""
    match given.get("more"):
        case "grade":
            held = tree.get("grades")
            grades: Tree = dict(held) if isinstance(held, dict) else {}
            part = given.get("part", "")
            table = grades.get(part)
            if isinstance(table, dict):
                grades[part] = {**table, _free(gettext("New"), table): _above(table)}
            elif grades:
                grades[_free(gettext("New"), grades)] = _above(grades)
            else:
                grades = {gettext("Hot"): 60, gettext("Warm"): 30, gettext("Cold"): 0}
            tree["grades"] = grades
        case "group":
            held = tree.get("groups")
            groups: Tree = dict(held) if isinstance(held, dict) else {}
            tree["groups"] = {**groups, _free(gettext("New group"), groups): {"at_most": 50}}
        case "condition":
            held = tree.get("applies_to")
            tree["applies_to"] = [
                *(held if isinstance(held, list) else []),
                {"field": "owner", "empty": False},
            ]
    return tree


def _above(table: Tree) -> Plain:
    sizes = [Decimal(value) for value in table.values() if isinstance(value, int | Decimal)]
    most = max((size for size in sizes if size.is_finite() and abs(size) < 10**6), default=Decimal(0))
    return int(most) + 10


def _free(name: str, names: Tree) -> str:
    number, free = 2, name
    while free in names:
        free, number = f"{name} {number}", number + 1
    return free


def _names(criteria: Sequence[Plain]) -> Tree:
    return {shown(held.get("name")): None for held in criteria if isinstance(held, dict)}


def _new(offer: Offer, criteria: Sequence[Plain], *, is_touchpoint: bool) -> Tree:
    if is_touchpoint and offer.has_touchpoints:
        own = offer.module.is_people
        name = _free(gettext("Visited our pages"), _names(criteria))
        of: Tree = {} if own else {"of": offer.people[0]}
        return {"name": name, "touchpoint": "web.visited", **of, "in_last": "30 days", "points": 10}
    name = _free(gettext("New criterion"), _names(criteria))
    return {"name": name, "field": _first_field(offer), "empty": False, "points": 10}


def _first_field(offer: Offer) -> str:
    wished = ("job_title", "industry", "employees", "stage", "amount")
    return next((name for name in wished if name in offer.fields), next(iter(offer.fields)))


def _copied(held: Plain, criteria: Sequence[Plain]) -> Plain:
    if not isinstance(held, dict):
        return held
    return {
        **deepcopy(held),
        "name": _free(shown(held.get("name")) or gettext("New criterion"), _names(criteria)),
    }
