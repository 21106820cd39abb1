"""Exports hold the scores that the rules give, exact to the hundredth."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from firstcall.access.viewer import PRODUCT
from firstcall.records.actions import create_record
from firstcall.records.choosing import Choice
from firstcall.records.models import Record
from firstcall.scorekeeping.exporting import ExportAsked, export
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import StoredScore
from tests.scorekeeping.company import START, found_company, lead, sweep_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def records() -> list[Record]:
    leads, _ = found_company()
    sweep_all(START)
    made = [
        create_record(leads, lead(job_title=title, employees="5000"), at=START) for title in ("director", "x")
    ]
    made.append(create_record(leads, lead(opted_in=False), at=START))
    keep_all(now=lambda: START)
    return made


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_rule_that_scores_has_its_columns(records: list[Record], tmp_path: Path) -> None:
    target = tmp_path / "leads.csv"
    assert export(ExportAsked(Choice("leads")), target, viewer=PRODUCT, now=START) == 3
    rows = rows_of(target)
    stored = {score.record_id: score.total for score in StoredScore.objects.filter(rule__name="Fit")}
    assert [row["Score: Fit total"] for row in rows] == [f"{stored[r.pk] / 100:g}" for r in records[:2]] + [
        ""
    ]
    assert {row["Score: Interest grade"] for row in rows} == {"Cold"}
    every = tmp_path / "all.csv"
    export(
        ExportAsked(Choice("leads", ids=(records[0].pk,)), columns=("job_title",), scores="all"),
        every,
        viewer=PRODUCT,
        now=START,
    )
    [row] = rows_of(every)
    assert [name for name in row if "Fit" in name] == [
        f"Score: Fit {name}" for name in (
            "positive", "negative", "touchpoint positive", "touchpoint negative", "touchpoint total", "total", "grade",
        )
    ]  # fmt: skip
    assert row["job_title"] == "director"


def test_only_the_records_of_a_filter(records: list[Record], tmp_path: Path) -> None:
    target = tmp_path / "some.csv"
    choice = Choice("leads", filter={"field": "job_title", "is": "director"})
    assert export(ExportAsked(choice, scores="none"), target, viewer=PRODUCT, now=START) == 1
    [row] = rows_of(target)
    assert row["firstcall_id"] == str(records[0].pk)
    assert not any(name.startswith("Score") for name in row)
