"""The first steps of a new installation."""

from __future__ import annotations

import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.records.models import Record
from firstcall.scorekeeping.models import StoredRule
from firstcall.touchpoints.models import Touchpoint
from tests.web.conftest import PASSWORD, Company

STEPS = ("Bring in leads", "Send touchpoints", "Build a rule", "Invite colleagues")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_a_new_installation_says_what_to_do_first() -> None:
    boss = User.objects.create_administrator("boss@example.com", PASSWORD)
    page = browser(boss).get("/").text
    assert all(step in page for step in STEPS)
    assert "is-done-step" not in page
    for href in ("/import/", "/set-up/sources", "/rules/new", "/set-up/users"):
        assert f'href="{href}"' in page


def test_each_step_ticks_itself_and_the_list_goes_when_all_is_done(company: Company) -> None:
    alice = browser(company.alice)
    assert "First steps" not in alice.get("/").text
    Touchpoint.objects.all().delete()
    page = alice.get("/").text
    assert page.count('class="is-done-step"') == 3
    User.objects.exclude(pk=company.alice.pk).update(is_active=False)
    assert alice.get("/").text.count('class="is-done-step"') == 2
    StoredRule.objects.update(active=None)
    assert alice.get("/").text.count('class="is-done-step"') == 1
    Record.objects.update(owner=None)
    assert alice.get("/").text.count('class="is-done-step"') == 1


@pytest.mark.django_db
def test_it_is_put_away_for_good_by_each_for_themselves() -> None:
    boss, other = (User.objects.create_administrator(f"{name}@example.com", PASSWORD) for name in "ab")
    assert browser(boss).get("/today/first-steps/leave").status_code == 405
    assert browser(boss).post("/today/first-steps/leave").status_code == 302
    assert "First steps" not in browser(boss).get("/").text
    assert "First steps" in browser(other).get("/").text


@pytest.mark.django_db
@pytest.mark.parametrize("which", [Standard.MANAGER, Standard.REPRESENTATIVE, Standard.READ_ONLY])
def test_who_does_not_manage_is_not_asked_to(which: Standard) -> None:
    user = User.objects.create_user("x@example.com", PASSWORD, profile=Profile.objects.standard(which))
    assert "First steps" not in browser(user).get("/").text
