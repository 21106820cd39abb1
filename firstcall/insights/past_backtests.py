"""Backtests of stored rules by a job: beginning one, and what came of those that are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from firstcall.access.models import User
from firstcall.access.rights import Right
from firstcall.access.viewer import Viewer
from firstcall.engines.workspace import Workspace
from firstcall.insights.backtesting import Backtest
from firstcall.insights.stored import Asked, backtest_stored, check
from firstcall.insights.telling import backtest_object
from firstcall.jobs.actions import start
from firstcall.jobs.models import Job
from firstcall.scorekeeping.finding import get_rule, get_version
from firstcall.scorekeeping.models import RuleVersion
from firstcall.wording import in_language

BACKTEST = "rules.backtest"
_LOOK = 0.5  # seconds between two looks at how far it is, and whether it is to end


def begin_backtest(version: RuleVersion, asked: Asked, *, viewer: Viewer, at: datetime, by: User) -> Job:
    """Raises ForbiddenError, AskedError, NoCopyError, InvalidRuleError."""
    viewer.require_right(Right.MANAGE_SCORING)
    check(version, asked)
    parameters = {"rule": version.rule_id, "version": version.number, "asked": asked.to_json()}
    return start(BACKTEST, parameters, at=at, by=by)


def backtests_of(user: User) -> QuerySet[Job]:
    """Those that the user began, the newest first, as long as jobs are kept: others may see other records."""
    return Job.objects.filter(kind=BACKTEST, created_by=user).order_by("-pk")


def result_of(job: Job) -> dict[str, Any] | None:
    """In the form of `backtest_object`; None where it is not done."""
    found: dict[str, Any] | None = job.state.get("result")
    return found


def work_backtest(job: Job, viewer: Viewer) -> None:
    """Begun anew after a crash. Ends within a moment where it is asked to, with the query that it is at."""
    viewer.require_right(Right.MANAGE_SCORING)
    rule = get_rule(viewer, job.parameters["rule"])
    version = get_version(rule, job.parameters["version"])
    found = _computed(version, Asked.from_json(job.parameters["asked"]), viewer, job)
    records = found.share.count
    result = json.loads(json.dumps(backtest_object(found), default=_plain))
    job.advance(done=records, total=records, message="", state={"result": result})


def _computed(version: RuleVersion, asked: Asked, viewer: Viewer, job: Job) -> Backtest:
    """In a thread beside this one, which alone speaks to the database."""
    doing: list[str] = []
    workspaces: list[Workspace] = []

    @contextmanager
    def watched(workspace: Workspace) -> Iterator[None]:
        workspaces.append(workspace)
        try:
            yield
        finally:
            workspaces.remove(workspace)

    def compute() -> Backtest:
        with in_language(job.language):  # which is another thread's
            return backtest_stored(
                version,
                asked,
                viewer=viewer,
                progress=lambda what, share: doing.append(what),
                watched=watched,
            )

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(compute)
        try:
            _wait(future, lambda: job.advance(message=doing[-1] if doing else None))
        except BaseException:
            for workspace in list(workspaces):
                workspace.interrupt()
            raise
        return future.result()


def _wait(future: Future[Backtest], look: Callable[[], None]) -> None:
    while wait([future], timeout=_LOOK).not_done:
        look()


def _plain(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
