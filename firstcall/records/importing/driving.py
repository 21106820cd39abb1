"""Drives an import from its first step to its last, whatever it writes: each step is one transaction that says where
the next begins, so an import whose process is killed goes on there and writes no row twice."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import duckdb
import psycopg
import pyarrow as pa
from django.db import OperationalError, transaction

from firstcall.engines.reading.errors import SourceError
from firstcall.engines.workspace import Workspace
from firstcall.jobs.errors import JobCancelledError
from firstcall.records.importing.errors import ImportRefusedError
from firstcall.records.importing.models import ImportRun, ImportStatus, ImportStep, runs_of
from firstcall.records.importing.rejecting import Rejected, RejectFile
from firstcall.records.importing.staging import FileOptions, Staged, stage_file
from firstcall.scoring.saying import said, whole

MEMORY = "1GB"  # what DuckDB holds before it spills
_MOST_SEEN = 50
_TRIES = 5  # of a step that meets a deadlock

type Advance = Callable[[int, int | None, str], None]
"""Told rows done, rows in all (None: nobody knows yet) and what is going on; may raise to stop the step."""


@dataclass
class Wrote:
    """What a step did.

    rejected  the reason by line
    seen      what is worth a word in the end, with how often it was so
    """

    created: Sequence[int] = ()
    changes: Sequence[int] = ()
    changed: int = 0
    unchanged: int = 0
    rejected: dict[int, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)


class Way(Protocol):
    """What differs between records and touchpoints."""

    step: int
    """Rows a step."""

    @property
    def parts(self) -> Sequence[int]:
        """How many rows each part has, once it is open."""

    def open(self, run: ImportRun, connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
        """Called first, and again after a crash; where `run` has no plan it is given one, and notes, for the caller to
        save. Raises ImportRefusedError."""

    def part(self, number: int) -> pa.Table:
        """The cells of a part; `line` is the line of the file."""

    def write(self, cells: pa.Table, *, at: datetime) -> Wrote:
        """Write some rows of a part in the transaction that is open."""

    def raw(self, part: int, lines: Sequence[int]) -> dict[int, list[str | None]]:
        """The cells of some lines as they stand in the file."""

    def close(self, run: ImportRun) -> None:
        """Called after the last step, in its transaction; `run` is saved by the caller."""


def drive(
    run: ImportRun,
    way: Way,
    file: FileOptions,
    *,
    now: Callable[[], datetime],
    advance: Advance = lambda done, total, message: None,
) -> None:
    """Do the import, or go on with it. Raises ImportRefusedError or SourceError where the file cannot be used."""
    if not run.is_unfinished:
        return
    try:
        _Drive(run, way, now, advance).go(file)
    except (ImportRefusedError, SourceError) as error:
        _fail(run, str(error), now())
        raise
    except JobCancelledError:
        _fail(run, said("It was cancelled. What it wrote until then can be undone."), now())
        raise


def _fail(run: ImportRun, message: str, at: datetime) -> None:
    ImportRun.objects.filter(pk=run.pk).update(status=ImportStatus.FAILED, message=message, ended_at=at)
    run.refresh_from_db()


class _Drive:
    """One process's work on an import."""

    def __init__(self, run: ImportRun, way: Way, now: Callable[[], datetime], advance: Advance) -> None:
        self.run = run
        self.way = way
        self.now = now
        self.advance = advance
        self.rejects = RejectFile(run.folder)
        self.cells: tuple[int, pa.Table] | None = None

    def go(self, file: FileOptions) -> None:
        self.run.folder.mkdir(parents=True, exist_ok=True)
        with Workspace(memory=MEMORY) as workspace:
            staged = stage_file(
                self.run.path,
                self.run.folder / "staged",
                file,
                progress=lambda doing, share: self._tell(doing),
            )
            self._tell(said("looking at the columns"))
            self._open(workspace.connection, staged)
            while not self._step():
                pass
        self.rejects.finish(staged)
        shutil.rmtree(self.run.folder / "staged", ignore_errors=True)

    def _tell(self, message: str) -> None:
        with transaction.atomic():
            self.advance(self.run.done, self.run.total, message)

    def _open(self, connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
        with transaction.atomic():
            self.run = ImportRun.objects.select_for_update().get(pk=self.run.pk)
            self.way.open(self.run, connection, staged)
            if self.run.status == ImportStatus.WAITING:
                self._begin(staged)
        self.rejects.cut(self.run.position["rejects"])

    def _begin(self, staged: Staged) -> None:
        """The rows that could not even be read are rejects of no step."""
        self.rejects.path.unlink(missing_ok=True)
        length = self.rejects.append(
            Rejected(line, reason, raw=raw) for line, reason, raw in staged.unread_rows()
        )
        run = self.run
        run.status, run.total = ImportStatus.RUNNING, staged.rows + staged.unread
        run.done = run.rejected = staged.unread
        run.notes = [*staged.notes, *run.notes]
        run.position = {"part": 0, "row": 0, "step": 0, "rejects": length}
        run.save()

    # --- steps

    def _step(self) -> bool:
        """One step; says whether it was the last. A deadlock with others is met by another try."""
        for attempt in range(_TRIES):
            try:
                return self._try_step()
            except OperationalError as error:
                if attempt + 1 == _TRIES or not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                    raise
        raise AssertionError("unreachable")

    @transaction.atomic
    def _try_step(self) -> bool:
        run = self.run = ImportRun.objects.select_for_update().get(pk=self.run.pk)
        if run.status != ImportStatus.RUNNING:
            return True  # another process has done the rest
        part, row = run.position["part"], run.position["row"]
        if part >= len(self.way.parts):
            run.status, run.ended_at = ImportStatus.DONE, self.now()
            self.way.close(run)
            run.notes += [f"{says}: {whole(count)}." for says, count in run.position.pop("seen", {}).items()]
            run.save()
            self.advance(run.done, run.total, said("done"))
            return True
        cells = self._part(part).slice(row, self.way.step)
        if len(cells):
            self._write(part, cells)
        after = row + len(cells)
        ended = after >= self.way.parts[part]
        run.position |= {"part": part + ended, "row": 0 if ended else after}
        run.done += len(cells)
        run.save()
        self.advance(run.done, run.total, said("writing"))
        return False

    def _part(self, number: int) -> pa.Table:
        if self.cells is None or self.cells[0] != number:
            self.cells = None  # two parts at once would be twice the memory
            self.cells = number, self.way.part(number)
        return self.cells[1]

    def _write(self, part: int, cells: pa.Table) -> None:
        run = self.run
        wrote = self.way.write(cells, at=self.now())
        if wrote.created or wrote.changes:
            ImportStep.objects.create(
                run=run,
                number=run.position["step"],
                created=runs_of(list(wrote.created)),
                changes=runs_of(list(wrote.changes)),
            )
        if wrote.rejected:
            raw = self.way.raw(part, list(wrote.rejected))
            rows = [Rejected(line, wrote.rejected[line], cells) for line, cells in raw.items()]
            self.rejects.cut(run.position["rejects"])
            run.position["rejects"] = self.rejects.append(rows)
        seen = run.position.setdefault("seen", {})
        for says, count in wrote.seen.items():
            if says in seen or len(seen) < _MOST_SEEN:
                seen[says] = seen.get(says, 0) + count
        run.position["step"] += 1
        run.created += len(wrote.created)
        run.changed += wrote.changed
        run.unchanged += wrote.unchanged
        run.rejected += len(wrote.rejected)
