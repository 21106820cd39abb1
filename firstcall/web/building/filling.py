"""A card as it was filled in. What a form cannot say counts as not said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.http import QueryDict

from firstcall.scoring.documents.decoding import MOST_BYTES
from firstcall.scoring.reading.vocabulary import COMBINATIONS, WORTHS
from firstcall.web.building.bodies import DEEPEST, KEPT, SUBJECTS, Body
from firstcall.web.building.offering import AGGREGATES
from firstcall.web.building.rows import MOST_ROWS, read_duration, read_rows


def read_body(given: QueryDict, prefix: str = "", deep: int = 0) -> Body:
    """`prefix` leads to a member of a group: `m0.m2.` is the third one of the first one."""

    def typed(name: str) -> str:
        return given.get(prefix + name, "").strip()

    subject = _known(typed("subject"), (*SUBJECTS, *COMBINATIONS, KEPT), "field")
    body = Body(subject, points=typed("points"), group=typed("group"))
    if subject in COMBINATIONS:
        return replace(body, members=_read_members(given, prefix, deep))
    if subject == KEPT:
        return Body(KEPT, kept=typed("kept")[:MOST_BYTES])
    return replace(
        body,
        field=given.get(f"{prefix}field", ""),
        types=tuple(type for type in given.getlist(f"{prefix}type")[:MOST_ROWS] if type),
        of=typed("of"),
        aggregate=_known(typed("aggregate"), AGGREGATES, "count"),
        about=typed("property"),
        span=read_duration(given, f"{prefix}span"),
        where=tuple(read_rows(given, f"{prefix}w")),
        tests=tuple(read_rows(given, f"{prefix}t")),
        in_last=read_duration(given, f"{prefix}in_last"),
        older_than=read_duration(given, f"{prefix}older_than"),
        from_=typed("from"),
        to=typed("to"),
        worth=_known(typed("worth"), WORTHS, "points"),
        every=typed("every"),
        at_most=typed("at_most"),
        lose=typed("lose"),
        lose_every=read_duration(given, f"{prefix}lose_every"),
        rows=tuple(read_rows(given, f"{prefix}r", with_default=True)),
    )


def _read_members(given: QueryDict, prefix: str, deep: int) -> tuple[Body, ...]:
    if deep > DEEPEST:
        return ()
    names = {at: f"{prefix}m{at}." for at in range(MOST_ROWS)}
    return tuple(
        replace(read_body(given, name, deep + 1), place=at)
        for at, name in names.items()
        if f"{name}subject" in given
    )


def _known(word: str, words: Iterable[str], other: str) -> str:
    return word if word in words else other
