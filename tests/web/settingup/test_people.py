"""Users, teams and profiles on pages: what the API lets one do, and no more."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from firstcall.access.models import Profile, Team, User
from firstcall.access.profiles import Standard
from firstcall.access.rights import EVERY_OTHER, Grant, Right, Verb, Visibility
from firstcall.access.scopes import Scope
from firstcall.access.tokens import issue_token
from firstcall.moments import now
from tests.web.conftest import PASSWORD, Company
from tests.web.settingup.conftest import Enter, version_of


def standard(which: Standard) -> int:
    return Profile.objects.standard(which).pk


def form_of(user: User, **changed: object) -> dict[str, object]:
    team = user.team_id or ""
    given = {"email": user.email, "name": user.name, "profile": user.profile_id, "team": team}
    given |= {"version": user.version, **({"is_active": "on"} if user.is_active else {})}
    return {name: value for name, value in {**given, **changed}.items() if value is not None}


def test_who_is_invited_signs_in_with_the_password_that_is_shown_once(alice: Client) -> None:
    given = {"email": "New@Example.com", "name": "New", "profile": standard(Standard.READ_ONLY), "team": ""}
    page = alice.post("/set-up/users/new", given)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    shown = re.search(r'<pre id="password"[^>]*><code>(\S+)</code>', page.text)
    assert shown
    entering = Client().post("/sign-in", {"username": "new@example.com", "password": shown[1]})
    assert entering.status_code == 302
    again = alice.post("/set-up/users/new", given)
    assert (again.status_code, "There is a user new@example.com already." in again.text) == (422, True)
    weak = alice.post("/set-up/users/new", {**given, "email": "x@example.com", "password": "short"})
    assert (weak.status_code, "too short" in weak.text) == (422, True)
    chosen = alice.post("/set-up/users/new", {**given, "email": "x@example.com", "password": PASSWORD})
    assert (chosen.status_code, PASSWORD in chosen.text) == (200, False)


def test_who_is_kept_out_is_out_at_once(company: Company, alice: Client, bob: Client) -> None:
    path = f"/set-up/users/{company.bob.pk}"
    issue_token(company.bob, "sync", [Scope.RECORDS_READ], at=now())
    assert bob.get("/").status_code == 200
    assert alice.post(path, form_of(company.bob, is_active=None)).status_code == 302
    assert bob.get("/").status_code == 302
    assert company.bob.tokens.get().revoked_at is not None
    assert "Bob Brown" not in alice.get("/set-up/users").text
    assert "kept out" in alice.get("/set-up/users?state=all").text
    company.bob.refresh_from_db()
    assert alice.post(path, form_of(company.bob, is_active="on")).status_code == 302
    assert User.objects.get(pk=company.bob.pk).is_active


def test_who_is_slower_is_told_who_was_faster_and_keeps_what_was_typed(
    company: Company, alice: Client
) -> None:
    path, old = f"/set-up/users/{company.bob.pk}", form_of(company.bob, name="Robert")
    other = User.objects.create_administrator("zoe@example.com", PASSWORD, name="Zoe Zed")
    zoe = Client()
    zoe.force_login(other)
    assert zoe.post(path, form_of(company.bob, name="Bobby")).status_code == 302
    page = alice.post(path, old)
    assert page.status_code == 422
    assert "Zoe Zed changed this while you were writing." in page.text
    assert 'value="Robert"' in page.text
    assert User.objects.get(pk=company.bob.pk).name == "Bobby"
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version
    assert alice.post(path, {**old, "version": version[1]}).status_code == 302
    assert User.objects.get(pk=company.bob.pk).name == "Robert"


def test_a_new_password_ends_sessions_and_signing_out_too(
    company: Company, alice: Client, bob: Client
) -> None:
    page = alice.post(f"/set-up/users/{company.bob.pk}/password")
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert bob.get("/").status_code == 302
    shown = re.search(r'<pre id="password"[^>]*><code>(\S+)</code>', page.text)
    assert shown
    assert bob.post("/sign-in", {"username": "bob@example.com", "password": shown[1]}).status_code == 302
    assert bob.get("/").status_code == 200
    assert alice.post(f"/set-up/users/{company.bob.pk}/sessions").status_code == 302
    assert bob.get("/").status_code == 302


def test_a_token_of_somebody_is_revoked(company: Company, alice: Client) -> None:
    token, secret = issue_token(company.bob, "sync", [Scope.RECORDS_READ], at=now())
    page = alice.get(f"/set-up/users/{company.bob.pk}").text
    assert "sync" in page
    assert secret not in page
    assert alice.post(f"/set-up/users/{company.alice.pk}/tokens/{token.pk}").status_code == 404
    assert alice.post(f"/set-up/users/{company.bob.pk}/tokens/{token.pk}").status_code == 302
    headers = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/session", headers=headers).status_code == 401


def test_nobody_raises_anybody_beyond_themselves(company: Company, enter: Enter) -> None:
    hera = enter(Right.MANAGE_USERS)
    me = User.objects.get(pk=int(hera.session["_auth_user_id"]))
    boss = standard(Standard.ADMINISTRATOR)
    for path, given, says in (
        (f"/set-up/users/{me.pk}", form_of(me, profile=boss), "Nobody changes their own profile."),
        (f"/set-up/users/{company.alice.pk}", form_of(company.alice, name="X"), "allows more than your own."),
        (
            "/set-up/users/new",
            {"email": "x@example.com", "profile": boss},
            "allows more than your own.",
        ),
        (
            "/set-up/profiles/new",
            {"name": "All", "may *": ["view"], "sees *": "all"},
            "Nobody hands on more than they have",
        ),
        (f"/set-up/profiles/{me.profile_id}", {"name": "Mine"}, "Nobody changes their own profile."),
    ):
        page = hera.post(path, given)
        assert (page.status_code, says in page.text) == (422, True), path
    page = hera.post(f"/set-up/users/{company.alice.pk}/password", follow=True)
    assert "allows more than your own." in page.text
    assert company.alice.check_password(PASSWORD)


def test_teams_are_a_tree(company: Company, alice: Client) -> None:
    assert "No team yet" in alice.get("/set-up/teams").text
    assert alice.post("/set-up/teams", {"name": "Sales", "parent": ""}).status_code == 302
    sales = Team.objects.get()
    assert alice.post("/set-up/teams", {"name": "North", "parent": sales.pk}).status_code == 302
    north = Team.objects.get(name="North")
    page = alice.get("/set-up/teams").text
    assert page.index("Sales") < page.index("is-deep-1") < page.index("North")
    taken = alice.post("/set-up/teams", {"name": "North", "parent": ""})
    assert (taken.status_code, "There is a team North already." in taken.text) == (422, True)
    circle = alice.post(f"/set-up/teams/{sales.pk}", {"name": "Sales", "parent": north.pk, "version": 1})
    assert (circle.status_code, "A team cannot lie below itself." in circle.text) == (422, True)
    late = alice.post(f"/set-up/teams/{north.pk}", {"name": "N", "parent": sales.pk, "version": 7})
    assert (late.status_code, "Alice Ames changed this" in late.text) == (422, True)
    assert "There are teams below Sales" in alice.post(f"/set-up/teams/{sales.pk}/delete", follow=True).text
    assert alice.post(f"/set-up/teams/{north.pk}/delete").status_code == 302
    assert list(Team.objects.all()) == [sales]


def test_a_profile_is_made_of_what_was_ticked(company: Company, alice: Client) -> None:
    given = {
        "name": "Caller",
        "rights": ["manage_scoring", "nonsense"],
        "may *": ["view"],
        "sees *": "all",
        "own": ["leads", "no such module"],
        "may leads": ["view", "edit", "fly"],
        "sees leads": "team",
        "may accounts": ["delete"],
    }
    assert alice.post("/set-up/profiles/new", given).status_code == 302
    made = Profile.objects.get(name="Caller")
    assert made.all_rights() == {Right.MANAGE_SCORING}
    assert made.all_grants() == {
        EVERY_OTHER: Grant(frozenset({Verb.VIEW}), Visibility.ALL),
        "leads": Grant(frozenset({Verb.VIEW, Verb.EDIT}), Visibility.TEAM),
    }
    page = alice.get(f"/set-up/profiles/{made.pk}").text
    for box in (
        'name="own" value="leads" checked',
        'name="may leads" value="edit" checked',
        'value="manage_scoring" checked',
    ):
        assert box in page
    copy = alice.get(f"/set-up/profiles/new?like={made.pk}").text
    assert 'name="may leads" value="edit" checked' in copy
    late = alice.post(f"/set-up/profiles/{made.pk}", {**given, "name": "Late", "version": 9})
    assert (late.status_code, 'value="Late"' in late.text) == (422, True)
    assert (
        "comes with the product"
        in alice.post(f"/set-up/profiles/{standard(Standard.MANAGER)}/delete", follow=True).text
    )
    assert alice.post(f"/set-up/profiles/{made.pk}/delete").status_code == 302


def test_what_somebody_changed_meanwhile_is_not_deleted_unread(company: Company, alice: Client) -> None:
    team, profile = Team.objects.create(name="North"), Profile.objects.create(name="Caller")
    for path, thing in ((f"/set-up/teams/{team.pk}", team), (f"/set-up/profiles/{profile.pk}", profile)):
        form = re.search(r'<form[^>]*/delete".*?</form>', alice.get(path).text, re.DOTALL)
        assert form
        old = version_of(form[0])
        assert alice.post(path, {"name": "Other", "version": old}).status_code == 302
        late = alice.post(f"{path}/delete", {"version": old}, follow=True)
        assert "Alice Ames has changed the" in late.text
        assert type(thing).objects.filter(pk=thing.pk).exists()
        now_is = version_of(alice.get(path).text)
        assert alice.post(f"{path}/delete", {"version": now_is}).status_code == 302
        assert not type(thing).objects.filter(pk=thing.pk).exists()


def test_what_was_refused_for_another_reason_overwrites_nobody_the_second_time(
    company: Company, alice: Client
) -> None:
    """The form goes on from what its reader saw, until they are told of what is newer."""
    team, profile = Team.objects.create(name="North"), Profile.objects.create(name="Caller")
    bob = f"/set-up/users/{company.bob.pk}"
    cases = [
        (f"/set-up/teams/{team.pk}", {}, {"name": ""}),
        (f"/set-up/profiles/{profile.pk}", {}, {"name": ""}),
        (bob, form_of(company.bob, name=None), {"email": "none"}),
    ]
    for path, whole, wrong in cases:
        old = version_of(alice.get(path).text)
        theirs = alice.post(path, {"name": "Theirs", **whole, "version": old})
        refused = alice.post(path, {"name": "Mine", **whole, **wrong, "version": old})
        kept = version_of(refused.text)
        mine = alice.post(path, {"name": "Mine", **whole, "version": kept})
        assert (theirs.status_code, refused.status_code, kept) == (302, 422, old), path
        assert (mine.status_code, "changed this while you were writing" in mine.text) == (422, True), path
        assert (
            alice.post(path, {"name": "Mine", **whole, "version": version_of(mine.text)}).status_code == 302
        )


def test_what_administrators_may_is_shown_and_not_changed(alice: Client) -> None:
    path = f"/set-up/profiles/{standard(Standard.ADMINISTRATOR)}"
    assert "<fieldset disabled" in alice.get(path).text
    assert "stays as it is" in alice.post(path, {"name": "X"}).text


@pytest.mark.parametrize("path", ["users/999999", "teams/999999", "profiles/999999", f"users/{10**30}"])
def test_what_is_not_there(alice: Client, path: str) -> None:
    assert alice.get(f"/set-up/{path}").status_code == 404
