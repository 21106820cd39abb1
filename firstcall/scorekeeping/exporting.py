"""Exports of records with their scores: columns of what each rule gives, beside the record's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from firstcall.access.viewer import Viewer
from firstcall.records.choosing import Choice
from firstcall.records.exporting.columns import Further, columns_of
from firstcall.records.exporting.exporting import Advance, export_records
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Module
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.numbers import format_points

SCORES = ("total", "all", "none")
_POINTS = tuple(figure for figure in FIGURES if figure not in ("grade", "next_change_at"))
_PREFIX = "Score: "  # imports pass over columns that begin so: `records.importing.headers`


@dataclass(frozen=True)
class ExportAsked:
    """
    columns  in their order; all of them where none is named
    scores   `total` (and grade) of each rule, `all` figures, or `none`
    as_is    texts of CSV that look like formulas stay as they are
    """

    choice: Choice
    format: str = "csv"
    columns: tuple[str, ...] = field(default=())
    scores: str = "total"
    as_is: bool = False

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> ExportAsked:
        return msgspec.convert(told, cls)


def export(
    asked: ExportAsked,
    target: Path,
    *,
    viewer: Viewer,
    now: datetime,
    advance: Advance = lambda done, total, message: None,
) -> int:
    """Write the file, of what the viewer sees; says how many records. Raises UnwritableError, UnknownColumnsError,
    InvalidFilterError."""
    selection = asked.choice.selection(viewer)
    return export_records(
        selection.records(now=now),
        target,
        format=asked.format,
        columns=columns_of(selection.module, asked.columns),
        further=score_columns(selection.module, asked.scores),
        as_is=asked.as_is,
        advance=advance,
    )


def score_columns(module: Module, scores: str) -> list[Further]:
    """The columns of the rules that score, in the order of their names."""
    if scores == "none":
        return []
    rules = StoredRule.objects.filter(module=module, active__isnull=False).order_by("name")
    return [_of_rule(rule, _POINTS if scores == "all" else ("total",)) for rule in rules]


def _of_rule(rule: StoredRule, names: Sequence[str]) -> Further:
    columns = [(f"{_PREFIX}{rule.name} {name.replace('_', ' ')}", FieldKind.NUMBER) for name in names]
    columns.append((f"{_PREFIX}{rule.name} grade", FieldKind.TEXT))

    def read(ids: Sequence[int]) -> dict[int, list[Any]]:
        rows = StoredScore.objects.filter(rule=rule, record_id__in=ids).values_list(
            "record_id", *names, "grade"
        )
        return {
            id: [*(format_points(int(Decimal(points))) for points in figures), grade]
            for id, *figures, grade in rows
        }

    return Further(columns, read)


def export_folder(job: int) -> Path:
    """Where the file of an export by a job lies."""
    return Path(settings.CONFIGURATION.data_folder) / "exports" / str(job)
