"""A company on a PostgreSQL of its own, with made-up leads and touchpoints, as the service keeps them.

Importing this module sets Django up for the server that `serve` starts: one a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import duckdb

from benchmarks.dataset import AS_OF, Dataset, part_of_time
from firstcall.engines.embedded_postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from firstcall.touchpoints.models import Source

NOW = datetime.fromisoformat(AS_OF).astimezone(UTC)
FIELDS = {
    "job_title": "text",
    "employees": "number",
    "industry": "text",
    "email": "email",
    "budget": "number",
    "opted_in": "yes_no",
    "trial_ends_on": "date",
}
_NUMBERS = ("employees", "budget")
_LOADED_AT_ONCE = 5_000_000


@contextmanager
def serve(folder: Path | None) -> Iterator[EmbeddedPostgres]:
    """The server and Django on it, as durable as in service, its folder left for the next time; without a folder
    neither."""
    with EmbeddedPostgres(folder) as server:
        os.environ["DATABASE_URL"] = server.dsn
        os.environ["DJANGO_SETTINGS_MODULE"] = "firstcall.settings"
        django.setup()
        yield server


def load(data: Dataset, rules: Sequence[Path], *, until: datetime = NOW) -> None:
    """Leads, touchpoints and their slots, and the rules, of which none is active yet.

    until  when the made-up data ends: all of its moments are moved by as much
    """
    from django.core.management import call_command

    from firstcall.records.models import Field, Module
    from firstcall.scorekeeping.actions import write_rule
    from firstcall.scorekeeping.compiled import rule_of
    from firstcall.scorekeeping.slotting import properties_read
    from firstcall.touchpoints.models import Source
    from firstcall.touchpoints.slots import want

    call_command("migrate", verbosity=0)
    if Source.objects.filter(name="loaded").exists():
        return
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    for name, kind in FIELDS.items():
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    versions = [write_rule(path.read_text(), at=NOW) for path in rules]
    want({name for version in versions for name in properties_read(rule_of(version))})
    source = Source.objects.create(name="site", created_at=NOW)
    shift = (until - NOW) // timedelta(microseconds=1)
    _copy_records(data, module.pk, shift)
    _copy_touchpoints(data, source.pk, shift)
    Source.objects.create(name="loaded", created_at=NOW)


def site() -> Source:
    from firstcall.touchpoints.models import Source

    return Source.objects.get(name="site")


def _copy_records(data: Dataset, module: int, shift: int) -> None:
    values = ", ".join(
        f"{name} := CAST({name} AS VARCHAR)" if name in _NUMBERS else f"{name} := {name}" for name in FIELDS
    )
    rows = (
        f"SELECT id + 1, {module}, json_merge_patch('{{}}', to_json(struct_pack({values}))),"
        f" epoch_us(created_at) + {shift}, epoch_us(created_at) + {shift}, '{{}}', 1 FROM '{data.records}'"
    )
    _copy("records_record (id, module_id, values, created_at, updated_at, tags, version)", rows, data.folder)
    _run("SELECT setval('records_record_id_seq', (SELECT MAX(id) FROM records_record))")


def _copy_touchpoints(data: Dataset, source: int, shift: int) -> None:
    """In the order of time, as they would have come in, some million at a time so that the disk holds little twice;
    the indexes are made afterwards."""
    from firstcall.touchpoints.slots import read_slots

    slots = read_slots()
    columns = ", ".join(["slotted", *(f"slot_{number}" for _, number in slots.numbers)])
    indexes = _run(
        "SELECT indexname, indexdef FROM pg_indexes AS i WHERE tablename = 'touchpoints_touchpoint'"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = i.indexname)"
    )
    for name, _ in indexes:
        _run(f'DROP INDEX "{name}"')
    parts = -(-data.touchpoints // _LOADED_AT_ONCE)
    for part in range(parts):
        rows = (
            f"SELECT '{part}.' || row_number() OVER (), record_id + 1, type, epoch_us(occurred_at) + {shift},"
            f" properties FROM '{data.by_type_json}' WHERE {part_of_time('occurred_at', part, parts)}"
            " ORDER BY occurred_at"
        )
        _run(
            "CREATE UNLOGGED TABLE given"
            " (n text, record_id bigint, type text, occurred_at bigint, properties jsonb)"
        )
        _copy("given", rows, data.folder)
        _run(
            "SET session_replication_role = replica;"  # no look at every row's source and record
            "INSERT INTO touchpoints_touchpoint"
            f" (source_id, message_id, record_id, type, occurred_at, received_at, properties, {columns})"
            f" SELECT {source}, n, record_id, type, occurred_at, occurred_at, properties, {columns}"
            f" FROM ({slots.coded_sql('given')}) AS slotted;"
            "SET session_replication_role = origin; DROP TABLE given"
        )
    _run("SET maintenance_work_mem = '1GB'")
    for _, definition in indexes:
        _run(definition)
    _run("VACUUM ANALYZE")


def _copy(into: str, rows: str, folder: Path) -> None:
    from django.db import connection

    path = folder / "rows.csv"
    with duckdb.connect(config={"temp_directory": str(folder / "spill")}) as db:
        db.execute(f"COPY ({rows}) TO '{path}' (FORMAT csv, HEADER false)")
    connection.ensure_connection()
    copying = f"COPY {into} FROM STDIN (FORMAT csv)"
    with connection.connection.cursor() as cursor, cursor.copy(copying) as copy, path.open("rb") as file:
        while chunk := file.read(1 << 20):
            copy.write(chunk)
    path.unlink()


def _run(sql: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def switch_on(count: int) -> None:
    """Let that many of the rules score, the first ones, and no others; nothing is scored by it yet."""
    from firstcall.scorekeeping.models import Activation, StoredRule
    from firstcall.scorekeeping.switching import Rescoring, activate, deactivate

    for number, rule in enumerate(StoredRule.objects.order_by("pk")):
        if number >= count:
            deactivate(rule, at=NOW)
        elif rule.active is None:
            activate(rule.newest, at=NOW, rescoring=Rescoring("new"))  # type: ignore[arg-type]
    Activation.objects.filter(complete_at=None, version__isnull=False).update(complete_at=NOW)


def soil() -> None:
    """Make every record's scores due."""
    _run(
        "INSERT INTO records_dirtyrecord (record_id, cause, since, turn)"
        " SELECT id, 'rule', 0, 0 FROM records_record ORDER BY id"
    )


def worked() -> float:
    """Processor seconds of the server's processes until now."""
    [(folder,)] = _run("SELECT current_setting('data_directory')")
    server = int((Path(folder) / "postmaster.pid").read_text().splitlines()[0])
    stats = [_stat(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    own, ended = _stat(server)[1:]
    ticks = own + ended + sum(stat[1] for stat in stats if stat[0] == server)
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> tuple[int, int, int]:
    """A process's parent, its own ticks, and those of its children that have ended."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0, 0, 0
    return int(told[1]), int(told[11]) + int(told[12]), int(told[13]) + int(told[14])
