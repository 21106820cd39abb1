"""A preview of a draft rule as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from firstcall.insights.previewing.asking import Previewed
from firstcall.insights.previewing.differences import Crossing, Mover
from firstcall.scoring.numbers import format_points
from firstcall.scoring.times import format_moment, moment_of


def report(found: Previewed, at: datetime) -> Iterator[str]:
    preview, against = found.preview, found.against
    behind = max(0.0, (moment_of(at) - preview.shows) / 1_000_000)
    yield f"As of {format_moment(preview.as_of)}; the copy is {behind:,.0f} s behind."
    scored = f"The draft scores {preview.after:,} of {preview.records:,} {found.module.name}"
    if against is None or against.active is None:
        yield f"{scored}. No active rule is called so: there is nothing to hold it against."
    else:
        yield f"{scored}; {against.active}, which is active, {preview.before or 0:,}."
    if preview.grades:
        yield from ("", "Grades")
        for name, before, after in preview.grades:
            was = "" if before is None else f"{before:,} -> "
            yield f"  {name or 'no grade'}: {was}{after:,}"
    if preview.crossings:
        yield from ("", "Who crosses a grade")
        for crossing in preview.crossings:
            yield f"  {_crossing(crossing)}: {crossing.count:,}"
            yield from (f"    {_mover(mover, found)}" for mover in crossing.movers[:3])
    for title, movers in (("Who gains most", preview.up), ("Who loses most", preview.down)):
        if movers:
            yield from ("", title, *(f"  {_mover(mover, found)}" for mover in movers))
    yield from ("", "Criteria" + (f" ({preview.outcome})" if preview.outcome else ""))
    for criterion in preview.criteria:
        yield f"  {criterion.says}"
        yield f"    {criterion.told}"
    for names in preview.together:
        yield f"  Met by just the same records: {', '.join(names)}."


def _crossing(of: Crossing) -> str:
    before = "not scored" if of.was_outside else of.before or "no grade"
    after = "not scored" if of.is_outside else of.after or "no grade"
    return f"{before} -> {after}"


def _mover(of: Mover, found: Previewed) -> str:
    id = found.preview.ids[of.place]
    points = " -> ".join("not scored" if p is None else format_points(p) for p in (of.before, of.after))
    return f"{found.titles.get(id) or 'record'} ({id}): {points}"
