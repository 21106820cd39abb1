"""What is refused, told at the form that was sent: everything that was typed stays."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from firstcall.access.errors import ChangedMeanwhileError, ConflictError, ForbiddenError, WeakPasswordError
from firstcall.scoring.problems import Problem
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


def tell_problems(form: forms.Form, problems: Iterable[Problem]) -> None:
    """Each at its input, where the form has one."""
    for problem in problems:
        first = problem.path[0] if problem.path else None
        at = first if isinstance(first, str) and first in form.fields else None
        form.add_error(at, _words(problem))


def tell_messages(request: HttpRequest, problems: Iterable[Problem]) -> None:
    """Where there is no form: above the page that comes next."""
    for problem in problems:
        messages.error(request, _words(problem))


def _words(problem: Problem) -> str:
    return f"{problem.says} {problem.fix}".strip()


def kept_version(request: HttpRequest, current: object, newer: ChangedMeanwhileError | None) -> object:
    """What a form carries on: that which its reader has seen. The newest only once they were told that there is a newer
    one: whatever else was refused, saving again overwrites nobody."""
    if request.method != "POST" or newer is not None:
        return current
    return request.POST.get("version", "")


def read_version(given: str) -> int | None:
    """As a form's hidden field has it; nonsense is none, and then whatever version there is."""
    return whole(given, digits=9)
