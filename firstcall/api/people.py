"""Users, teams and profiles."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, StrictBool, StringConstraints

from firstcall.access.models import Profile, Team, User
from firstcall.access.people import (
    add_user,
    change_user,
    delete_profile,
    delete_team,
    end_sessions,
    reset_password,
    save_profile,
    save_team,
)
from firstcall.access.rights import Grant, Right, Verb, Visibility
from firstcall.access.second_factor import remove_second_factor
from firstcall.api.authority import Request, needs
from firstcall.api.etags import IfMatch, asked_version, etag
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, invalid, missing
from firstcall.api.types import AskedId, Given, GivenId, Id, Moment, Name
from firstcall.moments import now

router = Router(tags=["People"])

Address = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^\s@\x00]+@[^\s@\x00]+\.[^\s@\x00]+$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
ModuleName = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,62}|\*)$")]


class UserGiven(Given):
    """Without a `password` one is made up, and told in the answer, this once."""

    email: Address
    name: str = Field("", max_length=200)
    profile: GivenId
    team: GivenId | None = None
    password: Password | None = None


class UserChanges(Given):
    """What is left out stays; a team that is null is none. Who is made inactive is signed out everywhere, and has no
    token any more."""

    email: Address | None = None
    name: str | None = Field(None, max_length=200)
    profile: GivenId | None = None
    team: GivenId | None = None
    is_active: StrictBool | None = None


class UserOut(Schema):
    id: int
    email: str
    name: str
    is_active: bool
    profile: int
    team: int | None
    last_login: Moment | None
    version: int


class NewUser(UserOut):
    """`password` is there where it was made up, and is shown this once."""

    password: str | None


class PasswordGiven(Given):
    """Without a `password` one is made up."""

    password: Password | None = None


class PasswordOut(Schema):
    """Shown this once."""

    password: str | None


class UserQuery(Schema):
    profile: AskedId | None = None
    team: AskedId | None = None
    is_active: bool | None = None


class TeamGiven(Given):
    """`parent` is the team that it lies below; null: none."""

    name: Name
    parent: GivenId | None = None


class TeamOut(Schema):
    id: int
    name: str
    parent: int | None
    version: int


class GrantForm(Given):
    """What may be done with the records of a module; without `view` there is none. `sees` whose."""

    may: list[Verb] = Field(max_length=len(Verb))
    sees: Visibility


class ProfileGiven(Given):
    """`modules` by name; `*` stands for every one that is not named."""

    name: Name
    rights: list[Right] = Field(default_factory=list, max_length=len(Right))
    modules: dict[ModuleName, GrantForm] = Field(default_factory=dict, max_length=300)

    def grants(self) -> dict[str, Grant]:
        return {name: Grant(frozenset(grant.may), grant.sees) for name, grant in self.modules.items()}


class ProfileOut(Schema):
    """`is_standard`: it comes with the product, and stays."""

    id: int
    name: str
    is_standard: bool
    is_administrator: bool
    rights: list[Right]
    modules: dict[str, dict[str, Any]]
    version: int


class Colleague(Schema):
    id: int
    email: str
    name: str


@router.get("/colleagues", auth=needs("records:read"), response=Page[Colleague])
def list_colleagues(request: Request, paging: Paging) -> Page[Colleague]:
    """Who may own records, for those who may look into some module."""
    every = User.objects.filter(is_active=True)
    if not request.auth.viewer.may_somewhere(Verb.VIEW):
        every = every.none()
    rows, following = page(every, paging, order=("email", "id"))
    return Page[Colleague](items=[Colleague.from_orm(row) for row in rows], next=following)


@router.get("/users", auth=needs("admin"), response=Page[UserOut])
def list_users(request: Request, asked: Query[UserQuery], paging: Paging) -> Page[UserOut]:
    wanted = {name: value for name, value in asked.dict().items() if value is not None}
    rows, following = page(User.objects.filter(**wanted), paging)
    return Page[UserOut](items=[_user(row) for row in rows], next=following)


@router.post("/users", auth=needs("admin"), response={201: NewUser})
def create_user(request: Request, given: UserGiven, response: HttpResponse) -> Status[NewUser]:
    """Nobody gives a profile that allows more than their own."""
    profile, team = _named(given.profile, given.team)
    user, password = add_user(
        given.email,
        name=given.name,
        profile=profile,
        team=team,
        password=given.password,
        doer=request.auth.viewer,
    )
    response.headers["Cache-Control"] = "no-store"
    return Status(201, NewUser(**_user(user).dict(), password=None if given.password else password))


@router.get("/users/{id}", auth=needs("admin"), response=UserOut)
def read_user(request: Request, id: Id, response: HttpResponse) -> UserOut:
    return _tagged(response, _user(_find_user(id)))


@router.patch("/users/{id}", auth=needs("admin"), response=UserOut)
def update_user(
    request: Request, id: Id, given: UserChanges, response: HttpResponse, if_match: IfMatch = ""
) -> UserOut:
    """With an If-Match only where nobody has changed it since. Nobody changes their own profile, team or being active;
    the last administrator stays one."""
    user = _find_user(id)
    said: dict[str, Any] = given.dict(exclude_unset=True)
    nulls = [name for name, value in said.items() if value is None and name != "team"]
    if nulls:
        raise invalid([Fault(name, "takes no null.") for name in nulls])
    profile, team = _named(said.get("profile"), said.get("team"))
    said |= {"profile": profile} if "profile" in said else {}
    said |= {"team": team} if "team" in said else {}
    if "email" in said:
        said["email"] = said["email"].casefold()
    version = asked_version(if_match, "user")
    changed = change_user(user, said, at=now(), doer=request.auth.viewer, version=version)
    return _tagged(response, _user(changed))


@router.post("/users/{id}/password", auth=needs("admin"), response=PasswordOut)
def reset(request: Request, id: Id, given: PasswordGiven, response: HttpResponse) -> PasswordOut:
    """A new one; the sessions by the old one end."""
    password = reset_password(_find_user(id), given.password, doer=request.auth.viewer)
    response.headers["Cache-Control"] = "no-store"
    return PasswordOut(password=None if given.password else password)


@router.delete("/users/{id}/sessions", auth=needs("admin"), response={204: None})
def sign_out_everywhere(request: Request, id: Id) -> Status[None]:
    end_sessions(_find_user(id))
    return Status(204, None)


@router.delete("/users/{id}/second-factor", auth=needs("admin"), response={204: None})
def take_second_factor_away(request: Request, id: Id) -> Status[None]:
    """For who has lost it: the password alone lets in again."""
    if not remove_second_factor(_find_user(id), doer=request.auth.viewer):
        raise missing("second factor")
    return Status(204, None)


@router.get("/teams", auth=needs("admin"), response=Page[TeamOut])
def list_teams(request: Request, paging: Paging) -> Page[TeamOut]:
    rows, following = page(Team.objects.all(), paging)
    return Page[TeamOut](items=[_team(row) for row in rows], next=following)


@router.post("/teams", auth=needs("admin"), response={201: TeamOut})
def create_team(request: Request, given: TeamGiven) -> Status[TeamOut]:
    return Status(201, _saved_team(request, Team(), given))


@router.get("/teams/{id}", auth=needs("admin"), response=TeamOut)
def read_team(request: Request, id: Id, response: HttpResponse) -> TeamOut:
    return _tagged(response, _team(_find_team(id)))


@router.put("/teams/{id}", auth=needs("admin"), response=TeamOut)
def update_team(
    request: Request, id: Id, given: TeamGiven, response: HttpResponse, if_match: IfMatch = ""
) -> TeamOut:
    """With an If-Match only where nobody has changed it since. Nobody comes to see more records by it themselves."""
    saved = _saved_team(request, _find_team(id), given, asked_version(if_match, "team"))
    return _tagged(response, saved)


@router.delete("/teams/{id}", auth=needs("admin"), response={204: None})
def remove_team(request: Request, id: Id, if_match: IfMatch = "") -> Status[None]:
    """With an If-Match only where nobody has changed it since. Refused while somebody is in it, or a team lies below it."""
    delete_team(_find_team(id), version=asked_version(if_match, "team"))
    return Status(204, None)


@router.get("/profiles", auth=needs("admin"), response=Page[ProfileOut])
def list_profiles(request: Request, paging: Paging) -> Page[ProfileOut]:
    rows, following = page(Profile.objects.all(), paging)
    return Page[ProfileOut](items=[_profile(row) for row in rows], next=following)


@router.post("/profiles", auth=needs("admin"), response={201: ProfileOut})
def create_profile(request: Request, given: ProfileGiven) -> Status[ProfileOut]:
    return Status(201, _saved_profile(request, Profile(), given))


@router.get("/profiles/{id}", auth=needs("admin"), response=ProfileOut)
def read_profile(request: Request, id: Id, response: HttpResponse) -> ProfileOut:
    return _tagged(response, _profile(_find_profile(id)))


@router.put("/profiles/{id}", auth=needs("admin"), response=ProfileOut)
def update_profile(
    request: Request, id: Id, given: ProfileGiven, response: HttpResponse, if_match: IfMatch = ""
) -> ProfileOut:
    """For all who have it; with an If-Match only where nobody has changed it since. Nobody changes their own, or lets
    one allow more than their own; the administrators' stays."""
    saved = _saved_profile(request, _find_profile(id), given, asked_version(if_match, "profile"))
    return _tagged(response, saved)


