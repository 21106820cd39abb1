"""Writes the demo's two files: leads and their touchpoints, any number of them, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from firstcall.demo import moments
from firstcall.demo.draws import Draws
from firstcall.demo.people import LEADS_SCHEMA, People, make_people
from firstcall.demo.sentences import sentences
from firstcall.demo.timeline import Timeline, make_timeline
from firstcall.demo.writing import FORMATS, Format, open_table

AS_OF = datetime(2026, 9, 1, tzinfo=UTC)
_BATCH = 10_000  # leads drawn from one stream; part of what a seed means
_MOST_ROWS = 2_000_000  # touchpoints a batch, about 200 MB

type Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """What was written, and where."""

    leads_path: Path
    touchpoints_path: Path
    leads: int
    touchpoints: int


def generate(
    folder: Path,
    *,
    leads: int,
    seed: int = 7,
    touchpoints_per_lead: float = 25,
    as_of: datetime = AS_OF,
    format: Format = "csv",
    progress: Progress | None = None,
) -> Demo:
    """Write `leads.<format>` and `touchpoints.<format>` into `folder`, which is made if it is missing.

    The same arguments give the same rows everywhere. Leads come in over the two years before `as_of`; each
    has touchpoints from its creation to its decision, on average about `touchpoints_per_lead`, sorted by lead
    and moment. No touchpoint comes after `decided_at`, and none says how the lead was decided; a lead still
    open has `converted` false and `decided_at` = `as_of`. In CSV and JSON lines the properties are one JSON
    object (`properties`), in Parquet a typed column each. `progress` is told the leads done and wanted.

    Raises ValueError for a number, moment or format out of bounds, all of them in one message.
    """
    _check(leads, seed, touchpoints_per_lead, as_of, format)
    folder.mkdir(parents=True, exist_ok=True)
    leads_path, touchpoints_path = folder / f"leads.{format}", folder / f"touchpoints.{format}"
    batch = max(1, min(_BATCH, int(_MOST_ROWS / max(touchpoints_per_lead, 1))))
    written = 0
    with ExitStack() as files:
        leads_file = files.enter_context(open_table(leads_path, _leads_schema(format), format))
        touchpoints_file = files.enter_context(
            open_table(touchpoints_path, _touchpoints_schema(format), format)
        )
        for done in range(0, leads, batch):
            count = min(batch, leads - done)
            draws = Draws(seed, done)
            people = make_people(draws, done + 1, count, int(as_of.timestamp()))
            timeline = make_timeline(draws, people, touchpoints_per_lead)
            leads_file.write(_leads_table(people, format))
            touchpoints_file.write(_touchpoints_table(people, timeline, format))
            written += len(timeline.lead)
            if progress:
                progress(done + count, leads)
    return Demo(leads_path, touchpoints_path, leads, written)


def _check(leads: int, seed: int, touchpoints_per_lead: float, as_of: datetime, form: str) -> None:
    problems = []
    if leads < 1:
        problems.append(f"leads: {leads} is too few. Ask for 1 or more.")
    if seed < 0:
        problems.append(f"seed: {seed} is below 0. Give 0 or more.")
    if not 0 <= touchpoints_per_lead <= 10_000:
        problems.append(f"touchpoints_per_lead: {touchpoints_per_lead} is not between 0 and 10000.")
    if as_of.tzinfo is None:
        problems.append(f"as_of: {as_of} has no time zone. Give one, such as UTC.")
    if form not in FORMATS:
        problems.append(f"format: {form} is not known. Use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.")
    if problems:
        raise ValueError("\n".join(problems))


def _leads_schema(form: Format) -> pa.Schema:
    return LEADS_SCHEMA if form == "parquet" else _as_text(LEADS_SCHEMA)


def _as_text(schema: pa.Schema) -> pa.Schema:
    """The schema with times as text: RFC 3339, the same whatever writes it."""
    return pa.schema(
        [pa.field(f.name, pa.string() if pa.types.is_timestamp(f.type) else f.type) for f in schema]
    )


def _touchpoints_schema(form: Format) -> pa.Schema:
    columns = [("record_id", pa.string()), ("type", pa.string())]
    if form != "parquet":
        return pa.schema([*columns, ("occurred_at", pa.string()), ("properties", pa.string())])
    typed = ((name, column.type) for name, column in sentences().columns.items())
    return pa.schema([*columns, ("occurred_at", pa.timestamp("us", "UTC")), *typed])


def _leads_table(people: People, form: Format) -> pa.Table:
    if form == "parquet":
        return people.table
    texts = {"created_at": moments.texts(people.created_at), "decided_at": moments.texts(people.decided_at)}
    columns = [texts.get(name, people.table[name]) for name in LEADS_SCHEMA.names]
    return pa.table(columns, schema=_leads_schema(form))


def _touchpoints_table(people: People, timeline: Timeline, form: Format) -> pa.Table:
    said, rows = sentences(), pa.array(timeline.sentence)
    record_id = people.table["id"].combine_chunks().take(pa.array(timeline.lead))
    if form == "parquet":
        occurred_at = moments.timestamps(timeline.occurred_at)
        properties = [column.take(rows) for column in said.columns.values()]
    else:
        occurred_at = moments.texts(timeline.occurred_at)
        properties = [said.texts.take(rows)]
    columns = [record_id, said.types.take(rows), occurred_at, *properties]
    return pa.table(columns, schema=_touchpoints_schema(form))
