"""What was kept for a while goes, and what still counts stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from firstcall.access.forgetting import KEPT_FOR
from firstcall.access.models import FailedSignIn, KeptAnswer
from firstcall.access.signing_in import WITHIN
from firstcall.jobs.actions import start
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job

NOW = datetime.now(UTC)


@pytest.mark.django_db
def test_the_scheduled_job_deletes_what_is_too_old() -> None:
    for number, age in enumerate((timedelta(0), KEPT_FOR + timedelta(minutes=1))):
        at = NOW - age
        KeptAnswer.objects.create(caller="c", key=str(number), request="r", at=at, content_type="", body=b"")
        FailedSignIn.objects.create(whom="w", at=NOW - number * (WITHIN + timedelta(minutes=1)))
        Session.objects.create(
            session_key=str(number), session_data="", expire_date=NOW + timedelta(days=1) - 2 * age
        )
    job = start("access.forget_old", {}, at=NOW)
    do_job(job.pk, now=lambda: NOW)
    assert Job.objects.get().done == 3
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["0"]
    assert [session.session_key for session in Session.objects.all()] == ["0"]
    assert FailedSignIn.objects.count() == 1
