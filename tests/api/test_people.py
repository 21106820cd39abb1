"""Users, teams and profiles: who manages them, and what nobody may do for themselves."""

from __future__ import annotations

import pytest

from firstcall.access.models import Profile, Team, User
from firstcall.access.profiles import Standard
from firstcall.access.rights import Right, Verb, Visibility
from firstcall.jobs.actions import start
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from tests.api.conftest import Caller
from tests.api.people import People, calls, make_people, person
from tests.api.world import made

pytestmark = pytest.mark.django_db
PASSWORD = "a fairly long secret"


@pytest.fixture
def people() -> People:
    return make_people()


def standard(which: Standard) -> int:
    return Profile.objects.standard(which).pk


def signed_in(email: str, password: str) -> Caller:
    caller = Caller()
    caller.post("/session", {"email": email, "password": password})
    return caller


def test_a_new_user_signs_in_with_the_password_that_was_made_up(people: People) -> None:
    api = people.alice.api
    given = {"email": "New@Example.com", "name": "New", "profile": standard(Standard.READ_ONLY)}
    answer = api.post("/users", given)
    assert (answer.status, answer.body["email"], answer.headers["Cache-Control"]) == (
        201,
        "new@example.com",
        "no-store",
    )
    who = signed_in("new@example.com", answer.body["password"]).get("/session").body
    assert (who["profile"], who["rights"]) == ("Read only", [])
    assert api.post("/users", given).body["detail"] == "There is a user new@example.com already."
    answer = api.post("/users", {**given, "email": "x@example.com", "password": "short"})
    assert (answer.status, "too short" in answer.faults["password"]) == (422, True)
    answer = api.post("/users", {**given, "email": "no address", "profile": 10**9, "team": 10**9})
    assert "email" in answer.faults
    answer = api.post("/users", {**given, "email": "y@example.com", "profile": 10**9, "team": 10**9})
    assert set(answer.faults) == {"profile", "team"}


def test_who_is_made_inactive_is_out_at_once_and_stays_out(people: People) -> None:
    api, bob = people.alice.api, people.bob
    pages = signed_in(bob.user.email, "a long enough password")
    assert pages.get("/session").status == bob.api.get("/session").status == 200
    path = f"/users/{bob.user.pk}"
    assert api.patch(path, {"is_active": False}).body["is_active"] is False
    assert pages.get("/session").status == bob.api.get("/session").status == 401
    assert api.patch(path, {"is_active": True}).body["is_active"] is True
    assert pages.get("/session").status == bob.api.get("/session").status == 401
    assert signed_in(bob.user.email, "a long enough password").get("/session").status == 200


def test_what_is_done_in_the_name_of_one_who_is_made_inactive_ends(people: People) -> None:
    bob = people.bob.user
    kinds = ("records.import", "records.bulk", "records.export", "scores.sweep")
    waiting = [start(kind, {}, at=now(), by=bob) for kind in kinds]
    running = start("records.import", {}, at=now(), by=bob)
    Job.objects.filter(pk=running.pk).update(status=JobStatus.RUNNING)
    assert people.alice.api.patch(f"/users/{bob.pk}", {"is_active": False}).status == 200
    after = [Job.objects.get(pk=job.pk) for job in waiting]
    assert [job.status for job in after] == ["cancelled", "cancelled", "cancelled", "waiting"]
    running.refresh_from_db()
    assert (running.status, running.cancel_asked) == ("running", True)


def test_a_new_password_or_a_word_ends_the_sessions(people: People) -> None:
    email, path = people.bob.user.email, f"/users/{people.bob.user.pk}"
    pages = signed_in(email, "a long enough password")
    new = people.alice.api.post(f"{path}/password", {}).body["password"]
    assert pages.get("/session").status == 401
    pages = signed_in(email, new)
    assert pages.get("/session").status == 200
    assert people.alice.api.delete(f"{path}/sessions").status == 204
    assert pages.get("/session").status == 401


