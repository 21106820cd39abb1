"""How far the copy on this machine is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from firstcall.columns.folder import copy_folder
from firstcall.columns.manifest import read_manifest
from firstcall.columns.states import last_seen
from firstcall.scoring.times import datetime_of, moment_of


@dataclass(frozen=True, slots=True)
class Status:
    """shown_at  the latest moment whose state it shows; None: there is none
    behind    seconds since then
    records, touchpoints  rows; those that are gone and not yet folded away are counted too
    """

    folder: Path
    shown_at: datetime | None = None
    behind: float | None = None
    generation: int = 0
    records: int = 0
    touchpoints: int = 0
    files: int = 0
    octets: int = 0

    @property
    def is_there(self) -> bool:
        return self.shown_at is not None


def status(*, now: datetime, folder: Path | None = None) -> Status:
    where = copy_folder() if folder is None else folder
    manifest = read_manifest(where)
    if manifest is None:
        return Status(where)
    seen, files = last_seen(where, manifest), list(manifest.files())
    return Status(
        folder=where,
        shown_at=datetime_of(seen),
        behind=max(0.0, (moment_of(now) - seen) / 1_000_000),
        generation=manifest.generation,
        records=sum(module.records.rows for module in manifest.modules),
        touchpoints=manifest.touchpoints.rows,
        files=len(files),
        octets=sum(_size(where / file.name) for file in files),
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
