"""What the processes beside the web server do: keep scores right, do jobs, follow the database. Django is set up."""

from __future__ import annotations

import threading
from collections.abc import Callable

from firstcall.columns.work import follow
from firstcall.configuration import Configuration
from firstcall.counts.tallying import start_flushing
from firstcall.jobs.working import work_jobs
from firstcall.moments import now
from firstcall.processes import demo
from firstcall.processes.ending import end_with_parent, stop_on_signals
from firstcall.scorekeeping.work import work

WORKS = ("keeper", "jobs", "columns")
KINDS = (demo.KIND,)  # of jobs, beside those of the rooms, which Django finds


def do_works(wanted: tuple[str, ...], settings: Configuration) -> None:
    """Do these kinds of work in this process, each in a thread where there are several, until a signal."""
    stop = stop_on_signals()
    end_with_parent()
    start_flushing(now)
    works = [_work_of(kind, settings, stop) for kind in wanted]
    if len(works) == 1:
        works[0]()
        return
    ended: list[BaseException] = []
    threads = [threading.Thread(target=_watched, args=(one, stop, ended)) for one in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if ended:
        raise ended[0]


def _work_of(kind: str, settings: Configuration, stop: threading.Event) -> Callable[[], None]:
    if kind == "keeper":
        return lambda: work(now=now, stop=stop)
    if kind == "columns":
        return lambda: follow(now=now, stop=stop)
    return lambda: work_jobs(stop, at_once=settings.jobs_at_once)


def _watched(work: Callable[[], None], stop: threading.Event, ended: list[BaseException]) -> None:
    """A work that fails ends the process, so that whoever watches over it starts it again."""
    try:
        work()
    except BaseException as error:
        ended.append(error)
    finally:
        stop.set()
