"""The API does what its description says: every operation is called with random requests, fit and unfit, and most of
the fit ones name things that exist.

What must hold: no answer is a failure of the product; each has a status, a type and a form that is described; unfit
requests are refused, and so is whoever has no token. schemathesis.toml says what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from schemathesis import Case

from firstcall.access.models import User
from firstcall.access.scopes import Scope
from firstcall.access.tokens import issue_token
from firstcall.wsgi import application
from tests.api.conftest import AT, Caller
from tests.api.world import World, found_world

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture(scope="module")
def secret_and_world(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[str, World]]:
    """Made once: each test begins with it again, as what the one before did is undone."""
    folder: Path = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        told = django_settings.CONFIGURATION.model_copy(update={"data_folder": folder})
        patch.setattr(django_settings, "CONFIGURATION", told)
        alice = User.objects.create_administrator("alice@example.com", "a long enough password")
        _, secret = issue_token(alice, "all", Scope, at=AT)
        world = found_world(Caller(secret), alice)
        # Requests would close the connection, and with it end the transaction.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        yield secret, world
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        transaction.set_rollback(True)


@pytest.fixture
def data_folder(secret_and_world: object) -> None:
    """That of the world, instead of a folder of each test's own."""


@schema.parametrize()
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_described(case: Case, secret_and_world: tuple[str, World]) -> None:
    secret, world = secret_and_world
    world.name_real_things(case)
    with transaction.atomic():  # so that the next request meets the same world
        case.call_and_validate(headers={"Authorization": f"Bearer {secret}"})
        transaction.set_rollback(True)
