"""People of whom some see more than others: Alice everything, Bob his own, Dora her team's (Bob's), Charlie nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from firstcall.access.models import Profile, Team, User
from firstcall.access.profiles import Standard
from firstcall.access.rights import EVERY_OTHER, Grant, Right, Verb, Visibility
from firstcall.access.scopes import Scope
from firstcall.access.tokens import issue_token
from tests.api.conftest import AT, Caller


@dataclass(frozen=True)
class Person:
    user: User
    api: Caller


def person(
    name: str,
    *,
    sees: Visibility = Visibility.OWN,
    verbs: Iterable[Verb] = Verb,
    modules: Iterable[str] = (EVERY_OTHER,),
    rights: Iterable[Right] = (),
    team: Team | None = None,
) -> Person:
    """With a profile of their own, and a token that has every scope."""
    grant = Grant(frozenset(verbs), sees).to_json()
    profile = Profile.objects.create(
        name=f"{name}'s", rights=sorted(rights), grants=dict.fromkeys(modules, grant)
    )
    user = User.objects.create_user(
        f"{name.casefold()}@example.com", "a long enough password", name=name, profile=profile, team=team
    )
    return Person(user, calls(user))


def calls(user: User) -> Caller:
    return Caller(issue_token(user, f"token {user.tokens.count()}", Scope, at=AT)[1])


@dataclass(frozen=True)
class People:
    alice: Person
    bob: Person
    dora: Person
    eve: Person
    charlie: Person


def make_people() -> People:
    """Eve is as Bob, of another team."""
    alice = User.objects.create_user(
        "alice@example.com",
        "a long enough password",
        profile=Profile.objects.standard(Standard.ADMINISTRATOR),
    )
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    return People(
        Person(alice, calls(alice)),
        person("Bob", team=north),
        person("Dora", sees=Visibility.TEAM, team=north),
        person("Eve", team=south),
        person("Charlie", verbs=(), sees=Visibility.OWN),
    )
