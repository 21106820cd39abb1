"""Users, teams and profiles: making and changing them. Nobody raises their own rights, or hands on more than they have,
and there is always an administrator left. The audit log is written by the database itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from firstcall.access.auditing.reading import changed_meanwhile
from firstcall.access.errors import ConflictError, ForbiddenError, HiddenError
from firstcall.access.models import Profile, Team, Token, User
from firstcall.access.passwords import make_password, set_password
from firstcall.access.profiles import Standard
from firstcall.access.rights import Grant, Right, Visibility
from firstcall.access.viewer import Viewer
from firstcall.access.viewing import members_below
from firstcall.jobs.actions import end_jobs_of
from firstcall.scoring.saying import AND, Pattern, in_turn, said


@transaction.atomic
def add_user(
    email: str, *, name: str, profile: Profile, team: Team | None, password: str | None, doer: Viewer
) -> tuple[User, str]:
    """The user and the password, made up where none is given. Raises ForbiddenError, ConflictError,
    WeakPasswordError."""
    check_covered(doer, profile)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, None, name=name, profile=profile, team=team)
    except IntegrityError:
        raise ConflictError(said("There is a user {email} already.", email=email.casefold())) from None
    given = password or make_password()
    set_password(user, given)
    return user, given


_OWN = {"profile": Pattern("profile"), "team": Pattern("team"), "is_active": Pattern("being active")}


@transaction.atomic
def change_user(
    user: User, changes: Mapping[str, Any], *, at: datetime, doer: Viewer, version: int | None = None
) -> User:
    """
    changes  of email, name, profile, team, is_active. Who is no longer active has no session and no token any more,
             and what works in their name ends. Raises ForbiddenError, ConflictError
    version  that it was read with; raises ChangedMeanwhileError unless it still is
    """
    current = User.objects.select_for_update(of=("self",)).select_related("profile").get(pk=user.pk)
    _check_version(current, version, "user")
    told = {name: value for name, value in changes.items() if getattr(current, name) != value}
    if not told:
        return current
    check_covered(doer, current.profile)
    if doer.user == current.pk and (own := sorted({"profile", "team", "is_active"} & set(told))):
        raise ForbiddenError(
            said("Nobody changes their own {parts}.", parts=in_turn(AND, [_OWN[name]() for name in own]))
        )
    if "profile" in told:
        check_covered(doer, told["profile"])
    before = _team_of(doer)
    ends = told.get("is_active") is False
    for name, value in told.items():
        setattr(current, name, value)
    current.version += 1
    if ends:
        current.session_salt = secrets.token_urlsafe(16)
    try:
        with transaction.atomic():
            current.save(update_fields=[*told, "version", "session_salt"])
    except IntegrityError:
        raise ConflictError(said("There is a user {email} already.", email=told.get("email"))) from None
    if ends:
        Token.objects.filter(user=current, revoked_at=None).update(revoked_at=at)
        end_jobs_of(current, at=at)
    if "profile" in told or ends:
        _check_administrators()
    _check_no_more_seen(doer, before)
    return current


def change_own(user: User, *, name: str, language: str, time_zone: str) -> User:
    """What everybody says of themselves."""
    user.name, user.language, user.time_zone = name, language, time_zone
    user.version = F("version") + 1
    user.save(update_fields=["name", "language", "time_zone", "version"])
    user.refresh_from_db(fields=["version"])
    return user


def leave_first_steps(user: User) -> None:
    """Show them no more."""
    User.objects.filter(pk=user.pk).update(first_steps_left=True)


@transaction.atomic
def reset_password(user: User, password: str | None, *, doer: Viewer) -> str:
    """The new one, made up where none is given; sessions end. Raises ForbiddenError, WeakPasswordError."""
    check_covered(doer, user.profile)
    given = password or make_password()
    set_password(user, given)
    return given


def end_sessions(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_salt=secrets.token_urlsafe(16))


# --- teams


@transaction.atomic
def save_team(
    team: Team, *, name: str, parent: Team | None, doer: Viewer, version: int | None = None
) -> Team:
    """Make it, or change it. Raises ForbiddenError, ConflictError, and ChangedMeanwhileError unless it has the version."""
    if team.pk is not None:
        team = _locked(Team.objects.all(), team.pk, "team")
        _check_version(team, version, "team")
    before = _team_of(doer)
    above = parent
    while above is not None:
        if above.pk == team.pk and team.pk is not None:
            raise ConflictError(said("A team cannot lie below itself."))
        above = above.parent
    team.name, team.parent = name, parent
    team.version += team.pk is not None
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        raise ConflictError(said("There is a team {name} already.", name=name)) from None
    _check_no_more_seen(doer, before)
    return team


@transaction.atomic
def delete_team(team: Team, *, version: int | None = None) -> None:
    """Raises ConflictError while somebody is in it, or a team lies below it, and ChangedMeanwhileError unless it has the
    version."""
    team = _locked(Team.objects.all(), team.pk, "team")
    _check_version(team, version, "team")
    if team.members.exists():
        raise ConflictError(said("{team} has members. Give them another team first.", team=team))
    if team.children.exists():
        raise ConflictError(said("There are teams below {team}. Move them first.", team=team))
    team.delete()


# --- profiles


@transaction.atomic
def save_profile(
    profile: Profile,
    *,
    name: str,
    rights: Sequence[Right],
    grants: Mapping[str, Grant],
    doer: Viewer,
    version: int | None = None,
) -> Profile:
    """Make it, or change it for all who have it. Raises ForbiddenError, ConflictError, and ChangedMeanwhileError unless
    it has the version."""
    if profile.pk is not None:
        profile = _locked(Profile.objects.all(), profile.pk, "profile")
        if profile.is_administrator:
            raise ConflictError(said("The profile of administrators gives everything, and stays as it is."))
        if profile.users.filter(pk=doer.user or 0).exists():
            raise ForbiddenError(said("Nobody changes their own profile."))
        check_covered(doer, profile)
        _check_version(profile, version, "profile")
    if not doer.covers(frozenset(rights), grants):
        raise ForbiddenError(
            said("Nobody hands on more than they have: this profile would allow more than your own.")
        )
    profile.name = name
    profile.rights = sorted(right.value for right in rights)
    profile.grants = {module: grant.to_json() for module, grant in sorted(grants.items())}
    profile.version += profile.pk is not None
    try:
        with transaction.atomic():
            profile.save()
    except IntegrityError:
        raise ConflictError(said("There is a profile {name} already.", name=name)) from None
    return profile


@transaction.atomic
def delete_profile(profile: Profile, *, doer: Viewer, version: int | None = None) -> None:
    """Raises ForbiddenError, ConflictError while somebody has it, and for one that comes with the product, and
    ChangedMeanwhileError unless it has the version."""
    profile = _locked(Profile.objects.all(), profile.pk, "profile")
    check_covered(doer, profile)
    _check_version(profile, version, "profile")
    if profile.key is not None:
        raise ConflictError(said("{profile} comes with the product, and stays.", profile=profile))
    if profile.users.exists():
        raise ConflictError(
            said("Somebody has the profile {profile}. Give them another first.", profile=profile)
        )
    profile.delete()


# ---


def _locked[Thing: (Team, Profile)](things: QuerySet[Thing], id: int, what: str) -> Thing:
    """As it is now, and stays until the transaction ends. Raises HiddenError where it is gone."""
    found = things.select_for_update().filter(pk=id).first()
    if found is None:
        raise HiddenError(what)
    return found


def _check_version(current: User | Team | Profile, version: int | None, what: str) -> None:
    """Raises ChangedMeanwhileError, which says who did."""
    if version is not None and version != current.version:
        raise changed_meanwhile(what, thing=current.pk)


def check_covered(doer: Viewer, profile: Profile) -> None:
    """Raises ForbiddenError where somebody of this profile may do more than the doer."""
    if not doer.covers(profile.all_rights(), profile.all_grants()):
        raise ForbiddenError(said("The profile {profile} allows more than your own.", profile=profile))


def _check_administrators() -> None:
    """Of two who go at once, the second waits, and sees that he is the last."""
    Profile.objects.select_for_update().get(key=Standard.ADMINISTRATOR)
    if not User.objects.filter(is_active=True, profile__key=Standard.ADMINISTRATOR).exists():
        raise ConflictError(said("There must be an administrator left: make somebody else one first."))


def _team_of(doer: Viewer) -> frozenset[int]:
    by_team = any(grant.visibility is Visibility.TEAM for grant in doer.grants.values())
    team = User.objects.filter(pk=doer.user or 0).values_list("team", flat=True).first() if by_team else None
    return frozenset() if team is None else members_below(team)


def _check_no_more_seen(doer: Viewer, before: frozenset[int]) -> None:
    if not _team_of(doer) <= before:
        raise ForbiddenError(said("You would see more records than before: let somebody else do this."))
