"""The API does what its description says: every operation is called with random requests, fit and unfit, and most of
the fit ones name things that exist.

What must hold: no answer is a failure of the product; each has a status, a type and a form that is described; unfit
requests are refused, and so is whoever has no token. schemathesis.toml says what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, settings
from schemathesis import Case

from firstcall.wsgi import application
from tests.api.world import World, standing_world

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture(scope="module")
def secret_and_world(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[str, World]]:
    """Made once: each test begins with it again, as what the one before did is undone."""
    with django_db_blocker.unblock(), standing_world(tmp_path_factory.mktemp("data")) as made:
        yield made


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
