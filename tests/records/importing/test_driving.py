"""An import that is stopped anywhere goes on where it was; one that is undone leaves what people did since."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from django.db import connection

from firstcall.jobs.actions import cancel
from firstcall.jobs.actions import start as start_job
from firstcall.jobs.doing import do_job
from firstcall.jobs.errors import JobCancelledError
from firstcall.records.actions import change_records
from firstcall.records.importing import undoing
from firstcall.records.importing.driving import Wrote
from firstcall.records.importing.models import ImportRun, ImportStatus
from firstcall.records.importing.records_way import RecordsWay
from firstcall.records.importing.undoing import NotUndoableError, begin_undo, stays_file, undo_records
from firstcall.records.models import DirtyRecord, FieldChange, Record
from tests.records.importing.company import Clock, finish, imported, make_leads, start


class KilledError(Exception):
    """What a process meets that is killed."""


def file_of(tmp_path: Path, rows: int) -> Path:
    path = tmp_path / "many.csv"
    lines = [
        f"Person {number},p{number}@example.com,{'x' if number % 10 == 3 else number}"
        for number in range(rows)
    ]
    path.write_text("\n".join(["Last Name,Email,Employees", *lines]) + "\n")
    return path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", range(6))
def test_an_import_that_dies_at_any_step_goes_on_and_writes_no_row_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(RecordsWay, "step", 20)
    run = start(make_leads(), file_of(tmp_path, 95))
    told = 0

    def die(done: int, total: int | None, message: str) -> None:
        nonlocal told
        told += 1
        if told == at + 3:
            raise KilledError

    with pytest.raises(KilledError):
        finish(run, advance=die)
    run.refresh_from_db()
    assert run.status == ImportStatus.RUNNING
    finish(run)
    assert (run.status, run.done, run.total, run.created, run.rejected) == ("done", 95, 95, 85, 10)
    assert Record.objects.count() == 85
    assert len((run.folder / "rejects.csv").read_text().splitlines()) == 11
    assert not (run.folder / "staged").exists()


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_with_signal_nine_loses_and_doubles_nothing(
    tmp_path: Path, data_folder: Path
) -> None:
    run = start(make_leads(), file_of(tmp_path, 1_500))
    database = {key: connection.settings_dict[key] for key in ("NAME", "HOST", "USER")}
    script = textwrap.dedent(f"""
        import django
        from django.conf import settings
        settings.DATABASES["default"] |= {database!r}
        django.setup()
        from firstcall.moments import now
        from firstcall.records.importing.asking import Asked
        from firstcall.records.importing.driving import drive
        from firstcall.records.importing.models import ImportRun
        from firstcall.records.importing.records_way import RecordsWay
        RecordsWay.step = 25
        run = ImportRun.objects.get(pk={run.pk})
        drive(run, RecordsWay(run), Asked().file, now=now)
    """)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "firstcall.settings", "FIRSTCALL_DATA_FOLDER": str(data_folder),
    }  # fmt: skip
    killed = 0
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", script], env=environment)
        before = Record.objects.count()
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            if Record.objects.count() > before + 60:
                process.send_signal(signal.SIGKILL)
                killed += process.wait() == -signal.SIGKILL
        assert process.wait() in (0, -signal.SIGKILL)
    assert killed
    finish(run)
    assert (run.status, run.done, run.created, run.rejected) == ("done", 1_500, 1_350, 150)
    assert Record.objects.count() == Record.objects.values("values__email").distinct().count() == 1_350
    with (run.folder / "rejects.csv").open(newline="") as file:
        lines = [row["Email"] for row in csv.DictReader(file)]
    assert len(lines) == len(set(lines)) == 150


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_one_import_write_no_row_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordsWay, "step", 20)
    run = start(make_leads(), file_of(tmp_path, 60))
    other = ImportRun.objects.get(pk=run.pk)
    told = 0

    def let_the_other_go_first(done: int, total: int | None, message: str) -> None:
        nonlocal told
        told += 1
        if told == 2:
            finish(other)

    finish(run, advance=let_the_other_go_first)
    assert (run.status, run.created, Record.objects.count()) == ("done", 54, 54)


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_cancelled_says_so_and_can_be_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordsWay, "step", 20)
    run = start(make_leads(), file_of(tmp_path, 60))

    def cancel(done: int, total: int | None, message: str) -> None:
        if done > 20:
            raise JobCancelledError

    with pytest.raises(JobCancelledError):
        finish(run, advance=cancel)
    run.refresh_from_db()
    assert (run.status, run.created) == ("failed", 18)
    assert run.message == "It was cancelled. What it wrote until then can be undone."
    undo(run)
    assert not Record.objects.filter(deleted_at=None).exists()


def done_by_a_job(kind: str, run: ImportRun, *, cancelled: bool = False) -> ImportRun:
    job = start_job(kind, {"import": run.pk}, at=Clock()())
    if cancelled:
        cancel(job, at=Clock()())
    do_job(job.pk, now=Clock())
    run.refresh_from_db()
    return run


@pytest.mark.django_db(transaction=True)
def test_an_import_whose_job_fails_or_never_begins_does_not_go_on_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordsWay, "step", 20)
    leads, write, steps = make_leads(), RecordsWay.write, list[int]()

    def break_down(way: RecordsWay, cells: pa.Table, *, at: datetime) -> Wrote:
        steps.append(len(cells))
        if len(steps) == 3:
            raise ValueError("The third step is no step.")
        return write(way, cells, at=at)

    with monkeypatch.context() as broken:
        broken.setattr(RecordsWay, "write", break_down)
        failed = done_by_a_job("records.import", start(leads, file_of(tmp_path, 60)))
    says = "It failed: The third step is no step. What it wrote until then can be undone."
    assert (failed.status, failed.message, failed.created) == ("failed", says, 36)
    assert failed.ended_at is not None

    with monkeypatch.context() as broken:
        broken.setattr(undoing, "_undo_step", lambda *_: 1 / 0)
        done_by_a_job("records.undo_import", begin_undo(failed, by=None, at=Clock()()))
    failed.refresh_from_db()
    assert (
        failed.message
        == "While it was being undone: It failed: division by zero. Undo it again for the rest."
    )
    assert failed.may_be_undone
    assert undo(failed).status == "undone"
    assert not Record.objects.filter(deleted_at=None).exists()

    never = done_by_a_job("records.import", start(leads, file_of(tmp_path, 60)), cancelled=True)
    assert (never.status, never.message, never.done) == ("failed", "It was cancelled.", 0)


def undo(run: ImportRun) -> ImportRun:
    clock = Clock(Clock().at.replace(year=2027))
    undo_records(begin_undo(run, by=None, at=clock()), now=clock)
    run.refresh_from_db()
    return run


@pytest.mark.django_db(transaction=True)
def test_an_undone_import_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordsWay, "step", 2)
    leads = make_leads()
    before = (
        "Email,Last Name,Seen at,Topics,Is hot,Tags\na@example.com,Ann,2026-01-01 10:00,demo;price,yes,x\n"
        "b@example.com,Bob,,,,\n"
    )
    imported(leads, tmp_path, before)
    held = list(Record.objects.order_by("pk").values_list("values", "tags", "owner"))
    DirtyRecord.objects.all().delete()
    after = (
        "Email,Last Name,Seen at,Topics,Is hot,Tags\na@example.com,A,2026-02-01 10:00,support,no,y\n"
        "c@example.com,Cy,,,,\na@example.com,AA,2026-03-01 10:00,demo,no,z\nb@example.com,B,2026-01-01 11:00,,,\n"
    )
    run = undo(imported(leads, tmp_path, after))
    assert run.status == "undone"
    there = Record.objects.filter(deleted_at=None).order_by("pk")
    assert list(there.values_list("values", "tags", "owner")) == held
    assert DirtyRecord.objects.exists()
    assert not stays_file(run).exists()
    again = imported(leads, tmp_path, after)
    assert (again.created, again.changed) == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_what_somebody_has_changed_since_stays_and_is_listed(tmp_path: Path) -> None:
    leads = make_leads()
    imported(leads, tmp_path, "Email,Last Name,Employees\na@example.com,Ann,1\n")
    run = imported(
        leads,
        tmp_path,
        "Email,Last Name,Employees\na@example.com,A,2\nb@example.com,Bob,\nc@example.com,Cy,\n",
    )
    ann, bob, _ = Record.objects.order_by("pk")
    change_records(leads, [(ann.pk, {"employees": "3"}), (bob.pk, {"employees": "4"})], at=Clock()())
    undo(run)
    there = list(Record.objects.filter(deleted_at=None).order_by("pk").values_list("values", flat=True))
    assert there == [
        {"email": "a@example.com", "last_name": "Ann", "employees": "3"},
        {"email": "b@example.com", "last_name": "Bob", "employees": "4"},
    ]
    assert stays_file(run).read_text().splitlines() == [
        "record,field,why",
        f"{ann.pk},employees,it has been changed since",
        f"{bob.pk},,somebody has changed it since",
    ]


@pytest.mark.django_db(transaction=True)
def test_an_undo_that_dies_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordsWay, "step", 20)
    run = finish(start(make_leads(), file_of(tmp_path, 60)))
    clock = Clock()
    begin_undo(run, by=None, at=clock())

    def die(done: int, total: int | None, message: str) -> None:
        if done == 2:
            raise KilledError

    with pytest.raises(KilledError):
        undo_records(run, now=clock, advance=die)
    assert Record.objects.filter(deleted_at=None).count() == 36
    assert undo(run).status == "undone"
    assert not Record.objects.filter(deleted_at=None).exists()
    with pytest.raises(NotUndoableError, match="has been undone already"):
        begin_undo(run, by=None, at=clock())


@pytest.mark.django_db(transaction=True)
def test_an_unfinished_import_is_not_undone(tmp_path: Path) -> None:
    run = start(make_leads(), file_of(tmp_path, 5))
    with pytest.raises(NotUndoableError, match=r"is not finished. Cancel it first, or let it end."):
        begin_undo(run, by=None, at=Clock()())
    assert not FieldChange.objects.exists()