@router.delete("/profiles/{id}", auth=needs("admin"), response={204: None})
def remove_profile(request: Request, id: Id, if_match: IfMatch = "") -> Status[None]:
    """With an If-Match only where nobody has changed it since. Refused while somebody has it; those that come with the
    product stay."""
    version = asked_version(if_match, "profile")
    delete_profile(_find_profile(id), doer=request.auth.viewer, version=version)
    return Status(204, None)


def _tagged[Out: (UserOut, TeamOut, ProfileOut)](response: HttpResponse, out: Out) -> Out:
    """With its version as ETag."""
    for name, value in etag(out.version).items():
        response.headers[name] = value
    return out


def _saved_team(request: Request, team: Team, given: TeamGiven, version: int | None = None) -> TeamOut:
    _, parent = _named(None, given.parent, team_at="parent")
    viewer = request.auth.viewer
    return _team(save_team(team, name=given.name, parent=parent, doer=viewer, version=version))


def _saved_profile(
    request: Request, profile: Profile, given: ProfileGiven, version: int | None = None
) -> ProfileOut:
    saved = save_profile(
        profile,
        name=given.name,
        rights=list(dict.fromkeys(given.rights)),
        grants=given.grants(),
        doer=request.auth.viewer,
        version=version,
    )
    return _profile(saved)


