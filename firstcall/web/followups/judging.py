"""What a reader has said of scores, to be shown beside them."""

from __future__ import annotations

from collections.abc import Collection

from firstcall.access.viewer import Viewer
from firstcall.followups.models import Feedback, Verdict
from firstcall.scorekeeping.models import StoredRule


def verdicts(rule: StoredRule, records: Collection[int], *, viewer: Viewer) -> dict[int, Verdict]:
    """By record, where the reader has said something that counts."""
    rows = Feedback.objects.filter(rule=rule, record__in=list(records), by=viewer.user, ended_at__isnull=True)
    return {record: Verdict(verdict) for record, verdict in rows.values_list("record", "verdict")}
