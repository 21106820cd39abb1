"""`firstcall backtest --stored`: which rule is meant, what is asked of it, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firstcall.cli.failing import RefusedError
from firstcall.cli.running import run
from firstcall.cli.stored_backtest import backtest_in_service
from firstcall.cli.terminal import Terminal
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.insights.backtesting import Backtest
from firstcall.records.actions import create_record
from firstcall.records.models import Module
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.switching import activate
from tests.records.importing.conftest import data_folder
from tests.scorekeeping.company import START, found_company, lead

__all__ = ["data_folder"]

SIZE = """
name: Size
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
"""


def backtest(name: str, version: int | None = None, **asked: Any) -> Backtest:
    given = {"won": "industry=IT", **asked}
    return backtest_in_service(
        name, version, given, memory=None, terminal=Terminal(color=False, progress=False)
    )


@pytest.mark.django_db(transaction=True)
def test_the_version_that_scores_is_tested_or_the_one_that_is_named(data_folder: Path) -> None:
    module, _ = found_company()
    for employees in (50, 100, 500):
        create_record(
            module, lead(employees=employees, industry="IT" if employees > 100 else "Law"), at=START
        )
    first = write_rule(SIZE, at=START)
    second = write_rule(SIZE.replace("points: 20", "points: 30"), at=START)
    with pytest.raises(RefusedError, match="The columnar copy is not there yet"):
        backtest("Size")
    Follower(copy_folder(), now=lambda: START).step()
    assert backtest("Size").totals == (0, 3000)
    activate(first, at=START)
    assert backtest("Size").totals == (0, 2000)
    assert backtest("Size", second.number).totals == (0, 3000)
    for name, number, asked, says in (
        ("Sizes", None, {}, "--stored: There is no rule Sizes. Did you mean Size?"),
        ("Size", 3, {}, "--version: Size has no version 3. Its newest is 2."),
        (
            "Size",
            None,
            {"won": "industri=IT"},
            "--won: The records have no field industri. Did you mean industry?",
        ),
        ("Size", None, {"as_of_field": "industry"}, "--as-of-field: industry holds no dates or times"),
    ):
        with pytest.raises(RefusedError) as refused:
            backtest(name, number, **asked)
        assert str(refused.value).startswith(says)


@pytest.mark.django_db(transaction=True)
def test_rules_of_one_name_are_told_apart_by_their_module(data_folder: Path) -> None:
    module, _ = found_company()
    Module.objects.create(name="others", label="Others")
    for employees in (50, 500):
        create_record(
            module, lead(employees=employees, industry="IT" if employees > 100 else "Law"), at=START
        )
    write_rule(SIZE, at=START)
    write_rule(
        SIZE.replace("leads", "others").replace("field: employees, gte: 100", "field: tags, contains: a"),
        at=START,
    )
    Follower(copy_folder(), now=lambda: START).step()
    with pytest.raises(RefusedError, match="Say which: leads/Size or others/Size"):
        backtest("Size")
    assert backtest("leads/Size").share.count == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--stored", "Size", "--records", "leads.csv"], "leave RULE and --records away"),
        (["size.yaml", "--stored", "Size"], "leave RULE and --records away"),
        (["--stored", "Size", "--strict"], "--rejects and --strict go with --records"),
        (["size.yaml", "--records", "leads.csv", "--version", "2"], "--version and --data go with --stored"),
        (["size.yaml"], "Give a RULE and --records, or --stored"),
    ],
)
def test_files_and_a_stored_rule_do_not_mix(
    given: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["backtest", *given, "--won", "a=1"]) == 2
    assert says in capsys.readouterr().err
