"""A module to import into, and imports of texts, for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from firstcall.access.models import User
from firstcall.records.importing.asking import Asked
from firstcall.records.importing.driving import drive
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.records_way import RecordsWay
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module

START = datetime(2026, 9, 1, tzinfo=UTC)


class Clock:
    """A second later each time it is asked."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def make_module(
    module_name: str, /, *, title: tuple[str, ...] = ("last_name",), **fields: Mapping[str, Any]
) -> Module:
    module = Module.objects.create(
        name=module_name, label=module_name.title(), is_people=True, title=list(title)
    )
    for position, (field, more) in enumerate(fields.items()):
        label = field.replace("_", " ").title()
        Field.objects.create(module=module, name=field, label=label, position=position, **more)
    return module


def make_leads() -> Module:
    return make_module(
        "leads",
        external_id={"kind": FieldKind.TEXT, "is_external_id": True},
        first_name={"kind": FieldKind.TEXT},
        last_name={"kind": FieldKind.TEXT},
        email={"kind": FieldKind.EMAIL},
        phone={"kind": FieldKind.PHONE},
        employees={"kind": FieldKind.NUMBER},
        born_on={"kind": FieldKind.DATE},
        seen_at={"kind": FieldKind.DATE_TIME},
        is_hot={"kind": FieldKind.YES_NO},
        lead_source={"kind": FieldKind.PICKLIST, "choices": ["Web", "Trade fair"]},
        topics={"kind": FieldKind.MULTI_SELECT, "choices": ["Price", "Demo", "Support"]},
        website={"kind": FieldKind.URL},
        description={"kind": FieldKind.LONG_TEXT},
    )


def start(module: Module, path: Path, asked: Asked | None = None, *, by: User | None = None) -> ImportRun:
    return ImportRun.objects.create(
        kind="records",
        module=module,
        file_name=path.name,
        path=str(path),
        wishes=(asked or Asked()).to_json(),
        created_at=START,
        created_by=by,
    )


def finish(run: ImportRun, clock: Clock | None = None, **more: Any) -> ImportRun:
    drive(run, RecordsWay(run), Asked.from_json(run.wishes).file, now=clock or Clock(), **more)
    run.refresh_from_db()
    return run


def imported(
    module: Module,
    tmp_path: Path,
    content: str | bytes,
    asked: Asked | None = None,
    *,
    name: str = "leads.csv",
    by: User | None = None,
) -> ImportRun:
    """The text, imported to its end."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return finish(start(module, path, asked, by=by))
