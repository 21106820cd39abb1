"""People with one right each, and their browsers without a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.rights import EVERY_OTHER, Grant, Right, Verb, Visibility
from tests.web.conftest import Company

type Enter = Callable[..., Client]


def version_of(page: str) -> str:
    """What its form carries."""
    return page.partition('name="version" value="')[2].partition('"')[0]


@pytest.fixture
def alice(company: Company) -> Client:
    """The administrator's browser."""
    client = Client()
    client.force_login(company.alice)
    return client


@pytest.fixture
def enter(company: Company) -> Enter:
    """Somebody with these rights, who sees no record of others."""

    def make(
        *rights: Right, verbs: frozenset[Verb] = frozenset(), sees: Visibility = Visibility.OWN
    ) -> Client:
        number = User.objects.count()
        grants = {EVERY_OTHER: Grant(verbs, sees).to_json()}
        profile = Profile.objects.create(
            name=f"Profile {number}", rights=[right.value for right in rights], grants=grants
        )
        user = User.objects.create_user(f"p{number}@example.com", "a long password", profile=profile)
        client = Client()
        client.force_login(user)
        return client

    return make
