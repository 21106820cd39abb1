"""Backtests of stored rules over the columnar copy: the figures of the same data in files, and what was known too early."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from firstcall.access.models import User
from firstcall.access.rights import Grant, Verb, Visibility
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.columns.reading import NoCopyError
from firstcall.engines.engine import Scope
from firstcall.engines.reading import Mapping, open_source
from firstcall.engines.workspace import Workspace
from firstcall.insights.backtesting import Backtest, backtest
from firstcall.insights.stored import Asked, AskedError, backtest_stored
from firstcall.insights.telling import backtest_object
from firstcall.records.actions import change_record, create_record
from firstcall.records.choosing import Choice
from firstcall.records.models import Field, Module, Record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.exporting import ExportAsked, export
from firstcall.scoring.reading import read_rule
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.calls import Arrival
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Source, Touchpoint
from tests.records.importing.conftest import data_folder
from tests.scorekeeping.company import START, found_company, lead

__all__ = ["data_folder"]
pytestmark = pytest.mark.django_db(transaction=True)

RULE = """
name: Backtested
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
  - {name: Pages, touchpoint: web.visited, in_last: 30 days, each: 3, at_most: 15}
  - {name: Replied, touchpoint: email.replied, points: 10, decay: {lose: 50%, every: 3 days}}
  - {name: Director, field: job_title, has_word: director, points: -5}
