"""Who may do what about a record: whoever sees it may add tasks, notes, calls and feedback; what somebody added is
changed by them, and by those who may edit the module's records."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Model, QuerySet

from firstcall.access.errors import ForbiddenError, HiddenError
from firstcall.access.rights import Verb
from firstcall.access.viewer import Viewer
from firstcall.records.models import Record
from firstcall.records.seeing import seen
from firstcall.scoring.saying import said


def seen_of[M: Model](rows: QuerySet[M], viewer: Viewer) -> QuerySet[M]:
    """Those whose record the viewer sees and that is not in the trash."""
    return rows.filter(seen(viewer, "record__"), record__deleted_at__isnull=True)


def get_of[M: Model](rows: QuerySet[M], viewer: Viewer, id: int, what: str) -> M:
    """With its record and module. Raises HiddenError."""
    found = seen_of(rows, viewer).select_related("record__module").filter(pk=id).first()
    if found is None:
        raise HiddenError(what)
    return found


def require_own(viewer: Viewer, record: Record, whose: Collection[int | None]) -> None:
    """Raises ForbiddenError unless it is the viewer's, or they may edit the module's records."""
    if viewer.user is not None and viewer.user in whose:
        return
    module = record.module.name
    if not viewer.may(Verb.EDIT, module):
        raise ForbiddenError(
            said(
                "This is somebody else's: it needs the right to edit {module}, which this caller does"
                " not have.",
                module=module,
            )
        )
