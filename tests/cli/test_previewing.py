"""`firstcall rules preview`: the preview as text."""

from datetime import timedelta
from pathlib import Path

import pytest

from firstcall.cli.preview_report import report
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.insights.previewing.asking import preview_text
from firstcall.records.actions import create_record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.switching import activate
from tests.records.importing.conftest import data_folder
from tests.scorekeeping.company import START, found_company, lead

__all__ = ["data_folder"]
pytestmark = pytest.mark.django_db(transaction=True)

TEXT = """
name: Size
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
grades: {A: 15, B: 0}
"""


def test_the_report_tells_it_in_words(data_folder: Path) -> None:
    module, _ = found_company()
    for employees in (5, 100, 500):
        create_record(module, lead(employees=employees), at=START)
    activate(write_rule(TEXT, at=START), at=START)
    Follower(copy_folder(), now=lambda: START).step()
    found = preview_text(TEXT.replace("gte: 100", "gte: 300"), now=START)
    assert list(report(found, START + timedelta(seconds=4)))[:9] == [
        "As of 2026-09-01T00:00:00Z; the copy is 4 s behind.",
        "The draft scores 3 of 3 leads; Size, version 1, which is active, 3.",
        "",
        "Grades",
        "  A: 2 -> 1",
        "  B: 1 -> 2",
        "",
        "Who crosses a grade",
        "  A -> B: 1",
    ]
    assert "    1 of 3 leads meets it; none of them is won or lost yet." in list(report(found, START))
    [alone] = [
        line
        for line in report(preview_text(TEXT.replace("Size", "Other"), now=START), START)
        if "nothing" in line
    ]
    assert (
        alone
        == "The draft scores 3 of 3 leads. No active rule is called so: there is nothing to hold it against."
    )
