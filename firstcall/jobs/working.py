"""The work of a jobs process: does what is in the queue, and brings back the jobs of processes that died."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection
from procrastinate import App
from procrastinate.contrib.django import app as django_app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from psycopg_pool import PoolTimeout

from firstcall.jobs.actions import bring_back
from firstcall.jobs.models import Job

log = logging.getLogger(__name__)

HEARTBEAT = 1.0  # seconds between two signs of life
SILENCE = 15.0  # seconds without one until a worker is taken for dead, and its jobs go to others
LOOK = 2.0  # seconds between two looks for lost jobs
AWAY = 1.0  # seconds until a database that does not answer is asked again


def work_jobs(stop: threading.Event, *, at_once: int = 2, silence: float = SILENCE) -> None:
    """Do jobs until `stop` is set; those under way are left after their step, for the next worker to go on with.

    A database that goes away is waited for.

    at_once  how many jobs
    silence  seconds without a sign of life until a worker is taken for dead
    """
    Job.stopping = staticmethod(stop.is_set)
    while not stop.is_set():
        try:
            connection.ensure_connection()
            asyncio.run(_work(stop, at_once, silence))
        except (DatabaseError, ConnectorException, PoolTimeout, OSError):
            log.warning("the database does not answer; waiting for it")
        finally:
            connection.close()
        stop.wait(AWAY)


async def _work(stop: threading.Event, at_once: int, silence: float) -> None:
    """Until `stop` is set or the database goes away."""
    app = django_app.with_connector(django_app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=at_once,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=silence,
                delete_jobs="always",
                install_signal_handlers=False,
            )
        )
        beside = [asyncio.create_task(_bring_back(app, silence)), asyncio.create_task(_until(stop))]
        await asyncio.wait([worker, *beside], return_when=asyncio.FIRST_COMPLETED)
        for task in (worker, *beside):
            task.cancel()
        ended = await asyncio.gather(worker, *beside, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _until(stop: threading.Event) -> None:
    while not stop.is_set():
        await asyncio.sleep(0.05)


async def _bring_back(app: App, silence: float) -> None:
    while True:
        for entry in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence):
            # The job gets another entry: the worker may be slow, not dead, and will finish this one. Two workers
            # may strike out the same.
            with contextlib.suppress(ConnectorException):
                await app.job_manager.finish_job(entry, Status.ABORTED, delete_job=True)
        if brought := await sync_to_async(_bring_back_lost, thread_sensitive=False)():
            log.warning("%s jobs have lost their worker and are taken up again", brought)
        await asyncio.sleep(LOOK)


def _bring_back_lost() -> int:
    try:
        return bring_back()
    finally:
        connection.close()