def test_there_is_always_an_administrator_left(people: People) -> None:
    other = User.objects.create_administrator("zoe@example.com", PASSWORD)
    zoe, alice = calls(other), people.alice
    assert zoe.patch(f"/users/{alice.user.pk}", {"is_active": False}).status == 200
    User.objects.filter(pk=alice.user.pk).update(is_active=True)
    boss = {"profile": standard(Standard.MANAGER)}
    assert alice.api.patch(f"/users/{other.pk}", boss).status == 401  # her token has been taken back
    again = calls(User.objects.get(pk=alice.user.pk))
    assert again.patch(f"/users/{other.pk}", boss).status == 200
    for changes in (boss, {"is_active": False}):
        answer = again.patch(f"/users/{alice.user.pk}", changes)
        assert (answer.status, answer.body["detail"].startswith("Nobody changes their own")) == (403, True)
    helper = person("Helper", rights=Right, sees=Visibility.ALL)
    answer = helper.api.patch(f"/users/{alice.user.pk}", {"is_active": False})
    assert (answer.status, answer.body["detail"]) == (
        409,
        "There must be an administrator left: make somebody else one first.",
    )


def test_nobody_raises_rights_their_own_or_others_beyond_them(people: People) -> None:
    hr = person(
        "Hera",
        rights=[Right.MANAGE_USERS],
        verbs=[Verb.VIEW],
        sees=Visibility.TEAM,
        team=people.bob.user.team,
    )
    mine, bobs = f"/users/{hr.user.pk}", f"/users/{people.bob.user.pk}"
    administrator = standard(Standard.ADMINISTRATOR)
    for method, path, body, words in (
        ("PATCH", mine, {"profile": administrator}, "Nobody changes their own profile."),
        ("PATCH", mine, {"team": None}, "Nobody changes their own team."),
        ("PUT", f"/profiles/{hr.user.profile_id}", {"name": "x"}, "Nobody changes their own profile."),
        (
            "POST",
            "/users",
            {"email": "x@example.com", "profile": administrator},
            "allows more than your own.",
        ),
        ("POST", f"/users/{people.alice.user.pk}/password", {}, "allows more than your own."),
        ("PATCH", bobs, {"email": "hers@example.com"}, "allows more than your own."),
        (
            "POST",
            "/profiles",
            {"name": "x", "rights": ["manage_scoring"]},
            "Nobody hands on more than they have",
        ),
        (
            "POST",
            "/profiles",
            {"name": "x", "modules": {"*": {"may": ["edit"], "sees": "own"}}},
            "Nobody hands on",
        ),
        (
            "POST",
            "/profiles",
            {"name": "x", "modules": {"a": {"may": ["view"], "sees": "all"}}},
            "Nobody hands on",
        ),
    ):
        answer = hr.api(method, path, body)
        assert (answer.status, words in answer.body["detail"]) == (403, True), (path, answer.body)
    small = made(hr.api, "/profiles", {"name": "Small", "modules": {"*": {"may": ["view"], "sees": "own"}}})
    new = made(
        hr.api, "/users", {"email": "x@example.com", "profile": small["id"], "team": people.bob.user.team_id}
    )
    assert new["team"] == people.bob.user.team_id


def test_nobody_gathers_records_by_moving_people_or_teams(people: People) -> None:
    hr = person("Hera", rights=Right, sees=Visibility.TEAM, team=people.bob.user.team)
    south = Team.objects.get(name="South")
    words = "You would see more records than before: let somebody else do this."
    answer = hr.api.patch(f"/users/{people.eve.user.pk}", {"team": hr.user.team_id})
    assert (answer.status, answer.body["detail"]) == (403, words)
    answer = hr.api.put(f"/teams/{south.pk}", {"name": "South", "parent": hr.user.team_id})
    assert (answer.status, answer.body["detail"]) == (403, words)
    assert Team.objects.get(name="South").parent is None
    assert hr.api.put(f"/teams/{south.pk}", {"name": "Far south"}).body["version"] == 2


