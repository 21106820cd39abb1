"""The cells of a list's rows: a page has hundreds, so they are written without a template of their own for each.

`label` is what the column is called, which a phone shows beside the cell; `live`, the column's name, where what stands in
the cell moves by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from firstcall.scorekeeping.models import StoredScore
from firstcall.touchpoints.catalogue import label_of
from firstcall.touchpoints.models import Touchpoint
from firstcall.web.drawing import Bar, Scale
from firstcall.web.grading import Shown
from firstcall.web.records.showing import Cell
from firstcall.web.templatetags.pictures import grade_mark, score_bar
from firstcall.web.templatetags.web import points, when


@dataclass(frozen=True, slots=True)
class Scored:
    score: StoredScore
    bar: Bar
    grade: Shown | None
    scale: Scale


def scored_cell(label: str, scored: Scored | None, *, live: str) -> SafeString:
    if scored is None:
        return format_html('<td data-label="{}" data-cell="{}"></td>', label, live)
    return format_html(
        '<td data-label="{}" data-cell="{}" data-scale="{}"><span class="list-score">'
        '<span class="strong figure">{}</span>{}{}</span></td>',
        label,
        live,
        scored.scale,
        points(scored.score.total),
        score_bar(scored.bar, 64, 10),
        grade_mark(scored.grade),
    )


def touched_cell(label: str, touchpoint: Touchpoint | None, *, live: str) -> SafeString:
    """What happened last, and when."""
    if touchpoint is None:
        return format_html('<td data-label="{}" data-cell="{}"></td>', label, live)
    return format_html(
        '<td data-label="{}" data-cell="{}">{} <span class="faint small">{}</span></td>',
        label,
        live,
        when(touchpoint.occurred_at),
        label_of(touchpoint.type),
    )


def moment_cell(label: str, at: datetime) -> SafeString:
    return format_html('<td data-label="{}">{}</td>', label, when(at))


def tags_cell(label: str, tags: Sequence[str]) -> SafeString:
    told = format_html_join(" ", '<span class="tag">{}</span>', ((tag,) for tag in tags))
    return format_html('<td data-label="{}">{}</td>', label, told)


def text_cell(label: str, cell: Cell) -> SafeString:
    told = format_html('<a href="{}">{}</a>', cell.href, cell.text) if cell.href else cell.text
    kind = SafeString(' class="is-number"' if cell.is_number else "")
    return format_html('<td data-label="{}"{}>{}</td>', label, kind, told)
