"""A criterion from a card as it was filled in, with all that was not touched as it stood."""

from __future__ import annotations

from collections.abc import Mapping

from firstcall.scoring.documents import parse_document
from firstcall.scoring.documents.plain import Plain, plain
from firstcall.scoring.reading.vocabulary import AGGREGATES as AGGREGATE_KEYS
from firstcall.scoring.reading.vocabulary import COMBINATIONS, TEST_KEYS, WORTHS
from firstcall.web.building.bodies import KEPT, SUBJECTS, WINDOW, Body, Criterion, UnshownError, body_of
from firstcall.web.building.dressing import dress
from firstcall.web.building.offering import Offer
from firstcall.web.building.rows import Row, entry_like, number_of

# In which order the keys of a criterion are written.
_ORDER = (
    "name", "enabled", *SUBJECTS, *COMBINATIONS, "of", *AGGREGATE_KEYS, "where", *WINDOW, *TEST_KEYS,
    *WORTHS, "every", "at_most", "decay", "group",
)  # fmt: skip


def criterion_of(old: Criterion, body: Body, offer: Offer) -> Criterion:
    """The criterion that the body says, with all that was not touched as the old one has it."""
    try:
        was: Body | None = body_of(old)
    except UnshownError:
        was = None
    head: Criterion = {key: old[key] for key in ("name", "enabled") if key in old}
    parts = {**head, **_condition(old, body, was, offer), **_worth(old, body, was, offer)}
    if body.group:
        parts["group"] = old["group"] if was and was.group == body.group else body.group
    return _ordered(parts)


def _ordered(parts: Criterion) -> Criterion:
    return {key: parts[key] for key in sorted(parts, key=_ORDER.index)}


def _condition(old: Criterion, body: Body, was: Body | None, offer: Offer) -> Criterion:
    if body.is_group:
        return {body.subject: _members(old, body, was, offer)}
    return {**_subject(old, body, was), **_asked(old, body, was, offer)}


def _members(old: Criterion, body: Body, was: Body | None, offer: Offer) -> Plain:
    """What `all`, `any` or `not` holds. What is kept from before is known by what it says, else by its place."""
    before = was.members if was is not None and was.is_group else ()
    held = old.get(was.subject) if was is not None and was.is_group else None
    entries = held if isinstance(held, list) else [held]
    free = dict(enumerate(before))
    origins = dict[int, int]()
    for at, member in enumerate(body.members):
        like = [place for place, one in free.items() if one.filled == member.filled]
        if like:
            origins[at] = member.place if member.place in like else like[0]
            del free[origins[at]]
    found: list[Plain] = []
    for at, member in enumerate(body.members):
        place = origins.get(at, member.place if member.place in free else None)
        found.append(
            _member({}, member, None, offer)
            if place is None
            else entries[place]
            if at in origins
            else _member(entries[place], member, before[place], offer)
        )
    if body.subject != "not":
        return found or None
    return {"any": found} if len(found) > 1 else (found[0] if found else None)


def _member(old: Plain, body: Body, was: Body | None, offer: Offer) -> Plain:
    if body.subject == KEPT:
        root = parse_document(body.kept, "rule").root
        return None if root is None else plain(root)
    held = old if isinstance(old, dict) else {}
    return _ordered(_condition(held, body, None if was is None or was.subject == KEPT else was, offer))


def _subject(old: Criterion, body: Body, was: Body | None) -> Criterion:
    if body.subject == "field":
        return {"field": body.field or None}
    same = was is not None and was.subject == body.subject and was.types == body.types
    types: Plain = list(body.types) if len(body.types) > 1 else (body.types[0] if body.types else None)
    parts: Criterion = {body.subject: old[body.subject] if same else types}
    if body.of:
        parts["of"] = body.of
    if body.subject == "touchpoint" and body.aggregate != "count":
        parts[body.aggregate] = _aggregate(old, body, was)
    return parts


def _aggregate(old: Criterion, body: Body, was: Body | None) -> Plain:
    if body.aggregate == "distinct_days":
        return True
    if body.aggregate == "busiest":
        return body.span.plain() or "1 day"
    kept = was is not None and was.aggregate == body.aggregate and was.about == body.about
    return old[body.aggregate] if kept else body.about or None


def _asked(old: Criterion, body: Body, was: Body | None, offer: Offer) -> Criterion:
    parts: Criterion = {}
    if body.subject != "field" and body.where:
        parts["where"] = _where(old, body, was, offer)
    if body.subject == "touchpoint":
        for key in ("in_last", "older_than"):
            window = getattr(body, key)
            if window.size:
                parts[key] = (
                    old[key] if was and key in old and getattr(was, key) == window else window.plain()
                )
        for key, moment in (("from", body.from_), ("to", body.to)):
            if moment:
                parts[key] = moment
    if body.worth == "points":
        before = {} if was is None else {row.test: row for row in was.tests}
        for row in dress(body, offer).tests:
            key, value = row.plain()
            earlier = before.get(row.test)
            parts[key] = old[key] if earlier is not None and key in old and earlier.same_as(row) else value
    return parts


def _where(old: Criterion, body: Body, was: Body | None, offer: Offer) -> Plain:
    same = was is not None and len(was.where) == len(body.where)
    if was is not None and same and all(a.same_as(b) for a, b in zip(was.where, body.where, strict=True)):
        return old["where"]
    entries: list[Plain] = []
    for row in dress(body, offer).where:
        entry: Criterion = {"property": row.about or None}
        like = None if was is None else entry_like(row, was.where, old.get("where"))
        entries.append(like or entry | _pair(row))
    return entries if len(entries) > 1 else entries[0]


def _worth(old: Criterion, body: Body, was: Body | None, offer: Offer) -> Criterion:
    if body.worth == "table":
        return {"table": _table(old, body, was, offer)}
    parts: Criterion = {
        body.worth: _kept(
            old, body.worth, body.points, was.points if was and was.worth == body.worth else None
        )
    }
    if body.worth == "each":
        for key in ("every", "at_most"):
            typed = getattr(body, key)
            if typed:
                parts[key] = _kept(old, key, typed, None if was is None else getattr(was, key))
    if body.lose or (was is not None and was.lose and body.lose_every.size):
        decay = old.get("decay")
        parts["decay"] = {
            "lose": _kept(
                decay if isinstance(decay, dict) else {}, "lose", body.lose, None if was is None else was.lose
            ),
            "every": body.lose_every.plain() or "30 days",
        }
    return parts


def _table(old: Criterion, body: Body, was: Body | None, offer: Offer) -> Plain:
    rows: list[Plain] = []
    for row in dress(body, offer).rows:
        like = None if was is None else entry_like(row, was.rows, old.get("table"))
        entry: Criterion = _pair(row) if row.test else {}
        rows.append(like or entry | {"points": number_of(row.points)})
    return rows or None


def _pair(row: Row) -> Criterion:
    key, value = row.plain()
    return {key: value}


def _kept(old: Mapping[str, Plain], key: str, typed: str, was: str | None) -> Plain:
    """What stood there, where it was not touched."""
    return old[key] if was == typed and key in old else number_of(typed)
