"""The kinds of jobs: each is a function in some room's `jobs.py`, found by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from firstcall.jobs.errors import UnknownJobError
from firstcall.scoring.problems import nearest

if TYPE_CHECKING:
    from firstcall.jobs.models import Job

type JobFunction = Callable[[Job], None]

_functions: dict[str, JobFunction] = {}
_abandoned: dict[str, JobFunction] = {}
_personal: set[str] = set()


def job(
    kind: str, *, in_name: bool = False, abandoned: JobFunction | None = None
) -> Callable[[JobFunction], JobFunction]:
    """`@job("records.import")`: the function does jobs of this kind.

    It works in steps, each a transaction that ends with `job.advance(state=...)`. After a crash it is called again
    with the state of the last step that was committed, and goes on from there.

    in_name    it does what its user may do, and no more once that user is not active any more
    abandoned  called in the transaction in which a job ends that failed or was cancelled, even before it was begun: with
               its status and its message, so that what the job was to do does not wait for it for ever
    """

    def keep(function: JobFunction) -> JobFunction:
        if kind in _functions:
            raise ValueError(f"There are two functions for jobs of the kind {kind}.")
        _functions[kind] = function
        if abandoned is not None:
            _abandoned[kind] = abandoned
        if in_name:
            _personal.add(kind)
        return function

    return keep


def function_of(kind: str) -> JobFunction:
    """Raises UnknownJobError."""
    if kind not in _functions:
        near = nearest(kind, _functions)
        raise UnknownJobError(
            f"There are no jobs of the kind {kind}." + (f" Did you mean {near}?" if near else "")
        )
    return _functions[kind]


def tell_abandoned(job: Job) -> None:
    """Let the room of the job know that it ended without being done."""
    if told := _abandoned.get(job.kind):
        told(job)


def known_kinds() -> list[str]:
    return sorted(_functions)


def personal_kinds() -> list[str]:
    """Of the jobs that are done in somebody's name."""
    return sorted(_personal)
