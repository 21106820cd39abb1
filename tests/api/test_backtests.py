"""Backtests over HTTP: begun, done by a job, read; whose they are, and what is refused."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from firstcall.access.models import User
from firstcall.access.rights import Grant, Right, Verb, Visibility
from firstcall.access.viewer import Viewer
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.engines.duckdb import DuckDBEngine
from firstcall.insights.past_backtests import begin_backtest, result_of
from firstcall.insights.stored import Asked
from firstcall.jobs.actions import cancel
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from firstcall.records.actions import create_record
from firstcall.records.models import Record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.models import RuleVersion
from tests.api.conftest import Caller
from tests.scorekeeping.company import START, found_company, lead

pytestmark = pytest.mark.django_db(transaction=True)

SIZE = """
name: Size
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20.25}
grades: {A: 20, B: 0}
"""


@pytest.fixture
def size(data_folder: Path) -> RuleVersion:
    """A rule, and six leads of which half were won: of the larger two, of the smaller one."""
    module, _ = found_company()
    for employees, industry in ((500, "IT"), (600, "IT"), (700, "Law"), (5, "IT"), (6, "Law"), (7, "Law")):
        create_record(module, lead(employees=employees, industry=industry), at=START)
    Follower(copy_folder(), now=lambda: START).step()
    return write_rule(SIZE, at=START)


def work() -> None:
    for job in Job.objects.filter(status=JobStatus.WAITING).order_by("pk"):
        do_job(job.pk, now=now)


def test_a_backtest_is_begun_done_and_read(size: RuleVersion, api: Caller) -> None:
    asked = {"rule": size.rule_id, "won": "industry=IT"}
    begun = api.post("/backtests", asked)
    assert (begun.status, begun.body["status"], begun.body["result"]) == (201, "waiting", None)
    path = f"/backtests/{begun.body['id']}"
    work()
    body = api.get(path).body
    assert (body["status"], body["version"], body["won"]) == ("done", 1, "industry=IT")
    result = body["result"]
    assert (result["records"], result["won"], result["auc"]) == (6, 3, pytest.approx(2 / 3))
    assert [(one["grade"], one["records"], one["won"]) for one in result["grades"]] == [
        ("A", 3, 2),
        ("B", 3, 1),
    ]
    assert result["criteria"][0]["by_points"][1]["points"] == 20.25
    assert api.get(f"/jobs/{body['id']}").body["done"] == 6
    assert [one["id"] for one in api.get("/backtests").body["items"]] == [body["id"]]
    assert api.get(f"/backtests?rule={size.rule_id + 1}").body["items"] == []


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ({"won": "industri=IT"}, "won"),
        ({"won": "perhaps"}, "won"),
        ({"won": "industry=IT", "lost": "web.visited"}, "lost"),
        ({"won": "industry=IT", "as_of_field": "industry"}, "as_of_field"),
        ({"won": "industry=IT", "as_of_field": "met_at", "as_of": "2026-09-01T00:00:00Z"}, "as_of_field"),
        ({"won": "industry=IT", "version": 9}, "version"),
        ({"won": "industry=IT", "rule": 999_999}, "rule"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once(
    size: RuleVersion, api: Caller, given: dict[str, Any], at: str
) -> None:
    answer = api.post("/backtests", {"rule": size.rule_id, **given})
    assert answer.status == 422
    assert [fault["at"] for fault in answer.body["faults"]] == [at]
    assert not Job.objects.filter(kind="rules.backtest").exists()


def test_without_a_copy_it_is_not_begun(data_folder: Path, api: Caller) -> None:
    found_company()
    version = write_rule(SIZE, at=START)
    answer = api.post("/backtests", {"rule": version.rule_id, "won": "industry=IT"})
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def test_one_that_cannot_go_on_says_why(size: RuleVersion, api: Caller) -> None:
    begun = api.post("/backtests", {"rule": size.rule_id, "won": "industry=Steel"}).body
    work()
    body = api.get(f"/backtests/{begun['id']}").body
    assert body["status"] == "failed"
    assert body["message"].startswith(
        "won: No record is won by industry=Steel, so there is nothing to compare."
    )


def test_who_sees_some_records_tests_those_and_others_do_not_see_it(size: RuleVersion, api: Caller) -> None:
    ann = User.objects.create_user("ann@example.com")
    own = Record.objects.order_by("pk")[2:4]
    Record.objects.filter(pk__in=[record.pk for record in own]).update(owner=ann)
    Follower(copy_folder(), now=lambda: START).step()
    seller = Grant(frozenset({Verb.VIEW}), Visibility.OWN)
    viewer = Viewer(ann.pk, frozenset({Right.MANAGE_SCORING}), {"leads": seller})
    job = begin_backtest(size, Asked("industry=IT"), viewer=viewer, at=START, by=ann)
    assert api.get(f"/backtests/{job.pk}").status == 404
    assert api.get("/backtests").body["items"] == []
    # What she may do when it is done is what counts: nothing.
    do_job(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, result_of(job)) == ("failed", None)
    assert "manage scoring" in job.message


def test_one_that_is_cancelled_ends_within_its_query(
    size: RuleVersion, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = api.post("/backtests", {"rule": size.rule_id, "won": "industry=IT"}).body
    at_work = threading.Event()

    def judge(self: object, rule: object, source: object, scope: object, workspace: Any) -> None:
        at_work.set()
        workspace.run("SELECT sum(a.range * b.range) FROM range(100000000) AS a, range(100000) AS b")

    monkeypatch.setattr(DuckDBEngine, "judge", judge)
    look = Job.advance

    def advance(self: Job, **given: Any) -> None:
        at_work.wait()
        cancel(self, at=START)
        look(self, **given)

    monkeypatch.setattr(Job, "advance", advance)
    do_job(begun["id"], now=now)
    assert Job.objects.get(pk=begun["id"]).status == JobStatus.CANCELLED
