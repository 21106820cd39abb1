"""Opening files that a test wrote, and looking at what came of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from firstcall.engines.reading import Mapping, Source, SourceError, open_source, parse_mapping
from firstcall.scoring.values import Kind

type Cells = list[tuple[Any, ...]]


class Opened:
    """A source on a connection of its own."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def fetch(self, sql: str) -> Cells:
        return self.source.connection.execute(sql).fetchall()

    def records(self, *names: str) -> Cells:
        """The ids and the named fields, in the order of ids."""
        fields = self.source.columns.records.fields
        refs = "".join(f", {fields[name].ref}" for name in names)
        return self.fetch(f"SELECT id{refs} FROM records ORDER BY id")

    def touchpoints(self, *names: str) -> Cells:
        """Record, type, moment and the named properties, in order."""
        columns = self.source.columns.touchpoints
        assert columns is not None
        refs = "".join(f", {columns.properties[name].ref}" for name in names)
        return self.fetch(f"SELECT record_id, type, occurred_at{refs} FROM touchpoints ORDER BY ALL")

    @property
    def kinds(self) -> dict[str, Kind]:
        return self.source.columns.records.kinds

    @property
    def storages(self) -> dict[str, str]:
        return {name: str(column.storage) for name, column in self.source.columns.records.fields.items()}

    @property
    def rejected(self) -> list[tuple[int | None, str]]:
        """Line and reason of all rejects, touchpoints of unknown records included."""
        return [(reject.line, reject.reason) for reject in self.source.finish().first]

    @property
    def notes(self) -> list[str]:
        return [re.sub(r"^.*/", "", note) for note in self.source.rejects.notes]


def open_files(
    records: Path | str,
    touchpoints: Path | str | None = None,
    *,
    mapping: Mapping | str | None = None,
    as_of_field: str | None = None,
    ids: Sequence[str] | None = None,
    module: str = "",
    related: dict[str, Path] | None = None,
) -> Opened:
    return Opened(
        open_source(
            duckdb.connect(),
            str(records),
            None if touchpoints is None else str(touchpoints),
            mapping=parse_mapping(mapping) if isinstance(mapping, str) else mapping,
            as_of_field=as_of_field,
            ids=ids,
            module=module,
            related={name: str(path) for name, path in (related or {}).items()},
        )
    )


def problems_of(*files: Path | str, **how: Any) -> list[str]:
    """What the refusal of the files says, without their folders."""
    with pytest.raises(SourceError) as refusal:
        open_files(*files, **how)
    return [re.sub(r"(?<![\w'])/[^ :']*/", "", str(problem)) for problem in refusal.value.problems]


def write(path: Path, content: str | bytes | Iterable[str]) -> Path:
    """A file of the text, bytes or lines."""
    if not isinstance(content, str | bytes):
        content = "".join(f"{line}\n" for line in content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
