"""The copy shows just what the database does, whatever was written in between, by whom, and in which order it ended."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firstcall.access.models import User
from firstcall.columns.following import Follower
from firstcall.columns.piles import Piling
from firstcall.columns.reading import Copy, find_copy
from firstcall.records.actions import change_record, create_record, delete_records, erase_records
from firstcall.records.history import records_as_of
from firstcall.records.models import Module, Record
from firstcall.scorekeeping.slotting import Slotting
from firstcall.scoring.numbers import format_scaled
from firstcall.scoring.times import datetime_of, moment_of
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Revocation, Source, Touchpoint
from firstcall.touchpoints.revoking import Selection, end_revocation, move_selected, revoke_selected
from tests.scorekeeping.company import START, found_company
from tests.scorekeeping.test_keeper import random_arrival, random_given

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def company() -> tuple[Module, Source]:
    return found_company()


def rows_of_database() -> tuple[list[Any], list[Any]]:
    records = [
        (
            r.pk,
            r.layout and r.layout.name,
            r.owner and r.owner.email,
            sorted(r.tags),
            r.updated_at,
            dict(r.values),
        )
        for r in Record.objects.filter(deleted_at=None).order_by("pk")
    ]
    counting = Touchpoint.objects.filter(revoked_at=None, record__isnull=False)
    touchpoints = [(t.record_id, t.type, t.occurred_at, t.properties) for t in counting]
    return records, sorted(touchpoints, key=str)


def records_of_copy(copy: Copy, as_of: datetime | None = None) -> list[Any]:
    records: list[Any] = []
    with copy.open() as db:
        for module in copy.manifest.modules:
            fields = ", ".join(f"f{field.id}" for field in module.shape.fields)
            sql = f"SELECT id, layout, owner, CAST(tags AS VARCHAR), updated_at, {fields or 'NULL'} FROM records"
            moment = None if as_of is None else moment_of(as_of)
            whole = copy.with_relations(sql, module.shape.name, as_of=moment)
            for id, layout, owner, tags, updated_at, *values in db.execute(whole).fetchall():
                named = {f.name: _held(f.kind, v) for f, v in zip(module.shape.fields, values, strict=False)}
                held = {name: value for name, value in named.items() if value is not None}
                updated = datetime_of(updated_at)
                records.append((id, layout, owner, sorted(json.loads(tags)), updated, held))
    return sorted(records)


def rows_of_copy(copy: Copy) -> tuple[list[Any], list[Any]]:
    with copy.open() as db:
        properties = copy.manifest.properties
        columns = "".join(f", CAST({ref} AS VARCHAR)" for ref in properties.values())
        sql = f"SELECT record_id, type, occurred_at, CAST(properties AS VARCHAR){columns} FROM touchpoints"
        found = db.execute(copy.with_relations(sql, copy.manifest.modules[0].shape.name)).fetchall()
    touchpoints: list[Any] = []
    for record, type, at, written, *apart in found:
        held = json.loads(written) if written else {}
        assert [held.get(name) for name in properties] == [v and json.loads(v) for v in apart]
        touchpoints.append((record, type, datetime_of(at), held))
    return records_of_copy(copy), sorted(touchpoints, key=str)


def records_then(as_of: datetime) -> list[Any]:
    """Of those that are still there, as the service itself has them."""
    there = list(Record.objects.filter(deleted_at=None, created_at__lte=as_of))
    return [
        (id, then.layout, then.owner_email, sorted(then.tags), then.updated_at, dict(then.values))
        for id, then in sorted(records_as_of(there, as_of).items())
    ]


def _held(kind: str, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case "number":
            return format_scaled(value, 6)
        case "date":
            return value.isoformat()
        case "multi_select":
            return json.loads(value)
    return value


def assert_same(folder: Path) -> None:
    there, copied = rows_of_database(), rows_of_copy(find_copy(folder))
    assert copied[0] == there[0]
    assert copied[1] == there[1]


class Life:
    """What happens to a small company."""

    def __init__(self, seed: int, module: Module, source: Source) -> None:
        self.chance, self.module, self.source = random.Random(seed), module, source
        self.now, self.number = START, 0
        for name in ("ann", "bob"):
            User.objects.create_user(f"{name}@example.com")

    def records(self, most: int = 3) -> list[Record]:
        found = list(Record.objects.filter(deleted_at=None).order_by("pk"))
        return self.chance.sample(found, min(most, len(found)))

    def create(self) -> None:
        create_record(self.module, random_given(self.chance, self.now), at=self.now)

    def change(self) -> None:
        for record in self.records(1):
            change_record(record, random_given(self.chance, self.now), at=self.now)

    def touch(self) -> None:
        arrivals = []
        for record in self.records():
            self.number += 1
            arrivals.append(random_arrival(self.chance, [record], self.now, f"m{self.number}"))
        accept(self.source, arrivals, received_at=self.now)

    def revoke(self) -> None:
        for record in self.records(1):
            revoke_selected(Selection(record=record.pk), reason="a bot", at=self.now)

    def count_again(self) -> None:
        for revocation in Revocation.objects.filter(ended_at=None)[:1]:
            end_revocation(revocation, at=self.now)

    def move(self) -> None:
        match self.records(2):
            case [one, other]:
                move_selected(Selection(record=one.pk), other, at=self.now)

    def trash(self) -> None:
        for record in self.records(1):
            delete_records(self.module, [record.pk], at=self.now)

    def forget(self) -> None:
        for record in self.records(1):
            erase_records([record.pk], at=self.now)

    def give_slots(self) -> None:
        Slotting().step()

    def live(self, steps: int) -> None:
        what: list[Callable[[], None]] = [
            *(self.create, self.touch, self.change) * 4,
            *(
                self.revoke,
                self.count_again,
                self.move,
                self.trash,
                self.forget,
                self.give_slots,
            ),
        ]
        for _ in range(steps):
            self.now += timedelta(minutes=self.chance.randrange(600))
            self.chance.choice(what)()


@pytest.mark.parametrize("seed", range(4))
def test_the_copy_shows_what_the_database_does_after_every_step(
    seed: int, tmp_path: Path, company: tuple[Module, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:  # folded all the time
        monkeypatch.setattr(Piling, "few", 3)
        monkeypatch.setattr(Piling, "part", 10)
        monkeypatch.setattr(Piling.__init__, "__defaults__", (10, 3))
    life = Life(seed, *company)
    follower = Follower(tmp_path, now=lambda: life.now)
    for _ in range(12):
        life.live(5)
        follower.step()
        assert_same(tmp_path)
        assert not follower.step()
    assert Follower(tmp_path, now=lambda: life.now).manifest == follower.manifest
    copy, changed = find_copy(tmp_path), 0
    for hours in range(0, int((life.now - START) / timedelta(hours=1)), 24):
        as_of = START + timedelta(hours=hours)
        then = records_then(as_of)
        there = {row[0] for row in then}
        assert [row for row in records_of_copy(copy, as_of) if row[0] in there] == then
        changed += sum(row not in records_of_copy(copy) for row in then)
    assert changed