def test_teams_lie_below_each_other_and_never_in_a_ring(people: People) -> None:
    api = people.alice.api
    world = made(api, "/teams", {"name": "World"})["id"]
    europe = made(api, "/teams", {"name": "Europe", "parent": world})["id"]
    answer = api.put(f"/teams/{world}", {"name": "World", "parent": europe})
    assert (answer.status, answer.body["detail"]) == (409, "A team cannot lie below itself.")
    assert api.post("/teams", {"name": "Europe"}).body["detail"] == "There is a team Europe already."
    assert api.delete(f"/teams/{world}").body["detail"] == "There are teams below World. Move them first."
    assert api.delete(f"/teams/{people.bob.user.team_id}").body["detail"].startswith("North has members.")
    assert [api.delete(f"/teams/{id}").status for id in (europe, world, world)] == [204, 204, 404]


def test_what_somebody_changed_meanwhile_is_not_deleted_unread(people: People) -> None:
    api = people.alice.api
    for path, before, after in (
        ("/teams", {"name": "World"}, {"name": "Sales"}),
        ("/profiles", {"name": "P"}, {"name": "P", "rights": ["manage_scoring"]}),
    ):
        one = f"{path}/{made(api, path, before)['id']}"
        read = api.get(one).headers["ETag"]
        now_is = api.put(one, after).headers["ETag"]
        late = api.delete(one, If_Match=read)
        assert (late.status, "has changed the" in late.body["detail"]) == (412, True)
        assert api.delete(one, If_Match="none").status == 422
        assert api.delete(one, If_Match=now_is).status == 204
        assert api.delete(one, If_Match=now_is).status == 404


def test_a_profile_holds_for_all_who_have_it_at_once(people: People) -> None:
    api = people.alice.api
    profile = made(api, "/profiles", {"name": "P", "modules": {"*": {"may": ["view"], "sees": "all"}}})["id"]
    assert api.patch(f"/users/{people.bob.user.pk}", {"profile": profile}).status == 200
    assert people.bob.api.get("/session").body["rights"] == []
    changed = {"name": "P", "rights": ["manage_scoring", "manage_scoring"]}
    assert api.put(f"/profiles/{profile}", changed).body["rights"] == ["manage_scoring"]
    assert people.bob.api.get("/session").body["rights"] == ["manage_scoring"]
    assert api.delete(f"/profiles/{profile}").body["detail"].startswith("Somebody has the profile P.")
    fixed = standard(Standard.ADMINISTRATOR)
    assert api.put(f"/profiles/{fixed}", {"name": "x"}).status == 409
    assert api.delete(f"/profiles/{standard(Standard.MANAGER)}").status == 409
    answer = api.post(
        "/profiles", {"name": "x", "rights": ["everything"], "modules": {"A": {"may": [], "sees": "own"}}}
    )
    assert answer.status == 422


def test_who_owns_records_is_told_to_those_who_see_some(people: People) -> None:
    told = people.bob.api.get("/colleagues").body["items"]
    assert [one["email"] for one in told] == [
        f"{name}@example.com" for name in ("alice", "bob", "charlie", "dora", "eve")
    ]


def test_who_writes_what_somebody_has_changed_is_told_who_did(people: People) -> None:
    """Users, teams and profiles by their versions."""
    api = people.alice.api
    profile = made(api, "/profiles", {"name": "Seller"})["id"]
    team = made(api, "/teams", {"name": "Far north"})["id"]
    user = made(api, "/users", {"email": "x@example.com", "profile": profile})["id"]
    for what, method, path, first, second in (
        ("user", "PATCH", f"/users/{user}", {"name": "X"}, {"name": "Y"}),
        ("team", "PUT", f"/teams/{team}", {"name": "Far south"}, {"name": "Far east"}),
        ("profile", "PUT", f"/profiles/{profile}", {"name": "Buyer"}, {"name": "Lender"}),
    ):
        tag = api.get(path).headers["ETag"]
        changed = api(method, path, first, If_Match=tag)
        assert (changed.status, changed.headers["ETag"]) == (200, '"2"'), what
        late = api(method, path, second, If_Match=tag)
        assert late.status == 412
        assert late.body["type"] == "urn:firstcall:changed-meanwhile"
        assert late.body["detail"].startswith(f"{people.alice.user} has changed the {what} at 20")
        assert api.get(path).body["name"] == first["name"]
        assert api(method, path, second, If_Match="nonsense").status == 422
        assert api(method, path, second, If_Match=changed.headers["ETag"]).status == 200
        assert api(method, path, first).status == 200  # whatever version it has
