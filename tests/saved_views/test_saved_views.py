"""Views that people keep: whose they are, who sees and changes them, and what a list begins with."""

from __future__ import annotations

import pytest
from django.test import Client

from firstcall.access.models import Profile, Team, User
from firstcall.access.profiles import Standard
from firstcall.saved_views.models import DefaultView, SavedView
from tests.web.conftest import Company, bob, company

__all__ = ["bob", "company"]

HOT = "?col=email&f=employees&t=gte&v=100&sort=-employees"


def person(name: str, *, team: Team | None = None, which: Standard = Standard.REPRESENTATIVE) -> Client:
    profile = Profile.objects.standard(which)
    client = Client()
    client.force_login(
        User.objects.create_user(f"{name}@example.com", "a long password", profile=profile, team=team)
    )
    return client


def keep(client: Client, name: str = "Large", shared: str = "private", **more: str) -> SavedView:
    answer = client.post("/records/leads/views", {"name": name, "shared": shared, "asked": HOT, **more})
    assert answer.status_code == 303
    return SavedView.objects.get(name=name)


def test_a_view_is_kept_shown_changed_and_deleted(company: Company, bob: Client) -> None:
    view = keep(bob)
    assert view.query == {
        "col": ["email"],
        "f": ["employees"],
        "t": ["gte"],
        "v": ["100"],
        "sort": ["-employees"],
    }
    page = bob.get("/records/leads?view=0").text
    assert "Large</a>" in page
    address = f"/records/leads{HOT}&view={view.pk}"
    page = bob.get(address).text
    assert ("Ann Miller" in page, ">Cora</a>" in page, "Save the changes" in page) == (True, False, False)
    changed = HOT.replace("v=100", "v=5")
    assert "Save the changes" in bob.get(f"/records/leads{changed}&view={view.pk}").text
    bob.post(f"/views/{view.pk}", {"do": "save", "asked": changed, "version": "1"})
    bob.post(
        f"/views/{view.pk}", {"do": "edit", "name": "  Larger  ones ", "shared": "everyone", "version": "2"}
    )
    view.refresh_from_db()
    assert (view.name, view.query["v"], view.shared, view.version) == ("Larger ones", ["5"], "everyone", 3)
    assert bob.post(f"/views/{view.pk}", {"do": "delete"})["Location"] == "/records/leads?view=0"
    assert not SavedView.objects.exists()


def test_who_was_slower_is_told_and_nothing_is_overwritten(company: Company, bob: Client) -> None:
    view = keep(bob)
    bob.post(f"/views/{view.pk}", {"do": "save", "asked": "?tag=first", "version": "1"})
    page = bob.post(f"/views/{view.pk}", {"do": "save", "asked": "?tag=second", "version": "1"}, follow=True)
    assert "Somebody has changed this view meanwhile" in page.text
    view.refresh_from_db()
    assert view.query == {"tag": ["first"]}


def test_a_list_begins_with_the_view_that_one_chose(company: Company, bob: Client) -> None:
    view = keep(bob, begins="yes")
    assert bob.get("/records/leads")["Location"] == f"/records/leads{HOT}&view={view.pk}"
    assert bob.get("/records/leads?view=0").status_code == 200
    bob.post(f"/views/{view.pk}", {"do": "end"})
    assert bob.get("/records/leads").status_code == 200
    bob.post(f"/views/{view.pk}", {"do": "begin"})
    assert person("other").get("/records/leads").status_code == 200
    bob.post(f"/views/{view.pk}", {"do": "delete"})
    assert not DefaultView.objects.exists()
    assert bob.get("/records/leads").status_code == 200


@pytest.mark.parametrize(
    ("shared", "mate", "stranger"), [("private", 0, 0), ("team", 1, 0), ("everyone", 1, 1)]
)
def test_others_see_what_is_shared_with_them_alone(
    company: Company, bob: Client, shared: str, mate: int, stranger: int
) -> None:
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    User.objects.filter(pk=company.bob.pk).update(team=north)
    bob.force_login(User.objects.get(pk=company.bob.pk))
    view = keep(bob, "Bob's own", shared)
    for client, sees in ((person("mate", team=north), mate), (person("stranger", team=south), stranger)):
        assert ("Bob&#x27;s own" in client.get("/records/leads?view=0").text) == bool(sees)
        for does in ("save", "edit", "delete"):
            answer = client.post(
                f"/views/{view.pk}", {"do": does, "asked": "", "name": "x", "shared": "private"}
            )
            assert answer.status_code == (403 if sees else 404)
        assert client.post(f"/views/{view.pk}", {"do": "begin"}).status_code == (303 if sees else 404)
    view.refresh_from_db()
    assert (view.name, view.version) == ("Bob's own", 1)


def test_a_view_shows_nobody_what_is_not_theirs(company: Company, bob: Client) -> None:
    view = keep(bob, shared="everyone")
    page = person("charlie").get(f"/records/leads{HOT}&view={view.pk}").text
    assert "Large" in page
    assert "Miller" not in page


def test_who_manages_settings_mends_shared_views_but_sees_no_private_ones(
    company: Company, bob: Client
) -> None:
    shared, private = keep(bob, "Shared", "everyone"), keep(bob, "Private")
    alice = Client()
    alice.force_login(company.alice)
    assert alice.post(f"/views/{private.pk}", {"do": "delete"}).status_code == 404
    assert alice.post(f"/views/{shared.pk}", {"do": "delete"}).status_code == 303
    assert list(SavedView.objects.all()) == [private]


def test_what_cannot_be_kept_is_said(company: Company, bob: Client) -> None:
    keep(bob)
    for given, says in [
        ({"name": "Large"}, "You have a view called Large already"),
        ({"name": " "}, "A view needs a name"),
        ({"name": "New", "shared": "world"}, "A view is shared with one of"),
        ({"name": "New", "asked": f"?tag={'x' * 30_000}"}, "asks for too much"),
    ]:
        page = bob.post("/records/leads/views", {"shared": "private", "asked": HOT, **given}, follow=True)
        assert says in page.text
    assert SavedView.objects.count() == 1
    assert bob.post("/records/nosuch/views", {"name": "x"}).status_code == 404
