"""Past exports in the API: told to who began them, ended, their files deleted."""

from __future__ import annotations

import pytest

from tests.api.conftest import Caller
from tests.api.people import make_people
from tests.api.world import made, work
from tests.records.importing.conftest import data_folder
from tests.records.modules import make_leads

__all__ = ["data_folder"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]


def size_of(api: Caller, id: int) -> int:
    answer = api.client.get(f"/api/v1/exports/{id}/file", headers={"Authorization": f"Bearer {api.secret}"})
    return len(answer.getvalue())


def ids(api: Caller) -> list[int]:
    return [one["id"] for one in api.get("/exports").body["items"]]


def test_past_ones_are_told_and_go_before_their_time() -> None:
    make_leads()
    people = make_people()
    bob, alice, eve = people.bob.api, people.alice.api, people.eve.api
    made(bob, "/modules/leads/records", {"values": {"last_name": "Ann"}})
    done = made(bob, "/exports", {"module": "leads", "format": "parquet"})["id"]
    work()
    waiting = made(bob, "/exports", {"module": "leads"})["id"]
    later, first = bob.get("/exports").body["items"]
    assert (later["id"], later["status"], later["bytes"], later["ended_at"]) == (
        waiting,
        "waiting",
        None,
        None,
    )
    assert (first["module"], first["format"], first["rows"]) == ("leads", "parquet", 1)
    assert first["bytes"] == size_of(bob, done)
    assert (ids(eve), ids(alice)) == ([], [waiting, done])
    for api in (eve, alice):  # who knows of it still does not have it
        for method in ("GET", "DELETE"):
            assert api(method, f"/exports/{done}").status == 404
    assert bob.delete(f"/exports/{waiting}").status == 204
    work()
    assert bob.get(f"/exports/{waiting}").body["status"] == "cancelled"
    for _ in range(2):
        assert bob.delete(f"/exports/{done}").status == 204
    assert bob.get(f"/exports/{done}").body["bytes"] is None
    assert bob.get(f"/exports/{done}/file").status == 404