def _named(profile: int | None, team: int | None, *, team_at: str = "team") -> tuple[Any, Any]:
    """What a body names by ids; all that is not there are faults."""
    found_profile = None if profile is None else Profile.objects.filter(pk=profile).first()
    found_team = None if team is None else Team.objects.filter(pk=team).first()
    faults = []
    if profile is not None and found_profile is None:
        faults.append(Fault("profile", f"There is no profile {profile}."))
    if team is not None and found_team is None:
        faults.append(Fault(team_at, f"There is no team {team}."))
    if faults:
        raise invalid(faults)
    return found_profile, found_team


def _find_user(id: int) -> User:
    user = User.objects.select_related("profile").filter(pk=id).first()
    if user is None:
        raise missing("user")
    return user


def _find_team(id: int) -> Team:
    team = Team.objects.filter(pk=id).first()
    if team is None:
        raise missing("team")
    return team


def _find_profile(id: int) -> Profile:
    profile = Profile.objects.filter(pk=id).first()
    if profile is None:
        raise missing("profile")
    return profile


def _user(user: User) -> UserOut:
    names = ("id", "email", "name", "is_active", "last_login", "version")
    plain = {name: getattr(user, name) for name in names}
    return UserOut(**plain, profile=user.profile_id, team=user.team_id)


def _team(team: Team) -> TeamOut:
    return TeamOut(id=team.pk, name=team.name, parent=team.parent_id, version=team.version)


def _profile(profile: Profile) -> ProfileOut:
    grants = {module: grant.to_json() for module, grant in profile.all_grants().items()}
    return ProfileOut(
        id=profile.pk,
        name=profile.name,
        is_standard=profile.key is not None,
        is_administrator=profile.is_administrator,
        rights=sorted(profile.all_rights()),
        modules=grants,
        version=profile.version,
    )
