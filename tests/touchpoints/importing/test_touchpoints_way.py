"""Rows become touchpoints of known people, once each however often and in whatever order they are imported."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstcall.records.actions import create_records
from firstcall.records.importing.driving import drive
from firstcall.records.importing.errors import ImportRefusedError
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.rejecting import find_rejects
from firstcall.records.importing.undoing import begin_undo
from firstcall.records.models import DirtyRecord, Module, Record
from firstcall.touchpoints.importing.asking import TouchpointsAsked, TouchpointWishes
from firstcall.touchpoints.importing.touchpoints_way import TouchpointsWay
from firstcall.touchpoints.importing.undoing import undo_touchpoints
from firstcall.touchpoints.models import Sighting, Source, Touchpoint
from tests.records.importing.company import START, Clock, make_leads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leads() -> Module:
    leads = make_leads()
    people = [
        {"external_id": "7", "email": "ann@example.com", "phone": "+4930123456", "last_name": "Arbor"},
        {"external_id": "8", "email": "bob@example.com", "last_name": "Same"},
        {"external_id": "9", "email": "cy@example.com", "last_name": "Same"},
    ]
    create_records(leads, people, at=START)
    DirtyRecord.objects.all().delete()
    return leads


def begun(tmp_path: Path, text: str, name: str = "mail.csv", **wishes: object) -> ImportRun:
    path = tmp_path / name
    path.write_text(text)
    asked = TouchpointsAsked(TouchpointWishes(**{"source": "mail", **wishes}))  # type: ignore[arg-type]
    return ImportRun.objects.create(
        kind="touchpoints", module=Module.objects.get(name="leads"), file_name=name, path=str(path),
        wishes=asked.to_json(), created_at=START,
    )  # fmt: skip


def imported(tmp_path: Path, text: str, name: str = "mail.csv", **wishes: object) -> ImportRun:
    run = begun(tmp_path, text, name, **wishes)
    drive(run, TouchpointsWay(run), TouchpointsAsked.from_json(run.wishes).file, now=Clock())
    run.refresh_from_db()
    return run


def counts(run: ImportRun) -> tuple[int, int, int]:
    return run.created, run.unchanged, run.rejected


def reasons(run: ImportRun) -> list[str]:
    path = find_rejects(run.folder)
    assert path is not None
    with path.open(newline="") as file:
        return [row["Reason for rejection"] for row in csv.DictReader(file)]


MAIL = (
    "Email,Event,Timestamp,campaign,clicks\n"
    "ann@example.com,Email Opened,2026-01-02 10:00:00,Spring,\n"
    "ANN@example.com ,email_clicked,2026-01-02T11:00:00+01:00,Spring,3\n"
    "bob@example.com,email_clicked,3 Jan 2026 10:00,,1\n"
    "bob@example.com,email_clicked,3 Jan 2026 10:00,,1\n"
)


def test_rows_become_touchpoints_with_their_properties_and_their_records_are_due(
    tmp_path: Path, leads: Module
) -> None:
    run = imported(tmp_path, MAIL, prefix="mail.", types={"Email Opened": "email.opened"})
    assert counts(run) == (4, 0, 0)
    found = Touchpoint.objects.order_by("record_id", "type", "pk")
    morning, later = datetime(2026, 1, 2, 10, tzinfo=UTC), datetime(2026, 1, 3, 10, tzinfo=UTC)
    assert [(t.record.values["email"], t.type, t.occurred_at, t.properties) for t in found if t.record] == [
        ("ann@example.com", "email.opened", morning, {"campaign": "Spring"}),
        ("ann@example.com", "mail.email_clicked", morning, {"campaign": "Spring", "clicks": "3"}),
        ("bob@example.com", "mail.email_clicked", later, {"clicks": "1"}),
        ("bob@example.com", "mail.email_clicked", later, {"clicks": "1"}),
    ]
    assert DirtyRecord.objects.values("record_id").distinct().count() == DirtyRecord.objects.count() == 2
    assert Source.objects.get().name == "mail"
    assert list(Sighting.objects.values_list("kind", "name", "count")) == [
        ("unknown_type", "mail.email_clicked", 3)
    ]


def test_the_same_file_twice_adds_nothing_and_a_longer_one_only_what_is_new(
    tmp_path: Path, leads: Module
) -> None:
    imported(tmp_path, MAIL)
    assert counts(imported(tmp_path, MAIL)) == (0, 4, 0)
    header, *rows = MAIL.splitlines()
    longer = "\n".join([header, "cy@example.com,opened,2026-01-05 10:00:00,,", *reversed(rows), rows[-1]])
    assert counts(imported(tmp_path, longer)) == (2, 4, 0)
    assert counts(imported(tmp_path, MAIL, source="another")) == (4, 0, 0)


def test_ids_of_the_file_are_the_touchpoints_own(tmp_path: Path, leads: Module) -> None:
    text = "EVENTID,LEADID,Type,Date\n1,7,a,2026-01-02\n2,7,a,2026-01-02\n2,8,b,2026-01-03\n"
    run = imported(tmp_path, text)
    assert counts(run) == (2, 0, 1)
    assert reasons(run) == ["EVENTID: an earlier row has the same."]
    assert counts(imported(tmp_path, "EVENTID,LEADID,Type,Date\n2,8,c,2026-02-02\n3,8,c,2026-02-02\n")) == (
        1,
        1,
        0,
    )


def test_people_are_found_by_id_external_id_address_phone_and_name(tmp_path: Path, leads: Module) -> None:
    ann = Record.objects.order_by("pk")[0]
    for by, header, value in (
        ("id", "firstcall_id", str(ann.pk)),
        ("external_id", "LEADID", "7"),
        ("email", "E-mail", "ANN@example.com"),
        ("phone", "Phone", "+49 30 123456"),
        ("name", "Who", "arbor"),
    ):
        wishes = {"person": header, "by": by} if by == "name" else {}
        run = imported(tmp_path, f"{header},Event,Date\n{value},a.{by},2026-01-02\n", **wishes)
        assert (run.plan["by"], counts(run)) == (by, (1, 0, 0))
    assert Touchpoint.objects.filter(record=ann).count() == 5


def test_what_cannot_be_a_touchpoint_is_rejected_with_the_reason(tmp_path: Path, leads: Module) -> None:
    text = (
        "email,event,at,properties\n"
        "nobody@example.com,a,2026-01-02,\n,a,2026-01-02,\nann@example.com,,2026-01-02,\n"
        "ann@example.com,a,soon,\nann@example.com,a,,\nann@example.com,a,2026-01-02,[1]\n"
        f'ann@example.com,{"x" * 121},2026-01-02,\nann@example.com,a,2026-01-02,"{{""n"": 1.50}}"\nragged\n'
    )
    run = imported(tmp_path, text, at="at")
    assert counts(run) == (1, 0, 8)
    assert sorted(reasons(run)) == [
        "1 cell where the header has 4",
        "at: is missing.",
        "at: is no date and time.",
        "email: no record of leads has this e-mail address.",
        "email: says of no row whose it is; it is empty.",
        "event: takes a type without spaces, of at most 120 characters.",
        "event: the type is missing.",
        "properties: is no JSON object.",
    ]
    assert Touchpoint.objects.get().properties == {"n": 1.5}


def test_a_name_that_several_have_is_rejected_and_not_guessed(tmp_path: Path, leads: Module) -> None:
    run = imported(tmp_path, "Who,Event,Date\nSame,a,2026-01-02\n", person="Who", by="name")
    assert counts(run) == (0, 0, 1)
    assert reasons(run)[0].startswith("Who: 2 records of leads have this name: #")


def test_only_the_rows_asked_for(tmp_path: Path, leads: Module) -> None:
    text = "LEADID,Kind,Date\n7,call,2026-01-02\n7,task,2026-01-02\n"
    run = imported(tmp_path, text, fixed_type="call.made", where={"Kind": ("call",)}, leave_out=("Kind",))
    assert counts(run) == (1, 0, 0)
    assert Touchpoint.objects.values_list("type", "properties").get() == ("call.made", {})


def test_json_lines_keep_the_types_of_properties(tmp_path: Path, leads: Module) -> None:
    line = '{"user_id": 7, "event": "a", "timestamp": "2026-01-02T10:00:00Z", "n": 2, "deep": {"x": [1]}, "no": null}'
    assert counts(imported(tmp_path, f"{line}\n", "some.jsonl")) == (1, 0, 0)
    assert Touchpoint.objects.get().properties == {"n": 2, "deep": {"x": [1]}}


def test_every_column_that_is_missing_is_told_at_once(tmp_path: Path, leads: Module) -> None:
    with pytest.raises(ImportRefusedError) as refused:
        imported(tmp_path, "a,b\n1,2\n", leave_out=("c",))
    assert [problem.says for problem in refused.value.problems] == [
        "no column says whose the touchpoints are.",
        "no column says the type of a touchpoint.",
        "no column says when a touchpoint was.",
        "the file has no column c.",
    ]


def test_an_undone_import_counts_no_longer_and_may_come_in_again(tmp_path: Path, leads: Module) -> None:
    first = imported(tmp_path, "LEADID,Event,Date\n8,old,2026-01-01\n")
    run = imported(tmp_path, MAIL)
    DirtyRecord.objects.all().delete()
    clock = Clock()
    undo_touchpoints(begin_undo(run, by=None, at=clock()), now=clock)
    counting = Touchpoint.objects.filter(revoked_at=None)
    assert [touchpoint.type for touchpoint in counting] == ["old"]
    assert set(DirtyRecord.objects.values_list("cause", flat=True)) == {"revoke"}
    assert DirtyRecord.objects.count() == 2
    assert counts(imported(tmp_path, MAIL.replace("email_clicked", "email.clicked"))) == (4, 0, 0)
    assert counting.all().count() == 5
    first.refresh_from_db()
    assert first.status == "done"


class KilledError(Exception):
    """What a process meets that is killed."""


@pytest.mark.parametrize("at", range(1, 5))
def test_an_import_that_dies_goes_on_and_adds_no_row_twice(
    tmp_path: Path, leads: Module, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(TouchpointsWay, "step", 7)
    rows = "".join(f"{7 + n % 4},e,2026-01-0{1 + n % 9},{n}\n" for n in range(50))
    run = begun(tmp_path, f"LEADID,Event,Date,n\n{rows}")
    told = 0

    def die(done: int, total: int | None, message: str) -> None:
        nonlocal told
        told += 1
        if told == 2 * at:
            raise KilledError

    file = TouchpointsAsked.from_json(run.wishes).file
    with pytest.raises(KilledError):
        drive(run, TouchpointsWay(run), file, now=Clock(), advance=die)
    run.refresh_from_db()
    drive(run, TouchpointsWay(run), file, now=Clock())
    run.refresh_from_db()
    assert (run.status, run.done, counts(run)) == ("done", 50, (38, 0, 12))
    assert Touchpoint.objects.count() == 38
    assert len(reasons(run)) == 12