grades: {Hot: 30, Warm: 10, Cold: 0}
"""
WON = Asked("status=Converted", "status=Lost")
DAY = timedelta(days=1)


@pytest.fixture
def leads(data_folder: Path) -> tuple[Module, Source]:
    module, source = found_company()
    Field.objects.create(
        module=module, name="status", label="status", kind="picklist", choices=["New", "Converted", "Lost"]
    )
    return module, source


def fill(module: Module, source: Source, count: int = 120) -> list[Record]:
    """Leads of a month, of which the larger are won more often, and what they did before and after."""
    chance = random.Random(3)
    records = []
    for n in range(count):
        employees = chance.randrange(300)
        status = chance.choice(["Converted", "Lost", "New"] if employees > 120 else ["Lost", "Lost", "New"])
        given = lead(employees=employees, job_title=chance.choice(["director", "clerk"]), status="New")
        at = START - timedelta(days=30, minutes=-n)
        record = create_record(module, given, at=at)
        if status != "New":
            change_record(record, {"status": status}, at=START - timedelta(days=chance.randrange(2, 20)))
        records.append(record)
    accept(
        source,
        [
            Arrival(
                message_id=f"m{n}",
                type=chance.choice(["web.visited", "email.replied"]),
                occurred_at=START - timedelta(hours=chance.randrange(24 * 30)),
                record_id=chance.choice(records).pk,
            )
            for n in range(500)
        ],
        received_at=START,
    )
    return records


def follow() -> None:
    Follower(copy_folder(), now=lambda: START).step()


def of_files(folder: Path, asked: Asked) -> Backtest:
    """The same of all that is stored, exported."""
    records, touchpoints = folder / "leads.csv", folder / "touchpoints.csv"
    export(ExportAsked(Choice("leads"), scores="none"), records, viewer=PRODUCT, now=START)
    with touchpoints.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", "type", "occurred_at"])
        for one in Touchpoint.objects.order_by("pk"):
            writer.writerow([one.record_id, one.type, one.occurred_at.isoformat()])
    won, lost = asked.outcomes()
    with Workspace() as workspace:
        source = open_source(
            workspace.connection,
            str(records),
            str(touchpoints),
            mapping=Mapping().with_id("firstcall_id"),
            as_of_field=asked.as_of_field or None,
        )
        rule = read_rule(RULE).rule
        found = backtest(rule, won, source, Scope(asked.as_of), workspace, lost=lost)
        source.close()
    return found


@pytest.mark.parametrize(
    "asked",
    [
        replace(WON, as_of=moment_of(START)),
        replace(WON, as_of_field="created_at + 20 days"),
        Asked("email.replied within 7 days", as_of_field="created_at + 15 days"),
    ],
    ids=["one moment", "own moments", "by touchpoints"],
)
def test_the_figures_are_those_of_exported_files(
    leads: tuple[Module, Source], tmp_path: Path, asked: Asked
) -> None:
    fill(*leads)
    follow()
    found = backtest_stored(write_rule(RULE, at=START), asked)
    told, expected = (backtest_object(one) for one in (found, of_files(tmp_path, asked)))
    warnings = told.pop("warnings")
    of_the_files = expected.pop("warnings")
    assert told == expected
    assert found.share.won > 10
    assert isinstance(warnings, list)
    assert isinstance(of_the_files, list)
    assert set(of_the_files) <= set(warnings)


def test_of_a_past_moment_records_are_as_they_were_and_the_outcome_as_it_is(
    leads: tuple[Module, Source],
) -> None:
    module, _ = leads
    then, records = START - 20 * DAY, []
    for n in range(8):
        records.append(create_record(module, lead(employees=10, status="New"), at=then - DAY))
        change_record(records[-1], {"status": "Converted" if n < 3 else "Lost"}, at=then + 2 * DAY)
    change_record(records[0], {"employees": 500}, at=then + DAY)
    create_record(module, lead(employees=500, status="Converted"), at=then + DAY)
    follow()
    found = backtest_stored(write_rule(RULE, at=START), replace(WON, as_of=moment_of(then)))
    assert (found.share.count, found.share.won) == (8, 3)
    assert found.totals == (-500,)
    now = backtest_stored(write_rule(RULE, at=START), replace(WON, as_of=moment_of(START)))
    assert (now.share.count, now.share.won) == (9, 4)
    assert now.totals == (-500, 1500)


def test_what_came_after_the_close_is_told(leads: tuple[Module, Source]) -> None:
    module, source = leads
    closed, records = START - 10 * DAY, []
    for n in range(8):
        records.append(create_record(module, lead(status="New"), at=START - 20 * DAY))
        change_record(records[-1], {"status": "Converted" if n < 3 else "Lost", "industry": "Law"}, at=closed)
    for n in (0, 1):
        change_record(records[n], {"employees": 500 + n, "industry": "Steel"}, at=closed + DAY)
    change_record(records[5], {"employees": 20}, at=closed - DAY)
    accept(
        source,
        [
            Arrival(f"m{n}", "web.visited", at, records[of].pk)
            for n, (of, at) in enumerate(
                [(0, closed + DAY), (0, closed + 2 * DAY), (1, closed + DAY), (2, closed - DAY)]
            )
        ],
        received_at=START,
    )
    follow()
    version = write_rule(RULE, at=START)
    late = backtest_stored(version, replace(WON, as_of=moment_of(START))).warnings
    assert (
        "employees was changed after the outcome for 2 records, and the score sees what it became:"
        " it may be a trace of the outcome." in late
    )
    assert (
        "3 touchpoints of 2 records came after those were won or lost, and count in the score: score an earlier"
        " moment." in late
    )
    assert not [line for line in late if "industry" in line]
    own = backtest_stored(version, replace(WON, as_of_field="created_at + 5 days")).warnings
    assert [
        line
        for line in own
        if "employees was changed after the moment of the score or the outcome for 3 records" in line
    ]
    assert not [line for line in own if "came after" in line]
    early = backtest_stored(version, replace(WON, as_of=moment_of(closed - 2 * DAY))).warnings
    assert not [line for line in early if "became" in line or "count in the score" in line]


def test_only_what_the_viewer_sees_is_tested(leads: tuple[Module, Source]) -> None:
    records = fill(*leads)
    ann = User.objects.create_user("ann@example.com")
    Record.objects.filter(pk__in=[record.pk for record in records[::2]]).update(owner=ann)
    follow()
    version = write_rule(RULE, at=START)
    viewer = Viewer(ann.pk, grants={"leads": Grant(frozenset({Verb.VIEW}), Visibility.OWN)})
    own = Record.objects.filter(owner=ann).values_list("values", flat=True)
    won = sum(values["status"] == "Converted" for values in own)
    lost = sum(values["status"] == "Lost" for values in own)
    found = backtest_stored(version, WON, viewer=viewer)
    assert (found.share.won, found.share.count) == (won, won + lost)
    assert backtest_stored(version, WON).share.count > won + lost
    nobody = Viewer(None, grants={"leads": Grant(frozenset({Verb.VIEW}), Visibility.OWN)})
    with pytest.raises(AskedError, match="There are no records to test the rule on"):
        backtest_stored(version, WON, viewer=nobody)


def test_what_cannot_be_is_said(leads: tuple[Module, Source]) -> None:
    version = write_rule(RULE, at=START)
    with pytest.raises(NoCopyError):
        backtest_stored(version, WON)
    fill(*leads, count=5)
    follow()
    for asked, says in (
        (Asked("statsu=Converted"), "won: The records have no field statsu. Did you mean status?"),
        (Asked("perhaps"), "won: 'perhaps' does not say who was won"),
        (Asked("status=Converted", "web.visited"), "lost: is a field with a value"),
        (replace(WON, as_of_field="employees"), "as_of_field: employees holds no dates or times"),
        (replace(WON, as_of_field="created"), "as_of_field: The records have no field created"),
    ):
        with pytest.raises(AskedError) as refused:
            backtest_stored(version, asked)
        assert str(refused.value).startswith(says)
    Field.objects.filter(name="employees").delete()
    follow()
    with pytest.raises(InvalidRuleError, match="employees"):
        backtest_stored(version, WON)
