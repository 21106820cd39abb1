"""Calls that people log by hand. Each is a touchpoint like those that telephony sends, so that scores follow; undone, it
is revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet

from firstcall.access.models import User
from firstcall.access.viewer import Viewer
from firstcall.followups.acting import get_of, require_own
from firstcall.followups.errors import UnfitError
from firstcall.followups.models import LoggedCall
from firstcall.records.models import Record
from firstcall.scoring.saying import said
from firstcall.touchpoints.calls import Arrival
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Source, SourceKind, Touchpoint
from firstcall.touchpoints.revoking import Selection, revoke_selected

SOURCE = "Calls logged by hand"
LATE = timedelta(minutes=5)  # so far may the caller's clock be ahead


class Outcome(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"


class Direction(StrEnum):
    OUTGOING = "outgoing"
    INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class Call:
    """
    duration  in seconds
    text      what was said, or is to be kept of it
    """

    outcome: Outcome
    direction: Direction = Direction.OUTGOING
    duration: int | None = None
    text: str = ""

    @property
    def type(self) -> str:
        """As the catalogue of touchpoints has it. Who answers at a wrong number is not the record's person: all that
        happened is that a call was made."""
        if self.direction is Direction.INCOMING:
            return "call.received" if self.outcome is Outcome.REACHED else "call.missed"
        match self.outcome:
            case Outcome.REACHED:
                return "call.attended"
            case Outcome.WRONG_NUMBER:
                return "call.made"
            case _:
                return "call.unattended"


def log_call(
    record: Record, call: Call, *, viewer: Viewer, at: datetime, occurred_at: datetime | None = None
) -> Touchpoint:
    """For whoever sees the record. Raises UnfitError for a record of no people module, and for a call to come."""
    if not record.module.is_people:
        raise UnfitError(
            "record", said("has no touchpoints."), said("Log the call with the person who was called.")
        )
    when = at if occurred_at is None else occurred_at
    if when > at + LATE:
        raise UnfitError(
            "occurred_at", said("is still to come."), said("Make a task of a call that is planned.")
        )
    told = {"outcome": call.outcome.value, "direction": call.direction.value}
    more = {"duration": call.duration, "text": call.text or None}
    arrival = Arrival(
        message_id=uuid4().hex,
        type=call.type,
        occurred_at=when,
        record_id=record.pk,
        properties={**told, **{name: value for name, value in more.items() if value is not None}},
    )
    with transaction.atomic():
        source = source_of_logged_calls(at=at)
        accept(source, [arrival], received_at=at)
        touchpoint = Touchpoint.objects.get(source=source, message_id=arrival.message_id)
        LoggedCall.objects.create(touchpoint=touchpoint, by_id=viewer.user)
    return touchpoint


def get_call(viewer: Viewer, id: int) -> Touchpoint:
    """By the id of its touchpoint. Raises HiddenError."""
    return get_of(_logged(), viewer, id, "call")


def undo_call(touchpoint: Touchpoint, *, viewer: Viewer, by: User, at: datetime) -> None:
    """It counts no longer, and the scores heal; a second time does nothing. Raises ForbiddenError for the calls of
    others, unless the viewer may edit the module's records."""
    assert touchpoint.record is not None  # noqa: S101  it was found by its record
    require_own(viewer, touchpoint.record, (touchpoint.logged_call.by_id,))
    if touchpoint.revoked_at is None:
        revoke_selected(
            Selection(ids=(touchpoint.pk,)), reason="a call logged by mistake", at=at, by=by, viewer=viewer
        )


def calls_of(record: Record) -> QuerySet[Touchpoint]:
    """Those that were not undone."""
    return _logged().filter(record=record, revoked_at__isnull=True)


def source_of_logged_calls(*, at: datetime) -> Source:
    source, _ = Source.objects.get_or_create(
        name=SOURCE, defaults={"kind": SourceKind.OTHER, "created_at": at}
    )
    return source


def _logged() -> QuerySet[Touchpoint]:
    return Touchpoint.objects.filter(logged_call__isnull=False).select_related("logged_call")
