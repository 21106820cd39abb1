"""Health, jobs, the audit log, backups, types, unclear names and revoked touchpoints on pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg.conninfo import make_conninfo

from firstcall.access.models import AuditEntry
from firstcall.counts.models import Count, Lately
from firstcall.jobs.actions import start
from firstcall.jobs.kinds import known_kinds, personal_kinds
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from firstcall.processes.backing_up import back_up
from firstcall.processes.demo import KIND as DEMO
from firstcall.records.actions import create_record
from firstcall.records.models import DirtyRecord
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.calls import Who
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Ambiguity, CustomType, Source, Touchpoint
from firstcall.web.settingup.running import KINDS
from tests.web.conftest import Company
from tests.web.settingup.conftest import Enter


def test_the_figures_are_those_of_the_tables(company: Company, alice: Client) -> None:
    Count.objects.create(name="touchpoints", labels='source="website"', value=1200)
    Count.objects.create(name="touchpoints", labels='source="server"', value=34)
    minute = moment_of(now()) // 60_000_000
    Lately.objects.create(name="freshness_seconds", minute=minute, bucket=3, value=9)
    Lately.objects.create(name="freshness_seconds", minute=minute, bucket=16, value=2)
    job = start("records.export", {}, at=now(), by=company.bob)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.FAILED, ended_at=now())
    DirtyRecord.objects.all().delete()
    page = alice.get("/set-up/health?part").text
    assert "1,234" in page
    assert 'aria-label="0.1 s: 9. 0.5 s: 0. 1 s: 0. 5 s: 0. 1 min: 0. longer: 2. "' in page
    assert "0.050 s" not in page.partition("From touchpoint")[0]
    assert "1 failed within a day" in page
    assert "Last backup: none is known" in page
    assert "keeper: never seen" in page


def test_jobs_are_seen_with_who_began_them_and_ended(company: Company, alice: Client) -> None:
    of_bob = start("records.export", {}, at=now(), by=company.bob)
    tidy = start("jobs.forget_old", {}, at=now())
    Job.objects.filter(pk=tidy.pk).update(status=JobStatus.DONE, ended_at=now())
    page = alice.get("/set-up/jobs").text
    assert "Export" in page
    assert "Bob Brown" in page
    assert "Forgetting old jobs" not in page
    assert "Forgetting old jobs" in alice.get("/set-up/jobs?status=all").text
    assert alice.post(f"/set-up/jobs/{of_bob.pk}/cancel").status_code == 302
    assert Job.objects.get(pk=of_bob.pk).status == JobStatus.CANCELLED
    assert "ended early" in alice.get("/set-up/jobs?status=cancelled&part").text
    assert alice.post("/set-up/jobs/999999/cancel").status_code == 404
    assert alice.get("/set-up/jobs?status=nonsense").status_code == 200


def test_every_kind_of_job_has_a_word() -> None:
    kinds = {kind for kind in known_kinds() if not kind.startswith("tests.")}
    assert {*kinds, DEMO} == set(KINDS)


def test_what_reads_a_file_of_somebody_is_done_in_their_name() -> None:
    """And ends when they are kept out."""
    of_files = {kind for kind in known_kinds() if kind.endswith(("import", "look_at_file", "export"))}
    assert of_files - {kind for kind in of_files if ".undo_" in kind} <= set(personal_kinds())
    assert {"touchpoints.try_import", "records.try_import", "records.look_at_file"} <= of_files


def test_the_audit_log_is_narrowed_by_who_what_and_when(company: Company, alice: Client) -> None:
    given = {"label": "Origin", "kind": "text"}
    assert alice.post("/set-up/modules/leads/fields/source", given).status_code == 302
    page = alice.get(f"/set-up/audit-log?kind=field&did=changed&user={company.alice.pk}").text
    assert "Alice Ames" in page
    assert "<ins>Origin</ins>" in page
    for nothing in (
        "kind=team",
        "did=deleted",
        f"user={company.bob.pk}",
        "until=2001-01-01",
        "since=2999-01-01",
    ):
        assert "Nothing of that was done" in alice.get(f"/set-up/audit-log?{nothing}").text, nothing
    for nonsense in ("since=x", "user=x", f"thing={'9' * 40}", "until=9999-12-31", "after=x", "kind=';--"):
        assert alice.get(f"/set-up/audit-log?{nonsense}").status_code == 200, nonsense


def test_the_audit_log_goes_on_page_by_page(alice: Client) -> None:
    many = AuditEntry.objects.count()
    for number in range(60):
        alice.post("/set-up/teams", {"name": f"Team {number}", "parent": ""})
    page = alice.get("/set-up/audit-log?kind=team").text
    assert page.count("created</span>") == 50
    following = page.partition('href="?kind=team&amp;after=')[2].partition('"')[0]
    assert alice.get(f"/set-up/audit-log?kind=team&after={following}").text.count("created</span>") == 10
    assert AuditEntry.objects.count() > many


def test_types_are_defined_and_deleted(alice: Client) -> None:
    given = {
        "channel": "shop",
        "event": "cart_left",
        "label": "Left a cart",
        "properties": "amount: number\nsku",
    }
    page = alice.post("/set-up/types", {**given, "properties": "amount: float"})
    assert (page.status_code, "amount: float is no kind. There are: text, number" in page.text) == (422, True)
    assert alice.post("/set-up/types", given).status_code == 302
    assert CustomType.objects.get().properties == {"amount": "number", "sku": "text"}
    assert "Left a cart" in alice.get("/set-up/types").text
    again = alice.post("/set-up/types", given)
    assert (again.status_code, "There is a type shop.cart_left already." in again.text) == (422, True)
    taken = alice.post("/set-up/types", {**given, "channel": "web", "event": "visited"})
    assert "There is a type web.visited already." in taken.text
    assert alice.post("/set-up/types/shop.cart_left/delete").status_code == 302
    assert alice.post("/set-up/types/web.visited/delete").status_code == 404


def test_what_waits_is_counted_for_all_names_at_once(company: Company, alice: Client) -> None:
    for number in range(3):
        phone = f"+4930200000{number}"
        for name in ("Castor", "Pollux"):
            create_record(company.leads, {"last_name": name, "phone": phone}, at=now())
        arrival = Arrival(f"t{number}", "web.searched", now(), who=Who(phone=phone))
        accept(Source.objects.get(), [arrival], received_at=now())
    assert Ambiguity.objects.count() == 3
    with CaptureQueriesContext(connection) as asked:
        page = alice.get("/set-up/unclear").text
    assert page.count("1 touchpoint waits.") == 3
    assert len([query for query in asked if 'FROM "touchpoints_touchpoint"' in query["sql"]]) == 1


def test_what_is_unclear_is_settled(company: Company, alice: Client) -> None:
    twin = create_record(company.leads, {"last_name": "Twin", "phone": "+49 30 1234567"}, at=now())
    arrival = Arrival("t1", "web.searched", now(), who=Who(phone="+49301234567"))
    accept(Source.objects.get(), [arrival], received_at=now())
    row = Ambiguity.objects.get()
    page = alice.get("/set-up/unclear").text
    assert all(
        says in page
        for says in ("Several records have this name.", "Ann Miller", "Twin", "1 touchpoint waits.")
    )
    assert "1 failed" not in page
    assert alice.post(f"/set-up/unclear/{row.pk}", {"record": "999999"}, follow=True).status_code == 200
    row.refresh_from_db()
    assert row.status == "open"
    assert alice.post(f"/set-up/unclear/{row.pk}", {"record": str(twin.pk)}).status_code == 302
    assert Touchpoint.objects.get(message_id="t1").record_id == twin.pk
    assert "Everybody is known" in alice.get("/set-up/unclear").text
    assert alice.post(f"/set-up/unclear/{row.pk}", {"record": ""}).status_code == 302
    assert "Alice Ames" in alice.get("/set-up/unclear?which=ignored").text


def test_touchpoints_of_a_record_are_revoked_and_count_again(company: Company, alice: Client) -> None:
    given = {"record": str(company.ann.pk), "type": "web.visited", "reason": "a robot"}
    assert alice.post("/set-up/revoked/new", given).status_code == 302
    of_ann = Touchpoint.objects.filter(record=company.ann)
    assert of_ann.filter(revoked_at=None).count() == 0
    page = alice.get("/set-up/revoked").text
    assert "a robot" in page
    assert "5 touchpoints" in page
    again = page.partition('action="/set-up/revoked/')[2].partition('"')[0]
    id = page.partition("/end")[0].rpartition("/")[2]
    assert again
    assert alice.post(f"/set-up/revoked/{id}/end").status_code == 302
    assert of_ann.filter(revoked_at=None).count() == 5
    page = alice.post("/set-up/revoked/new", {"record": "x"}, follow=True).text
    assert "There is no record of that number." in page


def test_who_may_not_settle_or_revoke_does_not(company: Company, enter: Enter) -> None:
    someone = enter()
    given = {"record": str(company.ann.pk)}
    assert someone.post("/set-up/revoked/new", given).status_code == 403
    assert someone.post("/set-up/unclear/1", {"record": ""}).status_code == 403
    assert not Touchpoint.objects.exclude(revoked_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_known_once_it_was_made(postgres_dsn: str, tmp_path: Path, alice: Client) -> None:
    assert "No backup of this database is known." in alice.get("/set-up/backups").text
    back_up(make_conninfo(postgres_dsn, dbname=connection.settings_dict["NAME"]), tmp_path / "one.dump")
    assert "The last backup was made" in alice.get("/set-up/backups").text
