"""A look at a file before it is imported, dry runs of touchpoints, and what only some may have made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firstcall.access.models import User
from firstcall.records.actions import create_records
from firstcall.records.models import KeptMapping, Module, Record
from firstcall.touchpoints.models import Touchpoint
from tests.api.conftest import AT, Caller
from tests.api.test_imports import file, leads, uploaded, work

__all__ = ["leads"]

pytestmark = pytest.mark.django_db(transaction=True)

MESSY = (
    "\n\nE-Mail;Nachname;Mitarbeiter;Geboren;Erster Kontakt;Quelle\n"
    "ann@example.com;Müller;1.234;31.12.1990;01/02/2024;Messe\n"
    "bob@example.com;Özil;2.500;01.02.1985;03/04/2024;\n"
).encode("cp1252")


def look(api: Caller, upload: str, **reading: object) -> dict[str, dict[str, object]]:
    begun = api.post("/import-looks", {"upload": upload, "module": "leads", "reading": reading})
    assert (begun.status, begun.body["seen"]) == (201, None)
    work()
    seen = api.get(f"/import-looks/{begun.body['id']}").body["seen"]
    return seen | {column["name"]: column for column in seen["columns"]}


def test_a_look_tells_how_a_messy_file_is_read(api: Caller, leads: Module) -> None:
    seen = look(api, uploaded(api, MESSY, "Kontakte.csv"))
    assert (seen["format"], seen["encoding"], seen["separator"], seen["rows"]) == ("CSV", "cp1252", ";", 2)
    assert seen["E-Mail"]["target"] == "email"
    assert seen["E-Mail"]["samples"] == ["ann@example.com", "bob@example.com"]
    assert (seen["Geboren"]["dates"], seen["Erster Kontakt"]["dates"]) == ("day-first", "?")
    assert (seen["Mitarbeiter"]["decimal"], seen["Quelle"]["filled"]) == ("?", 1)
    assert not Record.objects.exists()


def test_a_look_at_no_table_fails_and_says_why(api: Caller, leads: Module) -> None:
    upload = uploaded(api, b"PK\x03\x04 no workbook", "people.xlsx")
    begun = api.post("/import-looks", {"upload": upload, "module": "leads"}).body
    work()
    told = api.get(f"/import-looks/{begun['id']}").body
    assert (told["status"], told["seen"]) == ("failed", None)
    assert "the file cannot be opened as an Excel workbook" in told["message"]


def test_a_look_is_its_makers_alone(
    api: Caller, leads: Module, caller: Callable[..., Caller], bob: User
) -> None:
    begun = api.post("/import-looks", {"upload": uploaded(api, MESSY), "module": "leads"}).body
    assert caller("records:write", user=bob).get(f"/import-looks/{begun['id']}").status == 404


def test_columns_become_fields_one_by_one_and_are_those_the_next_time(api: Caller, leads: Module) -> None:
    content = b"Email,Budget,Shoe size,Mood\na@example.com,100,44,good\nb@example.com,200,39,bad\n"
    columns = {"Budget": "new_field", "Shoe size": "new_field", "Mood": "skip"}
    wanted = {"upload": uploaded(api, content), "module": "leads", "columns": columns}
    id = api.post("/imports/records", wanted).body["id"]
    work()
    assert api.get(f"/imports/{id}").body["created"] == 2
    kinds = dict(leads.fields.filter(name__in=["budget", "shoe_size", "mood"]).values_list("name", "kind"))
    assert kinds == {"budget": "number", "shoe_size": "number"}
    assert KeptMapping.objects.get().columns == {"Budget": "budget", "Shoe size": "shoe_size", "Mood": "skip"}
    again = look(api, uploaded(api, content))
    assert [again[name]["target"] for name in ("Email", "Budget", "Mood")] == ["email", "budget", "@skip"]
    assert again["kept_at"]


def test_who_may_not_change_modules_makes_no_field(
    api: Caller, leads: Module, caller: Callable[..., Caller]
) -> None:
    upload = uploaded(api, b"Email,Budget\na@example.com,100\n")
    wanted = {"upload": upload, "module": "leads", "columns": {"Budget": "new_field"}}
    for path in ("/imports/records", "/import-trials"):
        assert caller("records:write").post(path, wanted).status == 403


def test_only_new_leaves_what_is_there(api: Caller, leads: Module) -> None:
    create_records(leads, [{"email": "ann@example.com", "last_name": "Old"}], at=AT)
    content = b"Email,Last Name\nANN@example.com,New\nbob@example.com,Bob\nbob@example.com,Rob\n"
    wanted = {"upload": uploaded(api, content), "module": "leads", "only_new": True}
    trial = api.post("/import-trials", wanted).body["id"]
    id = api.post("/imports/records", wanted).body["id"]
    work()
    found = api.get(f"/import-trials/{trial}").body["found"]
    done = api.get(f"/imports/{id}").body
    assert (found["would_create"], found["would_change"], found["unchanged"]) == (1, 0, 2)
    assert (done["created"], done["changed"], done["unchanged"]) == (1, 0, 2)
    names = [record.values["last_name"] for record in Record.objects.order_by("pk")]
    assert names == ["Old", "Bob"]


def test_a_dry_run_tells_the_problems_that_keep_a_file_out_one_by_one(api: Caller, leads: Module) -> None:
    upload = uploaded(api, b"Email,Born on,Seen at\na@example.com,01/02/2020,03/04/2020\n")
    id = api.post("/import-trials", {"upload": upload, "module": "leads"}).body["id"]
    work()
    told = api.get(f"/import-trials/{id}").body
    assert (told["status"], told["found"]) == ("failed", None)
    assert [(p["column"], p["code"]) for p in told["problems"]] == [
        ("Born on", "uncertain-dates"),
        ("Seen at", "uncertain-dates"),
    ]


def test_a_dry_run_of_touchpoints_is_what_the_import_does(api: Caller, leads: Module) -> None:
    create_records(leads, [{"email": "ann@example.com"}, {"email": "bob@example.com"}], at=AT)
    rows = (
        "ann@example.com,Opened,2026-01-02 10:00\nbob@example.com,Opened,2026-01-03 10:00\n"
        "ann@example.com,Strange thing,2026-01-04\neve@example.com,Opened,2026-01-04\nbob@example.com,Opened,soon\n"
    )
    upload = uploaded(api, f"Email,Event,Timestamp\n{rows}".encode(), "mail.csv")
    wanted = {"upload": upload, "source": "mail", "prefix": "email."}
    trial = api.post("/import-trials/touchpoints", wanted).body["id"]
    work()
    assert not Touchpoint.objects.exists()
    found = api.get(f"/import-trials/{trial}").body["found"]
    assert (found["rows"], found["would_create"], found["unchanged"], found["rejected"]) == (5, 3, 0, 2)
    assert (found["records"], found["from"]) == (2, "2026-01-02T10:00:00Z")
    assert found["types"] == [
        {"type": "email.opened", "rows": 2, "is_defined": True},
        {"type": "email.strange_thing", "rows": 1, "is_defined": False},
    ]
    assert {p["first_rows"][0] for p in found["problems"]} == {5, 6}
    assert "eve@example.com" in file(api, f"/import-trials/{trial}/rejects")
    id = api.post("/imports/touchpoints", wanted).body["id"]
    work()
    done = api.get(f"/imports/{id}").body
    assert (done["created"], done["rejected"]) == (found["would_create"], found["rejected"])
    again = api.post("/import-trials/touchpoints", wanted).body["id"]
    work()
    found = api.get(f"/import-trials/{again}").body["found"]
    assert (found["would_create"], found["unchanged"]) == (0, 3)
