"""Writes rows as records, new or found by their keys, and says of each that was refused why, by the file's columns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from firstcall.access.models import User
from firstcall.access.viewer import Viewer
from firstcall.records.actions import change_records, create_records, upsert_records
from firstcall.records.errors import Fault, FaultCode
from firstcall.records.importing.lookups import LookupKind, look_up
from firstcall.records.importing.planning import Plan
from firstcall.records.importing.rows import Row, RowOptions, Trouble
from firstcall.records.keys import fold_words
from firstcall.records.models import Module, Turn
from firstcall.records.schema import load_schema
from firstcall.records.writing.given import Did, Outcome
from firstcall.records.writing.taking import take_all
from firstcall.scoring.saying import said

type Write = Callable[[Sequence[Row]], list[Outcome]]


class RowWriter:
    """Writes the rows of one import in the transaction that is open."""

    def __init__(
        self, module: Module, plan: Plan, options: RowOptions, *, by: User | None, viewer: Viewer
    ) -> None:
        self.module = module
        self.plan = plan
        self.options = options
        self.by = by
        self.viewer = viewer
        self.columns = {column.target.removeprefix("@"): column.column for column in plan.columns}

    def write(self, rows: Sequence[Row], *, at: datetime) -> list[Outcome]:
        """What became of each row, in their order; why it was refused is among its troubles then."""

        def create(some: Sequence[Row]) -> list[Outcome]:
            return create_records(
                self.module,
                [row.given for row in some],
                at=at,
                by=self.by,
                turn=Turn.BULK,
                viewer=self.viewer,
            )

        def find(some: Sequence[Row]) -> list[Outcome]:
            if self.options.only_new:
                return self._only_new(some, create)
            if self.plan.by == "id":
                return self._change(some, at)
            if self.plan.by == "name":
                return self._by_name(some, create, at)
            given = [row.given for row in some]
            return upsert_records(
                self.module,
                given,
                by_field=self.plan.key,
                at=at,
                by=self.by,
                turn=Turn.BULK,
                viewer=self.viewer,
            )

        outcomes = {n: Outcome.refused(()) for n, row in enumerate(rows) if row.troubles}
        self._look_closer([rows[n] for n in outcomes])
        fit = [n for n in range(len(rows)) if n not in outcomes]
        keyed = [n for n in fit if self.plan.by and rows[n].key]
        for numbers, written in (([n for n in fit if n not in set(keyed)], create), (keyed, find)):
            some = [rows[n] for n in numbers]
            outcomes.update(zip(numbers, self._written(some, written) if some else [], strict=True))
        return [outcomes[n] for n in range(len(rows))]

    def _look_closer(self, rows: Sequence[Row]) -> None:
        """Of rows that are refused anyway: what else is wrong with them."""
        if not rows:
            return
        for row, taken in zip(
            rows,
            take_all(load_schema(self.module), [row.given for row in rows], viewer=self.viewer),
            strict=True,
        ):
            row.troubles += self._troubles(row, Outcome.refused(taken.faults))

    def _written(self, rows: Sequence[Row], write: Write) -> list[Outcome]:
        """The rows written; those refused for values that may be left out once more, without them."""
        outcomes = write(rows)
        for row, outcome in zip(rows, outcomes, strict=True):
            row.troubles = self._troubles(row, outcome)
        if not self.options.leave_out:
            return outcomes
        again = [n for n, outcome in enumerate(outcomes) if self._can_do_without(rows[n], outcome)]
        if again:
            for n in again:
                _leave_out(rows[n], outcomes[n])
            for n, outcome in zip(again, write([rows[n] for n in again]), strict=True):
                outcomes[n] = outcome
                rows[n].troubles = self._troubles(rows[n], outcome)
        return outcomes

    def _can_do_without(self, row: Row, outcome: Outcome) -> bool:
        """Whether all that is wrong are values of its own, its key not among them."""
        return outcome.did is Did.REFUSED and all(
            fault.code in (FaultCode.INVALID, FaultCode.UNKNOWN_RECORD)
            and row.given.values.get(fault.field) is not None
            and fault.field != self.plan.key
            for fault in outcome.faults
        )

    def _only_new(self, rows: Sequence[Row], create: Write) -> list[Outcome]:
        """Rows whose key a record has, or a row before, change nothing."""
        kind = LookupKind(self.plan.by)
        found = look_up(self.module, {row.key or "" for row in rows}, kinds=(kind,), viewer=self.viewer)
        met: set[str] = set()
        new = []
        for number, row in enumerate(rows):
            key = row.key or ""
            same = fold_words(key)
            if key not in found.records and key not in found.several and same not in met:
                new.append(number)
            met.add(same)
        made = dict(zip(new, create([rows[n] for n in new]) if new else [], strict=True))
        return [made.get(number, Outcome(Did.UNCHANGED)) for number in range(len(rows))]

    def _change(self, rows: Sequence[Row], at: datetime) -> list[Outcome]:
        """By our own ids."""
        ids = [_own_id(row.key) for row in rows]
        known = [(id, row.given) for id, row in zip(ids, rows, strict=True) if id is not None]
        done = iter(
            change_records(self.module, known, at=at, by=self.by, turn=Turn.BULK, viewer=self.viewer)
            if known
            else []
        )
        wrong = Outcome.refused([Fault("id", said("takes the id of a record, a whole number"))])
        return [wrong if id is None else next(done) for id in ids]

    def _by_name(self, rows: Sequence[Row], create: Write, at: datetime) -> list[Outcome]:
        """A name that stands in several rows is one record's: the rows are written in turns."""
        outcomes: dict[int, Outcome] = {}
        turns: dict[int, list[int]] = defaultdict(list)
        met: Counter[str] = Counter()
        for number, row in enumerate(rows):
            name = fold_words(row.key or "")
            turns[met[name]].append(number)
            met[name] += 1
        for numbers in turns.values():
            found = look_up(
                self.module,
                {rows[n].key or "" for n in numbers},
                kinds=(LookupKind.NAME,),
                viewer=self.viewer,
            )
            new, there = [], []
            for n in numbers:
                key = rows[n].key or ""
                if found.several.get(key):
                    says = said("is ambiguous: {reason}", reason=found.reasons[key])
                    outcomes[n] = Outcome.refused([Fault(self.plan.key, says, FaultCode.AMBIGUOUS)])
                elif key in found.records:
                    there.append((n, found.records[key]))
                else:
                    new.append(n)
            outcomes.update(zip(new, create([rows[n] for n in new]) if new else [], strict=True))
            known = [(id, rows[n].given) for n, id in there]
            done = (
                change_records(self.module, known, at=at, by=self.by, turn=Turn.BULK, viewer=self.viewer)
                if known
                else []
            )
            outcomes.update(zip([n for n, _ in there], done, strict=True))
        return [outcomes[n] for n in range(len(rows))]

    def _troubles(self, row: Row, outcome: Outcome) -> list[Trouble]:
        found = []
        for fault in outcome.faults:
            value = row.given.values.get(fault.field)
            column = self.columns.get(fault.field, fault.field)
            found.append(Trouble(column, fault.says, "" if value is None else str(value)))
        return found


def _leave_out(row: Row, outcome: Outcome) -> None:
    names = {fault.field for fault in outcome.faults}
    row.left_out += row.troubles
    values = {name: value for name, value in row.given.values.items() if name not in names}
    row.given = replace(row.given, values=values)


def _own_id(text: str | None) -> int | None:
    digits = (text or "").strip().removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
