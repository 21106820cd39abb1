"""A backtest from a rule's page: asked for, waited for, ended, and what came of it; who may."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client

from firstcall.access.models import Profile
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.insights.past_backtests import BACKTEST
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.actions import create_records
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.models import StoredRule
from tests.records.importing.conftest import data_folder
from tests.web.conftest import Company

__all__ = ["data_folder"]

pytestmark = pytest.mark.django_db(transaction=True)

RULE = """
name: Size
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20.25}
  - {name: Nobody, field: employees, gte: 100000, points: 5}
grades: {A: 20, B: 0}
"""
ASKED = {"version": "1", "won": "source=Web", "lost": "source=Fair", "moment": "now"}


@pytest.fixture
def rule(company: Company, data_folder: Path) -> StoredRule:
    """Of twenty large leads fifteen were won, of twenty small ones five."""
    rows = [
        {
            "last_name": f"L{n}",
            "employees": 500 if n < 20 else 5,
            "source": "Web" if (n % 4 > 0) == (n < 20) else "Fair",
        }
        for n in range(40)
    ]
    create_records(company.leads, rows, at=now())
    written = write_rule(RULE, at=now()).rule
    Follower(copy_folder(), now=now).step()
    return written


def text_of(answer: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def begun(bob: Client, rule: StoredRule, **asked: str) -> Job:
    answer = bob.post(f"/rules/{rule.pk}/backtest", ASKED | asked)
    job = Job.objects.get(kind=BACKTEST)
    assert (answer.status_code, answer.url) == (302, f"/rules/{rule.pk}/backtests/{job.pk}")  # type: ignore[attr-defined]
    return job


def test_it_is_asked_for_waited_for_and_read(bob: Client, rule: StoredRule) -> None:
    assert f"/rules/{rule.pk}/backtest" in bob.get(f"/rules/{rule.pk}/").text
    job = begun(bob, rule)
    path = f"/rules/{rule.pk}/backtests/{job.pk}"
    assert "Waiting for a worker" in bob.get(path).text
    part = bob.get(path, headers={"HX-Request": "true"})
    assert "Waiting for a worker" in part.text
    assert "<html" not in part.text
    do_job(job.pk, now=now)
    assert bob.get(path, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    says = text_of(bob.get(path))
    # Ann is large and won, Eve lost, Cora neither.
    for told in (
        "A won record stands above a lost one 76 times in 100.",
        "A 21 16 76.2 % 1.5×",
        "Large +20.25 21 76.2 % 23.8 %",
        "Moved nobody: Nobody",
    ):
        assert told in says
    assert "source=Web" in bob.get(f"/rules/{rule.pk}/backtest").text
    assert path in bob.get(f"/rules/{rule.pk}/backtest").text


def test_what_cannot_be_asked_is_said_at_its_place(bob: Client, rule: StoredRule) -> None:
    path = f"/rules/{rule.pk}/backtest"
    for asked, says in (
        ({"won": "sourse=Web"}, "The records have no field sourse. Did you mean source?"),
        ({"moment": "day"}, "Say which day."),
        ({"moment": "own"}, "Say which field holds each record"),
        ({"version": "9"}, "9 is not one of the available choices"),
    ):
        answer = bob.post(path, ASKED | asked)
        assert answer.status_code == 422
        assert says in answer.text
        assert re.search('name="lost"[^>]* value="source=Fair"', answer.text)
    assert not Job.objects.filter(kind=BACKTEST).exists()


def test_what_can_be_typed_is_offered(bob: Client, rule: StoredRule) -> None:
    asked = bob.get(f"/rules/{rule.pk}/backtest").text
    won, lost, moments = re.findall(
        '<datalist id="backtest-(?:outcomes|fields|moments)">(.*?)</datalist>', asked
    )
    assert 'value="source=Web"' in won
    assert 'value="web.form_submitted within 30 days"' in won
    assert 'value="source=Web"' in lost
    assert "within" not in lost
    assert 'value="created_at"' in moments


def test_it_warns_in_the_language_of_who_asked(bob: Client, rule: StoredRule) -> None:
    bob.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert "Die Datensätze haben kein Feld sourse. Meinten Sie source?" in unescape(
        bob.post(f"/rules/{rule.pk}/backtest", ASKED | {"won": "sourse=Web"}).text
    )
    job = begun(bob, rule)
    path = f"/rules/{rule.pk}/backtests/{job.pk}"
    do_job(job.pk, now=now)
    said = "Nur 21 gewonnene Datensätze: zu wenige, um eine gute Regel von Glück zu unterscheiden."
    assert said in text_of(bob.get(path))
    assert '<ul class="small" lang="de">' in bob.get(path).text


def test_it_is_ended_before_it_is_done(bob: Client, rule: StoredRule) -> None:
    job = begun(bob, rule)
    path = f"/rules/{rule.pk}/backtests/{job.pk}"
    assert bob.post(f"{path}/cancel").status_code == 302
    do_job(job.pk, now=now)
    assert "It was ended before it was done." in bob.get(path).text


def test_others_hear_nothing_of_it(bob: Client, rule: StoredRule, company: Company) -> None:
    job = begun(bob, rule)
    path = f"/rules/{rule.pk}/backtests/{job.pk}"
    alice = Client()
    alice.force_login(company.alice)
    assert alice.get(path).status_code == 404
    assert alice.post(f"{path}/cancel").status_code == 404
    assert path not in alice.get(f"/rules/{rule.pk}/backtest").text
    other = f"/rules/{company.rule.pk}/backtests/{job.pk}"
    assert bob.get(other).status_code == 404
    Profile.objects.filter(name="Seller").update(rights=[])
    for address in (f"/rules/{rule.pk}/backtest", path):
        assert bob.get(address).status_code == 403
    assert bob.post(f"/rules/{rule.pk}/backtest", ASKED).status_code == 403
    assert bob.post(f"{path}/cancel").status_code == 403
    Profile.objects.filter(name="Seller").update(rights=[], grants={})
    assert bob.get(path).status_code == 404
