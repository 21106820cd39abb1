"""Deleting what was kept for a while: answers to repeated requests, failed sign-ins, sessions that have ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from firstcall.access.models import KeptAnswer
from firstcall.access.signing_in import forget_failed

KEPT_FOR = timedelta(hours=24)


def forget_answers(*, at: datetime) -> int:
    """Delete what is too old to be asked for again."""
    return KeptAnswer.objects.filter(at__lte=at - KEPT_FOR).delete()[0]


def forget_sessions(*, at: datetime) -> int:
    """Delete those that have ended."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]


def forget_old(*, at: datetime) -> int:
    """All of these; says how many."""
    return forget_answers(at=at) + forget_failed(at=at) + forget_sessions(at=at)
