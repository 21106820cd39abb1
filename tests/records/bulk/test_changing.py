"""One change to many records: all of a filter, each once, with faults by record, and undone as a whole."""

from __future__ import annotations

import pytest

from firstcall.access.models import User
from firstcall.jobs.errors import JobCancelledError
from firstcall.records.actions import change_records, create_records
from firstcall.records.bulk import changing
from firstcall.records.bulk.changing import Change, begin_bulk, change_in_bulk, refused_file
from firstcall.records.choosing import Choice
from firstcall.records.errors import InvalidFilterError, InvalidValuesError
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.undoing import begin_undo, stays_file, undo_records
from firstcall.records.models import DirtyRecord, Module, Record, Turn
from firstcall.records.writing.given import Given
from tests.records.importing.company import START, Clock, make_leads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leads() -> Module:
    leads = make_leads()
    rows = [
        Given({"last_name": f"L{n}", "employees": str(n), "lead_source": "Web"}, tags=["old"])
        for n in range(10)
    ]
    create_records(leads, rows, at=START)
    DirtyRecord.objects.all().delete()
    return leads


def done(choice: Choice, change: Change, **more: object) -> ImportRun:
    clock = Clock()
    run = begin_bulk(choice, change, at=clock(), by=None)
    change_in_bulk(run, now=clock, **more)  # type: ignore[arg-type]
    return run


def held(name: str) -> list[object]:
    return [values.get(name) for values in Record.objects.order_by("pk").values_list("values", flat=True)]


def test_all_of_a_filter_are_changed_even_those_that_leave_it_by_the_change(
    leads: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "STEP", 3)
    ann = User.objects.create_user("ann@example.com")
    choice = Choice("leads", filter=[{"field": "employees", "gte": 4}])
    change = Change({"employees": "1", "lead_source": None}, ann.pk, ("New",), ("OLD",))
    told: list[tuple[int, int | None]] = []
    run = done(choice, change, advance=lambda done, total, message: told.append((done, total)))
    assert (run.status, run.done, run.total, run.changed) == ("done", 6, 6, 6)
    assert told == [(3, 6), (6, 6), (6, 6)]
    assert held("employees") == ["0", "1", "2", "3", *["1"] * 6]
    assert held("lead_source") == [*["Web"] * 4, *[None] * 6]
    there = Record.objects.order_by("pk").values_list("owner", "tags")
    assert list(there) == [*[(None, ["old"])] * 4, *[(ann.pk, ["new"])] * 6]
    assert set(DirtyRecord.objects.values_list("turn", flat=True)) == {Turn.BULK}


def test_records_by_their_ids_and_what_differs_in_nothing_is_unchanged(leads: Module) -> None:
    ids = tuple(Record.objects.order_by("pk").values_list("pk", flat=True)[:3])
    run = done(Choice("leads", ids=(*ids, 10**9)), Change({"employees": "1"}))
    assert (run.changed, run.unchanged, run.rejected) == (2, 1, 0)


def test_faults_are_told_by_record(leads: Module) -> None:
    records = Record.objects.order_by("pk")
    Record.objects.filter(pk=records[0].pk).update(tags=[f"t{n}" for n in range(100)])
    run = done(Choice("leads"), Change(add_tags=("one more",)))
    assert (run.changed, run.rejected) == (9, 1)
    assert refused_file(run).read_text().splitlines() == [
        "record,reason",
        f"{records[0].pk},tags takes at most 100; there would be 101.",
    ]


def test_what_no_record_would_take_is_refused_before_anything_is_begun(leads: Module) -> None:
    with pytest.raises(InvalidValuesError) as refused:
        begin_bulk(Choice("leads"), Change({"employees": "many", "nothing": 1}, 10**9), at=START, by=None)
    assert [fault.field for fault in refused.value.faults] == ["employees", "nothing", "owner"]
    with pytest.raises(InvalidFilterError):
        begin_bulk(
            Choice("leads", filter=[{"field": "nothing", "is": 1}]),
            Change({"employees": 1}),
            at=START,
            by=None,
        )
    assert not ImportRun.objects.exists()


class KilledError(Exception):
    """What a process meets that is killed."""


def test_killed_it_goes_on_and_undone_it_leaves_what_people_did_since(
    leads: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "STEP", 3)
    before = list(Record.objects.order_by("pk").values_list("values", "tags"))
    clock = Clock()
    run = begin_bulk(Choice("leads"), Change({"employees": "77"}, add_tags=("x",)), at=clock(), by=None)

    def die(done: int, total: int | None, message: str) -> None:
        if done == 6:
            raise KilledError

    with pytest.raises(KilledError):
        change_in_bulk(run, now=clock, advance=die)
    assert held("employees").count("77") == 3
    change_in_bulk(run, now=clock)
    assert (run.status, run.changed) == ("done", 10)
    first = Record.objects.order_by("pk")[0]
    change_records(leads, [(first.pk, {"employees": "78"})], at=clock())
    undo_records(begin_undo(run, by=None, at=clock()), now=clock)
    after = list(Record.objects.order_by("pk").values_list("values", "tags"))
    assert after[1:] == before[1:]
    assert (after[0][0]["employees"], after[0][1]) == ("78", ["old"])
    assert stays_file(run).read_text().splitlines()[1] == f"{first.pk},employees,it has been changed since"


def test_cancelled_it_says_so(leads: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing, "STEP", 3)

    def cancel(done: int, total: int | None, message: str) -> None:
        if done == 6:
            raise JobCancelledError

    with pytest.raises(JobCancelledError):
        done(Choice("leads"), Change({"employees": "77"}), advance=cancel)
    run = ImportRun.objects.get()
    assert (run.status, run.message) == (
        "failed",
        "It was cancelled. What it changed until then can be undone.",
    )
