"""Finding what a path or a body names, with the caller's eyes."""

from __future__ import annotations

from firstcall.access.errors import HiddenError
from firstcall.access.rights import Right, Verb
from firstcall.access.viewer import Viewer
from firstcall.api.problems import Fault, invalid, missing
from firstcall.records.models import Module
from firstcall.records.seeing import get_module


def find_definition(viewer: Viewer, name: str) -> Module:
    """What a module is, for those who may look at its records, or manage settings. Raises HiddenError."""
    if not viewer.has(Right.MANAGE_SETTINGS):
        return get_module(viewer, name)
    module = Module.objects.filter(name=name).first()
    if module is None:
        raise missing("module")
    return module


def given_module(viewer: Viewer, name: str, verb: Verb) -> Module:
    """The module of a body, to do that with its records; a name that is none, or hidden, is a fault of it. Raises
    ForbiddenError."""
    try:
        return get_module(viewer, name, verb)
    except HiddenError:
        raise invalid([Fault("module", f"There is no module {name}.")]) from None
