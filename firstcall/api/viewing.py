"""Lists as a view asks them: what a request names by `view`, with the caller's eyes."""

from __future__ import annotations

from firstcall.access.models import User
from firstcall.access.viewer import Viewer
from firstcall.api.problems import Fault, invalid
from firstcall.records.models import Module
from firstcall.saved_views.actions import get_view
from firstcall.saved_views.asking import ListAsked, asked_by


def asked_view(user: User, viewer: Viewer, module: Module, id: int) -> ListAsked:
    """What the view asks of the module's list. Raises HiddenError where the user does not see it, Refused where it is of
    another module, or asks what there is not any more: the list would have records that it was not to have."""
    view = get_view(user, viewer, id)
    if view.module_id != module.pk:
        raise invalid([Fault("view", f"is a view of {view.module}, and not of {module}.")])
    asked = asked_by(view, viewer)
    asked.listed()
    if says := [*asked.gone(), *asked.problems]:
        fix = "Change the view, or send its conditions as the filter."
        raise invalid([Fault("view", each, fix) for each in says])
    return asked
