"""Every page that there is, by the addresses that lead to them, with something on it to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from firstcall.access.models import Profile, Team
from firstcall.access.viewing import viewer_of
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.followups.models import AttachedFile
from firstcall.followups.notes import write_note
from firstcall.followups.tasks import create_task
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.actions import create_record
from firstcall.scorekeeping.actions import edit_rule, write_rule
from firstcall.scorekeeping.switching import plan
from firstcall.touchpoints.calls import Who
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Ambiguity, Source
from firstcall.web.urls import urlpatterns
from tests.web.conftest import RULE, Company
from tests.web.looking import routes

PEOPLE = "E-mail;Last name;Employees\nnew@example.com;New;2500\nnobody@;Bad;3000\n"
PASSED_OVER = ("^", "moved")
"""Addresses with keys that come by mail, and the one that never ends."""


def work() -> None:
    for job in Job.objects.filter(status="waiting").order_by("pk"):
        do_job(job.pk, now=now)


def examples(company: Company) -> dict[str, str]:
    """For the beginning of an address, with the arguments as they are declared: what stands in their place."""
    alice, ann, rule = Client(), company.ann.pk, company.rule.pk
    alice.force_login(company.alice)
    draft = edit_rule(company.rule, RULE.replace("points: 20", "points: 25"), at=now(), by=company.alice)
    plan(draft, at=now() + timedelta(days=2), now=now(), by=company.alice)
    write_rule("name: Draft\nmodule: leads\ncriteria: [{name: A, touchpoint: '*', points: 1}]", at=now())
    viewer, at = viewer_of(company.alice), now()
    note = write_note(company.ann, "Called, was away.", viewer=viewer, at=at, is_pinned=True)
    task = create_task(company.ann, "Send the offer", viewer=viewer, at=at, owner=company.alice.pk, due=at)
    bulk = alice.post("/records/leads/bulk", {"do": "change", "id": ann, "add_tags": "vip"})["Location"]
    file = alice.post("/records/leads/bulk", {"do": "export", "id": ann})["Location"]
    scoring = alice.post("/records/leads/bulk", {"do": "rescore", "id": ann})["Location"]
    alice.post(f"/do/{ann}/file", {"file": SimpleUploadedFile("offer.pdf", b"%PDF-1.7")})
    attached = AttachedFile.objects.get()
    upload = {"into": "leads", "file": SimpleUploadedFile("people.csv", PEOPLE.encode())}
    look = alice.post("/import/", upload)["Location"]
    work()
    columns = {"to-0": "email", "to-1": "last_name", "to-2": "employees", "by": "email"}
    trial = alice.post(look, columns)["Location"]
    work()
    run = alice.post(trial, {})["Location"]
    work()
    Follower(copy_folder(), now=now).step()
    asked = {"version": 1, "won": "employees=250", "lost": "employees=10", "moment": "now"}
    backtest = alice.post(f"/rules/{rule}/backtest", asked)["Location"]
    work()
    profile = Profile.objects.get(name="Seller")
    team = Team.objects.create(name="North")
    source = Source.objects.get()
    create_record(company.leads, {"last_name": "Twin", "phone": company.ann.values["phone"]}, at=at)
    who = Who(phone=str(company.ann.values["phone"]))
    accept(source, [Arrival("unclear", "web.searched", at, who=who)], received_at=at)
    unclear = Ambiguity.objects.get()
    layout = company.leads.layouts.create(name="partners", label="Partners")
    return {
        "today/<int:rule>/movers": f"today/{rule}/movers",
        "today/<int:rule>/<int:id>": f"today/{rule}/{ann}",
        "records/<str:module>/<int:id>/fields/<str:name>": f"records/leads/{ann}/fields/last_name",
        "records/<str:module>/<int:id>": f"records/leads/{ann}",
        "records/<str:module>": "records/leads",
        "bulk/<int:id>": bulk[1:],
        "exports/<int:id>": file[1:],
        "import/looks/<int:id>": look[1:],
        "import/trials/<int:id>": trial[1:],
        "import/<int:id>": run[1:],
        "do/<int:id>/feedback/<int:rule>": f"do/{ann}/feedback/{rule}",
        "do/<int:id>": f"do/{ann}",
        "rules/<int:id>/": f"rules/{rule}/",
        "rules/<int:id>/backtests/<int:job>": backtest.removeprefix("/"),
        "set-up/modules/<slug:name>": "set-up/modules/leads",
        "set-up/modules/<slug:name>/fields/<slug:field>": "set-up/modules/leads/fields/last_name",
        "set-up/modules/<slug:name>/layouts/<slug:layout>": f"set-up/modules/leads/layouts/{layout.name}",
        "set-up/sources/<int:id>": f"set-up/sources/{source.pk}",
        "set-up/users/<int:id>": f"set-up/users/{company.bob.pk}",
        "set-up/teams/<int:id>": f"set-up/teams/{team.pk}",
        "set-up/profiles/<int:id>": f"set-up/profiles/{profile.pk}",
        "set-up/unclear/<int:id>": f"set-up/unclear/{unclear.pk}",
        "rescoring/<int:id>": scoring[1:],
        "files/<int:id>": f"files/{attached.pk}",
        "tasks/<int:id>": f"tasks/{task.pk}",
        "notes/<int:id>": f"notes/{note.pk}",
    }


def addresses(known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every route with an address that leads there. One with an argument left is none that shows a page: it takes an id of
    its own to POST to, and is told apart by `is_page`."""
    for route in routes(urlpatterns):
        if any(mark in route for mark in PASSED_OVER):
            continue
        begins = sorted((start for start in known if route.startswith(start)), key=len)
        path = known[begins[-1]] + route.removeprefix(begins[-1]) if begins else route
        yield route, "/" + path
