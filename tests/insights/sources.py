"""Small sources for tests: rows as Python values, opened through the same door as files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from firstcall.engines.engine import Scope
from firstcall.engines.reading import Source, open_source
from firstcall.engines.workspace import Workspace
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.times import parse_moment

type Row = dict[str, object]


def moment(text: str) -> int:
    found = parse_moment(text)
    assert found is not None
    return found


AS_OF = moment("2026-09-01")
NOW = Scope(AS_OF)


def rule(criteria: str, *, name: str = "Test", rest: str = "") -> Rule:
    """A rule from its criteria, one flow mapping a line."""
    lines = "".join(f"  - {line.strip()}\n" for line in criteria.strip().splitlines())
    return read_rule(f"name: {name}\nmodule: leads\ncriteria:\n{lines}{rest}\n").rule


def write_rows(path: Path, rows: Sequence[Row]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@contextmanager
def opened(
    records: Sequence[Row], touchpoints: Sequence[Row] | None = None, *, as_of_field: str | None = None
) -> Iterator[tuple[Source, Workspace]]:
    """A source over the rows, and its workspace."""
    with TemporaryDirectory() as folder, Workspace() as workspace:
        files = [write_rows(Path(folder, "records.jsonl"), records)]
        if touchpoints is not None:
            files.append(write_rows(Path(folder, "touchpoints.jsonl"), touchpoints))
        source = open_source(workspace.connection, *files, as_of_field=as_of_field)
        yield source, workspace
        source.close()
