"""Jobs through the API: progress, cancelling, and whose they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from firstcall.access.models import User
from firstcall.access.rights import Right
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from firstcall.records.models import Module
from firstcall.scorekeeping.switching import SWEEP
from tests.api.conftest import AT, Caller
from tests.api.people import person


def make(by: User, **values: object) -> Job:
    return Job.objects.create(kind="records.import", created_at=AT, created_by=by, **values)


def test_a_job_says_how_far_it_is(api: Caller, alice: User) -> None:
    started_at = now() - timedelta(seconds=30)
    job = make(alice, status=JobStatus.RUNNING, done=250, total=1_000, started_at=started_at)
    body = api.get(f"/jobs/{job.pk}").body
    most = 3 * (now() - started_at).total_seconds()
    assert (body["kind"], body["status"], body["done"], body["total"]) == (
        "records.import",
        "running",
        250,
        1_000,
    )
    assert 89 <= body["seconds_left"] <= most + 1


def test_a_job_that_waits_is_cancelled_and_one_that_runs_is_asked_to_end(api: Caller, alice: User) -> None:
    waiting, running = make(alice), make(alice, status=JobStatus.RUNNING)
    assert api.delete(f"/jobs/{waiting.pk}").body["status"] == "cancelled"
    body = api.delete(f"/jobs/{running.pk}").body
    assert (body["status"], body["cancel_asked"], body["seconds_left"]) == ("running", True, None)


def test_scoring_is_ended_by_whoever_began_it_or_manages_it(
    alice: User, caller: Callable[..., Caller]
) -> None:
    leads, deals = (Module.objects.create(name=f"{name}_x", label=name) for name in ("leads", "deals"))
    of_leads, of_deals = (
        Job.objects.create(kind=SWEEP, created_at=AT, created_by=alice, parameters={"module": module.pk})
        for module in (leads, deals)
    )
    her_import = make(alice)
    manager = person("Mia", rights=[Right.MANAGE_SCORING], modules=["leads_x"])
    assert [job["id"] for job in manager.api.get("/jobs").body["items"]] == [of_leads.pk]
    assert manager.api.delete(f"/jobs/{of_deals.pk}").status == 404
    assert manager.api.delete(f"/jobs/{her_import.pk}").status == 404
    assert caller("records:write", user=manager.user).delete(f"/jobs/{of_leads.pk}").status == 404
    assert person("Rob", modules=["leads_x"]).api.delete(f"/jobs/{of_leads.pk}").status == 404
    assert manager.api.delete(f"/jobs/{of_leads.pk}").body["status"] == "cancelled"
    assert caller("records:read").delete(f"/jobs/{of_deals.pk}").body["status"] == "cancelled"


def test_the_jobs_of_others_look_missing(alice: User, bob: User, caller: Callable[..., Caller]) -> None:
    hers, his = make(alice), make(bob, status=JobStatus.DONE)
    rep = caller("records:read", user=bob)
    assert [job["id"] for job in rep.get("/jobs").body["items"]] == [his.pk]
    assert rep.get("/jobs?status=waiting").body["items"] == []
    assert rep.get(f"/jobs/{hers.pk}").body == rep.delete("/jobs/999999").body
    assert rep.delete(f"/jobs/{hers.pk}").status == 404
    everything = caller("admin").get("/jobs").body["items"]
    assert [job["id"] for job in everything] == [his.pk, hers.pk]
