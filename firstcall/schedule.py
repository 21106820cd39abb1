"""The one table of all that runs by itself: kinds of jobs, and when each is started (cron, in UTC)."""

from __future__ import annotations

SCHEDULE: tuple[tuple[str, str], ...] = (
    ("access.forget_old", "47 * * * *"),
    ("columns.tidy", "7 3 * * *"),
    ("jobs.forget_old", "17 3 * * *"),
    ("records.empty_trash", "27 3 * * *"),
    ("records.forget_files", "37 3 * * *"),
    ("touchpoints.settle", "*/5 * * * *"),
    ("touchpoints.tidy", "47 3 * * *"),
)
