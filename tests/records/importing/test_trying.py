"""A dry run tells what the import would do, with every problem, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstcall.records.importing.asking import Asked
from firstcall.records.importing.planning import Wishes
from firstcall.records.importing.records_way import RecordsWay
from firstcall.records.importing.trying import Trial, try_import
from firstcall.records.models import DirtyRecord, Field, FieldChange, Module, Record
from tests.records.importing.company import Clock, imported, make_leads

pytestmark = pytest.mark.django_db(transaction=True)


def tried(module: Module, tmp_path: Path, text: str, asked: Asked | None = None) -> Trial:
    path = tmp_path / "tried.csv"
    path.write_text(text)
    return try_import(module, str(path), tmp_path / "trial", asked or Asked(), by=None, now=Clock())


def test_the_counts_are_those_of_the_import_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordsWay, "step", 2)
    leads = make_leads()
    imported(leads, tmp_path, "Email,Last Name\na@example.com,Ann\nb@example.com,Bob\n")
    before = (
        Record.objects.count(),
        FieldChange.objects.count(),
        DirtyRecord.objects.count(),
        Field.objects.count(),
    )
    text = (
        "Email,Last Name,Budget\na@example.com,Anna,1\nb@example.com,Bob,\nc@example.com,Cy,2\nd@,Dee,3\n"
        "C@example.com,Cyrus,4\nragged\n,Eve,\n"
    )
    asked = Asked(wishes=Wishes(create_fields=True))
    trial = tried(leads, tmp_path, text, asked)
    after = (
        Record.objects.count(),
        FieldChange.objects.count(),
        DirtyRecord.objects.count(),
        Field.objects.count(),
    )
    assert after == before
    found = (trial.total, trial.created, trial.changed, trial.unchanged, trial.rejected)
    assert found == (7, 2, 2, 1, 2)
    run = imported(leads, tmp_path, text, asked)
    assert (run.total, run.created, run.changed, run.unchanged, run.rejected) == found


def test_each_problem_is_told_with_its_rows_and_the_shape_of_its_values(tmp_path: Path) -> None:
    rows = "".join(f"p{number}@example.com,{30 + number} Feb 2021,{number}\n" for number in range(1, 9))
    trial = tried(make_leads(), tmp_path, f"Email,Born on,Employees\n{rows}broken\nx@,,\n")
    told = trial.to_json()
    assert told["problems"] == [
        {
            "column": "Born on",
            "says": "is no date",
            "rows": 8,
            "first_rows": [2, 3, 4, 5, 6],
            "like": ["99 aaa 9999"],
        },
        {"column": "", "says": "1 cell where the header has 3", "rows": 1, "first_rows": [10], "like": []},
        {"column": "Email", "says": "takes an e-mail address", "rows": 1, "first_rows": [11], "like": ["a@"]},
    ]
    assert trial.rejects is not None
    assert len(trial.rejects.read_text().splitlines()) == 11
    assert told["columns"][0] == {"column": "Email", "field": "email", "kind": "email", "by": "name"}
