"""Rules switched on, off and later from the pages, run, and what is said where somebody else was faster."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from firstcall.access.models import Profile, User
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from firstcall.records.actions import create_record
from firstcall.scorekeeping.actions import edit_rule
from firstcall.scorekeeping.models import Activation, PlannedActivation, RuleVersion, StoredRule, StoredScore
from firstcall.scorekeeping.sweeping import sweep_later
from firstcall.scorekeeping.switching import activate, activate_due, deactivate, plan
from tests.web.conftest import RULE, Company

PART = {"HX-Request": "true"}


@pytest.fixture
def second(company: Company) -> RuleVersion:
    """A draft that gives large companies more."""
    return edit_rule(company.rule, RULE.replace("points: 20", "points: 30"), at=now(), by=company.alice)


def after(client: Client, rule: StoredRule, form: str = "activation") -> str:
    """The last switching that the form knows of."""
    page = client.get(f"/rules/{rule.pk}/{form}").text
    found = re.search(r'name="after" value="(\d+)"', page)
    assert found, page
    return found[1]


def switch(client: Client, rule: StoredRule, **given: object) -> object:
    form = {"records": "all", "when": "now", "after": after(client, rule), **given}
    return client.post(f"/rules/{rule.pk}/activation", form)


def work() -> None:
    for job in Job.objects.filter(status="waiting").order_by("pk"):
        do_job(job.pk, now=now)


def total(company: Company) -> int:
    return int(StoredScore.objects.get(record=company.ann).total)


def test_the_form_says_what_takes_the_place_of_what(
    company: Company, second: RuleVersion, bob: Client
) -> None:
    page = bob.get(f"/rules/{company.rule.pk}/activation", headers=PART).text
    assert "<html" not in page
    assert "It takes the place of version 1" in page
    assert "Criterion “Large company” now gives 30 points instead of 20." in page
    assert "4 records" in page or "3 records" in page
    assert bob.get(f"/rules/{company.rule.pk}/activation?version=9").status_code == 404


def test_a_draft_is_switched_on_and_all_are_scored_again(
    company: Company, second: RuleVersion, bob: Client
) -> None:
    before = total(company)
    answer = switch(bob, company.rule)
    assert answer["Location"] == f"/rules/{company.rule.pk}/"  # type: ignore[index]
    page = bob.get(f"/rules/{company.rule.pk}/").text
    assert "Waiting for a worker" in page
    assert "Version 2 scores from now on." in page
    work()
    assert total(company) == before + 1000
    assert "All records were scored." in bob.get(f"/rules/{company.rule.pk}/").text
    assert "Nothing is being scored" in bob.get(f"/rules/{company.rule.pk}/?part=runs", headers=PART).text
    activation = Activation.objects.order_by("-pk")[0]
    assert (activation.by, activation.version) == (company.bob, second)


def test_records_that_are_there_may_be_left_alone(company: Company, second: RuleVersion, bob: Client) -> None:
    before = total(company)
    switch(bob, company.rule, records="new")
    work()
    assert total(company) == before
    assert StoredRule.objects.get().active == second


def test_to_roll_back_an_older_version_is_switched_on(
    company: Company, second: RuleVersion, bob: Client
) -> None:
    activate(second, at=now())
    page = bob.get(f"/rules/{company.rule.pk}/").text
    assert "Roll back to it" in page
    switch(bob, company.rule, version=1)
    assert StoredRule.objects.get().active.number == 1  # type: ignore[union-attr]
    assert "version 2 is a draft" in bob.get(f"/rules/{company.rule.pk}/").text


def test_all_that_is_missing_is_said_and_what_was_chosen_stays(
    company: Company, second: RuleVersion, bob: Client
) -> None:
    answer = switch(bob, company.rule, records="changed", when="later", tells="on")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.text  # type: ignore[attr-defined]
    assert "Say from which day on." in page
    assert "Say when." in page
    assert page.count(" checked") == 3
    answer = switch(bob, company.rule, when="later", at="2001-01-01T10:00")
    assert "This moment has passed." in answer.text  # type: ignore[attr-defined]
    answer = switch(bob, company.rule, when="later", at="soon", records="changed", changed_since="then")
    assert answer.text.count("Enter a valid date") == 2  # type: ignore[attr-defined]
    assert not PlannedActivation.objects.exists()
    assert Activation.objects.count() == 1


def test_a_moment_to_come_is_read_in_the_readers_zone(
    company: Company, second: RuleVersion, bob: Client
) -> None:
    bob.cookies["zone"] = "Asia/Tokyo"
    switch(
        bob, company.rule, when="later", at="2099-05-01T09:30", records="changed", changed_since="2026-03-01"
    )
    planned = PlannedActivation.objects.get()
    assert planned.at.isoformat() == "2099-05-01T00:30:00+00:00"
    assert planned.changed_since is not None
    assert planned.changed_since.isoformat() == "2026-02-28T15:00:00+00:00"
    assert "Version 2 will be switched on at May 1, 2099, 9:30" in bob.get(f"/rules/{company.rule.pk}/").text
    answer = switch(bob, company.rule, when="later", at="2099-06-01T09:30")
    assert "Version 2 is planned for May 1, 2099" in answer.text  # type: ignore[attr-defined]
    bob.post(f"/rules/{company.rule.pk}/plan/cancel")
    assert PlannedActivation.objects.get().cancelled_by == company.bob
    page = bob.post(f"/rules/{company.rule.pk}/plan/cancel", follow=True).text
    assert "Nothing is planned any more" in page


def test_a_plan_that_came_to_nothing_is_told(company: Company, second: RuleVersion, bob: Client) -> None:
    at = now()
    plan(second, at=at + timedelta(hours=1), now=at, by=company.bob)
    company.leads.fields.filter(name="employees").delete()
    activate_due(at + timedelta(hours=2))
    page = bob.get(f"/rules/{company.rule.pk}/").text
    assert "Version 2 was to be switched on, and could not be" in page
    assert "employees" in page


def test_what_no_longer_fits_the_fields_is_not_switched_on(
    company: Company, second: RuleVersion, bob: Client
) -> None:
    company.leads.fields.filter(name="employees").delete()
    answer = switch(bob, company.rule)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "no field `employees`" in answer.text  # type: ignore[attr-defined]


def test_who_is_slower_is_told_who_switched_it_and_may_say_it_again(
    company: Company, second: RuleVersion, bob: Client
) -> None:
    known = after(bob, company.rule)
    deactivate(company.rule, at=now(), by=company.alice)
    answer = switch(bob, company.rule, after=known)
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "Alice Ames has switched the rule off while you were looking" in answer.text  # type: ignore[attr-defined]
    assert StoredRule.objects.get().active is None
    switch(bob, company.rule)
    assert StoredRule.objects.get().active == second
    answer = bob.post(f"/rules/{company.rule.pk}/stop", {"after": known})
    assert answer.status_code == 409
    assert "Bob Brown has switched version 2 on" in answer.text
    assert StoredRule.objects.get().active == second
    bob.post(f"/rules/{company.rule.pk}/stop", {"after": after(bob, company.rule, "stop")})
    assert StoredRule.objects.get().active is None


def test_a_run_is_ended_by_whoever_began_it_or_manages_scoring(company: Company, bob: Client) -> None:
    path = f"/rules/{company.rule.pk}"

    def begun(by: User) -> Job:
        job = sweep_later(company.leads, [company.rule], at=now(), by=by)
        assert job
        return job

    of_alice = begun(company.alice)
    assert bob.post(f"{path}/runs/{of_alice.pk}/cancel").status_code == 302
    of_bob, of_alice = begun(company.bob), begun(company.alice)
    Profile.objects.filter(name="Seller").update(rights=[])
    assert bob.get(f"{path}/?part=runs", headers=PART).text.count("End it</button>") == 1
    assert bob.post(f"{path}/runs/{of_alice.pk}/cancel").status_code == 403
    assert bob.post(f"{path}/runs/{of_bob.pk}/cancel").status_code == 302
    Profile.objects.filter(name="Seller").update(grants={})
    assert bob.post(f"{path}/runs/{of_alice.pk}/cancel").status_code == 404
    assert set(Job.objects.filter(status="cancelled").values_list("created_by", flat=True)) == {
        company.alice.pk,
        company.bob.pk,
    }
    assert Job.objects.get(pk=of_alice.pk).status == "waiting"


def test_a_rule_is_run_now_and_a_run_is_ended(company: Company, bob: Client) -> None:
    path = f"/rules/{company.rule.pk}"
    create_record(company.leads, {"last_name": "New", "employees": 500}, at=now())
    bob.post(f"{path}/run", {"records": "all"})
    work()
    assert StoredScore.objects.filter(record__values__last_name="New").exists()
    since = (timezone.now() + timedelta(days=3)).date().isoformat()
    bob.post(f"{path}/run", {"records": "changed", "changed_since": since})
    job = Job.objects.get(status="waiting")
    assert "changed_since" in job.parameters
    assert bob.post(f"{path}/runs/{job.pk + 99}/cancel").status_code == 404
    assert "End it" in bob.get(f"{path}/?part=runs", headers=PART).text
    bob.post(f"{path}/runs/{job.pk}/cancel")
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert bob.post(f"{path}/run", {"records": "changed"}).status_code == 422
    deactivate(company.rule, at=now())
    page = bob.post(f"{path}/run", {"records": "all"}, follow=True).text
    assert "The rule is not active" in page
