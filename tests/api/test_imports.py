"""Files through the API: uploaded in pieces, tried, imported, undone; exports and bulk updates, all as jobs."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from firstcall.access.models import User
from firstcall.access.rights import Right, Verb
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.actions import change_record, create_records
from firstcall.records.importing.starting import FILES_ARE_KEPT, forget_files
from firstcall.records.models import Module, Record
from firstcall.touchpoints.models import Touchpoint
from tests.api.conftest import AT, Caller
from tests.api.people import person
from tests.records.importing.company import make_leads

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = b"Email,Last Name,Employees\nann@example.com,Ann,5\nbob@,Bob,many\n"


@pytest.fixture
def leads() -> Module:
    Module.objects.filter(name="leads").delete()
    return make_leads()


def uploaded(api: Caller, content: bytes, name: str = "people.csv") -> str:
    id: str = api.post(f"/uploads?name={name}").body["id"]
    assert api.put(f"/uploads/{id}?offset=0", content).body["size"] == len(content)
    return id


def work() -> None:
    for job in Job.objects.filter(status="waiting").order_by("pk"):
        do_job(job.pk, now=now)


def text_of(answer: object) -> str:
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def file(api: Caller, path: str) -> str:
    response = api.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {api.secret}"})
    assert response.status_code == 200
    return text_of(response)


def test_a_file_is_imported_and_undone(api: Caller, leads: Module) -> None:
    wanted = {"upload": uploaded(api, PEOPLE), "module": "leads", "tags": ["Fair"]}
    begun = api.post("/imports/records", wanted)
    assert (begun.status, begun.body["status"]) == (201, "waiting")
    work()
    id = begun.body["id"]
    done = api.get(f"/imports/{id}").body
    counts = [done[name] for name in ("status", "total", "done", "created", "rejected")]
    assert counts == ["done", 2, 2, 1, 1]
    assert api.get(f"/jobs/{done['job']}").body["done"] == 2
    assert "Email: takes an e-mail address." in file(api, f"/imports/{id}/rejects")
    assert Record.objects.get().tags == ["fair"]
    assert [row["id"] for row in api.get("/imports").body["items"]] == [id]
    assert api.delete(f"/imports/{id}").status == 202
    work()
    assert api.get(f"/imports/{id}").body["status"] == "undone"
    assert not Record.objects.filter(deleted_at=None).exists()
    assert api.delete(f"/imports/{id}").status == 409
    assert api.get(f"/imports/{id}/stays").status == 404


def test_files_of_an_import_are_for_those_who_may_import_there(api: Caller, leads: Module) -> None:
    """Whoever manages users sees every import; the rows are the records, which they may not see."""
    begun = api.post("/imports/records", {"upload": uploaded(api, PEOPLE), "module": "leads"}).body["id"]
    work()
    change_record(Record.objects.get(), {"employees": 7}, at=now())
    api.delete(f"/imports/{begun}")
    work()
    may, sees, hidden = (
        person(name, verbs=verbs, rights=[Right.MANAGE_USERS], modules=modules).api
        for name, verbs, modules in (
            ("May", [Verb.VIEW, Verb.IMPORT], ["leads"]),
            ("Sees", [Verb.VIEW], ["leads"]),
            ("Hidden", [Verb.VIEW, Verb.IMPORT], ["contacts"]),
        )
    )
    for path in (f"/imports/{begun}/rejects", f"/imports/{begun}/stays"):
        assert file(may, path)
        assert (sees.get(path).status, hidden.get(path).status) == (403, 404)
    for one in (may, sees, hidden):
        assert one.get(f"/imports/{begun}").status == 200


def test_a_trial_tells_what_would_be_done(api: Caller, leads: Module) -> None:
    wanted = {"upload": uploaded(api, PEOPLE), "module": "leads"}
    begun = api.post("/import-trials", wanted).body
    assert begun["found"] is None
    work()
    found = api.get(f"/import-trials/{begun['id']}").body["found"]
    assert (found["would_create"], found["rejected"]) == (1, 1)
    assert [problem["column"] for problem in found["problems"]] == ["Employees", "Email"]
    assert "bob@" in file(api, f"/import-trials/{begun['id']}/rejects")
    assert not Record.objects.exists()


def test_a_file_that_cannot_be_used_fails_its_job_with_every_problem(api: Caller, leads: Module) -> None:
    upload = uploaded(api, b"Email,Born on\na@example.com,01/02/2020\n")
    id = api.post("/imports/records", {"upload": upload, "module": "leads"}).body["id"]
    work()
    failed = api.get(f"/imports/{id}").body
    assert failed["status"] == "failed"
    assert failed["message"].startswith("columns['Born on']: its dates could have the day or the month first")
    assert api.get(f"/jobs/{failed['job']}").body["status"] == "failed"


def test_touchpoints_are_imported(api: Caller, leads: Module) -> None:
    create_records(leads, [{"email": "ann@example.com"}], at=AT)
    upload = uploaded(
        api, b"Email,Event,Timestamp,x\nann@example.com,opened,2026-01-02 10:00,7\n", "mail.csv"
    )
    wanted = {
        "upload": upload,
        "source": "mail",
        "prefix": "email.",
        "reading": {"time_zone": "Europe/Berlin"},
    }
    id = api.post("/imports/touchpoints", wanted).body["id"]
    work()
    assert api.get(f"/imports/{id}").body["created"] == 1
    touchpoint = Touchpoint.objects.get()
    assert (touchpoint.type, touchpoint.occurred_at.hour, touchpoint.properties) == (
        "email.opened",
        9,
        {"x": "7"},
    )
    api.delete(f"/imports/{id}")
    work()
    assert Touchpoint.objects.get().revoked_at is not None


def test_an_upload_goes_on_where_it_broke_off(
    api: Caller, leads: Module, caller: Callable[..., Caller], bob: User
) -> None:
    id = api.post("/uploads?name=..%2F..%2Fetc%2Fpeople.csv").body["id"]
    assert api.put(f"/uploads/{id}?offset=0", PEOPLE[:10]).body == {
        "id": id,
        "name": "people.csv",
        "size": 10,
    }
    refused = api.put(f"/uploads/{id}?offset=3", PEOPLE[3:])
    assert (refused.status, refused.body["detail"]) == (
        409,
        "10 bytes have come so far; the next piece begins there.",
    )
    assert api.get(f"/uploads/{id}").body["size"] == 10
    assert api.put(f"/uploads/{id}?offset=10", PEOPLE[10:]).body["size"] == len(PEOPLE)
    his = caller("records:write", user=bob)
    assert his.get(f"/uploads/{id}").status == 404
    stolen = his.post("/imports/records", {"upload": id, "module": "leads"})
    assert (stolen.status, stolen.faults) == (422, {"upload": "is no upload of yours."})


def test_what_is_asked_wrongly_is_told_at_once(
    api: Caller, leads: Module, caller: Callable[..., Caller]
) -> None:
    upload = uploaded(api, PEOPLE)
    refused = api.post(
        "/imports/records",
        {"upload": upload, "module": "leads", "by": "name?", "reading": {"time_zone": "Mars"}},
    )
    assert refused.status == 422
    assert set(refused.faults) == {"by", "reading.time_zone"}
    assert api.post("/imports/records", {"upload": upload, "module": "none"}).faults == {
        "module": "There is no module none."
    }
    narrow = caller("records:write")
    mine = uploaded(narrow, PEOPLE)
    making = narrow.post("/imports/records", {"upload": mine, "module": "leads", "create_fields": True})
    assert (making.status, making.body["detail"]) == (
        403, "This needs modules:write, which this caller may not do.",
    )  # fmt: skip
    assert api.get("/imports/999999").status == 404


def test_an_export_is_made_by_a_job(
    api: Caller, leads: Module, caller: Callable[..., Caller], bob: User
) -> None:
    create_records(leads, [{"email": f"p{n}@example.com", "employees": str(n)} for n in range(5)], at=AT)
    wanted = {
        "module": "leads",
        "filter": [{"field": "employees", "gte": 3}],
        "columns": ["email"],
        "scores": "none",
    }
    begun = api.post("/exports", wanted)
    assert (begun.status, begun.body["rows"]) == (201, None)
    assert api.get(f"/exports/{begun.body['id']}/file").status == 404
    work()
    assert api.get(f"/exports/{begun.body['id']}").body["rows"] == 2
    rows = list(csv.DictReader(io.StringIO(file(api, f"/exports/{begun.body['id']}/file"))))
    assert [row["email"] for row in rows] == ["p3@example.com", "p4@example.com"]
    assert caller("records:read", user=bob).get(f"/exports/{begun.body['id']}").status == 404
    faults = api.post("/exports", {"module": "leads", "columns": ["e_mail"]}).faults
    assert faults == {"columns": "leads has no field e_mail. Did you mean email?"}
    assert api.post("/exports", {"module": "leads", "filter": {"field": "nothing", "is": 1}}).status == 422
    assert caller("records:read").post("/exports", {"module": "leads"}).status == 403


def test_many_records_are_changed_and_changed_back(api: Caller, leads: Module) -> None:
    create_records(leads, [{"employees": str(n)} for n in range(5)], at=AT)
    wanted = {
        "module": "leads",
        "filter": {"field": "employees", "gte": 2},
        "set": {"lead_source": "Web"},
        "add_tags": ["x"],
    }
    begun = api.post("/bulk-updates", wanted)
    assert (begun.status, begun.body["total"]) == (201, 3)
    work()
    id = begun.body["id"]
    done = api.get(f"/bulk-updates/{id}").body
    assert (done["status"], done["changed"]) == ("done", 3)
    assert Record.objects.filter(tags=["x"], values__lead_source="Web").count() == 3
    assert api.get("/imports").body["items"] == []
    assert api.get(f"/imports/{id}").status == 404
    assert [row["id"] for row in api.get("/bulk-updates").body["items"]] == [id]
    assert api.get(f"/bulk-updates/{id}/refused").status == 404
    assert api.delete(f"/bulk-updates/{id}").status == 202
    work()
    assert not Record.objects.exclude(tags=[]).exists()
    assert api.post("/bulk-updates", {"module": "leads", "set": {"employees": "many"}}).faults.keys() == {
        "employees"
    }
    assert api.post("/bulk-updates", {"module": "leads"}).faults == {"set": "nothing is to be changed."}


def test_files_are_forgotten(api: Caller, leads: Module) -> None:
    id = uploaded(api, PEOPLE)
    assert forget_files(now() - FILES_ARE_KEPT) == 0
    [folder] = (Path(settings.CONFIGURATION.data_folder) / "uploads").glob("*/*")
    old = (now() - timedelta(days=8)).timestamp()
    os.utime(folder, (old, old))
    assert forget_files(now() - FILES_ARE_KEPT) == 1
    assert api.get(f"/uploads/{id}").status == 404
