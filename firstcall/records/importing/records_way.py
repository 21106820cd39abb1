"""How rows become records: planned once, then created or changed in steps, found by their keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import duckdb
import pyarrow as pa

from firstcall.access.rights import Verb
from firstcall.records.importing.asking import Asked
from firstcall.records.importing.driving import Wrote
from firstcall.records.importing.headers import digest
from firstcall.records.importing.making import make_fields
from firstcall.records.importing.models import ImportRun, KeptMapping
from firstcall.records.importing.planning import UNKNOWN, Plan, Wishes, key_words, make_plan
from firstcall.records.importing.row_writing import RowWriter
from firstcall.records.importing.rows import Row, RowMaker, left_out_of
from firstcall.records.importing.staging import Staged
from firstcall.records.models import FieldChange, Module
from firstcall.records.seeing import eyes_of
from firstcall.records.writing.given import Did
from firstcall.scoring.saying import listed, said, whole

_OWNER = "owner "  # begins what is seen of an owner who is no user


class RecordsWay:
    """One import of records."""

    step = 2_000

    def __init__(self, run: ImportRun) -> None:
        assert run.module is not None  # noqa: S101
        self.run = run
        self.module: Module = run.module
        self.asked = Asked.from_json(run.wishes)

    def open(self, run: ImportRun, connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
        self.run = run
        if run.plan is None:
            plan = plan_records(connection, staged, self.module, self.asked.wishes)
            make_fields(self.module, plan)
            run.plan, run.notes = plan.to_json(), notes_of(plan)
        self.staged = staged
        self.plan = Plan.from_json(run.plan)
        viewer = eyes_of(run.created_by_id, Verb.IMPORT, self.module.name)
        reading = self.asked.wishes.reading
        self.maker = RowMaker(connection, staged, self.plan, reading, self.asked.rows, viewer)
        self.writer = RowWriter(self.module, self.plan, self.asked.rows, by=run.created_by, viewer=viewer)

    @property
    def parts(self) -> Sequence[int]:
        return self.staged.parts

    def part(self, number: int) -> pa.Table:
        return self.maker.part(number)

    def raw(self, part: int, lines: Sequence[int]) -> dict[int, list[str | None]]:
        return dict(self.maker.raw(part, lines))

    def write(self, cells: pa.Table, *, at: datetime) -> Wrote:
        wrote = Wrote()
        rows = self.maker.rows(cells)
        created, changed = [], []
        for row, outcome in zip(rows, self.writer.write(rows, at=at), strict=True):
            match outcome.did:
                case Did.CREATED:
                    created.append(outcome.record_id or 0)
                case Did.CHANGED:
                    changed.append(outcome.record_id or 0)
                case Did.UNCHANGED:
                    wrote.unchanged += 1
                case _:
                    wrote.rejected[row.line] = " ".join(map(str, row.troubles))
        wrote.created, wrote.changed = created, len(changed)
        wrote.changes = _changes(changed, self.run.created_by_id, at)
        wrote.seen = self._seen(rows)
        return wrote

    def _seen(self, rows: Sequence[Row]) -> Counter[str]:
        seen = Counter({f"{_OWNER}{owner}": count for owner, count in self.maker.unknown_owners.items()})
        self.maker.unknown_owners.clear()
        seen.update(left_out_of(left) for row in rows for left in row.left_out)
        if keyless := sum(not row.key and not row.troubles for row in rows if self.plan.by):
            key = key_words(self.plan.by)
            seen[said("Rows without {key}, each a new record in every import", key=key)] += keyless
        return seen

    def close(self, run: ImportRun) -> None:
        _tell_of_owners(run)
        if self.asked.wishes.columns:
            # What was made a field is that field the next time.
            made = {plan.column: plan.target.removeprefix("@") for plan in self.plan.columns}
            columns = {
                column: made.get(column, "skip") if target == "new_field" else target
                for column, target in self.asked.wishes.columns.items()
            }
            KeptMapping.objects.update_or_create(
                about=self.module.name,
                headers=digest(self.staged.columns),
                defaults={"columns": columns, "kept_at": self.run.created_at},
            )


def _tell_of_owners(run: ImportRun) -> None:
    """Many owners in one note."""
    seen = run.position.get("seen", {})
    owners = {says.removeprefix(_OWNER): seen.pop(says) for says in list(seen) if says.startswith(_OWNER)}
    if owners:
        shown = listed(list(owners), 20)
        rows = sum(owners.values())
        run.notes += [
            said(
                "These are no users, so the owner of {rows} rows is as if nothing were said: {shown}.",
                rows=whole(rows),
                shown=shown,
            )
        ]


def plan_records(
    connection: duckdb.DuckDBPyConnection, staged: Staged, module: Module, wishes: Wishes
) -> Plan:
    """The plan, with the mapping that was kept of such a file. Raises ImportRefusedError."""
    kept = KeptMapping.objects.filter(about=module.name, headers=digest(staged.columns)).first()
    if kept is not None:
        wishes = replace(wishes, columns={**kept.columns, **wishes.columns})
    return make_plan(connection, staged, module, wishes)


def notes_of(plan: Plan) -> list[str]:
    """What people should know of a plan."""
    notes = []
    if plan.left_out:
        named = [f"{column} ({why})" if why != UNKNOWN else column for column, why in plan.left_out]
        notes.append(
            said(
                "Columns left out: {named}. Map them (--map) or make fields of them (--create-fields).",
                named=listed(named, 30),
            )
        )
    for target, values in plan.strange.items():
        shown = [f"{value} ({whole(count)})" for value, count in values.items()]
        notes.append(
            said(
                "{target} has no choice {shown}. Those rows are rejected; --add-choices adds them.",
                target=target,
                shown=listed(shown, 10),
            )
        )
    if not plan.by:
        notes.append(
            said("Records are found by nothing: each row is a new one, and a second import makes them again.")
        )
    return notes


def _changes(records: Sequence[int], by: int | None, at: datetime) -> list[int]:
    """The field changes that this very step has written: its records are locked, and the moment is its own."""
    rows = (
        FieldChange.objects.filter(record_id__in=records, at=at, by_id=by)
        if records
        else FieldChange.objects.none()
    )
    return list(rows.values_list("pk", flat=True))
