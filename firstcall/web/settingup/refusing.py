"""What is refused, told at the form that was sent: everything that was typed stays."""

from __future__ import annotations

from django import forms

from firstcall.access.errors import ChangedMeanwhileError, ConflictError, ForbiddenError, WeakPasswordError
from firstcall.web.numbers import whole

REFUSALS = (ChangedMeanwhileError, ConflictError, ForbiddenError, WeakPasswordError)


def tell(form: forms.Form, error: Exception) -> ChangedMeanwhileError | None:
    """Adds what was refused to the form; somebody else's change is given back, to be told with who and when."""
    if isinstance(error, ChangedMeanwhileError):
        return error
    faults = error.faults if isinstance(error, WeakPasswordError) else [str(error)]
    at = "password" if isinstance(error, WeakPasswordError) and "password" in form.fields else None
    for says in faults:
        form.add_error(at, says)
    return None


def read_version(given: str) -> int | None:
    """As a form's hidden field has it; nonsense is none, and then whatever version there is."""
    return whole(given, digits=9)
