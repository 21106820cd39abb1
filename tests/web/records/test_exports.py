"""Exports from lists, and the page of those of before: whose they are, what is kept, what is deleted."""

from __future__ import annotations

import io
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.importing.starting import forget_files
from tests.records.importing.conftest import data_folder
from tests.web.all_pages import work
from tests.web.conftest import Company

__all__ = ["data_folder"]

pytestmark = pytest.mark.usefixtures("data_folder")


def export(client: Client, *, wait: bool = False, **given: object) -> int:
    """Its id, once it is done; with `wait` before anything was done."""
    answer = client.post("/records/leads/bulk", {"do": "export", "everything": "yes", **given})
    assert answer.status_code == 302, answer
    if not wait:
        work()
    return int(answer["Location"].rpartition("/")[2])


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def content(client: Client, id: int) -> bytes:
    answer = client.get(f"/exports/{id}/file")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_a_list_becomes_a_parquet_file_with_what_was_asked(company: Company, bob: Client) -> None:
    id = export(bob, format="parquet", scores="all", asked="?col=email")
    table = pq.read_table(io.BytesIO(content(bob, id)))
    assert {"last_name", "email"} < set(table.column_names)
    assert "employees" not in table.column_names
    assert any(name.endswith("touchpoint total") for name in table.column_names)
    plain = export(bob, format="csv", scores="none", all_columns="yes")
    [head, *_] = content(bob, plain).decode().splitlines()
    assert "employees" in head
    assert "Score" not in head
    odd = export(bob, format="exe", scores="most")
    assert content(bob, odd).startswith(b"first_name,last_name")


def test_past_ones_are_told_with_what_became_of_them(company: Company, bob: Client) -> None:
    assert "Nothing has been exported yet" in bob.get("/exports").text
    export(bob, asked="?f=employees&t=gte&v=100", format="xlsx")
    waiting = export(bob, wait=True, everything="", id=[company.ann.pk, company.eve.pk])
    page = bob.get("/exports").text
    for says in ("Excel", "all that matched", "Kept", "Download", "2 chosen", "Waiting", "End it"):
        assert says in page, says
    assert 'data-live="2000"' in page
    work()
    part = bob.get("/exports?part").text
    assert "data-live" not in part
    assert "<html" not in part
    assert "The file is ready: 2 records" in bob.get(f"/exports/{waiting}").text


def test_what_is_under_way_ends_and_what_is_kept_is_deleted(company: Company, bob: Client) -> None:
    waiting = export(bob, wait=True)
    assert bob.post(f"/exports/{waiting}/end").status_code == 302
    work()
    assert "Ended early" in bob.get("/exports").text
    done = export(bob)
    assert content(bob, done)
    for _ in range(2):  # a second time does nothing
        assert bob.post(f"/exports/{done}/end").status_code == 302
        assert bob.get(f"/exports/{done}/file").status_code == 404
    assert "Kept no longer" in bob.get("/exports").text
    assert "the file is kept no longer" in bob.get(f"/exports/{done}").text
    assert bob.get(f"/exports/{done}/end").status_code == 405


def test_a_file_that_has_been_forgotten_is_offered_no_more(company: Company, bob: Client) -> None:
    id = export(bob)
    assert forget_files(now() + timedelta(seconds=5)) >= 1
    assert "Download" not in bob.get("/exports").text
    assert bob.get(f"/exports/{id}/file").status_code == 404


def test_who_manages_users_knows_of_all_and_has_no_file_but_their_own(company: Company, bob: Client) -> None:
    id = export(bob)
    alice = client_of(company.alice)
    page = alice.get("/exports").text
    assert str(company.bob) in page
    assert f"/exports/{id}" not in page
    assert "Nothing has been exported yet" in alice.get("/exports?whose=mine").text
    for path in (f"/exports/{id}", f"/exports/{id}/file"):
        assert alice.get(path).status_code == 404
    assert alice.post(f"/exports/{id}/end").status_code == 404
    assert content(bob, id)


def test_others_see_only_their_own_and_who_may_not_export_nothing(company: Company, bob: Client) -> None:
    id = export(bob)
    seller = User.objects.create_user(
        "seller@example.com", "a long password", profile=Profile.objects.get(pk=company.bob.profile_id)
    )
    page = client_of(seller).get("/exports?whose=all").text
    assert "Nothing has been exported yet" in page
    assert client_of(seller).get(f"/exports/{id}").status_code == 404
    reader = User.objects.create_user(
        "reader@example.com", "a long password", profile=Profile.objects.standard(Standard.READ_ONLY)
    )
    assert client_of(reader).get("/exports").status_code == 403
    assert Client().get("/exports").status_code == 302
    User.objects.filter(pk=company.bob.pk).update(profile=reader.profile)
    assert bob.get("/exports").status_code == 200  # their own stay in sight
    assert bob.get(f"/exports/{id}/file").status_code == 403
    assert bob.post(f"/exports/{id}/end").status_code == 302
    assert not Job.objects.filter(pk=id, cancel_asked=True).exists()
