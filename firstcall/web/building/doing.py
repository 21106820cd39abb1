"""What is done to a rule that is being built: to one of its cards, or to what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import gettext

from firstcall.scoring.documents.plain import Plain
from firstcall.web.building.bodies import UnshownError, body_of
from firstcall.web.building.cards import criterion_of
from firstcall.web.building.drafting import Draft, Tree
from firstcall.web.building.filling import read_body
from firstcall.web.building.fitting import first_field, fitted
from firstcall.web.building.joining import with_more
from firstcall.web.building.offering import Offer
from firstcall.web.building.rows import number_of, shown
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
    try:
        was = body_of(old)
    except UnshownError:
        return new
    body = fitted(read_body(given), was, draft.offer)
    body = with_more(body, given.get("more", ""), given.get("part", ""), draft.offer)
    return criterion_of(new, body, draft.offer)


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
    return {"name": name, "field": first_field(offer), "empty": False, "points": 10}


def _copied(held: Plain, criteria: Sequence[Plain]) -> Plain:
    if not isinstance(held, dict):
        return held
    return {
        **deepcopy(held),
        "name": _free(shown(held.get("name")) or gettext("New criterion"), _names(criteria)),
    }
