"""A dry run: every step is written and undone at once, so what it tells is what the import would do; nothing stays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.db import transaction

from firstcall.access.models import User
from firstcall.access.rights import Verb
from firstcall.engines.workspace import Workspace
from firstcall.jobs.models import Job
from firstcall.records.importing.asking import Asked
from firstcall.records.importing.driving import MEMORY, Advance
from firstcall.records.importing.errors import ImportRefusedError
from firstcall.records.importing.making import make_fields
from firstcall.records.importing.planning import Plan
from firstcall.records.importing.records_way import RecordsWay, notes_of, plan_records
from firstcall.records.importing.rejecting import Rejected, RejectFile
from firstcall.records.importing.row_writing import RowWriter
from firstcall.records.importing.rows import Row, RowMaker, Trouble, again_query, left_out_of
from firstcall.records.importing.staging import Staged, stage_file
from firstcall.records.models import Module
from firstcall.records.seeing import eyes_of
from firstcall.records.writing.given import Did, Outcome
from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said, whole

_SHOWN_ROWS = 5
_MOST_PROBLEMS = 200
_MOST_CHOICES = 20


@dataclass
class Found:
    """One thing that is wrong with rows: in which column, how many rows, the first of them, what their values look like."""

    column: str
    says: str
    rows: int = 0
    first: list[int] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)


@dataclass
class Trial:
    """What the import would do.

    notes    all that people should know of it
    remarks  those that are neither of columns left out nor of choices, which `plan` has
    """

    plan: Plan
    notes: list[str]
    remarks: list[str]
    total: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[Found] = field(default_factory=list)
    rejects: Path | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.total,
            "would_create": self.created,
            "would_change": self.changed,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "found_by": self.plan.by or None,
            "columns": [
                {
                    "column": column.column,
                    "field": column.target.removeprefix("@"),
                    "kind": column.kind,
                    "by": self.plan.origins.get(column.column, "new field"),
                }
                for column in self.plan.columns
            ],
            "new_fields": [
                {"name": new.name, "label": new.label, "kind": new.kind} for new in self.plan.new_fields
            ],
            "notes": self.notes,
            "remarks": self.remarks,
            "left_out": [{"column": column, "why": why} for column, why in self.plan.left_out],
            "unknown_choices": {
                field: dict(list(found.items())[:_MOST_CHOICES]) for field, found in self.plan.strange.items()
            },
            "problems": [
                {"column": p.column, "says": p.says, "rows": p.rows, "first_rows": p.first, "like": p.shapes}
                for p in self.problems
            ],
        }


def try_import(
    module: Module,
    path: str,
    folder: Path,
    asked: Asked,
    *,
    by: User | None,
    now: Callable[[], datetime],
    advance: Advance = lambda done, total, message: None,
) -> Trial:
    """Raises ImportRefusedError or SourceError where the file cannot be used. The folder holds the file of rejects."""
    folder.mkdir(parents=True, exist_ok=True)
    with Workspace(memory=MEMORY) as workspace:
        staged = stage_file(
            path, folder / "staged", asked.file, progress=lambda doing, share: advance(0, None, doing)
        )
        return _Trying(module, staged, asked, by, folder).go(workspace.connection, now, advance)


@contextmanager
def refusals_told(job: Job) -> Iterator[None]:
    """What keeps the file out is kept with the job that tries it, problem by problem."""
    try:
        yield
    except ImportRefusedError as error:
        told = [
            {"column": _column_of(p), "code": p.code, "says": p.says, "fix": p.fix} for p in error.problems
        ]
        job.advance(state={"problems": told})
        raise


def _column_of(problem: Problem) -> str:
    return str(problem.path[1]) if problem.path[:1] == ("columns",) else ""


class _Trying:
    """One dry run."""

    def __init__(self, module: Module, staged: Staged, asked: Asked, by: User | None, folder: Path) -> None:
        self.module = module
        self.staged = staged
        self.asked = asked
        self.by = by
        self.viewer = eyes_of(None if by is None else by.pk, Verb.IMPORT, module.name)
        self.rejects = RejectFile(folder)
        self.found: dict[tuple[str, str], Found] = {}
        self.left: Counter[str] = Counter()

    def go(
        self, connection: duckdb.DuckDBPyConnection, now: Callable[[], datetime], advance: Advance
    ) -> Trial:
        plan = plan_records(connection, self.staged, self.module, self.asked.wishes)
        trial = Trial(plan, [], list(self.staged.notes), self.staged.rows + self.staged.unread)
        self.rejects.path.unlink(missing_ok=True)
        self._unread(trial)
        maker = RowMaker(
            connection, self.staged, plan, self.asked.wishes.reading, self.asked.rows, self.viewer
        )
        extra = self._again(connection, plan)
        done = self.staged.unread
        for part in range(len(self.staged.parts)):
            cells = maker.part(part, extra=extra)
            for start in range(0, len(cells), RecordsWay.step):
                some = cells.slice(start, RecordsWay.step)
                self._step(trial, maker, part, some, now())
                done += len(some)
                advance(done, trial.total, said("trying"))
        seen = [
            said("{owner} is no user: {count} rows.", owner=owner, count=whole(n))
            for owner, n in maker.unknown_owners.most_common(20)
        ]
        seen += [f"{says}: {whole(n)}." for says, n in self.left.most_common(20)]
        trial.remarks += seen
        trial.notes = [*self.staged.notes, *notes_of(plan), *seen]
        trial.problems = sorted(self.found.values(), key=lambda found: -found.rows)
        trial.rejects = self.rejects.finish(self.staged)
        return trial

    def _again(self, connection: duckdb.DuckDBPyConnection, plan: Plan) -> str:
        """SQL whether a row's key came before: its record would be there by then."""
        query = again_query(self.staged, plan, self.asked.wishes.reading)
        if query is None:
            return "FALSE"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE repeated AS {query}")
        return "line IN (SELECT line FROM repeated)"

    def _unread(self, trial: Trial) -> None:
        for line, reason, raw in self.staged.unread_rows():
            self.rejects.append([Rejected(line, reason, raw=raw)])
            self._note("", reason, line or 0, "")
            trial.rejected += 1

    def _step(self, trial: Trial, maker: RowMaker, part: int, cells: pa.Table, at: datetime) -> None:
        rows = maker.rows(cells)
        with transaction.atomic():
            make_fields(self.module, trial.plan)
            writer = RowWriter(self.module, trial.plan, self.asked.rows, by=self.by, viewer=self.viewer)
            outcomes = writer.write(rows, at=at)
            transaction.set_rollback(True)
        rejected = {}
        for row, outcome in zip(rows, outcomes, strict=True):
            self._count(trial, row, outcome)
            self.left.update(map(left_out_of, row.left_out))
            if outcome.did is Did.REFUSED:
                rejected[row.line] = " ".join(map(str, row.troubles))
        kept = [Rejected(line, rejected[line], raw) for line, raw in maker.raw(part, list(rejected))]
        if kept:
            self.rejects.append(kept)

    def _count(self, trial: Trial, row: Row, outcome: Outcome) -> None:
        match outcome.did:
            case Did.CREATED:
                trial.created += not row.again
                trial.changed += row.again and not self.asked.rows.only_new
                trial.unchanged += row.again and self.asked.rows.only_new
            case Did.CHANGED:
                trial.changed += 1
            case Did.UNCHANGED:
                trial.unchanged += 1
            case _:
                trial.rejected += 1
                for trouble in row.troubles:
                    self._trouble(trouble, row.line)

    def _trouble(self, trouble: Trouble, line: int) -> None:
        # The value itself stands in the file of rejects; a list for everybody has its shape alone.
        # It is told last: what a field takes may hold the same letters.
        before, value, after = trouble.says.rpartition(trouble.value) if trouble.value else ("", "", "")
        says = f"{before}{shape_of(value)}{after}" if value else trouble.says
        self._note(trouble.column, says, line, trouble.value)

    def _note(self, column: str, says: str, line: int, value: str) -> None:
        key = (column, says)
        if key not in self.found and len(self.found) >= _MOST_PROBLEMS:
            key = ("", said("other problems; see the file of rejects"))
        found = self.found.setdefault(key, Found(*key))
        found.rows += 1
        if len(found.first) < _SHOWN_ROWS:
            found.first.append(line)
        shape = shape_of(value)
        if shape and shape not in found.shapes and len(found.shapes) < _SHOWN_ROWS:
            found.shapes.append(shape)


def shape_of(value: str) -> str:
    """What a value looks like, without what it says.

    >>> shape_of("31 Feb 2021"), shape_of("ann@example")
    ('99 aaa 9999', 'aaa@aaaaaaa')
    """
    plain = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", value[:60]))
    return plain + ("…" if len(value) > 60 else "")
