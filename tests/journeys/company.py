"""What a journey asks of the service's own database: `python -m tests.journeys.company TASK`, with DATABASE_URL.

A process of its own, because the tests' Django has another database. Prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def found() -> Any:
    """Leads with rules that score them, and a source; its write key."""
    from firstcall.moments import now
    from firstcall.records.kinds import FieldKind
    from firstcall.records.models import Field, Module
    from firstcall.scorekeeping.actions import write_rule
    from firstcall.scorekeeping.switching import activate
    from firstcall.touchpoints.sources import create_source
    from tests.scorekeeping.company import FIT, INTEREST, KINDS

    module, _ = Module.objects.get_or_create(name="leads", defaults={"label": "Leads", "is_people": True})
    for name, kind in {**KINDS, "email": FieldKind.EMAIL}.items():
        choices = ["crm", "erp"] if kind in (FieldKind.PICKLIST, FieldKind.MULTI_SELECT) else []
        made = {"label": name, "kind": kind, "choices": choices}
        Field.objects.get_or_create(module=module, name=name, defaults=made)
    for text in (INTEREST, FIT):
        activate(write_rule(text, at=now()), at=now())
    source = create_source("web site", at=now(), module=module)
    return {"key": source.write_keys.get().key}


def edit() -> Any:
    """A new version of a rule, for all records: a job scores them again."""
    from firstcall.moments import now
    from firstcall.scorekeeping.actions import write_rule
    from firstcall.scorekeeping.switching import activate
    from tests.scorekeeping.company import INTEREST

    activate(write_rule(INTEREST.replace("each: 2, at_most: 10", "each: 3, at_most: 12"), at=now()), at=now())
    return {}


def waiting() -> Any:
    """Whether something is still to be done."""
    from firstcall.jobs.models import UNFINISHED, Job
    from firstcall.records.models import DirtyRecord

    return {"dirty": DirtyRecord.objects.count(), "jobs": Job.objects.filter(status__in=UNFINISHED).count()}


def judge() -> Any:
    """All that is stored, and where a score is not what the reference evaluator says."""
    from firstcall.jobs.models import Job
    from firstcall.moments import now
    from firstcall.records.models import Record
    from firstcall.scorekeeping.models import StoredScore
    from firstcall.touchpoints.models import Touchpoint
    from tests.scorekeeping.company import wrong_scores

    return {
        "touchpoints": list(Touchpoint.objects.order_by("pk").values_list("message_id", flat=True)),
        "without_record": Touchpoint.objects.filter(record=None).count(),
        "records": Record.objects.count(),
        "scores": StoredScore.objects.count(),
        "failed": list(Job.objects.filter(status="failed").values_list("kind", "message")),
        "wrong": wrong_scores(now()),
    }


TASKS: dict[str, Callable[[], Any]] = {"found": found, "edit": edit, "waiting": waiting, "judge": judge}


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "firstcall.settings"
    import django

    django.setup()
    sys.stdout.write(json.dumps(TASKS[sys.argv[1]]()))


if __name__ == "__main__":
    main()
