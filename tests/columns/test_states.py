"""In whatever order transactions take their numbers and end; whenever the process is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from firstcall.columns.folder import ask_anew, held
from firstcall.columns.following import Follower
from firstcall.columns.manifest import NAME, read_manifest
from firstcall.columns.models import Change
from firstcall.columns.reading import NoCopyError, find_copy
from firstcall.columns.status import status
from firstcall.records.actions import create_record, erase_records
from firstcall.records.models import Module
from firstcall.touchpoints.models import Source
from tests.columns.test_following import Clock, Life, assert_same
from tests.scorekeeping.company import START, found_company, lead

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def company() -> tuple[Module, Source]:
    return found_company()


def dsn() -> str:
    told = connection.settings_dict
    return f"host={told['HOST']} user={told['USER']} dbname={told['NAME']}"


ADD = """
INSERT INTO touchpoints_touchpoint (source_id, message_id, record_id, type, occurred_at, received_at, properties, slotted)
VALUES (%s, %s, %s, 'web.visited', 1, 1, '{}', 0)"""


def test_what_is_committed_late_is_not_missed(tmp_path: Path, company: tuple[Module, Source]) -> None:
    record = create_record(company[0], lead(), at=START)
    follower = Follower(tmp_path, now=Clock())
    follower.step()
    with psycopg.connect(dsn()) as early, psycopg.connect(dsn()) as late:
        early.execute(ADD, [company[1].pk, "early", record.pk])
        late.execute(ADD, [company[1].pk, "late", record.pk])
        late.commit()
        assert follower.step()
        assert_same(tmp_path)
        early.commit()
        late.execute(ADD, [company[1].pk, "rolled back", record.pk])
        late.rollback()
    assert follower.step()
    assert_same(tmp_path)
    assert not follower.step()


def test_slots_being_filled_change_nothing_in_the_copy(
    tmp_path: Path, company: tuple[Module, Source]
) -> None:
    life = Life(1, *company)
    life.create()
    life.touch()
    Change.objects.all().delete()
    life.give_slots()
    assert not Change.objects.exists()


def test_what_is_forgotten_leaves_the_files(
    tmp_path: Path, company: tuple[Module, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life(2, *company)
    record = create_record(company[0], lead(job_title="Unforgettable"), at=START)
    life.touch()
    clock = Clock()
    follower = Follower(tmp_path, now=clock)
    follower.step()
    erase_records([record.pk], at=START)
    follower.step()
    assert_same(tmp_path)
    assert follower.manifest is not None
    clock.at += timedelta(hours=1)
    assert follower.step()
    piles = [follower.manifest.touchpoints, *(module.records for module in follower.manifest.modules)]
    assert [pile.gone for pile in piles] == [None] * len(piles)
    named = {file.name for file in follower.manifest.files()}
    assert not any(b"Unforgettable" in (tmp_path / name).read_bytes() for name in named)


def test_a_manifest_that_is_not_understood_is_built_anew(
    tmp_path: Path, company: tuple[Module, Source]
) -> None:
    create_record(company[0], lead(), at=START)
    Follower(tmp_path, now=Clock()).step()
    (tmp_path / NAME).write_text('{"format": 999}')
    with pytest.raises(NoCopyError, match="not there yet"):
        find_copy(tmp_path)
    assert not status(now=START, folder=tmp_path).is_there
    assert Follower(tmp_path, now=Clock()).step()
    assert_same(tmp_path)


def test_a_missing_file_is_built_anew(tmp_path: Path, company: tuple[Module, Source]) -> None:
    create_record(company[0], lead(), at=START)
    follower = Follower(tmp_path, now=Clock())
    follower.step()
    assert follower.manifest is not None
    (tmp_path / next(follower.manifest.files()).name).unlink()
    assert Follower(tmp_path, now=Clock()).step()
    assert_same(tmp_path)


def test_the_copy_of_another_database_is_built_anew(tmp_path: Path, company: tuple[Module, Source]) -> None:
    create_record(company[0], lead(), at=START)
    follower = Follower(tmp_path, now=Clock())
    follower.step()
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes().replace(b'"origin":"', b'"origin":"x'))
    other = Follower(tmp_path, now=Clock())
    assert other.step()
    assert other.manifest is not None
    assert other.manifest.origin == follower.manifest.origin  # type: ignore[union-attr]


def test_building_anew_may_be_asked_of_who_follows(tmp_path: Path, company: tuple[Module, Source]) -> None:
    follower = Follower(tmp_path, now=Clock())
    follower.step()
    before = follower.manifest
    ask_anew(tmp_path)
    assert follower.step()
    assert follower.manifest != before
    assert not follower.step()


def test_one_process_alone_writes_a_folder(tmp_path: Path) -> None:
    with held(tmp_path) as first, held(tmp_path) as second:
        assert (first, second) == (True, False)
    with held(tmp_path) as again:
        assert again


FOLLOW = """
import django, sys
from pathlib import Path
django.setup()
from firstcall.columns.following import Follower
from firstcall.moments import now
follower = Follower(Path(sys.argv[1]), now=now)
print("started", flush=True)
while True:
    follower.step()
"""


def test_killed_at_any_moment_the_copy_is_the_old_or_the_new_one(
    tmp_path: Path, company: tuple[Module, Source]
) -> None:
    life, chance = Life(3, *company), random.Random(3)
    life.live(10)
    Follower(tmp_path, now=Clock()).step()
    environment = {**os.environ, "DATABASE_URL": dsn(), "DJANGO_SETTINGS_MODULE": "firstcall.settings"}
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", FOLLOW, str(tmp_path)], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        end = time.monotonic() + 0.3 * chance.random()
        while time.monotonic() < end:
            life.live(1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert read_manifest(tmp_path) is not None
        find_copy(tmp_path)
    Follower(tmp_path, now=Clock()).step()
    assert_same(tmp_path)
    assert not (tmp_path / "work").exists()
