"""Writes the records of a query to a file, some thousands at a time; the file comes to be whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from firstcall.engines.writing import MOST_EXCEL_ROWS
from firstcall.records.exporting.columns import Column, Further
from firstcall.records.exporting.writers import open_writer, too_many
from firstcall.records.models import Record

BATCH = 5_000

type Advance = Callable[[int, int | None, str], None]


def export_records(
    records: QuerySet[Record],
    target: Path,
    *,
    format: str,
    columns: Sequence[Column],
    further: Sequence[Further] = (),
    as_is: bool = False,
    advance: Advance = lambda done, total, message: None,
) -> int:
    """Write the records in the order of their ids; says how many. Raises UnwritableError.

    further  columns from elsewhere, such as scores
    as_is    texts of CSV that look like formulas stay as they are
    """
    total = records.count()
    if format == "xlsx" and total > MOST_EXCEL_ROWS:
        raise too_many(total)
    names = [(column.name, column.kind) for column in columns]
    names += [column for part in further for column in part.columns]
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    done = 0
    try:
        with open_writer(format, part, names, as_is=as_is) as writer:
            for batch in _batches(records):
                writer.write(_rows(batch, columns, further))
                done += len(batch)
                advance(done, max(total, done), "writing")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return done


def _batches(records: QuerySet[Record]) -> Iterator[list[Record]]:
    """By their ids, so that each batch is a short query whatever is written meanwhile."""
    last = 0
    ordered = records.select_related("owner").order_by("pk")
    while batch := list(ordered.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def _rows(batch: Sequence[Record], columns: Sequence[Column], further: Sequence[Further]) -> list[list[Any]]:
    ids = [record.pk for record in batch]
    beside = [(part.read(ids), len(part.columns)) for part in further]
    rows = []
    for record in batch:
        row = [column.read(record) for column in columns]
        for found, width in beside:
            row += found.get(record.pk, [None] * width)
        rows.append(row)
    return rows
