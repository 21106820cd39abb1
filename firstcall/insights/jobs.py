"""The jobs that answer questions about scores."""

from __future__ import annotations

from firstcall.access.viewing import find_viewer
from firstcall.insights.past_backtests import BACKTEST, work_backtest
from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job


@job(BACKTEST, in_name=True)
def backtest_rule(job: Job) -> None:
    work_backtest(job, find_viewer(job.created_by_id))
